// Projections as declarative nodes: the nearest point of a set of given radius, also differentiable in the radius.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { l1Ball, l1Sphere, l2Ball, l2Sphere, linfBall, linfSphere, simplex } from './faces.js';
import { project, type RadiusOptions } from './node.js';

/** Options of `projectSphere`. */
export interface SphereOptions extends RadiusOptions {
  /** 1, 2 or Infinity; default 2. */
  norm?: number;
}

const SPHERE_OPTIONS: OptionNames<SphereOptions> = { radius: true, norm: true };

/**
 * Onto { y >= 0, Σ y_i = radius }, each row of the last axis. Derivatives in x and radius; an entry that just becomes 0
 * counts as left out. At radius 0 the derivative in the radius is the limit from above.
 * Source: Held, Wolfe and Crowder, Math. Programming 6 (1974).
 * @param x [..., n], f64 or f32.
 * @throws ArgumentError for NaN and Inf, and for a radius below 0.
 * @example
 * nodes.projectSimplex(tensor([0.5, 1, -1])); // [0.25, 0.75, 0]
 */
export function projectSimplex(x: Tensor, options: RadiusOptions = {}): Tensor {
  return project('projectSimplex', simplex, x, options);
}

/**
 * Onto { Σ |y_i| <= radius }, each row of the last axis. Derivatives in x and radius: on the boundary as inside; outside
 * an entry that just becomes 0 counts as left out.
 * Source: Duchi et al., ICML (2008).
 * @param x [..., n], f64 or f32.
 * @throws ArgumentError for NaN and Inf, and for a radius below 0.
 * @example
 * nodes.projectL1Ball(tensor([3, 1, -2]), { radius: 2 }); // [1.5, 0, -0.5]
 */
export function projectL1Ball(x: Tensor, options: RadiusOptions = {}): Tensor {
  return project('projectL1Ball', l1Ball, x, options);
}

/**
 * Onto { ‖y‖₂ <= radius }, each row of the last axis. Derivatives in x and radius, of any order; on the boundary as
 * inside.
 * @param x [..., n], f64 or f32.
 * @throws ArgumentError for NaN and Inf, and for a radius below 0.
 * @example
 * nodes.projectL2Ball(tensor([3, 4])); // [0.6, 0.8]
 */
export function projectL2Ball(x: Tensor, options: RadiusOptions = {}): Tensor {
  return project('projectL2Ball', l2Ball, x, options);
}

/**
 * Onto { |y_i| <= radius }, each row of the last axis. Derivatives in x and radius; on the boundary as inside.
 * @param x [..., n], f64 or f32.
 * @throws ArgumentError for NaN and Inf, and for a radius below 0.
 * @example
 * nodes.projectLinfBall(tensor([3, -0.5])); // [1, -0.5]
 */
export function projectLinfBall(x: Tensor, options: RadiusOptions = {}): Tensor {
  return project('projectLinfBall', linfBall, x, options);
}

/**
 * Onto { ‖y‖ = radius } in the norm 1, 2 or Infinity, each row of the last axis. Derivatives in x and radius. Where
 * several points are nearest: in the 1-norm zeros count as positive; in the Infinity-norm the first of the largest
 * entries moves to the sphere.
 * Source: Gould, Hartley and Campbell, Deep Declarative Networks, IEEE TPAMI 44 (2022).
 * @param x [..., n], f64 or f32; not the centre, unless the radius is 0.
 * @throws ArgumentError for NaN and Inf, the centre, a radius below 0, and another norm.
 * @example
 * nodes.projectSphere(tensor([0.25, -0.5]), { norm: Infinity }); // [0.25, -1]
 */
export function projectSphere(x: Tensor, options: SphereOptions = {}): Tensor {
  checkOptions('projectSphere', options, SPHERE_OPTIONS);
  const { norm = 2, radius } = options;
  const spheres = new Map([
    [1, l1Sphere],
    [2, l2Sphere],
    [Number.POSITIVE_INFINITY, linfSphere],
  ]);
  const sphere = spheres.get(norm);
  if (sphere === undefined)
    throw new ArgumentError(`projectSphere: norm must be 1, 2 or Infinity, got ${describe(norm)}`);
  return project('projectSphere', sphere, x, { radius });
}
