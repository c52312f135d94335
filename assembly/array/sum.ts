// Sums over the middle axis of an outer x n x inner array, pairwise: the error grows with log n instead of n.
import { lanes, sumLanes } from '../simd/lanes';

const BLOCK: i32 = 256;
const ROWS: i32 = 32;
const STRIP: usize = 512;

/** Contiguous elements: blocks of 256 in four vectors, blocks as a binary tree. */
export function sumContiguous<T>(n: i32, x: usize): T {
  if (n > BLOCK) {
    const half = ((n + 1) / 2 + BLOCK - 1) & ~(BLOCK - 1);
    return <T>(sumContiguous<T>(half, x) + sumContiguous<T>(n - half, x + <usize>half * sizeof<T>()));
  }
  let sum: T = 0;
  let i = 0;
  if (isFloat<T>()) {
    let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
    const w = lanes<T>();
    for (; i + 4 * w <= n; i += 4 * w) {
      s0 = v128.add<T>(s0, v128.load(x));
      s1 = v128.add<T>(s1, v128.load(x, 16));
      s2 = v128.add<T>(s2, v128.load(x, 32));
      s3 = v128.add<T>(s3, v128.load(x, 48));
      x += 64;
    }
    sum = sumLanes<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)));
  }
  for (; i < n; i++) {
    sum += load<T>(x);
    x += sizeof<T>();
  }
  return sum;
}

/** out += x over `bytes` contiguous bytes. */
function accumulate<T>(bytes: usize, out: usize, x: usize): void {
  let o: usize = 0;
  for (; o + 16 <= bytes; o += 16) v128.store(out + o, v128.add<T>(v128.load(out + o), v128.load(x + o)));
  for (; o < bytes; o += sizeof<T>()) store<T>(out + o, <T>(load<T>(out + o) + load<T>(x + o)));
}

/** The sum of n rows of at most STRIP bytes, `pitch` bytes apart; `work` holds one strip per halving of n. */
function sumStrip<T>(n: i32, bytes: usize, x: usize, pitch: usize, out: usize, work: usize): void {
  if (n <= ROWS) {
    memory.copy(out, x, bytes);
    for (let i = 1; i < n; i++) accumulate<T>(bytes, out, x + <usize>i * pitch);
    return;
  }
  const half = n / 2;
  sumStrip<T>(half, bytes, x, pitch, out, work);
  sumStrip<T>(n - half, bytes, x + <usize>half * pitch, pitch, work, work + STRIP);
  accumulate<T>(bytes, out, work);
}

/** out[o][i] := Σ_j x[o][j][i]; n >= 1. */
export function sum<T>(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  const row = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) store<T>(out, sumContiguous<T>(n, x));
    else {
      for (let s: usize = 0; s < row; s += STRIP) sumStrip<T>(n, min(STRIP, row - s), x + s, row, out + s, work);
    }
    out += row;
    x += <usize>n * row;
  }
}

/** Bytes of workspace for `sum`: one strip per halving. */
export function sumWorkspace(n: i32): usize {
  let levels: usize = 1;
  while (n > ROWS) {
    n = (n + 1) / 2;
    levels++;
  }
  return levels * STRIP;
}
