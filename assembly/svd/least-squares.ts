// X = A⁺ B or (A⁺)ᵀ B, A = Q U S Vᵀ Pᵀ: the reflectors of the bidiagonalisation and the vectors of both halves of the bidiagonal matrix are
// kept as they are, and multiply the right sides; no singular vector of A is formed (LAPACK's gelsd). The work is laid out as
//   scale and info | A with its reflectors | R of a tall matrix | lists and vectors of the halves | stages
import { geqrf } from '../lapack/qr';
import { packedWorkspace } from '../gemm/blocking';
import { scal } from '../level1/axpy';
import { roundToLine, roundUp } from '../simd/lanes';
import { applyReflectors, leastReflectorWorkspace, reflectorWorkspace } from './backtransform';
import { bidiagonalElements, bidiagonalize, PANEL } from './bidiagonal';
import { applyInverse, applyWorkspace, decomposeHalves, formInverse, formWorkspace, halvesBytes, halvesWorkspace } from './halves';
import { copyScaled, largestEntry, powerOfTwo, scaleTo } from './scale';
import { copyTriangle, factorWorkspace, fixedBytes, isTall, NOT_FINITE, triangleBytes } from './svd';

const HEAD: usize = 64;
/** Most right sides that the halves multiply at a time. */
const MOST_COLUMNS: i32 = 512;
/** From this size on, workspace and values are kept below 3 m n elements. */
const LIMITED: i32 = 128;

/** The bytes of that. */
// @ts-ignore: decorator
@inline
function limitOf<T>(rows: i32, k: i32): usize {
  return <usize>max(3 * rows - 8, 0) * <usize>k * sizeof<T>();
}

/** Whether the solution is the shorter side. */
// @ts-ignore: decorator
@inline
function isShort(m: i32, n: i32, adjoint: bool): bool {
  return m >= n != adjoint;
}

/** Bytes that stay from factoring to solving. */
function factorBytes<T>(rows: i32, k: i32): usize {
  return HEAD + fixedBytes<T>(rows, k) + triangleBytes<T>(rows, k) + halvesBytes<T>(k);
}

/** Bytes to multiply so many columns by the inverse of the bidiagonal matrix, or to form it by so many. */
function inverseBytes<T>(k: i32, columns: i32): usize {
  return max(applyWorkspace<T>(k, columns), formWorkspace<T>(k, min(k, columns)));
}

/** Bytes to bring so many columns of B, longer than X, into the coordinates of the short side. */
function longBytes<T>(rows: i32, columns: i32): usize {
  return roundToLine(<usize>rows * <usize>columns * sizeof<T>()) + leastReflectorWorkspace<T>(rows, columns);
}

/** How many right sides at a time, within what the factors leave; `long`: those of longBytes. */
function columnsOf<T>(long: bool, rows: i32, k: i32, sides: i32): i32 {
  let columns = min(sides, MOST_COLUMNS);
  const limit = limitOf<T>(rows, k), taken = factorBytes<T>(rows, k);
  for (let pieces = 2; k >= LIMITED && columns > 8; pieces++) {
    if (taken + (long ? longBytes<T>(rows, columns) : inverseBytes<T>(k, columns)) <= limit) break;
    columns = roundUp((sides + pieces - 1) / pieces, 8);
  }
  return max(columns, 1);
}

/** Bytes of the stages behind the halves: these are made, then solved with. */
function stageBytes<T>(rows: i32, k: i32, short: bool, sides: i32): usize {
  let bytes = max(halvesWorkspace<T>(k), inverseBytes<T>(k, columnsOf<T>(false, rows, k, sides)));
  if (short && rows > k) bytes = max(bytes, longBytes<T>(rows, columnsOf<T>(true, rows, k, sides)));
  bytes = max(bytes, leastReflectorWorkspace<T>(rows, sides));
  // More makes the reflectors quicker.
  const taken = factorBytes<T>(rows, k), limit = limitOf<T>(rows, k);
  return limit <= taken ? bytes : max(bytes, min(reflectorWorkspace<T>(rows, sides), (limit - taken) & ~63));
}

/** Bytes of workspace to factor m x n and solve for `sides` right sides. */
export function leastSquaresWorkspace<T>(m: i32, n: i32, adjoint: bool, sides: i32): usize {
  const rows = max(m, n), k = min(m, n);
  if (k == 0) return HEAD;
  sides = max(sides, 1);
  const tall = isTall(rows, k), inner = tall ? k : rows, r = HEAD + fixedBytes<T>(rows, k);
  const bytes = factorBytes<T>(rows, k) + stageBytes<T>(rows, k, isShort(m, n, adjoint), sides);
  // What comes first has its workspace where the halves will be, or R as well.
  const panels = roundToLine(<usize>bidiagonalElements(inner, k) * sizeof<T>()) + 128 + packedWorkspace<T>(inner, k, PANEL);
  return max(max(bytes, r + triangleBytes<T>(rows, k) + panels), tall ? r + factorWorkspace<T>(rows, k) : 0);
}

/**
 * Factors A (m x n) into `work`; s (min(m, n)) descends. Returns how many values are above rcond times the largest, NOT_FINITE, or
 * NOT_FINITE less bidiagonalQr's info.
 */
export function factorLeastSquares<T>(m: i32, n: i32, a: usize, rcond: T, s: usize, work: usize): i32 {
  const size = sizeof<T>(), rows = max(m, n), k = min(m, n);
  if (k == 0) return 0;
  const largest = largestEntry<T>(<usize>m * <usize>n, a);
  if (!(largest < <T>Infinity)) return NOT_FINITE;
  const scale = powerOfTwo<T>(largest), tall = isTall(rows, k), bytes = <usize>k * size;
  store<T>(work, scale);
  store<i32>(work + 8, 0);
  const h = work + HEAD, d = h + roundToLine(<usize>rows * bytes);
  const e = d + bytes, tauq = e + bytes, taup = tauq + bytes, tau = taup + bytes;
  const r = h + fixedBytes<T>(rows, k), halves = r + triangleBytes<T>(rows, k), stage = halves + halvesBytes<T>(k);
  copyScaled<T>(m, n, a, scale, m < n, h);
  if (tall) {
    geqrf<T>(rows, k, h, k, tau, r);
    copyTriangle<T>(k, h, r);
  }
  bidiagonalize<T>(tall ? k : rows, k, tall ? r : h, k, d, e, tauq, taup, halves);
  const norm = max<T>(largestEntry<T>(k, d), largestEntry<T>(k - 1, e));
  memory.fill(s, 0, bytes);
  if (norm == <T>0) return 0;
  const rank = decomposeHalves<T>(k, norm, rcond, d, e, s, halves, stage);
  if (rank < 0) return NOT_FINITE + rank;
  scaleTo<T>(k, s, <T>1 / scale);
  store<i32>(work + 8, rank);
  return rank;
}

/** To (rows x columns) := columns of from, from j on. Strides in elements. */
function copyColumns<T>(
  rows: i32, columns: i32, j: i32, from: usize, rsf: i32, csf: i32, to: usize, rst: i32, cst: i32,
): void {
  const size = sizeof<T>();
  for (let i = 0; i < rows; i++) {
    let x = from + <usize>(i * rsf + j * csf) * size, y = to + <usize>(i * rst) * size;
    for (let l = 0; l < columns; l++) {
      store<T>(y, load<T>(x));
      x += <usize>csf * size;
      y += <usize>cst * size;
    }
  }
}

/** X (rows x sides) := Q X, where X has k rows so far; Q is that of the bidiagonalisation, behind that of a QR factorization. */
function applyLong<T>(
  rows: i32, k: i32, inner: i32, sides: i32, h: usize, q: usize, tauq: usize, tau: usize, x: usize, rsx: i32, csx: i32,
  stage: usize, room: usize,
): void {
  for (let i = k; i < rows; i++) {
    for (let j = 0; j < sides; j++) store<T>(x + <usize>(i * rsx + j * csx) * sizeof<T>(), 0);
  }
  applyReflectors<T>(false, inner, sides, k, q, k, 1, tauq, x, rsx, csx, stage, room);
  if (q != h) applyReflectors<T>(false, rows, sides, k, h, k, 1, tau, x, rsx, csx, stage, room);
}

/**
 * X := A⁺ B with what was factored in `work`, or (A⁺)ᵀ B with `adjoint`; X is n x sides (m x sides), B has m (n) rows. Where b
 * is 0, B is the identity, and X has as many rows as A's long side, or a square A `adjoint`. Strides in elements.
 */
export function solveLeastSquares<T>(
  m: i32, n: i32, adjoint: bool, sides: i32, b: usize, rsb: i32, csb: i32, x: usize, rsx: i32, csx: i32, work: usize,
): void {
  const size = sizeof<T>(), rows = max(m, n), k = min(m, n), short = isShort(m, n, adjoint);
  const solution = short ? k : rows;
  if (sides == 0 || solution == 0) return;
  const rank = k == 0 ? 0 : load<i32>(work + 8);
  if (rank == 0) {
    for (let i = 0; i < solution; i++) {
      for (let j = 0; j < sides; j++) store<T>(x + <usize>(i * rsx + j * csx) * size, 0);
    }
    return;
  }
  const scale = load<T>(work), tall = isTall(rows, k), inner = tall ? k : rows, bytes = <usize>k * size;
  const h = work + HEAD, tauq = h + roundToLine(<usize>rows * bytes) + 2 * bytes, taup = tauq + bytes, tau = taup + bytes;
  const r = h + fixedBytes<T>(rows, k), halves = r + triangleBytes<T>(rows, k), stage = halves + halvesBytes<T>(k);
  const q = tall ? r : h, room = stageBytes<T>(rows, k, short, sides);
  const columns = columnsOf<T>(false, rows, k, sides);
  const below = x + <usize>rsx * size;

  if (b == 0) {
    // Q (B⁺)ᵀ Pᵀ
    formInverse<T>(k, halves, x, csx, rsx, min(k, columns), stage);
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) {
        const at = x + <usize>(i * rsx + j * csx) * size;
        store<T>(at, load<T>(at) * scale);
      }
    }
    applyReflectors<T>(false, k - 1, k, k - 1, q + size, 1, k, taup, x + <usize>csx * size, csx, rsx, stage, room);
    applyLong<T>(rows, k, inner, sides, h, q, tauq, tau, x, rsx, csx, stage, room);
    return;
  }
  // B in the coordinates of the bidiagonal matrix, in the place of X; a longer B piece by piece.
  const wide = short && rows > k ? columnsOf<T>(true, rows, k, sides) : sides;
  if (!short || rows == k) copyColumns<T>(k, sides, 0, b, rsb, csb, x, rsx, csx);
  else {
    for (let j = 0; j < sides; j += wide) {
      const count = min(wide, sides - j), rest = stage + roundToLine(<usize>rows * <usize>count * size);
      copyColumns<T>(rows, count, j, b, rsb, csb, stage, count, 1);
      applyReflectors<T>(true, rows, count, k, h, k, 1, tall ? tau : tauq, stage, count, 1, rest, room - (rest - stage));
      copyColumns<T>(k, count, 0, stage, count, 1, x + <usize>(j * csx) * size, rsx, csx);
    }
  }
  if (!short) applyReflectors<T>(true, k - 1, sides, k - 1, q + size, 1, k, taup, below, rsx, csx, stage, room);
  else if (inner == k) applyReflectors<T>(true, k, sides, k, q, k, 1, tauq, x, rsx, csx, stage, room);
  for (let j = 0; j < sides; j += columns) {
    const count = min(columns, sides - j);
    copyColumns<T>(k, count, j, x, rsx, csx, stage, count, 1);
    applyInverse<T>(k, halves, !short, count, stage, stage + roundToLine(<usize>k * <usize>count * size));
    scal<T>(k * count, scale, stage, 1);
    copyColumns<T>(k, count, 0, stage, count, 1, x + <usize>(j * csx) * size, rsx, csx);
  }
  if (short) {
    applyReflectors<T>(false, k - 1, sides, k - 1, q + size, 1, k, taup, below, rsx, csx, stage, room);
    return;
  }
  applyLong<T>(rows, k, inner, sides, h, q, tauq, tau, x, rsx, csx, stage, room);
}
