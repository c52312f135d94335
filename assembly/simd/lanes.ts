// Vector helpers that are generic in the element type and in the build: one source for f64 and f32, with and without FMA.
// Every branch here is resolved at compile time.

/** Elements per 128-bit vector. */
// @ts-ignore: decorator
@inline
export function lanes<T>(): i32 {
  return 16 / <i32>sizeof<T>();
}

/** a * b + c: fused in the relaxed build (one rounding), two roundings in the base build. */
// @ts-ignore: decorator
@inline
export function madd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c);
  return v128.add<T>(v128.mul<T>(a, b), c);
}

/** The sum of a vector's lanes, added as a tree. */
// @ts-ignore: decorator
@inline
export function sumLanes<T>(x: v128): T {
  if (sizeof<T>() == 8) {
    return <T>(f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1));
  }
  return <T>(
    (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3)))
  );
}

/** `value` rounded up to a multiple of `to`. */
// @ts-ignore: decorator
@inline
export function roundUp(value: i32, to: i32): i32 {
  return ((value + to - 1) / to) * to;
}

/**
 * What a function for callers returns as the size of a workspace: `bytes`, which were reckoned modulo 2^32, or where they are less
 * than the true size can be, so that they have wrapped, the largest number, which no memory can hold. `least`: the leading terms of
 * the size, at least half of it.
 */
export function unwrapped(bytes: usize, least: f64): usize {
  return <f64>bytes < least ? <usize>-1 : bytes;
}

/** A byte count rounded up to a cache line. */
// @ts-ignore: decorator
@inline
export function roundToLine(bytes: usize): usize {
  return (bytes + 63) & ~63;
}
