// Powers and cosines with the same bits in every engine, unlike those of Math.
import { power as kernelPower } from '../core/power.js';
import { squared } from '../core/scalars.js';

/** x^k: by squaring for a whole number k >= 0, else by the kernel of `pow`. */
export function power(x: number, k: number): number {
  return Number.isInteger(k) && k >= 0 ? wholePower(x, k) : kernelPower(x, k);
}

/** x^k for a whole number k >= 0, by squaring; without kernels, for programs that need no others. */
export function wholePower(x: number, k: number): number {
  let result = 1;
  for (let [square, rest] = [x, k]; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** cos(π t), by its series around the nearest multiple of π. */
export function cosPi(t: number): number {
  const whole = Math.round(t);
  const square = -squared(Math.PI * (t - whole));
  let [term, sum] = [1, 1];
  for (let k = 2; k <= 24; k += 2) {
    term *= square / (k * (k - 1));
    sum += term;
  }
  return whole % 2 === 0 ? sum : -sum;
}
