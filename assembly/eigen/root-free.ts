// The eigenvalues of a tridiagonal T without square roots in the inner loop: the Pal-Walker-Kahan form of QL (LAPACK's sterf;
// Parlett, The Symmetric Eigenvalue Problem, section 8.15). O(n²) operations, no vectors.
import { hypot } from '../householder/reflector';
import { reverse } from './implicit-ql';
import { sortAscending } from './order';
import { unit, withSign } from './precision';

/** Sweeps per eigenvalue before giving up. */
const SWEEPS: i32 = 60;

/**
 * A square that is negligible beside 1, which T's norm is not below. Squares from about ε³ down must not enter a sweep: the
 * quotients there lose the digits that cancel, and eigenvalues come out wrong by far more than ε (LAPACK's ssterf: by 1e-3).
 */
// @ts-ignore: decorator
@inline
function negligible<T>(): T {
  return unit<T>() * unit<T>() / <T>4096;
}

/** The first index from l on below which T falls apart; `squares` are those of the off-diagonal. */
function split<T>(n: i32, l: i32, d: usize, squares: usize): i32 {
  const size = sizeof<T>();
  for (let m = l; m < n - 1; m++) {
    const left = abs<T>(load<T>(d + <usize>m * size)), right = abs<T>(load<T>(d + <usize>(m + 1) * size));
    if (load<T>(squares + <usize>m * size) <= unit<T>() * left * (unit<T>() * right) + negligible<T>()) return m;
  }
  return n - 1;
}

/** One sweep over rows l … m. */
function sweep<T>(l: i32, m: i32, d: usize, squares: usize): void {
  const size = sizeof<T>();
  const dl = load<T>(d + <usize>l * size), root = sqrt<T>(load<T>(squares + <usize>l * size));
  let sigma = (load<T>(d + <usize>(l + 1) * size) - dl) / (<T>2 * root);
  sigma = dl - root / (sigma + withSign<T>(hypot<T>(sigma, 1), sigma));
  let c: T = 1, s: T = 0, gamma = load<T>(d + <usize>m * size) - sigma, p = gamma * gamma;
  for (let o = <usize>(m - 1) * size, i = m - 1; i >= l; i--, o -= size) {
    const b = load<T>(squares + o), r = p + b;
    if (i < m - 1) store<T>(squares + o + size, s * r);
    const before = c, last = gamma;
    c = p / r;
    s = b / r;
    const alpha = load<T>(d + o);
    gamma = c * (alpha - sigma) - s * last;
    store<T>(d + o + size, last + (alpha - gamma));
    p = c != <T>0 ? (gamma * gamma) / c : before * b;
  }
  store<T>(squares + <usize>l * size, s * p);
  store<T>(d + <usize>l * size, sigma + gamma);
}

/**
 * d becomes the eigenvalues in ascending order, e is destroyed; T is scaled to a norm of at least 1. Returns 0, or 1 when one took
 * too many sweeps.
 */
export function rootFreeQl<T>(n: i32, d: usize, e: usize): i32 {
  const size = sizeof<T>();
  for (let i = 0; i < n - 1; i++) {
    const v = load<T>(e + <usize>i * size);
    store<T>(e + <usize>i * size, v * v);
  }
  for (let start = 0; start < n; ) {
    const end = split<T>(n, start, d, e), from = d + <usize>start * size;
    if (abs<T>(load<T>(d + <usize>end * size)) < abs<T>(load<T>(from))) {
      reverse<T>(end - start + 1, from);
      reverse<T>(end - start, e + <usize>start * size);
    }
    for (let l = start; l <= end; l++) {
      for (let count = 0; ; count++) {
        const m = split<T>(end + 1, l, d, e);
        if (m == l) break;
        if (count >= SWEEPS) return 1;
        sweep<T>(l, m, d, e);
      }
    }
    start = end + 1;
  }
  sortAscending<T>(n, d);
  return 0;
}
