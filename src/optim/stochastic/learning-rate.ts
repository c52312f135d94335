// The learning rate: a number, or a function of the number of steps taken.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';

/** A quantity as a function of the number of previous steps, from 0. */
export type Schedule = (step: number) => number;

/** A number, or a schedule. */
export type LearningRate = number | Schedule;

/** Checks a learning-rate option: a number of at least 0, or a function. */
export function checkRate(name: string, argument: string, rate: unknown): asserts rate is LearningRate {
  if (typeof rate === 'function') return;
  if (!isRate(rate))
    throw new ArgumentError(
      `${name}: ${argument} must be a finite number of at least 0, or a schedule (step -> number), got ${describe(rate)}`,
    );
}

/** Its value at a step. */
export function rateAt(name: string, argument: string, rate: LearningRate, step: number): number {
  if (typeof rate === 'number') return rate;
  const value: unknown = rate(step);
  if (!isRate(value))
    throw new ArgumentError(
      `${name}: the schedule ${argument} must give a finite number of at least 0, got ${describe(value)} at step ${step}`,
    );
  return value;
}

function isRate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}
