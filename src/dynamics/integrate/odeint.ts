// odeint: an initial value problem, with states at given times.

import { primalOf } from '../../autodiff/primal.js';
import { type CheckpointSchedule, checkSchedule } from '../../autodiff/schedule.js';
import { checkArray, checkCount, checkFlag, checkFunction } from '../../core/check.js';
import { full } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ConvergenceError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { sameShape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { flatten, leavesIn, type Structure, type Tree, unflatten } from '../../core/tree.js';
import { checkFloat } from '../../linalg/stack.js';
import { concat, stack } from '../../ops/concat.js';
import { expandDims } from '../../ops/layout.js';
import { aliasOf } from '../../ops/ownership.js';
import { Tracer } from '../../ops/tracer.js';
import { allFinite, checkedStates } from '../finite.js';
import { checkLike } from '../system.js';
import { chosenPath, dopri5Step, type Path } from './dopri5.js';
import {
  type AdaptiveMethod,
  checkMethod,
  dopri5,
  type FixedMethod,
  type OdeMethod,
  STEPS,
} from './methods.js';
import type { Slope } from './runge-kutta.js';
import { rowsOf } from './sequence.js';

/** Options of `odeint`. */
export interface OdeintOptions {
  /** Leading axes of the state that are a batch; default 0. */
  batchAxes?: number;
  /** States that reverse mode keeps, of all internal steps; it recomputes the others. Default 'sqrt'. Values do not depend on it. */
  checkpoint?: CheckpointSchedule;
  /** Default true: a failure is an error. Otherwise the rows behind it are NaN. */
  throws?: boolean;
}

const ODEINT_OPTIONS: OptionNames<OdeintOptions> = { batchAxes: true, checkpoint: true, throws: true };

/** The checked arguments. */
interface Problem {
  readonly f: Slope;
  readonly x0: readonly Tensor[];
  readonly structure: Structure;
  readonly times: readonly number[];
  readonly batchAxes: number;
  readonly checkpoint: CheckpointSchedule;
  readonly throws: boolean;
}

const NAME = 'odeint';
/** Part of a step that an interval may be longer than a whole number of them. */
const ROUNDING = 1e-9;

/**
 * States at times of the solution of dx/dt = f(x, t), x(times[0]) = x0. Differentiable in x0 and in what f captures, in both modes: derivatives go through
 * the steps that were made, exactly (discretise, then optimise), with their lengths as constants; not through a second equation backwards in time.
 * Fixed steps differentiate to any order and compile, in `compile` step by step (a `System` is one node); `dopri5` reads values, and does not compile.
 * @param f (x, t) => dx/dt, of the state's structure, shapes and dtypes; t is a number.
 * @param x0 a tensor or a tree of them, with `batchAxes` batch axes first.
 * @param times rising or falling; x0 is the state at the first of them.
 * @param method `dynamics.euler`, `rk4` or `dopri5` (default) with settings.
 * @returns the tree of [...batch, times, ...state].
 * @throws ArgumentError for times that are not finite and strictly monotonic, and for options; ShapeError and DTypeError for what f returns;
 * ConvergenceError, with the time, for a state that is not finite, a step below `minStep` or lost in rounding, and more than `maxSteps`.
 * @example
 * const decay = dynamics.odeint((x) => neg(x), tensor([1, 2]), [0, 1, 2]); // [3, 2]
 */
export function odeint<X extends Tree>(
  // biome-ignore lint/suspicious/noExplicitAny: the user's tree
  f: (x: any, t: number) => unknown,
  x0: X,
  times: readonly number[],
  method: OdeMethod = dopri5(),
  options: OdeintOptions = {},
): X {
  const problem = checked(f, x0, times, options);
  const settings = checkMethod(NAME, method);
  const rows = scope(() =>
    settings.name === 'dopri5' ? adaptive(problem, settings) : fixed(problem, settings),
  );
  return unflatten(problem.structure, rows) as X;
}

function checked(f: unknown, tree: Tree, times: unknown, options: OdeintOptions): Problem {
  checkFunction(NAME, 'f', f);
  const { leaves, structure } = flatten(tree, NAME);
  if (leaves.length === 0)
    throw new ArgumentError(`${NAME}: x0 must be a tensor or a tree of tensors, got ${describe(tree)}`);
  checkTimes(times);
  checkOptions(NAME, options, ODEINT_OPTIONS);
  const { batchAxes = 0, checkpoint = 'sqrt', throws = true } = options;
  checkCount(NAME, 'batchAxes', batchAxes);
  checkSchedule(NAME, 'checkpoint', checkpoint, 1);
  checkFlag(NAME, 'throws', throws);
  const batch = leaves[0].shape.slice(0, batchAxes);
  for (const leaf of leaves) {
    checkFloat(NAME, 'x0', leaf);
    if (leaf.ndim < batchAxes || !sameShape(leaf.shape.slice(0, batchAxes), batch)) {
      throw new ShapeError(
        `${NAME}: every tensor of x0 must begin with the same ${batchAxes} batch axes, got shapes ${leaves.map(({ shape }) => show(shape)).join(', ')}`,
      );
    }
  }
  const slope = (x: readonly Tensor[], t: number) => {
    const given = (f as (x: Tree, t: number) => Tree)(unflatten(structure, x), t);
    const slopes = leavesIn(given, structure);
    if (slopes === undefined) {
      throw new ArgumentError(
        `${NAME}: f must return the structure of x0, ${structure.text}, got ${flatten(given, NAME).structure.text}`,
      );
    }
    // Handles of their own, as what f returns may be its argument or the user's.
    return slopes.map((leaf, i) => {
      const own = checkLike(NAME, 'what f returns', leaf, x[i]);
      return own instanceof Tracer ? own : aliasOf(own);
    });
  };
  return { f: slope, x0: leaves, structure, times, batchAxes, checkpoint, throws };
}

function checkTimes(given: unknown): asserts given is number[] {
  checkArray(NAME, 'times', given);
  const times = given as number[];
  const bad = times.find((t) => !Number.isFinite(t));
  if (bad !== undefined || times.length === 0)
    throw new ArgumentError(
      `${NAME}: times must be finite numbers, at least one, got ${times.length === 0 ? 'none' : describe(bad)}`,
    );
  for (let i = 1; i < times.length; i++) {
    if (times[i] === times[i - 1] || times[i] > times[i - 1] !== times[1] > times[0]) {
      throw new ArgumentError(
        `${NAME}: times must rise or fall strictly, got ${times[i - 1]} and then ${times[i]}`,
      );
    }
  }
}

/** Rows with x0 before them, stacked behind the batch axes. */
function stacked({ x0, batchAxes }: Problem, rows: readonly (readonly Tensor[])[]): Tensor[] {
  return x0.map((leaf, l) =>
    rows.length === 0 ? expandDims(leaf, batchAxes) : stack([leaf, ...rows.map((row) => row[l])], batchAxes),
  );
}

function fixed(problem: Problem, { name, dt }: FixedMethod): readonly Tensor[] {
  const { f, x0, times, batchAxes, checkpoint, throws } = problem;
  // Where each interval's steps end.
  const ends: number[] = [0];
  for (let k = 1; k < times.length; k++)
    ends.push(ends[k - 1] + Math.max(1, Math.ceil(Math.abs(times[k] - times[k - 1]) / dt - ROUNDING)));
  const count = ends[times.length - 1];
  checkCount(NAME, 'the number of steps', count);
  let k = 1;
  const place = (i: number) => {
    // Steps come in order, but derivatives may run any part again.
    while (i < ends[k - 1]) k--;
    while (i >= ends[k]) k++;
    const h = (times[k] - times[k - 1]) / (ends[k] - ends[k - 1]);
    return { t: times[k - 1] + (i - ends[k - 1]) * h, h, isRow: i + 1 === ends[k] };
  };
  const sequence = {
    count,
    step: (x: readonly Tensor[], i: number) => STEPS[name](f, x, place(i).t, place(i).h),
    isRow: (i: number) => place(i).isRow,
    row: (x: readonly Tensor[]) => x,
  };
  const states = stacked(problem, rowsOf(x0, sequence, checkSchedule(NAME, 'checkpoint', checkpoint, count)));
  const rows = { name: NAME, batchAxes, time: (r: number) => times[r], steps: (r: number) => ends[r] };
  return checkedStates(states, rows, throws);
}

function adaptive(problem: Problem, method: AdaptiveMethod): readonly Tensor[] {
  const { f, x0, times, batchAxes, checkpoint, throws } = problem;
  // The steps are chosen on values; a state that derivatives follow then takes them again.
  const isTraced = x0.some((leaf) => leaf instanceof Tracer);
  const path = startsFinite(x0)
    ? chosenPath(f, x0.map(primalOf), times, batchAxes, method)
    : notFinite(times);
  if (path.failure !== undefined && throws) {
    const { t, steps, residual, reason } = path.failure;
    throw new ConvergenceError(`${NAME}: at time ${t}, after ${steps} steps, ${reason}`, steps, residual);
  }
  const rows = isTraced && path.steps.length > 0 ? again(problem, path) : path.rows;
  const states = stacked(problem, rows);
  const missing = times.length - 1 - rows.length;
  if (missing === 0) return states;
  return states.map((leaf) => {
    const behind = full(leaf.shape.with(batchAxes, missing), Number.NaN, { dtype: leaf.dtype });
    return concat([leaf, behind], batchAxes);
  });

  /** The path again, on what derivatives follow. */
  function again({ x0: start }: Problem, { steps }: Path): (readonly Tensor[])[] {
    const last = steps.reduce((end, { isRow }, i) => (isRow ? i + 1 : end), 0);
    const leaves = start.length;
    const sequence = {
      count: last,
      step(both: readonly Tensor[], i: number) {
        const { t, h, end } = steps[i];
        const { next, slope } = dopri5Step(f, both.slice(0, leaves), both.slice(leaves), t, h, end);
        return [...next, ...slope];
      },
      isRow: (i: number) => steps[i].isRow,
      row: (both: readonly Tensor[]) => both.slice(0, leaves),
    };
    if (last === 0) return [];
    return rowsOf(
      [...start, ...f(start, times[0])],
      sequence,
      checkSchedule(NAME, 'checkpoint', checkpoint, last),
    );
  }
}

const startsFinite = (x0: readonly Tensor[]): boolean => x0.every(allFinite);

const notFinite = (times: readonly number[]): Path => ({
  steps: [],
  rows: [],
  failure: { t: times[0], steps: 0, residual: Number.NaN, reason: 'the state is not finite' },
});
