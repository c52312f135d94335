// The roots of f(ω) = 1 + Σ z_j² / ((d_j - ω)(d_j + ω)), one in every (d_i, d_{i+1}) and one beyond the last d: the singular
// values of the matrix with first row z and diagonal d, d_0 = 0 (Gu and Eisenstat, 1995; LAPACK's lasd4).
// Iterates are kept as distances τ = ω - d_o from the nearer pole, so that every d_j - ω has full relative accuracy.
import { lanes, sumLanes } from '../simd/lanes';
import { unitRoundoff } from './rotation';

/** Bytes of the scratch that a root needs: the two sums and their derivatives; then the root's origin and distance from it. */
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

/** row_j = (d_j - ω)(d_j + ω) for all j, ω = origin + tau. */
export function differences<T>(k: i32, d: usize, origin: T, tau: T, row: usize): void {
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

/** The root y of c y² - a y + b = 0 that c + s / (l - y) + S / (r - y) has between its poles l and r (lasd4). */
// @ts-ignore: decorator
@inline
function between<T>(a: T, b: T, c: T): T {
  const root = sqrt<T>(max<T>(<T>0, a * a - <T>4 * b * c));
  return a <= <T>0 ? (a - root) / (<T>2 * c) : (<T>2 * b) / (a + root);
}

/** The root that it has beyond both poles. */
// @ts-ignore: decorator
@inline
function beyond<T>(a: T, b: T, c: T): T {
  const root = sqrt<T>(max<T>(<T>0, a * a - <T>4 * b * c));
  return a >= <T>0 ? (a + root) / (<T>2 * c) : (<T>2 * b) / (a - root);
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

/**
 * The first distance from the origin: the two nearest poles with their own weights zl and zr, and the constant c for all others.
 * `gap` = r² - l² of the poles; `place` says where the origin is: at the left one (0), at the right one (1), or there
 * with the root beyond it (2).
 */
function guess<T>(c: T, zl: T, zr: T, gap: T, origin: T, place: i32): T {
  let y: T;
  if (place == 0) y = between<T>(c * gap + zl + zr, zl * gap, c);
  else if (place == 1) y = between<T>(zl + zr - c * gap, -zr * gap, c);
  else y = beyond<T>(zl + zr - c * gap, -zr * gap, c);
  return y / (origin + sqrt<T>(origin * origin + y));
}

/** The origin of the last root and its distance from it. */
// @ts-ignore: decorator
@inline
export function originOf<T>(scratch: usize): T {
  return load<T>(scratch + 4 * sizeof<T>());
}
// @ts-ignore: decorator
@inline
export function distanceOf<T>(scratch: usize): T {
  return load<T>(scratch + 5 * sizeof<T>());
}

/** Ends a search: the differences at `row`, and where the root is, in the scratch. */
function found<T>(k: i32, d: usize, origin: T, tau: T, row: usize, scratch: usize): T {
  store<T>(scratch + 4 * sizeof<T>(), origin);
  store<T>(scratch + 5 * sizeof<T>(), tau);
  differences<T>(k, d, origin, tau, row);
  return origin + tau;
}

/**
 * Returns root i of k and stores d_j² - ω² for all j at `row`. d ascending with gaps, d_0 = 0, no z_j zero; `square` = Σ z_j².
 * Rational interpolation inside a bracket that shrinks in every step; the number of steps is bounded. The two nearest
 * poles are kept out of the sums, so that nothing cancels however near the root is to one of them.
 */
export function secularRoot<T>(i: i32, k: i32, d: usize, z: usize, square: T, row: usize, scratch: usize): T {
  const size = sizeof<T>(), eps = unitRoundoff<T>();
  const upper = scratch + 2 * size;
  const isLast = i == k - 1;
  // The poles l and r on both sides of the root, or the last two.
  const l = isLast ? max(0, i - 1) : i, r = l + 1;
  const left = load<T>(d + <usize>l * size), zLeft = load<T>(z + <usize>l * size), zl = zLeft * zLeft;
  if (k == 1) {
    return found<T>(k, d, <T>0, abs<T>(zLeft), row, scratch);
  }
  const right = load<T>(d + <usize>r * size), zRight = load<T>(z + <usize>r * size), zr = zRight * zRight;
  const gap = (right - left) * (right + left);
  let origin = right, low: T = 0, high: T, tau: T;
  if (isLast) {
    high = square / (right + sqrt<T>(right * right + square));
    // The bound itself is rounded.
    high += <T>8 * eps * high;
    sums<T>(0, l, d, z, right, high / <T>2, scratch);
    tau = guess<T>(<T>1 + load<T>(scratch), zl, zr, gap, right, 2);
  } else {
    const half = (right - left) / <T>2;
    sums<T>(0, l, d, z, left, half, scratch);
    sums<T>(r + 1, k, d, z, left, half, upper);
    const c = <T>1 + load<T>(scratch) + load<T>(upper), middle = left + half;
    const atLeft = c - zl / (half * (left + middle)) + zr / (half * (right + middle)) >= <T>0;
    if (atLeft) origin = left;
    low = atLeft ? <T>0 : -half;
    high = atLeft ? half : <T>0;
    tau = guess<T>(c, zl, zr, gap, origin, atLeft ? 0 : 1);
  }
  if (!(tau > low && tau < high)) tau = inside<T>(low, high);
  let fixed = true, previous: T = 0;
  for (let iteration = 0; iteration < MOST_STEPS; iteration++) {
    sums<T>(0, l, d, z, origin, tau, scratch);
    sums<T>(r + 1, k, d, z, origin, tau, upper);
    const psi = load<T>(scratch), phi = load<T>(upper), dpsi = load<T>(scratch + size), dphi = load<T>(upper + size);
    const omega = origin + tau, constant = <T>1 + psi + phi;
    const pl = (left - origin - tau) * (left + omega), pr = (right - origin - tau) * (right + omega);
    const fl = zl / pl, fr = zr / pr, f = constant + (fl + fr);
    const slope = dpsi + dphi + fl / pl + fr / pr;
    // What rounding makes of f, and what one rounding of τ does.
    const magnitude = <T>1 - psi + phi + abs<T>(fl) + abs<T>(fr);
    if (abs<T>(f) <= eps * (<T>4 * magnitude + <T>2 * abs<T>(tau) * omega * slope)) break;
    if (f < <T>0) low = tau;
    else high = tau;
    // Interpolant c + s / (pl - y) + S / (pr - y): with `fixed`, the pole at the origin keeps its own weight.
    if (iteration > 0 && abs<T>(f) > abs<T>(previous) / <T>10) fixed = !fixed;
    previous = f;
    const toLeft = isLast || (fixed && origin == right), toRight = !isLast && fixed && origin == left;
    const dl: T = toLeft ? dpsi + dphi : toRight ? <T>0 : dpsi, dr: T = toRight ? dpsi + dphi : toLeft ? <T>0 : dphi;
    const s = zl + pl * pl * dl, S = zr + pr * pr * dr, c = constant - pl * dl - pr * dr;
    const a = c * (pl + pr) + s + S, b = pl * pr * f;
    const eta = isLast ? beyond<T>(a, b, c) : between<T>(a, b, c);
    let next = tau + eta / (omega + sqrt<T>(omega * omega + eta));
    if (!(next > low && next < high) || iteration % 8 == 7) {
      next = inside<T>(low, high);
      if (!(next > low && next < high)) break;
    }
    tau = next;
  }
  return found<T>(k, d, origin, tau, row, scratch);
}
