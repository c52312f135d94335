// A = V Λ Vᵀ of a symmetric A, of which the lower triangle is read. syevd: reduction to tridiagonal form, divide and conquer
// (or root-free QL for eigenvalues alone), back-transformation. syevj: Jacobi rotations. Both scale A to elements of about 1.
import { backtransform, packReflectors } from './backtransform';
import { divideAndConquer } from './divide';
import { jacobi } from './jacobi';
import { copyScaled, firstNotFinite, lowerMaximum, scaleFor } from './lower';
import { sortIndices } from './order';
import { factorBytes, makePlan, panelBytes, Plan } from './plan';
import { rootFreeQl } from './root-free';
import { tridiagonalise } from './tridiagonal';
import { fixSigns, transposeRows } from './vectors';

/** w_i := d_order[i] / scale */
function putValues<T>(plan: Plan, n: i32, scale: T, w: usize): void {
  for (let i = 0; i < n; i++) {
    const from = <usize>load<i32>(plan.order + (<usize>i << 2));
    store<T>(w + <usize>i * sizeof<T>(), load<T>(plan.d + from * sizeof<T>()) / scale);
  }
}

/**
 * Eigenvalues ascending to w, and with `vectors` the eigenvectors to the columns of z (n x n), the largest component of each
 * positive. `work` holds planWorkspace bytes. A is not changed; it may be z. Returns 0; -1 - p for the first NaN or Inf of the
 * lower triangle, at position p = i n + j; or the number of eigenvalues that did not converge.
 */
export function syevd<T>(
  vectors: bool, n: i32, a: usize, lda: i32, w: usize, z: usize, ldz: i32, work: usize,
): i32 {
  if (n <= 0) return 0;
  const size = sizeof<T>();
  const largest = lowerMaximum<T>(n, a, lda);
  if (!(largest < <T>Infinity)) return -1 - firstNotFinite<T>(n, a, lda);
  const plan = makePlan<T>(n, z, ldz, work);
  const scale = scaleFor<T>(largest);
  copyScaled<T>(n, a, lda, scale, plan.a);
  tridiagonalise<T>(n, plan.a, n, plan.d, plan.e, plan.tau, plan.behind, plan.behind + panelBytes<T>(n));
  if (!vectors) {
    const failures = rootFreeQl<T>(n, plan.d, plan.e);
    for (let i = 0; i < n; i++) store<T>(w + <usize>i * size, load<T>(plan.d + <usize>i * size) / scale);
    return failures;
  }
  packReflectors<T>(n, plan.a);
  memory.fill(plan.q, 0, <usize>n * <usize>n * size);
  const failures = divideAndConquer<T>(plan, 0, n);
  if (failures > 0) return failures;
  putValues<T>(plan, n, scale, w);
  transposeRows<T>(n, plan.q, plan.ldq, plan.order, z, ldz);
  backtransform<T>(n, plan.a, plan.tau, z, ldz, plan.q, plan.q + factorBytes<T>(n));
  fixSigns<T>(n, z, ldz, plan.z);
  return 0;
}

/** The same by Jacobi's method, always with vectors; `work` holds jacobiWorkspace bytes. */
export function syevj<T>(n: i32, a: usize, lda: i32, w: usize, z: usize, ldz: i32, work: usize): i32 {
  if (n <= 0) return 0;
  const largest = lowerMaximum<T>(n, a, lda);
  if (!(largest < <T>Infinity)) return -1 - firstNotFinite<T>(n, a, lda);
  const plan = makePlan<T>(n, z, ldz, work);
  const scale = scaleFor<T>(largest);
  copyScaled<T>(n, a, lda, scale, plan.a);
  const failures = jacobi<T>(n, plan.a, plan.behind, plan.d);
  if (failures > 0) return failures;
  for (let i = 0; i < n; i++) store<i32>(plan.order + (<usize>i << 2), i);
  sortIndices<T>(n, plan.order, plan.d);
  putValues<T>(plan, n, scale, w);
  transposeRows<T>(n, plan.behind, n, plan.order, z, ldz);
  fixSigns<T>(n, z, ldz, plan.z);
  return 0;
}
