// grad, valueAndGrad: the gradient of a scalar function of trees, by one recording and one backward pass.

import { checkFlag, checkFunction } from '../core/check.js';
import { ones } from '../core/create.js';
import { describe } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { ownedIn, scope } from '../core/scope.js';
import type { Owned } from '../core/scope-stack.js';
import { show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { mapTree, type Tree, unflatten } from '../core/tree.js';
import { nested } from '../ops/level.js';
import { aliasOf } from '../ops/ownership.js';
import { argumentOf, checkArgnums, type TreeFunction, withLeaves } from './arguments.js';
import { Tape } from './reverse.js';
import { takeCotangent } from './vjp.js';

/** Options of `valueAndGrad` and `grad`. */
export interface GradOptions {
  /** true: f returns [scalar, aux]; aux, a tree that is not differentiated, is passed through; default false. */
  aux?: boolean;
}

const GRAD_OPTIONS: OptionNames<GradOptions> = { aux: true };

/** Checks the scalar that a function has returned. */
function scalarOf(name: string, y: unknown): Tensor {
  if (!(y instanceof Tensor)) {
    throw new ArgumentError(
      `${name}: the function must return a tensor, got ${typeof y === 'object' && y !== null ? 'a tree' : describe(y)}`,
    );
  }
  if (y.ndim !== 0 || y.dtype === 'i32') {
    throw new ShapeError(
      `${name}: the function must return a real scalar (shape []), got ${y.dtype} ${show(y.shape)} (use vjp or jacobian)`,
    );
  }
  return y;
}

/** The result of a function with `aux`. */
function pairOf(name: string, result: unknown): readonly [unknown, Tree] {
  if (Array.isArray(result) && result.length === 2) return result as [unknown, Tree];
  throw new ArgumentError(
    `${name}: with aux the function must return [scalar, aux], got ${describe(result)}`,
  );
}

/**
 * The function that gives value and gradient of f, a scalar function of trees of tensors (f64 or f32).
 * @param f written in operations; JavaScript control flow on values works. Intermediate tensors are freed.
 * @param argnums the argument(s) to differentiate; default the first. A list gives a list of gradients.
 * @param options `aux`.
 * @returns (…args) => { value, grad }, the gradient in the shape of the argument; with `aux: true` { value, grad, aux
 * }.
 * @throws ShapeError if f does not return a scalar, DTypeError for a differentiated argument of i32.
 * @example
 * const { value, grad } = valueAndGrad((x) => sum(square(x)))(tensor([1, 2])); // 5, [2, 4]
 */
export function valueAndGrad(
  f: TreeFunction,
  argnums: number | readonly number[] = 0,
  options: GradOptions = {},
  // biome-ignore lint/suspicious/noExplicitAny: the gradient has the type of the argument
): (...args: any[]) => { value: Tensor; grad: any; aux?: any } {
  checkFunction('valueAndGrad', 'f', f);
  checkOptions('valueAndGrad', options, GRAD_OPTIONS);
  const { aux = false } = options;
  checkFlag('valueAndGrad', 'aux', aux);
  return (...args) => gradientAt('valueAndGrad', f, argnums, args, aux);
}

/**
 * The gradient of a scalar function; see `valueAndGrad`.
 * @example
 * grad((x) => sum(square(x)))(tensor([1, 2])); // [2, 4]
 * grad(grad((x) => pow(x, 3)))(tensor(2)); // 12
 */
// biome-ignore lint/suspicious/noExplicitAny: the gradient has the type of the argument
export function grad(f: TreeFunction, argnums: number | readonly number[] = 0): (...args: any[]) => any {
  return gradOf('grad', f, argnums);
}

/** The same; `user` is the function that errors name. */
export function gradOf(
  name: string,
  f: TreeFunction,
  argnums: number | readonly number[],
  // biome-ignore lint/suspicious/noExplicitAny: the gradient has the type of the argument
): (...args: any[]) => any {
  checkFunction(name, 'f', f);
  return (...args) =>
    scope(() => {
      const { grad: result } = gradientAt(name, f, argnums, args, false);
      return result;
    });
}

function gradientAt(
  name: string,
  f: TreeFunction,
  argnums: number | readonly number[],
  args: readonly Tree[],
  withAux: boolean,
): { value: Tensor; grad: unknown; aux?: unknown } {
  const at = checkArgnums(name, argnums, args.length);
  return scope(() =>
    nested((level) => {
      const parts = at.map((position) => argumentOf(name, position, args[position]));
      const tape = new Tape(level, name);
      let kept: Set<Owned> | undefined;
      try {
        const { args: all, lifted } = withLeaves(args, at, parts, (leaf) => tape.lift(leaf));
        const result = tape.during(() => f(...all));
        const [scalar, extra] = withAux ? pairOf(name, result) : [result];
        const y = scalarOf(name, scalar);
        const value = aliasOf(tape.primalOf(y));
        kept = ownedIn(extra);
        const aux = mapTree(extra, (leaf) => aliasOf(tape.primalOf(leaf)), name);
        if (tape.owns(y)) tape.backward([[y, ones([], { dtype: y.dtype })]], tape.entries, true);
        const gradients = parts.map((part, i) => unflatten(part.structure, lifted[i].map(takeCotangent)));
        const grad = typeof argnums === 'number' ? gradients[0] : gradients;
        return withAux ? { value, grad, aux } : { value, grad };
      } finally {
        tape.end(kept);
      }
    }),
  );
}
