// A point x with A x < b and E x = e: the one that is given, if it is such, or one that is found.

import type { AffineSpace } from '../../../cones/projection/affine-space.js';
import { checkFiniteEntries, numbersOf, type Parts } from '../../../cones/projection/arguments.js';
import type { Reduced } from '../../../cones/projection/reduced.js';
import { ArgumentError, ShapeError } from '../../../core/errors.js';
import { lengthOf } from '../../../core/scalars.js';
import { show } from '../../../core/shape.js';
import { inner, view } from '../../../linalg/blas/addresses.js';
import { centreOf } from './largest-ball.js';

/** Rounding errors of b - a x with d terms, relative to their sizes. */
const rounding = (d: number): number => (d + 4) * 2 ** -53;

/** The smallest bᵢ - aᵢx, over its rows; rounding errors are subtracted if there may be any. */
function worst(
  { A, b }: Parts,
  rows: readonly number[],
  x: Float64Array,
  error: number,
): { row: number; slack: number } {
  const [a, bs, d] = [view(A), view(b), x.length];
  let least = { row: -1, slack: Number.POSITIVE_INFINITY };
  for (const i of rows) {
    const row = a.subarray(i * d, (i + 1) * d);
    const size = error === 0 ? 0 : Math.abs(bs[i]) + inner(row.map(Math.abs), x.map(Math.abs));
    const slack = bs[i] - inner(row, x) - error * size;
    if (slack < least.slack) least = { row: i, slack };
  }
  return least;
}

/**
 * A point with A x < b and E x = e.
 * @throws ArgumentError where there is none.
 */
export function foundInterior(name: string, parts: Parts, polyhedron: Reduced): Float64Array {
  const { space, rows, sides, kept } = polyhedron;
  checkConstant(name, parts, polyhedron);
  const centre = centreOf(rows, sides);
  if (centre === undefined) throw noInterior(name, 'no ball of any radius lies in it');
  const x = fromSpace(space, centre);
  const { row, slack } = worst(parts, kept, x, rounding(x.length));
  if (!(slack > 0)) throw noInterior(name, `the best point found has no room at row ${row} of A`);
  return x;
}

/** Rows that have one value at all points. */
function checkConstant(name: string, { b }: Parts, { constant }: Reduced): void {
  for (const { row, isZero, value, slack, rounding } of constant)
    if (isZero ? slack < 0 : slack <= rounding)
      throw noInterior(name, `row ${row} of A is ${value} at all points, and b is ${view(b)[row]}`);
}

function noInterior(name: string, why: string): ArgumentError {
  return new ArgumentError(
    `${name}: A and b must leave a point with A x < b, but ${why} (give rows that hold with equality as equalities)`,
  );
}

/**
 * The point that is given, moved by its rounding errors to where the equalities hold.
 * @throws ArgumentError where it is no such point, ShapeError, DTypeError.
 */
export function givenInterior(
  name: string,
  parts: Parts,
  polyhedron: Reduced,
  interior: unknown,
): Float64Array {
  const { A, E, e } = parts;
  const d = A.shape[1];
  const point = numbersOf(name, 'interior', interior, 1);
  if (point.size !== d) throw new ShapeError(`${name}: interior must be [${d}], got ${show(point.shape)}`);
  checkFiniteEntries(name, 'interior', { data: view(point), shape: point.shape });
  const values = view(point).slice();
  const size = lengthOf(values);
  for (let i = 0; i < E.shape[0]; i++) {
    const row = view(E).subarray(i * d, (i + 1) * d);
    const away = inner(row, values) - view(e)[i];
    if (!(Math.abs(away) <= 1e-9 * (lengthOf(row) * size + Math.abs(view(e)[i]))))
      throw new ArgumentError(`${name}: interior must have E x = e, but row ${i} is off by ${away}`);
  }
  const { space } = polyhedron;
  const x = space.isWhole ? values : fromSpace(space, toSpace(space, values));
  checkConstant(name, parts, polyhedron);
  const { row, slack } = worst(parts, polyhedron.kept, x, 0);
  if (!(slack > 0))
    throw new ArgumentError(`${name}: interior must have A x < b, but at row ${row} b - a x is ${slack}`);
  return x;
}

/** N (x - origin). */
function toSpace({ directions, origin }: AffineSpace, x: Float64Array): Float64Array {
  const [N, from, d] = [view(directions), view(origin), x.length];
  const away = x.map((v, j) => v - from[j]);
  return Float64Array.from({ length: directions.shape[0] }, (_, i) =>
    inner(N.subarray(i * d, (i + 1) * d), away),
  );
}

/** origin + Nᵀ v. */
function fromSpace({ directions, origin, isWhole }: AffineSpace, v: Float64Array): Float64Array {
  if (isWhole) return v.slice();
  const [N, x] = [view(directions), view(origin).slice()];
  for (let i = 0; i < v.length; i++) for (let j = 0; j < x.length; j++) x[j] += v[i] * N[i * x.length + j];
  return x;
}
