// Vorticity in Fourier space, [2, n, n/2 + 1] (real parts, imaginary parts; rows: wavenumbers of x, columns: of y), and what lies between it and transforms of complex numbers. Only
// wavenumbers up to `cut` (< n/3) take part. The velocity is one complex field: z = u + i v has the transform g ω with g = (kx + i ky) / k². Its square holds all products that are
// wanted: -u·∇ω = -(∂xx - ∂yy)(uv) - ∂xy (v² - u²) has the transform μ̄ S(k) + μ conj S(-k), where S is that of z² and μ = (i/4)(kx + i ky)².
// A plane is spread to n rows of 2 (cut + 1) columns: those of ky = 0, …, cut, then those of -ky. Both ways go by factors m; one is the transpose of the other:
// spread: Z(k) = m ω(k), Z(-k) = ±m conj ω(k); collect: ω(k) = m̄ Z(k) ± m conj Z(-k); + for μ, - for g. ky = 0 stands in both halves, and g is halved there.
import { lanes, madd } from '../simd/lanes';
import { loadBelow, storeBelow } from './frame';
import { transposed } from './projection';

/** Factors: g, of the velocity; else μ, of the advection. */
export const VELOCITY: i32 = 0;

// @ts-ignore: decorator
@inline
function splat<T>(x: f64): v128 {
  return v128.splat<T>(<T>x);
}

/** j, j + 1, … */
// @ts-ignore: decorator
@inline
function counting<T>(j: i32): v128 {
  const from = v128.splat<T>(<T>j);
  return v128.add<T>(from, sizeof<T>() == 8 ? f64x2(0, 1) : f32x4(0, 1, 2, 3));
}

/** What real and imaginary parts of a factor have in common. */
// @ts-ignore: decorator
@inline
function weightOf<T>(kind: i32, kx: v128, ky: v128): v128 {
  if (kind != VELOCITY) return splat<T>(0.25);
  const square = madd<T>(kx, kx, v128.mul<T>(ky, ky)), zero = splat<T>(0);
  const one = v128.bitselect(splat<T>(1), splat<T>(0.5), v128.gt<T>(ky, zero));
  return v128.and(v128.div<T>(one, square), v128.gt<T>(square, zero));
}

// @ts-ignore: decorator
@inline
function realPart<T>(kind: i32, weight: v128, kx: v128, ky: v128): v128 {
  return v128.mul<T>(weight, kind == VELOCITY ? kx : v128.mul<T>(splat<T>(-2), v128.mul<T>(kx, ky)));
}

// @ts-ignore: decorator
@inline
function imaginaryPart<T>(kind: i32, weight: v128, kx: v128, ky: v128): v128 {
  return v128.mul<T>(weight, kind == VELOCITY ? ky : v128.mul<T>(v128.sub<T>(kx, ky), v128.add<T>(kx, ky)));
}

/** The row of a wavenumber. */
// @ts-ignore: decorator
@inline
function rowOf(n: i32, k: i32): usize {
  return <usize>(k < 0 ? n + k : k);
}

/** Numbers j, j + 1, … of a row of c, of which `whole` says that there is a vector. */
// @ts-ignore: decorator
@inline
function read<T>(whole: bool, c: i32, j: i32, row: usize): v128 {
  return whole ? v128.load(row + <usize>j * sizeof<T>()) : loadBelow<T>(c, j, row);
}

// @ts-ignore: decorator
@inline
function write<T>(whole: bool, c: i32, j: i32, row: usize, x: v128): void {
  if (whole) v128.store(row + <usize>j * sizeof<T>(), x);
  else storeBelow<T>(c, j, row, x);
}

// @ts-ignore: decorator
@inline
function spreadAt<T>(whole: bool, c: i32, j: i32, kind: i32, kx: v128, sign: v128, w: usize, wi: usize, x: usize, back: usize, xi: usize): void {
  const ky = counting<T>(j), weight = weightOf<T>(kind, kx, ky), mr = realPart<T>(kind, weight, kx, ky), mi = imaginaryPart<T>(kind, weight, kx, ky);
  const a = read<T>(whole, c, j, w), b = read<T>(whole, c, j, w + wi), ar = v128.mul<T>(mr, a), bi = v128.mul<T>(mi, b), br = v128.mul<T>(mr, b), ai = v128.mul<T>(mi, a);
  write<T>(whole, c, j, x, v128.sub<T>(ar, bi));
  write<T>(whole, c, j, x + xi, v128.add<T>(br, ai));
  write<T>(whole, c, j, back, v128.mul<T>(sign, v128.add<T>(ar, bi)));
  write<T>(whole, c, j, back + xi, v128.mul<T>(sign, v128.sub<T>(ai, br)));
}

// m̄ (a + i b) + m (d - i e)
// @ts-ignore: decorator
@inline
function collectAt<T>(whole: bool, c: i32, j: i32, kind: i32, kx: v128, sign: v128, x: usize, back: usize, xi: usize, w: usize, wi: usize): void {
  const ky = counting<T>(j), weight = weightOf<T>(kind, kx, ky), mr = realPart<T>(kind, weight, kx, ky), mi = imaginaryPart<T>(kind, weight, kx, ky);
  const a = read<T>(whole, c, j, x), b = read<T>(whole, c, j, x + xi), d = v128.mul<T>(sign, read<T>(whole, c, j, back)), e = v128.mul<T>(sign, read<T>(whole, c, j, back + xi));
  write<T>(whole, c, j, w, madd<T>(mr, v128.add<T>(a, d), v128.mul<T>(mi, v128.add<T>(b, e))));
  write<T>(whole, c, j, w + wi, v128.sub<T>(v128.mul<T>(mr, v128.sub<T>(b, e)), v128.mul<T>(mi, v128.sub<T>(a, d))));
}

/** x := w, spread. */
export function spread<T>(n: i32, cut: i32, kind: i32, w: usize, x: usize): void {
  const size = <usize>sizeof<T>(), c = cut + 1, half = n / 2 + 1, wide = <usize>(2 * c) * size, xi = <usize>n * wide, wi = <usize>n * <usize>half * size;
  const sign = splat<T>(kind == VELOCITY ? -1 : 1), empty = <usize>(n - 2 * cut - 1) * wide, from = x + <usize>c * wide;
  memory.fill(from, 0, empty);
  memory.fill(from + xi, 0, empty);
  for (let k = -cut; k <= cut; k++) {
    const kx = v128.splat<T>(<T>k), row = w + rowOf(n, k) * <usize>half * size, to = x + rowOf(n, k) * wide, back = x + rowOf(n, -k) * wide + <usize>c * size;
    let j = 0;
    for (; j + lanes<T>() <= c; j += lanes<T>()) spreadAt<T>(true, c, j, kind, kx, sign, row, wi, to, back, xi);
    if (j < c) spreadAt<T>(false, c, j, kind, kx, sign, row, wi, to, back, xi);
  }
}

/** w := x, collected; 0 for wavenumbers beyond the cut. */
export function collect<T>(n: i32, cut: i32, kind: i32, x: usize, w: usize): void {
  const size = <usize>sizeof<T>(), c = cut + 1, half = n / 2 + 1, wide = <usize>(2 * c) * size, xi = <usize>n * wide, wi = <usize>n * <usize>half * size;
  const sign = splat<T>(kind == VELOCITY ? -1 : 1);
  memory.fill(w, 0, 2 * wi);
  for (let k = -cut; k <= cut; k++) {
    const kx = v128.splat<T>(<T>k), row = w + rowOf(n, k) * <usize>half * size, from = x + rowOf(n, k) * wide, back = x + rowOf(n, -k) * wide + <usize>c * size;
    let j = 0;
    for (; j + lanes<T>() <= c; j += lanes<T>()) collectAt<T>(true, c, j, kind, kx, sign, from, back, xi, row, wi);
    if (j < c) collectAt<T>(false, c, j, kind, kx, sign, from, back, xi, row, wi);
  }
}

/** A plane [n, n] with a row for each ky from one [n, 2 (cut + 1)] with a row for each x; both halves of ky = 0 are added. */
function unfoldPlane<T>(n: i32, cut: i32, x: usize, y: usize): void {
  const size = <usize>sizeof<T>(), c = cut + 1, wide = 2 * c, line = <usize>n * size;
  transposed<T>(n, c, x, wide, y, n);
  transposed<T>(n, cut, x + <usize>(c + 1) * size, wide, y + <usize>(n - 1) * line, -n);
  memory.fill(y + <usize>c * line, 0, <usize>(n - 2 * cut - 1) * line);
  for (let i: usize = 0; i < <usize>n; i++) store<T>(y + i * size, load<T>(y + i * size) + load<T>(x + (i * <usize>wide + <usize>c) * size));
}

/** The transpose of that. */
function foldPlane<T>(n: i32, cut: i32, y: usize, x: usize): void {
  const size = <usize>sizeof<T>(), c = cut + 1, wide = 2 * c, line = <usize>n * size;
  transposed<T>(c, n, y, n, x, wide);
  transposed<T>(cut, n, y + <usize>(n - 1) * line, -n, x + <usize>(c + 1) * size, wide);
  for (let i: usize = 0; i < <usize>n; i++) store<T>(x + (i * <usize>wide + <usize>c) * size, load<T>(y + i * size));
}

/** From rows of x to rows of ky, real and imaginary parts. */
export function unfold<T>(n: i32, cut: i32, x: usize, y: usize): void {
  unfoldPlane<T>(n, cut, x, y);
  unfoldPlane<T>(n, cut, x + <usize>n * <usize>(2 * cut + 2) * sizeof<T>(), y + <usize>n * <usize>n * sizeof<T>());
}

/** Back. */
export function fold<T>(n: i32, cut: i32, y: usize, x: usize): void {
  foldPlane<T>(n, cut, y, x);
  foldPlane<T>(n, cut, y + <usize>n * <usize>n * sizeof<T>(), x + <usize>n * <usize>(2 * cut + 2) * sizeof<T>());
}

// @ts-ignore: decorator
@inline
function productAt<T>(sign: v128, gap: usize, a: usize, b: usize, y: usize): void {
  const p = v128.load(a), q = v128.mul<T>(sign, v128.load(a + gap)), r = v128.load(b), s = v128.load(b + gap);
  v128.store(y, v128.sub<T>(v128.mul<T>(p, r), v128.mul<T>(q, s)));
  v128.store(y + gap, madd<T>(p, s, v128.mul<T>(q, r)));
}

/** y := a b, or conj(a) b, for `count` complex numbers: real parts, then imaginary ones. y may be b, or both of them. */
export function complexProduct<T>(count: i32, conjugate: bool, a: usize, b: usize, y: usize): void {
  const size = <usize>sizeof<T>(), gap = <usize>count * size, sign = splat<T>(conjugate ? -1 : 1), whole = <usize>(count - (count % lanes<T>())) * size;
  for (let at: usize = 0; at < whole; at += 16) productAt<T>(sign, gap, a + at, b + at, y + at);
  const factor: T = conjugate ? <T>-1 : <T>1;
  for (let at = whole; at < gap; at += size) {
    const p = load<T>(a + at), q = factor * load<T>(a + gap + at), r = load<T>(b + at), s = load<T>(b + gap + at);
    store<T>(y + at, p * r - q * s);
    store<T>(y + gap + at, p * s + q * r);
  }
}

// @ts-ignore: decorator
@inline
function addLinearAt<T>(whole: bool, c: i32, j: i32, slope: v128, from: v128, base: usize, x: usize, y: usize): void {
  const ky = counting<T>(j), factor = madd<T>(slope, v128.mul<T>(ky, ky), from), sum = madd<T>(factor, read<T>(whole, c, j, x), read<T>(whole, c, j, y));
  write<T>(whole, c, j, y, base == 0 ? sum : v128.add<T>(read<T>(whole, c, j, base), sum));
}

/**
 * y := y + base + scale Λ x with Λ = -(viscosity k² + damping), all of planes; without base where its address is 0. Then `force` is added to the real number of kx = 0 and
 * ky = wave.
 */
export function addLinear<T>(
  n: i32, viscosity: f64, damping: f64, scale: f64, base: usize, x: usize, y: usize, wave: i32, force: f64,
): void {
  const size = <usize>sizeof<T>(), half = n / 2 + 1, line = <usize>half * size, plane = <usize>n * line;
  const slope = splat<T>(-scale * viscosity), whole = half - (half % lanes<T>());
  for (let i = 0; i < n; i++) {
    const k = <f64>(2 * i <= n ? i : n - i), from = v128.splat<T>(<T>(-scale * (viscosity * k * k + damping)));
    for (let part: usize = 0; part < 2; part++) {
      const at = part * plane + <usize>i * line;
      for (let j = 0; j < whole; j += lanes<T>()) addLinearAt<T>(true, half, j, slope, from, base == 0 ? 0 : base + at, x + at, y + at);
      if (whole < half) addLinearAt<T>(false, half, whole, slope, from, base == 0 ? 0 : base + at, x + at, y + at);
    }
  }
  const at = y + <usize>wave * size;
  store<T>(at, load<T>(at) + <T>force);
}
