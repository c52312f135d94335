// Balancing: a diagonal similarity by powers of two that makes the rows and columns of a matrix about equally large. It changes no
// digit of what is computed from products and sums, and takes out of the norm what only the choice of units has put there.
import type { TypedArray } from '../../core/dtype.js';
import { exponentOf, powerOfTwo } from '../powers-of-two.js';

/** Sweeps over all indices; each halves the logarithms of what is left at least. */
const SWEEPS = 30;
/** A step must take away at least a twentieth. */
const GAIN = 0.95;

/** How many powers of two bring a row sum r and a column sum c together: c 2^f ≈ r 2^-f. */
function stepFor(r: number, c: number): number {
  // What is 1 and less does not matter to the exponential. Without a row (or column) the column (or row) goes down to 1.
  if (!(r + c > 1)) return 0;
  if (c === 0) return exponentOf(r) + 1;
  if (r === 0) return -exponentOf(c) - 1;
  return Math.trunc((exponentOf(r) - exponentOf(c)) / 2);
}

/**
 * Overwrites A (n x n) with D⁻¹ A D for D = diag(2^e), and returns the exponents e, at most `limit` in magnitude;
 * undefined if nothing has changed.
 * Source: Osborne, On pre-conditioning of matrices, J. ACM 7 (1960); Parlett and Reinsch, Numer. Math. 13 (1969).
 */
export function balance(a: TypedArray, n: number, limit: number): Int32Array | undefined {
  const exponents = new Int32Array(n);
  let changed = false;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = false;
    for (let i = 0; i < n; i++) {
      let [r, c] = [0, 0];
      const row = i * n;
      for (let j = 0; j < n; j++) if (j !== i) r += Math.abs(a[row + j]);
      for (let j = 0; j < n; j++) if (j !== i) c += Math.abs(a[j * n + i]);
      const wanted = exponents[i] + stepFor(r, c);
      const f = Math.max(-limit, Math.min(limit, wanted)) - exponents[i];
      const [up, down] = [powerOfTwo(f), powerOfTwo(-f)];
      if (f === 0 || !(c * up + r * down < GAIN * (r + c))) continue;
      for (let j = 0; j < n; j++) if (j !== i) a[row + j] *= down;
      for (let j = 0; j < n; j++) if (j !== i) a[j * n + i] *= up;
      exponents[i] += f;
      moved = true;
    }
    if (!moved) break;
    changed = true;
  }
  return changed ? exponents : undefined;
}

/** X := D^±1 X. */
export function scaleRows(x: TypedArray, n: number, exponents: Int32Array, sign: 1 | -1): void {
  for (let i = 0; i < n; i++) {
    const factor = powerOfTwo(sign * exponents[i]);
    if (factor !== 1) for (let j = 0; j < n; j++) x[i * n + j] *= factor;
  }
}

/** X := D X D⁻¹. */
export function undoBalance(x: TypedArray, n: number, exponents: Int32Array): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) x[i * n + j] *= powerOfTwo(exponents[i] - exponents[j]);
}
