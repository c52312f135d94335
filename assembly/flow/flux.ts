// The flux a c through a face, with c limited after van Leer: between the upwind value and that of Lax and Wendroff. The face lies between the cells L and R; LL and
// RR are the next ones. F = a c_up + ½ |a| (1 - s |a|) lim, where lim = 2 d e / (d + e) if d e > 0, else 0, with d = R - L, e = L - LL or, for a <= 0, RR - R;
// s = dt/h. Where d e > 0, t = e / (d + e) lies between 0 and 1, and ∂lim/∂d = 2 t², ∂lim/∂e = 2 (1 - t)².
// Source: van Leer, Journal of Computational Physics 14 (1974); Sweby, SIAM Journal on Numerical Analysis 21 (1984).
import { madd } from '../simd/lanes';

// @ts-ignore: decorator
@inline
function splat<T>(x: f64): v128 {
  return v128.splat<T>(<T>x);
}

/** Whether a > 0. */
// @ts-ignore: decorator
@inline
export function isForward<T>(a: v128): v128 {
  return v128.gt<T>(a, splat<T>(0));
}

/** e. */
// @ts-ignore: decorator
@inline
export function upwindSlope<T>(forward: v128, ll: v128, l: v128, r: v128, rr: v128): v128 {
  return v128.bitselect(v128.sub<T>(l, ll), v128.sub<T>(rr, r), forward);
}

/** Whether the limiter lets anything through. */
// @ts-ignore: decorator
@inline
export function isMonotonic<T>(d: v128, e: v128): v128 {
  return v128.gt<T>(v128.mul<T>(d, e), splat<T>(0));
}

/** t, or 0. */
// @ts-ignore: decorator
@inline
export function shareOf<T>(d: v128, e: v128, monotonic: v128): v128 {
  return v128.and(v128.div<T>(e, v128.add<T>(d, e)), monotonic);
}

/** ½ |a| (1 - s |a|). */
// @ts-ignore: decorator
@inline
export function correction<T>(size: v128, s: v128): v128 {
  return v128.mul<T>(v128.mul<T>(splat<T>(0.5), size), v128.sub<T>(splat<T>(1), v128.mul<T>(s, size)));
}

/** F. */
// @ts-ignore: decorator
@inline
export function flux<T>(ll: v128, l: v128, r: v128, rr: v128, a: v128, s: v128): v128 {
  const forward = isForward<T>(a), d = v128.sub<T>(r, l), e = upwindSlope<T>(forward, ll, l, r, rr);
  const monotonic = isMonotonic<T>(d, e), t = shareOf<T>(d, e, monotonic);
  const lim = v128.and(v128.mul<T>(v128.add<T>(d, d), t), monotonic);
  return madd<T>(a, v128.bitselect(l, r, forward), v128.mul<T>(correction<T>(v128.abs<T>(a), s), lim));
}

/** ∂F/∂a = c_up + sign(a) ½ (1 - 2 s |a|) lim. */
// @ts-ignore: decorator
@inline
export function fluxBySpeed<T>(l: v128, r: v128, a: v128, s: v128, forward: v128, lim: v128): v128 {
  const size = v128.abs<T>(a), half = v128.bitselect(splat<T>(0.5), splat<T>(-0.5), forward);
  const factor = v128.mul<T>(half, v128.sub<T>(splat<T>(1), v128.mul<T>(v128.add<T>(s, s), size)));
  return madd<T>(factor, lim, v128.bitselect(l, r, forward));
}

/** The derivative of F along changes of the cells (marked with a k) and of a. */
// @ts-ignore: decorator
@inline
export function fluxTangent<T>(
  ll: v128, l: v128, r: v128, rr: v128, a: v128, llk: v128, lk: v128, rk: v128, rrk: v128, ak: v128, s: v128,
): v128 {
  const forward = isForward<T>(a), d = v128.sub<T>(r, l), e = upwindSlope<T>(forward, ll, l, r, rr);
  const monotonic = isMonotonic<T>(d, e), t = shareOf<T>(d, e, monotonic), u = v128.and(v128.sub<T>(splat<T>(1), t), monotonic);
  const lim = v128.and(v128.mul<T>(v128.add<T>(d, d), t), monotonic);
  const dk = v128.sub<T>(rk, lk), ek = upwindSlope<T>(forward, llk, lk, rk, rrk), weight = correction<T>(v128.abs<T>(a), s);
  const slope = madd<T>(v128.mul<T>(t, t), dk, v128.mul<T>(v128.mul<T>(u, u), ek));
  const own = madd<T>(a, v128.bitselect(lk, rk, forward), v128.mul<T>(v128.add<T>(weight, weight), slope));
  return madd<T>(fluxBySpeed<T>(l, r, a, s, forward, lim), ak, own);
}
