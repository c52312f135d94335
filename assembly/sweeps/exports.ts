// Rotations as they leave the module.
import { rotate, rotateWorkspace } from './rotate';

/** `batch` matrices X, n x m each, bsx elements apart; see rotate.ts for the rest. */
export function rotate_f64(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, angles: usize, backward: bool,
  x: usize, bsx: i32, rsx: i32, csx: i32, y: usize, bsy: i32, rsy: i32, csy: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    rotate<f64>(n, m, count, pairs, angles, backward, x, rsx, csx, y, rsy, csy, work);
    x += <usize>bsx * 8;
    y += <usize>bsy * 8;
  }
}
export function rotate_f32(
  batch: i32, n: i32, m: i32, count: i32, pairs: usize, angles: usize, backward: bool,
  x: usize, bsx: i32, rsx: i32, csx: i32, y: usize, bsy: i32, rsy: i32, csy: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    rotate<f32>(n, m, count, pairs, angles, backward, x, rsx, csx, y, rsy, csy, work);
    x += <usize>bsx * 4;
    y += <usize>bsy * 4;
  }
}
/** Bytes of workspace for rotate on matrices with n rows. */
export function rotate_work(n: i32): usize {
  return rotateWorkspace(n);
}
