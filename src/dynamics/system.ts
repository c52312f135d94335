// A dynamical system: its state, and how it advances from one interval to the next.

import type { CheckpointSchedule } from '../autodiff/schedule.js';
import { checkCount, checkFunction, checkOneOf, checkPositive, checkTensor } from '../core/check.js';
import { describe } from '../core/describe.js';
import { disposable } from '../core/disposable.js';
import type { DType } from '../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { checkGenerator, type Generator } from '../core/random/generator.js';
import { owned, scope } from '../core/scope.js';
import { checkShape, type Shape, sameShape, show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import type { TensorSpec } from '../ops/op.js';
import { aliasOf } from '../ops/ownership.js';
import { Tracer } from '../ops/tracer.js';
import { repeated } from './repeated.js';

/** Element types of states. */
export const FLOATS = ['f64', 'f32'] as const;

/** A system whose state is a tensor. States have leading batch axes: [...batch, ...stateShape]; members never influence each other. */
export interface System {
  readonly name: string;
  readonly stateShape: readonly number[];
  readonly dtype: DType;
  /** Time between two states of a trajectory, innerSteps · dt. */
  readonly interval: number;
  readonly innerSteps: number;
  /** Time of one internal step. */
  readonly dt: number;
  /** dx/dt, where the system has one. */
  tendency?(x: Tensor, t?: number): Tensor;
  /** One internal step. */
  step(x: Tensor): Tensor;
  /** One interval. */
  advance(x: Tensor): Tensor;
  /** A random state [...batch, ...state], not yet on the attractor. */
  initial(generator: Generator, options?: { batch?: number[] }): Tensor;
  /** Intervals after which it is. */
  readonly spinUpSteps: number;
  /** Frees the tensors that the system holds; a second call does nothing. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What a system is made of. Its functions get states of its shape and dtype, and need not check them. */
export interface SystemParts {
  readonly name: string;
  readonly stateShape: Shape;
  readonly dtype: 'f64' | 'f32';
  readonly interval: number;
  readonly innerSteps: number;
  readonly spinUpSteps: number;
  readonly tendency?: (x: Tensor, t: number) => Tensor;
  readonly step: (x: Tensor) => Tensor;
  /** One interval, if it is not `innerSteps` steps one after the other. */
  readonly advance?: (x: Tensor, checkpoint: CheckpointSchedule) => Tensor;
  /** States at the ends of so many intervals, x first: [...batch, intervals + 1, ...state]; undefined where intervals one by one are better. */
  readonly states?: (x: Tensor, intervals: number) => Tensor | undefined;
  readonly initial: (generator: Generator, batch: readonly number[]) => Tensor;
  readonly owned?: readonly Tensor[];
}

/** What systems are made of; a user sees `System`. */
const parts = new WeakMap<object, SystemParts>();

/** A system of these parts, whose functions check states. */
export function systemOf<T extends object = object>(own: SystemParts, more?: T): System & T {
  const { name, stateShape, dtype, interval, innerSteps, spinUpSteps, tendency } = own;
  const on = (what: string, f: (x: Tensor) => Tensor) => onStates(own, what, f);
  const system = {
    name,
    stateShape: Object.freeze([...stateShape]),
    dtype,
    interval,
    innerSteps,
    dt: interval / innerSteps,
    spinUpSteps,
    ...(tendency && { tendency: (x: Tensor, t = 0) => on('tendency', (y) => tendency(y, t))(x) }),
    step: on('step', own.step),
    advance: on('advance', (x) => advanced(own, x, 'sqrt')),
    initial: (generator: Generator, options: { batch?: number[] } = {}) => {
      const what = `${name}.initial`;
      checkGenerator(what, 'generator', generator);
      checkOptions(what, options, { batch: true });
      const batch = checkShape(what, options.batch ?? []);
      return scope(() => own.initial(generator, batch));
    },
    dispose: () => {
      for (const x of own.owned ?? []) x.dispose();
    },
    [owned]: () => own.owned ?? [],
    ...more,
  };
  parts.set(system, own);
  return disposable(system) as unknown as System & T;
}

/** A method of a system: f of states, which are checked; the result has a handle of its own. */
export function onStates(own: SystemParts, what: string, f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return (x) => {
    checkState(`${own.name}.${what}`, 'x', own, x);
    return scope(() => {
      const y = f(x);
      return y === x ? aliasOf(x) : y;
    });
  };
}

/** One interval. */
export function advanced(own: SystemParts, x: Tensor, checkpoint: CheckpointSchedule): Tensor {
  return own.advance?.(x, checkpoint) ?? repeated(own.step, x, own.innerSteps, checkpoint);
}

/** The parts of a system: of one that this library made, or of an object with its members. */
export function partsOf(name: string, system: unknown): SystemParts {
  const own = typeof system === 'object' && system !== null ? parts.get(system) : undefined;
  if (own !== undefined) return own;
  const other = system as Partial<System> | null | undefined;
  if (
    typeof other !== 'object' ||
    other === null ||
    typeof other.advance !== 'function' ||
    !Array.isArray(other.stateShape)
  ) {
    throw new ArgumentError(
      `${name}: system must be a system, as dynamics.system makes one, got ${describe(system)}`,
    );
  }
  const whole = other as System;
  const { name: called = 'system', interval = 1, innerSteps = 1, spinUpSteps = 0, dtype = 'f64' } = whole;
  const stateShape = checkShape(`${name}: stateShape of system`, whole.stateShape);
  checkPositive(name, 'interval of system', interval);
  checkCount(name, 'innerSteps of system', innerSteps, 1);
  checkCount(name, 'spinUpSteps of system', spinUpSteps);
  checkOneOf(name, 'dtype of system', dtype, FLOATS);
  const moved = (what: 'step' | 'advance') => (x: Tensor) => {
    checkFunction(name, `${what} of system`, whole[what]);
    return ownState(called, `what ${what} returns`, whole[what](x), x);
  };
  return {
    ...{ name: called, stateShape, dtype, interval, innerSteps, spinUpSteps },
    ...{ step: moved('step'), advance: moved('advance') },
    initial(generator, batch) {
      checkFunction(name, 'initial of system', whole.initial);
      const shape = [...batch, ...stateShape];
      return ownState(called, 'what initial returns', whole.initial(generator, { batch: [...batch] }), {
        shape,
        dtype,
      });
    },
  };
}

/** `x` as a state of the system, with any batch axes. */
export function checkState(
  name: string,
  argument: string,
  { stateShape, dtype, name: system }: SystemParts,
  x: unknown,
): Tensor {
  const state = checkFloat(name, argument, x);
  const axes = stateShape.length;
  if (state.ndim < axes || !sameShape(state.shape.slice(state.ndim - axes), stateShape)) {
    throw new ShapeError(
      `${name}: ${argument} must end in the axes ${show(stateShape)} of a state of ${system}, got shape ${show(state.shape)}`,
    );
  }
  if (state.dtype !== dtype)
    throw new DTypeError(`${name}: ${argument} must be ${dtype}, as ${system} is, got ${state.dtype}`);
  return state;
}

/** The batch axes of a state. */
export function batchOf({ stateShape }: SystemParts, { shape }: Tensor): Shape {
  return shape.slice(0, shape.length - stateShape.length);
}

/** `next` as what a user's function must return: a tensor like `x`. */
export function checkLike(name: string, what: string, next: unknown, x: TensorSpec): Tensor {
  checkTensor(name, what, next);
  if (!sameShape(next.shape, x.shape))
    throw new ShapeError(
      `${name}: ${what} must have the shape of the state, ${show(x.shape)}, got ${show(next.shape)}`,
    );
  if (next.dtype !== x.dtype)
    throw new DTypeError(`${name}: ${what} must have the dtype of the state, ${x.dtype}, got ${next.dtype}`);
  return next;
}

/** The same with a handle of its own: what a user's function returns may be its argument, or a tensor that the user keeps. */
export function ownState(name: string, what: string, next: unknown, x: TensorSpec): Tensor {
  const state = checkLike(name, what, next, x);
  return state instanceof Tracer ? state : aliasOf(state);
}
