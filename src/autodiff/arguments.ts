// Arguments of transformations: trees of tensors, some of which are differentiated.

import { tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, type Structure, type Tree, unflatten } from '../core/tree.js';

/** A function of trees. */
// biome-ignore lint/suspicious/noExplicitAny: arguments and results are whatever trees the user's function has
export type TreeFunction = (...args: any[]) => any;

/** Positions of the differentiated arguments, each in 0 … count - 1. */
export function checkArgnums(name: string, argnums: number | readonly number[], count: number): number[] {
  if (typeof argnums !== 'number' && !Array.isArray(argnums)) {
    throw new ArgumentError(
      `${name}: argnums must be the position of an argument or an array of positions, got ${describe(argnums)}`,
    );
  }
  const list = typeof argnums === 'number' ? [argnums] : [...(argnums as number[])];
  for (const at of list) {
    if (!Number.isInteger(at) || at < 0 || at >= count)
      throw new ArgumentError(
        `${name}: argnums must name arguments from 0 to ${count - 1}, got ${describe(at)}`,
      );
  }
  if (new Set(list).size !== list.length)
    throw new ArgumentError(`${name}: argnums names an argument twice, got ${list.join(', ')}`);
  return list;
}

/** One differentiated argument. */
export interface Argument {
  leaves: readonly Tensor[];
  structure: Structure;
}

/** The leaves of an argument, which must be f64 or f32; a number is a scalar. */
export function argumentOf(name: string, position: number, value: Tree): Argument {
  const argument = flatten(typeof value === 'number' ? tensor(value) : value, name);
  if (argument.leaves.length === 0)
    throw new ArgumentError(`${name}: argument ${position} must have tensors in it, got ${describe(value)}`);
  for (const leaf of argument.leaves) {
    if (leaf.dtype === 'i32') {
      throw new DTypeError(
        `${name}: argument ${position} must be f64 or f32 to be differentiated, got i32 (leave it out of argnums, or use astype)`,
      );
    }
  }
  return argument;
}

/** The arguments, with those at positions `at` rebuilt from new leaves. */
export function withLeaves(
  args: readonly Tree[],
  at: readonly number[],
  parts: readonly Argument[],
  lift: (leaf: Tensor) => Tensor,
): { args: Tree[]; lifted: Tensor[][] } {
  const all = [...args];
  const lifted = parts.map((part) => part.leaves.map(lift));
  at.forEach((position, i) => {
    all[position] = unflatten(parts[i].structure, lifted[i]);
  });
  return { args: all, lifted };
}
