// A V = U S by rotations that make the columns of A orthogonal in pairs, until all are: one-sided Jacobi. Small singular values of
// matrices that are well conditioned but for the scales of their columns keep their relative accuracy
// (Demmel and Veselić, 1992; pivoting by de Rijk, 1989). A wide matrix is done as its transpose.
import { dot } from '../level1/dot';
import { nrm2 } from '../level1/norms';
import { completeColumns } from './complete';
import { sortIndices } from './deflate';
import { rotateRows, unitRoundoff, vanishing } from './rotation';
import { copyScaled, largestEntry, powerOfTwo, scaleTo, setIdentity } from './scale';
import { FULL, NOT_FINITE, VALUES } from './svd';

/** Sweeps at most; about ten are usual. */
const MOST_SWEEPS: i32 = 60;

// @ts-ignore: decorator
@inline
function line(bytes: usize): usize {
  return (bytes + 63) & ~63;
}

/** Bytes of workspace. */
export function jacobiWorkspace<T>(m: i32, n: i32): usize {
  const rows = max(m, n), k = min(m, n), size = sizeof<T>();
  return line(<usize>rows * <usize>k * size) + line(<usize>k * <usize>k * size) + line(<usize>rows * (size + 8) + 64);
}

/** Elements of jacobiWorkspace, but for what rounding adds. */
export function jacobiLeading(m: i32, n: i32): f64 {
  const rows = <f64>max(m, n), k = <f64>min(m, n);
  return rows * k + k * k + rows;
}

/** The cosine of the angle between two rows with these norms; products of tiny entries are scaled first. */
function cosine<T>(n: i32, x: usize, y: usize, nx: T, ny: T): T {
  const safe: T = sizeof<T>() == 8 ? <T>1e-130 : <T>1e-14;
  if (nx > safe && ny > safe) return dot<T>(n, x, 1, y, 1) / nx / ny;
  let sum: T = 0;
  for (let i = 0; i < n; i++) {
    sum += (load<T>(x) / nx) * (load<T>(y) / ny);
    x += sizeof<T>();
    y += sizeof<T>();
  }
  return sum;
}

function swapRows<T>(n: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i++) {
    const value = load<T>(x);
    store<T>(x, load<T>(y));
    store<T>(y, value);
    x += sizeof<T>();
    y += sizeof<T>();
  }
}

/** Row p against all rows below it; whether anything was rotated. */
function sweepRow<T>(p: i32, k: i32, n: i32, w: usize, v: usize, norms: usize, tolerance: T): bool {
  const size = sizeof<T>(), rowW = <usize>n * size, rowV = <usize>k * size;
  let rotated = false;
  for (let q = p + 1; q < k; q++) {
    const np = load<T>(norms + <usize>p * size), nq = load<T>(norms + <usize>q * size);
    if (np < vanishing<T>() || nq < vanishing<T>()) continue;
    const x = w + <usize>p * rowW, y = w + <usize>q * rowW;
    const cos = cosine<T>(n, x, y, np, nq);
    if (!(abs<T>(cos) > tolerance)) continue;
    const zeta = (nq / np - np / nq) / (<T>2 * cos), size2 = abs<T>(zeta);
    // For a huge ζ, 1 / (2 ζ): its square would overflow.
    const big: T = sizeof<T>() == 8 ? <T>1e150 : <T>1e18;
    let t: T = size2 > big ? <T>0.5 / size2 : <T>1 / (size2 + sqrt<T>(<T>1 + size2 * size2));
    if (zeta < <T>0) t = -t;
    const c = <T>1 / sqrt<T>(<T>1 + t * t), s = -c * t;
    rotateRows<T>(n, x, y, c, s);
    if (v) rotateRows<T>(k, v + <usize>p * rowV, v + <usize>q * rowV, c, s);
    store<T>(norms + <usize>p * size, nrm2<T>(n, x, 1));
    store<T>(norms + <usize>q * size, nrm2<T>(n, y, 1));
    rotated = true;
  }
  return rotated;
}

/** Makes the k rows of w (of n elements) orthogonal; v's rows go along. Their norms at `norms`. False: not converged. */
function orthogonalize<T>(k: i32, n: i32, w: usize, v: usize, norms: usize): bool {
  const size = sizeof<T>(), tolerance = unitRoundoff<T>() * sqrt<T>(<T>n);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    for (let i = 0; i < k; i++) store<T>(norms + <usize>i * size, nrm2<T>(n, w + <usize>(i * n) * size, 1));
    let rotated = false;
    for (let p = 0; p < k; p++) {
      let best = p;
      for (let q = p + 1; q < k; q++) {
        if (load<T>(norms + <usize>q * size) > load<T>(norms + <usize>best * size)) best = q;
      }
      if (best != p) {
        swapRows<T>(n, w + <usize>(p * n) * size, w + <usize>(best * n) * size);
        if (v) swapRows<T>(k, v + <usize>(p * k) * size, v + <usize>(best * k) * size);
        swapRows<T>(1, norms + <usize>p * size, norms + <usize>best * size);
      }
      if (sweepRow<T>(p, k, n, w, v, norms, tolerance)) rotated = true;
    }
    if (!rotated) return true;
  }
  return false;
}

/** The same as svd, which see; the positive info is the number of sweeps. */
export function jacobiSvd<T>(job: i32, m: i32, n: i32, a: usize, u: usize, s: usize, vt: usize, work: usize): i32 {
  const size = sizeof<T>(), rows = max(m, n), k = min(m, n), isWide = m < n;
  if (k == 0) {
    if (job == FULL) {
      setIdentity<T>(m, u);
      setIdentity<T>(n, vt);
    }
    return 0;
  }
  const largest = largestEntry<T>(<usize>m * <usize>n, a);
  if (!(largest < <T>Infinity)) return NOT_FINITE;
  const scale = powerOfTwo<T>(largest);
  const w = work, v = w + line(<usize>rows * <usize>k * size), norms = v + line(<usize>k * <usize>k * size);
  const order = norms + <usize>rows * size;
  copyScaled<T>(m, n, a, scale, !isWide, w);
  if (job != VALUES) setIdentity<T>(k, v);
  if (!orthogonalize<T>(k, rows, w, job == VALUES ? 0 : v, norms)) return MOST_SWEEPS;
  sortIndices<T>(k, norms, order);
  const columns = job == FULL ? rows : k;
  const long = isWide ? vt : u, short = isWide ? u : vt;
  const rsl = isWide ? 1 : columns, csl = isWide ? rows : 1, rss = isWide ? k : 1, css = isWide ? 1 : k;
  let rank = 0;
  for (let t = 0; t < k; t++) {
    const from = load<i32>(order + <usize>(k - 1 - t) * 4), norm = load<T>(norms + <usize>from * size);
    store<T>(s + <usize>t * size, norm);
    if (job == VALUES) continue;
    const row = w + <usize>(from * rows) * size;
    if (norm >= vanishing<T>()) {
      rank = t + 1;
      for (let i = 0; i < rows; i++) {
        store<T>(long + <usize>(i * rsl + t * csl) * size, load<T>(row + <usize>i * size) / norm);
      }
    }
    for (let i = 0; i < k; i++) {
      store<T>(short + <usize>(i * rss + t * css) * size, load<T>(v + <usize>(from * k + i) * size));
    }
  }
  scaleTo<T>(k, s, <T>1 / scale);
  if (job != VALUES) completeColumns<T>(rows, rank, columns, long, rsl, csl, norms);
  return 0;
}
