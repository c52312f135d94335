// checkGradients: derivatives against central differences.

import { checkAtLeast, checkCount, checkFunction } from '../core/check.js';
import { tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import type { TypedArray } from '../core/dtype.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { random } from '../core/random/generator.js';
import { scope } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';
import { flatten, isPlain, type Tree, unflatten } from '../core/tree.js';
import type { TreeFunction } from './arguments.js';
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
}

const CHECK_OPTIONS: OptionNames<CheckOptions> = {
  order: true,
  modes: true,
  step: true,
  tolerance: true,
  seed: true,
};

/** Tensors of at most this many entries are checked entry by entry, larger ones along a few random directions. */
const SMALL = 64;
const DIRECTIONS = 3;

/** A function of a list of tensors to a list of real tensors. */
type FlatFunction = (...leaves: Tensor[]) => Tensor[];

interface Settings {
  steps: StepOptions;
  tolerance: number;
  seed: number;
}

/**
 * Compares the derivatives of f with central differences: every entry of small tensors, random directions for large
 * ones.
 * @param f a function of trees of tensors to a tensor or a tree.
 * @param args its arguments; f64 for sharp results (f32 is compared to two digits). Arguments without real tensors are
 * constants.
 * @returns the largest difference found, relative as `tolerance` is.
 * @throws GradientError with the worst entry: which argument, its index, the derivative and the difference quotient.
 * @example
 * checkGradients((x) => sum(mul(x, x)), [tensor([1, 2])], { order: 2 });
 */
export function checkGradients(f: TreeFunction, args: readonly Tree[], options: CheckOptions = {}): number {
  checkFunction('checkGradients', 'f', f);
  checkOptions('checkGradients', options, CHECK_OPTIONS);
  const { order = 1, modes = ['vjp', 'jvp'], step, seed = 1 } = options;
  if (!Array.isArray(args))
    throw new ArgumentError(`checkGradients: args must be an array of arguments, got ${describe(args)}`);
  if (order !== 1 && order !== 2)
    throw new ArgumentError(`checkGradients: order must be 1 or 2, got ${describe(order)}`);
  const known = Array.isArray(modes) && modes.every((mode) => mode === 'vjp' || mode === 'jvp');
  if (!known || modes.length === 0) {
    throw new ArgumentError(`checkGradients: modes must list 'vjp' or 'jvp' or both, got ${describe(modes)}`);
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
    return worst;
  });
}

/** f as a function of the real tensors in its arguments, and those tensors. */
function flattened(f: TreeFunction, args: readonly Tree[]): { leaves: Leaf[]; flat: FlatFunction } {
  const whole = args.map((arg) => (typeof arg === 'number' ? tensor(arg) : arg));
  const { leaves: all, structure } = flatten(whole);
  const paths = pathsOf(whole);
  const at = all.flatMap((leaf, i) => (leaf.dtype === 'i32' ? [] : [i]));
  if (at.length === 0)
    throw new ArgumentError('checkGradients: args must have f64 or f32 tensors in them, got none');
  return {
    leaves: at.map((i) => ({ argument: Number(paths[i][0]), name: pathText(paths[i]), tensor: all[i] })),
    flat: (...xs) => {
      const leaves = [...all];
      at.forEach((position, i) => {
        leaves[position] = xs[i];
      });
      return flatten(f(...(unflatten(structure, leaves) as unknown[]))).leaves.filter(
        (y) => y.dtype !== 'i32',
      );
    },
  };
}

/** The path of keys to each tensor. */
function pathsOf(tree: Tree, path: readonly string[] = []): (readonly string[])[] {
  if (tree instanceof Tensor) return [path];
  if (!Array.isArray(tree) && !isPlain(tree)) return [];
  return Object.entries(tree).flatMap(([key, part]) => pathsOf(part, [...path, key]));
}

function pathText([argument, ...keys]: readonly string[]): string {
  return `argument ${argument}${keys.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join('')}`;
}

/** The values of f's results in one array, and tensors of their shapes. */
function outputsOf(f: FlatFunction, leaves: readonly Leaf[]): { values: Float64Array; shapes: Tensor[] } {
  const shapes = f(...leaves.map((leaf) => leaf.tensor));
  return { values: joined(shapes), shapes };
}

function joined(parts: readonly Tensor[]): Float64Array {
  const values = new Float64Array(parts.reduce((sum, part) => sum + part.size, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part.data(), at);
    at += part.size;
  }
  return values;
}

/** Tensors like these with the values of `flat`. */
function split(flat: Float64Array, like: readonly Tensor[]): Tensor[] {
  let at = 0;
  return like.map(({ shape, dtype, size }) => {
    at += size;
    return tensor(flat.subarray(at - size, at), { shape, dtype });
  });
}

/** Every unit vector, or a few random ones. */
function directionsOf(leaf: number, size: number, seed: number): Direction[] {
  if (size === 0) return [];
  if (size <= SMALL) {
    return Array.from({ length: size }, (_, entry) => {
      const values = new Float64Array(size);
      values[entry] = 1;
      return { leaf, values, entry };
    });
  }
  return Array.from({ length: DIRECTIONS }, (_, k) => {
    const v = random(seed + 100 * k + leaf).normal([size]);
    const values = Float64Array.from(v.data());
    v.dispose();
    return { leaf, values, entry: undefined };
  });
}

const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

const largestOf = (values: ArrayLike<number>): number => {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
};

/** Checks both first derivatives of f; returns the worst difference. */
function checkOnce(
  what: string,
  f: FlatFunction,
  leaves: readonly Leaf[],
  modes: readonly ('vjp' | 'jvp')[],
  { steps, tolerance, seed }: Settings,
): number {
  const comparisons: Comparison[] = [];
  const { size, largest } = scope(() => {
    const { values } = outputsOf(f, leaves);
    return { size: values.length, largest: largestOf(values) };
  });
  const directions = leaves.flatMap((leaf, i) => directionsOf(i, leaf.tensor.size, seed));
  const cotangents = directionsOf(0, size, seed + 10);
  const columns = directions.map((direction) => numericAlong(f, leaves, direction, steps));
  if (modes.includes('vjp')) {
    scope(() => {
      const { value, pullback } = vjp(f, ...leaves.map((leaf) => leaf.tensor));
      for (const { values } of cotangents) {
        scope(() => {
          const back = pullback(split(values, value as Tensor[])).map((g: Tensor) =>
            g.toTypedArray(),
          ) as TypedArray[];
          directions.forEach((direction, c) => {
            const analytic = inner(direction.values, back[direction.leaf]);
            comparisons.push({
              mode: 'vjp',
              group: `${direction.leaf}`,
              direction,
              analytic,
              numeric: inner(values, columns[c]),
            });
          });
        });
      }
    });
  }
  if (modes.includes('jvp')) {
    directions.forEach((direction, c) => {
      scope(() => {
        const tangents = leaves.map(({ tensor: x }, i) =>
          i === direction.leaf
            ? tensor(direction.values, { shape: x.shape, dtype: x.dtype })
            : tensor(new Float64Array(x.size), { shape: x.shape, dtype: x.dtype }),
        );
        const analytic = joined(
          jvp(
            f,
            leaves.map((leaf) => leaf.tensor),
            tangents,
          ).tangent as Tensor[],
        );
        // For a long result only the worst entry is kept; the scale is that of the whole result.
        analytic.forEach((value, k) => {
          comparisons.push({
            mode: 'jvp',
            group: `${direction.leaf}`,
            direction,
            analytic: value,
            numeric: columns[c][k],
          });
        });
      });
    });
  }
  return compare(what, comparisons, leaves, tolerance, largest);
}

/** d/dt f(x + t d) by differences, all results in one array. */
function numericAlong(
  f: FlatFunction,
  leaves: readonly Leaf[],
  { leaf, values, entry }: Direction,
  steps: StepOptions,
): Float64Array {
  const x = leaves[leaf].tensor;
  const start = x.toTypedArray();
  const near = entry === undefined ? largestOf(start) : Math.abs(start[entry]);
  const at = (t: number): Float64Array =>
    scope(() => {
      const moved = tensor(
        Float64Array.from(start, (y, i) => y + t * values[i]),
        { shape: x.shape, dtype: x.dtype },
      );
      return joined(f(...leaves.map((other, i) => (i === leaf ? moved : other.tensor))));
    });
  return differences(at, Math.max(1, near) / largestOf(values), steps);
}
