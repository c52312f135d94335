// The roots of 1 + rho Σ z_i² / (d_i - λ) = 0, rho > 0, d ascending: one between each two poles and one above the last
// (Li, Solving secular equations stably and efficiently, LAPACK working note 89, 1993). λ is never formed: a root is an origin
// (the pole that is nearer) and a distance τ from it, so that all differences d_i - λ are accurate to the last bits.
import { lanes, sumLanes } from '../simd/lanes';
import { unit } from './precision';

/** Evaluations per root before giving up; five are usual. The bracket halves at least every other time. */
const EVALUATIONS: i32 = 100;

/** Σ z_i² / x and Σ z_i² / x² with x = (d_i - origin) - τ, over n poles; into two numbers at `out`. */
function sums<T>(n: i32, d: usize, squares: usize, origin: T, tau: T, out: usize): void {
  const vo = v128.splat<T>(origin), vt = v128.splat<T>(tau), one = v128.splat<T>(1);
  let s0 = v128.splat<T>(0), s1 = s0, t0 = s0, t1 = s0;
  const w = lanes<T>();
  let i = 0;
  for (; i + 2 * w <= n; i += 2 * w) {
    const p = v128.div<T>(one, v128.sub<T>(v128.sub<T>(v128.load(d), vo), vt));
    const q = v128.div<T>(one, v128.sub<T>(v128.sub<T>(v128.load(d, 16), vo), vt));
    const r = v128.mul<T>(v128.load(squares), p), s = v128.mul<T>(v128.load(squares, 16), q);
    s0 = v128.add<T>(s0, r);
    s1 = v128.add<T>(s1, s);
    t0 = v128.add<T>(t0, v128.mul<T>(r, p));
    t1 = v128.add<T>(t1, v128.mul<T>(s, q));
    d += 32;
    squares += 32;
  }
  s0 = v128.add<T>(s0, s1);
  t0 = v128.add<T>(t0, t1);
  let sum = sumLanes<T>(s0), slope = sumLanes<T>(t0);
  for (; i < n; i++) {
    const p = <T>1 / (load<T>(d) - origin - tau), r = load<T>(squares) * p;
    sum += r;
    slope += r * p;
    d += sizeof<T>();
    squares += sizeof<T>();
  }
  store<T>(out, sum);
  store<T>(out + sizeof<T>(), slope);
}

/** Root of c η² - a η + b = 0, the one that the interpolating rational function of an inner interval has there. */
// @ts-ignore: decorator
@inline
function innerStep<T>(a: T, b: T, c: T): T {
  if (c == <T>0) return b / a;
  const root = sqrt<T>(abs<T>(a * a - <T>4 * b * c));
  return a <= <T>0 ? (a - root) / (<T>2 * c) : <T>2 * b / (a + root);
}

/** The same for the root above the last pole, where both poles lie to the left. */
// @ts-ignore: decorator
@inline
function outerStep<T>(a: T, b: T, c: T): T {
  const root = sqrt<T>(abs<T>(a * a - <T>4 * b * c));
  return a >= <T>0 ? (a + root) / (<T>2 * c) : <T>2 * b / (a - root);
}

/** x_i := (d_i - origin) - τ */
function distances<T>(n: i32, d: usize, origin: T, tau: T, x: usize): void {
  const vo = v128.splat<T>(origin), vt = v128.splat<T>(tau);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    v128.store(x, v128.sub<T>(v128.sub<T>(v128.load(d), vo), vt));
    d += 16;
    x += 16;
  }
  for (; i < n; i++) {
    store<T>(x, load<T>(d) - origin - tau);
    d += sizeof<T>();
    x += sizeof<T>();
  }
}

/**
 * Root j of k: stores p_i - λ_j for all i at `row` and λ_j at `lambda`; p are the poles d in any order. `squares` are the z_i²,
 * `total` their sum, `scratch` holds four numbers. Returns 0, or 1 when it did not settle.
 */
export function secularRoot<T>(
  j: i32, k: i32, d: usize, squares: usize, rho: T, total: T, p: usize, row: usize, lambda: usize,
  scratch: usize,
): i32 {
  const size = sizeof<T>();
  const last = j == k - 1;
  if (k == 1) {
    const shift = rho * total;
    store<T>(row, -shift);
    store<T>(lambda, load<T>(d) + shift);
    return 0;
  }
  // The poles of the interpolation: the ends of the interval, or the last two.
  const below = last ? j - 1 : j;
  const dp = d + <usize>below * size, zp = squares + <usize>below * size;
  const d0 = load<T>(dp), d1 = load<T>(dp + size), z0 = load<T>(zp), z1 = load<T>(zp + size);
  const gap = d1 - d0, inverseRho = <T>1 / rho;
  const psi = scratch, phi = scratch + 2 * size;

  // First guess: the two poles exactly, all others as they are in the middle of the interval.
  const middle = (last ? rho * total : gap) / <T>2;
  const start = last ? d1 : d0;
  sums<T>(below, d, squares, start, middle, psi);
  sums<T>(k - below - 2, dp + 2 * size, zp + 2 * size, start, middle, phi);
  const rest = inverseRho + load<T>(psi) + load<T>(phi);
  const atMiddle = rest + z0 / (d0 - start - middle) + z1 / (d1 - start - middle);
  let origin: T, tau: T, low: T, high: T;
  const left = !last && atMiddle > <T>0;
  if (last) {
    origin = d1;
    low = atMiddle <= <T>0 ? middle : <T>0;
    // Σ z_i² is rounded too.
    high = atMiddle <= <T>0 ? rho * total * (<T>1 + <T>8 * unit<T>()) : middle;
    tau = outerStep<T>(z0 + z1 - rest * gap, -z1 * gap, rest);
  } else if (left) {
    origin = d0;
    low = 0;
    high = middle;
    const a = rest * gap + z0 + z1, b = z0 * gap, root = sqrt<T>(abs<T>(a * a - <T>4 * b * rest));
    tau = a > <T>0 ? <T>2 * b / (a + root) : (a - root) / (<T>2 * rest);
  } else {
    origin = d1;
    low = -middle;
    high = 0;
    const a = rest * gap - z0 - z1, b = z1 * gap, root = sqrt<T>(abs<T>(a * a + <T>4 * b * rest));
    tau = a < <T>0 ? <T>2 * b / (a - root) : -(a + root) / (<T>2 * rest);
  }
  if (!(tau > low && tau < high)) tau = low + (high - low) / <T>2;

  let before: T = Infinity, fixed = true, settled = false;
  for (let count = 0; count < EVALUATIONS; count++) {
    sums<T>(below + 1, d, squares, origin, tau, psi);
    sums<T>(k - below - 1, dp + size, zp + size, origin, tau, phi);
    const psiValue = load<T>(psi), phiValue = load<T>(phi);
    const psiSlope = load<T>(psi + size), phiSlope = load<T>(phi + size);
    const w = inverseRho + psiValue + phiValue, slope = psiSlope + phiSlope;
    // What rounding of the sums and of τ can amount to: nothing better can be told apart.
    const noise = <T>16 * (abs<T>(psiValue) + abs<T>(phiValue)) + <T>4 * inverseRho + abs<T>(tau) * slope;
    if (abs<T>(w) <= unit<T>() * noise) {
      settled = true;
      break;
    }
    if (w <= <T>0) low = max<T>(low, tau);
    else high = min<T>(high, tau);
    const x0 = d0 - origin - tau, x1 = d1 - origin - tau;
    // Slow convergence: exchange the fixed-weight scheme and the middle way.
    if (abs<T>(w) > before / <T>10) fixed = !fixed;
    before = abs<T>(w);
    let c: T;
    if (last || !fixed) c = w - x0 * psiSlope - x1 * phiSlope;
    else if (left) c = w - x1 * slope + gap * (z0 / x0 / x0);
    else c = w - x0 * slope - gap * (z1 / x1 / x1);
    const a = (x0 + x1) * w - x0 * x1 * slope, b = x0 * x1 * w;
    let step = last ? outerStep<T>(a, b, abs<T>(c)) : innerStep<T>(a, b, c);
    if (!(w * step < <T>0)) step = -w / slope;
    let next = tau + step;
    if (!(next > low && next < high)) next = low + (high - low) / <T>2;
    if (next == tau || next == low || next == high) {
      // The bracket is down to neighbouring numbers.
      tau = next;
      settled = true;
      break;
    }
    tau = next;
  }
  distances<T>(k, p, origin, tau, row);
  store<T>(lambda, origin + tau);
  return settled ? 0 : 1;
}
