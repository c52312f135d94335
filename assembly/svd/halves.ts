// B = U S Vᵀ of an upper bidiagonal B, its last merge left undone: the vectors of both halves, and the values, roots and weights of the
// matrix that joins them, by which B⁺ multiplies (LAPACK's lals0 applies every merge so; one is most of the work and of the room).
import { packedWorkspace } from '../gemm/blocking';
import { gemm } from '../gemm/gemm';
import { dot } from '../level1/dot';
import { scal } from '../level1/axpy';
import { nrm2 } from '../level1/norms';
import { roundToLine } from '../simd/lanes';
import { deflate, deflationTolerance, LEFT, RIGHT, sortHalves, sortIndices } from './deflate';
import { divide, divideWorkspace, LEAF } from './divide';
import { rotateRows } from './rotation';
import { differences, distanceOf, originOf, ROOT_BYTES, secularRoot } from './secular';
import { finishZ, leftEntries, multiplyRow, rightEntries } from './vectors';

/** Vectors of the joining matrix that are made at a time. */
export const STRIP: i32 = 32;

/** Lists of n reals, and of n integers. */
const REALS: i32 = 11, INTEGERS: i32 = 6;

// Where the lists lie, in lists of n reals: z, its kept part, d, ẑ, roots' origins and distances, values and weights, angles, a row.
const Z: i32 = 0, ZK: i32 = 1, DK: i32 = 2, HAT: i32 = 3, ORIGIN: i32 = 4, TAU: i32 = 5, VALUE: i32 = 6, WEIGHT: i32 = 7, ANGLES: i32 = 8;
const ROW: i32 = 10;
// In lists of n integers behind them: the order of values, then sorted, kind, kept, pairs.
const ORDER: i32 = 0, SORTED: i32 = 1, KIND: i32 = 2, KEPT: i32 = 3, PAIRS: i32 = 4;

/** Bytes of a list of reals. */
// @ts-ignore: decorator
@inline
function listBytes(n: i32): usize {
  return <usize>(n + 2) * 8;
}

// @ts-ignore: decorator
@inline
function reals(n: i32, at: usize, list: i32): usize {
  return at + 128 + <usize>list * listBytes(n);
}

// @ts-ignore: decorator
@inline
function integers(n: i32, at: usize, list: i32): usize {
  return at + 128 + <usize>REALS * listBytes(n) + <usize>list * (<usize>(n + 2) * 4);
}

/** Whether B is cut in halves. */
// @ts-ignore: decorator
@inline
function isCut(n: i32): bool {
  return n > LEAF;
}

/** Bytes that stay: lists and vectors, about n² elements. */
export function halvesBytes<T>(n: i32): usize {
  const nl = n / 2, nr = n - nl - 1;
  const elements = isCut(n)
    ? <usize>nl * <usize>nl + <usize>(nl + 1) * <usize>(nl + 1) + 2 * <usize>nr * <usize>nr
    : 2 * <usize>n * <usize>n;
  return roundToLine(128 + <usize>REALS * listBytes(n) + <usize>(INTEGERS * (n + 2) * 4)) + roundToLine(elements * sizeof<T>() + 64);
}

/** Bytes of workspace to make them. */
export function halvesWorkspace<T>(n: i32): usize {
  return divideWorkspace<T>(isCut(n) ? n / 2 : n);
}

/** Bytes of workspace to multiply `columns` vectors by B⁺. */
export function applyWorkspace<T>(n: i32, columns: i32): usize {
  const strip = min(n, STRIP), half = n / 2 + 1;
  let products = max(packedWorkspace<T>(strip, columns, n), packedWorkspace<T>(n, columns, strip));
  products = max(products, packedWorkspace<T>(isCut(n) ? half : n, columns, isCut(n) ? half : n));
  const elements = <usize>(2 * n + strip) * <usize>columns + <usize>strip * <usize>n;
  return roundToLine(elements * sizeof<T>()) + 64 + products;
}

// @ts-ignore: decorator
@inline
function vectorsAt(n: i32, at: usize): usize {
  return (integers(n, at, INTEGERS) + 63) & ~63;
}

/** The values in `values`, descending in `s`; weights by rcond. Returns how many count. */
function weigh<T>(n: i32, at: usize, rcond: T, s: usize): i32 {
  const size = sizeof<T>(), values = reals(n, at, VALUE), weights = reals(n, at, WEIGHT), order = integers(n, at, ORDER);
  sortIndices<T>(n, values, order);
  for (let i = 0; i < n; i++) {
    store<T>(s + <usize>i * size, load<T>(values + <usize>load<i32>(order + <usize>(n - 1 - i) * 4) * size));
  }
  const cutoff = rcond * load<T>(s);
  let rank = 0;
  for (let i = 0; i < n; i++) {
    const value = load<T>(values + <usize>i * size);
    if (value > cutoff) rank++;
    store<T>(weights + <usize>i * size, value > cutoff ? <T>1 / value : <T>0);
  }
  return rank;
}

/**
 * From d (n) and e (n - 1), which are destroyed: s (n) descending, and at `at` (halvesBytes) what `applyInverse` needs. norm: the largest
 * entry of B, not zero. Returns how many values are above rcond times the largest, or minus bidiagonalQr's info.
 */
export function decomposeHalves<T>(n: i32, norm: T, rcond: T, d: usize, e: usize, s: usize, at: usize, work: usize): i32 {
  const size = sizeof<T>(), vectors = vectorsAt(n, at), order = integers(n, at, ORDER), values = reals(n, at, VALUE);
  memory.fill(vectors, 0, at + halvesBytes<T>(n) - vectors);
  if (!isCut(n)) {
    const info = divide<T>(n, 0, norm, d, e, order, vectors, n, vectors + <usize>(n * n) * size, n, work);
    if (info) return -info;
    memory.copy(values, d, <usize>n * size);
    return weigh<T>(n, at, rcond, s);
  }
  const nl = n / 2, nr = n - nl - 1, right = <usize>(nl + 1);
  const ul = vectors, vl = ul + <usize>(nl * nl) * size, ur = vl + <usize>((nl + 1) * (nl + 1)) * size, vr = ur + <usize>(nr * nr) * size;
  const alpha = load<T>(d + <usize>nl * size), beta = load<T>(e + <usize>nl * size);
  let info = divide<T>(nl, 1, norm, d, e, order, ul, nl, vl, nl + 1, work);
  if (info) return -info;
  info = divide<T>(nr, 0, norm, d + right * size, e + right * size, order + right * 4, ur, nr, vr, nr, work);
  if (info) return -info;

  const z = reals(n, at, Z), zk = reals(n, at, ZK), dk = reals(n, at, DK), hat = reals(n, at, HAT), row = reals(n, at, ROW);
  const origins = reals(n, at, ORIGIN), taus = reals(n, at, TAU);
  const sorted = integers(n, at, SORTED), kind = integers(n, at, KIND), kept = integers(n, at, KEPT);
  sortHalves<T>(nl, nr, d, order, sorted);
  for (let j = 0; j < n; j++) {
    const entry = j <= nl ? load<T>(vl + <usize>(j * (nl + 1) + nl) * size) : load<T>(vr + <usize>((j - nl - 1) * nr) * size);
    store<T>(z + <usize>j * size, (j <= nl ? alpha : beta) * entry);
    store<i32>(kind + <usize>j * 4, j < nl ? LEFT : RIGHT);
  }
  const tolerance = deflationTolerance<T>(n, d, sorted, alpha, beta, norm);
  const k = deflate<T>(
    n, nl, load<T>(z + <usize>nl * size), tolerance, d, z, sorted, kind, kept, zk, dk, integers(n, at, PAIRS), reals(n, at, ANGLES),
  );
  store<i32>(at, k);
  // The last root's differences begin the squares of ẑ.
  const square: T = dot<T>(k, zk, 1, zk, 1), scratch = at + 64;
  for (let t = 0; t < k; t++) {
    const i = t == 0 ? k - 1 : t - 1, to = <usize>i * size;
    store<T>(values + to, secularRoot<T>(i, k, dk, zk, square, row, scratch));
    store<T>(origins + to, originOf<T>(scratch));
    store<T>(taus + to, distanceOf<T>(scratch));
    if (t == 0) memory.copy(hat, row, <usize>k * size);
    else multiplyRow<T>(i, k, dk, row, hat);
  }
  finishZ<T>(k, zk, hat);
  for (let i = k; i < n; i++) {
    store<T>(values + <usize>i * size, load<T>(d + <usize>load<i32>(kept + <usize>i * 4) * size));
  }
  return weigh<T>(n, at, rcond, s);
}

/** Vectors i0 … i1 - 1 of the joining matrix as rows at p: left ones, or right ones. */
function joiningVectors<T>(n: i32, at: usize, isLeft: bool, i0: i32, i1: i32, p: usize): void {
  const size = sizeof<T>(), k = load<i32>(at), dk = reals(n, at, DK), hat = reals(n, at, HAT);
  for (let i = i0; i < i1; i++) {
    const row = p + <usize>((i - i0) * k) * size, from = <usize>i * size;
    differences<T>(k, dk, load<T>(reals(n, at, ORIGIN) + from), load<T>(reals(n, at, TAU) + from), row);
    if (isLeft) {
      leftEntries<T>(k, dk, hat, row);
      store<T>(row, -1);
    } else rightEntries<T>(k, hat, row);
    const norm = nrm2<T>(k, row, 1);
    for (let j = 0; j < k; j++) store<T>(row + <usize>j * size, load<T>(row + <usize>j * size) / norm);
  }
}

/** The coordinates of X (n x columns) in the halves' vectors, left or right ones, to Y; or with `back` the vectors of coordinates X. */
function throughHalves<T>(n: i32, at: usize, isLeft: bool, back: bool, columns: i32, x: usize, y: usize, work: usize): void {
  const size = sizeof<T>(), vectors = vectorsAt(n, at), ld = <usize>columns * size;
  if (!isCut(n)) {
    const v = isLeft ? vectors : vectors + <usize>(n * n) * size;
    gemm<T>(n, columns, n, <T>1, v, back ? 1 : n, back ? n : 1, x, columns, 1, <T>0, y, columns, 1, work);
    return;
  }
  const nl = n / 2, nr = n - nl - 1, ul = vectors, vl = ul + <usize>(nl * nl) * size;
  const ur = vl + <usize>((nl + 1) * (nl + 1)) * size, vr = ur + <usize>(nr * nr) * size;
  const top = isLeft ? nl : nl + 1, first = isLeft ? ul : vl, second = isLeft ? ur : vr, middle = <usize>nl * ld, rest = middle + ld;
  gemm<T>(top, columns, top, <T>1, first, back ? 1 : top, back ? top : 1, x, columns, 1, <T>0, y, columns, 1, work);
  if (isLeft) memory.copy(y + middle, x + middle, ld);
  gemm<T>(nr, columns, nr, <T>1, second, back ? 1 : nr, back ? nr : 1, x + rest, columns, 1, <T>0, y + rest, columns, 1, work);
}

/** The rotations of the deflation, forth or back. */
function turn<T>(n: i32, at: usize, back: bool, columns: i32, x: usize): void {
  const size = sizeof<T>(), pairs = integers(n, at, PAIRS), angles = reals(n, at, ANGLES), count = load<i32>(pairs);
  for (let l = 0; l < count; l++) {
    const t = back ? count - 1 - l : l;
    const px = x + <usize>(load<i32>(pairs + <usize>(2 * t + 1) * 4) * columns) * size;
    const py = x + <usize>(load<i32>(pairs + <usize>(2 * t + 2) * 4) * columns) * size;
    const c = load<T>(angles + <usize>(2 * t) * size), s = load<T>(angles + <usize>(2 * t + 1) * size);
    rotateRows<T>(columns, px, py, c, back ? -s : s);
  }
}

/** `count` rows of n numbers in this order to `to`, or with `back` from there to their places. */
function permute<T>(count: i32, columns: i32, order: usize, back: bool, x: usize, to: usize): void {
  const bytes = <usize>columns * sizeof<T>();
  for (let i = 0; i < count; i++) {
    const place = x + <usize>load<i32>(order + <usize>i * 4) * bytes, packed = to + <usize>i * bytes;
    if (back) memory.copy(place, packed, bytes);
    else memory.copy(packed, place, bytes);
  }
}

/** Rows times their weights, from row i0 on. */
function weighRows<T>(n: i32, at: usize, i0: i32, count: i32, columns: i32, x: usize): void {
  const size = sizeof<T>(), weights = reals(n, at, WEIGHT);
  for (let i = 0; i < count; i++) {
    scal<T>(columns, load<T>(weights + <usize>(i0 + i) * size), x + <usize>(i * columns) * size, 1);
  }
}

/** X (n x columns, contiguous) := B⁺ X, or (B⁺)ᵀ X with `transpose`. `work`: applyWorkspace(n, columns) less n x columns elements. */
export function applyInverse<T>(n: i32, at: usize, transpose: bool, columns: i32, x: usize, work: usize): void {
  const size = sizeof<T>(), y = work, p = y + <usize>(n * columns) * size;
  const strip = min(n, STRIP), h = p + <usize>(strip * n) * size, rest = roundToLine(h + <usize>(strip * columns) * size);
  throughHalves<T>(n, at, !transpose, false, columns, x, y, rest);
  if (!isCut(n)) {
    weighRows<T>(n, at, 0, n, columns, y);
    throughHalves<T>(n, at, transpose, true, columns, y, x, rest);
    return;
  }
  const k = load<i32>(at), kept = integers(n, at, KEPT), tail = <usize>(k * columns) * size;
  turn<T>(n, at, false, columns, y);
  permute<T>(n, columns, kept, false, y, x);
  weighRows<T>(n, at, k, n - k, columns, x + tail);
  memory.fill(y, 0, tail);
  for (let i = 0; i < k; i += strip) {
    const count = min(strip, k - i);
    joiningVectors<T>(n, at, !transpose, i, i + count, p);
    gemm<T>(count, columns, k, <T>1, p, k, 1, x, columns, 1, <T>0, h, columns, 1, rest);
    weighRows<T>(n, at, i, count, columns, h);
    joiningVectors<T>(n, at, transpose, i, i + count, p);
    gemm<T>(k, columns, count, <T>1, p, 1, k, h, columns, 1, <T>1, y, columns, 1, rest);
  }
  memory.copy(x, y, tail);
  permute<T>(n, columns, kept, true, y, x);
  turn<T>(n, at, true, columns, y);
  throughHalves<T>(n, at, transpose, true, columns, y, x, rest);
}

/** Bytes of workspace of formInverse for so many columns at a time. */
export function formWorkspace<T>(n: i32, columns: i32): usize {
  const strip = min(n, STRIP), half = isCut(n) ? n / 2 + 1 : n;
  const joined = roundToLine(<usize>(2 * strip * n) * sizeof<T>()) + packedWorkspace<T>(n, n, strip);
  const spread = roundToLine(<usize>(2 * n * columns) * sizeof<T>()) + packedWorkspace<T>(half, columns, half);
  return isCut(n) ? max(joined, spread) : roundToLine(<usize>(n * n) * sizeof<T>()) + packedWorkspace<T>(n, n, n);
}

/** X (n x n, rows in the order of `kept`) := Vᵀ X, with the left or the right vectors of the halves and the deflation's rotations. */
function spread<T>(n: i32, at: usize, isLeft: bool, x: usize, rsx: i32, csx: i32, columns: i32, work: usize): void {
  const size = sizeof<T>(), kept = integers(n, at, KEPT);
  const y = work + <usize>(n * columns) * size, rest = roundToLine(y + <usize>(n * columns) * size);
  for (let j = 0; j < n; j += columns) {
    const count = min(columns, n - j), block = x + <usize>(j * csx) * size;
    for (let i = 0; i < n; i++) {
      const row = work + <usize>(load<i32>(kept + <usize>i * 4) * count) * size, from = block + <usize>(i * rsx) * size;
      for (let l = 0; l < count; l++) store<T>(row + <usize>l * size, load<T>(from + <usize>(l * csx) * size));
    }
    turn<T>(n, at, true, count, work);
    throughHalves<T>(n, at, isLeft, true, count, work, y, rest);
    for (let i = 0; i < n; i++) {
      const row = y + <usize>(i * count) * size, to = block + <usize>(i * rsx) * size;
      for (let l = 0; l < count; l++) store<T>(to + <usize>(l * csx) * size, load<T>(row + <usize>l * size));
    }
  }
}

/** X := B⁺, any strides. `work`: formWorkspace(n, columns). */
export function formInverse<T>(n: i32, at: usize, x: usize, rsx: i32, csx: i32, columns: i32, work: usize): void {
  const size = sizeof<T>();
  if (!isCut(n)) {
    const u = vectorsAt(n, at), v = u + <usize>(n * n) * size, rest = roundToLine(work + <usize>(n * n) * size);
    memory.copy(work, u, <usize>(n * n) * size);
    weighRows<T>(n, at, 0, n, n, work);
    gemm<T>(n, n, n, <T>1, v, 1, n, work, n, 1, <T>0, x, rsx, csx, rest);
    return;
  }
  // In the order of `kept`: the inverse of the joining matrix, Σ v_i u_iᵀ / ω_i, and a diagonal.
  const k = load<i32>(at), u = work, v = u + <usize>(STRIP * n) * size, rest = roundToLine(v + <usize>(STRIP * n) * size);
  for (let i = 0; i < k; i += STRIP) {
    const count = min(STRIP, k - i);
    joiningVectors<T>(n, at, true, i, i + count, u);
    joiningVectors<T>(n, at, false, i, i + count, v);
    weighRows<T>(n, at, i, count, k, u);
    gemm<T>(k, k, count, <T>1, v, 1, k, u, k, 1, i == 0 ? <T>0 : <T>1, x, rsx, csx, rest);
  }
  for (let i = 0; i < n; i++) {
    for (let j = i < k ? k : 0; j < n; j++) {
      store<T>(x + <usize>(i * rsx + j * csx) * size, i == j ? load<T>(reals(n, at, WEIGHT) + <usize>i * size) : <T>0);
    }
  }
  spread<T>(n, at, false, x, rsx, csx, columns, work);
  spread<T>(n, at, true, x, csx, rsx, columns, work);
}
