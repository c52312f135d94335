// The roots of f(ω) = 1 + Σ z_j² / ((d_j - ω)(d_j + ω)), one in every (d_i, d_{i+1}) and one beyond the last d: the singular
// values of the matrix with first row z and diagonal d, d_0 = 0 (Gu and Eisenstat, 1995; LAPACK's lasd4).
// Iterates are kept as distances τ = ω - d_o from the nearer pole, so that every d_j - ω has full relative accuracy.
import { lanes, sumLanes } from '../simd/lanes';
import { unitRoundoff } from './rotation';

/** Bytes of the scratch that a root needs: the two sums and their derivatives. */
export const ROOT_BYTES: usize = 64;
const MOST_STEPS: i32 = 120;

/** At `out`: Σ z_j² / P_j and Σ z_j² / P_j² over j in [from, to), P_j = d_j² - ω² for ω = origin + tau. */
function sums<T>(from: i32, to: i32, d: usize, z: usize, origin: T, tau: T, out: usize): void {
  const size = sizeof<T>();
  const oo = v128.splat<T>(origin), tt = v128.splat<T>(tau);
  let s0 = v128.splat<T>(0), s1 = s0;
  let pd = d + <usize>from * size, pz = z + <usize>from * size, j = from;
  for (; j + lanes<T>() <= to; j += lanes<T>()) {
    const dd = v128.load(pd), zz = v128.load(pz);
    const delta = v128.sub<T>(v128.sub<T>(dd, oo), tt), total = v128.add<T>(v128.add<T>(dd, oo), tt);
    const ratio = v128.div<T>(zz, v128.mul<T>(delta, total));
    s0 = v128.add<T>(s0, v128.mul<T>(zz, ratio));
    s1 = v128.add<T>(s1, v128.mul<T>(ratio, ratio));
    pd += 16;
    pz += 16;
  }
  let value = sumLanes<T>(s0), derivative = sumLanes<T>(s1);
  for (; j < to; j++) {
    const dj = load<T>(pd), zj = load<T>(pz);
    const ratio = zj / ((dj - origin - tau) * (dj + origin + tau));
    value += zj * ratio;
    derivative += ratio * ratio;
    pd += size;
    pz += size;
  }
  store<T>(out, value);
  store<T>(out + size, derivative);
}

/** row_j = (d_j - ω)(d_j + ω) for all j. */
function differences<T>(k: i32, d: usize, origin: T, tau: T, row: usize): void {
  const oo = v128.splat<T>(origin), tt = v128.splat<T>(tau);
  let j = 0;
  for (; j + lanes<T>() <= k; j += lanes<T>()) {
    const dd = v128.load(d);
    v128.store(
      row, v128.mul<T>(v128.sub<T>(v128.sub<T>(dd, oo), tt), v128.add<T>(v128.add<T>(dd, oo), tt)),
    );
    d += 16;
    row += 16;
  }
  for (; j < k; j++) {
    const dj = load<T>(d);
    store<T>(row, (dj - origin - tau) * (dj + origin + tau));
    d += sizeof<T>();
    row += sizeof<T>();
  }
}

/** The root y of c y² - a y + b = 0 that an interpolant with poles on both sides has between them (lasd4). */
// @ts-ignore: decorator
@inline
function between<T>(a: T, b: T, c: T): T {
  const root = sqrt<T>(max<T>(<T>0, a * a - <T>4 * b * c));
  return a <= <T>0 ? (a - root) / (<T>2 * c) : (<T>2 * b) / (a + root);
}

/** A point inside the bracket: the geometric mean where both ends have one sign, so that tiny roots are found quickly. */
function inside<T>(low: T, high: T): T {
  if (low == <T>0) return high / <T>64;
  if (high == <T>0) return low / <T>64;
  const ratio = low / high;
  if (ratio > <T>0 && (ratio < <T>0.25 || ratio > <T>4)) {
    const mean = sqrt<T>(abs<T>(low)) * sqrt<T>(abs<T>(high));
    return low < <T>0 ? -mean : mean;
  }
  return low + (high - low) / <T>2;
}

/** First guess for a root inside (d_i, d_{i+1}) from f at the midpoint: both neighbouring poles with their weights, c for the rest. */
function guess<T>(i: i32, d: usize, z: usize, f: T, atLeft: bool, middle: T): T {
  const size = sizeof<T>();
  const left = load<T>(d + <usize>i * size), right = load<T>(d + <usize>(i + 1) * size);
  const zl = load<T>(z + <usize>i * size), zr = load<T>(z + <usize>(i + 1) * size);
  const half = (right - left) / <T>2, gap = (right - left) * (right + left);
  const c = f + (zl * zl) / (half * (left + middle)) - (zr * zr) / (half * (right + middle));
  const origin = atLeft ? left : right;
  let y: T;
  if (atLeft) y = between<T>(c * gap + zl * zl + zr * zr, zl * zl * gap, c);
  else y = between<T>(-c * gap + zl * zl + zr * zr, -zr * zr * gap, c);
  return y / (origin + sqrt<T>(origin * origin + y));
}

/**
 * Returns root i of k and stores d_j² - ω² for all j at `row`. d ascending with gaps, d_0 = 0, no z_j zero; `square` = Σ z_j².
 * The bracket shrinks in every step, and the number of steps is bounded.
 */
export function secularRoot<T>(i: i32, k: i32, d: usize, z: usize, square: T, row: usize, scratch: usize): T {
  const size = sizeof<T>(), eps = unitRoundoff<T>();
  const high2 = scratch + 2 * size;
  const left = load<T>(d + <usize>i * size);
  const isLast = i == k - 1;
  let origin = left, low: T = 0, high: T, tau: T, right: T = 0;
  if (isLast) {
    high = square / (left + sqrt<T>(left * left + square));
    // The bound itself is computed with rounding: let the root lie on it.
    high += <T>4 * eps * high;
    tau = k == 1 ? high : high / <T>2;
  } else {
    right = load<T>(d + <usize>(i + 1) * size);
    const half = (right - left) / <T>2;
    sums<T>(0, i + 1, d, z, left, half, scratch);
    sums<T>(i + 1, k, d, z, left, half, high2);
    const f = <T>1 + load<T>(scratch) + load<T>(high2);
    const atLeft = f >= <T>0;
    if (!atLeft) origin = right;
    low = atLeft ? <T>0 : -half;
    high = atLeft ? half : <T>0;
    tau = guess<T>(i, d, z, f, atLeft, left + half);
    if (!(tau > low && tau < high)) tau = inside<T>(low, high);
  }
  let fixed = true, previous: T = 0;
  for (let iteration = 0; iteration < MOST_STEPS; iteration++) {
    sums<T>(0, i + 1, d, z, origin, tau, scratch);
    sums<T>(i + 1, k, d, z, origin, tau, high2);
    const psi = load<T>(scratch), phi = load<T>(high2), dpsi = load<T>(scratch + size), dphi = load<T>(high2 + size);
    const f = <T>1 + psi + phi, omega = origin + tau;
    if (abs<T>(f) <= <T>4 * eps * (<T>1 - psi + phi)) break;
    if (f < <T>0) low = tau;
    else high = tau;
    // Poles beside the root in the variable ω², seen from the iterate.
    const pl = (left - origin - tau) * (left + omega);
    let eta: T;
    if (isLast) eta = pl + (pl * pl * dpsi) / (<T>1 + psi - pl * dpsi);
    else {
      const pr = (right - origin - tau) * (right + omega);
      if (iteration > 0 && abs<T>(f) > abs<T>(previous) / <T>10) fixed = !fixed;
      let c: T;
      if (!fixed) c = f - pl * dpsi - pr * dphi;
      else if (origin == left) {
        const weight = load<T>(z + <usize>i * size) / pl;
        c = f - pr * (dpsi + dphi) + (pr - pl) * weight * weight;
      } else {
        const weight = load<T>(z + <usize>(i + 1) * size) / pr;
        c = f - pl * (dpsi + dphi) - (pr - pl) * weight * weight;
      }
      eta = between<T>((pl + pr) * f - pl * pr * (dpsi + dphi), pl * pr * f, c);
    }
    previous = f;
    let next = tau + eta / (omega + sqrt<T>(omega * omega + eta));
    if (!(next > low && next < high) || iteration % 8 == 7) {
      if (next == tau && iteration % 8 != 7) break;
      next = inside<T>(low, high);
      if (!(next > low && next < high)) break;
    }
    if (next == tau) break;
    tau = next;
  }
  differences<T>(k, d, origin, tau, row);
  return origin + tau;
}
