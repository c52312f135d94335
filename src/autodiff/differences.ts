// Derivatives by central differences, extrapolated to a step of zero (Ridders, Advances in Engineering Software 4,
// 1982).

import { powerOfTwo } from '../core/scalars.js';

/** The steps of `differences`. */
export interface StepOptions {
  /** First step, relative to max(1, |x|). */
  step: number;
  /** Number of steps, each a quarter of the one before; one step is the plain central difference. */
  count: number;
}

/**
 * d/dt f(x + t d) at t = 0, entry by entry of f's result. Each entry takes the extrapolated value with the smallest
 * error estimate, so that large steps which leave the domain or cross a kink do no harm.
 * @param f the values at t; called twice per step.
 */
export function differences(f: (t: number) => Float64Array, scale: number, steps: StepOptions): Float64Array {
  return extrapolated(f, scale, steps, 'central').values;
}

/** Values, and estimates of their errors: infinite where only one step is taken. */
export interface Estimates {
  values: Float64Array;
  errors: Float64Array;
}

/** The same from both sides, from above or from below, with estimates of the errors. */
export function extrapolated(
  f: (t: number) => Float64Array,
  scale: number,
  { step, count }: StepOptions,
  side: 'central' | 'above' | 'below',
): Estimates {
  const start = side === 'central' ? undefined : f(0);
  const quotients = (h: number): Float64Array => {
    if (start === undefined) {
      const [above, below] = [f(h), f(-h)];
      return above.map((y, k) => (y - below[k]) / (2 * h));
    }
    const t = side === 'above' ? h : -h;
    return f(t).map((y, k) => (y - start[k]) / t);
  };
  // The terms that extrapolation takes off: powers of h² for central differences, of h from one side.
  const base = side === 'central' ? 16 : 4;
  let before: Float64Array[] = [];
  let best = new Float64Array(0);
  let errors = new Float64Array(0);
  for (let i = 0; i < count; i++) {
    const h = (step * scale) / powerOfTwo(2 * i);
    const row = [quotients(h)];
    if (i === 0) {
      best = row[0].slice();
      errors = new Float64Array(best.length).fill(Number.POSITIVE_INFINITY);
    }
    // Column j of the tableau has no terms up to the j-th.
    let power = 1;
    for (let j = 1; j <= i; j++) {
      power *= base;
      const factor = 1 / (power - 1);
      const [left, corner] = [row[j - 1], before[j - 1]];
      const next = left.map((y, k) => y + (y - corner[k]) * factor);
      next.forEach((y, k) => {
        const error = Math.max(Math.abs(y - left[k]), Math.abs(y - corner[k]));
        if (error <= errors[k] || Number.isNaN(best[k])) {
          best[k] = y;
          if (!Number.isNaN(error)) errors[k] = error;
        }
      });
      row.push(next);
    }
    before = row;
  }
  return { values: best, errors };
}
