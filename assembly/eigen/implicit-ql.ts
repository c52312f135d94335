// T = Q Λ Qᵀ for a small tridiagonal T by implicit QL with Wilkinson's shift (LAPACK's steqr; Parlett, The Symmetric
// Eigenvalue Problem, section 8). Eigenvectors are rows, so that a rotation runs over contiguous numbers.
import { hypot } from '../householder/reflector';
import { lanes } from '../simd/lanes';
import { tiny, unit, withSign } from './precision';

/** Sweeps per eigenvalue before giving up; two or three are usual. */
const SWEEPS: i32 = 60;

/** x := c x - s y, y := s x + c y. */
export function rotateRows<T>(n: i32, x: usize, y: usize, c: T, s: T): void {
  const vc = v128.splat<T>(c), vs = v128.splat<T>(s);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const p = v128.load(x), q = v128.load(y);
    v128.store(x, v128.sub<T>(v128.mul<T>(vc, p), v128.mul<T>(vs, q)));
    v128.store(y, v128.add<T>(v128.mul<T>(vs, p), v128.mul<T>(vc, q)));
    x += 16;
    y += 16;
  }
  for (; i < n; i++) {
    const p = load<T>(x), q = load<T>(y);
    store<T>(x, c * p - s * q);
    store<T>(y, s * p + c * q);
    x += sizeof<T>();
    y += sizeof<T>();
  }
}

/** The first index from l on below which T falls apart: its off-diagonal element is negligible. */
function split<T>(n: i32, l: i32, d: usize, e: usize): i32 {
  const size = sizeof<T>();
  for (let m = l; m < n - 1; m++) {
    const off = abs<T>(load<T>(e + <usize>m * size));
    const left = abs<T>(load<T>(d + <usize>m * size)), right = abs<T>(load<T>(d + <usize>(m + 1) * size));
    if (off * off <= unit<T>() * left * (unit<T>() * right) + tiny<T>()) return m;
  }
  return n - 1;
}

/** One implicit QL sweep over rows l … m. */
function sweep<T>(n: i32, l: i32, m: i32, d: usize, e: usize, q: usize, row: usize): void {
  const size = sizeof<T>();
  const dl = load<T>(d + <usize>l * size), el = load<T>(e + <usize>l * size);
  let g = (load<T>(d + <usize>(l + 1) * size) - dl) / (<T>2 * el);
  g = load<T>(d + <usize>m * size) - dl + el / (g + withSign<T>(hypot<T>(g, 1), g));
  let s: T = 1, c: T = 1, p: T = 0;
  for (let i = m - 1; i >= l; i--) {
    const o = <usize>i * size;
    const ei = load<T>(e + o), f = s * ei, b = c * ei;
    const r = hypot<T>(f, g);
    if (r == <T>0) {
      c = 1;
      s = 0;
    } else {
      c = g / r;
      s = f / r;
    }
    if (i < m - 1) store<T>(e + o + size, r);
    g = load<T>(d + o + size) - p;
    const t = (load<T>(d + o) - g) * s + <T>2 * c * b;
    p = s * t;
    store<T>(d + o + size, g + p);
    g = c * t - b;
    const x = q + <usize>i * row;
    rotateRows<T>(n, x, x + row, c, s);
  }
  store<T>(d + <usize>l * size, dl - p);
  store<T>(e + <usize>l * size, g);
}

/** Reverses n numbers. */
export function reverse<T>(n: i32, x: usize): void {
  for (let i = 0, j = n - 1; i < j; i++, j--) {
    const p = x + <usize>i * sizeof<T>(), q = x + <usize>j * sizeof<T>();
    const t = load<T>(p);
    store<T>(p, load<T>(q));
    store<T>(q, t);
  }
}

/**
 * d becomes the eigenvalues (unsorted), e is destroyed, row i of q (n x n) becomes the eigenvector of d_i.
 * Returns 0, or 1 when an eigenvalue took too many sweeps.
 */
export function implicitQl<T>(n: i32, d: usize, e: usize, q: usize, ldq: i32): i32 {
  const size = sizeof<T>(), row = <usize>ldq * size;
  // QL finds the small eigenvalues of a graded matrix accurately where they come first.
  const turned = abs<T>(load<T>(d + <usize>(n - 1) * size)) < abs<T>(load<T>(d));
  if (turned) {
    reverse<T>(n, d);
    reverse<T>(n - 1, e);
  }
  for (let i = 0; i < n; i++) {
    memory.fill(q + <usize>i * row, 0, <usize>n * size);
    store<T>(q + <usize>i * row + <usize>(turned ? n - 1 - i : i) * size, 1);
  }
  for (let l = 0; l < n; l++) {
    for (let count = 0; ; count++) {
      const m = split<T>(n, l, d, e);
      if (m == l) break;
      if (count >= SWEEPS) return 1;
      sweep<T>(n, l, m, d, e, q, row);
    }
  }
  return 0;
}
