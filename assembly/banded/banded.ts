// A X = B for banded A by elimination with partial pivoting (LAPACK's gbsv): kl diagonals below, ku above, kl more by pivoting.
import { dotContiguous } from '../level1/dot';
import { divideRow, subtractRow, swapRows } from './row';

/** Rows between two calls, so that long systems reach the optimizing tier. */
const RUN: i32 = 256;

/** Elements of a row of the workspace: row i holds columns i - kl … i + kl + ku, contiguous. */
// @ts-ignore: decorator
@inline
function widthOf(kl: i32, ku: i32): i32 {
  return 2 * kl + ku + 1;
}

/** Rows of the band from LAPACK's storage (element (i, j) lies in row ku + i - j, column j), zeros around them. */
function unpack<T>(from: i32, to: i32, n: i32, kl: i32, ku: i32, bands: usize, work: usize): void {
  const width = widthOf(kl, ku);
  for (let i = from; i < to; i++) {
    const row = work + <usize>i * <usize>width * sizeof<T>();
    memory.fill(row, 0, <usize>width * sizeof<T>());
    const last = min(n - 1, i + ku);
    for (let j = max(0, i - kl); j <= last; j++) {
      const source = bands + (<usize>(ku + i - j) * <usize>n + <usize>j) * sizeof<T>();
      store<T>(row + <usize>(j - i + kl) * sizeof<T>(), load<T>(source));
    }
  }
}

/** Columns `from` to `to` - 1 of the elimination; the first zero pivot + 1, or 0. */
function eliminate<T>(from: i32, to: i32, n: i32, kl: i32, ku: i32, nrhs: i32, work: usize, b: usize): i32 {
  const size = sizeof<T>(), width = <usize>widthOf(kl, ku) * size, rhs = <usize>nrhs * size;
  for (let k = from; k < to; k++) {
    const last = min(n - 1, k + kl), reach = min(n - 1, k + kl + ku) - k + 1;
    // Element (i, k) lies one place further left with every row.
    const pivotRow = work + <usize>k * width + <usize>kl * size;
    let best = abs<T>(load<T>(pivotRow)), p = k, row = pivotRow;
    for (let i = k + 1; i <= last; i++) {
      row += width - size;
      const v = abs<T>(load<T>(row));
      // The first NaN is the pivot: passed over it could leave a zero.
      if (v > best || (v != v && best == best)) {
        best = v;
        p = i;
      }
    }
    const bk = b + <usize>k * rhs;
    if (p != k) {
      swapRows<T>(reach, pivotRow, pivotRow + <usize>(p - k) * (width - size));
      swapRows<T>(nrhs, bk, b + <usize>p * rhs);
    }
    const pivot = load<T>(pivotRow);
    if (pivot == <T>0) return k + 1;
    row = pivotRow;
    for (let i = k + 1; i <= last; i++) {
      row += width - size;
      const factor = load<T>(row) / pivot;
      if (factor == <T>0) continue;
      subtractRow<T>(reach - 1, factor, pivotRow + size, row + size);
      subtractRow<T>(nrhs, factor, bk, b + <usize>i * rhs);
    }
  }
  return 0;
}

/** Rows `from` down to `to` of the back substitution. */
function substitute<T>(from: i32, to: i32, n: i32, kl: i32, ku: i32, nrhs: i32, work: usize, b: usize): void {
  const size = sizeof<T>(), width = <usize>widthOf(kl, ku) * size, rhs = <usize>nrhs * size;
  for (let i = from; i >= to; i--) {
    const row = work + <usize>i * width + <usize>kl * size, bi = b + <usize>i * rhs;
    const reach = min(n - 1 - i, kl + ku);
    if (nrhs == 1) store<T>(bi, load<T>(bi) - dotContiguous<T>(reach, row + size, bi + size));
    else for (let j = 1; j <= reach; j++) subtractRow<T>(nrhs, load<T>(row + <usize>j * size), bi + <usize>j * rhs, bi);
    divideRow<T>(nrhs, load<T>(row), bi);
  }
}

/**
 * X over B, n x nrhs row-major. bands: kl + ku + 1 rows of n elements, not changed. Returns 0, or 1 + the index of a pivot
 * that is exactly zero; then B is spoilt. `work` holds n (2 kl + ku + 1) elements.
 */
export function gbsv<T>(n: i32, kl: i32, ku: i32, nrhs: i32, bands: usize, b: usize, work: usize): i32 {
  for (let i = 0; i < n; i += RUN) unpack<T>(i, min(i + RUN, n), n, kl, ku, bands, work);
  for (let k = 0; k < n; k += RUN) {
    const info = eliminate<T>(k, min(k + RUN, n), n, kl, ku, nrhs, work, b);
    if (info != 0) return info;
  }
  for (let i = n - 1; i >= 0; i -= RUN) substitute<T>(i, max(i - RUN + 1, 0), n, kl, ku, nrhs, work, b);
  return 0;
}
