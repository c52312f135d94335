// checkGradients at kinks and at equal values: derivatives between those from both sides.
import { eye } from '../core/create.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import {
  alongLine,
  changed,
  directionsOf,
  type FlatFunction,
  largestOf,
  outputsOf,
  type Settings,
  visitRules,
} from './check-parts.js';
import { type Estimates, extrapolated } from './differences.js';
import { type Direction, gradientError, type Leaf } from './gradient-error.js';

/** A point, and what is special there. */
export interface SpecialPoint {
  readonly what: string;
  readonly leaves: readonly Leaf[];
}

/** Points made of the arguments. The caller frees them. */
export function pointsOf(where: 'kinks' | 'equal', leaves: readonly Leaf[]): SpecialPoint[] {
  return where === 'kinks' ? kinks(leaves) : equals(leaves);
}

function withTensors(leaves: readonly Leaf[], of: (leaf: Leaf, i: number) => Tensor): Leaf[] {
  return leaves.map((leaf, i) => ({ ...leaf, tensor: of(leaf, i) }));
}

/** Every second entry 0, all of them 0, the others, the other signs. */
function kinks(leaves: readonly Leaf[]): SpecialPoint[] {
  const values: [string, (x: number, i: number) => number][] = [
    ['with zeros', (x, i) => (i % 2 === 0 ? 0 : x)],
    ['with other zeros', (x, i) => (i % 2 === 1 ? 0 : -x)],
    ['at 0', () => 0],
    ['with the other signs', (x) => -x],
  ];
  return values.map(([what, value]) => ({
    what,
    leaves: withTensors(leaves, ({ tensor: x }) => changed(x, value)),
  }));
}

/** All entries of all arguments equal; then of each argument; matrices with equal eigenvalues or singular values. */
function equals(leaves: readonly Leaf[]): SpecialPoint[] {
  const of = (x: Tensor): number => Math.abs(x.toTypedArray()[0] ?? 0) || 1;
  const common = leaves.length === 0 ? 1 : of(leaves[0].tensor);
  const points: SpecialPoint[] = [
    { what: 'with equal entries', leaves: withTensors(leaves, ({ tensor: x }) => changed(x, () => common)) },
  ];
  leaves.forEach(({ name, tensor: x }, which) => {
    if (x.size < 2) return;
    const one = (what: string, value: Tensor) =>
      void points.push({
        what: `with ${what} in ${name}`,
        leaves: withTensors(leaves, (leaf, i) => (i === which ? value : leaf.tensor)),
      });
    one(
      'equal entries',
      changed(x, () => of(x)),
    );
    one(
      'two equal entries',
      changed(x, (old, i) => (i === 1 ? of(x) : i === 0 ? of(x) : old)),
    );
    if (x.ndim < 2) return;
    const [rows, columns] = x.shape.slice(-2);
    const unit = scope(() => eye(rows, columns).toTypedArray());
    const size = rows * columns;
    one(
      'a multiple of the identity',
      changed(x, (_, i) => of(x) * unit[i % size]),
    );
    // All values equal but the last one.
    const last = (Math.min(rows, columns) - 1) * (columns + 1);
    one(
      'equal eigenvalues',
      changed(x, (_, i) => of(x) * unit[i % size] * (i % size === last ? 2 : 1)),
    );
  });
  return points;
}

/** The least and the largest value between two estimates, and how far they may be off. */
interface Range {
  low: number;
  high: number;
  slack: number;
}

/**
 * Between the derivatives from above and from below. A side on which f is NaN does not count; there is no range if f
 * jumps, or if a slope is infinite.
 */
function rangeOf(above: Estimates, below: Estimates, k: number, tolerance: number): Range | undefined {
  const sides = [above, below].filter(({ values }) => !Number.isNaN(values[k]));
  const settled = ({ values, errors }: Estimates) =>
    Number.isFinite(values[k]) && errors[k] <= 1e-3 * (1e-3 + Math.abs(values[k]));
  if (sides.length === 0 || !sides.every(settled)) return undefined;
  const values = sides.map((side) => side.values[k]);
  const slack = tolerance + 10 * Math.max(...sides.map((side) => side.errors[k]));
  return { low: Math.min(...values), high: Math.max(...values), slack };
}

/**
 * Checks both first derivatives at a special point: they must lie between the derivatives from both sides. Entries
 * without a finite derivative from either side are left out. Returns the worst difference.
 */
export function checkSides(
  f: FlatFunction,
  { what, leaves }: SpecialPoint,
  modes: readonly ('vjp' | 'jvp')[],
  { tolerance, seed }: Settings,
): number {
  const { values } = scope(() => outputsOf(f, leaves));
  const largest = largestOf(values.filter(Number.isFinite));
  const single = leaves.some((leaf) => leaf.tensor.dtype === 'f32');
  const steps = single ? { step: 2 ** -4, count: 3 } : { step: 2 ** -7, count: 7 };
  const directions = leaves.flatMap((leaf, i) => directionsOf(i, leaf.tensor.size, seed));
  const ranges = new Map<Direction, (Range | undefined)[]>();
  for (const direction of directions) {
    const { at, near } = alongLine(f, leaves, direction);
    const scale = Math.max(1, near) / largestOf(direction.values);
    const [above, below] = (['above', 'below'] as const).map((side) => extrapolated(at, scale, steps, side));
    ranges.set(
      direction,
      [...values.keys()].map((k) => rangeOf(above, below, k, tolerance)),
    );
  }
  // One-sided differences resolve less than central ones.
  const floor = 1e-3 * (1 + largest);
  let worst = 0;
  visitRules(f, leaves, directions, directionsOf(0, values.length, seed + 10), modes, (entry) => {
    const { mode, direction, weights, analytic } = entry;
    const range = combined(ranges.get(direction) as (Range | undefined)[], weights);
    if (range === undefined) return;
    const scale = Math.max(floor, Math.abs(range.low), Math.abs(range.high));
    const outside = Math.max(range.low - analytic, analytic - range.high, 0) - range.slack;
    const error = Number.isNaN(analytic) ? Number.POSITIVE_INFINITY : Math.max(0, outside) / scale;
    worst = Math.max(worst, error);
    if (error <= Math.max(tolerance, 1e-5)) return;
    const numeric = analytic < range.low ? range.low : range.high;
    throw gradientError(` ${what}`, { mode, direction, analytic, numeric }, leaves, error, tolerance);
  });
  return worst;
}

/** The range of an entry of the results, or of a weighted sum. */
function combined(ranges: readonly (Range | undefined)[], weights: number | Float64Array): Range | undefined {
  if (typeof weights === 'number') return ranges[weights];
  const total = { low: 0, high: 0, slack: 0 };
  for (let k = 0; k < weights.length; k++) {
    const [w, range] = [weights[k], ranges[k]];
    if (w === 0) continue;
    if (range === undefined) return undefined;
    total.low += w * (w > 0 ? range.low : range.high);
    total.high += w * (w > 0 ? range.high : range.low);
    total.slack += Math.abs(w) * range.slack;
  }
  return total;
}
