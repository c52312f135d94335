// One vector at a time, as level-1 kernels see tensors: all elements in a row, whatever the shape.
import type { Tensor } from '../core/tensor.js';
import { blas } from '../generated/blas.js';
import type { Float } from './stack.js';

/** xᵀ y. */
export function dot(x: Tensor, y: Tensor): number {
  return blas.exports[`dot_${x.dtype as Float}`](x.size, x.address, 1, y.address, 1);
}

/** ‖x‖, without overflow. */
export function norm2(x: Tensor): number {
  return blas.exports[`nrm2_${x.dtype as Float}`](x.size, x.address, 1);
}

/** y := y + alpha x. */
export function axpy(alpha: number, x: Tensor, y: Tensor): void {
  blas.exports[`axpy_${x.dtype as Float}`](x.size, alpha, x.address, 1, y.address, 1);
}

/** x := alpha x. */
export function scale(alpha: number, x: Tensor): void {
  blas.exports[`scal_${x.dtype as Float}`](x.size, alpha, x.address, 1);
}

/** x := x / alpha, also where 1 / alpha overflows. */
export function divide(x: Tensor, alpha: number): void {
  if (Math.abs(alpha) > (x.dtype === 'f64' ? 2 ** -1000 : 2 ** -100)) scale(1 / alpha, x);
  else {
    const data = x.data();
    for (let i = 0; i < data.length; i++) data[i] /= alpha;
  }
}

/** y := x; of a tensor that is differentiated there is an error, as from the kernels above. */
export function assign(x: Tensor, y: Tensor): void {
  void x.address;
  y.data().set(x.data());
}
