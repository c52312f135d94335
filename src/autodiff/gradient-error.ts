// The worst of many comparisons of derivatives with differences, and the error for it.
import { CotangentError } from '../core/errors.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

/** A derivative disagrees with its differences. */
export class GradientError extends CotangentError {
  override name = 'GradientError';
  /** Position of the argument. */
  readonly argument: number;
  /** Index of the entry in the tensor; undefined if the derivative was taken along a random direction. */
  readonly index: readonly number[] | undefined;
  /** The derivative by the rules. */
  readonly analytic: number;
  /** The derivative by central differences. */
  readonly numeric: number;
  constructor(
    message: string,
    at: { argument: number; index: readonly number[] | undefined; analytic: number; numeric: number },
  ) {
    super(message);
    this.argument = at.argument;
    this.index = at.index;
    this.analytic = at.analytic;
    this.numeric = at.numeric;
  }
}

/** One differentiated tensor: its path, and its values. */
export interface Leaf {
  argument: number;
  name: string;
  tensor: Tensor;
}

/** A direction, in which one leaf moves. */
export interface Direction {
  leaf: number;
  values: Float64Array;
  /** The entry, if only one moves. */
  entry: number | undefined;
}

/** Values to compare; the values of a group share the scale of their differences. */
export interface Comparison {
  mode: 'vjp' | 'jvp';
  group: string;
  direction: Direction;
  analytic: number;
  numeric: number;
}

/** Throws if the worst entry is beyond the tolerance. */
export function compare(
  what: string,
  comparisons: readonly Comparison[],
  leaves: readonly Leaf[],
  tolerance: number,
  largest: number,
): number {
  // Below this a derivative counts as zero: differences of values this large cannot resolve it.
  const floor = 1e-4 * (1 + (Number.isFinite(largest) ? largest : 0));
  const scales = new Map<string, number>();
  for (const { group, mode, numeric } of comparisons) {
    const key = mode + group;
    if (Number.isFinite(numeric)) scales.set(key, Math.max(scales.get(key) ?? floor, Math.abs(numeric)));
  }
  let worst = 0;
  let found: Comparison | undefined;
  for (const comparison of comparisons) {
    const { group, mode, analytic, numeric } = comparison;
    const error = Math.abs(analytic - numeric) / (scales.get(mode + group) ?? floor);
    if (!(error <= worst)) {
      worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
      found = comparison;
    }
    if (worst === Number.POSITIVE_INFINITY) break;
  }
  if (found === undefined || worst <= tolerance) return worst;
  throw gradientError(what, found, leaves, worst, tolerance);
}

/** The error for a comparison that failed. */
export function gradientError(
  what: string,
  { direction, mode, analytic, numeric }: Omit<Comparison, 'group'>,
  leaves: readonly Leaf[],
  worst: number,
  tolerance: number,
): GradientError {
  const { argument, name, tensor: x } = leaves[direction.leaf];
  const index = direction.entry === undefined ? undefined : indexOf(direction.entry, x.shape);
  const place = index === undefined ? 'along a random direction' : `at ${show(index)}`;
  return new GradientError(
    `checkGradients: ${mode}${what} for ${name} ${place}: the rules give ${analytic}, differences ${numeric} ` +
      `(relative difference ${worst.toExponential(1)}, at most ${tolerance.toExponential()} is wanted)`,
    { argument, index, analytic, numeric },
  );
}

function indexOf(entry: number, shape: readonly number[]): number[] {
  let rest = entry;
  const index = shape.map(() => 0);
  for (let i = shape.length - 1; i >= 0; i--) {
    index[i] = rest % shape[i];
    rest = Math.floor(rest / shape[i]);
  }
  return index;
}
