// One axis of a window: output o and kernel position k meet at input o · stride + k · dilation - before, with zeros beyond the
// edges or, for a periodic axis, the other end.

/** The input position, wrapped for a periodic axis; -1 where there are zeros. */
// @ts-ignore: decorator
@inline
export function position(o: i32, k: i32, extent: i32, stride: i32, dilation: i32, before: i32, periodic: bool): i32 {
  let i = o * stride + k * dilation - before;
  if (periodic) {
    i %= extent;
    return i < 0 ? i + extent : i;
  }
  return i < 0 || i >= extent ? -1 : i;
}

/** The end of the run of outputs from `o` on whose inputs follow one another (stride 1) from input `i` on. */
// @ts-ignore: decorator
@inline
export function runEnd(o: i32, i: i32, extent: i32, outputs: i32): i32 {
  return min(outputs, o + extent - i);
}

/** The first output from `o` on that has an input, for stride 1 without wrapping. */
// @ts-ignore: decorator
@inline
export function firstInside(o: i32, k: i32, outputs: i32, dilation: i32, before: i32): i32 {
  return min(outputs, max(o, before - k * dilation));
}
