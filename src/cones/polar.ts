// The polar cone of generators: its rays are the facets of what they span. With vertices, of the cone over the polyhedron at height 1, moved so that the
// first vertex is the origin, and with the furthest of the others at a distance of about 1.
import { exponentOf, powerOfTwo } from '../core/scalars.js';
import { type Matrix, matrixOf } from './arguments.js';
import type { Constraints } from './solution.js';

/** Generators; those that are not there are undefined. */
export interface GeneratorRows {
  readonly vertices?: Matrix;
  readonly rays?: Matrix;
  readonly lineality?: Matrix;
}

/** {a : G a <= 0, L a = 0} for generators G and lineality L. */
export interface Polar {
  readonly constraints: Constraints;
  /** The point that became the origin, and the length that became 1; undefined for a cone. */
  readonly frame?: { readonly origin: Float64Array; readonly length: number };
}

/** The polar cone of at least one generator or an empty list of known width; vertices, where given, are not empty. */
export function polarOf({ vertices, rays, lineality }: GeneratorRows, d: number): Polar {
  const height = vertices === undefined ? 0 : 1;
  const frame = vertices === undefined ? undefined : frameOf(vertices);
  const points = vertices?.rows ?? 0;
  const m = points + (rays?.rows ?? 0);
  const G = new Float64Array(m * (d + height));
  if (vertices !== undefined && frame !== undefined) {
    const list = vertices.numbers();
    for (let i = 0; i < points; i++) {
      for (let j = 0; j < d; j++) G[i * (d + 1) + j] = (list[i * d + j] - frame.origin[j]) / frame.length;
      G[i * (d + 1) + d] = 1;
    }
  }
  fill(G, points, rays, height);
  const k = lineality?.rows ?? 0;
  const L = new Float64Array(k * (d + height));
  fill(L, 0, lineality, height);
  const A = matrixOf(G, m, d + height);
  return { constraints: k === 0 ? { A } : { A, E: matrixOf(L, k, d + height) }, frame };
}

/** Directions, with 0 for their height, as rows from `first` on. */
function fill(to: Float64Array, first: number, directions: Matrix | undefined, height: number): void {
  if (directions === undefined) return;
  const { rows, columns } = directions;
  const list = directions.numbers();
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) to[(first + i) * (columns + height) + j] = list[i * columns + j];
}

function frameOf({ rows, columns, numbers }: Matrix) {
  const list = numbers();
  const origin = Float64Array.from({ length: columns }, (_, j) => list[j]);
  let most = 0;
  for (let k = columns; k < rows * columns; k++)
    most = Math.max(most, Math.abs(list[k] - origin[k % columns]));
  return { origin, length: most === 0 ? 1 : powerOfTwo(exponentOf(most)) };
}
