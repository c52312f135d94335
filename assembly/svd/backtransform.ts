// C := Q C or Qᵀ C, Q = H_0 H_1 … H_{k-1}, for reflectors kept in the columns or the rows of a factorization, in blocks through the compact
// WY form (LAPACK's ormqr, ormlq).
import { packedWorkspace } from '../gemm/blocking';
import { larfb, larft } from '../householder/block';
import { roundToLine, roundUp } from '../simd/lanes';

/** Reflectors per block. */
const BLOCK: i32 = 32;

/** Bytes of V, T and the two factors for m rows and `columns` of C at a time. */
function factorBytes<T>(m: i32, columns: i32): usize {
  return roundToLine(<usize>(BLOCK * m + BLOCK * BLOCK + 2 * BLOCK * columns) * sizeof<T>());
}

/** Bytes of workspace for m rows and `columns` of C at a time. */
export function reflectorWorkspace<T>(m: i32, columns: i32): usize {
  const products = max(packedWorkspace<T>(m, columns, BLOCK), packedWorkspace<T>(columns, m, BLOCK));
  return factorBytes<T>(m, columns) + max(products, packedWorkspace<T>(BLOCK, columns, m));
}

/** The least workspace with which applyReflectors does its work. */
export function leastReflectorWorkspace<T>(m: i32, n: i32): usize {
  return reflectorWorkspace<T>(m, min(n, BLOCK));
}

/** Of n columns, so many at a time that `bytes` are enough: all of them, a half, a third, … */
function columnsWithin<T>(m: i32, n: i32, bytes: usize): i32 {
  let columns = n;
  for (let pieces = 2; columns > BLOCK && reflectorWorkspace<T>(m, columns) > bytes; pieces++) {
    columns = roundUp((n + pieces - 1) / pieces, 8);
  }
  return columns;
}

/** Reflectors i … i + kb - 1 as the rows of a dense kb x (m - i) matrix with their ones and zeros. */
function unpack<T>(m: i32, i: i32, kb: i32, v: usize, rsv: i32, csv: i32, out: usize): void {
  const size = sizeof<T>(), length = m - i;
  for (let j = 0; j < kb; j++) {
    const row = out + <usize>(j * length) * size;
    memory.fill(row, 0, <usize>j * size);
    store<T>(row + <usize>j * size, 1);
    let from = v + <usize>((i + j + 1) * rsv + (i + j) * csv) * size;
    for (let r = j + 1; r < length; r++) {
      store<T>(row + <usize>r * size, load<T>(from));
      from += <usize>rsv * size;
    }
  }
}

/**
 * C (m x n) := Q C or Qᵀ C, Q = H_0 … H_{k-1}. Reflector j has its 1 in row j, and row r > j at v[r rsv + j csv]. Strides in
 * elements. `bytes`: the size of the workspace, leastReflectorWorkspace or more; up to reflectorWorkspace(m, n) more of it is quicker.
 */
export function applyReflectors<T>(
  transpose: bool, m: i32, n: i32, k: i32, v: usize, rsv: i32, csv: i32, tau: usize, c: usize, rsc: i32, csc: i32,
  work: usize, bytes: usize,
): void {
  const size = sizeof<T>(), columns = columnsWithin<T>(m, n, bytes), blocks = k <= 0 ? 0 : (k + BLOCK - 1) / BLOCK;
  const t = work + <usize>(BLOCK * m) * size, w = t + <usize>(BLOCK * BLOCK) * size;
  const gemmWork = work + factorBytes<T>(m, columns);
  for (let s = 0; s < blocks; s++) {
    const i = (transpose ? s : blocks - 1 - s) * BLOCK;
    const kb = min(BLOCK, k - i), length = m - i, rows = c + <usize>(i * rsc) * size;
    unpack<T>(m, i, kb, v, rsv, csv, work);
    larft<T>(length, kb, work, 1, length, tau + <usize>i * size, t, kb);
    for (let j = 0; j < n; j += columns) {
      const block = rows + <usize>(j * csc) * size;
      larfb<T>(transpose, length, min(columns, n - j), kb, work, 1, length, t, kb, block, rsc, csc, w, gemmWork);
    }
  }
}
