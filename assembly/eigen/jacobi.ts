// A = V Λ Vᵀ by cyclic Jacobi rotations: every pair is rotated until |a_pq| <= ε sqrt(|a_pp a_qq|), which finds also the small
// eigenvalues of a positive definite, badly scaled matrix to full relative accuracy (Demmel and Veselić, Jacobi's method is
// more accurate than QR, 1992). Rotations as Rutishauser forms them (Numerische Mathematik 9, 1966).
import { hypot } from '../householder/reflector';
import { rotateRows } from './implicit-ql';
import { tiny, unit, withSign } from './precision';

/** Sweeps over all pairs before giving up; five to ten are usual. */
const SWEEPS: i32 = 40;

/** Columns p and q of the symmetric A := its rows p and q. */
function mirror<T>(n: i32, a: usize, row: usize, rowP: usize, rowQ: usize, p: usize, q: usize): void {
  for (let i = 0; i < n; i++) {
    store<T>(a + p, load<T>(rowP));
    store<T>(a + q, load<T>(rowQ));
    rowP += sizeof<T>();
    rowQ += sizeof<T>();
    a += row;
  }
}

/** Makes a_pq zero; rotates rows p and q of v as well. */
function rotate<T>(n: i32, a: usize, v: usize, p: i32, q: i32): void {
  const size = sizeof<T>(), row = <usize>n * size, po = <usize>p * size, qo = <usize>q * size;
  const rowP = a + <usize>p * row, rowQ = a + <usize>q * row;
  const app = load<T>(rowP + po), aqq = load<T>(rowQ + qo), apq = load<T>(rowP + qo);
  const theta = (aqq - app) / (<T>2 * apq);
  const t = <T>1 / (theta + withSign<T>(hypot<T>(theta, 1), theta));
  const c = <T>1 / sqrt<T>(<T>1 + t * t), s = t * c;
  rotateRows<T>(n, rowP, rowQ, c, s);
  store<T>(rowP + po, app - t * apq);
  store<T>(rowQ + qo, aqq + t * apq);
  store<T>(rowP + qo, 0);
  store<T>(rowQ + po, 0);
  mirror<T>(n, a, row, rowP, rowQ, po, qo);
  rotateRows<T>(n, v + <usize>p * row, v + <usize>q * row, c, s);
}

/** One sweep over all pairs; returns how many rotations were needed. */
function sweep<T>(n: i32, a: usize, v: usize): i32 {
  const size = sizeof<T>(), row = <usize>n * size;
  let rotations = 0;
  for (let p = 0; p < n - 1; p++) {
    const rowP = a + <usize>p * row;
    for (let q = p + 1; q < n; q++) {
      const off = abs<T>(load<T>(rowP + <usize>q * size));
      if (off <= tiny<T>()) continue;
      const app = abs<T>(load<T>(rowP + <usize>p * size)), aqq = abs<T>(load<T>(a + <usize>q * (row + size)));
      if (off <= unit<T>() * (sqrt<T>(app) * sqrt<T>(aqq))) continue;
      rotate<T>(n, a, v, p, q);
      rotations++;
    }
  }
  return rotations;
}

/** The largest |a_ij| off the diagonal. */
function offDiagonal<T>(n: i32, a: usize): T {
  let best: T = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) best = max<T>(best, abs<T>(load<T>(a + <usize>(i * n + j) * sizeof<T>())));
  }
  return best;
}

/**
 * A (n x n, contiguous, its lower triangle read) becomes Λ, the rows of v the eigenvectors; d := the diagonal of Λ.
 * Returns 0, or 1 when an off-diagonal element of more than ε is left (A is scaled to elements of about 1).
 */
export function jacobi<T>(n: i32, a: usize, v: usize, d: usize): i32 {
  const size = sizeof<T>(), row = <usize>n * size;
  memory.fill(v, 0, <usize>n * row);
  for (let i = 0; i < n; i++) {
    store<T>(v + <usize>i * (row + size), 1);
    for (let j = 0; j < i; j++) {
      store<T>(a + <usize>j * row + <usize>i * size, load<T>(a + <usize>i * row + <usize>j * size));
    }
  }
  // The relative criterion cannot be met by the eigenvalues 0 of a singular matrix when rounding keeps them moving.
  let rotations = 1;
  for (let count = 0; count < SWEEPS && rotations > 0; count++) rotations = sweep<T>(n, a, v);
  for (let i = 0; i < n; i++) store<T>(d + <usize>i * size, load<T>(a + <usize>i * (row + size)));
  return rotations == 0 || offDiagonal<T>(n, a) <= unit<T>() ? 0 : 1;
}
