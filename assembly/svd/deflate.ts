// What need not change when two halves are joined: rows whose z_j is negligible, and all but one of those whose d are so close that a
// rotation makes a z_j zero (lasd2).
import { unitRoundoff } from './rotation';

// Which columns of its block a row of vectors has.
export const LEFT: i32 = 0, DENSE: i32 = 1, RIGHT: i32 = 2;

/** Indices 0 … n - 1 but the one at `skip`, by ascending d; both halves come sorted in `order` (local to their half). */
export function sortHalves<T>(nl: i32, nr: i32, d: usize, order: usize, out: usize): void {
  let i = 0, j = 0;
  const right = nl + 1;
  while (i < nl || j < nr) {
    const a = i < nl ? load<i32>(order + <usize>i * 4) : -1;
    const b = j < nr ? right + load<i32>(order + <usize>(right + j) * 4) : -1;
    const takeLeft =
      b < 0 || (a >= 0 && load<T>(d + <usize>a * sizeof<T>()) <= load<T>(d + <usize>b * sizeof<T>()));
    store<i32>(out, takeLeft ? a : b);
    out += 4;
    if (takeLeft) i++;
    else j++;
  }
}

/** order := 0 … n - 1 by ascending d, by insertion: d comes nearly sorted. */
export function sortIndices<T>(n: i32, d: usize, order: usize): void {
  for (let i = 0; i < n; i++) {
    const value = load<T>(d + <usize>i * sizeof<T>());
    let j = i;
    while (j > 0) {
      const before = load<i32>(order + <usize>(j - 1) * 4);
      if (load<T>(d + <usize>before * sizeof<T>()) <= value) break;
      store<i32>(order + <usize>j * 4, before);
      j--;
    }
    store<i32>(order + <usize>j * 4, i);
  }
}

/** What counts as nothing; never below rounding in the whole matrix: what is squared and divided by then stays in range. */
export function deflationTolerance<T>(n: i32, d: usize, sorted: usize, alpha: T, beta: T, norm: T): T {
  const largest = load<T>(d + <usize>load<i32>(sorted + <usize>(n - 2) * 4) * sizeof<T>());
  return unitRoundoff<T>() * max<T>(<T>8 * max<T>(largest, max<T>(abs<T>(alpha), abs<T>(beta))), norm);
}

/**
 * Returns how many of n rows are kept: they come first in `kept`, row nl before all, with their z at zk and their d, ascending with
 * gaps, at dk (d_0 = 0); the others follow. `sorted` names the n - 1 rows but nl by ascending d; z and kind are changed as
 * the rotations, which are listed, change them: their number and pairs (i, j) at `pairs`, 2 n + 1 i32, and their c and s at `angles`,
 * 2 n elements. One takes rows x_i, x_j to c x_i + s x_j, c x_j - s x_i.
 */
export function deflate<T>(
  n: i32, nl: i32, z0: T, tolerance: T, d: usize, z: usize, sorted: usize, kind: usize, kept: usize, zk: usize, dk: usize,
  pairs: usize, angles: usize,
): i32 {
  const size = sizeof<T>();
  if (!(abs<T>(z0) > tolerance)) z0 = tolerance;
  store<i32>(kept, nl);
  store<T>(zk, z0);
  store<T>(dk, 0);
  // `kept` fills from the front, what is deflated from the back.
  let k = 1, back = n, candidate = -1, turned = 0;
  for (let i = 0; i < n - 1; i++) {
    const j = load<i32>(sorted + <usize>i * 4);
    const zj = load<T>(z + <usize>j * size);
    if (!(abs<T>(zj) > tolerance)) {
      store<i32>(kept + <usize>--back * 4, j);
      continue;
    }
    if (candidate >= 0) {
      const dj = load<T>(d + <usize>j * size), dc = load<T>(d + <usize>candidate * size);
      if (abs<T>(dj - dc) <= tolerance) {
        const zc = load<T>(z + <usize>candidate * size), r = sqrt<T>(zc * zc + zj * zj);
        store<T>(z + <usize>j * size, r);
        store<i32>(pairs + <usize>(2 * turned + 1) * 4, candidate);
        store<i32>(pairs + <usize>(2 * turned + 2) * 4, j);
        store<T>(angles + <usize>(2 * turned) * size, zj / r);
        store<T>(angles + <usize>(2 * turned + 1) * size, -zc / r);
        turned++;
        if (load<i32>(kind + <usize>candidate * 4) != load<i32>(kind + <usize>j * 4)) {
          store<i32>(kind + <usize>j * 4, DENSE);
        }
        store<i32>(kept + <usize>--back * 4, candidate);
      } else {
        store<i32>(kept + <usize>k * 4, candidate);
        store<T>(zk + <usize>k * size, load<T>(z + <usize>candidate * size));
        store<T>(dk + <usize>k * size, dc);
        k++;
      }
    }
    candidate = j;
  }
  if (candidate >= 0) {
    store<i32>(kept + <usize>k * 4, candidate);
    store<T>(zk + <usize>k * size, load<T>(z + <usize>candidate * size));
    store<T>(dk + <usize>k * size, load<T>(d + <usize>candidate * size));
    k++;
  }
  if (k > 1 && load<T>(dk + size) < tolerance / <T>2) store<T>(dk + size, tolerance / <T>2);
  store<i32>(pairs, turned);
  return k;
}
