// Checks of arguments: each throws an ArgumentError that names the function, the argument, what was got and what is
// wanted.

import { describe } from './describe.js';
import { ArgumentError } from './errors.js';
import { MAXIMUM_EXTENT } from './shape.js';
import { Tensor } from './tensor.js';

/** A function. */
export function checkFunction(name: string, argument: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new ArgumentError(`${name}: ${argument} must be a function, got ${describe(value)}`);
}

/** A tensor. */
export function checkTensor(name: string, argument: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor))
    throw new ArgumentError(`${name}: ${argument} must be a tensor, got ${describe(value)}`);
}

/** An object that is neither an array nor a tensor. */
export function checkObject(name: string, argument: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Tensor)
    throw new ArgumentError(`${name}: ${argument} must be an object, got ${describe(value)}`);
}

/** An array. */
export function checkArray(name: string, argument: string, value: unknown): asserts value is unknown[] {
  if (!Array.isArray(value))
    throw new ArgumentError(`${name}: ${argument} must be an array, got ${describe(value)}`);
}

/** true or false. */
export function checkFlag(name: string, argument: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean')
    throw new ArgumentError(`${name}: ${argument} must be true or false, got ${describe(value)}`);
}

/** One of a list of names. */
export function checkOneOf<T extends string>(
  name: string,
  argument: string,
  value: unknown,
  names: readonly T[],
): asserts value is T {
  if (!names.includes(value as T)) {
    const list = names.map((one) => `'${one}'`);
    const last = list.pop();
    throw new ArgumentError(
      `${name}: ${argument} must be ${list.length === 0 ? last : `${list.join(', ')} or ${last}`}, got ${describe(value)}`,
    );
  }
}

/** A number, which may be NaN or infinite. */
export function checkNumber(name: string, argument: string, value: unknown): asserts value is number {
  if (typeof value !== 'number')
    throw new ArgumentError(`${name}: ${argument} must be a number, got ${describe(value)}`);
}

/** A finite number. */
export function checkFinite(name: string, argument: string, value: unknown): asserts value is number {
  if (!Number.isFinite(value))
    throw new ArgumentError(`${name}: ${argument} must be a finite number, got ${describe(value)}`);
}

/** A positive, finite number. */
export function checkPositive(name: string, argument: string, value: unknown): asserts value is number {
  checkFinite(name, argument, value);
  if (value <= 0) throw new ArgumentError(`${name}: ${argument} must be positive, got ${value}`);
}

/** A number that is at least `least`. */
export function checkAtLeast(
  name: string,
  argument: string,
  value: unknown,
  least: number,
): asserts value is number {
  if (typeof value !== 'number' || !(value >= least))
    throw new ArgumentError(
      `${name}: ${argument} must be a number of at least ${least}, got ${describe(value)}`,
    );
}

/** A number strictly between two others. */
export function checkBetween(
  name: string,
  argument: string,
  value: unknown,
  low: number,
  high: number,
): asserts value is number {
  if (typeof value !== 'number' || !(value > low && value < high))
    throw new ArgumentError(
      `${name}: ${argument} must lie between ${low} and ${high}, got ${describe(value)}`,
    );
}

/** A whole number from `least` to `most`, by default 2^31 - 1: kernels count in 32 bits. */
export function checkCount(
  name: string,
  argument: string,
  value: unknown,
  least = 0,
  most = MAXIMUM_EXTENT,
): asserts value is number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  const range = most < MAXIMUM_EXTENT ? `from ${least} to ${most}` : `of at least ${least}`;
  throw new ArgumentError(`${name}: ${argument} must be a whole number ${range}, got ${describe(value)}`);
}

/** A limit on how often something happens: a whole number of at least `least`, or Infinity. */
export function checkLimit(
  name: string,
  argument: string,
  value: unknown,
  least = 0,
): asserts value is number {
  const isLimit = value === Number.POSITIVE_INFINITY || Number.isInteger(value);
  if (!isLimit || (value as number) < least) checkCount(name, argument, value, least);
}
