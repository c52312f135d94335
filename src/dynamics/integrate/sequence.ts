// A sequence of steps whose states are kept at some of their ends.
import { checkpoint } from '../../autodiff/checkpoint.js';
import { innermostTape } from '../../autodiff/reverse.js';
import { inParts, type Schedule } from '../../autodiff/schedule.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';

type State = readonly Tensor[];

/** Steps, one after the other. */
export interface Sequence {
  readonly count: number;
  readonly step: (state: State, i: number) => State;
  /** Whether the state behind step i is kept. */
  readonly isRow: (i: number) => boolean;
  /** What of a state is kept. */
  readonly row: (state: State) => State;
}

/** Runs the steps; returns what is kept. Reverse mode keeps the states that the schedule names. */
export function rowsOf(start: State, sequence: Sequence, schedule: Schedule): State[] {
  return innermostTape() === undefined ? looped(start, sequence) : recorded(start, sequence, schedule);
}

function recorded(start: State, { count, step, isRow, row }: Sequence, schedule: Schedule): State[] {
  const one = (state: State, i: number) => {
    const next = step(state, i);
    return { state: next, y: isRow(i) ? row(next) : undefined };
  };
  const { ys } = inParts(schedule, count, start, one, checkpoint);
  return ys.filter((y) => y !== undefined);
}

/** Each state is freed when the next one exists, unless it is kept. */
function looped(start: State, { count, step, isRow, row }: Sequence): State[] {
  const rows: State[] = [];
  const kept = new Set<Tensor>(start);
  let state = start;
  for (let i = 0; i < count; i++) {
    const next = scope(() => step(state, i) as Tensor[]);
    if (isRow(i)) {
      rows.push(row(next));
      for (const leaf of row(next)) kept.add(leaf);
    }
    for (const leaf of state) if (!kept.has(leaf) && !next.includes(leaf)) leaf.dispose();
    state = next;
  }
  return rows;
}
