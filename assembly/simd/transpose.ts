// Transposes of blocks that fit in registers; `pitch` is the distance between the rows that are written, in bytes.

/** Two rows of two f64 become two columns. */
// @ts-ignore: decorator
@inline
export function transpose2x2(x0: v128, x1: v128, out: usize, pitch: usize): void {
  v128.store(out, v128.shuffle<f64>(x0, x1, 0, 2));
  v128.store(out + pitch, v128.shuffle<f64>(x0, x1, 1, 3));
}

/** Four rows of four f32 become four columns. */
// @ts-ignore: decorator
@inline
export function transpose4x4(x0: v128, x1: v128, x2: v128, x3: v128, out: usize, pitch: usize): void {
  const t0 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
  const t2 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f64>(t0, t2, 0, 2));
  v128.store(out + pitch, v128.shuffle<f64>(t0, t2, 1, 3));
  v128.store(out + 2 * pitch, v128.shuffle<f64>(t1, t3, 0, 2));
  v128.store(out + 3 * pitch, v128.shuffle<f64>(t1, t3, 1, 3));
}
