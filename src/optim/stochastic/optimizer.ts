// Optimisers for training loops: init(params) -> state, update(params, grads, state) -> { params, state }, and step in
// place.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { allocate, Tensor } from '../../core/tensor.js';
import { flatten, isPlain, leavesLike, mapTree, type Tree } from '../../core/tree.js';
import { checkFloat, cloneTensor } from '../../linalg/stack.js';
import { untraced, untracedTree } from '../../ops/untraced.js';

/**
 * The state of an optimiser: a plain object of numbers, tensors and trees of them, which can be saved and loaded as it
 * is.
 */
export type OptimizerState = Record<string, Tree>;

/**
 * A first-order optimiser for noisy gradients. Params and grads are trees of the same structure, f64 or f32. Steps have
 * no derivatives: a differentiated tensor is an error.
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
export interface OptimizerParts<S extends OptimizerState> {
  name: string;
  init(params: Tree): S;
  /** One step, leaf by leaf, in place; throws before it writes anything. */
  advance(params: readonly Tensor[], grads: readonly Tensor[], state: S, like: Tree): void;
}

/** Makes an optimiser from its parts. */
export function optimizerOf<S extends OptimizerState>({
  name,
  init,
  advance,
}: OptimizerParts<S>): Optimizer<S> {
  const step = (params: Tree, grads: Tree, state: S): void => {
    const leaves = floatLeaves(name, 'params', params);
    checkState(name, state);
    advance(leaves, partLike(name, 'grads', grads, params), state, params);
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
        untracedTree(name, 'params', params);
        untracedTree(name, 'state', state);
        const next = { params: copyTree(name, params), state: copyTree(name, state) };
        step(next.params, grads, next.state);
        return next;
      }),
    step,
  };
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

/** `state.step`, the number of steps taken. */
export function stepsOf(name: string, state: OptimizerState): number {
  const { step } = state;
  if (typeof step !== 'number' || !Number.isInteger(step) || step < 0)
    throw new ArgumentError(
      `${name}: state.step must be a whole number of at least 0, got ${describe(step)} (begin with init(params))`,
    );
  return step;
}
