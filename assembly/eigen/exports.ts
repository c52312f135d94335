// The symmetric eigenproblem as it leaves the module. Leading dimensions and distances in elements.
import { jacobiWorkspace, planWorkspace } from './plan';
import { syevd, syevj } from './syevd';
import { mirror, turns } from './turns';
import { unwrapped } from '../simd/lanes';

/** `batch` matrices, `sa` and `sz` elements apart, eigenvalues n apart. Returns 0, or 1 + the number of the first that fails. */
function batched<T>(
  jacobi: bool, batch: i32, vectors: i32, n: i32, a: usize, lda: i32, sa: i32, w: usize, z: usize, ldz: i32, sz: i32,
  work: usize,
): i32 {
  const size = sizeof<T>();
  for (let b = 0; b < batch; b++) {
    const info = jacobi ? syevj<T>(n, a, lda, w, z, ldz, work) : syevd<T>(vectors != 0, n, a, lda, w, z, ldz, work);
    if (info != 0) return b + 1;
    a += <usize>sa * size;
    w += <usize>n * size;
    z += <usize>sz * size;
  }
  return 0;
}

export function syevd_f64(
  vectors: i32, n: i32, a: usize, lda: i32, w: usize, z: usize, ldz: i32, work: usize,
): i32 {
  return syevd<f64>(vectors != 0, n, a, lda, w, z, ldz, work);
}
export function syevd_f32(
  vectors: i32, n: i32, a: usize, lda: i32, w: usize, z: usize, ldz: i32, work: usize,
): i32 {
  return syevd<f32>(vectors != 0, n, a, lda, w, z, ldz, work);
}
export function syevd_batched_f64(
  batch: i32, vectors: i32, n: i32, a: usize, lda: i32, sa: i32, w: usize, z: usize, ldz: i32, sz: i32, work: usize,
): i32 {
  return batched<f64>(false, batch, vectors, n, a, lda, sa, w, z, ldz, sz, work);
}
export function syevd_batched_f32(
  batch: i32, vectors: i32, n: i32, a: usize, lda: i32, sa: i32, w: usize, z: usize, ldz: i32, sz: i32, work: usize,
): i32 {
  return batched<f32>(false, batch, vectors, n, a, lda, sa, w, z, ldz, sz, work);
}
export function syevj_f64(n: i32, a: usize, lda: i32, w: usize, z: usize, ldz: i32, work: usize): i32 {
  return syevj<f64>(n, a, lda, w, z, ldz, work);
}
export function syevj_f32(n: i32, a: usize, lda: i32, w: usize, z: usize, ldz: i32, work: usize): i32 {
  return syevj<f32>(n, a, lda, w, z, ldz, work);
}
export function syevj_batched_f64(
  batch: i32, n: i32, a: usize, lda: i32, sa: i32, w: usize, z: usize, ldz: i32, sz: i32, work: usize,
): i32 {
  return batched<f64>(true, batch, 1, n, a, lda, sa, w, z, ldz, sz, work);
}
export function syevj_batched_f32(
  batch: i32, n: i32, a: usize, lda: i32, sa: i32, w: usize, z: usize, ldz: i32, sz: i32, work: usize,
): i32 {
  return batched<f32>(true, batch, 1, n, a, lda, sa, w, z, ldz, sz, work);
}
/** Bytes of workspace for syevd and syevd_batched. */
export function syevd_f64_work(vectors: i32, n: i32): usize {
  return unwrapped(planWorkspace<f64>(vectors != 0, n), (vectors != 0 ? 2.0 : 1.0) * <f64>n * <f64>n * sizeof<f64>());
}
export function syevd_f32_work(vectors: i32, n: i32): usize {
  return unwrapped(planWorkspace<f32>(vectors != 0, n), (vectors != 0 ? 2.0 : 1.0) * <f64>n * <f64>n * sizeof<f32>());
}
/** Bytes of workspace for syevj and syevj_batched. */
export function syevj_f64_work(n: i32): usize {
  return unwrapped(jacobiWorkspace<f64>(n), 2 * <f64>n * <f64>n * sizeof<f64>());
}
export function syevj_f32_work(n: i32): usize {
  return unwrapped(jacobiWorkspace<f32>(n), 2 * <f64>n * <f64>n * sizeof<f32>());
}

export function eigen_turns_f64(n: i32, level: f64, w: usize, t: usize, c: usize, x: usize, out: usize): void {
  turns<f64>(n, level, w, t, c, x, out);
}
export function eigen_turns_f32(n: i32, level: f32, w: usize, t: usize, c: usize, x: usize, out: usize): void {
  turns<f32>(n, level, w, t, c, x, out);
}
export function mirror_f64(n: i32, a: usize): void {
  mirror<f64>(n, a);
}
export function mirror_f32(n: i32, a: usize): void {
  mirror<f32>(n, a);
}
