// The user's functions of all steps at once: calls, checks of what they give, and their derivatives as tensors.
import { vjp } from '../../autodiff/vjp.js';
import { arange, ones } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { type Shape, sameShape, show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import type { Float } from '../../linalg/stack.js';
import { broadcastTo } from '../../ops/sum.js';

/** The user's functions; x [..., nx], u [..., nu], t [...] are all steps at once. */
export interface ControlFunctions {
  /** x_{t+1} [..., nx]. */
  // biome-ignore lint/suspicious/noExplicitAny: theta is what the caller gives
  dynamics: (x: Tensor, u: Tensor, theta: any, t: Tensor) => Tensor;
  /** The cost of each step [...]. */
  // biome-ignore lint/suspicious/noExplicitAny: theta is what the caller gives
  cost: (x: Tensor, u: Tensor, theta: any, t: Tensor) => Tensor;
  /** The cost of the last state [...]. */
  // biome-ignore lint/suspicious/noExplicitAny: theta is what the caller gives
  finalCost?: (x: Tensor, theta: any) => Tensor;
  /** [..., q], 0 at every step. */
  // biome-ignore lint/suspicious/noExplicitAny: theta is what the caller gives
  equality?: (x: Tensor, u: Tensor, theta: any, t: Tensor) => Tensor;
  /** [..., p], at most 0 at every step. */
  // biome-ignore lint/suspicious/noExplicitAny: theta is what the caller gives
  inequality?: (x: Tensor, u: Tensor, theta: any, t: Tensor) => Tensor;
  /** [..., q], 0 at the last state. */
  // biome-ignore lint/suspicious/noExplicitAny: theta is what the caller gives
  finalEquality?: (x: Tensor, theta: any) => Tensor;
  /** [..., p], at most 0 at the last state. */
  // biome-ignore lint/suspicious/noExplicitAny: theta is what the caller gives
  finalInequality?: (x: Tensor, theta: any) => Tensor;
}

/** The functions of the steps, or those of the last state: values that are there, in a fixed order. */
export type PartFunction = (point: readonly Tensor[]) => Tensor[];

/** What a call gives: [cost, dynamics?, equality?, inequality?]. */
export type Part = 'dynamics' | 'steps' | 'last';

export const NAME = 'optimalControl';

/** The leading axes of a call, and the dtype. */
export interface Call {
  readonly lead: Shape;
  readonly dtype: Float;
}

/**
 * One of the parts as a function of tensors.
 * @param theta the parameters.
 * @returns for 'dynamics' and 'steps' a function of (x, u, t), for 'last' one of x.
 */
export function partOf(f: ControlFunctions, part: Part, theta: Tree, { lead, dtype }: Call): PartFunction {
  const named = (name: keyof ControlFunctions, y: unknown, own: Shape | 'any') =>
    checked(name, y, lead, own, dtype);
  if (part === 'last')
    return ([x]) => [
      ...(f.finalCost ? [named('finalCost', f.finalCost(x, theta), [])] : []),
      ...(f.finalEquality ? [named('finalEquality', f.finalEquality(x, theta), 'any')] : []),
      ...(f.finalInequality ? [named('finalInequality', f.finalInequality(x, theta), 'any')] : []),
    ];
  const dynamics = (x: Tensor, u: Tensor, t: Tensor) =>
    named('dynamics', f.dynamics(x, u, theta, t), x.shape.slice(-1));
  if (part === 'dynamics') return ([x, u, t]) => [dynamics(x, u, t)];
  return ([x, u, t]) => [
    named('cost', f.cost(x, u, theta, t), []),
    dynamics(x, u, t),
    ...(f.equality ? [named('equality', f.equality(x, u, theta, t), 'any')] : []),
    ...(f.inequality ? [named('inequality', f.inequality(x, u, theta, t), 'any')] : []),
  ];
}

function checked(
  name: keyof ControlFunctions,
  y: unknown,
  lead: Shape,
  own: Shape | 'any',
  dtype: Float,
): Tensor {
  if (!(y instanceof Tensor))
    throw new ArgumentError(`${NAME}: ${name} must give a tensor, got ${describe(y)}`);
  const isRight =
    own === 'any'
      ? y.ndim === lead.length + 1 && sameShape(y.shape.slice(0, -1), lead)
      : sameShape(y.shape, [...lead, ...own]);
  if (!isRight) {
    const wanted = own === 'any' ? [...lead, 'any'] : [...lead, ...own];
    throw new ShapeError(
      `${NAME}: ${name} must give shape [${wanted.join(', ')}] for all steps at once, got ${show(y.shape)}`,
    );
  }
  if (y.dtype !== dtype)
    throw new DTypeError(`${NAME}: ${name} must give ${dtype}, as the states are, got ${y.dtype}`);
  return y;
}

/** The steps' numbers 0 … T-1 in the leading axes (batch, time). */
export function stepNumbers({ lead, dtype }: Call): Tensor {
  const numbers = arange(0, lead[lead.length - 1], 1, { dtype });
  return lead.length > 1 ? broadcastTo(numbers, lead) : numbers;
}

/** Values of the functions, and the gradient in `point` of their sum with these multipliers; of the cost, with 1. */
export function valuesAndGradient(
  f: PartFunction,
  point: readonly Tensor[],
  hasCost: boolean,
  multipliers: readonly Tensor[],
): { values: Tensor[]; gradient: Tensor[] } {
  const { value, pullback } = vjp((...xs: Tensor[]) => f(xs), ...point);
  const values = value as Tensor[];
  const seeds = hasCost
    ? [ones(values[0].shape, { dtype: values[0].dtype }), ...multipliers]
    : [...multipliers];
  return { values, gradient: pullback(seeds) as Tensor[] };
}
