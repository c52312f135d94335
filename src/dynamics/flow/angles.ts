// Sines of multiples of 2π/n with the same bits everywhere: arguments are reduced as whole numbers, sines are the library's.
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';

/** 2π k/n for whole numbers k, each reduced to one turn; f64. */
export function anglesOf(indices: readonly number[], n: number): Tensor {
  return scope(() => tensor(indices.map((k) => (2 * Math.PI * (k % n)) / n)));
}
