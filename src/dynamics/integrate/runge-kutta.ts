// One step of Euler's method and of the classical Runge-Kutta method, on lists of tensors.
import type { Tensor } from '../../core/tensor.js';
import { add, mul } from '../../ops/arithmetic.js';

/** dx/dt at a time. */
export type Slope = (x: readonly Tensor[], t: number) => readonly Tensor[];

/** A step of length h from time t. */
export type FixedStep = (f: Slope, x: readonly Tensor[], t: number, h: number) => readonly Tensor[];

/** x + a k. */
export const moved = (x: readonly Tensor[], k: readonly Tensor[], a: number): Tensor[] =>
  x.map((leaf, i) => add(leaf, mul(k[i], a)));

/** Euler: x + h f(x). */
export const eulerStep: FixedStep = (f, x, t, h) => moved(x, f(x, t), h);

/** The classical method of order 4: x + h/6 (k₁ + 2 k₂ + 2 k₃ + k₄). */
export const rk4Step: FixedStep = (f, x, t, h) => {
  const k1 = f(x, t);
  const k2 = f(moved(x, k1, h / 2), t + h / 2);
  const k3 = f(moved(x, k2, h / 2), t + h / 2);
  const k4 = f(moved(x, k3, h), t + h);
  return x.map((leaf, i) => add(leaf, mul(add(add(k1[i], k4[i]), mul(add(k2[i], k3[i]), 2)), h / 6)));
};
