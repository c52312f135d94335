// Multiples of 2π/n, reduced as whole numbers.
import { tensor } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';

/** 2π k/n for whole numbers k, each reduced to one turn; f64. */
export function anglesOf(indices: readonly number[], n: number): Tensor {
  return tensor(indices.map((k) => (2 * Math.PI * (k % n)) / n));
}
