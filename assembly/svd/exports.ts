// The singular value decomposition as it leaves the module: gesdd by divide and conquer, gesvj by one-sided Jacobi. Stacks of
// contiguous row-major matrices; job 0: values only, 1: thin, 2: full (u and vt may be 0 for job 0). Returns 0, b + 1 where
// matrix b did not converge, -(b + 1) where it holds NaN or Inf.
import { factorLeastSquares, leastSquaresWorkspace, solveLeastSquares } from './least-squares';
import { jacobiLeading, jacobiSvd, jacobiWorkspace } from './jacobi';
import { NOT_FINITE, svd, svdLeading, svdWorkspace, THIN, VALUES } from './svd';
import { unwrapped } from '../simd/lanes';

function batched<T>(
  jacobi: bool, batch: i32, job: i32, m: i32, n: i32, a: usize, u: usize, s: usize, vt: usize, work: usize,
): i32 {
  const size = sizeof<T>(), k = min(m, n);
  const us = job == VALUES ? <usize>0 : <usize>m * <usize>(job == THIN ? k : m) * size;
  const vs = job == VALUES ? <usize>0 : <usize>n * <usize>(job == THIN ? k : n) * size;
  for (let b = 0; b < batch; b++) {
    const info = jacobi ? jacobiSvd<T>(job, m, n, a, u, s, vt, work) : svd<T>(job, m, n, a, u, s, vt, work);
    if (info) return info == NOT_FINITE ? -(b + 1) : b + 1;
    a += <usize>m * <usize>n * size;
    u += us;
    s += <usize>k * size;
    vt += vs;
  }
  return 0;
}

export function gesdd_f64(
  batch: i32, job: i32, m: i32, n: i32, a: usize, u: usize, s: usize, vt: usize, work: usize,
): i32 {
  return batched<f64>(false, batch, job, m, n, a, u, s, vt, work);
}
export function gesdd_f32(
  batch: i32, job: i32, m: i32, n: i32, a: usize, u: usize, s: usize, vt: usize, work: usize,
): i32 {
  return batched<f32>(false, batch, job, m, n, a, u, s, vt, work);
}
export function gesdd_f64_work(job: i32, m: i32, n: i32): usize {
  return unwrapped(svdWorkspace<f64>(job, m, n), svdLeading(job, m, n) * sizeof<f64>());
}
export function gesdd_f32_work(job: i32, m: i32, n: i32): usize {
  return unwrapped(svdWorkspace<f32>(job, m, n), svdLeading(job, m, n) * sizeof<f32>());
}
export function gesvj_f64(
  batch: i32, job: i32, m: i32, n: i32, a: usize, u: usize, s: usize, vt: usize, work: usize,
): i32 {
  return batched<f64>(true, batch, job, m, n, a, u, s, vt, work);
}
export function gesvj_f32(
  batch: i32, job: i32, m: i32, n: i32, a: usize, u: usize, s: usize, vt: usize, work: usize,
): i32 {
  return batched<f32>(true, batch, job, m, n, a, u, s, vt, work);
}
export function gesvj_f64_work(m: i32, n: i32): usize {
  return unwrapped(jacobiWorkspace<f64>(m, n), jacobiLeading(m, n) * sizeof<f64>());
}
export function gesvj_f32_work(m: i32, n: i32): usize {
  return unwrapped(jacobiWorkspace<f32>(m, n), jacobiLeading(m, n) * sizeof<f32>());
}

/** Factors A (m x n) into \`work\`: the rank, or -1 for NaN or Inf, below that no convergence; s (min(m, n)) descends. */
export function gelsf_f64(m: i32, n: i32, a: usize, rcond: f64, s: usize, work: usize): i32 {
  return factorLeastSquares<f64>(m, n, a, rcond, s, work);
}
/** X := A⁺ B, or (A⁺)ᵀ B with \`adjoint\`, with what gelsf left in \`work\`; b = 0 stands for the identity. */
export function gelss_f64(
  m: i32, n: i32, adjoint: i32, sides: i32, b: usize, rsb: i32, csb: i32, x: usize, rsx: i32, csx: i32, work: usize,
): void {
  solveLeastSquares<f64>(m, n, adjoint != 0, sides, b, rsb, csb, x, rsx, csx, work);
}
/** Bytes of workspace for both. */
export function gelsd_f64_work(m: i32, n: i32, adjoint: i32, sides: i32): usize {
  return unwrapped(leastSquaresWorkspace<f64>(m, n, adjoint != 0, sides), svdLeading(VALUES, m, n) * sizeof<f64>());
}

/** Factors A (m x n) into \`work\`: the rank, or -1 for NaN or Inf, below that no convergence; s (min(m, n)) descends. */
export function gelsf_f32(m: i32, n: i32, a: usize, rcond: f32, s: usize, work: usize): i32 {
  return factorLeastSquares<f32>(m, n, a, rcond, s, work);
}
/** X := A⁺ B, or (A⁺)ᵀ B with \`adjoint\`, with what gelsf left in \`work\`; b = 0 stands for the identity. */
export function gelss_f32(
  m: i32, n: i32, adjoint: i32, sides: i32, b: usize, rsb: i32, csb: i32, x: usize, rsx: i32, csx: i32, work: usize,
): void {
  solveLeastSquares<f32>(m, n, adjoint != 0, sides, b, rsb, csb, x, rsx, csx, work);
}
/** Bytes of workspace for both. */
export function gelsd_f32_work(m: i32, n: i32, adjoint: i32, sides: i32): usize {
  return unwrapped(leastSquaresWorkspace<f32>(m, n, adjoint != 0, sides), svdLeading(VALUES, m, n) * sizeof<f32>());
}
