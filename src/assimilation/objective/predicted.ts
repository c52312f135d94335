// H(x_t) at the rows of a problem.

import { tensor } from '../../core/create.js';
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { timeBehindBatch } from '../../dynamics/repeated.js';
import { batchOf } from '../../dynamics/system.js';
import { statesOf } from '../../dynamics/trajectory.js';
import { narrow, slice } from '../../ops/slice.js';
import { take } from '../../ops/take.js';
import { observedRows } from '../operators/rows.js';
import type { CheckedProblem } from '../problem/checked.js';
import type { RowData } from './misfit.js';
import { stackedRows } from './rows-loop.js';

/** States of a window that are kept at once, in bytes, a few times with what is made of them; longer windows run as a loop. */
const WINDOW_BYTES = 1 << 19;
/** The same for systems that have a kernel for windows, which is much faster than a loop. */
const KERNEL_BYTES = 1 << 22;

/** Whether all states of the window, for a start like x, may be kept at once. */
export function isShort({ steps, own }: CheckedProblem, x: Tensor): boolean {
  const states = (steps.at(-1) as number) + 1;
  const most = own.states === undefined ? WINDOW_BYTES : KERNEL_BYTES;
  return states * Math.max(1, x.size) * bytesPerElement(own.dtype) <= most;
}

/** Of a short window: the states at once, and the operator on all of them: [...batch, m, ...observation]. */
export function seenAtOnce(problem: CheckedProblem, x: Tensor): Tensor {
  const { own, observer, steps, checkpoint } = problem;
  const axis = batchOf(own, x).length;
  const states = statesOf(own, x, steps.at(-1) as number, checkpoint);
  return observedRows(observer, atSteps(states, axis, steps), axis, steps);
}

/** The states at these steps, along their axis. */
function atSteps(states: Tensor, axis: number, steps: readonly number[]): Tensor {
  const [count, first] = [steps.length, steps[0]];
  if (count === states.shape[axis]) return states;
  if (count === 1) return narrow(states, axis, first, 1);
  const gap = steps[1] - first;
  if (steps.every((step, i) => step === first + i * gap)) {
    const only = (value: number, others: number) => states.shape.map((_, i) => (i === axis ? value : others));
    return slice(states, only(first, 0), states.shape, only(gap, 1));
  }
  return take(states, tensor([...steps], { dtype: 'i32' }), axis);
}

/** Of any window: [...batch, m, ...observation]. */
export function predicted(
  problem: CheckedProblem,
  x: Tensor,
  data: RowData,
  short = isShort(problem, x),
): Tensor {
  if (short) return seenAtOnce(problem, x);
  const { observer, own, steps } = problem;
  const rows = stackedRows(problem, x, data, (i, state) => observer.at(state, steps[i]));
  return timeBehindBatch(rows, batchOf(own, x).length);
}
