// Plane rotations: c f + s g = r, c g - s f = 0, and the same mix of two rows (LAPACK's lartg and rot).
import { hypot } from '../householder/reflector';
import { lanes } from '../simd/lanes';

/** Unit roundoff. */
// @ts-ignore: decorator
@inline
export function unitRoundoff<T>(): T {
  return sizeof<T>() == 8 ? <T>1.1102230246251565e-16 : <T>5.960464477539063e-8;
}

/** Below this, quotients lose digits to underflow; beside entries of about 1 it is nothing. */
// @ts-ignore: decorator
@inline
export function vanishing<T>(): T {
  return sizeof<T>() == 8 ? <T>1e-290 : <T>1e-32;
}

/**
 * r = ±sqrt(f² + g²) with the sign of f, so that c = f / r is not negative; c = 1, s = 0 is meant
 * where r is 0: where both vanish.
 */
// @ts-ignore: decorator
@inline
export function radius<T>(f: T, g: T): T {
  if (g == <T>0) return f;
  const square = f * f + g * g;
  // Outside this range a square has overflowed or lost digits.
  const low: T = sizeof<T>() == 8 ? <T>1e-280 : <T>1e-26, high: T = sizeof<T>() == 8 ? <T>1e300 : <T>1e37;
  let r = sqrt<T>(square);
  if (!(square > low && square < high)) {
    r = hypot<T>(f, g);
    if (r < vanishing<T>()) return 0;
  }
  return f < <T>0 ? -r : r;
}

/** x, y := c x + s y, c y - s x for two rows of n elements. */
export function rotateRows<T>(n: i32, x: usize, y: usize, c: T, s: T): void {
  const cc = v128.splat<T>(c), ss = v128.splat<T>(s);
  const end = x + <usize>(n & ~(lanes<T>() - 1)) * sizeof<T>();
  const last = x + <usize>n * sizeof<T>();
  while (x < end) {
    const p = v128.load(x), q = v128.load(y);
    v128.store(x, v128.add<T>(v128.mul<T>(cc, p), v128.mul<T>(ss, q)));
    v128.store(y, v128.sub<T>(v128.mul<T>(cc, q), v128.mul<T>(ss, p)));
    x += 16;
    y += 16;
  }
  while (x < last) {
    const p = load<T>(x), q = load<T>(y);
    store<T>(x, c * p + s * q);
    store<T>(y, c * q - s * p);
    x += sizeof<T>();
    y += sizeof<T>();
  }
}
