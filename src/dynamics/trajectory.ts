// Trajectories of a system: all states at the ends of intervals, or the last one.
import { checkpoint as recomputed } from '../autodiff/checkpoint.js';
import { scan } from '../autodiff/scan.js';
import { type CheckpointSchedule, checkSchedule } from '../autodiff/schedule.js';
import { checkCount, checkFlag } from '../core/check.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { scope } from '../core/scope.js';
import { checkSize } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { expandDims } from '../ops/layout.js';
import { aliasOf } from '../ops/ownership.js';
import { slice } from '../ops/slice.js';
import { isRecording } from '../ops/tracer.js';
import { checkedStates } from './finite.js';
import { statesAlong } from './repeated.js';
import { advanced, batchOf, checkState, partsOf, type System, type SystemParts } from './system.js';

/** Options of `trajectory`. */
export interface TrajectoryOptions {
  /** Intervals; may be 0. */
  steps: number;
  /** Whether the first state is x0; default true. Otherwise there are `steps` states. */
  includeInitial?: boolean;
  /** States that reverse mode keeps, of the intervals and inside of each; it recomputes the others. Default 'sqrt'. Values do not depend on it. */
  checkpoint?: CheckpointSchedule;
  /** Default true: a state that is not finite is an error. Otherwise the states behind it are NaN. */
  throws?: boolean;
}

const TRAJECTORY_OPTIONS: OptionNames<TrajectoryOptions> = {
  steps: true,
  includeInitial: true,
  checkpoint: true,
  throws: true,
};

/**
 * States x_0, …, x_steps of a system at the ends of its intervals. Differentiable in x0 in both modes, to any order; one node of a graph inside `compile`.
 * @param x0 [...batch, ...state].
 * @returns [...batch, steps + 1, ...state], or `steps` states with `includeInitial: false`.
 * @throws ConvergenceError for a state that is not finite; ShapeError, DTypeError for an x0 that is no state; ShapeError for more numbers than a tensor holds;
 * ArgumentError for options.
 * @example
 * const system = dynamics.lorenz96();
 * dynamics.trajectory(system, system.initial(random(1)), { steps: 100 }); // [101, 40]
 */
export function trajectory(system: System, x0: Tensor, options: TrajectoryOptions): Tensor {
  const name = 'trajectory';
  const own = partsOf(name, system);
  checkState(name, 'x0', own, x0);
  checkOptions(name, options, TRAJECTORY_OPTIONS);
  const { steps, includeInitial = true, checkpoint = 'sqrt', throws = true } = options;
  checkCount(name, 'steps', steps);
  checkFlag(name, 'includeInitial', includeInitial);
  checkFlag(name, 'throws', throws);
  checkSchedule(name, 'checkpoint', checkpoint, steps);
  checkSize(name, [...batchOf(own, x0), steps + 1, ...own.stateShape]);
  return scope(() => {
    const states = statesOf(own, x0, steps, checkpoint);
    const batchAxes = batchOf(own, x0).length;
    const [checked] = checkedStates([states], rowsOf(name, own, batchAxes), throws);
    if (includeInitial) return checked;
    const from = checked.shape.map((_, axis) => Number(axis === batchAxes));
    return slice(checked, from, checked.shape);
  });
}

/** Where the states of a trajectory lie in time. */
function rowsOf(name: string, { interval, innerSteps }: SystemParts, batchAxes: number) {
  return {
    ...{ name, batchAxes },
    time: (row: number) => row * interval,
    steps: (row: number) => row * innerSteps,
  };
}

/** The states at the ends of so many intervals, x first: [...batch, intervals + 1, ...state]. */
export function statesOf(
  own: SystemParts,
  x: Tensor,
  intervals: number,
  checkpoint: CheckpointSchedule,
): Tensor {
  const axis = batchOf(own, x).length;
  if (intervals === 0) return expandDims(x, axis);
  const whole = own.states?.(x, intervals);
  if (whole !== undefined) return whole;
  const interval = (y: Tensor) => advanced(own, y, checkpoint);
  // So many states are of the order of √(internal steps), and each interval is computed once less.
  const isFew = checkpoint === 'sqrt' && intervals <= 4 * own.innerSteps;
  if (!isFew) return statesAlong(interval, x, intervals, axis, checkpoint);
  // A loop that is a node keeps its states only; a plain one would keep what is inside of intervals as well.
  return statesAlong(isRecording() ? interval : recomputed(interval), x, intervals, axis, 'none');
}

/**
 * The state after `steps` intervals; memory for one state.
 * @param x0 [...batch, ...state].
 * @param options `steps`: default the system's `spinUpSteps`, after which `initial` is on the attractor.
 * @throws as `trajectory`.
 */
export function spinUp(system: System, x0: Tensor, options: { steps?: number } = {}): Tensor {
  const name = 'spinUp';
  const own = partsOf(name, system);
  checkState(name, 'x0', own, x0);
  checkOptions(name, options, { steps: true });
  const { steps = own.spinUpSteps } = options;
  checkCount(name, 'steps', steps);
  return scope(() => lastState(name, own, x0, steps));
}

/** The state after so many intervals, checked. */
export function lastState(name: string, own: SystemParts, x: Tensor, steps: number): Tensor {
  const batchAxes = batchOf(own, x).length;
  const at = { name, batchAxes, time: () => steps * own.interval, steps: () => steps * own.innerSteps };
  const check = (y: Tensor) => void checkedStates([expandDims(y, batchAxes)], at, true);
  if (steps === 0) {
    check(x);
    return aliasOf(x);
  }
  const { carry } = scan((y: Tensor) => ({ carry: advanced(own, y, 'sqrt') }), x, undefined, {
    length: steps,
  });
  check(carry);
  return carry;
}
