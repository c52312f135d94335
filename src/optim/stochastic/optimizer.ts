// Optimisers for training loops: init(params) -> state, update(params, grads, state) -> { params, state }, and step in
// place.
import { full } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { allocate, Tensor } from '../../core/tensor.js';
import { flatten, isPlain, leavesLike, mapTree, type Tree, unflatten } from '../../core/tree.js';
import { checkFloat, cloneTensor } from '../../linalg/stack.js';
import { applyAll, type Op } from '../../ops/op.js';
import { isRecording } from '../../ops/tracer.js';
import { untraced, untracedTree } from '../../ops/untraced.js';
import type { StepParts } from './step-row.js';

/**
 * The state of an optimiser: a plain object of numbers, tensors and trees of them, which can be saved and loaded as it
 * is.
 */
export type OptimizerState = Record<string, Tree>;

/**
 * A first-order optimiser for noisy gradients. Params and grads are trees of the same structure, f64 or f32. Steps have
 * no derivatives: a differentiated tensor is an error. In a function that is compiled, `update` becomes part of the program, and
 * `state.step` an i32 scalar.
 */
export interface Optimizer<S extends OptimizerState = OptimizerState> {
  readonly name: string;
  /** The state before the first step; the caller owns its tensors. */
  init(params: Tree): S;
  /** New params and a new state, whose tensors the caller owns; the given ones are not changed. */
  update<P extends Tree>(params: P, grads: Tree, state: S): { params: P; state: S };
  /** The same in place: overwrites params and state, with the same bits as `update`. */
  step(params: Tree, grads: Tree, state: S): void;
}

/** The parts of a kind of optimiser; all arguments have been checked when these are called. */
export interface OptimizerParts<S extends OptimizerState, P, K> extends StepParts<P, K> {
  name: string;
  init(params: Tree): S;
  /** The parts of the state that are trees like the parameters, in the order in which a step has them. */
  slots: readonly (keyof S & string)[];
  /** The row of the same step. */
  row: Op<P>;
  options: P;
}

/** Makes an optimiser from its parts. */
export function optimizerOf<S extends OptimizerState, P, K>(parts: OptimizerParts<S, P, K>): Optimizer<S> {
  const { name, init, slots, scalars, run, options } = parts;
  const step = (params: Tree, grads: Tree, state: S): void => {
    const leaves = floatLeaves(name, 'params', params);
    checkState(name, state);
    const slopes = partLike(name, 'grads', grads, params);
    const steps = stepsOf(name, state);
    const trees = slots.map((slot) => partLike(name, `state.${slot}`, state[slot], params));
    const numbers = scalars(steps, options);
    const own = new Array<Tensor>(trees.length);
    leaves.forEach((leaf, i) => {
      for (let k = 0; k < trees.length; k++) own[k] = trees[k][i];
      run(leaf, slopes[i], own, numbers, options);
    });
    setSteps(state, steps + 1);
  };
  return {
    name,
    init(params) {
      const leaves = floatLeaves(name, 'params', params);
      if (new Set(leaves.map((leaf) => leaf.storage)).size < leaves.length) {
        throw new ArgumentError(
          `${name}: params must be tensors of their own, got one (or a view of it) twice (use it twice in the loss, not in params)`,
        );
      }
      return scope<OptimizerState>(() => init(params)) as S;
    },
    update: (params, grads, state) =>
      scope(() => {
        checkState(name, state);
        if (isRecording()) return recordedUpdate(parts, params, grads, state);
        untracedTree(name, 'params', params);
        untracedTree(name, 'state', state);
        const next = { params: copyTree(name, params), state: copyTree(name, state) };
        step(next.params, grads, next.state);
        return next;
      }),
    step,
  };
}

/** The same in operations, one row a leaf; the number of steps becomes a tensor, so that it may change from run to run. */
function recordedUpdate<S extends OptimizerState, T extends Tree, P, K>(
  { name, slots, row, options }: OptimizerParts<S, P, K>,
  params: T,
  grads: Tree,
  state: S,
): { params: T; state: S } {
  const { leaves, structure } = flatten(params, name);
  for (const leaf of leaves) checkFloat(name, 'params', leaf);
  const slopes = leavesLike(name, 'grads', grads, params);
  const trees = slots.map((slot) => leavesLike(name, `state.${slot}`, state[slot], params));
  const count = stepsTensor(name, state);
  const next = leaves.map((leaf, i) =>
    applyAll(row, [leaf, slopes[i], ...trees.map((t) => t[i]), count], options),
  );
  const tree = (k: number): Tree =>
    unflatten(
      structure,
      next.map((outputs) => outputs[k]),
    );
  const parts = Object.fromEntries(slots.map((slot, k) => [slot, tree(1 + k)]));
  const steps = next.length > 0 ? next[0][1 + slots.length] : count;
  return { params: tree(0) as T, state: { ...state, ...parts, step: steps } };
}

/** Trees nested deeper than this take a slower path. */
const DEEPEST = 100;

/** The tensors of a tree, all of f64 or f32; at least one. */
export function floatLeaves(name: string, argument: string, tree: Tree): Tensor[] {
  let leaves: Tensor[] = [];
  if (!matchInto(tree, tree, leaves)) leaves = flatten(tree, name).leaves;
  if (leaves.length === 0)
    throw new ArgumentError(
      `${name}: ${argument} must be a tensor or a tree of tensors, got ${describe(tree)}`,
    );
  for (const leaf of leaves) untraced(name, argument, checkFloat(name, argument, leaf));
  return leaves;
}

/** The leaves of a tree like the parameters: gradients, or a part of a state. None of them is disposed. */
export function partLike(name: string, argument: string, tree: Tree, like: Tree): Tensor[] {
  let leaves: Tensor[] = [];
  // A mismatch takes the slow path, which throws an error with the reason.
  if (!matchInto(tree, like, leaves)) leaves = leavesLike(name, argument, tree, like);
  for (const leaf of leaves) void untraced(name, argument, leaf).address;
  return leaves;
}

/**
 * Collects the leaves of a tree in the order of another one, without garbage, for every step. Returns whether they
 * match; false also if they are nested too deeply, or without end.
 */
function matchInto(tree: Tree, like: Tree, leaves: Tensor[], depth = 0): boolean {
  if (like instanceof Tensor) {
    if (!(tree instanceof Tensor) || tree.dtype !== like.dtype || tree.ndim !== like.ndim) return false;
    for (let axis = 0; axis < like.ndim; axis++) if (tree.shape[axis] !== like.shape[axis]) return false;
    leaves.push(tree);
    return true;
  }
  if (depth > DEEPEST) return false;
  if (Array.isArray(like)) {
    if (!Array.isArray(tree) || tree.length !== like.length) return false;
    for (let i = 0; i < like.length; i++) if (!matchInto(tree[i], like[i], leaves, depth + 1)) return false;
    return true;
  }
  if (!isPlain(like)) return Object.is(tree, like);
  if (!isPlain(tree)) return false;
  let more = 0;
  for (const key in like) {
    if (!matchInto(tree[key], like[key], leaves, depth + 1)) return false;
    more--;
  }
  for (const _ in tree) more++;
  return more === 0;
}

/** Zeros in the structure of a tree. */
export function zerosOf(name: string, tree: Tree): Tree {
  return filledLike(name, tree, 0);
}

/** One number everywhere in the structure of a tree. */
export function filledLike(name: string, tree: Tree, value: number): Tree {
  return mapTree(tree, ({ shape, dtype }) => {
    const leaf = allocate(shape, dtype, name);
    leaf.data().fill(value);
    return leaf;
  });
}

/** A copy of a tree, including its numbers. */
export function copyTree<T extends Tree>(name: string, tree: T): T {
  return mapTree(tree, (leaf) => cloneTensor(leaf, name), name) as T;
}

function checkState(name: string, state: unknown): void {
  if (typeof state !== 'object' || state === null)
    throw new ArgumentError(`${name}: state must be what init(params) gives, got ${describe(state)}`);
}

/** `state.step`, the number of steps taken: a number, or an i32 scalar where the step was compiled. */
export function stepsOf(name: string, state: OptimizerState): number {
  const { step } = state;
  const value = isCount(step) ? untraced(name, 'state.step', step).item() : step;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw new ArgumentError(
      `${name}: state.step must be a whole number of at least 0, got ${describe(step)} (begin with init(params))`,
    );
  return value;
}

function isCount(step: unknown): step is Tensor {
  return step instanceof Tensor && step.dtype === 'i32' && step.ndim === 0;
}

/** Sets the number of steps taken, in place if it is a tensor. */
export function setSteps(state: OptimizerState, steps: number): void {
  if (state.step instanceof Tensor) state.step.data()[0] = steps;
  else state.step = steps;
}

/** The number of steps taken as a tensor, for functions that are compiled. */
function stepsTensor(name: string, state: OptimizerState): Tensor {
  const { step } = state;
  return isCount(step) ? step : full([], stepsOf(name, state), { dtype: 'i32' });
}
