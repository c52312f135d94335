// A point well inside of {v | U v <= β}, rows of length 1: the centre of a largest ball in it, the one nearest to 0 if there are many,
// and not far from 0 if there are balls of any size.

import { eye, full, tensor, zeros } from '../../../core/create.js';
import { lengthOf } from '../../../core/scalars.js';
import { scope } from '../../../core/scope.js';
import type { Tensor } from '../../../core/tensor.js';
import { maxAbs, view } from '../../../linalg/blas/addresses.js';
import { concat } from '../../../ops/concat.js';
import { linearProgram } from '../../../optim/convex/linear-program.js';
import { quadraticProgram } from '../../../optim/convex/quadratic-program.js';

/** The share of the largest radius that the ball nearest to 0 must have, so that there is more than one point to choose from. */
const SHARE = 0.999;

/** The largest radius, relative to the sizes of β. */
const FARTHEST = 1e9;

/**
 * The point, or undefined where no ball fits. There may be balls of any size: the radius is bounded by the largest β, which is a bound in any
 * bounded polyhedron, and by 1; where it reaches that bound, the point moves to within 1 of the point nearest to 0.
 */
export function centreOf(U: Tensor, beta: Float64Array): Float64Array | undefined {
  const [m, q] = U.shape;
  if (m === 0 || q === 0) return new Float64Array(q);
  const unit = maxAbs(beta) || 1;
  const most = beta.reduce((largest, side) => Math.max(largest, side), 1);
  const bound = Math.min(most / unit, FARTHEST);
  const sides = beta.map((side) => side / unit);
  return scope(() => {
    const { radius, centre } = largestBall(U, sides, bound);
    if (!(radius > 0)) return undefined;
    const best =
      nearestToZero(
        U,
        sides.map((side) => side - SHARE * radius),
      ) ?? centre;
    const first = radius < SHARE * bound ? undefined : nearestToZero(U, sides);
    return (first === undefined ? best : towards(first, best, 1 / unit)).map((v) => v * unit);
  });
}

/** The point of U v <= h nearest to 0, if it is found. */
function nearestToZero(U: Tensor, h: Float64Array): Float64Array | undefined {
  const q = U.shape[1];
  const { x, converged } = quadraticProgram(
    { P: eye(q), q: zeros([q]), G: U, h: tensor(h) },
    { throws: false },
  );
  return converged ? view(x).slice() : undefined;
}

/** The point between two, at most that far from the first. */
function towards(from: Float64Array, to: Float64Array, most: number): Float64Array {
  const share = Math.min(1, most / lengthOf(to.map((v, j) => v - from[j])));
  return from.map((v, j) => v + share * (to[j] - v));
}

/** max r subject to U v + r <= h, r <= bound. */
function largestBall(U: Tensor, h: Float64Array, bound: number): { radius: number; centre: Float64Array } {
  const [m, q] = U.shape;
  const [c, limit] = [zeros([q + 1]), zeros([1, q + 1])];
  view(c)[q] = -1;
  view(limit)[q] = 1;
  const G = concat([concat([U, full([m, 1], 1)], 1), limit], 0);
  const { x } = linearProgram({ c, G, h: tensor(Float64Array.of(...h, bound)) }, { throws: false });
  const found = view(x);
  return { radius: found[q], centre: found.slice(0, q) };
}
