// A tensor as a symmetric matrix, with all that may be wrong with it.
import { ArgumentError, ShapeError } from '../core/errors.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import { untraced } from '../ops/untraced.js';

/** The numbers of a symmetric matrix [n, n], row-major. */
export interface SymmetricMatrix {
  readonly n: number;
  readonly entries: Float64Array;
}

/** Differences of a_ij and a_ji up to this part of the largest entry are rounding. */
const ROUNDING = 1e-9;

/** The matrix in a tensor, in f64 and exactly symmetric: the means of a_ij and a_ji. */
export function symmetricMatrix(name: string, argument: string, x: Tensor): SymmetricMatrix {
  untraced(name, argument, x);
  const { shape } = checkFloat(name, argument, x);
  if (shape.length !== 2 || shape[0] !== shape[1])
    throw new ShapeError(`${name}: ${argument} must be a square matrix, got shape ${show(shape)}`);
  const [n] = shape;
  const entries = Float64Array.from(x.data());
  let largest = 0;
  for (let k = 0; k < entries.length; k++) {
    const size = Math.abs(entries[k]);
    if (!(size < Number.POSITIVE_INFINITY))
      throw new ArgumentError(
        `${name}: ${argument} must have finite entries, got ${entries[k]} at [${Math.floor(k / n)}, ${k % n}]`,
      );
    if (size > largest) largest = size;
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const [lower, upper] = [entries[i * n + j], entries[j * n + i]];
      if (lower === upper) continue;
      // Halves: the difference of large entries of two signs may overflow.
      if (Math.abs(lower / 2 - upper / 2) > (ROUNDING / 2) * largest)
        throw new ArgumentError(
          `${name}: ${argument} must be symmetric, got ${lower} at [${i}, ${j}] and ${upper} at [${j}, ${i}]`,
        );
      entries[i * n + j] = entries[j * n + i] = lower / 2 + upper / 2;
    }
  return { n, entries };
}
