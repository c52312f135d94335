// Products, maxima and minima over the middle axis of an outer x n x inner array; NaN spreads. And where extrema stand.
import { lanes } from '../simd/lanes';

const PIECE: i32 = 8192;
const STRIP: usize = 512;

export const PROD: i32 = 0;
export const MAX: i32 = 1;
export const MIN: i32 = 2;

// @ts-ignore: decorator
@inline
function vector<T>(op: i32, x: v128, y: v128): v128 {
  if (op == PROD) return v128.mul<T>(x, y);
  if (op == MAX) return v128.max<T>(x, y);
  return v128.min<T>(x, y);
}

// @ts-ignore: decorator
@inline
function scalar<T>(op: i32, x: T, y: T): T {
  if (op == PROD) return <T>(x * y);
  if (op == MAX) return max<T>(x, y);
  return min<T>(x, y);
}

/** The lanes of a vector, folded. */
// @ts-ignore: decorator
@inline
function lanewise<T>(op: i32, s: v128): T {
  const low = scalar<T>(op, v128.extract_lane<T>(s, 0), v128.extract_lane<T>(s, 1));
  if (sizeof<T>() == 8) return low;
  return scalar<T>(op, low, scalar<T>(op, v128.extract_lane<T>(s, 2), v128.extract_lane<T>(s, 3)));
}

/** n contiguous elements, folded in four vectors. */
// @ts-ignore: decorator
@inline
function contiguous<T>(op: i32, n: i32, x: usize): T {
  const w = lanes<T>();
  let result = load<T>(x);
  let i = 1;
  if (n >= 4 * w) {
    let s0 = v128.load(x), s1 = v128.load(x, 16), s2 = v128.load(x, 32), s3 = v128.load(x, 48);
    for (i = 4 * w; i + 4 * w <= n; i += 4 * w) {
      x += 64;
      s0 = vector<T>(op, s0, v128.load(x));
      s1 = vector<T>(op, s1, v128.load(x, 16));
      s2 = vector<T>(op, s2, v128.load(x, 32));
      s3 = vector<T>(op, s3, v128.load(x, 48));
    }
    s0 = vector<T>(op, vector<T>(op, s0, s1), vector<T>(op, s2, s3));
    result = lanewise<T>(op, s0);
    x += 64;
  } else x += sizeof<T>();
  for (; i < n; i++) {
    result = scalar<T>(op, result, load<T>(x));
    x += sizeof<T>();
  }
  return result;
}

/**
 * The extremum of n contiguous elements. The instructions that spread NaN are slow: here one that does not folds the elements,
 * and NaN is looked for beside it.
 */
// @ts-ignore: decorator
@inline
function extremum<T>(op: i32, n: i32, x: usize): T {
  const w = lanes<T>();
  if (!isFloat<T>() || n < 4 * w) return contiguous<T>(op, n, x);
  let s0 = v128.load(x), s1 = v128.load(x, 16), s2 = v128.load(x, 32), s3 = v128.load(x, 48);
  let unordered = v128.splat<T>(0);
  let i = 0;
  for (; i + 4 * w <= n; i += 4 * w) {
    const x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
    s0 = op == MAX ? v128.pmax<T>(s0, x0) : v128.pmin<T>(s0, x0);
    s1 = op == MAX ? v128.pmax<T>(s1, x1) : v128.pmin<T>(s1, x1);
    s2 = op == MAX ? v128.pmax<T>(s2, x2) : v128.pmin<T>(s2, x2);
    s3 = op == MAX ? v128.pmax<T>(s3, x3) : v128.pmin<T>(s3, x3);
    unordered = v128.or(unordered, v128.or(v128.ne<T>(x0, x0), v128.ne<T>(x1, x1)));
    unordered = v128.or(unordered, v128.or(v128.ne<T>(x2, x2), v128.ne<T>(x3, x3)));
    x += 64;
  }
  if (v128.any_true(unordered)) return <T>NaN;
  let result = lanewise<T>(op, vector<T>(op, vector<T>(op, s0, s1), vector<T>(op, s2, s3)));
  for (; i < n; i++) {
    result = scalar<T>(op, result, load<T>(x));
    x += sizeof<T>();
  }
  return result;
}

function contiguousProduct<T>(n: i32, x: usize): T {
  return contiguous<T>(PROD, n, x);
}
function contiguousMaximum<T>(n: i32, x: usize): T {
  return extremum<T>(MAX, n, x);
}
function contiguousMinimum<T>(n: i32, x: usize): T {
  return extremum<T>(MIN, n, x);
}

/** n >= 1 contiguous elements. */
// @ts-ignore: decorator
@inline
export function reduceContiguous<T>(op: i32, n: i32, x: usize): T {
  let result = load<T>(x);
  for (let i = 0; i < n; i += PIECE) {
    const piece = min(PIECE, n - i);
    const part = op == PROD ? contiguousProduct<T>(piece, x)
      : op == MAX ? contiguousMaximum<T>(piece, x) : contiguousMinimum<T>(piece, x);
    result = i == 0 ? part : scalar<T>(op, result, part);
    x += <usize>piece * sizeof<T>();
  }
  return result;
}

/** out := out op x over `bytes` contiguous bytes. */
// @ts-ignore: decorator
@inline
function fold<T>(op: i32, bytes: usize, out: usize, x: usize): void {
  let o: usize = 0;
  for (; o + 16 <= bytes; o += 16) v128.store(out + o, vector<T>(op, v128.load(out + o), v128.load(x + o)));
  for (; o < bytes; o += sizeof<T>()) store<T>(out + o, scalar<T>(op, load<T>(out + o), load<T>(x + o)));
}

function foldProduct<T>(bytes: usize, out: usize, x: usize): void {
  fold<T>(PROD, bytes, out, x);
}
function foldMaximum<T>(bytes: usize, out: usize, x: usize): void {
  fold<T>(MAX, bytes, out, x);
}
function foldMinimum<T>(bytes: usize, out: usize, x: usize): void {
  fold<T>(MIN, bytes, out, x);
}

/** n >= 1 rows of `bytes` bytes, `pitch` bytes apart. */
// @ts-ignore: decorator
@inline
export function reduceRows<T>(op: i32, n: i32, bytes: usize, x: usize, pitch: usize, out: usize): void {
  memory.copy(out, x, bytes);
  for (let j = 1; j < n; j++) {
    x += pitch;
    if (op == PROD) foldProduct<T>(bytes, out, x);
    else if (op == MAX) foldMaximum<T>(bytes, out, x);
    else foldMinimum<T>(bytes, out, x);
  }
}

/** out[o][i] := x[o][0][i] op x[o][1][i] op …; n >= 1. */
// @ts-ignore: decorator
@inline
export function reduce<T>(op: i32, outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  const row = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) store<T>(out, reduceContiguous<T>(op, n, x));
    else for (let s: usize = 0; s < row; s += STRIP) reduceRows<T>(op, n, min(STRIP, row - s), x + s, row, out + s);
    out += row;
    x += <usize>n * row;
  }
}

/** The first index of the value `best`, or of a NaN if that is what it is, among n elements that have it. */
function indexOf<T>(best: T, x: usize): i32 {
  let j = 0;
  for (let v = load<T>(x); v != best && (v == v || best == best); v = load<T>(x)) {
    j++;
    x += sizeof<T>();
  }
  return j;
}

/** out[o][i] := the first j where x[o][j][i] is the extremum over j, or the first NaN; n >= 1. */
// @ts-ignore: decorator
@inline
export function indexOfExtremum<T>(op: i32, outer: i32, n: i32, inner: i32, out: usize, x: usize): void {
  const row = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) store<i32>(out, indexOf<T>(reduceContiguous<T>(op, n, x), x));
    else indexRows<T>(op, n, inner, x, out);
    out += <usize>inner * 4;
    x += <usize>n * row;
  }
}

/** The same for n rows of `inner` elements: the values that lead are read where they stand. */
function indexRows<T>(op: i32, n: i32, inner: i32, x: usize, out: usize): void {
  memory.fill(out, 0, <usize>inner * 4);
  let at = x;
  for (let j = 0; j < n; j++) {
    for (let i: usize = 0; i < <usize>inner; i++) {
      const v = load<T>(at);
      at += sizeof<T>();
      const best = load<T>(x + (<usize>load<i32>(out + (i << 2)) * <usize>inner + i) * sizeof<T>());
      if (best == best && !(op == MAX ? v <= best : v >= best)) store<i32>(out + (i << 2), j);
    }
  }
}
