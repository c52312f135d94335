// Means and sums of squares beyond what the type can hold: the root in place of the square, with the sign as its mark. Ordinary
// ones are squares. A gradient of 1e25 has no square in f32; as infinity it would stop its parameter for ever.
import { lanes } from '../simd/lanes';

/** The largest square that is stored as one: its root, and ε, are at most `farthest`. */
// @ts-ignore: decorator
@inline
export function highest<T>(): T {
  return sizeof<T>() == 8 ? <T>1.1235582092889474e307 : <T>5.316911983139664e36;
}

/** The smallest one, where ε is so small that it does not hide smaller ones. */
// @ts-ignore: decorator
@inline
export function lowest<T>(): T {
  return sizeof<T>() == 8 ? <T>1.0261342003245941e-289 : <T>7.888609052210118e-31;
}

/** A power of two whose square, and the reciprocal of whose square, are far from overflow. */
// @ts-ignore: decorator
@inline
export function farthest<T>(): T {
  return sizeof<T>() == 8 ? <T>1.3407807929942597e154 : <T>4.611686018427388e18;
}

/** Whether a lane of `before` has the mark of a root, or one of `after` is too large for a square. */
// @ts-ignore: decorator
@inline
export function beyond<T>(before: v128, after: v128): v128 {
  return v128.or(before, v128.gt<T>(after, v128.splat<T>(highest<T>())));
}

/** The same of one number, or whether `after` is too small for a square beside so small an ε. */
// @ts-ignore: decorator
@inline
export function isBeyond<T>(before: T, after: T, epsilon: T): bool {
  return before < <T>0 || after > highest<T>() || (isSmall<T>(epsilon) && after < lowest<T>());
}

/** Whether ε is so small that it does not hide squares that underflow. */
// @ts-ignore: decorator
@inline
export function isSmall<T>(epsilon: T): bool {
  return epsilon < <T>1 / farthest<T>();
}

/** Whether any lane has its highest bit set. */
// @ts-ignore: decorator
@inline
export function anyMarked<T>(x: v128): bool {
  return lanes<T>() == 2 ? i64x2.bitmask(x) != 0 : i32x4.bitmask(x) != 0;
}

/** The root of what is stored. */
// @ts-ignore: decorator
@inline
export function rootOf<T>(stored: T): f64 {
  return stored < <T>0 ? -<f64>stored : Math.sqrt(<f64>stored);
}

/** What is stored for a root. */
// @ts-ignore: decorator
@inline
export function storedAs<T>(root: f64): T {
  const square = <f64>root * root;
  return square >= <f64>lowest<T>() && square <= <f64>highest<T>() ? <T>square : <T>-root;
}

/** √(keep r² + gain d²), without overflow in between. */
export function grown(r: f64, d: f64, keep: f64, gain: f64): f64 {
  const most = max(r, Math.abs(d));
  if (most == 0) return 0;
  const a = r / most, b = d / most;
  return most * Math.sqrt(keep * a * a + gain * b * b);
}
