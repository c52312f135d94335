// The factorizations and the triangular kernels as they leave the module. Matrices are row-major with a leading dimension
// where no strides are named; `lower`, `unit` and `transpose` are 0 or 1.
export * from './verbs';
import { trsm } from '../level3/trsm';
import { potrf } from './cholesky';
import { getrf, luWorkspace, rowOrder } from './lu';
import { cholupdate } from './update';
import { geqp3, pivotedQrWorkspace } from './pivoted-qr';
import { geqrf, orgqr, ormqr, qrLeading, qrWorkspace } from './qr';
import { positiveDiagonal } from './signs';
import { getrs, potrs, triangle } from './solve';
import { level3Workspace } from './workspace';
import { unwrapped } from '../simd/lanes';

/** Bytes of workspace for trsm, trmm, syrk and potrf on operands of at most m x n x k. */
export function level3_f64_work(m: i32, n: i32, k: i32): usize {
  return level3Workspace<f64>(m, n, k);
}
/** Cholesky of `batch` matrices, `stride` elements apart; infos receives one i32 each. */
export function potrf_f64(batch: i32, n: i32, a: usize, lda: i32, stride: i32, infos: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    store<i32>(infos + (<usize>i << 2), potrf<f64>(n, a, lda, work));
    a += <usize>stride * sizeof<f64>();
  }
}
/** LU of `batch` matrices; pivots receives min(m, n) i32 each, infos one. */
export function getrf_f64(
  batch: i32, m: i32, n: i32, a: usize, lda: i32, stride: i32, pivots: usize, infos: usize, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    store<i32>(infos + (<usize>i << 2), getrf<f64>(m, n, a, lda, pivots, work));
    a += <usize>stride * sizeof<f64>();
    pivots += <usize>min(m, n) << 2;
  }
}
export function getrf_f64_work(m: i32, n: i32): usize {
  return unwrapped(luWorkspace<f64>(m, n), 16 * <f64>m * sizeof<f64>());
}
/** The order of m rows that each list of k exchanges makes: m i32 per list. */
export function row_orders(batch: i32, m: i32, k: i32, pivots: usize, orders: usize): void {
  for (let i = 0; i < batch; i++) {
    rowOrder(m, k, pivots, orders);
    pivots += <usize>k << 2;
    orders += <usize>m << 2;
  }
}
/** QR of `batch` matrices; taus receives min(m, n) scalars each. */
export function geqrf_f64(
  batch: i32, m: i32, n: i32, a: usize, lda: i32, stride: i32, taus: usize, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    geqrf<f64>(m, n, a, lda, taus, work);
    a += <usize>stride * sizeof<f64>();
    taus += <usize>min(m, n) * sizeof<f64>();
  }
}
/** Q's first `columns` columns from `batch` factorizations of k reflectors. */
export function orgqr_f64(
  batch: i32, m: i32, columns: i32, k: i32, a: usize, lda: i32, stride: i32, taus: usize,
  q: usize, ldq: i32, strideq: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    orgqr<f64>(m, columns, k, a, lda, taus, q, ldq, work);
    a += <usize>stride * sizeof<f64>();
    q += <usize>strideq * sizeof<f64>();
    taus += <usize>k * sizeof<f64>();
  }
}
export function ormqr_f64(
  transpose: i32, m: i32, n: i32, k: i32, a: usize, lda: i32, tau: usize, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  ormqr<f64>(transpose != 0, m, n, k, a, lda, tau, c, rsc, csc, work);
}
/** Bytes of workspace for geqrf, orgqr and ormqr where no operand has an extent above m or n. */
export function qr_f64_work(m: i32, n: i32): usize {
  return unwrapped(qrWorkspace<f64>(m, n), qrLeading(m, n) * sizeof<f64>());
}
/** Q (m x k) and R (k x n) of `batch` factorizations, dense, with the diagonal of R not negative; `work`: k elements. */
export function positive_diagonal_f64(batch: i32, m: i32, n: i32, k: i32, q: usize, r: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    positiveDiagonal<f64>(m, n, k, q, r, work);
    q += <usize>m * <usize>k * sizeof<f64>();
    r += <usize>k * <usize>n * sizeof<f64>();
  }
}

/** Bytes of workspace for trsm, trmm, syrk and potrf on operands of at most m x n x k. */
export function level3_f32_work(m: i32, n: i32, k: i32): usize {
  return level3Workspace<f32>(m, n, k);
}
/** Cholesky of `batch` matrices, `stride` elements apart; infos receives one i32 each. */
export function potrf_f32(batch: i32, n: i32, a: usize, lda: i32, stride: i32, infos: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    store<i32>(infos + (<usize>i << 2), potrf<f32>(n, a, lda, work));
    a += <usize>stride * sizeof<f32>();
  }
}
/** LU of `batch` matrices; pivots receives min(m, n) i32 each, infos one. */
export function getrf_f32(
  batch: i32, m: i32, n: i32, a: usize, lda: i32, stride: i32, pivots: usize, infos: usize, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    store<i32>(infos + (<usize>i << 2), getrf<f32>(m, n, a, lda, pivots, work));
    a += <usize>stride * sizeof<f32>();
    pivots += <usize>min(m, n) << 2;
  }
}
export function getrf_f32_work(m: i32, n: i32): usize {
  return unwrapped(luWorkspace<f32>(m, n), 16 * <f64>m * sizeof<f32>());
}
/** QR of `batch` matrices; taus receives min(m, n) scalars each. */
export function geqrf_f32(
  batch: i32, m: i32, n: i32, a: usize, lda: i32, stride: i32, taus: usize, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    geqrf<f32>(m, n, a, lda, taus, work);
    a += <usize>stride * sizeof<f32>();
    taus += <usize>min(m, n) * sizeof<f32>();
  }
}
/** Q's first `columns` columns from `batch` factorizations of k reflectors. */
export function orgqr_f32(
  batch: i32, m: i32, columns: i32, k: i32, a: usize, lda: i32, stride: i32, taus: usize,
  q: usize, ldq: i32, strideq: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    orgqr<f32>(m, columns, k, a, lda, taus, q, ldq, work);
    a += <usize>stride * sizeof<f32>();
    q += <usize>strideq * sizeof<f32>();
    taus += <usize>k * sizeof<f32>();
  }
}
export function ormqr_f32(
  transpose: i32, m: i32, n: i32, k: i32, a: usize, lda: i32, tau: usize, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  ormqr<f32>(transpose != 0, m, n, k, a, lda, tau, c, rsc, csc, work);
}
/** Bytes of workspace for geqrf, orgqr and ormqr where no operand has an extent above m or n. */
export function qr_f32_work(m: i32, n: i32): usize {
  return unwrapped(qrWorkspace<f32>(m, n), qrLeading(m, n) * sizeof<f32>());
}
/** Q (m x k) and R (k x n) of `batch` factorizations, dense, with the diagonal of R not negative; `work`: k elements. */
export function positive_diagonal_f32(batch: i32, m: i32, n: i32, k: i32, q: usize, r: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    positiveDiagonal<f32>(m, n, k, q, r, work);
    q += <usize>m * <usize>k * sizeof<f32>();
    r += <usize>k * <usize>n * sizeof<f32>();
  }
}

/** Solves `batch` systems from getrf; stridea, stridep and strideb in elements of lu, pivots and b. */
export function getrs_f64(
  batch: i32, transpose: i32, n: i32, nrhs: i32, lu: usize, lda: i32, stridea: i32, pivots: usize, stridep: i32,
  b: usize, rsb: i32, csb: i32, strideb: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    getrs<f64>(transpose != 0, n, nrhs, lu, lda, pivots, b, rsb, csb, work);
    lu += <usize>stridea * sizeof<f64>();
    pivots += <usize>stridep << 2;
    b += <usize>strideb * sizeof<f64>();
  }
}
/** Solves `batch` systems from potrf. */
export function potrs_f64(
  batch: i32, n: i32, nrhs: i32, l: usize, lda: i32, stridea: i32, b: usize, rsb: i32, csb: i32, strideb: i32,
  work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    potrs<f64>(n, nrhs, l, lda, b, rsb, csb, work);
    l += <usize>stridea * sizeof<f64>();
    b += <usize>strideb * sizeof<f64>();
  }
}
/** Solves `batch` triangular systems. */
export function trtrs_f64(
  batch: i32, lower: i32, unit: i32, n: i32, nrhs: i32, a: usize, rsa: i32, csa: i32, stridea: i32,
  b: usize, rsb: i32, csb: i32, strideb: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    trsm<f64>(lower != 0, unit != 0, n, nrhs, a, rsa, csa, b, rsb, csb, work);
    a += <usize>stridea * sizeof<f64>();
    b += <usize>strideb * sizeof<f64>();
  }
}
/** Copies the lower or upper triangle of `batch` matrices, zeros elsewhere; out may be a itself. */
export function triangle_f64(
  batch: i32, lower: i32, unit: i32, m: i32, n: i32, a: usize, lda: i32, stridea: i32, out: usize, ldo: i32,
  strideo: i32,
): void {
  for (let i = 0; i < batch; i++) {
    triangle<f64>(lower != 0, unit != 0, m, n, a, lda, out, ldo);
    a += <usize>stridea * sizeof<f64>();
    out += <usize>strideo * sizeof<f64>();
  }
}

/** Solves `batch` systems from getrf; stridea, stridep and strideb in elements of lu, pivots and b. */
export function getrs_f32(
  batch: i32, transpose: i32, n: i32, nrhs: i32, lu: usize, lda: i32, stridea: i32, pivots: usize, stridep: i32,
  b: usize, rsb: i32, csb: i32, strideb: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    getrs<f32>(transpose != 0, n, nrhs, lu, lda, pivots, b, rsb, csb, work);
    lu += <usize>stridea * sizeof<f32>();
    pivots += <usize>stridep << 2;
    b += <usize>strideb * sizeof<f32>();
  }
}
/** Solves `batch` systems from potrf. */
export function potrs_f32(
  batch: i32, n: i32, nrhs: i32, l: usize, lda: i32, stridea: i32, b: usize, rsb: i32, csb: i32, strideb: i32,
  work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    potrs<f32>(n, nrhs, l, lda, b, rsb, csb, work);
    l += <usize>stridea * sizeof<f32>();
    b += <usize>strideb * sizeof<f32>();
  }
}
/** Solves `batch` triangular systems. */
export function trtrs_f32(
  batch: i32, lower: i32, unit: i32, n: i32, nrhs: i32, a: usize, rsa: i32, csa: i32, stridea: i32,
  b: usize, rsb: i32, csb: i32, strideb: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    trsm<f32>(lower != 0, unit != 0, n, nrhs, a, rsa, csa, b, rsb, csb, work);
    a += <usize>stridea * sizeof<f32>();
    b += <usize>strideb * sizeof<f32>();
  }
}
/** Copies the lower or upper triangle of `batch` matrices, zeros elsewhere; out may be a itself. */
export function triangle_f32(
  batch: i32, lower: i32, unit: i32, m: i32, n: i32, a: usize, lda: i32, stridea: i32, out: usize, ldo: i32,
  strideo: i32,
): void {
  for (let i = 0; i < batch; i++) {
    triangle<f32>(lower != 0, unit != 0, m, n, a, lda, out, ldo);
    a += <usize>stridea * sizeof<f32>();
    out += <usize>strideo * sizeof<f32>();
  }
}

/** Rank-one update (or downdate) of a Cholesky factor; destroys x. 0, or the number from 1 of the pivot that failed. */
export function cholupdate_f64(downdate: i32, n: i32, l: usize, lda: i32, x: usize, incx: i32): i32 {
  return cholupdate<f64>(downdate != 0, n, l, lda, x, incx);
}

/** Rank-one update (or downdate) of a Cholesky factor; destroys x. 0, or the number from 1 of the pivot that failed. */
export function cholupdate_f32(downdate: i32, n: i32, l: usize, lda: i32, x: usize, incx: i32): i32 {
  return cholupdate<f32>(downdate != 0, n, l, lda, x, incx);
}

/** QR with column pivoting of `batch` matrices; orders receives n i32 each, taus min(m, n) scalars. */
export function geqp3_f64(
  batch: i32, m: i32, n: i32, a: usize, lda: i32, stride: i32, orders: usize, taus: usize, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    geqp3<f64>(m, n, a, lda, orders, taus, work);
    a += <usize>stride * sizeof<f64>();
    orders += <usize>n << 2;
    taus += <usize>min(m, n) * sizeof<f64>();
  }
}
export function geqp3_f64_work(m: i32, n: i32): usize {
  return unwrapped(pivotedQrWorkspace<f64>(m, n), (<f64>m + 2) * <f64>n * sizeof<f64>());
}

/** QR with column pivoting of `batch` matrices; orders receives n i32 each, taus min(m, n) scalars. */
export function geqp3_f32(
  batch: i32, m: i32, n: i32, a: usize, lda: i32, stride: i32, orders: usize, taus: usize, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    geqp3<f32>(m, n, a, lda, orders, taus, work);
    a += <usize>stride * sizeof<f32>();
    orders += <usize>n << 2;
    taus += <usize>min(m, n) * sizeof<f32>();
  }
}
export function geqp3_f32_work(m: i32, n: i32): usize {
  return unwrapped(pivotedQrWorkspace<f32>(m, n), (<f64>m + 2) * <f64>n * sizeof<f32>());
}
