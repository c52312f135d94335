// out[o][i] := (Σ_j x[o][j][i]²)^½ over the middle axis of an outer x n x inner array, without overflow or underflow:
// where a sum of squares leaves the range in which it is exact to rounding, its elements are divided by the largest (Blue, 1978).
import { lanes, sumLanes } from '../simd/lanes';

const BLOCK: i32 = 256;
const ROWS: i32 = 32;
const STRIP: usize = 512;

/** The sum of squares of n contiguous elements, blocks as a binary tree. */
function squares<T>(n: i32, x: usize): T {
  if (n > BLOCK) {
    const half = ((n + 1) / 2 + BLOCK - 1) & ~(BLOCK - 1);
    return <T>(squares<T>(half, x) + squares<T>(n - half, x + <usize>half * sizeof<T>()));
  }
  const w = lanes<T>();
  let s0 = v128.splat<T>(0), s1 = s0;
  let i = 0;
  for (; i + 2 * w <= n; i += 2 * w) {
    const x0 = v128.load(x), x1 = v128.load(x, 16);
    s0 = v128.add<T>(s0, v128.mul<T>(x0, x0));
    s1 = v128.add<T>(s1, v128.mul<T>(x1, x1));
    x += 32;
  }
  let sum = sumLanes<T>(v128.add<T>(s0, s1));
  for (; i < n; i++) {
    const v = load<T>(x);
    sum += <T>(v * v);
    x += sizeof<T>();
  }
  return sum;
}

/** sums += x² over `bytes` contiguous bytes. */
function addSquares<T>(bytes: usize, sums: usize, x: usize): void {
  let o: usize = 0;
  for (; o + 16 <= bytes; o += 16) {
    const v = v128.load(x + o);
    v128.store(sums + o, v128.add<T>(v128.load(sums + o), v128.mul<T>(v, v)));
  }
  for (; o < bytes; o += sizeof<T>()) {
    const v = load<T>(x + o);
    store<T>(sums + o, <T>(load<T>(sums + o) + v * v));
  }
}

/** The sums of squares of n rows of at most STRIP bytes; `work` holds one strip per halving of n. */
function sumRows<T>(n: i32, bytes: usize, x: usize, pitch: usize, sums: usize, work: usize): void {
  if (n <= ROWS) {
    memory.fill(sums, 0, bytes);
    for (let j: usize = 0; j < <usize>n; j++) addSquares<T>(bytes, sums, x + j * pitch);
    return;
  }
  const half = n / 2;
  sumRows<T>(half, bytes, x, pitch, sums, work);
  sumRows<T>(n - half, bytes, x + <usize>half * pitch, pitch, work, work + STRIP);
  for (let o: usize = 0; o < bytes; o += sizeof<T>()) store<T>(sums + o, <T>(load<T>(sums + o) + load<T>(work + o)));
}

/** The norm of n elements, `pitch` bytes apart, by the largest of them times the norm of the quotients. */
function scaled<T>(n: i32, x: usize, pitch: usize): T {
  let largest: T = 0, at = x;
  for (let j = 0; j < n; j++) {
    largest = max<T>(largest, abs<T>(load<T>(at)));
    at += pitch;
  }
  // 0, infinite, or NaN, which the maximum spreads.
  if (!(<T>(largest - largest) == <T>0) || largest == <T>0) return largest;
  // In turn, so that what additions lose is kept (Neumaier).
  let sum: T = 0, lost: T = 0;
  at = x;
  for (let j = 0; j < n; j++) {
    const v = <T>(load<T>(at) / largest);
    const square = <T>(v * v), next = <T>(sum + square);
    lost += sum >= square ? <T>(<T>(sum - next) + square) : <T>(<T>(square - next) + sum);
    sum = next;
    at += pitch;
  }
  return <T>(sqrt<T>(<T>(sum + lost)) * largest);
}

/** The root of a sum of squares if that is exact to rounding, else the norm on scaled elements. */
// @ts-ignore: decorator
@inline
function root<T>(sum: T, n: i32, x: usize, pitch: usize): T {
  const low: T = sizeof<T>() == 8 ? <T>1e-280 : <T>1e-28;
  const high: T = sizeof<T>() == 8 ? <T>1e300 : <T>1e38;
  return sum > low && sum < high ? sqrt<T>(sum) : scaled<T>(n, x, pitch);
}

/** n >= 1; `work` holds one strip more than `sumWorkspace(n)` bytes. */
export function norm<T>(outer: i32, n: i32, inner: i32, out: usize, x: usize, work: usize): void {
  const row = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) store<T>(out, root<T>(squares<T>(n, x), n, x, sizeof<T>()));
    else {
      for (let s: usize = 0; s < row; s += STRIP) {
        const bytes = min(STRIP, row - s);
        sumRows<T>(n, bytes, x + s, row, work, work + STRIP);
        for (let c: usize = 0; c < bytes; c += sizeof<T>()) {
          store<T>(out + s + c, root<T>(load<T>(work + c), n, x + s + c, row));
        }
      }
    }
    out += row;
    x += <usize>n * row;
  }
}
