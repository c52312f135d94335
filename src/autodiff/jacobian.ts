// Jacobians and Hessians of functions of trees: column by column (forward) or row by row (reverse).

import type { Graph } from '../compiler/graph.js';
import { PlanTensor } from '../compiler/plan-tensor.js';
import { checkFunction } from '../core/check.js';
import { zeros } from '../core/create.js';
import { describe } from '../core/describe.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { type Shape, sizeOf } from '../core/shape.js';
import { allocate, copyOf, type Tensor } from '../core/tensor.js';
import { flatten, type Structure, type Tree, unflatten } from '../core/tree.js';
import { stack } from '../ops/concat.js';
import { reshape, transpose } from '../ops/layout.js';
import { slice } from '../ops/slice.js';
import { isKnown, UnknownValueError } from '../ops/tracer.js';
import { type Argument, argumentOf, checkArgnums, type TreeFunction } from './arguments.js';
import { gradOf } from './grad.js';
import { allColumns } from './jacobian-columns.js';
import { jvp } from './jvp.js';
import { type LinearMap, linearMap } from './linearize.js';
import { type Vjp, vjpOf } from './vjp.js';

/** f as a function of one of its arguments. */
interface Single {
  name: string;
  f: (x: Tree) => Tree;
  argument: Argument;
}

function singleOf(name: string, f: TreeFunction, argnum: number, args: readonly Tree[]): Single {
  if (typeof argnum !== 'number')
    throw new ArgumentError(`${name}: argnum must be the position of one argument, got ${describe(argnum)}`);
  checkArgnums(name, argnum, args.length);
  return {
    name,
    argument: argumentOf(name, argnum, args[argnum]),
    f: (x) => f(...args.map((arg, i) => (i === argnum ? x : arg))),
  };
}

/** The results of f, which must be real tensors. */
interface Result {
  leaves: readonly Tensor[];
  structure: Structure;
}

function checked(name: string, result: Result): Result {
  if (result.leaves.length === 0) {
    const got = describe(unflatten(result.structure, []));
    throw new ArgumentError(`${name}: the function must return a tensor or a tree of tensors, got ${got}`);
  }
  for (const leaf of result.leaves) {
    if (leaf.dtype === 'i32')
      throw new DTypeError(`${name}: the function must return f64 or f32 to be differentiated, got i32`);
  }
  return result;
}

/** The tree with every leaf replaced by a tree. */
function grow(structure: Structure, parts: readonly Tree[]): Tree {
  return unflatten(structure, parts as Tensor[]);
}

/** Leaves of zeros, except for a one at one entry. */
function unit(like: readonly Tensor[], zero: readonly Tensor[], at: number, entry: number): Tensor[] {
  return like.map((x, i) => {
    if (i !== at) return zero[i];
    const e = zeros(x.shape, { dtype: x.dtype });
    e.data()[entry] = 1;
    return e;
  });
}

/** The rows of a matrix, or its columns, as a tensor of shape [...rows, ...columns]. */
function assemble(
  parts: readonly Tensor[],
  rows: Shape,
  columns: Shape,
  by: 'rows' | 'columns',
  dtype: Tensor['dtype'],
): Tensor {
  const shape = [...rows, ...columns];
  if (parts.length === 0) return zeros(shape, { dtype });
  if (!parts.every(isKnown)) {
    const whole = stack([...parts], 0);
    if (by === 'rows') return reshape(whole, shape);
    return reshape(transpose(reshape(whole, [sizeOf(columns), sizeOf(rows)])), shape);
  }
  const result = allocate(shape, dtype, 'jacobian');
  const data = result.data();
  parts.forEach((part, k) => {
    if (by === 'rows') data.set(part.data(), k * part.size);
    else
      part.data().forEach((value, i) => {
        data[i * parts.length + k] = value;
      });
  });
  return result;
}

const sizeOfAll = (leaves: readonly Tensor[]): number => leaves.reduce((sum, x) => sum + x.size, 0);

/** From this many columns on, f runs once, and its derivative is a list of operations or a compiled program. */
const LINEAR = 3;
const COMPILED = 64;

/**
 * Tangents of the result for tangents of the argument: f runs once, or every time if a rule needs the values of
 * tangents.
 */
function tangentsOf({ name, f, argument: { leaves, structure } }: Single): {
  along(tangents: readonly Tensor[]): Result;
  /** Every column at once, if the map is part of a program. */
  all?: (Result & { graph: Graph }) | undefined;
  dispose(): void;
} {
  const primal = unflatten(structure, leaves);
  const columns = sizeOfAll(leaves);
  if (columns >= LINEAR) {
    let map: LinearMap | undefined;
    try {
      map = linearMap(name, f, [primal]);
    } catch (error) {
      if (!(error instanceof UnknownValueError)) throw error;
    }
    if (map !== undefined) {
      const { run, dispose, ...result } = map;
      const compiled = columns >= COMPILED;
      return { all: result, along: (tangents) => ({ ...result, leaves: run(tangents, compiled) }), dispose };
    }
  }
  return {
    along: (tangents) => flatten(jvp(f, [primal], [unflatten(structure, tangents)]).tangent, name),
    dispose: () => {},
  };
}

/** The Jacobian from the results for every unit vector of the argument: for each result [columns, …result]. */
function split({ structure: tree }: Result, results: readonly Tensor[], argument: Argument): Tree {
  const { leaves, structure } = argument;
  return grow(
    tree,
    results.map((whole) => {
      const [, ...shape] = whole.shape;
      let from = 0;
      return unflatten(
        structure,
        leaves.map((x) => {
          const part = leaves.length === 1 ? whole : slice(whole, [from], [from + x.size]);
          from += x.size;
          return reshape(transpose(reshape(part, [x.size, sizeOf(shape)])), [...shape, ...x.shape]);
        }),
      );
    }),
  );
}

/** By columns: the tangents for every unit vector. */
function byColumns(single: Single): Tree {
  const { leaves, structure } = single.argument;
  return scope(() => {
    const zero = leaves.map((x) => zeros(x.shape, { dtype: x.dtype }));
    const { along, all, dispose } = tangentsOf(single);
    try {
      const together = all && allColumns(single.name, all.graph);
      if (all && together) return split(checked(single.name, all), together, single.argument);
      let outputs: Result | undefined;
      const columns = leaves.map((x, i) =>
        Array.from({ length: x.size }, (_, entry) =>
          scope(() => {
            outputs = checked(single.name, along(unit(leaves, zero, i, entry)));
            // A program overwrites its results.
            return outputs.leaves.map((y) => (y instanceof PlanTensor ? copyOf(y, 'jacobian') : y));
          }),
        ),
      );
      const { leaves: ys, structure: tree } = outputs ?? checked(single.name, along(zero));
      const blocks = ys.map((y, k) =>
        leaves.map((x, i) => {
          const parts = columns[i].map((column) => column[k]);
          return assemble(parts, y.shape, x.shape, 'columns', y.dtype);
        }),
      );
      return grow(
        tree,
        blocks.map((parts) => unflatten(structure, parts)),
      );
    } finally {
      dispose();
    }
  });
}

/** By rows: the cotangents for every unit vector of the result. */
function byRows(
  { leaves: inputs, structure }: Argument,
  { leaves, structure: tree }: Result,
  back: Vjp,
): Tree {
  return scope(() => {
    const zero = leaves.map((y) => zeros(y.shape, { dtype: y.dtype }));
    return grow(
      tree,
      leaves.map((y, k) => {
        const rows = Array.from({ length: y.size }, (_, entry) =>
          scope(() => flatten(back.pullback(unflatten(tree, unit(leaves, zero, k, entry)))[0]).leaves),
        );
        return unflatten(
          structure,
          inputs.map((x, i) =>
            assemble(
              rows.map((row) => row[i]),
              y.shape,
              x.shape,
              'rows',
              x.dtype,
            ),
          ),
        );
      }),
    );
  });
}

/**
 * The Jacobian by forward mode, one evaluation per entry of the argument: for few inputs and many results.
 * @param f a function of trees to a tensor or a tree (f64 or f32).
 * @param argnum the argument to differentiate; default the first.
 * @returns (…args) => a tree like f's result; in place of each of its tensors it has a tree like the argument, with
 * tensors of shape [...result, ...argument].
 * @throws DTypeError for an argument or a result of i32; ArgumentError for an invalid argnum.
 * @example
 * jacfwd((x) => mul(x, x))(tensor([1, 2])); // [[2, 0], [0, 4]]
 */
// biome-ignore lint/suspicious/noExplicitAny: a tree of the results' structure
export function jacfwd(f: TreeFunction, argnum = 0): (...args: any[]) => any {
  checkFunction('jacfwd', 'f', f);
  return (...args) => scope(() => byColumns(singleOf('jacfwd', f, argnum, args)));
}

/**
 * The Jacobian by reverse mode, one evaluation and one backward pass per entry of the result: for many inputs and few
 * results. Arguments and result as for `jacfwd`.
 * @example
 * jacrev((x, w) => matmul(w, x), 1)(tensor([1, 2]), tensor([[1, 2], [3, 4]])); // shape [2, 2, 2]
 */
// biome-ignore lint/suspicious/noExplicitAny: a tree of the results' structure
export function jacrev(f: TreeFunction, argnum = 0): (...args: any[]) => any {
  checkFunction('jacrev', 'f', f);
  return (...args) =>
    scope(() => {
      const { name, f: single, argument } = singleOf('jacrev', f, argnum, args);
      const back = vjpOf(name, single, [unflatten(argument.structure, argument.leaves)]);
      return byRows(argument, checked(name, flatten(back.value)), back);
    });
}

/**
 * The Jacobian by the mode that takes fewer passes. Arguments and result as for `jacfwd`.
 * @example
 * jacobian((x) => mul(x, x))(tensor([1, 2])); // [[2, 0], [0, 4]]
 */
// biome-ignore lint/suspicious/noExplicitAny: a tree of the results' structure
export function jacobian(f: TreeFunction, argnum = 0): (...args: any[]) => any {
  checkFunction('jacobian', 'f', f);
  return (...args) =>
    scope(() => {
      const single = singleOf('jacobian', f, argnum, args);
      const { name, argument } = single;
      const back = vjpOf(name, single.f, [unflatten(argument.structure, argument.leaves)]);
      const result = checked(name, flatten(back.value));
      if (sizeOfAll(result.leaves) <= sizeOfAll(argument.leaves)) return byRows(argument, result, back);
      back.dispose();
      return byColumns(single);
    });
}

/**
 * The Hessian of a scalar function, forward over reverse: the Jacobian of its gradient.
 * @returns (…args) => a tree like the argument, nested twice, with tensors of shape [...argument, ...argument].
 * @throws as `grad`.
 * @example
 * hessian((x) => sum(mul(x, mul(x, x))))(tensor([1, 2])); // [[6, 0], [0, 12]]
 */
// biome-ignore lint/suspicious/noExplicitAny: a tree of the argument's structure, twice
export function hessian(f: TreeFunction, argnum = 0): (...args: any[]) => any {
  const gradient = gradOf('hessian', f, argnum);
  return (...args) => scope(() => byColumns(singleOf('hessian', gradient, argnum, args)));
}
