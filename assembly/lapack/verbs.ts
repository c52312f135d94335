// What a factored stack can do besides solving, as it leaves the module: the same verbs for potrf, getrf and geqrf. `batch` matrices
// n x n, dense, one after the other, and so are pivots, taus and results. `form`: 0 the sign, 1 ln | |, 2 the value; see determinant.ts.
import { conditionWorkspace, DONE, estimateOf, hasZero, next, reciprocal, SOLVE_TRANSPOSE, start, vectorOf } from './condition';
import { determinant, oddExchanges, oddReflectors } from './determinant';
import { inverseFromCholesky, inverseFromLu } from './inverse';
import { norm1 } from './norm1';
import { fromCholesky, fromLu, fromQr, identity } from './reconstruct';
import { qrLeading, qrWorkspace } from './qr';
import { geqrs, getrs, potrs } from './solve';
import { level3Workspace } from './workspace';
import { unwrapped } from '../simd/lanes';

// @ts-ignore: decorator
@inline
function matrixBytes<T>(n: i32): usize {
  return <usize>n * <usize>n * sizeof<T>();
}

// The loops over a stack, generic in the element type; their typed names follow.

function geqrsAll<T>(
  batch: i32, transpose: bool, n: i32, nrhs: i32, a: usize, lda: i32, stridea: i32, taus: usize, stridet: i32,
  b: usize, rsb: i32, csb: i32, strideb: i32, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    geqrs<T>(transpose, n, nrhs, a, lda, taus, b, rsb, csb, work);
    a += <usize>stridea * sizeof<T>();
    taus += <usize>stridet * sizeof<T>();
    b += <usize>strideb * sizeof<T>();
  }
}
function geqrsWork<T>(n: i32, nrhs: i32): usize {
  return max(qrWorkspace<T>(n, nrhs), level3Workspace<T>(n, nrhs, n));
}
function zeroPivots<T>(batch: i32, n: i32, a: usize, infos: usize): void {
  for (let i = 0; i < batch; i++) {
    let info = 0;
    for (let j = n; j > 0; j--) if (load<T>(a + <usize>(j - 1) * (<usize>n + 1) * sizeof<T>()) == <T>0) info = j;
    store<i32>(infos + (<usize>i << 2), info);
    a += matrixBytes<T>(n);
  }
}
function norms<T>(batch: i32, n: i32, a: usize, symmetric: bool, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    store<T>(out + <usize>i * sizeof<T>(), norm1<T>(n, a, symmetric, work));
    a += matrixBytes<T>(n);
  }
}

function potrfDet<T>(batch: i32, n: i32, a: usize, form: i32, out: usize): void {
  for (let i = 0; i < batch; i++) {
    store<T>(out + <usize>i * sizeof<T>(), determinant<T>(n, a, n + 1, false, true, form));
    a += matrixBytes<T>(n);
  }
}
function getrfDet<T>(batch: i32, n: i32, a: usize, pivots: usize, form: i32, out: usize): void {
  for (let i = 0; i < batch; i++) {
    store<T>(out + <usize>i * sizeof<T>(), determinant<T>(n, a, n + 1, oddExchanges(n, pivots), false, form));
    a += matrixBytes<T>(n);
    pivots += <usize>n << 2;
  }
}
function geqrfDet<T>(batch: i32, n: i32, a: usize, taus: usize, form: i32, out: usize): void {
  for (let i = 0; i < batch; i++) {
    store<T>(out + <usize>i * sizeof<T>(), determinant<T>(n, a, n + 1, oddReflectors<T>(n, taus), false, form));
    a += matrixBytes<T>(n);
    taus += <usize>n * sizeof<T>();
  }
}

function potrfInverse<T>(batch: i32, n: i32, a: usize, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    inverseFromCholesky<T>(n, a, out, work);
    a += matrixBytes<T>(n);
    out += matrixBytes<T>(n);
  }
}
function getrfInverse<T>(batch: i32, n: i32, a: usize, pivots: usize, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    inverseFromLu<T>(n, a, pivots, out, work);
    a += matrixBytes<T>(n);
    pivots += <usize>n << 2;
    out += matrixBytes<T>(n);
  }
}
function geqrfInverse<T>(batch: i32, n: i32, a: usize, taus: usize, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    identity<T>(n, out);
    geqrs<T>(false, n, n, a, n, taus, out, n, 1, work);
    a += matrixBytes<T>(n);
    taus += <usize>n * sizeof<T>();
    out += matrixBytes<T>(n);
  }
}

function potrfReconstruct<T>(batch: i32, n: i32, a: usize, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    fromCholesky<T>(n, a, out, work);
    a += matrixBytes<T>(n);
    out += matrixBytes<T>(n);
  }
}
function getrfReconstruct<T>(batch: i32, n: i32, a: usize, pivots: usize, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    fromLu<T>(n, a, pivots, out, work);
    a += matrixBytes<T>(n);
    pivots += <usize>n << 2;
    out += matrixBytes<T>(n);
  }
}
function geqrfReconstruct<T>(batch: i32, n: i32, a: usize, taus: usize, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    fromQr<T>(n, a, taus, out, work);
    a += matrixBytes<T>(n);
    taus += <usize>n * sizeof<T>();
    out += matrixBytes<T>(n);
  }
}

function potrfRcond<T>(batch: i32, n: i32, a: usize, norms: usize, out: usize, work: usize): void {
  const x = vectorOf(work), rest = work + conditionWorkspace<T>(n);
  for (let i: usize = 0; i < <usize>batch * sizeof<T>(); i += sizeof<T>()) {
    if (n > 0) {
      start(work);
      // A⁻¹ is symmetric: both questions have one answer.
      while (next<T>(n, work) != DONE) potrs<T>(n, 1, a, n, x, 1, 1, rest);
    }
    store<T>(out + i, reciprocal<T>(n, load<T>(norms + i), false, estimateOf(work)));
    a += matrixBytes<T>(n);
  }
}
function getrfRcond<T>(batch: i32, n: i32, a: usize, pivots: usize, norms: usize, out: usize, work: usize): void {
  const x = vectorOf(work), rest = work + conditionWorkspace<T>(n);
  for (let i: usize = 0; i < <usize>batch * sizeof<T>(); i += sizeof<T>()) {
    const singular = hasZero<T>(n, a, n + 1);
    if (n > 0 && !singular) {
      start(work);
      for (let what = next<T>(n, work); what != DONE; what = next<T>(n, work)) {
        getrs<T>(what == SOLVE_TRANSPOSE, n, 1, a, n, pivots, x, 1, 1, rest);
      }
    }
    store<T>(out + i, reciprocal<T>(n, load<T>(norms + i), singular, estimateOf(work)));
    a += matrixBytes<T>(n);
    pivots += <usize>n << 2;
  }
}
function geqrfRcond<T>(batch: i32, n: i32, a: usize, taus: usize, norms: usize, out: usize, work: usize): void {
  const x = vectorOf(work), rest = work + conditionWorkspace<T>(n);
  for (let i: usize = 0; i < <usize>batch * sizeof<T>(); i += sizeof<T>()) {
    const singular = hasZero<T>(n, a, n + 1);
    if (n > 0 && !singular) {
      start(work);
      for (let what = next<T>(n, work); what != DONE; what = next<T>(n, work)) {
        geqrs<T>(what == SOLVE_TRANSPOSE, n, 1, a, n, taus, x, 1, 1, rest);
      }
    }
    store<T>(out + i, reciprocal<T>(n, load<T>(norms + i), singular, estimateOf(work)));
    a += matrixBytes<T>(n);
    taus += <usize>n * sizeof<T>();
  }
}

/** Solves `batch` systems from geqrf; strides in elements. */
export function geqrs_f64(
  batch: i32, transpose: i32, n: i32, nrhs: i32, a: usize, lda: i32, stridea: i32, taus: usize, stridet: i32,
  b: usize, rsb: i32, csb: i32, strideb: i32, work: usize,
): void {
  geqrsAll<f64>(batch, transpose != 0, n, nrhs, a, lda, stridea, taus, stridet, b, rsb, csb, strideb, work);
}
export function geqrs_f64_work(n: i32, nrhs: i32): usize {
  return unwrapped(geqrsWork<f64>(n, nrhs), qrLeading(n, nrhs) * sizeof<f64>());
}
/** infos: the number (from 1) of the first zero on each diagonal, or 0. */
export function zero_pivots_f64(batch: i32, n: i32, a: usize, infos: usize): void {
  zeroPivots<f64>(batch, n, a, infos);
}
/** ||A||_1, for `symmetric` of what the lower triangle means; `work`: n elements. */
export function norm1_f64(batch: i32, n: i32, a: usize, symmetric: i32, out: usize, work: usize): void {
  norms<f64>(batch, n, a, symmetric != 0, out, work);
}
export function potrf_det_f64(batch: i32, n: i32, l: usize, form: i32, out: usize): void {
  potrfDet<f64>(batch, n, l, form, out);
}
export function getrf_det_f64(batch: i32, n: i32, lu: usize, pivots: usize, form: i32, out: usize): void {
  getrfDet<f64>(batch, n, lu, pivots, form, out);
}
export function geqrf_det_f64(batch: i32, n: i32, a: usize, taus: usize, form: i32, out: usize): void {
  geqrfDet<f64>(batch, n, a, taus, form, out);
}
/** `work` of the inverses as for n right sides. */
export function potrf_inverse_f64(batch: i32, n: i32, l: usize, out: usize, work: usize): void {
  potrfInverse<f64>(batch, n, l, out, work);
}
export function getrf_inverse_f64(batch: i32, n: i32, lu: usize, pivots: usize, out: usize, work: usize): void {
  getrfInverse<f64>(batch, n, lu, pivots, out, work);
}
export function geqrf_inverse_f64(batch: i32, n: i32, a: usize, taus: usize, out: usize, work: usize): void {
  geqrfInverse<f64>(batch, n, a, taus, out, work);
}
/** `work` as for the inverses. */
export function potrf_reconstruct_f64(batch: i32, n: i32, l: usize, out: usize, work: usize): void {
  potrfReconstruct<f64>(batch, n, l, out, work);
}
export function getrf_reconstruct_f64(batch: i32, n: i32, lu: usize, pivots: usize, out: usize, work: usize): void {
  getrfReconstruct<f64>(batch, n, lu, pivots, out, work);
}
export function geqrf_reconstruct_f64(batch: i32, n: i32, a: usize, taus: usize, out: usize, work: usize): void {
  geqrfReconstruct<f64>(batch, n, a, taus, out, work);
}
/** Reciprocal conditions from the norms of A. */
export function potrf_rcond_f64(batch: i32, n: i32, l: usize, norms: usize, out: usize, work: usize): void {
  potrfRcond<f64>(batch, n, l, norms, out, work);
}
export function getrf_rcond_f64(batch: i32, n: i32, lu: usize, pivots: usize, norms: usize, out: usize, work: usize): void {
  getrfRcond<f64>(batch, n, lu, pivots, norms, out, work);
}
export function geqrf_rcond_f64(batch: i32, n: i32, a: usize, taus: usize, norms: usize, out: usize, work: usize): void {
  geqrfRcond<f64>(batch, n, a, taus, norms, out, work);
}
/** Bytes of workspace for any rcond. */
export function rcond_f64_work(n: i32): usize {
  return conditionWorkspace<f64>(n) + geqrsWork<f64>(n, 1);
}

/** Solves `batch` systems from geqrf; strides in elements. */
export function geqrs_f32(
  batch: i32, transpose: i32, n: i32, nrhs: i32, a: usize, lda: i32, stridea: i32, taus: usize, stridet: i32,
  b: usize, rsb: i32, csb: i32, strideb: i32, work: usize,
): void {
  geqrsAll<f32>(batch, transpose != 0, n, nrhs, a, lda, stridea, taus, stridet, b, rsb, csb, strideb, work);
}
export function geqrs_f32_work(n: i32, nrhs: i32): usize {
  return unwrapped(geqrsWork<f32>(n, nrhs), qrLeading(n, nrhs) * sizeof<f32>());
}
/** infos: the number (from 1) of the first zero on each diagonal, or 0. */
export function zero_pivots_f32(batch: i32, n: i32, a: usize, infos: usize): void {
  zeroPivots<f32>(batch, n, a, infos);
}
/** ||A||_1, for `symmetric` of what the lower triangle means; `work`: n elements. */
export function norm1_f32(batch: i32, n: i32, a: usize, symmetric: i32, out: usize, work: usize): void {
  norms<f32>(batch, n, a, symmetric != 0, out, work);
}
export function potrf_det_f32(batch: i32, n: i32, l: usize, form: i32, out: usize): void {
  potrfDet<f32>(batch, n, l, form, out);
}
export function getrf_det_f32(batch: i32, n: i32, lu: usize, pivots: usize, form: i32, out: usize): void {
  getrfDet<f32>(batch, n, lu, pivots, form, out);
}
export function geqrf_det_f32(batch: i32, n: i32, a: usize, taus: usize, form: i32, out: usize): void {
  geqrfDet<f32>(batch, n, a, taus, form, out);
}
/** `work` of the inverses as for n right sides. */
export function potrf_inverse_f32(batch: i32, n: i32, l: usize, out: usize, work: usize): void {
  potrfInverse<f32>(batch, n, l, out, work);
}
export function getrf_inverse_f32(batch: i32, n: i32, lu: usize, pivots: usize, out: usize, work: usize): void {
  getrfInverse<f32>(batch, n, lu, pivots, out, work);
}
export function geqrf_inverse_f32(batch: i32, n: i32, a: usize, taus: usize, out: usize, work: usize): void {
  geqrfInverse<f32>(batch, n, a, taus, out, work);
}
/** `work` as for the inverses. */
export function potrf_reconstruct_f32(batch: i32, n: i32, l: usize, out: usize, work: usize): void {
  potrfReconstruct<f32>(batch, n, l, out, work);
}
export function getrf_reconstruct_f32(batch: i32, n: i32, lu: usize, pivots: usize, out: usize, work: usize): void {
  getrfReconstruct<f32>(batch, n, lu, pivots, out, work);
}
export function geqrf_reconstruct_f32(batch: i32, n: i32, a: usize, taus: usize, out: usize, work: usize): void {
  geqrfReconstruct<f32>(batch, n, a, taus, out, work);
}
/** Reciprocal conditions from the norms of A. */
export function potrf_rcond_f32(batch: i32, n: i32, l: usize, norms: usize, out: usize, work: usize): void {
  potrfRcond<f32>(batch, n, l, norms, out, work);
}
export function getrf_rcond_f32(batch: i32, n: i32, lu: usize, pivots: usize, norms: usize, out: usize, work: usize): void {
  getrfRcond<f32>(batch, n, lu, pivots, norms, out, work);
}
export function geqrf_rcond_f32(batch: i32, n: i32, a: usize, taus: usize, norms: usize, out: usize, work: usize): void {
  geqrfRcond<f32>(batch, n, a, taus, norms, out, work);
}
/** Bytes of workspace for any rcond. */
export function rcond_f32_work(n: i32): usize {
  return conditionWorkspace<f32>(n) + geqrsWork<f32>(n, 1);
}
