// A P = Q R with the largest remaining column first (Businger and Golub, 1965), so that the diagonal of R falls and shows the rank.
// Unblocked, on a column-major copy; column norms are downdated, and computed anew where that would lose half the digits
// (Drmač and Bujanović, 2008).
import { larfg } from '../householder/reflector';
import { axpyContiguous } from '../level1/axpy';
import { dotContiguous } from '../level1/dot';
import { nrm2 } from '../level1/norms';
import { roundToLine } from '../simd/lanes';

/** Exchanges two columns of m contiguous elements. */
function swapColumns<T>(m: i32, x: usize, y: usize): void {
  for (let i = 0; i < m; i++) {
    const v = load<T>(x);
    store<T>(x, load<T>(y));
    store<T>(y, v);
    x += sizeof<T>();
    y += sizeof<T>();
  }
}

/** Applies I - tau v vᵀ to a column and downdates its norm; both vectors start at row j. */
function updateColumn<T>(m: i32, tau: T, v: usize, column: usize, norm: usize, original: usize): void {
  const size = sizeof<T>();
  axpyContiguous<T>(m, -tau * dotContiguous<T>(m, v, column), v, column);
  const old = load<T>(norm);
  if (old == <T>0) return;
  const share = abs<T>(load<T>(column)) / old;
  const left = max<T>(<T>0, (<T>1 - share) * (<T>1 + share));
  const sinceThen = old / load<T>(original);
  const tolerance: T = sizeof<T>() == 8 ? <T>1.4901161193847656e-8 : <T>3.4526698300124393e-4;
  if (left * sinceThen * sinceThen <= tolerance) {
    const exact = nrm2<T>(m - 1, column + size, 1);
    store<T>(norm, exact);
    store<T>(original, exact);
  } else store<T>(norm, old * sqrt<T>(left));
}

/** R and the reflectors over A (m x n), min(m, n) scalars in tau, and the order of the columns in p (n i32). */
export function geqp3<T>(m: i32, n: i32, a: usize, lda: i32, p: usize, tau: usize, work: usize): void {
  const size = sizeof<T>();
  const pitch = <usize>m * size;
  const norms = work + roundToLine(pitch * <usize>n), originals = norms + roundToLine(<usize>n * size);
  for (let j = 0; j < n; j++) {
    const column = work + <usize>j * pitch;
    for (let i = 0; i < m; i++) store<T>(column + <usize>i * size, load<T>(a + <usize>(i * lda + j) * size));
    const norm = nrm2<T>(m, column, 1);
    store<T>(norms + <usize>j * size, norm);
    store<T>(originals + <usize>j * size, norm);
    store<i32>(p + (<usize>j << 2), j);
  }
  for (let j = 0; j < min(m, n); j++) {
    let best = j;
    for (let l = j + 1; l < n; l++) {
      const norm = load<T>(norms + <usize>l * size), most = load<T>(norms + <usize>best * size);
      // A column with a NaN comes first.
      if (norm > most || (norm != norm && most == most)) best = l;
    }
    const column = work + <usize>j * pitch;
    if (best != j) {
      swapColumns<T>(m, column, work + <usize>best * pitch);
      store<T>(norms + <usize>best * size, load<T>(norms + <usize>j * size));
      store<T>(originals + <usize>best * size, load<T>(originals + <usize>j * size));
      const index = load<i32>(p + (<usize>j << 2));
      store<i32>(p + (<usize>j << 2), load<i32>(p + (<usize>best << 2)));
      store<i32>(p + (<usize>best << 2), index);
    }
    const v = column + <usize>j * size;
    const t = larfg<T>(m - j, v, v + size, 1);
    store<T>(tau + <usize>j * size, t);
    const beta = load<T>(v);
    store<T>(v, 1);
    for (let l = j + 1; l < n; l++) {
      updateColumn<T>(
        m - j, t, v, work + <usize>l * pitch + <usize>j * size, norms + <usize>l * size, originals + <usize>l * size,
      );
    }
    store<T>(v, beta);
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) store<T>(a + <usize>(i * lda + j) * size, load<T>(work + <usize>j * pitch + <usize>i * size));
  }
}

/** Bytes of workspace. */
export function pivotedQrWorkspace<T>(m: i32, n: i32): usize {
  return roundToLine(<usize>m * <usize>n * sizeof<T>()) + 2 * roundToLine(<usize>n * sizeof<T>());
}
