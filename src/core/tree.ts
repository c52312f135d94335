// Trees: tensors in nested arrays and plain objects, as arguments and results of transformations.
import { ArgumentError } from './errors.js';
import { isPlainObject } from './kind.js';
import { sameShape, show } from './shape.js';
import { Tensor } from './tensor.js';

/**
 * A tensor, or arrays and plain objects of trees. Other values in it (numbers, strings, functions) are passed along.
 */
export type Tree = unknown;

/** Most levels of nesting: enough for any model, and well within the stack. */
const DEEPEST = 1000;

/**
 * The structure of a tree as data: where its leaves are, the keys of its objects, and the other values in it. Two trees
 * match if their arrays have the same lengths, their objects the same keys in any order, and their other values are
 * identical.
 */
export class Structure {
  readonly kind: 'leaf' | 'array' | 'object' | 'value';
  /** For an object: its keys, in order of insertion, one per part. */
  readonly keys: readonly string[];
  readonly parts: readonly Structure[];
  /** The value that is passed along. */
  readonly value: unknown;

  constructor(
    kind: Structure['kind'],
    parts: readonly Structure[],
    keys: readonly string[] = [],
    value?: unknown,
  ) {
    this.kind = kind;
    this.parts = parts;
    this.keys = keys;
    this.value = value;
  }

  /** How messages print it: {a:*,b:[*,3]}. */
  get text(): string {
    return this.print(() => '*');
  }

  /** The same with a text per leaf, in order. */
  print(leaf: () => string): string {
    if (this.kind === 'leaf') return leaf();
    if (this.kind === 'array') return `[${this.parts.map((part) => part.print(leaf))}]`;
    if (this.kind === 'object')
      return `{${this.parts.map((part, i) => `${keyText(this.keys[i])}:${part.print(leaf)}`)}}`;
    const { value } = this;
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'function') return 'function';
    return typeof value === 'object' && value !== null ? 'object' : String(value);
  }
}

const keyText = (key: string) => (/^[\w$]+$/.test(key) ? key : JSON.stringify(key));

const LEAF = /* @__PURE__ */ new Structure('leaf', []);

/** Whether a value is an object whose parts belong to a tree: a plain one, of any realm. */
export const isPlain: (value: Tree) => value is Record<string, Tree> = isPlainObject;

/** Throws for a tree that contains itself or is nested too deeply; `around` are the enclosing parts. */
export function checkNesting(name: string, part: object, around: readonly object[]): void {
  if (around.includes(part)) throw new ArgumentError(`${name}: a tree must not hold itself`);
  if (around.length >= DEEPEST)
    throw new ArgumentError(`${name}: a tree must not be nested deeper than ${DEEPEST} levels`);
}

/**
 * The tensors of a tree (depth first, keys in order of insertion) and its structure. `name`: the function, for errors.
 */
export function flatten(tree: Tree, name = 'flatten'): { leaves: Tensor[]; structure: Structure } {
  if (tree instanceof Tensor) return { leaves: [tree], structure: LEAF };
  const leaves: Tensor[] = [];
  return { leaves, structure: structureOf(tree, leaves, [], name) };
}

function structureOf(value: Tree, leaves: Tensor[], around: object[], name: string): Structure {
  if (value instanceof Tensor) {
    leaves.push(value);
    return LEAF;
  }
  const isArray = Array.isArray(value);
  if (!isArray && !isPlain(value)) return new Structure('value', [], [], value);
  checkNesting(name, value, around);
  around.push(value);
  const parts: Structure[] = [];
  let structure: Structure;
  if (isArray) {
    for (let i = 0; i < value.length; i++) parts.push(structureOf(value[i], leaves, around, name));
    structure = new Structure('array', parts);
  } else {
    const keys = Object.keys(value);
    for (const key of keys) parts.push(structureOf(value[key], leaves, around, name));
    structure = new Structure('object', parts, keys);
  }
  around.pop();
  return structure;
}

/** The tree with this structure and these leaves. */
export function unflatten(structure: Structure, leaves: readonly Tensor[]): Tree {
  if (structure === LEAF) return leaves[0];
  let at = 0;
  const build = ({ kind, parts, keys, value }: Structure): Tree => {
    if (kind === 'leaf') return leaves[at++];
    if (kind === 'value') return value;
    if (kind === 'array') return parts.map(build);
    const object: Record<string, Tree> = {};
    for (let i = 0; i < keys.length; i++) {
      const part = build(parts[i]);
      if (keys[i] === '__proto__') defineOwn(object, keys[i], part);
      else object[keys[i]] = part;
    }
    return object;
  };
  return build(structure);
}

/** Assignment to this key would set the prototype. */
function defineOwn(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The tree with every tensor replaced. */
export function mapTree(tree: Tree, f: (leaf: Tensor, index: number) => Tensor, name?: string): Tree {
  const { leaves, structure } = flatten(tree, name);
  return unflatten(structure, leaves.map(f));
}

/**
 * The leaves of a tree that matches, in the order of `structure`, whatever the order of the tree's own keys; else
 * undefined.
 */
export function leavesIn(tree: Tree, structure: Structure): Tensor[] | undefined {
  const leaves: Tensor[] = [];
  return collectIn(tree, structure, leaves) ? leaves : undefined;
}

function collectIn(tree: Tree, { kind, parts, keys, value }: Structure, leaves: Tensor[]): boolean {
  if (kind === 'leaf') {
    if (!(tree instanceof Tensor)) return false;
    leaves.push(tree);
    return true;
  }
  if (kind === 'value') return Object.is(tree, value);
  if (kind === 'array')
    return (
      Array.isArray(tree) &&
      tree.length === parts.length &&
      parts.every((part, i) => collectIn(tree[i], part, leaves))
    );
  return (
    isPlain(tree) &&
    Object.keys(tree).length === keys.length &&
    keys.every((key, i) => Object.hasOwn(tree, key) && collectIn(tree[key], parts[i], leaves))
  );
}

/** True where two structures match. */
export function sameStructure(a: Structure, b: Structure): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.parts.length !== b.parts.length) return false;
  if (a.kind === 'value') return Object.is(a.value, b.value);
  return a.parts.every((part, i) => {
    const at = a.kind === 'object' ? b.keys.indexOf(a.keys[i]) : i;
    return at >= 0 && sameStructure(part, b.parts[at]);
  });
}

/**
 * The leaves of `tree`, in the order of `like` (keys are matched by name). `tree` must match `like` in structure and,
 * leaf by leaf, in shape and dtype.
 */
export function leavesLike(name: string, argument: string, tree: Tree, like: Tree): Tensor[] {
  const { leaves: others, structure } = flatten(like, name);
  const leaves = leavesIn(tree, structure);
  if (leaves === undefined) {
    throw new ArgumentError(
      `${name}: ${argument} must have the structure ${structure.text}, got ${flatten(tree, name).structure.text}`,
    );
  }
  leaves.forEach((leaf, i) => {
    const other = others[i];
    if (leaf.dtype !== other.dtype || !sameShape(leaf.shape, other.shape)) {
      throw new ArgumentError(
        `${name}: ${argument} must match its ${other.dtype} ${show(other.shape)}, got ${leaf.dtype} ${show(leaf.shape)}`,
      );
    }
  });
  return leaves;
}
