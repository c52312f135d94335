// Selects independent rows of A x = b that imply all others, or finds a combination of rows that says 0 = -1.
import { lengthOf } from '../../core/scalars.js';
import type { Tensor } from '../../core/tensor.js';
import { view } from '../../linalg/blas/addresses.js';
import { qr } from '../../linalg/dense/qr.js';
import { transpose } from '../../ops/layout.js';
import { array } from './program.js';

/** The independent rows, in their order; with `nu`, the system has no solution: Aᵀν = 0 and bᵀν = -1. */
export interface IndependentRows {
  rows: number[];
  nu?: Float64Array;
}

/**
 * By QR with column pivoting of Aᵀ, each row scaled to length 1.
 * @param b not a view: memory may grow here.
 * @param rounding relative tolerance for equal numbers; a multiple of 2^-53 for exact f64 data.
 */
export function independentRows(user: string, A: Tensor, b: Float64Array, rounding: number): IndependentRows {
  const [p, n] = A.shape;
  const scaled = array(user, [p, n], A);
  const data = view(scaled);
  // Columns must have length 1: otherwise rows that differ only in a small column would count as dependent.
  for (let j = 0; j < n; j++) {
    let size = 0;
    for (let i = 0; i < p; i++) size = Math.max(size, Math.abs(data[i * n + j]));
    if (size > 0) for (let i = 0; i < p; i++) data[i * n + j] /= size;
  }
  const norms = Float64Array.from({ length: p }, (_, i) => lengthOf(data.subarray(i * n, (i + 1) * n)));
  for (let i = 0; i < p; i++) {
    if (norms[i] > 0) for (let j = 0; j < n; j++) data[i * n + j] /= norms[i];
  }
  if (p === 0) return { rows: [] };
  const { r, p: order } = qr(transpose(scaled), { pivot: true });
  const [R, at] = [view(r), order.data()];
  const most = Math.min(n, p);
  let rank = 0;
  while (rank < most && Math.abs(R[rank * p + rank]) > rounding * Math.max(n, p)) rank++;
  const side = (i: number) => (norms[i] > 0 ? b[i] / norms[i] : b[i]);
  let worst = rounding;
  let nu: Float64Array | undefined;
  for (let k = rank; k < p; k++) {
    // Row at[k] is the combination w of the independent rows.
    const w = new Float64Array(rank);
    for (let i = rank - 1; i >= 0; i--) {
      let sum = R[i * p + k];
      for (let j = i + 1; j < rank; j++) sum -= R[i * p + j] * w[j];
      w[i] = sum / R[i * p + i];
    }
    let [rest, size] = [side(at[k]), Math.abs(side(at[k]))];
    for (let i = 0; i < rank; i++) {
      rest -= w[i] * side(at[i]);
      size += Math.abs(w[i] * side(at[i]));
    }
    if (!(Math.abs(rest) > worst * Math.max(n, p) * size)) continue;
    worst = Math.abs(rest) / (size * Math.max(n, p));
    nu = new Float64Array(p);
    nu[at[k]] = -1 / rest / (norms[at[k]] || 1);
    for (let i = 0; i < rank; i++) nu[at[i]] = w[i] / rest / norms[at[i]];
  }
  const rows = Array.from(at.subarray(0, rank)).sort((i, j) => i - j);
  return nu === undefined ? { rows } : { rows, nu };
}
