// B = U S Vᵀ of an upper bidiagonal B by implicit QR sweeps, zero-shift where a shift would cost relative accuracy
// (Demmel and Kahan, 1990; LAPACK's bdsqr).
// U and V are kept as rows, so that a rotation mixes two contiguous rows. A sweep upwards is a sweep downwards on P Bᵀ P, P the
// reversal: d and e run backwards and U and V change places.
import { scal } from '../level1/axpy';
import { radius, rotateRows, unitRoundoff, vanishing } from './rotation';

/** One sweep without shift over `count` + 1 diagonal entries; `step` in bytes, of either sign. */
function sweepZeroShift<T>(
  count: i32, d: usize, e: usize, step: usize,
  left: usize, leftStep: usize, leftColumns: i32, right: usize, rightStep: usize, rightColumns: i32,
): void {
  let c: T = 1, oldC: T = 1, oldS: T = 0;
  for (let i = 0; i < count; i++) {
    let f = load<T>(d) * c, g = load<T>(e);
    let r = radius<T>(f, g);
    c = r == <T>0 ? <T>1 : f / r;
    const s: T = r == <T>0 ? <T>0 : g / r;
    if (i > 0) store<T>(e - step, oldS * r);
    f = oldC * r;
    g = load<T>(d + step) * s;
    r = radius<T>(f, g);
    oldC = r == <T>0 ? <T>1 : f / r;
    oldS = r == <T>0 ? <T>0 : g / r;
    store<T>(d, r);
    if (rightColumns > 0) rotateRows<T>(rightColumns, right, right + rightStep, c, s);
    if (leftColumns > 0) rotateRows<T>(leftColumns, left, left + leftStep, oldC, oldS);
    right += rightStep;
    left += leftStep;
    d += step;
    e += step;
  }
  const h = load<T>(d) * c;
  store<T>(d, h * oldC);
  store<T>(e - step, h * oldS);
}

/** One sweep with a shift. */
function sweepShifted<T>(
  count: i32, d: usize, e: usize, step: usize, shift: T,
  left: usize, leftStep: usize, leftColumns: i32, right: usize, rightStep: usize, rightColumns: i32,
): void {
  const first = load<T>(d);
  let f = (abs<T>(first) - shift) * ((first < <T>0 ? <T>-1 : <T>1) + shift / first);
  let g = load<T>(e);
  for (let i = 0; i < count; i++) {
    let r = radius<T>(f, g);
    let c: T = r == <T>0 ? <T>1 : f / r, s: T = r == <T>0 ? <T>0 : g / r;
    if (i > 0) store<T>(e - step, r);
    let di = load<T>(d), ei = load<T>(e), next = load<T>(d + step);
    f = c * di + s * ei;
    ei = c * ei - s * di;
    g = s * next;
    next = c * next;
    if (rightColumns > 0) rotateRows<T>(rightColumns, right, right + rightStep, c, s);
    r = radius<T>(f, g);
    c = r == <T>0 ? <T>1 : f / r;
    s = r == <T>0 ? <T>0 : g / r;
    store<T>(d, r);
    f = c * ei + s * next;
    store<T>(d + step, c * next - s * ei);
    if (i < count - 1) {
      const after = load<T>(e + step);
      g = s * after;
      store<T>(e + step, c * after);
    }
    if (leftColumns > 0) rotateRows<T>(leftColumns, left, left + leftStep, c, s);
    right += rightStep;
    left += leftStep;
    d += step;
    e += step;
  }
  store<T>(e - step, f);
}

/** Zeroes one negligible e and returns -1, or returns a lower bound of the smallest singular value (Demmel and Kahan, (4.3)). */
function smallestOrSplit<T>(count: i32, d: usize, e: usize, step: usize, tolerance: T): T {
  const last = e + <usize>(count - 1) * step;
  if (abs<T>(load<T>(last)) <= tolerance * abs<T>(load<T>(d + <usize>count * step))) {
    store<T>(last, 0);
    return -1;
  }
  let mu = abs<T>(load<T>(d)), smallest = mu;
  for (let i = 0; i < count; i++) {
    const value = abs<T>(load<T>(e));
    if (value <= tolerance * mu) {
      store<T>(e, 0);
      return -1;
    }
    d += step;
    e += step;
    mu = abs<T>(load<T>(d)) * (mu / (mu + value));
    smallest = min<T>(smallest, mu);
  }
  return smallest;
}

/** The smaller singular value of [f g; 0 h], without overflow (LAPACK's las2). */
function smaller2x2<T>(f: T, g: T, h: T): T {
  f = abs<T>(f);
  g = abs<T>(g);
  h = abs<T>(h);
  const low = min<T>(f, h), high = max<T>(f, h);
  if (low == <T>0) return 0;
  const sum = <T>1 + low / high, difference = (high - low) / high;
  if (g < high) {
    const ratio = g / high, square = ratio * ratio;
    return low * (<T>2 / (sqrt<T>(sum * sum + square) + sqrt<T>(difference * difference + square)));
  }
  const ratio = high / g;
  if (ratio == <T>0) return (low * high) / g;
  const p = sum * ratio, q = difference * ratio;
  return <T>2 * (low * (<T>1 / (sqrt<T>(<T>1 + p * p) + sqrt<T>(<T>1 + q * q)))) * ratio;
}

/** Below this an off-diagonal entry is nothing, whatever its neighbours (bdsqr's thresh); the largest entry is about 1. */
function threshold<T>(n: i32, d: usize, e: usize, tolerance: T): T {
  let smallest = abs<T>(load<T>(d)), mu = smallest;
  for (let i = 1; i < n && smallest != <T>0; i++) {
    const previous = abs<T>(load<T>(e + <usize>(i - 1) * sizeof<T>()));
    mu = abs<T>(load<T>(d + <usize>i * sizeof<T>())) * (mu / (mu + previous));
    smallest = min<T>(smallest, mu);
  }
  return max<T>((tolerance * smallest) / sqrt<T>(<T>n), <T>10 * vanishing<T>());
}

/**
 * Overwrites d (n) by the singular values, not sorted and none negative; e (n - 1) is destroyed. The rotations are applied to
 * the rows of ut (n rows of `leftColumns`) and vt (n rows of `rightColumns`); 0 columns: values only. Leading dimensions in
 * elements. Returns 0, or the number of entries of e that did not become negligible.
 */
export function bidiagonalQr<T>(
  n: i32, d: usize, e: usize, ut: usize, ldu: i32, leftColumns: i32, vt: usize, ldv: i32, rightColumns: i32,
): i32 {
  const size = sizeof<T>(), eps = unitRoundoff<T>();
  const tolerance = <T>10 * eps;
  const tiny = threshold<T>(n, d, e, tolerance);
  const rowU = <usize>ldu * size, rowV = <usize>ldv * size;
  let budget = 6 * <f64>n * <f64>(n + 5);
  let high = n - 1, oldLow = -1, oldHigh = -1;
  let down = true;
  while (high > 0) {
    let low = high, largest = abs<T>(load<T>(d + <usize>high * size));
    while (low > 0) {
      const at = e + <usize>(low - 1) * size, value = abs<T>(load<T>(at));
      if (value <= tiny) {
        store<T>(at, 0);
        break;
      }
      low--;
      largest = max<T>(largest, max<T>(value, abs<T>(load<T>(d + <usize>low * size))));
    }
    if (low == high) {
      high--;
      continue;
    }
    const count = high - low;
    budget -= <f64>count;
    if (budget < 0) return high;
    // The direction stays while a block does: small entries belong where the sweep ends.
    if (low > oldHigh || high < oldLow) down = abs<T>(load<T>(d + <usize>low * size)) >= abs<T>(load<T>(d + <usize>high * size));
    oldLow = low;
    oldHigh = high;
    const step = down ? size : 0 - size;
    const pd = d + <usize>(down ? low : high) * size, pe = e + <usize>(down ? low : high - 1) * size;
    const smallest = smallestOrSplit<T>(count, pd, pe, step, tolerance);
    if (smallest < <T>0) continue;
    let shift: T = 0;
    if (<T>n * tolerance * (smallest / largest) > max<T>(eps, <T>0.01 * tolerance)) {
      const end = pd + <usize>count * step;
      shift = smaller2x2<T>(load<T>(end - step), load<T>(pe + <usize>(count - 1) * step), load<T>(end));
      const ratio = shift / abs<T>(load<T>(pd));
      if (ratio * ratio < eps) shift = 0;
    }
    const pu = ut + <usize>(down ? low : high) * rowU, pv = vt + <usize>(down ? low : high) * rowV;
    const left = down ? pu : pv, right = down ? pv : pu;
    const leftStep = down ? rowU : 0 - rowV, rightStep = down ? rowV : 0 - rowU;
    const nl = down ? leftColumns : rightColumns, nr = down ? rightColumns : leftColumns;
    if (shift == <T>0) sweepZeroShift<T>(count, pd, pe, step, left, leftStep, nl, right, rightStep, nr);
    else sweepShifted<T>(count, pd, pe, step, shift, left, leftStep, nl, right, rightStep, nr);
    const last = pe + <usize>(count - 1) * step;
    if (abs<T>(load<T>(last)) <= tiny) store<T>(last, 0);
  }
  for (let i = 0; i < n; i++) {
    const p = d + <usize>i * size, value = load<T>(p);
    // A negative zero is made positive too.
    if (value > <T>0) continue;
    store<T>(p, abs<T>(value));
    if (value < <T>0 && rightColumns > 0) scal<T>(rightColumns, -1, vt + <usize>i * rowV, 1);
  }
  return 0;
}
