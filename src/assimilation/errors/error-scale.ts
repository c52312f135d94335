// errorScale: how far apart two independent states are on average, the unit of forecast errors.

import { checkTensor } from '../../core/check.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { untraced } from '../../ops/untraced.js';

/** Components that are sorted together: a row of them is a line of the cache. */
const BLOCK = 8;

/**
 * γ of the relative error: the mean of |a - b|₁, summed over the state, over all pairs of two different samples. Exactly,
 * not from a selection of pairs: per component, the sum over pairs is one over the sorted values, so that the time is
 * O(count log count) for each. An error of γ is that of an arbitrary state of the attractor.
 * @param samples independent states, [count, ...state], f64 or f32, count at least 2. They are read: no derivative, and not
 * inside `compile`.
 * @returns a number, computed in f64.
 * @throws ShapeError for fewer than two samples, DTypeError for i32, ArgumentError for numbers that are not finite.
 * Source: Frerix et al. (ICML 2021), equation (5).
 * @example
 * const gamma = assimilation.errorScale(dynamics.sample(system, ct.random(1), { count: 1000 }));
 */
export function errorScale(samples: Tensor): number {
  const name = 'errorScale';
  checkTensor(name, 'samples', samples);
  if (samples.dtype === 'i32') throw new DTypeError(`${name}: samples must be f64 or f32, got i32`);
  const count = samples.ndim === 0 ? 0 : samples.shape[0];
  if (count < 2)
    throw new ShapeError(
      `${name}: samples must be [count, ...state] with a count of at least 2, got ${show(samples.shape)}`,
    );
  const data = untraced(name, 'samples', samples).data();
  const size = samples.size / count;
  const columns = Array.from({ length: BLOCK }, () => new Float64Array(count));
  let total = 0;
  for (let from = 0; from < size; from += BLOCK) {
    const width = Math.min(BLOCK, size - from);
    for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) columns[j][i] = data[i * size + from + j];
    for (let j = 0; j < width; j++) total += meanDistance(name, columns[j]);
  }
  return total;
}

/**
 * The mean of |x_i - x_j| over all pairs i < j; sorts x. Where x is sorted, the difference of two neighbours counts in all
 * pairs that have them between them; added from the outside, x_{n-1-k} - x_k counts n - 1 - 2k times.
 */
function meanDistance(name: string, x: Float64Array): number {
  x.sort();
  const n = x.length;
  if (!Number.isFinite(x[0]) || !Number.isFinite(x[n - 1]))
    throw new ArgumentError(
      `${name}: samples must be finite, got ${Number.isFinite(x[0]) ? x[n - 1] : x[0]}`,
    );
  const pairs = (n * (n - 1)) / 2;
  let sum = 0;
  for (let k = 0; 2 * k < n - 1; k++) sum += ((n - 1 - 2 * k) / pairs) * (x[n - 1 - k] - x[k]);
  return sum;
}
