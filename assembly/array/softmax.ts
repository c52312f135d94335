// Over the middle axis of an outer x n x inner array, with m its largest element: logsumexp, m + log Σ_j e^(x_j - m);
// softmax, e^(x_j - m) / Σ_l e^(x_l - m), and its logarithm. Sums are pairwise.
import { lanes, sumLanes } from '../simd/lanes';
import { exponential, exponentialOf } from './exponential';
import { logarithm } from './logarithm';
import { MAX, reduceContiguous, reduceRows } from './reduce';

const BLOCK: i32 = 256;
const ROWS: i32 = 32;
const STRIP: usize = 512;

export const LOG_SUM_EXP: i32 = 0;
export const SOFTMAX: i32 = 1;
export const LOG_SOFTMAX: i32 = 2;

/** Σ e^(x_j - m) of n contiguous elements; the terms go to `out` unless that is 0. */
function sumContiguous<T>(n: i32, x: usize, m: T, out: usize): T {
  if (n > BLOCK) {
    const half = ((n + 1) / 2 + BLOCK - 1) & ~(BLOCK - 1), bytes = <usize>half * sizeof<T>();
    return <T>(sumContiguous<T>(half, x, m, out) + sumContiguous<T>(n - half, x + bytes, m, out != 0 ? out + bytes : 0));
  }
  const w = lanes<T>(), shift = v128.splat<T>(m);
  let sums = v128.splat<T>(0);
  let i = 0;
  for (; i + w <= n; i += w) {
    const term = exponential<T>(v128.sub<T>(v128.load(x), shift));
    sums = v128.add<T>(sums, term);
    x += 16;
    if (out != 0) {
      v128.store(out, term);
      out += 16;
    }
  }
  let sum = sumLanes<T>(sums);
  for (; i < n; i++) {
    const term = exponentialOf<T>(<T>(load<T>(x) - m));
    sum += term;
    x += sizeof<T>();
    if (out != 0) {
      store<T>(out, term);
      out += sizeof<T>();
    }
  }
  return sum;
}

/** sums += e^(x - m) for one strip; the terms go to `out` unless that is 0. */
function addRow<T>(bytes: usize, x: usize, m: usize, sums: usize, out: usize): void {
  let o: usize = 0;
  for (; o + 16 <= bytes; o += 16) {
    const term = exponential<T>(v128.sub<T>(v128.load(x + o), v128.load(m + o)));
    v128.store(sums + o, v128.add<T>(v128.load(sums + o), term));
    if (out != 0) v128.store(out + o, term);
  }
  for (; o < bytes; o += sizeof<T>()) {
    const term = exponentialOf<T>(<T>(load<T>(x + o) - load<T>(m + o)));
    store<T>(sums + o, <T>(load<T>(sums + o) + term));
    if (out != 0) store<T>(out + o, term);
  }
}

/** The same for n rows, `pitch` bytes apart here and in `out`; `work` holds one strip per halving of n. */
function sumRows<T>(n: i32, bytes: usize, x: usize, pitch: usize, m: usize, sums: usize, out: usize, work: usize): void {
  if (n <= ROWS) {
    memory.fill(sums, 0, bytes);
    for (let j: usize = 0; j < <usize>n; j++) {
      addRow<T>(bytes, x + j * pitch, m, sums, out != 0 ? out + j * pitch : 0);
    }
    return;
  }
  const half = n / 2, skip = <usize>half * pitch;
  sumRows<T>(half, bytes, x, pitch, m, sums, out, work);
  sumRows<T>(n - half, bytes, x + skip, pitch, m, work, out != 0 ? out + skip : 0, work + STRIP);
  for (let o: usize = 0; o < bytes; o += sizeof<T>()) store<T>(sums + o, <T>(load<T>(sums + o) + load<T>(work + o)));
}

/** out := out / s over n elements. */
function divide<T>(n: i32, out: usize, s: T): void {
  const w = lanes<T>(), divisor = v128.splat<T>(s);
  let i = 0;
  for (; i + w <= n; i += w) {
    v128.store(out, v128.div<T>(v128.load(out), divisor));
    out += 16;
  }
  for (; i < n; i++) {
    store<T>(out, <T>(load<T>(out) / s));
    out += sizeof<T>();
  }
}

/** out := (x - m) - l over n elements. */
function shift<T>(n: i32, out: usize, x: usize, m: T, l: T): void {
  const w = lanes<T>(), first = v128.splat<T>(m), second = v128.splat<T>(l);
  let i = 0;
  for (; i + w <= n; i += w) {
    v128.store(out, v128.sub<T>(v128.sub<T>(v128.load(x), first), second));
    x += 16;
    out += 16;
  }
  for (; i < n; i++) {
    store<T>(out, <T>(load<T>(x) - m - l));
    x += sizeof<T>();
    out += sizeof<T>();
  }
}

/** Where the largest element is infinite or NaN, it is the sum's logarithm. */
// @ts-ignore: decorator
@inline
function logSum<T>(m: T, s: T): T {
  return <T>(m - m) == <T>0 ? <T>(m + <T>logarithm(<f64>s)) : m;
}

/** Where the largest of n elements is infinite, the infinite ones share all of the probability. */
function unbounded<T>(kind: i32, n: i32, out: usize, x: usize, pitch: usize): void {
  let count: T = 0;
  for (let j: usize = 0; j < <usize>n; j++) count += load<T>(x + j * pitch) == <T>Infinity ? <T>1 : <T>0;
  const share = kind == SOFTMAX ? <T>(1 / count) : <T>-<T>logarithm(<f64>count);
  const none = kind == SOFTMAX ? <T>0 : <T>-Infinity;
  for (let j: usize = 0; j < <usize>n; j++) store<T>(out + j * pitch, load<T>(x + j * pitch) == <T>Infinity ? share : none);
}

/** One row of n contiguous elements. */
function contiguous<T>(kind: i32, n: i32, out: usize, x: usize): void {
  const m = reduceContiguous<T>(MAX, n, x);
  const s = sumContiguous<T>(n, x, m, kind == SOFTMAX ? out : 0);
  if (kind == SOFTMAX) divide<T>(n, out, s);
  else if (kind == LOG_SOFTMAX) shift<T>(n, out, x, m, <T>logarithm(<f64>s));
  else store<T>(out, logSum<T>(m, s));
  if (kind != LOG_SUM_EXP && m == <T>Infinity) unbounded<T>(kind, n, out, x, sizeof<T>());
}

/** One strip of columns, of `bytes` bytes. */
function strip<T>(kind: i32, n: i32, bytes: usize, out: usize, x: usize, pitch: usize, work: usize): void {
  const m = work, sums = work + STRIP;
  reduceRows<T>(MAX, n, bytes, x, pitch, m);
  sumRows<T>(n, bytes, x, pitch, m, sums, kind == SOFTMAX ? out : 0, work + 2 * STRIP);
  if (kind == LOG_SUM_EXP) {
    for (let o: usize = 0; o < bytes; o += sizeof<T>()) store<T>(out + o, logSum<T>(load<T>(m + o), load<T>(sums + o)));
    return;
  }
  if (kind == LOG_SOFTMAX) {
    for (let o: usize = 0; o < bytes; o += sizeof<T>()) store<T>(sums + o, <T>logarithm(<f64>load<T>(sums + o)));
  }
  for (let j: usize = 0; j < <usize>n; j++) {
    if (kind == SOFTMAX) divideRow<T>(bytes, out + j * pitch, sums);
    else shiftRow<T>(bytes, out + j * pitch, x + j * pitch, m, sums);
  }
  for (let o: usize = 0; o < bytes; o += sizeof<T>()) {
    if (load<T>(m + o) == <T>Infinity) unbounded<T>(kind, n, out + o, x + o, pitch);
  }
}

function divideRow<T>(bytes: usize, out: usize, sums: usize): void {
  let o: usize = 0;
  for (; o + 16 <= bytes; o += 16) v128.store(out + o, v128.div<T>(v128.load(out + o), v128.load(sums + o)));
  for (; o < bytes; o += sizeof<T>()) store<T>(out + o, <T>(load<T>(out + o) / load<T>(sums + o)));
}

function shiftRow<T>(bytes: usize, out: usize, x: usize, m: usize, l: usize): void {
  let o: usize = 0;
  for (; o + 16 <= bytes; o += 16) {
    v128.store(out + o, v128.sub<T>(v128.sub<T>(v128.load(x + o), v128.load(m + o)), v128.load(l + o)));
  }
  for (; o < bytes; o += sizeof<T>()) store<T>(out + o, <T>(load<T>(x + o) - load<T>(m + o) - load<T>(l + o)));
}

/** n >= 1; `work` holds `softmaxWorkspace(n)` bytes. */
export function softmax<T>(kind: i32, outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  const row = <usize>inner * sizeof<T>(), plane = <usize>n * row;
  for (let o = 0; o < outer; o++) {
    if (inner == 1) contiguous<T>(kind, n, out, x);
    else for (let s: usize = 0; s < row; s += STRIP) strip<T>(kind, n, min(STRIP, row - s), out + s, x + s, row, work);
    out += kind == LOG_SUM_EXP ? row : plane;
    x += plane;
  }
}

/** Maxima, sums, and one strip per halving of n. */
export function softmaxWorkspace(n: i32): usize {
  let levels: usize = 2;
  while (n > ROWS) {
    n = (n + 1) / 2;
    levels++;
  }
  return levels * STRIP;
}
