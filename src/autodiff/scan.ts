// scan: a recurrence as one operation: a plain loop on values, one node in a traced graph.

import { closureOf } from '../compiler/closure.js';
import { checkCount, checkFlag, checkFunction } from '../core/check.js';
import { tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { scope } from '../core/scope.js';
import { sameShape, show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { flatten, isPlain, leavesIn, type Structure, type Tree, unflatten } from '../core/tree.js';
import { stack } from '../ops/concat.js';
import { reshape } from '../ops/layout.js';
import type { TensorSpec } from '../ops/op.js';
import { aliasOf } from '../ops/ownership.js';
import { slice } from '../ops/slice.js';
import { isRecording, UnknownValueError } from '../ops/tracer.js';
import { checkpoint, keptByTape } from './checkpoint.js';
import { innermostTape } from './reverse.js';
import { Loop } from './scan-loop.js';
import { runLoop } from './scan-rows.js';
import { type CheckpointSchedule, checkSchedule, inParts, type Schedule } from './schedule.js';

/** Options of `scan`. */
export interface ScanOptions {
  /** Number of steps, if there are no xs. */
  length?: number;
  /** Run from the last step to the first; ys are in the order of xs nevertheless. Default false. */
  reverse?: boolean;
  /** Which states reverse mode keeps; it recomputes the others. Default 'sqrt'. Values do not depend on it. */
  checkpoint?: CheckpointSchedule;
}

const SCAN_OPTIONS: OptionNames<ScanOptions> = { length: true, reverse: true, checkpoint: true };

/** The result of a step. */
export interface StepResult<C = unknown, Y = unknown> {
  carry: C;
  y?: Y;
}

/** The checked arguments. */
interface Problem {
  readonly step: (carry: Tree, x: Tree) => StepResult;
  readonly carry: ReturnType<typeof flatten>;
  readonly xs: ReturnType<typeof flatten>;
  readonly isIndexed: boolean;
  readonly steps: number;
  readonly reverse: boolean;
  readonly schedule: Schedule;
}

function checked(step: unknown, init: Tree, xs: Tree, options: ScanOptions): Problem {
  checkFunction('scan', 'step', step);
  checkOptions('scan', options, SCAN_OPTIONS);
  const { length, reverse = false, checkpoint: kept = 'sqrt' } = options;
  checkFlag('scan', 'reverse', reverse);
  if (length !== undefined) checkCount('scan', 'length', length);
  const [carry, operands] = [flatten(init, 'scan'), flatten(xs, 'scan')];
  if (carry.leaves.length === 0)
    throw new ArgumentError(`scan: init must be a tensor or a tree of tensors, got ${describe(init)}`);
  const isIndexed = xs === undefined;
  if (isIndexed && length === undefined) throw new ArgumentError('scan: xs or length is wanted, got neither');
  if (!isIndexed && operands.leaves.length === 0)
    throw new ArgumentError(`scan: xs must be a tensor or a tree of tensors, got ${describe(xs)}`);
  const steps = length ?? operands.leaves[0].shape[0];
  for (const leaf of operands.leaves) {
    if (leaf.ndim === 0 || leaf.shape[0] !== steps) {
      throw new ShapeError(
        `scan: every tensor in xs must have the ${steps} steps as its first axis, got shape ${show(leaf.shape)}`,
      );
    }
  }
  const schedule = checkSchedule('scan', 'checkpoint', kept, steps);
  return { step: step as Problem['step'], carry, xs: operands, isIndexed, steps, reverse, schedule };
}

/** The names of the leaves of a tree, depth first: carry.a, carry.b[0], … */
function namesOf(tree: Tree, name: string): string[] {
  if (tree instanceof Tensor) return [name];
  if (Array.isArray(tree)) return tree.flatMap((part, i) => namesOf(part, `${name}[${i}]`));
  return isPlain(tree) ? Object.entries(tree).flatMap(([key, part]) => namesOf(part, `${name}.${key}`)) : [];
}

/** The leaves of the carry that a step returned; their structure, shapes and dtypes must not change. */
function carryLeaves({ carry: { leaves, structure } }: Problem, given: Tree): Tensor[] {
  const next = leavesIn(given, structure);
  if (next === undefined) {
    throw new ArgumentError(
      `scan: the carry must keep its structure ${structure.text}, got ${flatten(given).structure.text} from step`,
    );
  }
  next.forEach((leaf, i) => {
    const { shape, dtype } = leaves[i];
    if (leaf.dtype === dtype && sameShape(leaf.shape, shape)) return;
    const which = leaves.length === 1 ? 'the carry' : namesOf(unflatten(structure, leaves), 'carry')[i];
    if (!sameShape(leaf.shape, shape))
      throw new ShapeError(
        `scan: ${which} must keep its shape ${show(shape)}, got ${show(leaf.shape)} from step`,
      );
    throw new DTypeError(`scan: ${which} must keep its dtype ${dtype}, got ${leaf.dtype} from step`);
  });
  return next;
}

/** Calls the step; it must return { carry, y? }. */
function called(problem: Problem, carry: readonly Tensor[], x: Tree): { carry: Tensor[]; y: Tree } {
  const result: unknown = problem.step(unflatten(problem.carry.structure, carry), x);
  if (typeof result !== 'object' || result === null || !('carry' in result))
    throw new ArgumentError(`scan: step must return { carry, y }, got ${describe(result)}`);
  const { carry: next, y } = result as StepResult;
  return { carry: carryLeaves(problem, next), y };
}

/**
 * A loop that carries a state: starting with `init`, step(carry, x) gives the next carry and a y, for every x of xs in
 * turn, like JAX's `lax.scan`. Differentiable in init, xs and what step captures, in both modes, to any order.
 *
 * Inside `compile` and `trace`, step is traced once, whatever the number of steps, and the loop is one node
 * (`node.body` is its step), which plans run without allocating; reverse mode keeps the states that `checkpoint` names
 * and recomputes the others. Elsewhere it is a plain loop, in which step may read values.
 * @param step (carry, x) => { carry, y }: trees of tensors; the carry keeps its structure, shapes and dtypes; y is
 * optional.
 * @param init the first carry.
 * @param xs a tree of tensors with the steps as their first axis. Without it, `length` gives the number of steps, and x
 * is the number of the step, an i32 scalar.
 * @returns { carry, ys }: the last carry, and the y of all steps, stacked along a new first axis; undefined without y.
 * @throws ArgumentError, ShapeError or DTypeError if the carry changes (it names the leaf), or if xs and length are
 * both missing.
 * @example
 * scan((s, x) => ({ carry: add(s, x), y: s }), tensor(0), tensor([1, 2, 3])).ys; // [0, 1, 3]
 */
export function scan<C extends Tree, X extends Tree, Y = undefined>(
  // biome-ignore lint/suspicious/noExplicitAny: a slice of the user's tree
  step: (carry: C, x: any) => { carry: C; y?: Y },
  init: C,
  xs?: X,
  options: ScanOptions = {},
): { carry: C; ys: Y } {
  const problem = checked(step, init, xs, options);
  return (
    isRecording()
      ? staged(problem)
      : problem.steps === 0
        ? empty(problem)
        : scope(() => (innermostTape() === undefined ? looped(problem) : recorded(problem)))
  ) as { carry: C; ys: Y };
}

/** The argument of step `t` besides the carry. */
function operandsOf({ xs, isIndexed }: Problem, t: number): Tree {
  if (isIndexed) return tensor(t, { dtype: 'i32' });
  const rows = xs.leaves.map((x) => {
    const [, ...shape] = x.shape;
    return reshape(slice(x, [t], [t + 1]), shape);
  });
  return unflatten(xs.structure, rows);
}

/** The results of the steps, stacked leaf by leaf. */
function stacked(ys: readonly Tree[]): Tree {
  const { leaves, structure } = flatten(ys[0]);
  const parts = ys.map((y) => {
    const found = leavesIn(y, structure);
    if (found !== undefined) return found;
    throw new ArgumentError(
      `scan: y must have one structure in all steps, got ${structure.text} and ${flatten(y).structure.text}`,
    );
  });
  return unflatten(
    structure,
    leaves.map((_, i) =>
      stack(
        parts.map((part) => part[i]),
        0,
      ),
    ),
  );
}

/** On values, or under forward mode: step after step; each state is freed when the next one exists. */
function looped(problem: Problem): StepResult & { ys: Tree } {
  const { steps, reverse, carry: first } = problem;
  const ys = new Array<Tree>(steps);
  let carry: readonly Tensor[] = first.leaves;
  let before: readonly Tensor[] = [];
  const kept = new Set<Tensor>(first.leaves);
  for (let i = 0; i < steps; i++) {
    const t = reverse ? steps - 1 - i : i;
    const { carry: next, y } = scope(() => called(problem, carry, operandsOf(problem, t)));
    ys[t] = y;
    for (const leaf of flatten(y).leaves) kept.add(leaf);
    for (const leaf of next) if (before.includes(leaf)) kept.add(leaf);
    for (const leaf of before) if (!kept.has(leaf)) leaf.dispose();
    before = next;
    carry = next;
  }
  return { carry: unflatten(first.structure, carry.map(aliasOf)), ys: stacked(ys) };
}

/** Inside a recording of reverse mode: in parts that the backward pass runs again. */
function recorded(problem: Problem): StepResult & { ys: Tree } {
  const { steps, reverse, carry: first, schedule } = problem;
  const at = (i: number) => (reverse ? steps - 1 - i : i);
  // The caller may dispose of them before the steps run again.
  const leaves = [...keptByTape(problem.xs.leaves)];
  const held = { ...problem, xs: { ...problem.xs, leaves } };
  const one = (carry: readonly Tensor[], i: number) => {
    const { carry: state, y } = called(held, carry, operandsOf(held, at(i)));
    return { state: state as readonly Tensor[], y };
  };
  const { state, ys } = inParts(schedule, steps, first.leaves, one, checkpoint);
  return {
    carry: unflatten(first.structure, state.map(aliasOf)),
    ys: stacked(reverse ? [...ys].reverse() : ys),
  };
}

/** No steps: ys have the shapes that a step would give, if it can be traced. */
function empty(problem: Problem): StepResult & { ys: Tree } {
  const { carry } = problem;
  try {
    const { ys } = staged(problem);
    return { carry: unflatten(carry.structure, carry.leaves.map(aliasOf)), ys };
  } catch (error) {
    if (!(error instanceof UnknownValueError)) throw error;
    return { carry: unflatten(carry.structure, carry.leaves.map(aliasOf)), ys: undefined };
  }
}

/** As one call: the step as a graph, with captured tensors as additional inputs. */
function staged(problem: Problem): StepResult & { ys: Tree } {
  const { carry, xs, isIndexed, steps, reverse, schedule } = problem;
  const rows: TensorSpec[] = isIndexed
    ? [{ shape: [], dtype: 'i32' }]
    : xs.leaves.map(({ shape: [, ...shape], dtype }) => ({ shape, dtype }));
  let results: Structure | undefined;
  const run = (...leaves: Tensor[]) => {
    const operands = leaves.slice(carry.leaves.length);
    const x = isIndexed ? operands[0] : unflatten(xs.structure, operands);
    const next = called(problem, leaves.slice(0, carry.leaves.length), x);
    const y = flatten(next.y);
    results = y.structure;
    return [...next.carry, ...y.leaves];
  };
  const { graph, captures } = closureOf('scan', run, [...carry.leaves, ...rows]);
  try {
    const count = carry.leaves.length;
    const loop = new Loop(graph, { carry: count, xs: rows.length }, { steps, reverse, isIndexed, schedule });
    const inputs = [...carry.leaves, ...xs.leaves, ...captures];
    const outputs = runLoop(loop, inputs);
    return {
      carry: unflatten(carry.structure, outputs.slice(0, count)),
      ys: unflatten(results as Structure, outputs.slice(count, loop.outputs)),
    };
  } finally {
    graph.dispose();
  }
}
