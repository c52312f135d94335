// Windows as they leave the module: one name per element type.
import { windows } from './unfold';

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
