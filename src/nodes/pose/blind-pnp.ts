// blindPnp: the pose of a camera without knowing which point of the image is which point in space.
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { expandDims, reshape } from '../../ops/layout.js';
import { broadcastTo } from '../../ops/sum.js';
import { batchOf, type NodeArgument } from '../problems/batch.js';
import { transportNode } from '../transport/optimal-transport.js';
import { axesOf, poseOf } from './pnp.js';
import { POSE_OPTIONS, type PoseOptions } from './pose-options.js';

/** Options of `blindPnp`. */
export interface BlindPnpOptions extends PoseOptions {
  /** Of `optimalTransport`: the inverse temperature [...], default 1. */
  gamma?: NodeArgument;
  /** The masses of the image points [..., m] and of the points in space [..., n]; default: equal, of sum 1. */
  r?: Tensor;
  c?: Tensor;
}

const BLIND_OPTIONS = /* @__PURE__ */ (() => ({ ...POSE_OPTIONS, gamma: true, r: true, c: true }) as const)();

/**
 * The pose of a camera and the matches between m points of the image and n points in space, from costs M of the matches:
 * plan = optimalTransport(M), and theta = pnp of all m n pairs (p2d_i, p3d_j) with weights plan_ij, from `theta0` or from
 * RANSAC on the likeliest pairs (the largest of each row and column of the plan).
 *
 * Both are differentiable, to second order: theta in p2d, p3d, K, alpha and, through the plan, in M, r, c and gamma.
 * @param p2d [..., m, 2], f64 or f32.
 * @param p3d [..., n, 3].
 * @param M [..., m, n]: small where points match. Leading axes of all arguments are a batch and broadcast.
 * @returns theta [..., 6] as `pnp` gives it, and plan [..., m, n] as `optimalTransport` does.
 * @throws what `optimalTransport` and `pnp` throw.
 * Source: Campbell, Liu and Gould, "Solving the Blind Perspective-n-Point Problem End-To-End with Robust Differentiable
 * Geometric Optimization", ECCV 2020; Gould's lecture notes, section 4.5.
 * @example
 * const p3d = tensor([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0.5]]);
 * const p2d = tensor([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.4, 0.4]]);
 * const { theta } = nodes.blindPnp(p2d, p3d, neg(eye(4)), { gamma: 60 }); // [0, 0, 0, 0, 0, 2]
 */
export function blindPnp(
  p2d: Tensor,
  p3d: Tensor,
  M: Tensor,
  options: BlindPnpOptions = {},
): { theta: Tensor; plan: Tensor } {
  checkOptions('blindPnp', options, BLIND_OPTIONS);
  const { gamma, r, c, ...pose } = options;
  return scope(() => {
    const { sizes } = batchOf('blindPnp', {
      p2d: [p2d, 'm', 2],
      p3d: [p3d, 'n', 3],
      M: [M, 'm', 'n'],
      gamma: axesOf(gamma),
      r: axesOf(r, 'm'),
      c: axesOf(c, 'n'),
    });
    const { m, n } = sizes;
    const { plan } = transportNode('blindPnp', M, { gamma, r, c, throws: options.throws });
    const pairs = {
      p2d: [paired(p2d, -2, m, n), 'pairs', 2],
      p3d: [paired(p3d, -3, m, n), 'pairs', 3],
      weights: [reshape(plan, [...plan.shape.slice(0, -2), m * n]), 'pairs'],
    } as const;
    return { theta: poseOf('blindPnp', pairs, pose, (weights) => largestOfLines(weights, m, n)), plan };
  });
}

/** [..., k, d] for all pairs, [..., m n, d]: with a new axis of extent 1 at `axis`, counted from the end, broadcast. */
function paired(x: Tensor, axis: -2 | -3, m: number, n: number): Tensor {
  const batch = x.shape.slice(0, -2);
  const extent = x.shape[x.ndim - 1];
  const wide = expandDims(x, x.ndim + 1 + axis);
  return reshape(broadcastTo(wide, [...batch, m, n, extent]), [...batch, m * n, extent]);
}

/** The positions of the largest entry of every row and every column of a plan. */
function largestOfLines(plan: Float64Array, m: number, n: number): number[] {
  const chosen = new Set<number>();
  const note = (first: number, step: number, count: number) => {
    let best = first;
    for (let k = 1; k < count; k++) if (plan[first + k * step] > plan[best]) best = first + k * step;
    chosen.add(best);
  };
  for (let i = 0; i < m; i++) note(i * n, 1, n);
  for (let j = 0; j < n; j++) note(j, n, m);
  return [...chosen].sort((a, b) => a - b);
}
