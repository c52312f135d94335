// Cones from inequalities to generators: {x : A x <= 0, E x = 0} = cone(rays) + span(lineality).
import { disposable } from '../core/disposable.js';
import type { Tensor } from '../core/tensor.js';
import {
  checkWidth,
  ENUMERATION_OPTIONS,
  type Matrix,
  type MatrixLike,
  matrixArgument,
  type Settings,
  settingsOf,
  zeroRows,
} from './arguments.js';
import { FloatEnumeration } from './float/enumeration.js';
import type { EnumerationOptions } from './problem.js';
import { rolesOf } from './roles.js';

/** Options of `doubleDescription`. */
export interface DoubleDescriptionOptions extends EnumerationOptions {
  /** Rows E [k, d] with E x = 0. */
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
  /** The generators in whole numbers without a common divisor, with `exact: true`; in the order of `rays` and `lineality`. */
  readonly exact?: { readonly rays: bigint[][]; readonly lineality: bigint[][] };
  /** What decided. */
  readonly arithmetic: 'float' | 'exact';
  /** The largest number of rays held after any row. */
  readonly peak: number;
  dispose(): void;
}

const NAME = 'doubleDescription';

/**
 * The extreme rays and the lineality space of a cone {x : A x <= 0}, by the double description method.
 * Source: Motzkin, Raiffa, Thompson and Thrall (1953); Fukuda and Prodon, Double description method revisited (1996).
 * @param A [m, d], f64 or f32, of any scale row by row; nested arrays with `exact: true` may hold bigints and fractions ('1/3').
 * @param options `equalities`: [k, d]; `exact`, `tolerance`, `order`, `maxRays`, `onProgress`.
 * @returns `rays` [r, d] and `lineality` [l, d], f64, and what the rows are for; `dispose` frees it.
 * @throws ShapeError for what is no matrix and widths that differ; ArgumentError for entries that are not finite; DTypeError for i32;
 * RayLimitError where more than `maxRays` rays would be held; OutOfMemoryError.
 * @example
 * cones.doubleDescription([[1, -1, 0], [0, 1, -1]]).rays; // of x_0 <= x_1 <= x_2: [[-2, 1, 1], [-1, -1, 2]] / √6
 */
export function doubleDescription(A: MatrixLike, options: DoubleDescriptionOptions = {}): ConeDescription {
  const settings = settingsOf(NAME, options, DOUBLE_DESCRIPTION_OPTIONS);
  const rows = matrixArgument(NAME, 'A', A, settings.exact);
  let E: Matrix | undefined;
  if (options.equalities !== undefined) {
    E = matrixArgument(NAME, 'equalities', options.equalities, settings.exact);
    checkWidth(NAME, 'equalities', E, rows.columns);
  }
  return describeInFloats(rows, E, settings);
}

const DOUBLE_DESCRIPTION_OPTIONS = { ...ENUMERATION_OPTIONS, equalities: true } as const;

function describeInFloats(A: Matrix, E: Matrix | undefined, settings: Settings): ConeDescription {
  const enumeration = new FloatEnumeration(NAME, { A, E }, settings);
  try {
    enumeration.run();
    const zero = zeroRows(A);
    const roles = enumeration.incidence((incidence) => rolesOf(incidence, { isZero: (row) => zero[row] }));
    const dimension = enumeration.dimension(roles.implicit);
    const { rays, lineality, vertices } = enumeration.finish(false);
    vertices.dispose();
    const { peak } = enumeration;
    return disposable({
      rays,
      lineality,
      dimension,
      ...roles,
      arithmetic: 'float',
      peak,
      dispose() {
        rays.dispose();
        lineality.dispose();
      },
    });
  } finally {
    enumeration.release();
  }
}
