// What the checks of derivatives share: functions of flat lists of tensors, and directions.
import { tensor } from '../core/create.js';
import type { TypedArray } from '../core/dtype.js';
import { ArgumentError } from '../core/errors.js';
import { random } from '../core/random/generator.js';
import { scope } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';
import { flatten, isPlain, type Tree, unflatten } from '../core/tree.js';
import type { TreeFunction } from './arguments.js';
import type { StepOptions } from './differences.js';
import type { Direction, Leaf } from './gradient-error.js';
import { jvp } from './jvp.js';
import { vjp } from './vjp.js';

/** Tensors of at most this many entries are checked entry by entry, larger ones along a few random directions. */
const SMALL = 64;
const DIRECTIONS = 3;

/** How differences are taken and compared. */
export interface Settings {
  steps: StepOptions;
  tolerance: number;
  seed: number;
}

/** A function of a list of tensors to a list of real tensors. */
export type FlatFunction = (...leaves: Tensor[]) => Tensor[];

/** f as a function of the real tensors in its arguments, and those tensors. */
export function flattened(f: TreeFunction, args: readonly Tree[]): { leaves: Leaf[]; flat: FlatFunction } {
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
export function outputsOf(
  f: FlatFunction,
  leaves: readonly Leaf[],
): { values: Float64Array; shapes: Tensor[] } {
  const shapes = f(...leaves.map((leaf) => leaf.tensor));
  return { values: joined(shapes), shapes };
}

export function joined(parts: readonly Tensor[]): Float64Array {
  const values = new Float64Array(parts.reduce((sum, part) => sum + part.size, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part.data(), at);
    at += part.size;
  }
  return values;
}

/** Tensors like these with the values of `flat`. */
export function split(flat: Float64Array, like: readonly Tensor[]): Tensor[] {
  let at = 0;
  return like.map(({ shape, dtype, size }) => {
    at += size;
    return tensor(flat.subarray(at - size, at), { shape, dtype });
  });
}

/** The numbers of x, each changed, as a tensor of its shape and, if not another, its dtype. */
export function changed(x: Tensor, change: (value: number, i: number) => number, dtype = x.dtype): Tensor {
  return tensor(Float64Array.from(x.toTypedArray(), change), { shape: x.shape, dtype });
}

/** The unit vector of this size for an entry. */
export function unitVector(size: number, entry: number): Float64Array {
  const values = new Float64Array(size);
  values[entry] = 1;
  return values;
}

/** Every unit vector, or a few random ones. */
export function directionsOf(leaf: number, size: number, seed: number): Direction[] {
  if (size === 0) return [];
  if (size <= SMALL) {
    return Array.from({ length: size }, (_, entry) => ({ leaf, values: unitVector(size, entry), entry }));
  }
  return Array.from({ length: DIRECTIONS }, (_, k) => {
    const v = random(seed + 100 * k + leaf).normal([size]);
    const values = Float64Array.from(v.data());
    v.dispose();
    return { leaf, values, entry: undefined };
  });
}

export const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

export const largestOf = (values: ArrayLike<number>): number => {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
};

/** f on a line through the point, all results in one array, and the size of what moves. */
export function alongLine(
  f: FlatFunction,
  leaves: readonly Leaf[],
  { leaf, values, entry }: Direction,
): { at: (t: number) => Float64Array; near: number } {
  const x = leaves[leaf].tensor;
  const start = x.toTypedArray();
  const at = (t: number): Float64Array =>
    scope(() => {
      const moved = changed(x, (y, i) => y + t * values[i]);
      return joined(f(...leaves.map((other, i) => (i === leaf ? moved : other.tensor))));
    });
  return { at, near: entry === undefined ? largestOf(start) : Math.abs(start[entry]) };
}

/** A derivative by the rules: along a direction, of one entry of the results or of a weighted sum of them. */
export interface RuleEntry {
  mode: 'vjp' | 'jvp';
  direction: Direction;
  weights: number | Float64Array;
  analytic: number;
}

/** Calls `visit` for the derivatives along all directions. */
export function visitRules(
  f: FlatFunction,
  leaves: readonly Leaf[],
  directions: readonly Direction[],
  cotangents: readonly Direction[],
  modes: readonly ('vjp' | 'jvp')[],
  visit: (entry: RuleEntry) => void,
): void {
  const point = leaves.map((leaf) => leaf.tensor);
  if (modes.includes('vjp')) {
    scope(() => {
      const { value, pullback } = vjp(f, ...point);
      for (const { values: weights } of cotangents) {
        scope(() => {
          const back = pullback(split(weights, value as Tensor[])).map((g: Tensor) =>
            g.toTypedArray(),
          ) as TypedArray[];
          for (const direction of directions)
            visit({ mode: 'vjp', direction, weights, analytic: along(direction, back[direction.leaf]) });
        });
      }
    });
  }
  if (!modes.includes('jvp')) return;
  for (const direction of directions) {
    scope(() => {
      const tangents = point.map((x, i) =>
        changed(x, (_, k) => (i === direction.leaf ? direction.values[k] : 0)),
      );
      joined(jvp(f, point, tangents).tangent as Tensor[]).forEach((analytic, weights) => {
        visit({ mode: 'jvp', direction, weights, analytic });
      });
    });
  }
}

/** A gradient along a direction; along one entry alone, so that NaN elsewhere does not count. */
function along({ values, entry }: Direction, gradient: ArrayLike<number>): number {
  return entry === undefined ? inner(values, gradient) : gradient[entry];
}
