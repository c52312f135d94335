// How array kernels see an index space: a descriptor in memory of 5 * ndim i32: the extents, three rows of strides
// in elements, and a row of counters that belongs to the kernel. The host has dropped axes of extent 1 and merged
// those that it can; no extent is zero.

/** Extent of axis `i`. */
// @ts-ignore: decorator
@inline
export function extent(meta: usize, i: i32): i32 {
  return load<i32>(meta + (<usize>i << 2));
}

/** Stride of axis `i` in row `which` (0, 1 or 2). */
// @ts-ignore: decorator
@inline
export function stride(meta: usize, ndim: i32, which: i32, i: i32): i32 {
  return load<i32>(meta + (<usize>((1 + which) * ndim + i) << 2));
}

/** Address of the counter of axis `i`. */
// @ts-ignore: decorator
@inline
export function counter(meta: usize, ndim: i32, i: i32): usize {
  return meta + (<usize>(4 * ndim + i) << 2);
}

/** Sets the counters of the first `axes` axes to zero. */
export function rewind(meta: usize, ndim: i32, axes: i32): void {
  for (let i = 0; i < axes; i++) store<i32>(counter(meta, ndim, i), 0);
}

/** Steps the counters of the first `axes` axes, last axis fastest; the axis that moved, or -1 at the end. */
export function advance(meta: usize, ndim: i32, axes: i32): i32 {
  for (let i = axes - 1; i >= 0; i--) {
    const p = counter(meta, ndim, i);
    const next = load<i32>(p) + 1;
    if (next < extent(meta, i)) {
      store<i32>(p, next);
      return i;
    }
    store<i32>(p, 0);
  }
  return -1;
}

/** The offset in elements that the counters of the first `axes` axes stand for, by the strides of row `which`. */
export function offset(meta: usize, ndim: i32, axes: i32, which: i32): i32 {
  let sum = 0;
  for (let i = 0; i < axes; i++) sum += load<i32>(counter(meta, ndim, i)) * stride(meta, ndim, which, i);
  return sum;
}
