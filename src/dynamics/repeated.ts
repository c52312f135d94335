// A step, so many times: the last state, or all of them.
import { scan } from '../autodiff/scan.js';
import type { CheckpointSchedule } from '../autodiff/schedule.js';
import type { Tensor } from '../core/tensor.js';
import { concat } from '../ops/concat.js';
import { expandDims, transpose } from '../ops/layout.js';

/** step(… step(x)), `count` times: one node of a graph; reverse mode keeps the states that `checkpoint` names. */
export function repeated(
  step: (x: Tensor) => Tensor,
  x: Tensor,
  count: number,
  checkpoint: CheckpointSchedule,
): Tensor {
  if (count === 1) return step(x);
  return scan((carry: Tensor) => ({ carry: step(carry) }), x, undefined, { length: count, checkpoint }).carry;
}

/** x, step(x), … after up to `count` steps: [...batch, count + 1, ...state], for x with so many batch axes. */
export function statesAlong(
  step: (x: Tensor) => Tensor,
  x: Tensor,
  count: number,
  batchAxes: number,
  checkpoint: CheckpointSchedule,
): Tensor {
  const one = (carry: Tensor) => {
    const next = step(carry);
    return { carry: next, y: next };
  };
  const { ys } = scan(one, x, undefined, { length: count, checkpoint });
  return concat([expandDims(x, batchAxes), timeBehindBatch(ys, batchAxes)], batchAxes);
}

/** [...batch, time, ...state] of a stack with time first. */
export function timeBehindBatch(stack: Tensor, batchAxes: number): Tensor {
  if (batchAxes === 0) return stack;
  const axes = Array.from({ length: stack.ndim }, (_, i) => i);
  return transpose(stack, [...axes.slice(1, batchAxes + 1), 0, ...axes.slice(batchAxes + 1)]);
}
