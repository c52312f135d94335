// The symmetric indefinite factorization as it leaves the module.
import { sytrf, sytrfWorkspace } from './factor';
import { sytrs, sytrsWorkspace } from './solve';

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

/** X over B for `batch` systems, n x m each; one factored matrix for all of them where `repeats`. See solve.ts. */
export function sytrs_f64(
  batch: i32, n: i32, m: i32, a: usize, e: usize, perm: usize, repeats: bool, b: usize, work: usize,
): void {
  sytrsAll<f64>(batch, n, m, a, e, perm, repeats, b, work);
}
export function sytrs_f32(
  batch: i32, n: i32, m: i32, a: usize, e: usize, perm: usize, repeats: bool, b: usize, work: usize,
): void {
  sytrsAll<f32>(batch, n, m, a, e, perm, repeats, b, work);
}
function sytrsAll<T>(
  batch: i32, n: i32, m: i32, a: usize, e: usize, perm: usize, repeats: bool, b: usize, work: usize,
): void {
  for (let i = 0; i < batch; i++) {
    sytrs<T>(n, m, a, n, e, perm, b, work);
    b += <usize>n * <usize>m * sizeof<T>();
    if (repeats) continue;
    a += <usize>n * <usize>n * sizeof<T>();
    e += <usize>n * sizeof<T>();
    perm += <usize>n * 4;
  }
}
/** Bytes of workspace for sytrs, whatever the batch. */
export function sytrs_f64_work(n: i32, m: i32): usize {
  return sytrsWorkspace<f64>(n, m);
}
export function sytrs_f32_work(n: i32, m: i32): usize {
  return sytrsWorkspace<f32>(n, m);
}
