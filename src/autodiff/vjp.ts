// vjp: the value of a function and the map from cotangents of the result to cotangents of the arguments.

import { checkFunction } from '../core/check.js';
import { zeros } from '../core/create.js';
import { disposable } from '../core/disposable.js';
import { DisposedError } from '../core/errors.js';
import { owned, ownedIn, scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, leavesLike, type Tree, unflatten } from '../core/tree.js';
import { atLevel, nested } from '../ops/level.js';
import { aliasOf } from '../ops/ownership.js';
import { argumentOf, type TreeFunction, withLeaves } from './arguments.js';
import { Tape, type Variable } from './reverse.js';

/** The result of `vjp`. */
export interface Vjp {
  /** f(…primals). */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the user's function returns
  readonly value: any;
  /**
   * Jᵀu: the cotangents of the arguments, one per argument, for a cotangent in the shape of the value. Call it any
   * number of times.
   */
  // biome-ignore lint/suspicious/noExplicitAny: cotangents have the types of the arguments
  pullback(cotangent: Tree): any[];
  /** Frees what the backward pass needs; a scope around `vjp` does so, too, unless it returns this object. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * The value of f at trees of tensors, and its vector-Jacobian product (reverse mode).
 * @throws DTypeError for an argument of i32; ArgumentError if a cotangent does not fit the value.
 * @example
 * const { value, pullback } = vjp((x) => mul(x, x), tensor([1, 2]));
 * pullback(tensor([1, 1])); // [[2, 4]]
 */
export function vjp(f: TreeFunction, ...primals: Tree[]): Vjp {
  checkFunction('vjp', 'f', f);
  return vjpOf('vjp', f, primals);
}

/** The same; `user` is the function that errors name. */
export function vjpOf(name: string, f: TreeFunction, primals: readonly Tree[]): Vjp {
  return nested((level) => {
    const tape = new Tape(level, name);
    const parts = primals.map((primal, i) => argumentOf(name, i, primal));
    const at = primals.map((_, i) => i);
    const { args, lifted } = withLeaves(primals, at, parts, (leaf) => tape.lift(leaf));
    let result: Tree;
    try {
      result = tape.during(() => f(...args));
    } catch (error) {
      tape.end();
      throw error;
    }
    const { leaves, structure } = flatten(result, name);
    const value = unflatten(
      structure,
      leaves.map((leaf) => aliasOf(tape.primalOf(leaf))),
    );
    // The recording lives as long as the scope around this, or until it is disposed.
    const { entries } = tape;
    const values = new Set(tape.values);
    tape.end(values);
    // The user must dispose of a factorization in the result.
    for (const tensor of ownedIn(result)) values.delete(tensor);
    let disposed = false;
    const dispose = () => {
      disposed = true;
      for (const held of values) held.dispose();
    };
    return disposable({
      value,
      pullback(cotangent) {
        if (disposed) throw new DisposedError(`${name}: pullback was called after dispose`);
        const cotangents = leavesLike(name, 'cotangent', cotangent, value);
        return scope(() =>
          atLevel(level, () => {
            const seeds = leaves.flatMap((leaf, i) =>
              tape.owns(leaf) ? [[leaf, cotangents[i]] as const] : [],
            );
            tape.backward(seeds, entries, false);
            return parts.map((part, i) => unflatten(part.structure, lifted[i].map(takeCotangent)));
          }),
        );
      },
      dispose,
      [Symbol.dispose]: dispose,
      [owned]: () => (disposed ? [] : values),
    });
  });
}

/** The cotangent of an argument; zeros if there is none. */
export function takeCotangent(leaf: Tensor): Tensor {
  const variable = leaf as Variable;
  const result = variable.cotangent ?? zeros(variable.shape, { dtype: variable.dtype });
  variable.cotangent = undefined;
  return result;
}
