// Long windows: a loop over the rows whose memory is O(√T) states, and in which what the rows give is summed, or kept, as it goes.

import { keptByTape, checkpoint as recomputed } from '../../autodiff/checkpoint.js';
import { scan } from '../../autodiff/scan.js';
import { checkSchedule, inParts } from '../../autodiff/schedule.js';
import type { Tensor } from '../../core/tensor.js';
import { rowsOf } from '../../dynamics/integrate/sequence.js';
import { repeated } from '../../dynamics/repeated.js';
import { advanced } from '../../dynamics/system.js';
import { add } from '../../ops/arithmetic.js';
import { stack } from '../../ops/concat.js';
import { transpose } from '../../ops/layout.js';
import { narrow, rowAt } from '../../ops/slice.js';
import type { CheckedProblem } from '../problem/checked.js';
import type { RowData } from './misfit.js';

/** What a row gives, from its number, the state there, and its data: always of one shape. */
export type Visit = (row: number, x: Tensor, data: RowData) => Tensor;

/** Σ over the rows of what they give, for states from x0 on; `zero` has the shape of it. */
export function summedRows(
  problem: CheckedProblem,
  x0: Tensor,
  given: RowData,
  zero: Tensor,
  visit: Visit,
): Tensor {
  const { steps } = problem;
  const data = kept(given);
  const first = moved(problem, x0, steps[0]);
  const gap = evenGap(problem);
  if (gap === undefined) {
    const one = ({ x, total }: Carry, i: number): Carry => {
      const at = i === 0 ? x : moved(problem, x, steps[i] - steps[i - 1]);
      return { x: at, total: add(total, visit(i, at, rowOf(problem, data, i))) };
    };
    return looped(problem, { x: first, total: zero }, one).total;
  }
  const { body, last } = splitRows(problem, data);
  const end =
    body === undefined
      ? { x: first, total: zero }
      : (scan(
          ({ x, total }: Carry, row: RowData) => ({
            carry: { x: moved(problem, x, gap), total: add(total, visit(0, x, row)) },
          }),
          { x: first, total: zero },
          body,
          { checkpoint: problem.checkpoint },
        ).carry as Carry);
  return add(end.total, visit(steps.length - 1, end.x, last));
}

/** The data as rows that run again may use it, whatever becomes of the scope in which it was made. */
function kept({ y, mask }: RowData): RowData {
  const [rows, flags] = keptByTape(mask === undefined ? [y] : [y, mask]);
  return { y: rows, mask: flags };
}

/** What all rows give: [m, ...what a row gives]. */
export function stackedRows(problem: CheckedProblem, x0: Tensor, given: RowData, visit: Visit): Tensor {
  const { steps, checkpoint } = problem;
  const data = kept(given);
  const first = moved(problem, x0, steps[0]);
  const gap = evenGap(problem);
  if (gap === undefined) {
    const schedule = checkSchedule('objective', 'checkpoint', checkpoint, steps.length);
    const one = (x: Tensor, i: number) => {
      const at = i === 0 ? x : moved(problem, x, steps[i] - steps[i - 1]);
      return { state: at, y: visit(i, at, rowOf(problem, data, i)) };
    };
    return stack(inParts(schedule, steps.length, first, one, recomputed).ys, 0);
  }
  // One more step than is needed at the end, which costs less than a row apart from the others.
  const { ys } = scan(
    (x: Tensor, row: RowData) => ({ carry: moved(problem, x, gap), y: visit(0, x, row) }),
    first,
    rowsFirst(problem, data),
    { checkpoint },
  );
  return ys as Tensor;
}

interface Carry {
  readonly x: Tensor;
  readonly total: Tensor;
}

/** The state so many intervals later. */
function moved({ own, checkpoint }: CheckedProblem, x: Tensor, intervals: number): Tensor {
  if (intervals === 0) return x;
  return repeated((z) => advanced(own, z, checkpoint), x, intervals, checkpoint);
}

/** The intervals from row to row, if they are always as many and no row needs to know its number; 0 for one row. */
function evenGap({ steps, observer }: CheckedProblem): number | undefined {
  if (!observer.steady) return undefined;
  if (steps.length === 1) return 0;
  const gap = steps[1] - steps[0];
  return steps.every((step, i) => step === steps[0] + i * gap) ? gap : undefined;
}

/** The last carry of the recurrence, whose steps know their number. */
function looped(problem: CheckedProblem, start: Carry, one: (carry: Carry, i: number) => Carry): Carry {
  const count = problem.steps.length;
  const sequence = {
    count,
    step([x, total]: readonly Tensor[], i: number) {
      const next = one({ x, total }, i);
      return [next.x, next.total];
    },
    isRow: (i: number) => i === count - 1,
    row: (carry: readonly Tensor[]) => carry,
  };
  const schedule = checkSchedule('objective', 'checkpoint', problem.checkpoint, count);
  const [[x, total]] = rowsOf([start.x, start.total], sequence, schedule);
  return { x, total };
}

/** A row of the data. */
function rowOf({ batch }: CheckedProblem, { y, mask }: RowData, i: number): RowData {
  return { y: rowAt(y, batch.length, i), mask: mask && rowAt(mask, 0, i) };
}

/** The data with the rows as the first axis. */
function rowsFirst({ batch }: CheckedProblem, { y, mask }: RowData): RowData {
  const axis = batch.length;
  const order = [axis, ...y.shape.flatMap((_, i) => (i === axis ? [] : [i]))];
  return { y: axis === 0 ? y : transpose(y, order), mask };
}

/** All rows but the last, as `scan` takes them, and the last. */
function splitRows(problem: CheckedProblem, data: RowData): { body: RowData | undefined; last: RowData } {
  const count = problem.steps.length - 1;
  const last = rowOf(problem, data, count);
  if (count === 0) return { body: undefined, last };
  const { y, mask } = rowsFirst(problem, data);
  return { body: { y: narrow(y, 0, 0, count), mask: mask && narrow(mask, 0, 0, count) }, last };
}
