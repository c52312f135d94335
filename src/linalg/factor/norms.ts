// ||A||_1 = max_j Σ_i |a_ij| of each matrix of a stack, for condition numbers.
import { bytesPerElement } from '../../core/dtype.js';
import { lapack } from '../../generated/lapack.js';
import type { Stack } from '../stack.js';
import type { Verb } from './verbs.js';

/** One number per matrix; if `symmetric`, of the symmetric matrices that the lower triangles stand for. */
export function norm1Verb({ dtype, count, rows: n }: Stack, { symmetric }: { symmetric: boolean }): Verb {
  const norm1 = lapack.exports[`norm1_${dtype}`];
  return {
    bytes: n * bytesPerElement(dtype),
    run: ([a], out, work) => norm1(count, n, a, Number(symmetric), out, work),
  };
}
