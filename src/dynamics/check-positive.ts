// A check of time steps and intervals.
import { checkFinite } from '../core/check.js';
import { ArgumentError } from '../core/errors.js';

/** A positive, finite number. */
export function checkPositive(name: string, argument: string, value: unknown): asserts value is number {
  checkFinite(name, argument, value);
  if (value <= 0) throw new ArgumentError(`${name}: ${argument} must be positive, got ${value}`);
}
