// The generators of a cone or a polyhedron, and its matrix, as constraint layers keep them.

import {
  ENUMERATION_OPTIONS,
  type Matrix as Entries,
  equalitiesArgument,
  linearEqualities,
  matrixArgument,
  settingsOf,
  vectorArgument,
} from '../../../cones/arguments.js';
import { generators as generatorsOf } from '../../../cones/double-description.js';
import { quotient } from '../../../cones/exact/integers.js';
import { rationalOf } from '../../../cones/exact/rational.js';
import type { EnumerationOptions } from '../../../cones/problem.js';
import { solve } from '../../../cones/solve.js';
import { ArgumentError, ShapeError } from '../../../core/errors.js';
import { joinNames, type OptionNames } from '../../../core/options.js';
import { allocate, type Tensor } from '../../../core/tensor.js';
import { astype } from '../../../ops/cast.js';
import { concat } from '../../../ops/concat.js';
import { type ConstraintInitialise, withInitialise } from './constrained.js';
import type { Counts } from './generated.js';
import type { Matrix } from './product.js';

/** Options of layers that enumerate generators. */
export type EnumeratedOptions = ConstraintInitialise & EnumerationOptions;

/** Names of those options, `equalities`, and what a layer adds. */
export const enumeratedNames = <const A extends object>(names: A) =>
  joinNames(withInitialise(names), joinNames(ENUMERATION_OPTIONS, { equalities: true }));

/** What a layer keeps; tensors are the caller's. */
export interface Enumerated {
  counts: Counts;
  /** [g, d]. */
  generators: Tensor;
  /** [v, d]. */
  vertices: Tensor;
  /** Vertices, rays and lines below each other. */
  matrix: Matrix;
  A: Tensor;
  b: Tensor;
}

/** Enumerates {x | A x <= b}, or for b = undefined the cone {x | A x <= 0}. */
export function enumerated(
  name: string,
  { A, b, equalities, isCone }: { A: unknown; b?: unknown; equalities: unknown; isCone: boolean },
  options: EnumerationOptions,
  names: OptionNames,
): Enumerated {
  const settings = settingsOf(name, options, names);
  const rows = matrixArgument(name, 'A', A, settings.exact);
  if (rows.columns === 0) throw new ShapeError(`${name}: A must have columns, got [${rows.rows}, 0]`);
  const sides = isCone ? undefined : vectorArgument(name, 'b', b, rows.rows, settings.exact);
  const { exact } = settings;
  const equal = isCone
    ? { A: linearEqualities(name, equalities, rows.columns, exact), b: undefined }
    : equalitiesArgument(name, equalities, rows.columns, exact);
  const found = solve(name, { A: rows, b: sides, E: equal?.A, e: equal?.b }, settings);
  if (found.empty)
    throw new ArgumentError(`${name}: A x <= b must have a solution, but the polyhedron is empty`);
  const { vertices, rays, lineality } = found;
  const counts = { vertices: vertices.shape[0], rays: rays.shape[0], lines: lineality.shape[0] };
  const all = concat([vertices, rays, lineality], 0);
  return {
    counts,
    generators: generatorsOf(found),
    vertices,
    matrix: { f64: all, f32: astype(all, 'f32') },
    A: tensorOf(name, 'A', rows, [rows.rows, rows.columns]),
    b: sides === undefined ? allocate([0], 'f64', name) : tensorOf(name, 'b', sides, [rows.rows]),
  };
}

/** Entries as numbers: whole numbers and fractions are rounded. */
function tensorOf(name: string, argument: string, entries: Entries, shape: number[]): Tensor {
  const out = allocate(shape, 'f64', name);
  const [to, from] = [out.data(), entries.numbers()];
  for (let k = 0; k < to.length; k++) {
    to[k] = from[k];
    if (!Number.isNaN(from[k])) continue;
    const { p, q } = rationalOf(
      name,
      argument,
      entries.entry(Math.floor(k / entries.columns), k % entries.columns),
    );
    to[k] = quotient(p, q);
  }
  return out;
}
