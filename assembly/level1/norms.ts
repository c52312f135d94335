// nrm2 = sqrt(Σ x_i²) without overflow or underflow, asum = Σ |x_i|, iamax = the first index of the largest |x_i|.
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

/** The first index of the largest |x_i|, counted from 0; the first NaN if there is one; -1 for n = 0. */
export function iamax<T>(n: i32, x: usize, incx: i32): i32 {
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
