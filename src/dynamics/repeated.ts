// A step, so many times.
import { scan } from '../autodiff/scan.js';
import type { CheckpointSchedule } from '../autodiff/schedule.js';
import type { Tensor } from '../core/tensor.js';

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
