// One step of divide and conquer: B = [B1 0; α e_lastᵀ β e_1ᵀ; 0 B2] with the decompositions of B1 and B2 known becomes
// a matrix with a first row z and a diagonal d; what need not change is deflated, and the rest is multiplied out
// (lasd1, lasd2, lasd3).
import { gemm } from '../gemm/gemm';
import { dot } from '../level1/dot';
import { roundToLine } from '../simd/lanes';
import { deflate, deflationTolerance, DENSE, LEFT, RIGHT, sortHalves, sortIndices } from './deflate';
import { radius, rotateRows } from './rotation';
import { ROOT_BYTES, secularRoot } from './secular';
import { leftVectors, recomputeZ, rightVectors } from './vectors';

/** Bytes of lists for n singular values. */
function listBytes(n: i32): usize {
  return roundToLine(<usize>(n + 2) * (6 * 8 + 5 * 4) + ROOT_BYTES);
}

/**
 * Bytes of workspace to merge n singular values. In elements, a matrix of k² for the k that are kept, the n - k other rows, and
 * c rows of half the length, of which gemm packs as much and 48 rows of the matrix. A kept vector that reaches into
 * both halves stands for two, so c <= n / 2 + 1; the sum is largest for k = n.
 */
export function mergeWorkspace<T>(n: i32): usize {
  const elements = <usize>n * <usize>n + <usize>(n / 2 + 1) * <usize>(n + 57);
  return listBytes(n) + roundToLine(elements * sizeof<T>()) + 384;
}

/** The rows of `from` in this order, `columns` elements each, packed at `to`. */
function gatherRows<T>(count: i32, columns: i32, from: usize, ld: i32, order: usize, to: usize): void {
  const bytes = <usize>columns * sizeof<T>();
  for (let i = 0; i < count; i++) {
    memory.copy(to, from + <usize>(load<i32>(order + <usize>i * 4) * ld) * sizeof<T>(), bytes);
    to += bytes;
  }
}

/** Packed rows back in place. */
function returnRows<T>(count: i32, columns: i32, gathered: usize, to: usize, ld: i32): void {
  const bytes = <usize>columns * sizeof<T>();
  for (let i = 0; i < count; i++) memory.copy(to + <usize>(i * ld) * sizeof<T>(), gathered + <usize>i * bytes, bytes);
}

/**
 * Columns [from, from + columns) of the first k rows of x := P times those columns of `count` rows in this order, which are copied
 * to `part`; P (k x count) has k elements from one row to the next.
 */
function multiply<T>(
  k: i32, count: i32, p: usize, order: usize, x: usize, ld: i32, from: i32, columns: i32, part: usize,
): void {
  const block = x + <usize>from * sizeof<T>();
  gatherRows<T>(count, columns, block, ld, order, part);
  const end = part + <usize>(count * columns) * sizeof<T>();
  gemm<T>(k, columns, count, <T>1, p, k, 1, part, columns, 1, <T>0, block, ld, 1, roundToLine(end));
}

/**
 * Joins the halves (nl and nr rows) of an n x (n + sqre) block, n = nl + nr + 1. d: their values with a gap at nl; ut (n rows of n)
 * and vt (n + sqre rows of as many): their vectors as rows, zero outside each half's columns; order: their ascending order.
 * On return the same for the whole. norm: the largest entry of the whole matrix, not zero. `work`: mergeWorkspace(n) bytes.
 */
export function merge<T>(
  nl: i32, nr: i32, sqre: i32, alpha: T, beta: T, norm: T, d: usize, order: usize, ut: usize, ldu: i32, vt: usize, ldv: i32,
  work: usize,
): void {
  const size = sizeof<T>();
  const n = nl + nr + 1, m = n + sqre;
  const reals = <usize>(n + 2) * 8, integers = <usize>(n + 2) * 4;
  const z = work + ROOT_BYTES, zk = z + reals, dk = zk + reals, omega = dk + reals, hat = omega + reals, row = hat + reals;
  const sorted = row + reals, kind = sorted + integers, kept = kind + integers, position = kept + integers;
  const gathering = position + integers;
  const p = work + listBytes(n);
  const rowU = <usize>ldu * size, rowV = <usize>ldv * size;

  // z: the joining row in the coordinates of the halves.
  sortHalves<T>(nl, nr, d, order, sorted);
  for (let j = 0; j < n; j++) {
    const at = vt + <usize>j * rowV + <usize>(j <= nl ? nl : nl + 1) * size;
    store<T>(z + <usize>j * size, (j <= nl ? alpha : beta) * load<T>(at));
    store<i32>(kind + <usize>j * 4, j < nl ? LEFT : RIGHT);
  }
  let z0 = load<T>(z + <usize>nl * size);
  const tolerance = deflationTolerance<T>(n, d, sorted, alpha, beta, norm);
  if (sqre) {
    // The two null vectors of the halves: one joins the matrix, the other one stays a null vector.
    const zm = beta * load<T>(vt + <usize>n * rowV + <usize>(nl + 1) * size), r = radius<T>(z0, zm);
    if (abs<T>(r) > tolerance) rotateRows<T>(m, vt + <usize>nl * rowV, vt + <usize>n * rowV, z0 / r, zm / r);
    z0 = r;
  }
  // What is to be turned is listed where the matrix of vectors will be.
  const angles = p, pairs = angles + roundToLine(<usize>(2 * n) * size);
  const k = deflate<T>(n, nl, z0, tolerance, d, z, sorted, kind, kept, zk, dk, pairs, angles);
  for (let t = 0; t < load<i32>(pairs); t++) {
    const i = load<i32>(pairs + <usize>(2 * t + 1) * 4), j = load<i32>(pairs + <usize>(2 * t + 2) * 4);
    const c = load<T>(angles + <usize>(2 * t) * size), s = load<T>(angles + <usize>(2 * t + 1) * size);
    rotateRows<T>(n, ut + <usize>i * rowU, ut + <usize>j * rowU, c, s);
    rotateRows<T>(m, vt + <usize>i * rowV, vt + <usize>j * rowV, c, s);
  }

  // Places of the kept rows by kind: the products then skip the columns that are zero.
  let left = 0, dense = 0;
  for (let j = 1; j < k; j++) {
    const type = load<i32>(kind + <usize>load<i32>(kept + <usize>j * 4) * 4);
    if (type == LEFT) left++;
    else if (type == DENSE) dense++;
  }
  store<i32>(position, left);
  let nextLeft = 0, nextDense = left + 1, nextRight = left + 1 + dense;
  store<i32>(gathering + <usize>left * 4, nl);
  for (let j = 1; j < k; j++) {
    const index = load<i32>(kept + <usize>j * 4), type = load<i32>(kind + <usize>index * 4);
    const at = type == LEFT ? nextLeft++ : type == DENSE ? nextDense++ : nextRight++;
    store<i32>(position + <usize>j * 4, at);
    store<i32>(gathering + <usize>at * 4, index);
  }
  for (let i = k; i < n; i++) store<i32>(gathering + <usize>i * 4, load<i32>(kept + <usize>i * 4));

  let square: T = dot<T>(k, zk, 1, zk, 1);
  for (let i = 0; i < k; i++) {
    store<T>(omega + <usize>i * size, secularRoot<T>(i, k, dk, zk, square, p + <usize>(i * k) * size, work));
  }
  recomputeZ<T>(k, dk, zk, p, hat);
  // The new values and their order; `row` keeps the deflated ones meanwhile.
  for (let i = k; i < n; i++) {
    store<T>(row + <usize>i * size, load<T>(d + <usize>load<i32>(kept + <usize>i * 4) * size));
  }
  memory.copy(d, omega, <usize>k * size);
  memory.copy(d + <usize>k * size, row + <usize>k * size, <usize>(n - k) * size);
  sortIndices<T>(n, d, order);

  // The deflated rows go last; in the others' columns of each half, those of the other half have nothing.
  const both = left + 1 + dense, gone = gathering + <usize>k * 4, fromLeft = gathering + <usize>left * 4;
  const skip = p + <usize>left * size, rest = p + <usize>(k * k) * size, part = rest + <usize>((n - k) * m) * size;
  leftVectors<T>(k, dk, hat, p, position, row);
  gatherRows<T>(n - k, n, ut, ldu, gone, rest);
  multiply<T>(k, both, p, gathering, ut, ldu, 0, nl, part);
  multiply<T>(k, k - left, skip, fromLeft, ut, ldu, nl + 1, nr, part);
  returnRows<T>(n - k, n, rest, ut + <usize>k * rowU, ldu);
  // The joining row's own unit vector alone has the column nl.
  for (let i = 0; i < k; i++) {
    store<T>(ut + <usize>i * rowU + <usize>nl * size, load<T>(skip + <usize>(i * k) * size));
  }
  rightVectors<T>(k, dk, load<T>(hat), omega, p, position, row);
  gatherRows<T>(n - k, m, vt, ldv, gone, rest);
  multiply<T>(k, both, p, gathering, vt, ldv, 0, nl + 1, part);
  multiply<T>(k, k - left, skip, fromLeft, vt, ldv, nl + 1, nr + sqre, part);
  returnRows<T>(n - k, m, rest, vt + <usize>k * rowV, ldv);
}
