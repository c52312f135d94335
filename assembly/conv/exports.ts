// Windows as they leave the module: one name per element type.
import { convolve, convolveWorkspace, paddedElements } from './convolve';
import { windows } from './unfold';
import { unwrapped } from '../simd/lanes';

/** columns := windows of x; see unfold.ts for `geometry` (21 i32). */
export function unfold_f64(images: i32, channels: i32, geometry: usize, x: usize, columns: usize): void {
  windows<f64>(images, channels, geometry, x, columns, false);
}
export function unfold_f32(images: i32, channels: i32, geometry: usize, x: usize, columns: usize): void {
  windows<f32>(images, channels, geometry, x, columns, false);
}

/** x := the sum of the columns where they came from: the transpose. */
export function fold_f64(images: i32, channels: i32, geometry: usize, x: usize, columns: usize): void {
  clear(images, channels, geometry, x, 8);
  windows<f64>(images, channels, geometry, x, columns, true);
}
export function fold_f32(images: i32, channels: i32, geometry: usize, x: usize, columns: usize): void {
  clear(images, channels, geometry, x, 4);
  windows<f32>(images, channels, geometry, x, columns, true);
}

function clear(images: i32, channels: i32, geometry: usize, x: usize, size: usize): void {
  const plane = <usize>load<i32>(geometry) * <usize>load<i32>(geometry, 4) * <usize>load<i32>(geometry, 8);
  memory.fill(x, 0, <usize>images * <usize>channels * plane * size);
}

/** y, x or w := the convolution (form 0), its adjoint in x (1) or in w (2), w := the windows' Gram matrix (3); see convolve.ts. */
export function conv_f64(
  form: i32, images: i32, channels: i32, outs: i32, all: i32, geometry: usize, x: usize, w: usize, y: usize, work: usize,
): void {
  convolve<f64>(form, images, channels, outs, all, geometry, x, w, y, work);
}
export function conv_f32(
  form: i32, images: i32, channels: i32, outs: i32, all: i32, geometry: usize, x: usize, w: usize, y: usize, work: usize,
): void {
  convolve<f32>(form, images, channels, outs, all, geometry, x, w, y, work);
}
/** `kernel`, `positions`: products of the extents; `plane`: elements that the windows reach over, the last axis up to a multiple of its stride. */
export function conv_f64_work(images: i32, channels: i32, outs: i32, kernel: i32, positions: i32, plane: i32): usize {
  return unwrapped(
    convolveWorkspace<f64>(images, channels, outs, kernel, positions, plane),
    paddedElements(images, channels, positions, plane) * sizeof<f64>(),
  );
}
export function conv_f32_work(images: i32, channels: i32, outs: i32, kernel: i32, positions: i32, plane: i32): usize {
  return unwrapped(
    convolveWorkspace<f32>(images, channels, outs, kernel, positions, plane),
    paddedElements(images, channels, positions, plane) * sizeof<f32>(),
  );
}
