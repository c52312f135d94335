// Schedules: a quantity, usually a learning rate, as a function of the number of steps taken, from 0.

import { checkAtLeast, checkCount, checkFinite } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { cosPi, power } from '../../solve/powers.js';
import type { LearningRate, Schedule } from './learning-rate.js';

/** A constant schedule. */
export function constant(value: number): Schedule {
  checkFinite('constant', 'value', value);
  return () => value;
}

/** Options of `exponential`. */
export interface ExponentialOptions {
  initial: number;
  /** The factor per `every` steps. */
  rate: number;
  /** Default 1. */
  every?: number;
  /** true: changes only at multiples of `every`; default false. */
  staircase?: boolean;
  /** Lower bound; default 0. */
  final?: number;
}

const EXPONENTIAL_OPTIONS: OptionNames<ExponentialOptions> = {
  initial: true,
  rate: true,
  every: true,
  staircase: true,
  final: true,
};

/**
 * initial · rate^(step / every); optax's exponential_decay, PyTorch's ExponentialLR.
 * @example
 * optim.schedules.exponential({ initial: 0.1, rate: 0.5, every: 10 })(20); // 0.025
 */
export function exponential(options: ExponentialOptions): Schedule {
  const name = 'exponential';
  checkOptions(name, options, EXPONENTIAL_OPTIONS);
  const { initial, rate, every = 1, staircase = false, final = 0 } = options;
  checkFinite(name, 'initial', initial);
  checkFinite(name, 'rate', rate);
  checkFinite(name, 'final', final);
  checkSteps(name, 'every', every);
  return (step) => {
    const times = step / every;
    return Math.max(final, initial * power(rate, staircase ? Math.floor(times) : times));
  };
}

/**
 * initial · factor^⌊step / every⌋; PyTorch's StepLR.
 * @example
 * optim.schedules.step({ initial: 1, every: 30 })(59); // 0.1
 */
export function step(options: { initial: number; every: number; factor?: number }): Schedule {
  checkOptions('step', options, { initial: true, every: true, factor: true });
  const { initial, every, factor = 0.1 } = options;
  checkFinite('step', 'initial', initial);
  checkFinite('step', 'factor', factor);
  checkSteps('step', 'every', every);
  return (k) => initial * power(factor, Math.floor(k / every));
}

/**
 * Linear from initial to final in `steps` steps, then final; optax's linear_schedule.
 * @example
 * optim.schedules.linear({ initial: 1, final: 0, steps: 4 })(1); // 0.75
 */
export function linear(options: { initial: number; final: number; steps: number }): Schedule {
  const { initial, final, steps } = ends('linear', options);
  return (k) => initial + (final - initial) * Math.min(1, k / steps);
}

/**
 * From initial to final (default 0) along half a cosine in `steps` steps, then final: final + (initial - final) (1 +
 * cos(π step / steps)) / 2. Source: Loshchilov and Hutter, SGDR (2017), equation (5); PyTorch's CosineAnnealingLR.
 * @example
 * optim.schedules.cosine({ initial: 1, steps: 10 })(5); // 0.5
 */
export function cosine(options: { initial: number; steps: number; final?: number }): Schedule {
  const { initial, final, steps } = ends('cosine', options);
  return (k) => halfCosine(initial, final, Math.min(1, k / steps));
}

/** Options of `cosineRestarts`. */
export interface CosineRestartsOptions {
  initial: number;
  /** Length of the first period, in steps. */
  period: number;
  /** Each period is this many times as long as the previous one; default 1. */
  multiply?: number;
  /** Default 0. */
  final?: number;
}

const COSINE_RESTARTS_OPTIONS: OptionNames<CosineRestartsOptions> = {
  initial: true,
  period: true,
  multiply: true,
  final: true,
};

/**
 * Half cosines one after the other, each from initial towards final; PyTorch's CosineAnnealingWarmRestarts (SGDR,
 * 2017).
 * @example
 * const schedule = optim.schedules.cosineRestarts({ initial: 1, period: 10, multiply: 2 });
 * [schedule(5), schedule(10), schedule(20)]; // [0.5, 1, 0.5]
 */
export function cosineRestarts(options: CosineRestartsOptions): Schedule {
  const name = 'cosineRestarts';
  checkOptions(name, options, COSINE_RESTARTS_OPTIONS);
  const { initial, period, multiply = 1, final = 0 } = options;
  checkFinite(name, 'initial', initial);
  checkFinite(name, 'final', final);
  checkSteps(name, 'period', period);
  checkAtLeast(name, 'multiply', multiply, 1);
  return (k) => {
    if (multiply === 1) return halfCosine(initial, final, (k % period) / period);
    let [start, length] = [0, period];
    while (k >= start + length) {
      start += length;
      length *= multiply;
    }
    return halfCosine(initial, final, (k - start) / length);
  };
}

/**
 * Linear from `from` (default 0) to the first value of `next`, in `steps` steps; then `next`, whose steps are counted
 * from there.
 * @example
 * const { cosine, warmup } = optim.schedules;
 * warmup({ steps: 100, next: cosine({ initial: 1e-3, steps: 900 }) })(50); // 5e-4
 */
export function warmup(options: { steps: number; next: LearningRate; from?: number }): Schedule {
  checkOptions('warmup', options, { steps: true, next: true, from: true });
  const { steps, next, from = 0 } = options;
  checkCount('warmup', 'steps', steps);
  checkFinite('warmup', 'from', from);
  if (typeof next !== 'function') checkFinite('warmup', 'next', next);
  const after: Schedule = typeof next === 'function' ? next : () => next;
  const to = after(0);
  return (k) => (k < steps ? from + ((to - from) * k) / steps : after(k - steps));
}

/**
 * values[i] from step boundaries[i - 1] on; there is one more value than there are boundaries. PyTorch's MultiStepLR.
 * @example
 * optim.schedules.piecewise({ boundaries: [100, 200], values: [1, 0.1, 0.01] })(150); // 0.1
 */
export function piecewise(options: { boundaries: readonly number[]; values: readonly number[] }): Schedule {
  const name = 'piecewise';
  checkOptions(name, options, { boundaries: true, values: true });
  const { boundaries, values } = options;
  if (!Array.isArray(boundaries) || !Array.isArray(values) || values.length !== boundaries.length + 1) {
    throw new ArgumentError(
      `${name}: values must be an array with one number more than the array boundaries, got ${describe(values)} and ${describe(boundaries)}`,
    );
  }
  for (const value of values) checkFinite(name, 'values', value);
  boundaries.forEach((at, i) => {
    checkFinite(name, 'boundaries', at);
    if (i > 0 && !(at > boundaries[i - 1]))
      throw new ArgumentError(`${name}: boundaries must increase, got ${boundaries[i - 1]} before ${at}`);
  });
  const [at, levels] = [[...boundaries], [...values]];
  return (k) => {
    let i = 0;
    while (i < at.length && k >= at[i]) i++;
    return levels[i];
  };
}

/** From initial to final along half a cosine, at the fraction t. */
function halfCosine(initial: number, final: number, t: number): number {
  return final + ((initial - final) * (1 + cosPi(t))) / 2;
}

function ends(name: string, options: { initial: number; final?: number; steps: number }) {
  checkOptions(name, options, { initial: true, final: true, steps: true });
  const { initial, final = 0, steps } = options;
  checkFinite(name, 'initial', initial);
  checkFinite(name, 'final', final);
  checkSteps(name, 'steps', steps);
  return { initial, final, steps };
}

function checkSteps(name: string, argument: string, value: unknown): void {
  checkAtLeast(name, argument, value, Number.MIN_VALUE);
}
