// Observation operators: from a state to what is observed of it.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';

/** H: a state, with any batch axes, to its observation; `step` is the interval that the state stands at. Written in operations: it is differentiated. */
export interface ObservationOperator {
  apply(x: Tensor, step?: number): Tensor;
}

/** The same as a plain function. */
export type ObservationFunction = (x: Tensor, step: number) => Tensor;

/** Operators that do not depend on the step, and act on any axes in front of a state, time among them. */
const steady = new WeakSet<object>();

/** Marks an operator as one that acts on a whole trajectory [...batch, time, ...state] at once. */
export function steadyOperator<T extends ObservationOperator>(operator: T): T {
  steady.add(operator);
  return operator;
}

/** An operator as what uses it needs it. */
export interface Observer {
  /** Of a state [...batch, ...state]; if `steady`, of any number of states with any axes in front. */
  at(x: Tensor, step: number): Tensor;
  readonly steady: boolean;
}

/** A user's operator, checked: an object with `apply`, or a function. */
export function observerOf(name: string, operator: unknown): Observer {
  const given = operator as Partial<ObservationOperator> | ObservationFunction | null | undefined;
  const run =
    typeof given === 'function'
      ? given
      : typeof given === 'object' && given !== null && typeof given.apply === 'function'
        ? (x: Tensor, step: number) => (given as ObservationOperator).apply(x, step)
        : undefined;
  if (run === undefined)
    throw new ArgumentError(
      `${name}: operator must be a function (x, step) => observation, or an object with apply, got ${describe(operator)}`,
    );
  const at = (x: Tensor, step: number): Tensor => {
    const y: unknown = run(x, step);
    if (y instanceof Tensor) return y;
    throw new ArgumentError(`${name}: operator must return a tensor, got ${describe(y)}`);
  };
  return { at, steady: typeof given === 'object' && given !== null && steady.has(given) };
}
