// The symmetric indefinite factorization as it leaves the module.
import { sytrf, sytrfWorkspace } from './factor';
import { sytrs, sytrsWorkspace } from './solve';
import { unwrapped } from '../simd/lanes';
import {
  norms, sytrfDet, sytrfInverse, sytrfRcond, sytrfRcondWork, sytrfReconstruct, sytrfReconstructWork,
} from './verbs';

/** `batch` matrices n x n one after the other, with e and perm (n each) and infos (an i32 each); see factor.ts. */
export function sytrf_f64(batch: i32, n: i32, a: usize, e: usize, perm: usize, infos: usize, work: usize): void {
  sytrfAll<f64>(batch, n, a, e, perm, infos, work);
}
export function sytrf_f32(batch: i32, n: i32, a: usize, e: usize, perm: usize, infos: usize, work: usize): void {
  sytrfAll<f32>(batch, n, a, e, perm, infos, work);
}
function sytrfAll<T>(batch: i32, n: i32, a: usize, e: usize, perm: usize, infos: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    store<i32>(infos + <usize>i * 4, sytrf<T>(n, a, n, e, perm, work));
    a += <usize>n * <usize>n * sizeof<T>();
    e += <usize>n * sizeof<T>();
    perm += <usize>n * 4;
  }
}
/** Bytes of workspace for sytrf, whatever the batch. */
export function sytrf_f64_work(n: i32): usize {
  return sytrfWorkspace<f64>(n);
}
export function sytrf_f32_work(n: i32): usize {
  return sytrfWorkspace<f32>(n);
}

/**
 * X over B for `batch` systems, n x m each; factored matrices `step` matrices apart (0: all systems have one), right sides `stepb`
 * apart. See solve.ts.
 */
export function sytrs_f64(
  batch: i32, n: i32, m: i32, a: usize, e: usize, perm: usize, step: i32, b: usize, stepb: i32, work: usize,
): void {
  sytrsAll<f64>(batch, n, m, a, e, perm, step, b, stepb, work);
}
export function sytrs_f32(
  batch: i32, n: i32, m: i32, a: usize, e: usize, perm: usize, step: i32, b: usize, stepb: i32, work: usize,
): void {
  sytrsAll<f32>(batch, n, m, a, e, perm, step, b, stepb, work);
}
function sytrsAll<T>(
  batch: i32, n: i32, m: i32, a: usize, e: usize, perm: usize, step: i32, b: usize, stepb: i32, work: usize,
): void {
  const rows = <usize>step * <usize>n;
  for (let i = 0; i < batch; i++) {
    sytrs<T>(n, m, a, n, e, perm, b, work);
    b += <usize>stepb * <usize>n * <usize>m * sizeof<T>();
    a += rows * <usize>n * sizeof<T>();
    e += rows * sizeof<T>();
    perm += rows * 4;
  }
}
/** Bytes of workspace for sytrs, whatever the batch. */
export function sytrs_f64_work(n: i32, m: i32): usize {
  return unwrapped(sytrsWorkspace<f64>(n, m), <f64>n * <f64>m * sizeof<f64>());
}
export function sytrs_f32_work(n: i32, m: i32): usize {
  return unwrapped(sytrsWorkspace<f32>(n, m), <f64>n * <f64>m * sizeof<f32>());
}

/** ||A||_1 of what the lower triangles mean; `work`: n elements. */
export function sytrf_norm1_f64(batch: i32, n: i32, a: usize, out: usize, work: usize): void {
  norms<f64>(batch, n, a, out, work);
}
/** Determinants; `form`: 0 the sign, 1 ln | |, 2 the value. `work`: n elements. */
export function sytrf_det_f64(batch: i32, n: i32, a: usize, e: usize, form: i32, out: usize, work: usize): void {
  sytrfDet<f64>(batch, n, a, e, form, out, work);
}
/** Inverses; `work` as sytrs for n right sides. */
export function sytrf_inverse_f64(batch: i32, n: i32, a: usize, e: usize, perm: usize, out: usize, work: usize): void {
  sytrfInverse<f64>(batch, n, a, e, perm, out, work);
}
/** Pᵀ L D Lᵀ P. */
export function sytrf_reconstruct_f64(
  batch: i32, n: i32, a: usize, e: usize, perm: usize, out: usize, work: usize,
): void {
  sytrfReconstruct<f64>(batch, n, a, e, perm, out, work);
}
export function sytrf_reconstruct_f64_work(n: i32): usize {
  return unwrapped(sytrfReconstructWork<f64>(n), <f64>n * <f64>n * sizeof<f64>());
}
/** Reciprocal conditions from the norms of A. */
export function sytrf_rcond_f64(
  batch: i32, n: i32, a: usize, e: usize, perm: usize, norms: usize, out: usize, work: usize,
): void {
  sytrfRcond<f64>(batch, n, a, e, perm, norms, out, work);
}
export function sytrf_rcond_f64_work(n: i32): usize {
  return sytrfRcondWork<f64>(n);
}

/** ||A||_1 of what the lower triangles mean; `work`: n elements. */
export function sytrf_norm1_f32(batch: i32, n: i32, a: usize, out: usize, work: usize): void {
  norms<f32>(batch, n, a, out, work);
}
/** Determinants; `form`: 0 the sign, 1 ln | |, 2 the value. `work`: n elements. */
export function sytrf_det_f32(batch: i32, n: i32, a: usize, e: usize, form: i32, out: usize, work: usize): void {
  sytrfDet<f32>(batch, n, a, e, form, out, work);
}
/** Inverses; `work` as sytrs for n right sides. */
export function sytrf_inverse_f32(batch: i32, n: i32, a: usize, e: usize, perm: usize, out: usize, work: usize): void {
  sytrfInverse<f32>(batch, n, a, e, perm, out, work);
}
/** Pᵀ L D Lᵀ P. */
export function sytrf_reconstruct_f32(
  batch: i32, n: i32, a: usize, e: usize, perm: usize, out: usize, work: usize,
): void {
  sytrfReconstruct<f32>(batch, n, a, e, perm, out, work);
}
export function sytrf_reconstruct_f32_work(n: i32): usize {
  return unwrapped(sytrfReconstructWork<f32>(n), <f64>n * <f64>n * sizeof<f32>());
}
/** Reciprocal conditions from the norms of A. */
export function sytrf_rcond_f32(
  batch: i32, n: i32, a: usize, e: usize, perm: usize, norms: usize, out: usize, work: usize,
): void {
  sytrfRcond<f32>(batch, n, a, e, perm, norms, out, work);
}
export function sytrf_rcond_f32_work(n: i32): usize {
  return sytrfRcondWork<f32>(n);
}
