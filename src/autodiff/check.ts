// checkGradients: derivatives against central differences.

import { checkAtLeast, checkCount, checkFunction } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { random } from '../core/random/generator.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import type { Tree } from '../core/tree.js';
import type { TreeFunction } from './arguments.js';
import {
  alongLine,
  directionsOf,
  type FlatFunction,
  flattened,
  inner,
  largestOf,
  outputsOf,
  type Settings,
  visitRules,
} from './check-parts.js';
import { checkSides, pointsOf } from './check-points.js';
import { checkTails } from './check-tails.js';
import { differences, type StepOptions } from './differences.js';
import { type Comparison, compare, type Direction, type Leaf } from './gradient-error.js';
import { jvp } from './jvp.js';
import { vjp } from './vjp.js';

/** Options of `checkGradients`. */
export interface CheckOptions {
  /** 2 also checks the derivatives of the derivatives; default 1. */
  order?: 1 | 2;
  /** Which mode(s) to check; default both. With order 2, every combination of them. */
  modes?: readonly ('vjp' | 'jvp')[];
  /** Step of a plain central difference, relative to max(1, |x|); by default several steps are extrapolated to zero. */
  step?: number;
  /** Largest difference, relative to the largest entry of that derivative; default 1e-6, and 1e-2 if there is f32. */
  tolerance?: number;
  /** Seed of the random directions; default 1. */
  seed?: number;
  /**
   * Where else to check first derivatives, at points made from the arguments: 'kinks', with entries that are 0 or have
   * the other sign; 'equal', with equal entries, and equal eigenvalues and singular values of matrices; 'tails', scaled
   * over all magnitudes, in f64 and in f32. Default nowhere.
   */
  at?: readonly ('kinks' | 'equal' | 'tails')[];
}

const SPECIAL: readonly unknown[] = ['kinks', 'equal', 'tails'];

const CHECK_OPTIONS: OptionNames<CheckOptions> = {
  order: true,
  modes: true,
  step: true,
  tolerance: true,
  seed: true,
  at: true,
};

/**
 * Compares the derivatives of f with central differences: every entry of small tensors, random directions for large
 * ones.
 * @param f a function of trees of tensors to a tensor or a tree.
 * @param args its arguments; f64 for sharp results (f32 is compared to two digits). Arguments without real tensors are
 * constants.
 * @returns the largest difference found, relative as `tolerance` is.
 * @throws GradientError with the worst entry: which argument, its index, the derivative and the difference quotient.
 * ArgumentError for invalid options.
 * @example
 * checkGradients((x) => sum(mul(x, x)), [tensor([1, 2])], { order: 2 });
 */
export function checkGradients(f: TreeFunction, args: readonly Tree[], options: CheckOptions = {}): number {
  checkFunction('checkGradients', 'f', f);
  checkOptions('checkGradients', options, CHECK_OPTIONS);
  const { order = 1, modes = ['vjp', 'jvp'], step, seed = 1, at = [] } = options;
  if (!Array.isArray(args))
    throw new ArgumentError(`checkGradients: args must be an array of arguments, got ${describe(args)}`);
  if (order !== 1 && order !== 2)
    throw new ArgumentError(`checkGradients: order must be 1 or 2, got ${describe(order)}`);
  const known = Array.isArray(modes) && modes.every((mode) => mode === 'vjp' || mode === 'jvp');
  if (!known || modes.length === 0) {
    throw new ArgumentError(`checkGradients: modes must list 'vjp' or 'jvp' or both, got ${describe(modes)}`);
  }
  if (!Array.isArray(at) || !at.every((where) => SPECIAL.includes(where))) {
    throw new ArgumentError(
      `checkGradients: at must list some of 'kinks', 'equal' and 'tails', got ${describe(at)}`,
    );
  }
  if (step !== undefined && !(typeof step === 'number' && step > 0 && step < 1))
    throw new ArgumentError(`checkGradients: step must be between 0 and 1, got ${describe(step)}`);
  if (options.tolerance !== undefined) checkAtLeast('checkGradients', 'tolerance', options.tolerance, 0);
  checkCount('checkGradients', 'seed', seed);
  return scope(() => {
    const { leaves, flat } = flattened(f, args);
    const single = leaves.some((leaf) => leaf.tensor.dtype === 'f32');
    const settings = {
      steps:
        step !== undefined
          ? { step, count: 1 }
          : single
            ? { step: 2 ** -4, count: 2 }
            : { step: 2 ** -7, count: 6 },
      tolerance: options.tolerance ?? (single ? 1e-2 : 1e-6),
      seed,
    };
    let worst = checkOnce('', flat, leaves, modes, settings);
    if (order === 2) {
      const { shapes } = outputsOf(flat, leaves);
      const directions = (like: readonly Tensor[], from: number) =>
        like.map((x, i) => random(seed + from + i).normal(x.shape, { dtype: x.dtype as 'f64' | 'f32' }));
      if (modes.includes('vjp')) {
        const cotangents = directions(shapes, 1000);
        const gradient: FlatFunction = (...xs) => vjp(flat, ...xs).pullback(cotangents);
        worst = Math.max(worst, checkOnce(' of the gradient', gradient, leaves, modes, settings));
      }
      if (modes.includes('jvp')) {
        const tangents = directions(
          leaves.map((leaf) => leaf.tensor),
          2000,
        );
        const along: FlatFunction = (...xs) => jvp(flat, xs, tangents).tangent;
        worst = Math.max(worst, checkOnce(' of the tangent', along, leaves, modes, settings));
      }
    }
    for (const where of ['kinks', 'equal'] as const) {
      if (!at.includes(where)) continue;
      for (const point of pointsOf(where, leaves))
        worst = Math.max(
          worst,
          scope(() => checkSides(flat, point, modes, settings)),
        );
    }
    if (at.includes('tails'))
      worst = Math.max(
        worst,
        scope(() => checkTails(flat, leaves, modes, settings)),
      );
    return worst;
  });
}

/** Checks both first derivatives of f; returns the worst difference. */
function checkOnce(
  what: string,
  f: FlatFunction,
  leaves: readonly Leaf[],
  modes: readonly ('vjp' | 'jvp')[],
  { steps, tolerance, seed }: Settings,
): number {
  const { size, largest } = scope(() => {
    const { values } = outputsOf(f, leaves);
    return { size: values.length, largest: largestOf(values) };
  });
  const directions = leaves.flatMap((leaf, i) => directionsOf(i, leaf.tensor.size, seed));
  const columns = directions.map((direction) => numericAlong(f, leaves, direction, steps));
  const comparisons: Comparison[] = [];
  visitRules(f, leaves, directions, directionsOf(0, size, seed + 10), modes, (entry) => {
    const { mode, direction, weights, analytic } = entry;
    const column = columns[directions.indexOf(direction)];
    const numeric = typeof weights === 'number' ? column[weights] : inner(weights, column);
    comparisons.push({ mode, group: `${direction.leaf}`, direction, analytic, numeric });
  });
  return compare(what, comparisons, leaves, tolerance, largest);
}

/** d/dt f(x + t d) by differences, all results in one array. */
function numericAlong(
  f: FlatFunction,
  leaves: readonly Leaf[],
  direction: Direction,
  steps: StepOptions,
): Float64Array {
  const { at, near } = alongLine(f, leaves, direction);
  return differences(at, Math.max(1, near) / largestOf(direction.values), steps);
}
