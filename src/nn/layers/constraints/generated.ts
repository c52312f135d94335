// Points of a polyhedron from any numbers: a convex combination of its vertices plus a non-negative one of its generators.

import type { Tensor } from '../../../core/tensor.js';
import { sub } from '../../../ops/arithmetic.js';
import { concat } from '../../../ops/concat.js';
import { abs } from '../../../ops/roots.js';
import { narrow } from '../../../ops/slice.js';
import { softmax } from '../../../ops/softmax.js';
import { type Matrix, product } from './product.js';

/** How many vertices, rays and lines there are; a line is two generators, +l and -l. */
export interface Counts {
  vertices: number;
  rays: number;
  lines: number;
}

/**
 * Coefficients of vertices, rays and lines from z [n, v + r + 2 l]: softmax of the first v, the sizes of the next r, and for a line the
 * difference of the sizes of its two generators, so that its row is multiplied once.
 */
function coefficients(z: Tensor, { vertices, rays, lines }: Counts): Tensor {
  const part = (from: number, count: number) => narrow(z, 1, from, count);
  const parts: Tensor[] = [];
  if (vertices > 0) parts.push(softmax(part(0, vertices), { axis: 1 }));
  if (rays > 0) parts.push(abs(part(vertices, rays)));
  if (lines > 0) {
    const at = vertices + rays;
    parts.push(sub(abs(part(at, lines)), abs(part(at + lines, lines))));
  }
  if (parts.length === 0) return z;
  return parts.length === 1 ? parts[0] : concat(parts, 1);
}

/** softmax(z[:, :v]) · vertices + |z[:, v:]| · generators, [n, d]. */
export function generate(z: Tensor, counts: Counts, matrix: Matrix): Tensor {
  return product(coefficients(z, counts), matrix);
}
