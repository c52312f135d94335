// {x | A x <= b, E x = e} in coordinates of the affine space: U v <= β with rows of length 1, x = origin + Nᵀ v.

import { lengthOf } from '../../core/scalars.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { inner, view } from '../../linalg/blas/addresses.js';
import { matmul } from '../../ops/matmul.js';
import { type AffineSpace, affineSpace, dividedByLength } from './affine-space.js';
import type { Parts } from './arguments.js';

/** A row of A that is constant where the equalities hold. */
export interface ConstantRow {
  row: number;
  /** Whether it is 0 everywhere. */
  isZero: boolean;
  /** Its value, b less that, and what of this is rounding. */
  value: number;
  slack: number;
  rounding: number;
}

/** The polyhedron; tensors are the caller's. */
export interface Reduced {
  space: AffineSpace;
  /** The rows of A that are not constant on the affine space. */
  kept: number[];
  /** Of those: at length 1 in the space, [m, q], the lengths that they had there, and β = (b - A origin) / length. */
  rows: Tensor;
  lengths: Float64Array;
  sides: Float64Array;
  constant: ConstantRow[];
}

/** A row whose part in the space is smaller than this, relative to its length, is constant there. */
const CONSTANT = 1e-12;

/**
 * The reduced polyhedron.
 * @throws ArgumentError where E x = e has no solution.
 */
export function reduced(name: string, { A, b, E, e }: Parts): Reduced {
  const [m, d] = A.shape;
  const space = affineSpace(name, E, e);
  const inside = space.isWhole ? A : matmul(A, space.directions, { transposeB: true });
  const q = inside.shape[1];
  const [from, parts, origin, bs] = [A, inside, space.origin, b].map(view);
  const distance = lengthOf(origin);
  const [kept, lengths, sides]: number[][] = [[], [], []];
  const units: Float64Array[] = [];
  const constant: ConstantRow[] = [];
  for (let i = 0; i < m; i++) {
    const row = from.subarray(i * d, (i + 1) * d);
    const part = parts.subarray(i * q, (i + 1) * q);
    const [whole, length, value] = [lengthOf(row), lengthOf(part), inner(row, origin)];
    if (!(length > CONSTANT * whole)) {
      const rounding = CONSTANT * (Math.abs(bs[i]) + whole * distance);
      constant.push({ row: i, isZero: whole === 0, value, slack: bs[i] - value, rounding });
      continue;
    }
    const over = dividedByLength(part, length);
    units.push(part.map(over));
    kept.push(i);
    lengths.push(length);
    sides.push(over(bs[i] - value));
  }
  const rows = allocate([units.length, q], 'f64', name);
  const to = view(rows);
  for (const [k, unit] of units.entries()) to.set(unit, k * q);
  return {
    space,
    kept,
    rows,
    lengths: Float64Array.from(lengths),
    sides: Float64Array.from(sides),
    constant,
  };
}
