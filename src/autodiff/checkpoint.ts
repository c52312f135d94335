// checkpoint: stores the arguments of a part of a program instead of its intermediate values, and recomputes those
// later.

import { checkFunction } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { ceilLog2 } from '../core/scalars.js';
import { close, type Owned, open } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, type Tree, unflatten } from '../core/tree.js';
import { ownedBy, retain } from '../ops/ownership.js';
import { traceOf } from '../ops/tracer.js';
import type { TreeFunction } from './arguments.js';
import { type Dual, ForwardTrace } from './forward.js';
import { jvp } from './jvp.js';
import { innermostTape, type Tape } from './reverse.js';
import { checkSchedule, inParts } from './schedule.js';

/**
 * f, recomputed in the backward pass: a recording stores only its arguments and its value. f may use tensors from
 * outside; it must compute the same when it runs again. Checkpoints nest. With nested grad, only the innermost
 * recording saves memory. For grad of jvp the tangents of f are recomputed, too, provided that f receives the values
 * with tangents as arguments and not by closure.
 * @example
 * const loss = (w) => sum(square(checkpoint(block)(w)));
 */
export function checkpoint<F extends TreeFunction>(f: F): F {
  checkFunction('checkpoint', 'f', f);
  return ((...args: Parameters<F>) => {
    const tape = innermostTape();
    if (tape === undefined) return f(...args);
    const { leaves, structure } = flatten(args, 'checkpoint');
    const trace = leaves.length > 0 ? traceOf('checkpoint', leaves) : undefined;
    const isInside = trace instanceof ForwardTrace && trace.level > tape.level;
    const done = isInside ? withTangents(tape, trace, f, args) : undefined;
    if (done !== undefined) return done.result;
    // The caller may dispose of arguments that are not traced before f runs again.
    const held = heldBy(tape, leaves);
    return tape.checkpoint(() => f(...(unflatten(structure, held) as Parameters<F>)));
  }) as F;
}

/** Handles on values that live as long as the recording. */
function heldBy(tape: Tape, values: readonly Tensor[]): Tensor[] {
  return ownedBy(tape.values, () => values.map((x) => (tape.owns(x) ? x : retain(x))));
}

/** Handles on values that parts of a recording will use when they run again; the values themselves where nothing is recorded. */
export function keptByTape(values: readonly Tensor[]): readonly Tensor[] {
  const tape = innermostTape();
  return tape === undefined ? values : heldBy(tape, values);
}

/**
 * f in a forward pass inside the recording. The backward pass cannot run f on tensors of a forward pass that is over,
 * so it runs a forward pass of its own, (x, tx) -> (f(x), df(x) tx), as a checkpoint. Undefined if f captures tensors
 * of the pass.
 */
function withTangents(
  tape: Tape,
  trace: ForwardTrace,
  f: TreeFunction,
  args: readonly Tree[],
): { result: Tree } | undefined {
  const { leaves, structure } = flatten(args);
  const at = leaves.flatMap((x, i) => (trace.owns(x) ? [i] : []));
  const both = (xs: readonly Tensor[], tangents: readonly Tensor[]) =>
    jvp(
      (...moved: Tensor[]) => {
        const all = [...xs];
        at.forEach((position, k) => {
          all[position] = moved[k];
        });
        return f(...(unflatten(structure, all) as Tree[]));
      },
      at.map((i) => xs[i]),
      tangents,
    );
  keepAround(tape);
  const [xs, tangents] = ownedBy(tape.values, () => [
    leaves.map((x) => retain(trace.owns(x) ? x.primal : x)),
    at.map((i) => retain((leaves[i] as Dual).tangent)),
  ]);
  trace.open = false;
  try {
    const { value, tangent } = checkpoint(both)(xs, tangents);
    const [y, ty] = [flatten(value), flatten(tangent)];
    const lifted = y.leaves.map((v, i) => (v.dtype === 'i32' ? v : trace.lift(v, ty.leaves[i])));
    return { result: unflatten(y.structure, lifted) };
  } catch (error) {
    // The pass is closed meanwhile, so that f gets an error if it uses one of its tensors.
    if (error instanceof ArgumentError) return undefined;
    throw error;
  } finally {
    trace.open = true;
  }
}

/**
 * Moves everything made so far to the recording: f may use it when it runs again, and the scopes in which it was made
 * (that of the forward pass first of all) end before that.
 */
function keepAround({ values }: Tape): void {
  const lists: Owned[][] = [];
  for (let list = close(); list !== values; list = close()) lists.push(list);
  open(values);
  for (const list of lists.reverse()) {
    for (const x of list.splice(0)) values.push(x);
    open(list);
  }
}

/** Options of `checkpointSequence`. */
export interface SequenceOptions {
  /**
   * 'sqrt' (default): keeps about 2 sqrt(n) states and runs each step twice. 'binomial': keeps `snapshots` states at a
   * time (default 1 + log2 n), with the fewest repetitions possible (Griewank, 1992). 'log': halves the sequence again
   * and again: log2 n states, log2 n times the work. 'none': keeps every state.
   */
  schedule?: 'none' | 'sqrt' | 'binomial' | 'log';
  /** States that 'binomial' may keep. */
  snapshots?: number;
}

const SEQUENCE_OPTIONS: OptionNames<SequenceOptions> = { schedule: true, snapshots: true };

/**
 * step(step(… step(state, 0) …, n - 2), n - 1): a long recurrence whose gradient needs memory for only a few states.
 * @param step (state, i) => the next state, trees of tensors; called more than once for the same i.
 * @param state the initial state.
 * @param n the number of steps.
 * @example
 * const end = checkpointSequence((x, i) => add(x, mul(0.01, force(x))), start, 10000);
 */
export function checkpointSequence<S extends Tree>(
  step: (state: S, index: number) => S,
  state: S,
  n: number,
  options: SequenceOptions = {},
): S {
  const name = 'checkpointSequence';
  checkFunction(name, 'step', step);
  if (!Number.isInteger(n) || n < 0)
    throw new ArgumentError(`${name}: n must be a count of steps, got ${describe(n)}`);
  checkOptions(name, options, SEQUENCE_OPTIONS);
  const { schedule = 'sqrt', snapshots = 1 + ceilLog2(Math.max(2, n)) } = options;
  if (!Number.isInteger(snapshots) || snapshots < 1)
    throw new ArgumentError(`${name}: snapshots must be a positive integer, got ${describe(snapshots)}`);
  const settled =
    schedule === 'binomial'
      ? checkSchedule(name, 'snapshots', { snapshots }, n)
      : checkSchedule(name, 'schedule', schedule, n);
  const one = (before: S, i: number) => ({ state: step(before, i), y: undefined });
  return inParts(settled, n, state, one, checkpoint).state;
}
