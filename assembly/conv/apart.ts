// A vector of elements that lie at a distance from each other.

/** w elements that lie `stride` apart; nothing behind the last one is read. */
// @ts-ignore: decorator
@inline
export function loadApart<T>(p: usize, stride: i32): v128 {
  if (stride == 1) return v128.load(p);
  if (sizeof<T>() == 8) {
    if (stride == 2) return v128.shuffle<f64>(v128.load(p), v128.load(p, 8), 0, 3);
    return f64x2(load<f64>(p), load<f64>(p + 8 * <usize>stride));
  }
  if (stride == 2) return v128.shuffle<f32>(v128.load(p), v128.load(p, 12), 0, 2, 5, 7);
  const step = 4 * <usize>stride;
  return f32x4(load<f32>(p), load<f32>(p + step), load<f32>(p + 2 * step), load<f32>(p + 3 * step));
}
