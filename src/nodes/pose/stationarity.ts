// The gradient of pnp's objectives by a small motion of the pose, in differentiable operations: F(p, θ) = 0 at the solution,
// which the derivatives of pnp are made of.
import { jvp } from '../../autodiff/jvp.js';
import { eye, zeros } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';
import { add, div, mul, neg, sub } from '../../ops/arithmetic.js';
import { concat } from '../../ops/concat.js';
import { expandDims, reshape, transpose } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { maximum } from '../../ops/minmax.js';
import { sqrt, square } from '../../ops/roots.js';
import { slice } from '../../ops/slice.js';
import { mean } from '../../ops/statistics.js';
import { stopGradient } from '../../ops/stop.js';
import { broadcastTo, sum } from '../../ops/sum.js';
import type { Objective } from './point-terms.js';
import { matrixOf, skewVector } from './rotation.js';

/** The arguments that pnp has derivatives in, each [count, ...]. */
export interface PoseArguments {
  readonly p2d: Tensor;
  readonly p3d: Tensor;
  readonly weights?: Tensor;
  readonly K?: Tensor;
  readonly alpha?: Tensor;
}

/** Elements `from` to `to` of the last axis. */
export function part(x: Tensor, from: number, to: number): Tensor {
  const before = x.shape.slice(0, -1);
  return slice(x, [...before.map(() => 0), from], [...before, to]);
}

/** Σ w (Y × g, g) [count, 6], g the gradient of one point's cost in the camera's frame; Y = R p, X = Y + t. */
function gradient(objective: Objective, args: PoseArguments, Y: Tensor, t: Tensor): Tensor {
  const X = add(Y, expandDims(t, 1));
  const own = objective === 'cosine' ? directionGradient(args, X) : imageGradient(objective, args, X);
  const g = args.weights === undefined ? own : mul(own, expandDims(args.weights, 2));
  // Σ Y × g is the skew part of Σ g Yᵀ.
  const turn = skewVector(matmul(g, Y, { transposeA: true }));
  return concat([turn, sum(g, { axis: 1 })], 1);
}

/** Of the squared or Huber's distance in the image. */
function imageGradient(objective: Objective, { p2d, K, alpha }: PoseArguments, X: Tensor): Tensor {
  const depth = part(X, 2, 3);
  const a = div(part(X, 0, 2), depth);
  const focal = K && expandDims(part(K, 0, 2), 1);
  const seen = K && focal ? add(mul(a, focal), expandDims(part(K, 2, 4), 1)) : a;
  const r = sub(seen, p2d);
  let scaled = objective === 'huber' ? r : mul(r, 2);
  if (objective === 'huber' && alpha) {
    // 1 within alpha, else alpha/|r|; there is no root of 0.
    const bound = expandDims(alpha, [1, 2]);
    const squares = sum(square(r), { axis: 2, keepDims: true });
    scaled = mul(r, div(bound, sqrt(maximum(squares, square(bound)))));
  }
  const across = div(focal ? mul(scaled, focal) : scaled, depth);
  return concat([across, neg(sum(mul(across, a), { axis: 2, keepDims: true }))], 2);
}

/** Of 1 - bᵀX/|X|: -(b - x xᵀb)/|X| with x = X/|X|. */
function directionGradient({ p2d, K }: PoseArguments, X: Tensor): Tensor {
  const plane = K ? div(sub(p2d, expandDims(part(K, 2, 4), 1)), expandDims(part(K, 0, 2), 1)) : p2d;
  const ray = concat([plane, add(mul(part(plane, 0, 1), 0), 1)], 2);
  const b = div(ray, sqrt(sum(square(ray), { axis: 2, keepDims: true })));
  const length = sqrt(sum(square(X), { axis: 2, keepDims: true }));
  const x = div(X, length);
  const along = sum(mul(b, x), { axis: 2, keepDims: true });
  return div(sub(mul(x, along), b), length);
}

/**
 * The mean of the points [count, 3], a constant: F is by turns about it, as far from the origin turns look like shifts.
 * Any constant would do.
 */
export function centreOf({ p3d }: PoseArguments): Tensor {
  return mean(stopGradient(p3d), { axis: 1 });
}

/** F: the gradient at θ = (v, t) by (ω, τ), X -> exp[ω]× R (p - c) + R c + t + τ. */
export function stationarity(objective: Objective, args: PoseArguments, theta: Tensor): Tensor {
  const { Y, t } = aboutCentre(args, theta);
  return gradient(objective, args, Y, t);
}

/** R (p - c) and t + R c. */
function aboutCentre(args: PoseArguments, theta: Tensor): { Y: Tensor; t: Tensor } {
  const v = part(theta, 0, 3);
  const centre = expandDims(centreOf(args), 1);
  const shift = reshape(turned(centre, v), [theta.shape[0], 3]);
  return { Y: turned(sub(args.p3d, centre), v), t: add(part(theta, 3, 6), shift) };
}

/** R p of points by rows. */
export function turned(p3d: Tensor, v: Tensor): Tensor {
  return matmul(p3d, matrixOf(v), { transposeB: true });
}

/** The derivative of F by (ω, τ) [count, 6, 6]: its columns by forward mode, as so many problems. */
export function poseHessian(objective: Objective, args: PoseArguments, theta: Tensor): Tensor {
  const count = theta.shape[0];
  const many = (x: Tensor) => reshape(broadcastTo(x, [6, ...x.shape]), [6 * count, ...x.shape.slice(1)]);
  const copies = Object.entries(args).map(([name, x]) => [name, many(x)] as const);
  const all = Object.fromEntries(copies) as unknown as PoseArguments;
  const here = aboutCentre(args, theta);
  const [Y, t] = [many(here.Y), many(here.t)];
  const moved = (motion: Tensor) =>
    gradient(objective, all, turned(Y, part(motion, 0, 3)), add(t, part(motion, 3, 6)));
  const directions = reshape(broadcastTo(reshape(eye(6), [6, 1, 6]), [6, count, 6]), [6 * count, 6]);
  const { tangent } = jvp(moved, [zeros([6 * count, 6])], [directions]);
  return transpose(reshape(tangent, [6, count, 6]), [1, 2, 0]);
}
