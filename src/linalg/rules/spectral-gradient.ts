// V diag(c) Vᵀ for cotangents c of eigenvalues: the gradient of a function of them. Its own derivative is the Hessian of
// a spectral function (Lewis and Sendov, Twice differentiable spectral functions, SIAM J. Matrix Anal. Appl. 23, 2001).
import type { Tensor } from '../../core/tensor.js';
import { add, mul, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { stopGradient } from '../../ops/stop.js';
import { sum } from '../../ops/sum.js';
import { Tracer } from '../../ops/tracer.js';
import { assign } from '../blas/tensors.js';
import { eigh } from '../dense/eigh.js';
import { asColumn, asRow, identity, symmetrized, transposed } from './matrix.js';
import { inverseGaps } from './reciprocal.js';
import { tiesBackward } from './ties-backward.js';
import { tiesForward, tiesSlope } from './ties-forward.js';

/** V X Vᵀ. */
const turnedBack = (v: Tensor, x: Tensor) => matmul(matmul(v, x), v, { transposeB: true });

/** Vᵀ X V. */
const turned = (v: Tensor, x: Tensor) => matmul(matmul(v, x, { transposeA: true }), v);

/** Values and vectors, which depend on a again where a is traced by an outer transformation. */
function spectrumOf(a: Tensor, values: Tensor, vectors: Tensor): { values: Tensor; vectors: Tensor } {
  return a instanceof Tracer ? eigh(a) : { values, vectors };
}

/**
 * Row of the table: inputs y = V diag(c) Vᵀ, which is returned, a, λ, V, c. With M = Vᵀ dA V the derivative is V (D ∘ M +
 * diag(dc)) Vᵀ, d_ij = (c_i - c_j) / (λ_i - λ_j). In a space of equal eigenvalues dc belongs to the basis that makes its
 * block of M diagonal, because this is what `eigvalsh` gives as change of the values.
 */
export const spectralGradientOp: Op = {
  name: 'eigvalsh',
  shape: ([y]) => y,
  prepare:
    ([out], [y]) =>
    () =>
      assign(y, out),
  jvp([, ta, , , tc], { inputs: [, a, w, v, c] }) {
    if (ta === undefined && tc === undefined) return undefined;
    const { values, vectors } = spectrumOf(a, w, v);
    const n = c.shape[c.ndim - 1];
    let inside: Derivative;
    if (tc) inside = mul(asRow(tc), identity(n, c.dtype));
    if (ta) {
      const m = turned(vectors, symmetrized(ta));
      const part = mul(slopes(values, c), m);
      inside = inside ? add(inside, part) : part;
      if (tc) inside = add(inside, tiesSlope(values, m, tc));
    }
    return turnedBack(vectors, inside as Tensor);
  },
  vjp([ct], { inputs: [, a, w, v, c], wanted }) {
    const { values, vectors } = spectrumOf(a, w, v);
    const side = symmetrized(ct as Tensor);
    const m = turned(vectors, side);
    const da = wanted[1] ? turnedBack(vectors, mul(slopes(values, c), m)) : undefined;
    // The diagonal says all only where the cotangent is diagonal in the basis at hand.
    const { unknown } = tiesForward(values, m, false);
    const dc = add(sum(mul(vectors, matmul(side, vectors)), { axis: -2 }), unknown);
    return [undefined, da, undefined, undefined, wanted[4] ? dc : undefined];
  },
};

/** (c_i - c_j) / (λ_i - λ_j), and 0 for equal λ. */
function slopes(values: Tensor, c: Tensor): Tensor {
  return mul(sub(asRow(c), asColumn(c)), inverseGaps(values));
}

/** V diag(c) Vᵀ of a symmetric matrix a; NaN where equal eigenvalues have different c. */
export function spectralGradient(a: Tensor, c: Tensor): Tensor {
  const { values, vectors } = eigh(stopGradient(a));
  const weights = stopGradient(c);
  const scaled = mul(vectors, asRow(add(weights, tiesBackward(values, weights, [], false))));
  const y = symmetrized(matmul(scaled, transposed(vectors)));
  return apply(spectralGradientOp, [y, a, values, vectors, c], undefined);
}
