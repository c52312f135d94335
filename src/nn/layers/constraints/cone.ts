// coneConstraint: y = |z| G with the generators G of a cone, and, with a box, y / max(‖y‖∞ / c, 1).

import type { MatrixLike } from '../../../cones/arguments.js';
import { checkCount } from '../../../core/check.js';
import { describe } from '../../../core/describe.js';
import { ArgumentError } from '../../../core/errors.js';
import { checkOptions } from '../../../core/options.js';
import { scope } from '../../../core/scope.js';
import type { Tensor } from '../../../core/tensor.js';
import { areBehind } from '../apply-options.js';
import { inBox } from './box.js';
import { type ConstraintLayer, constrained } from './constrained.js';
import { type EnumeratedOptions, enumerated, enumeratedNames } from './enumerated.js';
import { generate } from './generated.js';

/** Options of `coneConstraint`: of the layer, and of `cones.doubleDescription`. */
export interface ConeConstraintOptions extends EnumeratedOptions {
  /** E [k, d] with E x = 0 besides. */
  equalities?: MatrixLike;
  /** c > 0: outputs lie in [-c, c]^d besides. Default: no box. */
  box?: number;
  /** In training, the box counts only when this many epochs are behind; default 0: always. */
  boxAfterEpoch?: number;
}

/** The layer, with what it is made of. */
export interface ConeConstraint extends ConstraintLayer {
  /** f64 [g, d], of unit length: `cones.generators` of A. */
  readonly generators: Tensor;
  /** f64 [m, d]. */
  readonly A: Tensor;
}

const OPTIONS = /* @__PURE__ */ enumeratedNames({ box: true, boxAfterEpoch: true });

/**
 * A layer whose outputs lie in the cone {y | A y <= 0}: with z = dense(norm(x)) of g entries and the g generators of the cone as rows,
 *
 * y = |z| · generators, and with `box: c` then y / max(‖y‖∞ / c, 1).
 *
 * Outputs satisfy (A y)ᵢ <= t ‖aᵢ‖ (1 + Σ|z|) for all parameters and inputs, in training and in inference, with t = 1e-12 in f64 and
 * 1e-5 in f32; a box divides the sum as it divides y. It costs what dense layers of its size do: a line of the cone, which is two
 * generators, is multiplied once. Gradients at z = 0 are 0.
 * @param A [m, d]: a tensor, or an array of rows. f32 [n, k] or f64 [n, k] to [n, d].
 * @param options `box`; `boxAfterEpoch`: training begins without the box; `equalities` [k, d]; `exact`, `tolerance`, `order`, `maxRays`,
 * `onProgress` of `cones.doubleDescription`; `init`, `biasInit` of `dense`.
 * @returns the layer, with `generators` and `A`. Parameters { norm, dense }: those of `batchNorm` and of `dense(g)`. `dispose` frees the
 * matrices.
 * @throws ArgumentError for options out of range and entries that are not finite; RayLimitError where there are more than `maxRays`
 * rays; ShapeError, DTypeError.
 * Source: Frerix, Nießner and Cremers, Homogeneous Linear Inequality Constraints for Neural Network Activations, CVPR Workshops (2020),
 * Algorithm 1.
 * @example
 * const layer = nn.coneConstraint(cones.monotone(5), { box: 1 }); // ascending, in [-1, 1]
 * const y = layer.apply(layer.init(random(1), [8]), random(2).normal([4, 8], { dtype: 'f32' })); // [4, 5]
 */
export function coneConstraint(A: MatrixLike, options: ConeConstraintOptions = {}): ConeConstraint {
  const name = 'coneConstraint';
  checkOptions(name, options, OPTIONS);
  const { box, boxAfterEpoch = 0, equalities, init, biasInit, ...enumeration } = options;
  if (box !== undefined && !(typeof box === 'number' && box > 0 && box < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`${name}: box must be a positive number, got ${describe(box)}`);
  checkCount(name, 'boxAfterEpoch', boxAfterEpoch);
  if (options.boxAfterEpoch !== undefined && box === undefined)
    throw new ArgumentError(`${name}: boxAfterEpoch must go with box, got ${boxAfterEpoch} alone`);
  return scope(() => {
    const {
      counts,
      generators,
      matrix,
      A: rows,
    } = enumerated(name, { A, equalities, isCone: true }, enumeration, OPTIONS);
    const point = (z: Tensor) => generate(z, counts, matrix);
    return constrained({
      ...{ name, entries: generators.shape[0], outputs: rows.shape[1], options: { init, biasInit } },
      shown: { generators, A: rows },
      hidden: [matrix.f64, matrix.f32],
      map: (z, applied) =>
        box === undefined || z.shape[1] === 0 || !areBehind(applied, boxAfterEpoch)
          ? point(z)
          : inBox(point, z, box),
    });
  });
}
