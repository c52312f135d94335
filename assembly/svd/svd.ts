// A = U S Vᵀ: a QR factorization first where A is tall, bidiagonalisation, divide and conquer, and the reflectors applied to the
// small vectors (LAPACK's gesdd). A wide matrix is done as its transpose.
import { packedWorkspace } from '../gemm/blocking';
import { gemmWorkspace } from '../gemm/gemm';
import { geqrf, qrLeading, qrWorkspace } from '../lapack/qr';
import { roundToLine } from '../simd/lanes';
import { applyReflectors, leastReflectorWorkspace, reflectorWorkspace } from './backtransform';
import { bidiagonalElements, bidiagonalize, PANEL } from './bidiagonal';
import { divide, divideWorkspace } from './divide';
import { bidiagonalQr } from './iteration';
import { sortIndices } from './deflate';
import { copyScaled, largestEntry, powerOfTwo, scaleTo, setIdentity } from './scale';

/** What is wanted beside the singular values. */
export const VALUES: i32 = 0, THIN: i32 = 1, FULL: i32 = 2;
/** Info of a matrix with NaN or Inf in it. */
export const NOT_FINITE: i32 = -1;

/** Whether a QR factorization first takes less work (Chan, 1982). */
// @ts-ignore: decorator
@inline
export function isTall(m: i32, n: i32): bool {
  return 5 * <i64>m >= 8 * <i64>n;
}

/** Bytes of h (the matrix, its long side first) and of the vectors d, e, tau and the order. */
export function fixedBytes<T>(rows: i32, k: i32): usize {
  return roundToLine(<usize>rows * <usize>k * sizeof<T>()) + roundToLine(<usize>k * (5 * sizeof<T>() + 4) + 64);
}

/** Bytes of R, where there is one. */
export function triangleBytes<T>(rows: i32, k: i32): usize {
  return isTall(rows, k) ? roundToLine(<usize>k * <usize>k * sizeof<T>()) : 0;
}

/** Bytes for geqrf on m x n, m > n: qrWorkspace with the products that occur in it alone, those of panels and what follows them. */
export function factorWorkspace<T>(m: i32, n: i32): usize {
  const panel = 32, rest = max(n - panel, 1);
  return qrWorkspace<T>(m, n) - gemmWorkspace<T>(m, m, max(panel, m)) +
    max(packedWorkspace<T>(panel, rest, m), packedWorkspace<T>(m, rest, panel));
}

/** Bytes of what the stages after the QR factorization use one after the other. */
function stageWorkspace<T>(job: i32, rows: i32, k: i32): usize {
  const size = sizeof<T>(), inner = isTall(rows, k) ? k : rows;
  let bytes = roundToLine(<usize>bidiagonalElements(inner, k) * size) + 128 + packedWorkspace<T>(inner, k, PANEL);
  if (job == VALUES) return bytes;
  bytes = max(bytes, max(divideWorkspace<T>(k), roundToLine(<usize>k * <usize>k * size)));
  const columns = job == FULL ? rows : k;
  bytes = max(bytes, leastReflectorWorkspace<T>(rows, columns));
  // More makes the back-transformation quicker, but 3 rows k elements are the limit for everything.
  const taken = fixedBytes<T>(rows, k) + triangleBytes<T>(rows, k), limit: usize = 3 * <usize>rows * <usize>k * size;
  return limit <= taken ? bytes : max(bytes, min(reflectorWorkspace<T>(rows, columns), (limit - taken) & ~63));
}

/** Bytes of workspace: from min(m, n) = 128 on, never more than 3 m n elements. */
export function svdWorkspace<T>(job: i32, m: i32, n: i32): usize {
  const rows = max(m, n), k = min(m, n);
  if (k == 0) return 64;
  const stages = triangleBytes<T>(rows, k) + stageWorkspace<T>(job, rows, k);
  // R and what follows lie in the place of the QR factorization's workspace.
  return fixedBytes<T>(rows, k) + (isTall(rows, k) ? max(stages, factorWorkspace<T>(rows, k)) : stages);
}

/** Elements of the parts of svdWorkspace that grow fastest: h, R and what follows it, or the workspace of the QR factorization. */
export function svdLeading(job: i32, m: i32, n: i32): f64 {
  const rows = <f64>max(m, n), k = <f64>min(m, n), tall = isTall(max(m, n), min(m, n)), square = job == VALUES ? 0.0 : k * k;
  return rows * k + (tall ? max(k * k + square, k > 0 ? qrLeading(max(m, n), min(m, n)) : 0.0) : square);
}

/** The upper triangle of the first n rows of a, zeros below. */
export function copyTriangle<T>(n: i32, a: usize, r: usize): void {
  const bytes = <usize>n * sizeof<T>();
  for (let i = 0; i < n; i++) {
    const skip = <usize>i * sizeof<T>();
    memory.fill(r + <usize>i * bytes, 0, skip);
    memory.copy(r + <usize>i * bytes + skip, a + <usize>i * bytes + skip, bytes - skip);
  }
}

/** The decomposition of the zero matrix: any vectors do. */
function nothing<T>(n: i32, order: usize, ut: usize, vt: usize): i32 {
  setIdentity<T>(n, ut);
  setIdentity<T>(n, vt);
  for (let i = 0; i < n; i++) store<i32>(order + <usize>i * 4, n - 1 - i);
  return 0;
}

/** Column t of X (rows x columns) := row order[n - 1 - t] of the n x n matrix y, and the identity in what X has beyond n x n. */
function placeVectors<T>(n: i32, y: usize, order: usize, rows: i32, columns: i32, x: usize, rsx: i32, csx: i32): void {
  const size = sizeof<T>(), rs = <usize>rsx * size, cs = <usize>csx * size;
  memory.fill(x, 0, <usize>rows * <usize>columns * size);
  for (let i = n; i < columns; i++) store<T>(x + <usize>i * (rs + cs), 1);
  // Strips of 8 columns, so that a line of X is written while it is in the cache.
  for (let t0 = 0; t0 < n; t0 += 8) {
    const t1 = min(n, t0 + 8);
    if (rsx == 1) {
      for (let t = t0; t < t1; t++) {
        const from = y + <usize>(load<i32>(order + <usize>(n - 1 - t) * 4) * n) * size;
        memory.copy(x + <usize>t * cs, from, <usize>n * size);
      }
    } else {
      for (let i = 0; i < n; i++) {
        for (let t = t0; t < t1; t++) {
          const from = y + <usize>(load<i32>(order + <usize>(n - 1 - t) * 4) * n + i) * size;
          store<T>(x + <usize>i * rs + <usize>t * cs, load<T>(from));
        }
      }
    }
  }
}

/**
 * One matrix, row-major and contiguous, as all outputs are. s (k = min(m, n)) descends; job THIN: u (m x k), vt (k x n); FULL:
 * u (m x m), vt (n x n). Returns 0, NOT_FINITE, or the positive info of bidiagonalQr.
 */
export function svd<T>(job: i32, m: i32, n: i32, a: usize, u: usize, s: usize, vt: usize, work: usize): i32 {
  const size = sizeof<T>(), rows = max(m, n), k = min(m, n);
  const isWide = m < n;
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
  const tall = isTall(rows, k), bytes = <usize>k * size;
  const h = work, d = h + roundToLine(<usize>rows * bytes);
  const e = d + bytes, tauq = e + bytes, taup = tauq + bytes, tau = taup + bytes, order = tau + bytes;
  const r = h + fixedBytes<T>(rows, k), stage = r + triangleBytes<T>(rows, k), room = stageWorkspace<T>(job, rows, k);
  copyScaled<T>(m, n, a, scale, isWide, h);

  if (tall) {
    geqrf<T>(rows, k, h, k, tau, r);
    copyTriangle<T>(k, h, r);
  }
  const b = tall ? r : h, inner = tall ? k : rows;
  bidiagonalize<T>(inner, k, b, k, d, e, tauq, taup, stage);

  if (job == VALUES) {
    const info = bidiagonalQr<T>(k, d, e, 0, 0, 0, 0, 0, 0);
    if (info) return info;
    sortIndices<T>(k, d, order);
    for (let i = 0; i < k; i++) store<T>(s + <usize>i * size, load<T>(d + <usize>load<i32>(order + <usize>(k - 1 - i) * 4) * size));
    scaleTo<T>(k, s, <T>1 / scale);
    return 0;
  }

  // The long side's vectors have `rows` entries, the short side's k. Each output holds its small vectors meanwhile.
  const long = isWide ? vt : u, short = isWide ? u : vt;
  const columns = job == FULL ? rows : k;
  const rsl = isWide ? 1 : columns, csl = isWide ? rows : 1, rss = isWide ? k : 1, css = isWide ? 1 : k;
  memory.fill(long, 0, <usize>k * bytes);
  memory.fill(short, 0, <usize>k * bytes);
  const norm = max<T>(largestEntry<T>(k, d), largestEntry<T>(k - 1, e));
  const info = norm == <T>0 ? nothing<T>(k, order, long, short) : divide<T>(k, 0, norm, d, e, order, long, k, short, k, stage);
  if (info) return info;
  for (let i = 0; i < k; i++) store<T>(s + <usize>i * size, load<T>(d + <usize>load<i32>(order + <usize>(k - 1 - i) * 4) * size));
  scaleTo<T>(k, s, <T>1 / scale);

  memory.copy(stage, short, <usize>k * bytes);
  placeVectors<T>(k, stage, order, k, k, short, rss, css);
  memory.copy(stage, long, <usize>k * bytes);
  placeVectors<T>(k, stage, order, rows, columns, long, rsl, csl);
  // P leaves row 0 as it is; its reflectors lie in the rows of B.
  applyReflectors<T>(false, k - 1, k, k - 1, b + size, 1, k, taup, short + <usize>rss * size, rss, css, stage, room);
  applyReflectors<T>(false, inner, tall ? k : columns, k, b, k, 1, tauq, long, rsl, csl, stage, room);
  if (tall) applyReflectors<T>(false, rows, columns, k, h, k, 1, tau, long, rsl, csl, stage, room);
  return 0;
}
