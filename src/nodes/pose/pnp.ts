// pnp: the pose of a camera from points in space and in the image, as a differentiable node.
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { astype } from '../../ops/cast.js';
import { type ArgumentAxes, type Batch, batchOf, type NodeArgument } from '../problems/batch.js';
import { checkLimits, defaultTolerance } from '../problems/report.js';
import type { Problems } from './pose-batch.js';
import { poseNode } from './pose-node.js';
import { checkPoseOptions, type PnpOptions, POSE_OPTIONS } from './pose-options.js';

const PNP_OPTIONS = /* @__PURE__ */ (() => ({ ...POSE_OPTIONS, weights: true }) as const)();

const MAX_ITERATIONS = 200;
const EPSILON = { f64: 2 ** -52, f32: 2 ** -23 };

/**
 * The pose theta = (angle-axis, translation) of a camera that sees points p3d at p2d: with X = R p3d + t it minimises
 *
 * - 'reprojection': Σ w_i |(X₁/X₃, X₂/X₃)·(fx, fy) + (cx, cy) - p2d_i|²,
 * - 'huber': Σ w_i φ of that distance, φ(z) = z²/2 up to alpha, alpha (|z| - alpha/2) beyond,
 * - 'cosine': Σ w_i (1 - b_iᵀX_i/|X_i|), b_i the unit vector along ((p2d_i - (cx, cy))/(fx, fy), 1).
 *
 * A local minimum near `theta0`, or else near the pose that RANSAC finds by all points of positive weight, the same on
 * every machine. Solved to rounding, by Levenberg and Marquardt's method and then Newton's.
 *
 * Derivatives in p2d, p3d, weights, K and alpha, to second order, by the implicit function theorem; theta0 gets zeros.
 * @param p2d [..., n, 2] points of the image, f64 or f32.
 * @param p3d [..., n, 3] points in space. Leading axes of all arguments are a batch and broadcast.
 * @returns theta [..., 6], |angle| <= π; rotationMatrix of its first three numbers is R.
 * @throws ArgumentError for fewer than 3 points of positive weight (4 without theta0), for points on a line, NaN and
 * infinities, negative weights, alpha <= 0; ConvergenceError where the tolerance is not met, or points lie behind the
 * camera at the solution; ShapeError, DTypeError. SingularMatrixError from the derivative of a pose that is not unique.
 * Source: Gould, "Lecture Notes on Differentiable Optimisation in Deep Learning", section 4.5, and Theorem 3.1 for the
 * derivative; Campbell, Liu and Gould, ECCV 2020.
 * @example
 * nodes.pnp(tensor([[-1, -1], [1, -1], [1, 1], [-1, 1]]), tensor([[-2, -2, 0], [2, -2, 0], [2, 2, 0], [-2, 2, 0]])); // [0, 0, 0, 0, 0, 2]
 */
export function pnp(p2d: Tensor, p3d: Tensor, options: PnpOptions = {}): Tensor {
  checkOptions('pnp', options, PNP_OPTIONS);
  const { weights } = options;
  return scope(() =>
    poseOf('pnp', { p2d: [p2d, 'n', 2], p3d: [p3d, 'n', 3], weights: axesOf(weights, 'n') }, options),
  );
}

/** The same for pairs that are given or made up; temporary tensors are the caller's to free. */
export function poseOf(
  name: string,
  pairs: Readonly<Record<'p2d' | 'p3d' | 'weights', ArgumentAxes | undefined>>,
  options: PnpOptions,
  likeliest?: Problems['likeliest'],
): Tensor {
  checkPoseOptions(name, options);
  const { K, objective = 'reprojection', theta0, ransac = {} } = options;
  const alpha = options.alpha ?? (objective === 'huber' ? 1 : undefined);
  const given = batchOf(name, {
    ...pairs,
    K: axesOf(K, 4),
    alpha: axesOf(alpha),
    theta0: axesOf(theta0, 6),
  });
  const { dtype } = given;
  const limits = checkLimits(name, options, {
    tolerance: defaultTolerance(dtype),
    maxIterations: MAX_ITERATIONS,
  });
  const problems = { objective, ransac, epsilon: EPSILON[dtype], likeliest };
  const theta = poseNode(inDouble(given), problems, options, limits);
  return dtype === 'f64' ? theta : astype(theta, dtype);
}

/** An optional argument and its axes. */
export function axesOf(x: NodeArgument | undefined, ...axes: (string | number)[]): ArgumentAxes | undefined {
  return x === undefined ? undefined : [x, ...axes];
}

/** The solver and its derivatives work in f64. */
function inDouble(batch: Batch): Batch {
  if (batch.dtype === 'f64') return batch;
  const parts = Object.entries(batch.parts).map(([name, x]) => [name, astype(x, 'f64')] as const);
  return { ...batch, dtype: 'f64', parts: Object.fromEntries(parts) };
}
