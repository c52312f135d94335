// The user's functions of a problem, as one function of lists of tensors: checked, and with the tensors that they capture
// as arguments.

import { type Closure, closureOf } from '../../compiler/closure.js';
import { zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { type Shape, sameShape, show, sizeOf } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { type Structure, type Tree, unflatten } from '../../core/tree.js';
import { reshape } from '../../ops/layout.js';
import { UnknownValueError } from '../../ops/tracer.js';
import type { Problem } from './argmin.js';

/** f, g and h: [count], [count, p], [count, q]. */
export type Values = readonly [f: Tensor, g: Tensor, h: Tensor];

/** The functions for parameters and unknowns. */
export type Evaluate = (theta: readonly Tensor[], u: Tensor) => Values;

/** The extents of a batch of problems. */
export interface Extents {
  /** The batch axes of u, and their product. */
  batch: Shape;
  count: number;
  /** Unknowns, inequalities and equalities of one problem. */
  n: number;
  p: number;
  q: number;
}

/** A problem whose functions have no free tensors. */
export interface Opened {
  evaluate: Evaluate;
  /** The leaves of x, and after them what the functions capture, if a transformation follows it. */
  theta: readonly Tensor[];
  /** To be disposed, unless undefined: the functions read values. */
  closure: Closure | undefined;
}

/** The functions on lists of tensors. */
export function functionsOf(
  { objective, inequality, equality }: Problem,
  x: Structure,
  batch: Shape,
): Evaluate {
  const count = sizeOf(batch);
  return (theta, u) => {
    const tree = unflatten(x, theta) as Tree;
    const value = result('objective', objective(tree, u), u);
    if (!sameShape(value.shape, batch)) {
      const wanted = batch.length === 0 ? 'a scalar (shape [])' : `the batch's shape, ${show(batch)}`;
      throw new ShapeError(`argmin: objective must give ${wanted}, got ${show(value.shape)}`);
    }
    const rows = (argument: string, f: Problem['equality']): Tensor => {
      if (f === undefined) return zeros([count, 0], { dtype: u.dtype });
      const y = result(argument, f(tree, u), u);
      if (y.ndim !== batch.length + 1 || !sameShape(y.shape.slice(0, -1), batch))
        throw new ShapeError(
          `argmin: ${argument} must give a vector for each problem, ${show([...batch, 'k' as never])}, got ${show(y.shape)}`,
        );
      return reshape(y, [count, y.shape[y.ndim - 1]]);
    };
    return [reshape(value, [count]), rows('inequality', inequality), rows('equality', equality)];
  };
}

function result(argument: string, y: unknown, { dtype }: Tensor): Tensor {
  if (!(y instanceof Tensor))
    throw new ArgumentError(`argmin: ${argument} must return a tensor, got ${describe(y)}`);
  if (y.dtype !== dtype)
    throw new DTypeError(`argmin: ${argument} must return the dtype of u0, ${dtype}, got ${y.dtype}`);
  return y;
}

/** The functions as a graph, with what they capture as arguments; as they are, if they read values. */
export function opened(evaluate: Evaluate, theta: readonly Tensor[], u: Tensor): Opened {
  const { length } = theta;
  try {
    const closure = closureOf(
      'argmin',
      (...xs: Tensor[]) => evaluate(xs.slice(0, length), xs[length]) as unknown as Tree,
      [...theta, u],
    );
    const { graph, captures } = closure;
    return {
      evaluate: (all, at) =>
        graph.evaluate([...all.slice(0, length), at, ...all.slice(length)]) as unknown as Values,
      theta: [...theta, ...captures],
      closure,
    };
  } catch (error) {
    if (!(error instanceof UnknownValueError)) throw error;
    return { evaluate, theta, closure: undefined };
  }
}
