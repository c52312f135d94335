// The lower triangle of C := alpha A B + beta C, C n x n: packed as gemm, without the tiles above the diagonal.
import { roundToLine, roundUp } from '../simd/lanes';
import { balanced, KC, MC, MR, NC, NR } from './blocking';
import { addTile, scale } from './gemm';
import { tilePacked } from './microkernel';
import { pack } from './pack';

/** The lower triangle of C := beta C; strides in elements. */
function scaleLower<T>(n: i32, beta: T, c: usize, rsc: i32, csc: i32): void {
  const rc = <usize>rsc * sizeof<T>(), cc = <usize>csc * sizeof<T>();
  for (let i = 0; i < n; i++) scale<T>(1, i + 1, beta, c + <usize>i * rc, rc, cc);
}

/** addTile on and below the diagonal, where row `above` of the tile meets its first column. */
function addLowerTile<T>(
  m: i32, n: i32, above: i32, tile: usize, beta: T, c: usize, rsc: usize, csc: usize,
): void {
  for (let i = max(0, above); i < m; i++) {
    addTile<T>(
      1, min(n, i - above + 1), tile + <usize>(i * NR<T>()) * sizeof<T>(), beta, c + <usize>i * rsc, rsc, csc,
    );
  }
}

/** The tiles of one packed block of A against one packed block of B that reach to the diagonal or below. */
function macrokernelLower<T>(
  m: i32, n: i32, k: i32, a: usize, b: usize, alpha: T, beta: T, c: usize, rsc: usize, csc: usize, tile: usize,
  below: i32,
): void {
  const nr = NR<T>();
  const panelA = <usize>(MR * k) * sizeof<T>(), panelB = <usize>(nr * k) * sizeof<T>();
  const contiguous = csc == sizeof<T>();
  for (let j = 0; j < n; j += nr) {
    const columns = min(nr, n - j);
    // The first tile whose last row is not above the diagonal.
    const first = max(0, ((j - below) / MR) * MR);
    let pa = a + <usize>(first / MR) * panelA;
    for (let i = first; i < m; i += MR) {
      const rows = min(MR, m - i), above = j - below - i;
      const pc = c + <usize>i * rsc + <usize>j * csc;
      if (contiguous && rows == MR && columns == nr && above <= 1 - nr) {
        tilePacked<T>(k, pa, b, alpha, beta, pc, rsc);
      } else {
        tilePacked<T>(k, pa, b, alpha, <T>0, tile, <usize>nr * sizeof<T>());
        addLowerTile<T>(rows, columns, above, tile, beta, pc, rsc, csc);
      }
      pa += panelA;
    }
    b += panelB;
  }
}

/** The lower triangle of C := alpha A B + beta C, C n x n; packed, strides in elements; nothing above the diagonal is touched. */
export function gemmLower<T>(
  n: i32, k: i32, alpha: T, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: T, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  if (n <= 0) return;
  if (k <= 0 || alpha == <T>0) return scaleLower<T>(n, beta, c, rsc, csc);
  const size = sizeof<T>();
  const kc = balanced(k, KC, 4), mc = balanced(n, MC, MR), nc = balanced(n, NC<T>(), NR<T>());
  const workB = work + roundToLine(<usize>roundUp(min(mc, n), MR) * <usize>min(kc, k) * size);
  const tile = workB + roundToLine(<usize>roundUp(min(nc, n), NR<T>()) * <usize>min(kc, k) * size);
  const ra = <usize>rsa * size, ca = <usize>csa * size, rb = <usize>rsb * size, cb = <usize>csb * size;
  const rc = <usize>rsc * size, cc = <usize>csc * size;
  for (let j = 0; j < n; j += nc) {
    const columns = min(nc, n - j);
    for (let p = 0; p < k; p += kc) {
      const depth = min(kc, k - p);
      pack<T>(NR<T>(), columns, depth, b + <usize>p * rb + <usize>j * cb, cb, rb, workB);
      const betaNow = p == 0 ? beta : <T>1;
      for (let i = j; i < n; i += mc) {
        const rows = min(mc, n - i);
        pack<T>(MR, rows, depth, a + <usize>i * ra + <usize>p * ca, ra, ca, work);
        macrokernelLower<T>(
          rows, min(columns, i - j + rows), depth, work, workB, alpha, betaNow, c + <usize>i * rc + <usize>j * cc, rc, cc,
          tile, i - j,
        );
      }
    }
  }
}
