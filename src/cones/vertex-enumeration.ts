// Polyhedra from inequalities to generators: {x : A x <= b} = conv(vertices) + cone(rays) + span(lineality).
import { disposable } from '../core/disposable.js';
import { joinNames } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import {
  ENUMERATION_OPTIONS,
  equalitiesArgument,
  type MatrixLike,
  matrixArgument,
  settingsOf,
  type VectorLike,
  vectorArgument,
} from './arguments.js';
import type { EnumerationOptions } from './problem.js';
import type { ExactGenerators } from './solution.js';
import { solve } from './solve.js';

/** Equalities A x = b. */
export interface Equalities {
  /** [k, d]. */
  A: MatrixLike;
  /** [k]. */
  b: VectorLike;
}

/** Options of `vertexEnumeration`. */
export interface VertexEnumerationOptions extends EnumerationOptions {
  /** A x = b besides. */
  equalities?: Equalities;
}

/** A polyhedron by its generators, and what its rows are for. */
export interface PolyhedronDescription {
  /** [v, d], orthogonal to the lineality space: at least one, unless the polyhedron is empty. */
  readonly vertices: Tensor;
  /** The extreme directions [r, d]: of unit length, orthogonal to the lineality space. */
  readonly rays: Tensor;
  /** An orthonormal basis [l, d] of {x : A x = 0, E x = 0}. */
  readonly lineality: Tensor;
  /** Whether no point fulfils all constraints; then there are no generators. */
  readonly empty: boolean;
  /** Dimension of the polyhedron, -1 of an empty one. */
  readonly dimension: number;
  /** Rows with a x = b on the whole polyhedron, ascending; rows of zeros are not listed. Of an empty one none. */
  readonly implicit: number[];
  /** Rows that can be left out all together, ascending: for each facet the first row that gives it stays. Rows of zeros are listed. */
  readonly redundant: number[];
  /** From exact arithmetic: vertices as x / denominator in lowest terms, the others as whole numbers without a common divisor; in the order of the tensors. */
  readonly exact?: ExactGenerators;
  /** What decided. */
  readonly arithmetic: 'float' | 'exact';
  /** The largest number of vertices and rays held on the way. */
  readonly peak: number;
  /** Frees vertices, rays and lineality. */
  dispose(): void;
}

const OPTIONS = /* @__PURE__ */ joinNames(ENUMERATION_OPTIONS, { equalities: true });

/**
 * Vertices, extreme directions and lineality space of a polyhedron {x : A x <= b}, by double description of the cone over it.
 * @param A [m, d], f64 or f32; rows may have any scale, and the polyhedron any place and size. With `exact: true` nested arrays may also hold
 * bigints and strings such as '1/3', here and in `b` and `equalities`.
 * @param b [m].
 * @param options `equalities`: { A: [k, d], b: [k] }; `exact`, `tolerance`, `order`, `maxRays`, `onProgress`.
 * @returns `vertices` [v, d], `rays` [r, d] and `lineality` [l, d], f64, which `dispose` frees, whether it is `empty`, and what the rows are for.
 * @throws ShapeError for what is no matrix or vector, and sizes that do not fit; ArgumentError for entries that are not finite; DTypeError for i32;
 * RayLimitError where more than `maxRays` vertices and rays would be held; OutOfMemoryError.
 * @example
 * cones.vertexEnumeration([[1, 0], [0, 1], [-1, -1]], [1, 1, 0]).vertices; // the corners of a triangle, [3, 2]
 */
export function vertexEnumeration(
  A: MatrixLike,
  b: VectorLike,
  options: VertexEnumerationOptions = {},
): PolyhedronDescription {
  const name = 'vertexEnumeration';
  const settings = settingsOf(name, options, OPTIONS);
  const rows = matrixArgument(name, 'A', A, settings.exact);
  const sides = vectorArgument(name, 'b', b, rows.rows, settings.exact);
  const equalities = equalitiesArgument(name, options.equalities, rows.columns, settings.exact);
  const constraints = { A: rows, b: sides, E: equalities?.A, e: equalities?.b };
  const { vertices, rays, lineality, ...found } = solve(name, constraints, settings);
  return disposable({
    vertices,
    rays,
    lineality,
    ...found,
    dispose() {
      for (const tensor of [vertices, rays, lineality]) tensor.dispose();
    },
  });
}
