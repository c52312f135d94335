// A = Q R by Householder reflectors, blocked in the compact WY form; R on and above the diagonal of A (m x n, row-major), the
// vectors of the reflectors below it, their scalars in tau. Panels are factored on a column-major copy, which then is V.
import { axpyContiguous } from '../level1/axpy';
import { dotContiguous } from '../level1/dot';
import { larfb, larft } from '../householder/block';
import { larfg } from '../householder/reflector';
import { gemmWorkspace } from '../gemm/gemm';
import { roundToLine } from '../simd/lanes';

/** Columns of a panel. */
const NB: i32 = 32;

/** Elements from one column of V to the next: never a multiple of a page, or all of them would share cache sets. */
// @ts-ignore: decorator
@inline
function pitchOf(m: i32): i32 {
  return ((m + 15) & ~15) + 16;
}

/** Bytes of V, of T, and of larfb's two factors, in this order; then gemm's workspace. */
function vBytes<T>(m: i32): usize {
  return roundToLine(<usize>(pitchOf(m) * NB) * sizeof<T>());
}
function tBytes<T>(): usize {
  return roundToLine(<usize>(NB * NB) * sizeof<T>());
}
function wBytes<T>(n: i32): usize {
  return roundToLine(<usize>(2 * NB * n) * sizeof<T>());
}

/** Bytes of workspace for geqrf and orgqr on m x n. */
export function qrWorkspace<T>(m: i32, n: i32): usize {
  const widest = max(m, n);
  return vBytes<T>(m) + tBytes<T>() + wBytes<T>(widest) + gemmWorkspace<T>(widest, widest, max(NB, widest));
}

/** Elements of the two parts of qrWorkspace that grow with m and n. */
export function qrLeading(m: i32, n: i32): f64 {
  return <f64>NB * (<f64>m + 2 * <f64>max(m, n));
}

/** Copies k columns of A into columns at `v`, m elements each. */
function toColumns<T>(m: i32, k: i32, a: usize, lda: i32, v: usize): void {
  const ld = pitchOf(m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < k; j++) store<T>(v + <usize>(j * ld + i) * sizeof<T>(), load<T>(a + <usize>(i * lda + j) * sizeof<T>()));
  }
}

/** Copies them back. */
function fromColumns<T>(m: i32, k: i32, a: usize, lda: i32, v: usize): void {
  const ld = pitchOf(m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < k; j++) store<T>(a + <usize>(i * lda + j) * sizeof<T>(), load<T>(v + <usize>(j * ld + i) * sizeof<T>()));
  }
}

/** Factors a panel of k columns of m elements, unblocked. */
function panel<T>(m: i32, k: i32, v: usize, tau: usize): void {
  const size = sizeof<T>(), ld = pitchOf(m);
  for (let j = 0; j < min(m, k); j++) {
    const diagonal = v + <usize>(j * ld + j) * size;
    const t = larfg<T>(m - j, diagonal, diagonal + size, 1);
    store<T>(tau + <usize>j * size, t);
    if (t == <T>0) continue;
    const beta = load<T>(diagonal);
    store<T>(diagonal, 1);
    for (let l = j + 1; l < k; l++) {
      const column = v + <usize>(l * ld + j) * size;
      axpyContiguous<T>(m - j, -t * dotContiguous<T>(m - j, diagonal, column), diagonal, column);
    }
    store<T>(diagonal, beta);
  }
}

/** Makes the panel's columns the dense V: zeros above the diagonal, ones on it. */
function unitTrapezoid<T>(m: i32, k: i32, v: usize): void {
  for (let j = 0; j < k; j++) {
    const column = v + <usize>(j * pitchOf(m)) * sizeof<T>();
    memory.fill(column, 0, <usize>min(j, m) * sizeof<T>());
    if (j < m) store<T>(column + <usize>j * sizeof<T>(), 1);
  }
}

/** The factorization; min(m, n) scalars in tau. */
export function geqrf<T>(m: i32, n: i32, a: usize, lda: i32, tau: usize, work: usize): void {
  const size = sizeof<T>();
  const t = work + vBytes<T>(m), w = t + tBytes<T>(), gemmWork = w + wBytes<T>(max(m, n));
  const steps = min(m, n);
  for (let j = 0; j < steps; j += NB) {
    const k = min(NB, steps - j), rows = m - j, rest = n - j - k;
    const at = a + <usize>(j * lda + j) * size, tj = tau + <usize>j * size;
    toColumns<T>(rows, k, at, lda, work);
    panel<T>(rows, k, work, tj);
    fromColumns<T>(rows, k, at, lda, work);
    if (rest > 0) {
      unitTrapezoid<T>(rows, k, work);
      larft<T>(rows, k, work, 1, pitchOf(rows), tj, t, NB);
      larfb<T>(true, rows, rest, k, work, 1, pitchOf(rows), t, NB, at + <usize>k * size, lda, 1, w, gemmWork);
    }
  }
}

/** c := Q c or Qᵀ c for one contiguous vector, reflector by reflector: it has no use for T. */
function applyToVector<T>(transpose: bool, m: i32, k: i32, a: usize, lda: i32, tau: usize, c: usize, work: usize): void {
  const size = sizeof<T>();
  const blocks = (k + NB - 1) / NB;
  for (let s = 0; s < blocks; s++) {
    const first = (transpose ? s : blocks - 1 - s) * NB;
    const width = min(NB, k - first), rows = m - first, ld = pitchOf(rows);
    toColumns<T>(rows, width, a + <usize>(first * lda + first) * size, lda, work);
    for (let l = 0; l < width; l++) {
      const j = transpose ? l : width - 1 - l;
      const left = rows - j - 1;
      const t = load<T>(tau + <usize>(first + j) * size);
      if (t == <T>0) continue;
      const v = work + <usize>(j * ld + j + 1) * size, top = c + <usize>(first + j) * size, below = top + size;
      const share = -t * (load<T>(top) + dotContiguous<T>(left, v, below));
      store<T>(top, load<T>(top) + share);
      axpyContiguous<T>(left, share, v, below);
    }
  }
}

/** C := Q C or Qᵀ C, C m x n with any strides, Q of k reflectors below the diagonal of A (m x k). */
export function ormqr<T>(
  transpose: bool, m: i32, n: i32, k: i32, a: usize, lda: i32, tau: usize, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  if (n == 1 && rsc == 1) return applyToVector<T>(transpose, m, k, a, lda, tau, c, work);
  const size = sizeof<T>();
  const t = work + vBytes<T>(m), w = t + tBytes<T>(), gemmWork = w + wBytes<T>(max(m, n));
  const blocks = (k + NB - 1) / NB;
  for (let s = 0; s < blocks; s++) {
    const j = (transpose ? s : blocks - 1 - s) * NB;
    const width = min(NB, k - j), rows = m - j;
    toColumns<T>(rows, width, a + <usize>(j * lda + j) * size, lda, work);
    unitTrapezoid<T>(rows, width, work);
    larft<T>(rows, width, work, 1, pitchOf(rows), tau + <usize>j * size, t, NB);
    larfb<T>(transpose, rows, n, width, work, 1, pitchOf(rows), t, NB, c + <usize>(j * rsc) * size, rsc, csc, w, gemmWork);
  }
}

/** The first `columns` columns of Q (k <= columns <= m) into q (m x columns, row-major). */
export function orgqr<T>(
  m: i32, columns: i32, k: i32, a: usize, lda: i32, tau: usize, q: usize, ldq: i32, work: usize,
): void {
  const size = sizeof<T>();
  for (let i = 0; i < m; i++) {
    memory.fill(q + <usize>(i * ldq) * size, 0, <usize>columns * size);
    if (i < columns) store<T>(q + <usize>(i * ldq + i) * size, 1);
  }
  const t = work + vBytes<T>(m), w = t + tBytes<T>(), gemmWork = w + wBytes<T>(max(m, columns));
  const blocks = (k + NB - 1) / NB;
  for (let s = blocks - 1; s >= 0; s--) {
    const j = s * NB;
    const width = min(NB, k - j), rows = m - j;
    toColumns<T>(rows, width, a + <usize>(j * lda + j) * size, lda, work);
    unitTrapezoid<T>(rows, width, work);
    larft<T>(rows, width, work, 1, pitchOf(rows), tau + <usize>j * size, t, NB);
    // Before this block is applied, its rows and columns of Q are those of the identity: only the corner from (j, j) changes.
    larfb<T>(
      false, rows, columns - j, width, work, 1, pitchOf(rows), t, NB, q + <usize>(j * ldq + j) * size, ldq, 1, w, gemmWork,
    );
  }
}
