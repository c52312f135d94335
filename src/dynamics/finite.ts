// States that are not finite: an error that names the time, or NaN behind them. Nothing is looked at inside compile and trace.

import { primalOf } from '../autodiff/primal.js';
import { tensor } from '../core/create.js';
import { ConvergenceError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { mul } from '../ops/arithmetic.js';
import { reshape } from '../ops/layout.js';
import { where } from '../ops/select.js';
import { sum } from '../ops/sum.js';
import { isRecording } from '../ops/tracer.js';

/** Whether all numbers are finite: one pass by kernels. */
export function allFinite(x: Tensor): boolean {
  return x.size === 0 || scope(() => sum(mul(primalOf(x), 0)).item()) === 0;
}

/** Where states [...batch, rows, ...state] lie in time. */
export interface Rows {
  readonly name: string;
  readonly batchAxes: number;
  /** Time of a row, and steps done when it was reached. */
  readonly time: (row: number) => number;
  readonly steps: (row: number) => number;
}

/**
 * `states`, if they are finite; otherwise throws, or returns them with NaN behind the first row of each member that is not finite.
 * @throws ConvergenceError that names the time of the first such row.
 */
export function checkedStates(
  states: readonly Tensor[],
  { name, batchAxes, time, steps }: Rows,
  throws: boolean,
): readonly Tensor[] {
  if (isRecording() || states.every(allFinite)) return states;
  const [first] = states;
  const batch = first.shape.slice(0, batchAxes);
  const [members, rows] = [sizeOf(batch), first.shape[batchAxes]];
  // The first row of each member that is not finite.
  const last = new Array<number>(members).fill(rows);
  for (const leaf of states) {
    const data = primalOf(leaf).data();
    const size = leaf.size / (members * rows);
    for (let i = 0; i < members; i++) {
      for (let r = 0; r < last[i]; r++) {
        const at = (i * rows + r) * size;
        for (let k = at; k < at + size; k++) if (!Number.isFinite(data[k])) last[i] = Math.min(last[i], r);
      }
    }
  }
  const row = last.reduce((least, r) => Math.min(least, r), rows);
  if (throws) {
    const which = members > 1 ? ` of member ${last.indexOf(row)}` : '';
    const what = row === 0 ? 'the state' : 'the state reached';
    throw new ConvergenceError(
      `${name}: ${what}${which} at time ${time(row)}, after ${steps(row)} steps, is not finite (a smaller step may help; throws: false gives the states before it)`,
      steps(row),
      Number.NaN,
    );
  }
  const flags = last.flatMap((end) => Array.from({ length: rows }, (_, r) => Number(r > end)));
  return states.map((leaf) => {
    const behind = tensor(flags, { shape: [members * rows], dtype: 'i32' });
    const axes = leaf.shape.slice(batchAxes + 1).map(() => 1);
    return where(reshape(behind, [...batch, rows, ...axes]), tensor(Number.NaN, { dtype: leaf.dtype }), leaf);
  });
}
