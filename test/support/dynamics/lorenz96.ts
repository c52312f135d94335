// Lorenz96 in plain loops, apart from src/dynamics: states, and how they are drawn.
import { drawing } from '../check.js';

export interface Model {
  K: number;
  F: number;
  dt: number;
  euler: boolean;
}

/** dx_k/dt = (x_{k+1} - x_{k-2}) x_{k-1} - x_k + F. */
export function slope(x: readonly number[], F: number): number[] {
  const K = x.length;
  const at = (k: number) => x[(k + K) % K];
  return x.map((_, k) => (at(k + 1) - at(k - 2)) * at(k - 1) - x[k] + F);
}

/** One step of Euler's method or of the classical Runge-Kutta method. */
export function step(x: readonly number[], { F, dt, euler }: Model): number[] {
  const moved = (k: readonly number[], a: number) => x.map((v, i) => v + a * k[i]);
  const k1 = slope(x, F);
  if (euler) return moved(k1, dt);
  const k2 = slope(moved(k1, dt / 2), F);
  const k3 = slope(moved(k2, dt / 2), F);
  const k4 = slope(moved(k3, dt), F);
  return x.map((v, i) => v + (dt / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
}

/** x and the states at the ends of the intervals, one behind the other. */
export function states(x: readonly number[], model: Model, inner: number, intervals: number): number[] {
  const all = [...x];
  let state = [...x];
  for (let i = 0; i < intervals; i++) {
    for (let n = 0; n < inner; n++) state = step(state, model);
    all.push(...state);
  }
  return all;
}

/** K numbers as on the attractor. */
export function drawnState(K: number, seed: number): number[] {
  const draw = drawing(seed);
  return Array.from({ length: K }, () => 2 + 4 * draw());
}
