// checkGradients in far tails: at points scaled over all magnitudes, derivatives against differences relative to each entry, and
// derivatives in f32 against those in f64.
import { DTypeError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import {
  alongLine,
  changed,
  type FlatFunction,
  joined,
  outputsOf,
  type Settings,
  split,
  unitVector,
  visitRules,
} from './check-parts.js';
import { type Estimates, extrapolated } from './differences.js';
import { type Direction, gradientError, type Leaf } from './gradient-error.js';
import { vjp } from './vjp.js';

/** Where functions turn into their tails, and powers of ten up to the ends of the range. */
const FACTORS = [
  2, 4, 8, 16, 32, 64, 1e3, 1e6, 1e12, 1e18, 1e25, 1e35, 1e75, 1e150, 1e200, 1e290, 0.5, 1e-2, 1e-5, 1e-10,
  1e-18, 1e-23, 1e-30, 1e-36, 1e-75, 1e-150, 1e-200, 1e-290,
];
/** Entries that are moved, and results that are looked at. */
const ENTRIES = 12;

/** The least and the largest numbers that keep all digits, with room for a factor. */
const RANGE = { f64: [1e-290, 1e290], f32: [1e-34, 1e34], i32: [0, 0] } as const;

/** The leaves times a factor. */
function times(leaves: readonly Leaf[], factor: number, dtype?: 'f64' | 'f32'): Leaf[] {
  return leaves.map((leaf) => ({ ...leaf, tensor: changed(leaf.tensor, (x) => x * factor, dtype) }));
}

const entriesOf = (leaves: readonly Leaf[]): Direction[] =>
  leaves.flatMap(({ tensor: x }, leaf) =>
    Array.from({ length: Math.min(ENTRIES, x.size) }, (_, k) => {
      const entry = Math.floor((k * x.size) / Math.min(ENTRIES, x.size));
      return { leaf, values: unitVector(x.size, entry), entry };
    }),
  );

/** Checks both first derivatives of f at scaled points; returns the worst difference. */
export function checkTails(
  f: FlatFunction,
  leaves: readonly Leaf[],
  modes: readonly ('vjp' | 'jvp')[],
  settings: Settings,
): number {
  let worst = 0;
  for (const factor of [1, ...FACTORS].flatMap((s) => [s, -s])) {
    scope(() => {
      worst = Math.max(worst, checkScaled(f, times(leaves, factor), factor, modes, settings));
      checkSingle(f, leaves, factor);
    });
  }
  return worst;
}

const allFinite = (list: ArrayLike<number>): boolean => Array.from(list).every(Number.isFinite);

/** x_i ∂f_k/∂x_i by the rules and by differences in a relative step, each entry by itself. */
function checkScaled(
  f: FlatFunction,
  leaves: readonly Leaf[],
  factor: number,
  modes: readonly ('vjp' | 'jvp')[],
  { tolerance }: Settings,
): number {
  const { values } = outputsOf(f, leaves);
  const point = leaves.map((leaf) => leaf.tensor.toTypedArray());
  if (!allFinite(values) || !point.every(allFinite)) return 0;
  const dtype = leaves.some((leaf) => leaf.tensor.dtype === 'f32') ? 'f32' : 'f64';
  const [least, most] = RANGE[dtype];
  const steps = dtype === 'f32' ? { step: 2 ** -4, count: 3 } : { step: 2 ** -7, count: 6 };
  const noise = dtype === 'f32' ? 1e-3 : 1e-8;
  const columns = new Map<Direction, Estimates>();
  const directions = entriesOf(leaves).filter(({ leaf, entry }) => {
    const x = Math.abs(point[leaf][entry as number]);
    return x > least && x < most;
  });
  for (const direction of directions) {
    const x = point[direction.leaf][direction.entry as number];
    const { at } = alongLine(f, leaves, direction);
    columns.set(
      direction,
      extrapolated((t) => at(t * x), 1, steps, 'central'),
    );
  }
  let worst = 0;
  const cotangents = Array.from({ length: Math.min(ENTRIES, values.length) }, (_, entry) => {
    return { leaf: 0, values: unitVector(values.length, entry), entry };
  });
  visitRules(f, leaves, directions, cotangents, modes, ({ mode, direction, weights, analytic }) => {
    const k = typeof weights === 'number' ? weights : weights.indexOf(1);
    const column = columns.get(direction) as Estimates;
    const x = point[direction.leaf][direction.entry as number];
    const [numeric, doubt] = [column.values[k], column.errors[k]];
    const quotient = numeric / x;
    // What the type cannot hold, and what differences do not settle, says nothing.
    if (!Number.isFinite(quotient) || !(doubt <= 1e-3 * Math.abs(numeric) + noise * Math.abs(values[k])))
      return;
    if (Math.abs(quotient) > most || (Math.abs(quotient) < least && numeric !== 0)) return;
    const allowed = 10 * doubt + noise * Math.abs(values[k]);
    const difference = Math.abs(analytic * x - numeric);
    const error = Number.isNaN(difference)
      ? Number.POSITIVE_INFINITY
      : Math.max(0, difference - allowed) / Math.max(Math.abs(numeric), least);
    worst = Math.max(worst, error);
    if (error <= 10 * tolerance) return;
    const found = { mode, direction, analytic, numeric: quotient };
    throw gradientError(` at ${factor} times the arguments`, found, leaves, error, tolerance);
  });
  return worst;
}

/** The gradients of the first results, one after the other. */
function gradients(f: FlatFunction, leaves: readonly Leaf[]): number[][] {
  return scope(() => {
    const { value, pullback } = vjp(f, ...leaves.map((leaf) => leaf.tensor));
    const outputs = value as Tensor[];
    const size = joined(outputs).length;
    return Array.from({ length: Math.min(ENTRIES, size) }, (_, k) =>
      scope(() =>
        pullback(split(unitVector(size, k), outputs)).flatMap((g: Tensor) => Array.from(g.toTypedArray())),
      ),
    );
  });
}

/**
 * The gradient in f32 against that in f64 at the same point, where rounding of the arguments does not explain the
 * difference. Left out if f only takes the type of its arguments.
 */
function checkSingle(f: FlatFunction, leaves: readonly Leaf[], factor: number): void {
  const single = times(leaves, factor, 'f32');
  const point = single.map((leaf) => leaf.tensor.toTypedArray());
  if (!point.every(allFinite)) return;
  // Each entry moved by some units of f32, up or down.
  const moved = (turn: number): Leaf[] => {
    let at = 0;
    const step = (x: number) => x * (1 + ((at++ * 7 + turn) % 2 === 0 ? 1 : -1) * 2 ** -21);
    return single.map((leaf) => ({ ...leaf, tensor: changed(leaf.tensor, step, 'f64') }));
  };
  let lists: number[][][];
  try {
    if (!allFinite(outputsOf(f, single).values)) return;
    lists = [single, times(single, 1, 'f64'), moved(0), moved(1)].map((leaf) => gradients(f, leaf));
  } catch (error) {
    if (error instanceof DTypeError) return;
    throw error;
  }
  const [short, long, up, down] = lists;
  const [least, most] = RANGE.f32;
  const places = single.flatMap(({ tensor: x }, leaf) =>
    Array.from({ length: x.size }, (_, entry) => ({ leaf, entry, values: new Float64Array(x.size) })),
  );
  long.forEach((list, k) => {
    list.forEach((want, i) => {
      const spread = Math.max(Math.abs(up[k][i] - want), Math.abs(down[k][i] - want));
      const size = Math.abs(want);
      if (!(size > least && size < most)) return;
      const error = Math.abs(short[k][i] - want) / size;
      if (error <= 1e-3 + (32 * spread) / size) return;
      const found = { mode: 'vjp' as const, direction: places[i], analytic: short[k][i], numeric: want };
      throw gradientError(
        ` in f32, against f64, at ${factor} times the arguments`,
        found,
        single,
        error,
        1e-3,
      );
    });
  });
}
