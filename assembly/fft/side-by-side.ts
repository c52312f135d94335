// Rows of a matrix as the columns of a tile, four vectors wide, and back.
import { lanes } from '../simd/lanes';
import { transpose2x2, transpose4x4 } from '../simd/transpose';

/** A square block of vectors, rows as columns: `from` is the first row, the others `fromPitch` bytes apart; written `toPitch` bytes apart. */
// @ts-ignore: decorator
@inline
export function block<T>(from: usize, fromPitch: usize, to: usize, toPitch: usize): void {
  if (sizeof<T>() == 8) transpose2x2(v128.load(from), v128.load(from + fromPitch), to, toPitch);
  else {
    const two = from + 2 * fromPitch;
    transpose4x4(v128.load(from), v128.load(from + fromPitch), v128.load(two), v128.load(two + fromPitch), to, toPitch);
  }
}

/** The tile [n][side] of `side` rows of n numbers, one behind the other. */
export function toColumns<T>(n: i32, x: usize, tile: usize): void {
  const side = 4 * lanes<T>(), line = <usize>side * sizeof<T>(), row = <usize>n * sizeof<T>();
  for (let r = 0; r < side; r += lanes<T>()) {
    const from = x + <usize>r * row, to = tile + <usize>r * sizeof<T>();
    let j = 0;
    for (; j + lanes<T>() <= n; j += lanes<T>()) block<T>(from + <usize>j * sizeof<T>(), row, to + <usize>j * line, line);
    for (; j < n; j++) {
      for (let q = 0; q < lanes<T>(); q++) {
        store<T>(to + <usize>j * line + <usize>q * sizeof<T>(), load<T>(from + <usize>q * row + <usize>j * sizeof<T>()));
      }
    }
  }
}

/** The reverse. */
export function toRows<T>(n: i32, tile: usize, y: usize): void {
  const side = 4 * lanes<T>(), line = <usize>side * sizeof<T>(), row = <usize>n * sizeof<T>();
  for (let r = 0; r < side; r += lanes<T>()) {
    const from = tile + <usize>r * sizeof<T>(), to = y + <usize>r * row;
    let j = 0;
    for (; j + lanes<T>() <= n; j += lanes<T>()) block<T>(from + <usize>j * line, line, to + <usize>j * sizeof<T>(), row);
    for (; j < n; j++) {
      for (let q = 0; q < lanes<T>(); q++) {
        store<T>(to + <usize>q * row + <usize>j * sizeof<T>(), load<T>(from + <usize>j * line + <usize>q * sizeof<T>()));
      }
    }
  }
}
