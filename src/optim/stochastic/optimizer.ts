// An optimiser of training loops: init(params) -> state, update(params, grads, state) -> { params, state }, step in place.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { allocate, Tensor } from '../../core/tensor.js';
import { flatten, isPlain, leavesLike, mapTree, type Tree } from '../../core/tree.js';
import { checkFloat, cloneTensor } from '../../linalg/stack.js';
import { untraced, untracedTree } from '../../ops/untraced.js';

/** What an optimiser remembers: a plain object of numbers, tensors and trees of them, to be saved and loaded as it is. */
export type OptimizerState = Record<string, Tree>;

/**
 * A first-order optimiser for gradients that are noisy. Params and grads are trees of the same structure, f64 or f32. Steps have no
 * derivatives: a tensor that is differentiated is an error.
 */
export interface Optimizer<S extends OptimizerState = OptimizerState> {
  readonly name: string;
  /** The state before the first step; its tensors are the caller's. */
  init(params: Tree): S;
  /** New params and a new state, whose tensors are the caller's; those that are given stay as they are. */
  update<P extends Tree>(params: P, grads: Tree, state: S): { params: P; state: S };
  /** The same in place: params and state are overwritten, bit for bit what `update` gives. */
  step(params: Tree, grads: Tree, state: S): void;
}

/** What a kind of optimiser consists of; everything has been checked when these are called. */
export interface OptimizerParts<S extends OptimizerState> {
  name: string;
  init(params: Tree): S;
  /** One step, leaf by leaf, in place; throws before it writes anything. */
  advance(params: readonly Tensor[], grads: readonly Tensor[], state: S, like: Tree): void;
}

/** The optimiser of its parts. */
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

/** Trees nested deeper than this are walked with care. */
const DEEPEST = 100;

/** The tensors of a tree, all of f64 or f32; one at least. */
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

/** The leaves of a tree that is like the parameters: gradients, or a part of a state. None has been disposed. */
export function partLike(name: string, argument: string, tree: Tree, like: Tree): Tensor[] {
  let leaves: Tensor[] = [];
  // What does not match goes the long way, to an error that says why.
  if (!matchInto(tree, like, leaves)) leaves = leavesLike(name, argument, tree, like);
  for (const leaf of leaves) void untraced(name, argument, leaf).address;
  return leaves;
}

/**
 * Gathers the leaves of a tree in the order of another one: a walk without garbage, for every step. Whether they match; not where
 * they are nested too deep, or without end.
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

/** A copy of a tree, numbers and all. */
export function copyTree<T extends Tree>(name: string, tree: T): T {
  return mapTree(tree, (leaf) => cloneTensor(leaf, name), name) as T;
}

function checkState(name: string, state: unknown): void {
  if (typeof state !== 'object' || state === null)
    throw new ArgumentError(`${name}: state must be what init(params) gives, got ${describe(state)}`);
}

/** `state.step`, how many steps have been taken. */
export function stepsOf(name: string, state: OptimizerState): number {
  const { step } = state;
  if (typeof step !== 'number' || !Number.isInteger(step) || step < 0)
    throw new ArgumentError(
      `${name}: state.step must be a whole number of at least 0, got ${describe(step)} (begin with init(params))`,
    );
  return step;
}
