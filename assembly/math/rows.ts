// How the elementwise functions take elements from rows and put them back, two at a time; f32 passes through f64.

// Long rows are handed over in pieces, so that the engine gets to replace the row function by its optimized form.
export const PIECE: i32 = 4096;

/** Bytes of two elements. */
// @ts-ignore: decorator
@inline
export function step<T>(): usize {
  return 2 * sizeof<T>();
}

/** Two elements, or one and a zero where n is 1. */
// @ts-ignore: decorator
@inline
export function take<T>(n: i32, a: usize): v128 {
  if (sizeof<T>() == 8) return n > 1 ? v128.load(a) : v128.load64_zero(a);
  return f64x2.promote_low_f32x4(n > 1 ? v128.load64_zero(a) : v128.load32_zero(a));
}

/** Two elements `s` bytes apart, or one and a zero where n is 1. */
// @ts-ignore: decorator
@inline
export function takeApart<T>(n: i32, a: usize, s: usize): v128 {
  const second = n > 1 ? a + s : a;
  if (sizeof<T>() == 8) return v128.load64_lane(second, v128.load64_zero(a), 1);
  return f64x2.promote_low_f32x4(v128.load32_lane(second, v128.load32_zero(a), 1));
}

/** Writes both elements, or the first where n is 1. */
// @ts-ignore: decorator
@inline
export function put<T>(n: i32, out: usize, y: v128): void {
  if (sizeof<T>() == 8) {
    if (n > 1) v128.store(out, y);
    else v128.store64_lane(out, y, 0);
    return;
  }
  const z = f32x4.demote_f64x2_zero(y);
  if (n > 1) v128.store64_lane(out, z, 0);
  else v128.store32_lane(out, z, 0);
}

/** out := n elements of a, `s` elements apart. */
export function gather<T>(n: i32, out: usize, a: usize, s: i32): void {
  for (let i = 0; i < n; i++) {
    store<T>(out, load<T>(a));
    out += sizeof<T>();
    a += <usize>s * sizeof<T>();
  }
}
