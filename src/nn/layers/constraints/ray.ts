// rayConstraint: y = x₀ + u / max(1, maxᵢ aᵢu / (bᵢ - aᵢx₀)), u = z N: from an interior point along a ray, no further than the boundary.

import type { MatrixLike, VectorLike } from '../../../cones/arguments.js';
import { checkFiniteEntries, type Parts, partsOf } from '../../../cones/projection/arguments.js';
import { type Reduced, reduced } from '../../../cones/projection/reduced.js';
import type { Equalities } from '../../../cones/vertex-enumeration.js';
import { tensor, zeros } from '../../../core/create.js';
import { ArgumentError, ShapeError } from '../../../core/errors.js';
import { checkOptions, type OptionNames } from '../../../core/options.js';
import { scope } from '../../../core/scope.js';
import { show } from '../../../core/shape.js';
import type { Tensor } from '../../../core/tensor.js';
import { inner, view } from '../../../linalg/blas/addresses.js';
import { add, mul } from '../../../ops/arithmetic.js';
import { astype } from '../../../ops/cast.js';
import { max } from '../../../ops/extrema.js';
import { matmul } from '../../../ops/matmul.js';
import { untracedTree } from '../../../ops/untraced.js';
import { scaledDown, shrinking } from './box.js';
import {
  type ConstraintInitialise,
  type ConstraintLayer,
  constrained,
  withInitialise,
} from './constrained.js';
import { foundInterior, givenInterior } from './interior.js';
import { type Matrix, product } from './product.js';

/** Options of `rayConstraint`. */
export interface RayConstraintOptions extends ConstraintInitialise {
  /** E x = e, which holds as well: { A: E [k, d], b: e [k] }. */
  equalities?: Equalities;
  /** Where rays begin: a point with A x < b and E x = e, [d]. Default: one is found. */
  interior?: VectorLike;
}

const RAY_OPTIONS: OptionNames<RayConstraintOptions> = withInitialise({ equalities: true, interior: true });

/** The layer, with what it is made of. */
export interface RayConstraint extends ConstraintLayer {
  /** Where rays begin, f64 [d]. */
  readonly interior: Tensor;
  /** Orthonormal rows: a basis of {x | E x = 0}, f64 [q, d]. */
  readonly nullspace: Tensor;
  /** f64 [m, d] and [m]. */
  readonly A: Tensor;
  readonly b: Tensor;
}

/** Distances below these count as these: their inverses must not overflow. */
const CLOSEST = { f64: 1e-290, f32: 1e-30 };

/**
 * A layer whose outputs lie in the polyhedron {y | A y <= b, E y = e}, without its generators: from a point x₀ in the interior
 * along a ray, and no further than the boundary. O(m d) per sample, for polyhedra whose generators are too many for
 * `polyhedronConstraint`. With z = dense(norm(x)) of q entries and rows of `nullspace`,
 *
 * u = z · nullspace, y = x₀ + u / max(1, maxᵢ aᵢu / (bᵢ - aᵢx₀)).
 *
 * Outputs satisfy (A y)ᵢ <= bᵢ + t (‖aᵢ‖ s + |bᵢ|) for all parameters and inputs, s = 1 + ‖x₀‖ + ‖y - x₀‖, with t = 1e-12 in f64
 * and 1e-5 in f32, and E y = e to the same. Without `interior`, x₀ is the centre of a largest ball in the polyhedron (by a linear
 * program), and of all such centres the one nearest to the origin; where balls of any size fit, it is within 1 of the point of the
 * polyhedron that is nearest to the origin. Rows of zeros are left out where b >= 0.
 * @param A [m, d], b [m]: tensors or nested arrays. f32 [n, k] or f64 [n, k] to [n, d].
 * @returns the layer, with `interior` [d], `nullspace` [q, d], `A` and `b`. Parameters { norm, dense }: those of `batchNorm` and of
 * `dense(q)`. `dispose` frees the matrices.
 * @throws ArgumentError for entries that are not finite, for equalities that contradict each other, where no x has A x < b and E x = e,
 * or where `interior` does not; ShapeError, DTypeError.
 * Source: the scaling is the gauge (Minkowski functional) of the polyhedron around x₀, Rockafellar, Convex Analysis, section 15.
 * @example
 * const layer = nn.rayConstraint([[1, 0], [0, 1], [-1, -1]], [1, 1, 0]); // a triangle
 * const y = layer.apply(layer.init(random(1), [8]), random(2).normal([4, 8], { dtype: 'f32' })); // [4, 2]
 */
export function rayConstraint(
  A: MatrixLike,
  b: VectorLike,
  options: RayConstraintOptions = {},
): RayConstraint {
  const name = 'rayConstraint';
  checkOptions(name, options, RAY_OPTIONS);
  const { equalities, interior, ...initial } = options;
  for (const [argument, value] of Object.entries({ A, b, interior, equalities }))
    untracedTree(name, argument, value);
  return scope(() => {
    const parts = partsOf(name, A, b, equalities);
    if (b === undefined)
      throw new ArgumentError(`${name}: b must be a tensor or a nested array, got undefined`);
    checkPolyhedron(name, parts);
    const polyhedron = reduced(name, parts);
    const centre =
      interior === undefined
        ? foundInterior(name, parts, polyhedron)
        : givenInterior(name, parts, polyhedron, interior);
    const { directions, isWhole } = polyhedron.space;
    const x0 = matrix(tensor(centre));
    const nullspace = isWhole ? undefined : matrix(directions);
    const limits = limitsOf(parts, polyhedron, centre);
    const [q, d] = directions.shape;
    const copy = (x: Tensor) => tensor(view(x).slice(), { shape: x.shape });
    return constrained({
      ...{ name, entries: q, outputs: d, options: initial },
      shown: { interior: x0.f64, nullspace: directions, A: copy(parts.A), b: copy(parts.b) },
      hidden: [x0.f32, ...(nullspace ? [nullspace.f32] : []), limits.f64, limits.f32],
      map: (z) => fromInterior(z, { x0, nullspace, limits }),
    });
  });
}

/** A matrix in both dtypes. */
const matrix = (f64: Tensor): Matrix => ({ f64, f32: astype(f64, 'f32') });

/** x₀ + u / max(1, max (u Rᵀ)); rows of z are scaled down to entries of at most 1 on the way, so that nothing overflows. */
function fromInterior(
  z: Tensor,
  { x0, nullspace, limits }: { x0: Matrix; nullspace?: Matrix; limits: Matrix },
): Tensor {
  const start = x0[z.dtype as 'f64' | 'f32'];
  if (z.shape[1] === 0) return add(matmul(z, zeros([0, start.size], { dtype: z.dtype })), start);
  const { small, scale } = scaledDown(z);
  const u = nullspace === undefined ? small : product(small, nullspace);
  if (limits.f64.shape[0] === 0) return add(start, mul(u, scale));
  const reach = max(product(u, limits, { transposeB: true }), { axis: 1, keepDims: true });
  return add(start, mul(u, shrinking(reach, scale, 1)));
}

/** Rows ãᵢ / (bᵢ - aᵢx₀), with ã the part of a along the affine space. */
function limitsOf({ A, b }: Parts, { space, rows, kept, lengths }: Reduced, x0: Float64Array): Matrix {
  const along = space.isWhole ? rows : matmul(rows, space.directions);
  const [m, d] = along.shape;
  const [from, a, bs] = [along, A, b].map((x) => Float64Array.from(view(x)));
  const scaled = (dtype: 'f64' | 'f32') => {
    const out = zeros([m, d], { dtype });
    const to = out.data();
    kept.forEach((i, k) => {
      const slack = bs[i] - inner(a.subarray(i * d, (i + 1) * d), x0);
      const distance = Math.max(slack / lengths[k], CLOSEST[dtype]);
      for (let j = 0; j < d; j++) to[k * d + j] = from[k * d + j] / distance;
    });
    return out;
  };
  return { f64: scaled('f64'), f32: scaled('f32') };
}

function checkPolyhedron(name: string, { A, b, E, e }: Parts): void {
  for (const [argument, x] of Object.entries({ A, b, 'equalities.A': E, 'equalities.b': e }))
    checkFiniteEntries(name, argument, { data: view(x), shape: x.shape });
  if (A.shape[1] === 0) throw new ShapeError(`${name}: A must have columns, got ${show(A.shape)}`);
}
