// Trees: tensors in nested arrays and plain objects, as arguments and results of transformations.
import { ArgumentError } from './errors.js';
import { show } from './shape.js';
import { Tensor } from './tensor.js';

/** A tensor, or arrays and plain objects of trees. Anything else in it (numbers, strings, functions) is carried along. */
export type Tree = unknown;

/** The shape of a tree: what `unflatten` needs beside the leaves. */
export interface Structure {
  /** Puts leaves back, `next` giving one after the other. */
  build(next: () => Tensor): Tree;
  /** How it looks, for comparison and for messages. */
  readonly text: string;
}

/** Whether a value is an object by literal, whose parts belong to a tree. */
export function isPlain(value: Tree): value is Record<string, Tree> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The tensors of a tree, depth first, keys in order of insertion, and its structure. */
export function flatten(tree: Tree): { leaves: Tensor[]; structure: Structure } {
  const leaves: Tensor[] = [];
  const walk = (value: Tree): Structure => {
    if (value instanceof Tensor) {
      leaves.push(value);
      return { build: (next) => next(), text: '*' };
    }
    if (Array.isArray(value)) {
      const parts = value.map(walk);
      return { build: (next) => parts.map((p) => p.build(next)), text: `[${parts.map((p) => p.text)}]` };
    }
    if (isPlain(value)) {
      const entries = Object.entries(value).map(([key, part]) => [key, walk(part)] as const);
      return {
        build: (next) => Object.fromEntries(entries.map(([key, part]) => [key, part.build(next)])),
        text: `{${entries.map(([key, part]) => `${key}:${part.text}`)}}`,
      };
    }
    return { build: () => value, text: typeof value === 'object' ? 'object' : String(value) };
  };
  const structure = walk(tree);
  return { leaves, structure };
}

/** The tree of this structure with these leaves. */
export function unflatten(structure: Structure, leaves: readonly Tensor[]): Tree {
  let at = 0;
  return structure.build(() => leaves[at++]);
}

/** The tree with every tensor replaced. */
export function mapTree(tree: Tree, f: (leaf: Tensor, index: number) => Tensor): Tree {
  const { leaves, structure } = flatten(tree);
  return unflatten(structure, leaves.map(f));
}

/** The leaves of `tree`, which must have the structure, and leaf by leaf the shapes and dtypes, of `like`. */
export function leavesLike(name: string, argument: string, tree: Tree, like: Tree): Tensor[] {
  const [got, wanted] = [flatten(tree), flatten(like)];
  if (got.structure.text !== wanted.structure.text) {
    throw new ArgumentError(
      `${name}: ${argument} must have the structure ${wanted.structure.text}, got ${got.structure.text}`,
    );
  }
  got.leaves.forEach((leaf, i) => {
    const other = wanted.leaves[i];
    if (leaf.dtype !== other.dtype || show(leaf.shape) !== show(other.shape)) {
      throw new ArgumentError(
        `${name}: ${argument} must match its ${other.dtype} ${show(other.shape)}, got ${leaf.dtype} ${show(leaf.shape)}`,
      );
    }
  });
  return got.leaves;
}
