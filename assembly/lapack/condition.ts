// 1 / (||A||_1 ||A⁻¹||_1), the norm of the inverse estimated from a few solves: Hager, SIAM J. Sci. Stat. Comput. 5 (1984); Higham,
// ACM TOMS 14 (1988), algorithm 4.1. Reverse communication as in LAPACK's lacn2, so that one estimator serves every factorization.
import { asum, iamax } from '../level1/norms';
import { roundToLine } from '../simd/lanes';

/** Estimates are almost always exact after two steps; LAPACK allows five. */
const STEPS: i32 = 5;

/** What the caller has to do with x before it asks again. */
export const DONE: i32 = 0;
export const SOLVE: i32 = 1;
export const SOLVE_TRANSPOSE: i32 = 2;

/** The state: where the estimator stands, its steps, the last unit vector, and the estimate so far. */
// @ts-ignore: decorator
@unmanaged
class Estimator {
  stage: i32;
  step: i32;
  last: i32;
  estimate: f64;
}

const STATE: usize = 64;

/** Bytes of state and vectors; x lies behind the state. */
export function conditionWorkspace<T>(n: i32): usize {
  return STATE + 2 * roundToLine(<usize>n * sizeof<T>());
}

// @ts-ignore: decorator
@inline
export function vectorOf(work: usize): usize {
  return work + STATE;
}

/** x := its signs, kept also in `signs`; true if they are the ones that were there. */
function takeSigns<T>(n: i32, x: usize, signs: usize): bool {
  let same = true;
  for (let i: usize = 0; i < <usize>n * sizeof<T>(); i += sizeof<T>()) {
    const sign: T = load<T>(x + i) < <T>0 ? <T>-1 : <T>1;
    if (sign != load<T>(signs + i)) same = false;
    store<T>(x + i, sign);
    store<T>(signs + i, sign);
  }
  return same;
}

/** Alternating signs that grow catch the matrices on which the climb stops early. */
function alternate<T>(n: i32, x: usize): void {
  for (let i = 0; i < n; i++) {
    const value = <T>1 + <T>i / <T>(n - 1);
    store<T>(x + <usize>i * sizeof<T>(), i & 1 ? -value : value);
  }
}

/** Begins; then `next` says what to do. */
export function start(work: usize): void {
  changetype<Estimator>(work).stage = 0;
}

/** The estimate, once `next` has said DONE. */
export function estimateOf(work: usize): f64 {
  return changetype<Estimator>(work).estimate;
}

/** One step for A⁻¹ (n x n); at most 2 STEPS + 2 of them. NaN stays. */
export function next<T>(n: i32, work: usize): i32 {
  const state = changetype<Estimator>(work);
  const x = vectorOf(work), signs = x + roundToLine(<usize>n * sizeof<T>());
  const size = sizeof<T>();
  if (state.stage == 0) {
    for (let i = 0; i < n; i++) store<T>(x + <usize>i * size, <T>1 / <T>n);
    memory.fill(signs, 0, <usize>n * size);
    state.step = 0;
    state.last = -1;
    state.stage = 1;
    return SOLVE;
  }
  if (state.stage == 1) {
    state.estimate = <f64>asum<T>(n, x, 1);
    if (n == 1) return DONE;
    takeSigns<T>(n, x, signs);
    state.stage = 2;
    return SOLVE_TRANSPOSE;
  }
  if (state.stage == 2) {
    const best = iamax<T>(n, x, 1), last = state.last;
    const climbs = last < 0 || abs<T>(load<T>(x + <usize>best * size)) != abs<T>(load<T>(x + <usize>last * size));
    if (climbs && state.step < STEPS) {
      memory.fill(x, 0, <usize>n * size);
      store<T>(x + <usize>best * size, 1);
      state.last = best;
      state.step++;
      state.stage = 3;
      return SOLVE;
    }
  } else if (state.stage == 3) {
    const found = <f64>asum<T>(n, x, 1), before = state.estimate;
    state.estimate = max<f64>(found, before);
    if (!takeSigns<T>(n, x, signs) && found > before) {
      state.stage = 2;
      return SOLVE_TRANSPOSE;
    }
  } else {
    state.estimate = max<f64>(state.estimate, (2 * <f64>asum<T>(n, x, 1)) / (3 * <f64>n));
    return DONE;
  }
  alternate<T>(n, x);
  state.stage = 4;
  return SOLVE;
}

/** 1 / (norm · inverse); 0 where either is not finite or the matrix is singular, NaN where A holds one, Infinity for n = 0. */
export function reciprocal<T>(n: i32, norm: T, singular: bool, inverse: f64): T {
  if (n == 0) return <T>Infinity;
  if (norm != norm) return norm;
  if (singular || !(inverse < Infinity) || norm == <T>Infinity) return 0;
  return <T>(1 / inverse / <f64>norm);
}

/** Whether one of n elements `inc` apart is zero. */
export function hasZero<T>(n: i32, x: usize, inc: i32): bool {
  for (let i = 0; i < n; i++) {
    if (load<T>(x) == <T>0) return true;
    x += <usize>inc * sizeof<T>();
  }
  return false;
}
