// out[o][i][·] := x[o][indices[i]][·]: slices of an outer x extent x inner array at given positions along its middle axis.
import { copyRow } from './blocks';

/** The position of the first index that is not in -extent … extent - 1, or -1. */
export function checkIndices(count: i32, extent: i32, indices: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = load<i32>(indices + (<usize>i << 2));
    if (index >= extent || index < -extent) return i;
  }
  return -1;
}

/** Index number i, counted from the front. */
// @ts-ignore: decorator
@inline
export function indexAt(indices: usize, i: i32, extent: i32): usize {
  const index = load<i32>(indices + (<usize>i << 2));
  return <usize>(index < 0 ? index + extent : index);
}

/** One element of `T` per index. */
function takeElements<T>(extent: i32, count: i32, indices: usize, out: usize, x: usize): void {
  for (let i = 0; i < count; i++) store<T>(out + <usize>i * sizeof<T>(), load<T>(x + indexAt(indices, i, extent) * sizeof<T>()));
}

/** Slices of `bytes` bytes; the indices have been checked. */
export function take(outer: i32, extent: i32, bytes: usize, count: i32, indices: usize, out: usize, x: usize): void {
  for (let o = 0; o < outer; o++) {
    if (bytes == 8) takeElements<i64>(extent, count, indices, out, x);
    else if (bytes == 4) takeElements<i32>(extent, count, indices, out, x);
    else {
      for (let i = 0; i < count; i++) copyRow(bytes, out + <usize>i * bytes, x + indexAt(indices, i, extent) * bytes);
    }
    out += <usize>count * bytes;
    x += <usize>extent * bytes;
  }
}
