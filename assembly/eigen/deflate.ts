// Deflation of diag(d) + rho z zᵀ (LAPACK's laed2; Dongarra and Sorensen, 1987): where z_i is negligible, (d_i, e_i) is an
// eigenpair already; where two poles agree, a rotation makes it so. What is left has distinct poles and a z without zeros.
import { hypot } from '../householder/reflector';
import { sortIndices } from './order';
import { rotateRows } from './implicit-ql';
import { Plan } from './plan';
import { unit } from './precision';

/** Where a vector's components are: in the first half, everywhere, in the second half. */
export const FIRST: i32 = 0;
export const DENSE: i32 = 1;
export const SECOND: i32 = 2;

// @ts-ignore: decorator
@inline
function index(list: usize, i: i32): i32 {
  return load<i32>(list + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
function put(list: usize, i: i32, value: i32): void {
  store<i32>(list + (<usize>i << 2), value);
}

/** The largest |x_i|. */
function largest<T>(n: i32, x: usize): T {
  let best: T = 0;
  for (let i = 0; i < n; i++) best = max<T>(best, abs<T>(load<T>(x + <usize>i * sizeof<T>())));
  return best;
}

/**
 * Sorts the n vectors of a merge into kept ones (plan.kept, ascending poles; plan.poles, plan.weights) and deflated ones
 * (plan.deflated, ascending d). `d` and `q` are the eigenvalues and vectors of both halves, plan.merged lists them ascending,
 * `first` of them belong to the first half. Returns how many are kept.
 */
export function deflate<T>(plan: Plan, n: i32, first: i32, d: usize, q: usize, rho: T): i32 {
  const size = sizeof<T>(), row = <usize>plan.ldq * size;
  const z = plan.z, kept = plan.kept, deflated = plan.deflated, kind = plan.kind;
  const tolerance = <T>8 * unit<T>() * max<T>(largest<T>(n, d), largest<T>(n, z));
  for (let i = 0; i < n; i++) put(kind, i, i < first ? FIRST : SECOND);
  let k = 0, gone = 0, held = -1;
  for (let i = 0; i < n; i++) {
    const j = index(plan.merged, i), jo = <usize>j * size;
    if (rho * abs<T>(load<T>(z + jo)) <= tolerance) {
      put(deflated, gone++, j);
      continue;
    }
    if (held < 0) {
      held = j;
      continue;
    }
    const ho = <usize>held * size;
    const a = load<T>(z + jo), b = load<T>(z + ho), length = hypot<T>(a, b);
    const c = a / length, s = -b / length;
    const dj = load<T>(d + jo), dh = load<T>(d + ho);
    if (abs<T>((dj - dh) * c * s) <= tolerance) {
      store<T>(z + jo, length);
      store<T>(z + ho, 0);
      if (index(kind, j) != index(kind, held)) put(kind, j, DENSE);
      // Row `held` becomes c held + s j, row j becomes c j - s held.
      rotateRows<T>(n, q + <usize>held * row, q + <usize>j * row, c, -s);
      store<T>(d + ho, dh * c * c + dj * s * s);
      store<T>(d + jo, dh * s * s + dj * c * c);
      put(deflated, gone++, held);
    } else {
      put(kept, k++, held);
    }
    held = j;
  }
  if (held >= 0) put(kept, k++, held);
  for (let i = 0; i < k; i++) {
    const o = <usize>index(kept, i) * size;
    store<T>(plan.poles + <usize>i * size, load<T>(d + o));
    store<T>(plan.weights + <usize>i * size, load<T>(z + o));
  }
  sortIndices<T>(gone, deflated, d);
  return k;
}
