// C[i, j] (+)= Σ_p A[i, p] B[p, j], where every matrix is an address and two tables of byte offsets, one for its rows and one for its
// columns: the block-scatter form of D. Matthews, High-performance tensor contraction without transposition (SIAM J. Sci. Comput., 2018).
// A convolution and both its adjoints are such products over the image itself, so the matrix of windows is never made.
import { balanced, KC, MC, MR, NR, TILE_BYTES } from '../gemm/blocking';
import { tilePacked } from '../gemm/microkernel';
import { roundToLine, roundUp } from '../simd/lanes';
import { isRun, offset, packPanels } from './panels';

/** Columns of a packed block of B: 512 KiB of it in either type. */
// @ts-ignore: decorator
@inline
export function columnsOfBlock<T>(): i32 {
  return 1024 / <i32>sizeof<T>();
}

/** C += tile, or C := tile, element by element or by vectors where the columns of C follow one another. */
function putTile<T>(m: i32, n: i32, adds: bool, tile: usize, c: usize, rows: usize, columns: usize, run: bool): void {
  const size = sizeof<T>();
  for (let i = 0; i < m; i++) {
    const row = c + offset(rows, i);
    if (run) {
      const p = row + offset(columns, 0);
      let x = v128.load(tile), y = v128.load(tile, 16);
      if (adds) {
        x = v128.add<T>(x, v128.load(p));
        y = v128.add<T>(y, v128.load(p, 16));
      }
      v128.store(p, x);
      v128.store(p, y, 16);
    } else {
      for (let j = 0; j < n; j++) {
        const p = row + offset(columns, j), value = load<T>(tile + <usize>j * size);
        store<T>(p, adds ? <T>(load<T>(p) + value) : value);
      }
    }
    tile += 32;
  }
}

/** Where a block begins that has no diagonal to stop at. */
const FAR_BELOW: i32 = 1 << 30;

/**
 * All tiles of a packed block of A against a packed block of B but those above the diagonal, which column `below` of the block meets in
 * its first row.
 */
function tiles<T>(
  m: i32, n: i32, k: i32, a: usize, b: usize, adds: bool, c: usize, rows: usize, columns: usize, tile: usize, below: i32,
): void {
  const nr = NR<T>();
  const panelA = <usize>(MR * k) * sizeof<T>(), panelB = <usize>(nr * k) * sizeof<T>();
  const beta: T = adds ? 1 : 0;
  for (let j = 0; j < n; j += nr) {
    const here = columns + 4 * <usize>j, run = n - j >= nr && isRun(here, nr, sizeof<T>());
    const first = max(0, ((j - below) / MR) * MR);
    let pa = a + <usize>(first / MR) * panelA;
    for (let i = first; i < m; i += MR) {
      const lines = rows + 4 * <usize>i;
      if (run && m - i >= MR && isRun(lines, MR, offset(lines, 1) - offset(lines, 0))) {
        tilePacked<T>(k, pa, b, 1, beta, c + offset(lines, 0) + offset(here, 0), offset(lines, 1) - offset(lines, 0));
      } else {
        tilePacked<T>(k, pa, b, 1, 0, tile, 32);
        putTile<T>(min(MR, m - i), min(nr, n - j), adds, tile, c, lines, here, run);
      }
      pa += panelA;
    }
    b += panelB;
  }
}

/**
 * The product; tables of u32 byte offsets: `ar`, `ac` for the rows and columns of A and so on. `adds`: C += …, otherwise C := …
 * Where two tiles of C overlap (windows do), the sum is right, as one is written after the other. k >= 1.
 * `lower`: only what lies on and below the diagonal, in whole tiles.
 */
export function scatterProduct<T>(
  m: i32, n: i32, k: i32, a: usize, ar: usize, ac: usize, b: usize, br: usize, bc: usize,
  adds: bool, lower: bool, c: usize, cr: usize, cc: usize, work: usize,
): void {
  const kc = balanced(k, KC, 4), mc = balanced(m, MC, MR), nc = balanced(n, columnsOfBlock<T>(), NR<T>());
  const workB = work + roundToLine(<usize>(roundUp(min(mc, m), MR) * min(kc, k)) * sizeof<T>());
  const tile = workB + roundToLine(<usize>(roundUp(min(nc, n), NR<T>()) * min(kc, k)) * sizeof<T>());
  for (let j = 0; j < n; j += nc) {
    const columns = min(nc, n - j), jt = 4 * <usize>j;
    for (let p = 0; p < k; p += kc) {
      const depth = min(kc, k - p), pt = 4 * <usize>p;
      packPanels<T>(NR<T>(), columns, depth, b, bc + jt, br + pt, workB);
      for (let i = 0; i < m; i += mc) {
        const rows = min(mc, m - i), it = 4 * <usize>i;
        if (lower && i + rows <= j) continue;
        packPanels<T>(MR, rows, depth, a, ar + it, ac + pt, work);
        tiles<T>(rows, columns, depth, work, workB, adds || p > 0, c, cr + it, cc + jt, tile, lower ? i - j : FAR_BELOW);
      }
    }
  }
}

/** Bytes of workspace for one product. */
export function scatterWorkspace<T>(m: i32, n: i32, k: i32): usize {
  const kc = <usize>min(k, KC), mc = <usize>min(roundUp(m, MR), MC);
  const nc = <usize>min(roundUp(n, NR<T>()), columnsOfBlock<T>());
  return roundToLine(mc * kc * sizeof<T>()) + roundToLine(nc * kc * sizeof<T>()) + TILE_BYTES;
}
