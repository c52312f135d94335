// How well u solves its problem: by the dual variables z_k = Σ_{i <= k} (u_i - x_i), which are lambda times the sign of
// u_{k+1} - u_k where that is not 0, and at most lambda elsewhere. All of them together must sum to 0.
import type { TypedArray } from '../../core/dtype.js';
import { maxAbs } from '../../linalg/blas/addresses.js';
import { exponentOf, timesPowerOfTwo } from '../../linalg/powers-of-two.js';
import { relative } from '../problems/node-row.js';

/** The residuals of one problem. */
export function totalVariationResiduals(
  x: TypedArray,
  lambda: number,
  u: TypedArray,
): Record<string, number> {
  const n = x.length;
  const exponent = exponentOf(Math.max(maxAbs(x), lambda));
  const scaled = (value: number) => timesPowerOfTwo(value, -exponent);
  const weight = scaled(lambda);
  let [z, size, above, gap, jump] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const value = scaled(u[i]);
    z += value - scaled(x[i]);
    size += Math.abs(value) + Math.abs(scaled(x[i]));
    if (i === n - 1) break;
    const step = scaled(u[i + 1]) - value;
    above = Math.max(above, Math.abs(z) - weight);
    gap = Math.max(gap, Math.abs(weight * Math.abs(step) - z * step));
    jump = Math.max(jump, Math.abs(step));
  }
  const terms = size + weight;
  return {
    stationarity: relative(Math.abs(z), size),
    dual: relative(above, terms),
    complementarity: relative(gap, terms * jump),
  };
}
