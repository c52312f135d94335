// nrm2 = sqrt(Σ x_i²) without overflow or underflow, asum = Σ |x_i|, largest = max |x_i|, iamax = its first index.
import { lanes } from '../simd/lanes';
import { dotContiguous, dotStrided } from './dot';

/** The largest |x_i|; NaN if any entry is NaN. */
function amax<T>(n: i32, x: usize, inc: usize): T {
  let best: T = 0;
  for (let i = 0; i < n; i++) {
    const v = abs<T>(load<T>(x));
    if (v > best || v != v) best = v;
    if (best != best) return best;
    x += inc;
  }
  return best;
}

/** sqrt(Σ x_i²): the plain sum of squares where it can be trusted, a second pass scaled by the largest entry where not. */
export function nrm2<T>(n: i32, x: usize, incx: i32): T {
  if (n <= 0) return 0;
  const inc = <usize>incx * sizeof<T>();
  // Squares in this range have neither overflowed nor lost digits to underflow.
  const low: T = sizeof<T>() == 8 ? <T>1e-280 : <T>1e-26, high: T = sizeof<T>() == 8 ? <T>1e300 : <T>1e37;
  const plain = incx == 1 ? dotContiguous<T>(n, x, x) : dotStrided<T>(n, x, inc, x, inc);
  if (plain > low && plain < high) return sqrt<T>(plain);
  const largest = amax<T>(n, x, inc);
  if (largest == <T>0 || largest != largest || largest == <T>Infinity) return largest;
  return scaledNorm<T>(n, x, inc, largest);
}

/** largest · sqrt(Σ (x_i / largest)²), with Neumaier's compensation because the sum is not pairwise. */
function scaledNorm<T>(n: i32, x: usize, inc: usize, largest: T): T {
  let sum: T = 0, lost: T = 0;
  for (let i = 0; i < n; i++) {
    const v = load<T>(x) / largest;
    const square = v * v, next = sum + square;
    lost += sum >= square ? sum - next + square : square - next + sum;
    sum = next;
    x += inc;
  }
  return largest * sqrt<T>(sum + lost);
}

/** Σ |x_i|, pairwise. */
export function asum<T>(n: i32, x: usize, incx: i32): T {
  if (n > 128) {
    const half = n / 2;
    return asum<T>(half, x, incx) + asum<T>(n - half, x + <usize>(half * incx) * sizeof<T>(), incx);
  }
  let sum: T = 0;
  for (let i = 0; i < n; i++) {
    sum += abs<T>(load<T>(x));
    x += <usize>incx * sizeof<T>();
  }
  return sum;
}

/** Elements between two looks at the largest so far. */
const BLOCK: i32 = 64;

/** The largest lane; NaN if one is. */
// @ts-ignore: decorator
@inline
function largestLane<T>(m: v128): T {
  if (sizeof<T>() == 8) return <T>max<f64>(f64x2.extract_lane(m, 0), f64x2.extract_lane(m, 1));
  const low = max<f32>(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1));
  return <T>max<f32>(low, max<f32>(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)));
}

/** The largest |x_i| of n contiguous elements, a multiple of four vectors; NaN if any entry is NaN. */
function amaxBlock<T>(n: i32, x: usize): T {
  let m0 = v128.splat<T>(0), m1 = m0, m2 = m0, m3 = m0;
  const end = x + <usize>n * sizeof<T>();
  for (; x < end; x += 64) {
    m0 = v128.max<T>(m0, v128.abs<T>(v128.load(x)));
    m1 = v128.max<T>(m1, v128.abs<T>(v128.load(x, 16)));
    m2 = v128.max<T>(m2, v128.abs<T>(v128.load(x, 32)));
    m3 = v128.max<T>(m3, v128.abs<T>(v128.load(x, 48)));
  }
  return largestLane<T>(v128.max<T>(v128.max<T>(m0, m1), v128.max<T>(m2, m3)));
}

/** The largest |x_i| of n contiguous elements, 0 for none; NaN if any entry is NaN. */
export function largest<T>(n: i32, x: usize): T {
  let m0 = v128.splat<T>(0), m1 = m0, m2 = m0, m3 = m0;
  // Entries that differ from themselves: `pmax`, which is one instruction, loses them.
  let nan = i64x2.splat(0), nan2 = nan;
  const w = lanes<T>();
  let i = 0;
  for (; i + 4 * w <= n; i += 4 * w) {
    const x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
    m0 = v128.pmax<T>(m0, v128.abs<T>(x0));
    m1 = v128.pmax<T>(m1, v128.abs<T>(x1));
    m2 = v128.pmax<T>(m2, v128.abs<T>(x2));
    m3 = v128.pmax<T>(m3, v128.abs<T>(x3));
    nan = v128.or(nan, v128.or(v128.ne<T>(x0, x0), v128.ne<T>(x1, x1)));
    nan2 = v128.or(nan2, v128.or(v128.ne<T>(x2, x2), v128.ne<T>(x3, x3)));
    x += 64;
  }
  if (v128.any_true(v128.or(nan, nan2))) return <T>NaN;
  const m = v128.pmax<T>(v128.pmax<T>(m0, m1), v128.pmax<T>(m2, m3));
  let best = largestLane<T>(m);
  for (; i < n; i++) {
    const v = abs<T>(load<T>(x));
    if (v > best || v != v) best = v;
    if (best != best) return best;
    x += sizeof<T>();
  }
  return best;
}

/** The first index of the largest |x_i|, counted from 0; the first NaN if there is one; -1 for n = 0. */
export function iamax<T>(n: i32, x: usize, incx: i32): i32 {
  if (incx != 1 || n < 2 * BLOCK) return iamaxPlain<T>(n, x, incx);
  let best: T = -1, from = 0, i = 0;
  for (; i + BLOCK <= n; i += BLOCK) {
    const largest = amaxBlock<T>(BLOCK, x + <usize>i * sizeof<T>());
    if (largest != largest) return i + iamaxPlain<T>(BLOCK, x + <usize>i * sizeof<T>(), 1);
    if (largest > best) {
      best = largest;
      from = i;
    }
  }
  if (i < n) {
    const rest = x + <usize>i * sizeof<T>();
    const at = iamaxPlain<T>(n - i, rest, 1);
    const last = abs<T>(load<T>(rest + <usize>at * sizeof<T>()));
    if (!(last <= best)) return i + at;
  }
  return from + iamaxPlain<T>(BLOCK, x + <usize>from * sizeof<T>(), 1);
}

/** The same, one element at a time. */
function iamaxPlain<T>(n: i32, x: usize, incx: i32): i32 {
  let best: T = -1, index = -1;
  for (let i = 0; i < n; i++) {
    const v = abs<T>(load<T>(x));
    if (v != v) return i;
    if (v > best) {
      best = v;
      index = i;
    }
    x += <usize>incx * sizeof<T>();
  }
  return index;
}
