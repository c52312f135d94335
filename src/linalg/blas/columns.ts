// Products, sums and norms of k columns of n numbers, in a tensor [n] or [n, k], with one scalar per column.
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import type { Float } from '../stack.js';
import { axpy, dot, scale } from './tensors.js';

/** One number per column. */
export type Scalars = Float64Array;

/** The number of columns. */
export function columnsOf(x: Tensor): number {
  return x.shape[1] ?? 1;
}

/** out_c := x_cᵀ y_c for the columns in `active`; other entries are left as they are. */
export function dots(x: Tensor, y: Tensor, active: readonly number[], out: Scalars): void {
  const k = columnsOf(x);
  if (active.length === 0) return;
  if (k === 1) {
    out[0] = dot(x, y);
    return;
  }
  const [a, b] = [x.data(), y.data()];
  for (const c of active) out[c] = 0;
  for (let row = 0; row < a.length; row += k) {
    for (let t = 0; t < active.length; t++) {
      const c = active[t];
      out[c] += a[row + c] * b[row + c];
    }
  }
}

/** y_c := y_c + alpha_c x_c for the columns in `active`. */
export function addScaled(alpha: Scalars, x: Tensor, y: Tensor, active: readonly number[]): void {
  const k = columnsOf(x);
  if (active.length === 0) return;
  if (k === 1) {
    axpy(alpha[0], x, y);
    return;
  }
  const [from, to] = [x.data(), y.data()];
  for (let row = 0; row < from.length; row += k) {
    for (let t = 0; t < active.length; t++) {
      const c = active[t];
      to[row + c] += alpha[c] * from[row + c];
    }
  }
}

/** y_c := x_c + beta_c y_c for the columns in `active`. */
export function scaleAndAdd(beta: Scalars, x: Tensor, y: Tensor, active: readonly number[]): void {
  const k = columnsOf(x);
  if (active.length === 0) return;
  if (k === 1) {
    scale(beta[0], y);
    axpy(1, x, y);
    return;
  }
  const [from, to] = [x.data(), y.data()];
  for (let row = 0; row < from.length; row += k) {
    for (let t = 0; t < active.length; t++) {
      const c = active[t];
      to[row + c] = from[row + c] + beta[c] * to[row + c];
    }
  }
}

/** out_c := ‖x_c‖ for the columns in `active`, without overflow. */
export function norms(x: Tensor, active: readonly number[], out: Scalars): void {
  const k = columnsOf(x);
  const size = bytesPerElement(x.dtype);
  for (const c of active)
    out[c] = blas.exports[`nrm2_${x.dtype as Float}`](x.shape[0], x.address + c * size, k);
}

/** x_c := factor_c x_c for all columns. */
export function scaleColumns(factor: Scalars, x: Tensor): void {
  if (factor.every((f) => f === 1)) return;
  const data = x.data();
  const k = columnsOf(x);
  for (let i = 0; i < data.length; i++) data[i] *= factor[i % k];
}
