// Cones from inequalities to generators: {x : A x <= 0, E x = 0} = cone(rays) + span(lineality).
import { checkObject, checkTensor } from '../core/check.js';
import { disposable } from '../core/disposable.js';
import { ShapeError } from '../core/errors.js';
import { joinNames } from '../core/options.js';
import { show } from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import { untraced } from '../ops/untraced.js';
import {
  ENUMERATION_OPTIONS,
  linearEqualities,
  type MatrixLike,
  matrixArgument,
  settingsOf,
} from './arguments.js';
import type { EnumerationOptions } from './problem.js';
import { solve } from './solve.js';

/** Options of `doubleDescription`. */
export interface DoubleDescriptionOptions extends EnumerationOptions {
  /** E [k, d] with E x = 0. */
  equalities?: MatrixLike;
}

/** A cone by its generators, and what its rows are for. */
export interface ConeDescription {
  /** The extreme rays [r, d], each once: of unit length, orthogonal to the lineality space. */
  readonly rays: Tensor;
  /** An orthonormal basis [l, d] of {x : A x = 0, E x = 0}. */
  readonly lineality: Tensor;
  /** Dimension of the cone: d less the rank of all rows that hold with equality on it. */
  readonly dimension: number;
  /** Rows of A that hold with equality on the whole cone, ascending; rows of zeros are not listed. */
  readonly implicit: number[];
  /** Rows of A that can be left out all together, ascending: for each facet the first row that gives it stays. Rows of zeros are listed. */
  readonly redundant: number[];
  /** From exact arithmetic: whole numbers without a common divisor, the rays orthogonal to the lineality space and in the order of `rays`. */
  readonly exact?: { readonly rays: bigint[][]; readonly lineality: bigint[][] };
  /** What decided. */
  readonly arithmetic: 'float' | 'exact';
  /** The largest number of rays held on the way. */
  readonly peak: number;
  /** Frees rays and lineality. */
  dispose(): void;
}

const OPTIONS = /* @__PURE__ */ joinNames(ENUMERATION_OPTIONS, { equalities: true });

/**
 * The extreme rays and the lineality space of a cone {x : A x <= 0}, by the double description method.
 * Source: Motzkin, Raiffa, Thompson and Thrall, The double description method (1953); Fukuda and Prodon, Double description method revisited (1996).
 * @param A [m, d], f64 or f32; rows may have any scale. With `exact: true` nested arrays may also hold bigints and strings such as '1/3'.
 * @param options `equalities`: [k, d]; `exact`, `tolerance`, `order`, `maxRays`, `onProgress`.
 * @returns `rays` [r, d] and `lineality` [l, d], f64, which `dispose` frees, and what the rows are for.
 * @throws ShapeError for what is no matrix, and widths that differ; ArgumentError for entries that are not finite; DTypeError for i32;
 * RayLimitError where more than `maxRays` rays would be held; OutOfMemoryError.
 * @example
 * cones.doubleDescription([[1, -1, 0], [0, 1, -1]]); // x_0 <= x_1 <= x_2: two rays, and the line of equal entries
 */
export function doubleDescription(A: MatrixLike, options: DoubleDescriptionOptions = {}): ConeDescription {
  const name = 'doubleDescription';
  const settings = settingsOf(name, options, OPTIONS);
  const rows = matrixArgument(name, 'A', A, settings.exact);
  const E = linearEqualities(name, options.equalities, rows.columns, settings.exact);
  const found = solve(name, { A: rows, E }, settings);
  found.vertices.dispose();
  const { rays, lineality, dimension, implicit, redundant, exact, arithmetic, peak } = found;
  return disposable({
    rays,
    lineality,
    dimension,
    implicit,
    redundant,
    ...(exact && { exact: { rays: exact.rays, lineality: exact.lineality } }),
    arithmetic,
    peak,
    dispose() {
      rays.dispose();
      lineality.dispose();
    },
  });
}

/**
 * Vectors whose non-negative combinations are the cone: rays, then the lineality basis, then its negative.
 * @param description `rays` [r, d] and `lineality` [l, d] of the same dtype, as `doubleDescription` gives them.
 * @returns [r + 2 l, d].
 * @throws ArgumentError, ShapeError, DTypeError.
 * @example
 * cones.generators(cones.doubleDescription([[1, -1]])); // [3, 2]
 */
export function generators(description: Pick<ConeDescription, 'rays' | 'lineality'>): Tensor {
  const name = 'generators';
  checkObject(name, 'description', description);
  const rays = vectorsIn(name, 'rays', description.rays);
  const lineality = vectorsIn(name, 'lineality', description.lineality);
  const [r, d] = rays.shape;
  const [l] = lineality.shape;
  if (lineality.shape[1] !== d) {
    throw new ShapeError(
      `${name}: rays and lineality must have the same width, got ${show(rays.shape)} and ${show(lineality.shape)}`,
    );
  }
  const all = allocate([r + 2 * l, d], 'f64', name);
  const data = all.data();
  const lines = lineality.data();
  data.set(rays.data());
  data.set(lines, r * d);
  for (let k = 0; k < l * d; k++) data[(r + l) * d + k] = 0 - lines[k];
  return all;
}

/** A float matrix whose values may be read. */
function vectorsIn(name: string, argument: string, x: unknown): Tensor {
  checkTensor(name, argument, x);
  untraced(name, argument, x);
  const { shape } = checkFloat(name, argument, x);
  if (shape.length !== 2)
    throw new ShapeError(`${name}: ${argument} must be a matrix, got shape ${show(shape)}`);
  return x;
}
