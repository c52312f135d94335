// T = Q Λ Qᵀ by divide and conquer (Cuppen, 1981; LAPACK's stedc): T is two halves plus a rank-one matrix.
import { implicitQl } from './implicit-ql';
import { merge } from './merge';
import { sortIndices } from './order';
import { Plan } from './plan';

/** Up to this order, implicit QL is the quicker method. */
const LEAF: i32 = 24;

/** Solves the n rows from `low`: plan.d, the rows of plan.q, plan.order (counted from `low`). Returns 0, or failures. */
export function divideAndConquer<T>(plan: Plan, low: i32, n: i32): i32 {
  const size = sizeof<T>();
  const d = plan.d + <usize>low * size, e = plan.e + <usize>low * size;
  if (n <= LEAF) {
    const order = plan.order + (<usize>low << 2);
    const failures = implicitQl<T>(n, d, e, plan.q + <usize>(low * plan.ldq + low) * size, plan.ldq);
    for (let i = 0; i < n; i++) store<i32>(order + (<usize>i << 2), i);
    sortIndices<T>(n, order, d);
    return failures;
  }
  const half = n / 2;
  // T = diag(T1, T2) + |e| v vᵀ, v = e_half-1 ± e_half; e_half-1 itself is not touched by the halves.
  const before = d + <usize>(half - 1) * size, after = before + size;
  const coupling = load<T>(e + <usize>(half - 1) * size);
  store<T>(before, load<T>(before) - abs<T>(coupling));
  store<T>(after, load<T>(after) - abs<T>(coupling));
  const failures = divideAndConquer<T>(plan, low, half) + divideAndConquer<T>(plan, low + half, n - half);
  return failures + merge<T>(plan, low, n, half, coupling);
}
