// Proximal maps of matrices by eigenvalues or singular values. Derivatives of any order are exact for repeated ones, too:
// they use divided differences of the scalar function, which have limits, and not derivatives of vectors, which have
// none.
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { assign } from '../../linalg/blas/tensors.js';
import { eigh } from '../../linalg/dense/eigh.js';
import { svd } from '../../linalg/dense/svd.js';
import { spectralFunction } from '../../linalg/functions/spectral-function.js';
import { asColumn, asRow, symmetrized, transposed } from '../../linalg/rules/matrix.js';
import { submatrix } from '../../linalg/rules/submatrix.js';
import { add, div, mul, plus, sub } from '../../ops/arithmetic.js';
import { equal, greater, greaterEqual } from '../../ops/compare.js';
import { matmul } from '../../ops/matmul.js';
import { maximum } from '../../ops/minmax.js';
import { apply, type Op } from '../../ops/op.js';
import { abs, sign } from '../../ops/roots.js';
import { where } from '../../ops/select.js';
import { stopGradient } from '../../ops/stop.js';

/** The first derivative of a map along v, and the second one along v and t, which is symmetric in them. */
interface Slopes<P> {
  first(v: Tensor, x: Tensor, params: P): Tensor;
  second(v: Tensor, t: Tensor, x: Tensor, params: P): Tensor;
}

/** Reads two inputs of which it returns the first. */
const first: Pick<Op, 'shape' | 'prepare'> = {
  shape: ([{ shape, dtype }]) => ({ shape, dtype }),
  prepare:
    ([out], [y]) =>
    () =>
      assign(y, out),
};

/**
 * The derivative along v at x, as a row of its own: it is symmetric, and as the second derivative is the third one of a
 * function (Moreau's envelope), its own derivative is the same in every argument.
 */
function along<P>(name: string, slopes: Slopes<P>, v: Tensor, x: Tensor, params: P): Tensor {
  const row: Op = {
    name,
    ...first,
    jvp: ([, tv, tx], { inputs: [, at, from] }) =>
      plus(tv && along(name, slopes, tv, from, params), tx && slopes.second(at, tx, from, params)),
    vjp: ([ct], { inputs: [, at, from], wanted }) => [
      undefined,
      wanted[1] ? along(name, slopes, ct as Tensor, from, params) : undefined,
      wanted[2] ? slopes.second(at, ct as Tensor, from, params) : undefined,
    ],
  };
  const y = slopes.first(stopGradient(v), stopGradient(x), params);
  return apply(row, [y, v, x], undefined);
}

/**
 * A row that returns its first input, the value of a proximal map at the second one, x, with the derivative of the map
 * there: it is symmetric, so one rule serves both modes.
 */
function withSlopes<P>(name: string, slopes: Slopes<P>): Op<P> {
  return {
    name,
    ...(first as Pick<Op<P>, 'shape' | 'prepare'>),
    jvp: ([, t], { inputs: [, x], params }) => t && along(name, slopes, t, x, params),
    vjp: ([ct], { inputs: [, x], params, wanted }) => [
      undefined,
      wanted[1] ? along(name, slopes, ct as Tensor, x, params) : undefined,
    ],
  };
}

/**
 * Row of the table: with X = V Λ Vᵀ, V (K ∘ Vᵀ dX V) Vᵀ, where K_ij = (λ_i⁺ - λ_j⁺) / (λ_i - λ_j), or 1 where both are
 * 0.
 */
export const positivePartOp: Op = /* @__PURE__ */ withSlopes('positiveSemidefinite', {
  first(v, x) {
    const { values, vectors } = eigh(symmetrized(x));
    const [positive, size] = [maximum(values, 0), abs(values)];
    // The same without cancellation: the sum of the magnitudes is the difference if the signs differ.
    const sizes = add(asColumn(size), asRow(size));
    const isZero = equal(sizes, 0);
    const ratios = div(add(asColumn(positive), asRow(positive)), where(isZero, 1, sizes));
    const inside = matmul(matmul(vectors, symmetrized(v), { transposeA: true }), vectors);
    const moved = matmul(matmul(vectors, mul(where(isZero, 1, ratios), inside)), vectors, {
      transposeB: true,
    });
    return symmetrized(moved);
  },
  second: (v, t, x) =>
    spectralFunction({ name: 'positiveSemidefinite', f: positive }, symmetrized(x), [], [v, t]),
});

/** x⁺, with the derivative 1 at 0. */
const positive = (x: Tensor) => where(greaterEqual(x, 0), x, 0);

/** The symmetric part of x without its negative eigenvalues. */
export function positivePart(x: Tensor): Tensor {
  return scope(() => {
    const { values, vectors } = eigh(symmetrized(stopGradient(x)));
    const scaled = mul(vectors, asRow(maximum(values, 0)));
    const y = symmetrized(matmul(scaled, transposed(vectors)));
    return apply(positivePartOp, [y, x], undefined);
  });
}

/**
 * Row of the table: with X = U Σ Vᵀ, W = Uᵀ dX V and f(σ) = max(σ - t, 0), U (D ∘ sym W + S ∘ skew W) Vᵀ, where D and S
 * hold the quotients of differences (f_i - f_j) / (σ_i - σ_j) and sums (f_i + f_j) / (σ_i + σ_j); parts of dX outside
 * of U or V have the factor f_i / σ_i.
 */
export const thresholdOp: Op<{ t: number }> = /* @__PURE__ */ withSlopes('nuclear', {
  first(v, x, { t }) {
    if (t === 0) return v;
    const { u, s, vt } = svd(x);
    const f = maximum(sub(s, t), 0);
    const isOn = greater(s, t);
    const [both, sums] = [add(asColumn(isOn), asRow(isOn)), add(asColumn(f), asRow(f))];
    // One of the two is cut to 0: the sum is the difference.
    const isMixed = equal(both, 1);
    const apart = where(isMixed, abs(sub(asColumn(s), asRow(s))), 1);
    const differences = where(isMixed, div(sums, apart), where(equal(both, 2), 1, 0));
    const sizes = add(asColumn(s), asRow(s));
    const means = div(sums, where(equal(sizes, 0), 1, sizes));
    const uv = matmul(u, v, { transposeA: true });
    const w = matmul(uv, vt, { transposeB: true });
    const even = symmetrized(w);
    let moved = matmul(matmul(u, add(mul(differences, even), mul(means, sub(w, even)))), vt);
    const ratio = asRow(div(f, where(equal(s, 0), 1, s)));
    const [m, n] = x.shape.slice(-2);
    if (m > n) {
      const right = matmul(v, vt, { transposeB: true });
      moved = add(moved, matmul(mul(sub(right, matmul(u, w)), ratio), vt));
    } else if (n > m) moved = add(moved, matmul(mul(u, ratio), sub(uv, matmul(w, vt))));
    return moved;
  },
  // [[0, X], [Xᵀ, 0]] has the eigenvalues ±σ, and an odd function of it has that of X in its corner (Jordan and Wielandt;
  // Golub and Van Loan, Matrix Computations, 4th ed. (2013), section 8.6.1).
  second(v, t, x, params) {
    if (params.t === 0) return mul(v, 0);
    const [m, n] = x.shape.slice(-2);
    const f = (s: Tensor) => where(greater(abs(s), params.t), sub(s, mul(sign(s), params.t)), 0);
    const y = spectralFunction({ name: 'nuclear', f }, doubled(x), [], [doubled(v), doubled(t)]);
    return submatrix(y, m, n, 0, m);
  },
});

/** [[0, X], [Xᵀ, 0]]. */
function doubled(x: Tensor): Tensor {
  const [m, n] = x.shape.slice(-2);
  return add(submatrix(x, m + n, m + n, 0, -m), submatrix(transposed(x), m + n, m + n, -m, 0));
}

/** x with its singular values soft thresholded. */
export function thresholdSingularValues(x: Tensor, t: number): Tensor {
  return scope(() => {
    const { u, s, vt } = svd(stopGradient(x));
    const y = matmul(mul(u, asRow(maximum(sub(s, t), 0))), vt);
    return apply(thresholdOp, [y, x], { t });
  });
}
