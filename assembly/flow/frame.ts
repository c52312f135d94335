// A field of n rows of n numbers with more beside each row, so that vectors may begin up to two numbers before it and end up to two behind its last vector: the
// field goes on periodically there.
import { lanes, roundUp } from '../simd/lanes';

/** Numbers before a row: at least two. */
// @ts-ignore: decorator
@inline
export function before<T>(): i32 {
  return lanes<T>();
}

/** Numbers from one row to the next. */
// @ts-ignore: decorator
@inline
export function pitchOf<T>(n: i32): i32 {
  return roundUp(n, lanes<T>()) + 2 * lanes<T>();
}

/** Bytes of `count` rows. */
// @ts-ignore: decorator
@inline
export function rowsBytes<T>(n: i32, count: i32): usize {
  return <usize>count * <usize>pitchOf<T>(n) * sizeof<T>();
}

/** Continues a row, of which the numbers from 0 to n - 1 are known. `row` is the address of number 0. */
export function wrapRow<T>(n: i32, row: usize): void {
  const size = <usize>sizeof<T>(), end = pitchOf<T>(n) - before<T>();
  for (let j = n; j < end; j++) store<T>(row + <usize>j * size, load<T>(row + <usize>(j - n) * size));
  for (let j = -1; j >= -before<T>(); j--) store<T>(row - <usize>(-j) * size, load<T>(row + <usize>(n + j < 0 ? (n - 1) - (-1 - j) % n : n + j) * size));
}

/** Copies the n² numbers at x into rows at `to`, and continues them. Returns the address of the first number. */
export function frame<T>(n: i32, x: usize, to: usize): usize {
  const size = <usize>sizeof<T>(), line = <usize>n * size, pitch = <usize>pitchOf<T>(n) * size, first = to + <usize>before<T>() * size;
  for (let i = 0; i < n; i++) {
    const row = first + <usize>i * pitch;
    memory.copy(row, x + <usize>i * line, line);
    wrapRow<T>(n, row);
  }
  return first;
}

/** Stores the lanes of a vector that lie below n, if the first of them is number j. */
// @ts-ignore: decorator
@inline
export function storeBelow<T>(n: i32, j: i32, row: usize, x: v128): void {
  const at = row + <usize>j * sizeof<T>();
  if (j + lanes<T>() <= n) {
    v128.store(at, x);
  } else if (sizeof<T>() == 8) {
    v128.store64_lane(at, x, 0);
  } else {
    v128.store32_lane(at, x, 0);
    if (j + 1 < n) v128.store32_lane(at, x, 1, 4);
    if (j + 2 < n) v128.store32_lane(at, x, 2, 8);
  }
}

/** The vector of numbers j, j + 1, … of a row of n, as far as there are any; the first of them again in other lanes. */
// @ts-ignore: decorator
@inline
export function loadBelow<T>(n: i32, j: i32, row: usize): v128 {
  const at = row + <usize>j * sizeof<T>();
  if (j + lanes<T>() <= n) return v128.load(at);
  let x = v128.load_splat<T>(at);
  if (sizeof<T>() == 4) {
    if (j + 1 < n) x = v128.load32_lane(at, x, 1, 4);
    if (j + 2 < n) x = v128.load32_lane(at, x, 2, 8);
  }
  return x;
}
