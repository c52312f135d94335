// Polyhedra from generators to inequalities: conv(vertices) + cone(rays) + span(lineality) = {x : A x <= b, E x = e}.
import { checkObject } from '../core/check.js';
import { disposable } from '../core/disposable.js';
import { ArgumentError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { checkWidth, type Matrix, type MatrixLike, matrixArgument, settingsOf } from './arguments.js';
import { exactFacets } from './exact/facets.js';
import { type ExactFacets, type Facets, facetsInFloats } from './facets.js';
import type { GeneratorRows } from './polar.js';
import type { EnumerationOptions } from './problem.js';

/** Generators of a polyhedron, or without vertices of a cone: at least one of the three. */
export interface Generators {
  /** [v, d]; without a row they count as left out, unless there are no other generators either. */
  readonly vertices?: MatrixLike;
  /** [r, d], of any length. */
  readonly rays?: MatrixLike;
  /** [l, d]: vectors that span lines. */
  readonly lineality?: MatrixLike;
}

/** A polyhedron {x : A x <= b, E x = e}. */
export interface FacetDescription {
  /** [m, d], a row of unit length for each facet, orthogonal to the rows of equalities.A. */
  readonly A: Tensor;
  /** [m]; 0 of a cone. */
  readonly b: Tensor;
  /** The affine hull: A [k, d], whose rows are orthonormal, and b [k]. */
  readonly equalities: { readonly A: Tensor; readonly b: Tensor };
  /** Generators that can be left out all together, ascending: those that are not extreme, and of equal ones all but the first. */
  readonly redundant: { readonly vertices: number[]; readonly rays: number[] };
  /** From exact arithmetic: A x <= b and equalities in whole numbers, in the order of the tensors; each row and its side have no common divisor. */
  readonly exact?: ExactFacets;
  /** What decided. */
  readonly arithmetic: 'float' | 'exact';
  /** The largest number of facets held on the way. */
  readonly peak: number;
  /** Frees the tensors. */
  dispose(): void;
}

const NAME = 'facetEnumeration';

/**
 * The facets and the affine hull of a polyhedron conv(vertices) + cone(rays) + span(lineality), by double description of the polar cone.
 * @param generators `vertices` [v, d], `rays` [r, d], `lineality` [l, d], f64 or f32, extreme or not; without vertices the cone of the others. What
 * `doubleDescription` and `vertexEnumeration` give is such an object. With `exact: true` nested arrays may also hold bigints and strings such as '1/3'.
 * @param options `exact`, `tolerance`, `order`, `maxRays`, `onProgress`; rows and rays are here generators and facets.
 * @returns `A` [m, d], `b` [m] and `equalities`: { A: [k, d], b: [k] }, f64, which `dispose` frees; `redundant`: { vertices, rays }.
 * @throws ShapeError for what is no matrix, and widths that differ; ArgumentError for entries that are not finite, and without
 * generators; DTypeError for i32; RayLimitError where more than `maxRays` facets would be held; OutOfMemoryError.
 * @example
 * cones.facetEnumeration({ vertices: [[0, 0], [1, 0], [0, 1], [0.2, 0.2]] }); // three facets; redundant.vertices is [3]
 */
export function facetEnumeration(generators: Generators, options: EnumerationOptions = {}): FacetDescription {
  const settings = settingsOf(NAME, options);
  const rows = generatorRows(generators, settings.exact);
  const d = (rows.vertices ?? rows.rays ?? rows.lineality)?.columns as number;
  const isExact = settings.exact === true;
  const found =
    (isExact ? undefined : facetsInFloats(NAME, rows, d, settings)) ?? exactFacets(NAME, rows, d, settings);
  return described(found, rows.vertices?.rows ?? 0);
}

/** The generators that are given. */
function generatorRows(generators: Generators, exact: boolean | 'verified'): GeneratorRows {
  checkObject(NAME, 'generators', generators);
  const rows: { vertices?: Matrix; rays?: Matrix; lineality?: Matrix } = {};
  let first: Matrix | undefined;
  for (const key of ['vertices', 'rays', 'lineality'] as const) {
    const value = generators[key];
    if (value === undefined) continue;
    const matrix = matrixArgument(NAME, key, value, exact);
    if (first !== undefined) checkWidth(NAME, key, matrix, first.columns);
    first ??= matrix;
    rows[key] = matrix;
  }
  if (first === undefined)
    throw new ArgumentError(`${NAME}: generators must have vertices, rays or lineality, got none of them`);
  if (rows.vertices?.rows !== 0) return rows;
  const { rays, lineality } = rows;
  if ((rays?.rows ?? 0) + (lineality?.rows ?? 0) === 0) {
    throw new ArgumentError(
      `${NAME}: generators must not all be empty where there are vertices: nothing spans the empty set (leave vertices out for the cone {0})`,
    );
  }
  return { rays, lineality };
}

function described(
  { A, b, E, e, redundant, exact, arithmetic, peak }: Facets,
  points: number,
): FacetDescription {
  return disposable({
    A,
    b,
    equalities: { A: E, b: e },
    redundant: {
      vertices: redundant.filter((row) => row < points),
      rays: redundant.filter((row) => row >= points).map((row) => row - points),
    },
    ...(exact && { exact }),
    arithmetic,
    peak,
    dispose() {
      for (const tensor of [A, b, E, e]) tensor.dispose();
    },
  });
}
