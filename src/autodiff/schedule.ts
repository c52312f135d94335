// Which states of a recurrence the forward pass keeps; the backward pass recomputes the others.

import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { ceilLog2 } from '../core/scalars.js';

/**
 * 'sqrt': keeps about 2 √n states and runs each step twice. 'binomial': 1 + log2 n states with the fewest repetitions
 * possible (Griewank, 1992), or `{ snapshots }` states. 'log': halves again and again: log2 n states, log2 n times the
 * work. 'none': every state.
 */
export type CheckpointSchedule = 'none' | 'sqrt' | 'binomial' | 'log' | { readonly snapshots: number };

/** A schedule with its numbers. */
export interface Schedule {
  readonly kind: 'none' | 'sqrt' | 'binomial' | 'log';
  /** States that 'binomial' may keep. */
  readonly snapshots: number;
}

/** The schedule for an option. */
export function checkSchedule(name: string, argument: string, option: unknown, steps: number): Schedule {
  const least = 1 + ceilLog2(Math.max(2, steps));
  if (option === 'none' || option === 'sqrt' || option === 'binomial' || option === 'log')
    return { kind: option, snapshots: least };
  const snapshots: unknown = (option as { snapshots?: unknown } | null | undefined)?.snapshots;
  if (typeof snapshots === 'number' && Number.isInteger(snapshots) && snapshots >= 1)
    return { kind: 'binomial', snapshots };
  throw new ArgumentError(
    `${name}: ${argument} must be 'none', 'sqrt', 'binomial', 'log' or { snapshots: a positive integer }, got ${describe(option)}`,
  );
}

/** Steps in a segment of 'sqrt'. */
export function segmentOf(steps: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(steps)));
}

/** Steps from one state that the forward pass keeps to the next; undefined if it keeps none. */
export function keptEvery({ kind }: Schedule, steps: number): number | undefined {
  if (steps <= 1) return undefined;
  return kind === 'none' ? 1 : kind === 'sqrt' ? segmentOf(steps) : undefined;
}

/** Steps before the next snapshot, in a sequence of `length` with `kept` snapshots to place. */
export function splitOf({ kind }: Schedule, length: number, kept: number): number {
  return kind === 'log' ? Math.ceil(length / 2) : binomialSplit(length, kept);
}

/** The number of steps that the fewest repetitions can cover. */
function binomialSplit(length: number, kept: number): number {
  // C(kept + r, kept) steps can be reversed with r repetitions; take the smallest r that is enough.
  let [repetitions, covered] = [1, kept + 1];
  while (covered < length) {
    repetitions++;
    covered = (covered * (kept + repetitions)) / repetitions;
  }
  const first = (covered * repetitions) / (kept + repetitions);
  return Math.max(1, Math.min(length - 1, Math.round(first)));
}

/**
 * Runs a recurrence from `state` in parts, each of which `checkpoint` may run again later, so that only their initial
 * states are kept. `step` appends its output to `ys`.
 */
export function inParts<S, Y>(
  schedule: Schedule,
  steps: number,
  start: S,
  step: (state: S, index: number) => { state: S; y: Y },
  checkpoint: (f: (state: S) => { state: S; ys: Y[] }) => (state: S) => { state: S; ys: Y[] },
): { state: S; ys: Y[] } {
  const plain = (from: number, to: number) => (first: S) => {
    const ys: Y[] = [];
    let state = first;
    for (let i = from; i < to; i++) {
      const next = step(state, i);
      state = next.state;
      ys.push(next.y);
    }
    return { state, ys };
  };
  const single = (state: S, i: number) => checkpoint(plain(i, i + 1))(state);
  const chain = (first: { state: S; ys: Y[] }, rest: (state: S) => { state: S; ys: Y[] }) => {
    const last = rest(first.state);
    return { state: last.state, ys: [...first.ys, ...last.ys] };
  };
  if (schedule.kind === 'none') return plain(0, steps)(start);
  if (schedule.kind === 'sqrt') {
    const length = segmentOf(steps);
    const all: Y[] = [];
    let state = start;
    for (let from = 0; from < steps; from += length) {
      const to = Math.min(steps, from + length);
      const part = checkpoint((first) => {
        const ys: Y[] = [];
        let inner = first;
        for (let i = from; i < to; i++) {
          const next = single(inner, i);
          inner = next.state;
          for (const y of next.ys) ys.push(y);
        }
        return { state: inner, ys };
      })(state);
      state = part.state;
      for (const y of part.ys) all.push(y);
    }
    return { state, ys: all };
  }
  // The first part is one checkpoint, so that while the second part is walked back only its initial state is kept.
  const run = (first: S, from: number, to: number, kept: number): { state: S; ys: Y[] } => {
    const length = to - from;
    if (length <= 0) return { state: first, ys: [] };
    if (length === 1) return single(first, from);
    if (kept <= 1 && schedule.kind === 'binomial') {
      const before = checkpoint((state) => run(state, from, to - 1, 1))(first);
      return chain(before, (state) => run(state, to - 1, to, 1));
    }
    const middle = from + splitOf(schedule, length, kept);
    const before = checkpoint((state) => run(state, from, middle, kept))(first);
    return chain(before, (state) => run(state, middle, to, kept - 1));
  };
  return run(start, 0, steps, schedule.snapshots);
}
