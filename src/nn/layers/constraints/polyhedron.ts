// polyhedronConstraint: y = softmax(z_v) V + |z_g| G with the vertices V and the generators G of a polyhedron.

import type { MatrixLike, VectorLike } from '../../../cones/arguments.js';
import type { Equalities } from '../../../cones/vertex-enumeration.js';
import { checkOptions } from '../../../core/options.js';
import { scope } from '../../../core/scope.js';
import type { Tensor } from '../../../core/tensor.js';
import { type ConstraintLayer, constrained } from './constrained.js';
import { type EnumeratedOptions, enumerated, enumeratedNames } from './enumerated.js';
import { generate } from './generated.js';

/** Options of `polyhedronConstraint`: of the layer, and of `cones.vertexEnumeration`. */
export interface PolyhedronConstraintOptions extends EnumeratedOptions {
  /** E x = e besides: { A: [k, d], b: [k] }. */
  equalities?: Equalities;
}

/** The layer, with what it is made of. */
export interface PolyhedronConstraint extends ConstraintLayer {
  /** f64 [v, d], at least one. */
  readonly vertices: Tensor;
  /** f64 [g, d], of unit length: the rays, the lines, and the lines the other way. */
  readonly generators: Tensor;
  /** f64 [m, d] and [m]. */
  readonly A: Tensor;
  readonly b: Tensor;
}

const OPTIONS = /* @__PURE__ */ enumeratedNames({});

/**
 * A layer whose outputs lie in the polyhedron {y | A y <= b}: with z = dense(norm(x)) of v + g entries, for v vertices and g generators
 * of its directions,
 *
 * y = softmax(z[:, :v]) · vertices + |z[:, v:]| · generators.
 *
 * Outputs satisfy (A y)ᵢ <= bᵢ + t (‖aᵢ‖ s + |bᵢ|) for all parameters and inputs, s = max(1, largest ‖vertex‖) + Σ|z[v:]|, with
 * t = 1e-12 in f64 and 1e-5 in f32. Where vertices are too many, `rayConstraint` does without.
 * @param A [m, d], b [m]: tensors, or arrays. f32 [n, k] or f64 [n, k] to [n, d].
 * @param options `equalities`; `exact`, `tolerance`, `order`, `maxRays`, `onProgress` of `cones.vertexEnumeration`; `init`, `biasInit`
 * of `dense`.
 * @returns the layer, with `vertices`, `generators`, `A` and `b`. Parameters { norm, dense }: those of `batchNorm` and of
 * `dense(v + g)`. `dispose` frees the matrices.
 * @throws ArgumentError for an empty polyhedron and for entries that are not finite; RayLimitError, ShapeError, DTypeError.
 * Source: as `coneConstraint`; Minkowski's and Weyl's theorem, Schrijver, Theory of Linear and Integer Programming (1986), section 7.2.
 * @example
 * const layer = nn.polyhedronConstraint([[1, 0], [0, 1], [-1, -1]], [1, 1, 0]); // a triangle
 * const y = layer.apply(layer.init(random(1), [8]), random(2).normal([4, 8], { dtype: 'f32' })); // [4, 2]
 */
export function polyhedronConstraint(
  A: MatrixLike,
  b: VectorLike,
  options: PolyhedronConstraintOptions = {},
): PolyhedronConstraint {
  const name = 'polyhedronConstraint';
  checkOptions(name, options, OPTIONS);
  const { equalities, init, biasInit, ...enumeration } = options;
  return scope(() => {
    const found = enumerated(name, { A, b, equalities, isCone: false }, enumeration, OPTIONS);
    const { counts, vertices, generators, matrix } = found;
    return constrained({
      ...{
        name,
        entries: counts.vertices + generators.shape[0],
        outputs: found.A.shape[1],
        options: { init, biasInit },
      },
      shown: { vertices, generators, A: found.A, b: found.b },
      hidden: [matrix.f64, matrix.f32],
      map: (z) => generate(z, counts, matrix),
    });
  });
}
