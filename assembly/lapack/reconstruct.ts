// The matrix again, from its factors: L Lᵀ, Pᵀ L U, Q R. Everything dense and n x n, row-major.
import { trmm } from '../level3/trmm';
import { swapRows } from '../banded/row';
import { ormqr } from './qr';
import { triangle } from './solve';

/** Rows and columns of a tile: what is read in one direction and written in the other stays in cache. */
const TILE: i32 = 32;

/** The upper triangle of `to` := that of the transpose of `from`, its lower triangle; they may be the same. */
function transposeTile<T>(n: i32, i0: i32, j0: i32, from: usize, to: usize): void {
  const size = sizeof<T>(), pitch = <usize>n * size;
  for (let i = i0; i < min(n, i0 + TILE); i++) {
    const end = min(i + 1, j0 + TILE);
    for (let j = j0; j < end; j++) {
      store<T>(to + <usize>j * pitch + <usize>i * size, load<T>(from + <usize>i * pitch + <usize>j * size));
    }
  }
}
function transposeLower<T>(n: i32, from: usize, to: usize): void {
  for (let i = 0; i < n; i += TILE) for (let j = 0; j <= i; j += TILE) transposeTile<T>(n, i, j, from, to);
}

/** A := the symmetric matrix that its lower triangle means. */
export function mirror<T>(n: i32, a: usize): void {
  transposeLower<T>(n, a, a);
}

/** The identity. */
export function identity<T>(n: i32, a: usize): void {
  memory.fill(a, 0, <usize>n * <usize>n * sizeof<T>());
  for (let i = 0; i < n; i++) store<T>(a + <usize>i * (<usize>n + 1) * sizeof<T>(), 1);
}

/** L Lᵀ, symmetric to the last bit. */
export function fromCholesky<T>(n: i32, l: usize, out: usize, work: usize): void {
  memory.fill(out, 0, <usize>n * <usize>n * sizeof<T>());
  transposeLower<T>(n, l, out);
  trmm<T>(true, false, n, n, l, n, 1, out, n, 1, work);
  mirror<T>(n, out);
}

/** Pᵀ L U. */
export function fromLu<T>(n: i32, lu: usize, pivots: usize, out: usize, work: usize): void {
  const pitch = <usize>n * sizeof<T>();
  triangle<T>(false, false, n, n, lu, n, out, n);
  trmm<T>(true, true, n, n, lu, n, 1, out, n, 1, work);
  for (let i = n - 1; i >= 0; i--) {
    const p = load<i32>(pivots + (<usize>i << 2));
    if (p != i) swapRows<T>(n, out + <usize>i * pitch, out + <usize>p * pitch);
  }
}

/** Q R. */
export function fromQr<T>(n: i32, a: usize, taus: usize, out: usize, work: usize): void {
  triangle<T>(false, false, n, n, a, n, out, n);
  ormqr<T>(false, n, n, n, a, n, taus, out, n, 1, work);
}
