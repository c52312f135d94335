// Stumpff's functions c_k(z) = Σ_j (-z)^j / (k + 2j)!: c_0(a²) = cos a, c_1(a²) = sin(a)/a, c_2(a²) = (1 - cos a)/a²,
// c_3(a²) = (a - sin a)/a³. Entire functions of the squared angle, so rotations are smooth at angle 0 to any order.
import type { Tensor } from '../../core/tensor.js';
import { mul, sub } from '../../ops/arithmetic.js';
import { apply, type Op } from '../../ops/op.js';

/** The series is used up to here, angles of at most π; its terms cancel little. */
const SERIES_BELOW = 10;

/** c_k(z) of a number, k >= 0; NaN for an infinite z. */
export function stumpffNumber(k: number, z: number): number {
  if (!Number.isFinite(z)) return Number.NaN;
  if (z <= SERIES_BELOW) return series(k, z);
  if (k > 3) return (1 / factorial(k - 2) - stumpffNumber(k - 2, z)) / z;
  return doubled(z)[k];
}

function series(k: number, z: number): number {
  let term = 1 / factorial(k);
  let total = term;
  const negligible = term * 2 ** -60;
  for (let n = k + 2; n < k + 2000; n += 2) {
    term *= -z / ((n - 1) * n);
    total += term;
    if (Math.abs(term) <= negligible) break;
  }
  return total;
}

/** c_0 to c_3 by the formulas for the double angle. */
function doubled(z: number): readonly [number, number, number, number] {
  if (z <= SERIES_BELOW) return [series(0, z), series(1, z), series(2, z), series(3, z)];
  const [c, s, v, w] = doubled(z / 4);
  return [2 * c * c - 1, c * s, (s * s) / 2, (v + c * w) / 4];
}

function factorial(k: number): number {
  let product = 1;
  for (let i = 2; i <= k; i++) product *= i;
  return product;
}

/** Row of the table: c_k of every element. */
const stumpffOp: Op<{ k: number }> = {
  name: 'stumpff',
  shape: ([z]) => z,
  prepare:
    ([out], [z], { k }) =>
    () => {
      const from = z.data();
      const to = out.data();
      for (let i = 0; i < from.length; i++) to[i] = stumpffNumber(k, from[i]);
    },
  jvp: ([t], { inputs: [z], params: { k } }) => t && mul(t, slope(k, z)),
  vjp: ([ct], { inputs: [z], params: { k } }) => [mul(ct as Tensor, slope(k, z))],
};

/** c_k(z) elementwise. */
export function stumpff(k: number, z: Tensor): Tensor {
  return apply(stumpffOp, [z], { k });
}

/** dc_k/dz = -(c_{k+1} - k c_{k+2})/2, again one of the functions. */
function slope(k: number, z: Tensor): Tensor {
  const next = stumpff(k + 1, z);
  return mul(k === 0 ? next : sub(next, mul(stumpff(k + 2, z), k)), -0.5);
}
