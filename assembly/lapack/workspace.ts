// One workspace serves every factorization here: scratch of the triangular kernels, then gemm's.
import { gemmWorkspace } from '../gemm/gemm';
import { TRSM_SCRATCH } from '../level3/trsm';
import { roundToLine } from '../simd/lanes';

/** Bytes for the level-3 kernels on operands of at most m x n x k, in any orientation. */
export function level3Workspace<T>(m: i32, n: i32, k: i32): usize {
  return roundToLine(TRSM_SCRATCH) + gemmWorkspace<T>(m, n, k);
}
