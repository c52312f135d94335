// Proximal maps of matrices by eigenvalues or singular values. Derivatives are exact for repeated ones, too: they use
// divided differences of the scalar function, which have limits, and not derivatives of vectors, which have none.
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { assign } from '../../linalg/blas/tensors.js';
import { eigh } from '../../linalg/dense/eigh.js';
import { svd } from '../../linalg/dense/svd.js';
import { asColumn, asRow, symmetrized, transposed } from '../../linalg/rules/matrix.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { equal, greater } from '../../ops/compare.js';
import { matmul } from '../../ops/matmul.js';
import { maximum } from '../../ops/minmax.js';
import { apply, type Op } from '../../ops/op.js';
import { abs } from '../../ops/roots.js';
import { where } from '../../ops/select.js';
import { stopGradient } from '../../ops/stop.js';

/**
 * A row that returns its first input, the value of a proximal map at the second one, x, with the derivative of the map
 * there: it is symmetric, so one rule serves both modes.
 */
function withJacobian<P>(name: string, along: (v: Tensor, x: Tensor, params: P) => Tensor): Op<P> {
  return {
    name,
    shape: ([{ shape, dtype }]) => ({ shape, dtype }),
    prepare:
      ([out], [y]) =>
      () =>
        assign(y, out),
    jvp: ([, t], { inputs: [, x], params }) => t && along(t, x, params),
    vjp: ([ct], { inputs: [, x], params, wanted }) => [
      undefined,
      wanted[1] ? along(ct as Tensor, x, params) : undefined,
    ],
  };
}

/**
 * Row of the table: with X = V Λ Vᵀ, V (K ∘ Vᵀ dX V) Vᵀ, where K_ij = (λ_i⁺ - λ_j⁺) / (λ_i - λ_j), or 1 where both are
 * 0.
 */
export const positivePartOp: Op = /* @__PURE__ */ withJacobian('positiveSemidefinite', (v, x) => {
  const { values, vectors } = eigh(symmetrized(x));
  const [positive, size] = [maximum(values, 0), abs(values)];
  // The same without cancellation: the sum of the magnitudes is the difference if the signs differ.
  const sizes = add(asColumn(size), asRow(size));
  const isZero = equal(sizes, 0);
  const ratios = div(add(asColumn(positive), asRow(positive)), where(isZero, 1, sizes));
  const inside = matmul(matmul(vectors, symmetrized(v), { transposeA: true }), vectors);
  const moved = matmul(matmul(vectors, mul(where(isZero, 1, ratios), inside)), vectors, { transposeB: true });
  return symmetrized(moved);
});

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
export const thresholdOp: Op<{ t: number }> = /* @__PURE__ */ withJacobian('nuclear', (v, x, { t }) => {
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
});

/** x with its singular values soft thresholded. */
export function thresholdSingularValues(x: Tensor, t: number): Tensor {
  return scope(() => {
    const { u, s, vt } = svd(stopGradient(x));
    const y = matmul(mul(u, asRow(maximum(sub(s, t), 0))), vt);
    return apply(thresholdOp, [y, x], { t });
  });
}
