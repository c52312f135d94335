// Constants of an element type: unit roundoff and the smallest normal number.

/** Half the distance from 1 to the next number: 2^-53 or 2^-24. */
// @ts-ignore: decorator
@inline
export function unit<T>(): T {
  return sizeof<T>() == 8 ? <T>1.1102230246251565e-16 : <T>5.9604644775390625e-8;
}

/** The smallest normal number. */
// @ts-ignore: decorator
@inline
export function tiny<T>(): T {
  return sizeof<T>() == 8 ? <T>2.2250738585072014e-308 : <T>1.1754943508222875e-38;
}

/** |a| with the sign of b. */
// @ts-ignore: decorator
@inline
export function withSign<T>(a: T, b: T): T {
  return b < <T>0 ? -abs<T>(a) : abs<T>(a);
}
