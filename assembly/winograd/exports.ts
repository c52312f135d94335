// Convolution by minimal filtering as it leaves the module: one name per element type.
import { winogradWorkspace } from './plan';
import { winograd } from './convolve';

/** y := the convolution of x; `adjoint`: with the weights transposed and reversed; see convolve.ts for what `geometry` may be. */
export function winograd_f64(
  adjoint: bool, images: i32, channels: i32, outs: i32, all: i32, geometry: usize, x: usize, w: usize, y: usize, work: usize,
): void {
  winograd<f64>(adjoint, images, channels, outs, all, geometry, x, w, y, work);
}
export function winograd_f32(
  adjoint: bool, images: i32, channels: i32, outs: i32, all: i32, geometry: usize, x: usize, w: usize, y: usize, work: usize,
): void {
  winograd<f32>(adjoint, images, channels, outs, all, geometry, x, w, y, work);
}
/** Bytes of workspace for kernels of kd x kh x kw and oh rows of ow outputs. */
export function winograd_f64_work(
  images: i32, channels: i32, outs: i32, kd: i32, kh: i32, kw: i32, oh: i32, ow: i32,
): usize {
  return winogradWorkspace<f64>(images, channels, outs, kd, kh, kw, oh, ow);
}
export function winograd_f32_work(
  images: i32, channels: i32, outs: i32, kd: i32, kh: i32, kw: i32, oh: i32, ow: i32,
): usize {
  return winogradWorkspace<f32>(images, channels, outs, kd, kh, kw, oh, ow);
}
