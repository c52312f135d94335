// Methods of odeint, with their settings checked.
import { checkAtLeast, checkLimit, checkPositive } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { isPlainObject } from '../../core/kind.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { eulerStep, type FixedStep, rk4Step } from './runge-kutta.js';

/** A method with steps of one length. */
export interface FixedMethod {
  readonly name: 'euler' | 'rk4';
  readonly dt: number;
}

/** Settings of `dopri5`. */
export interface Dopri5Options {
  /** Relative tolerance of a step; default 1e-6. */
  rtol?: number;
  /** Absolute tolerance of a step; default 1e-9. */
  atol?: number;
  /** Length of the first step; default from the size of the first two derivatives. */
  dt0?: number;
  /** A shorter step is an error; default 0. */
  minStep?: number;
  /** Default no limit. */
  maxStep?: number;
  /** Limit on accepted and rejected steps together; default 100,000. */
  maxSteps?: number;
}

/** A method that chooses its steps. */
export interface AdaptiveMethod extends Required<Omit<Dopri5Options, 'dt0'>> {
  readonly name: 'dopri5';
  readonly dt0: number | undefined;
}

export type OdeMethod = FixedMethod | AdaptiveMethod;

const DOPRI5_OPTIONS: OptionNames<Dopri5Options> = {
  ...{ rtol: true, atol: true, dt0: true, minStep: true, maxStep: true, maxSteps: true },
};

function fixed(name: 'euler' | 'rk4', options: { dt: number }): FixedMethod {
  checkOptions(name, options, { dt: true });
  checkPositive(name, 'dt', options.dt);
  return { name, dt: options.dt };
}

/**
 * Euler's method, of order 1, from time to time in ceil(Δ/dt) equal steps, none longer than dt.
 * @throws ArgumentError for a dt that is not positive and finite.
 */
export function euler(options: { dt: number }): FixedMethod {
  return fixed('euler', options);
}

/**
 * The classical Runge-Kutta method, of order 4, from time to time in ceil(Δ/dt) equal steps, none longer than dt.
 * @throws ArgumentError for a dt that is not positive and finite.
 */
export function rk4(options: { dt: number }): FixedMethod {
  return fixed('rk4', options);
}

/**
 * The method of Dormand and Prince of order 5 with an error estimate of order 4 (J. Comput. Appl. Math. 6, 1980), local extrapolation, and steps that the
 * estimate chooses: the root mean square over a member of error / (atol + rtol max(|x|, |next x|)) must be at most 1, the worst member decides. Steps end at
 * the times that are asked for.
 * @throws ArgumentError for tolerances and limits out of range.
 */
export function dopri5(options: Dopri5Options = {}): AdaptiveMethod {
  const name = 'dopri5';
  checkOptions(name, options, DOPRI5_OPTIONS);
  const { rtol = 1e-6, atol = 1e-9, dt0, minStep = 0, maxStep = Number.POSITIVE_INFINITY } = options;
  const { maxSteps = 100_000 } = options;
  checkAtLeast(name, 'rtol', rtol, 0);
  checkAtLeast(name, 'atol', atol, 0);
  if (rtol + atol === 0 || !Number.isFinite(rtol + atol))
    throw new ArgumentError(`${name}: rtol and atol must be finite, and not both 0, got ${rtol} and ${atol}`);
  if (dt0 !== undefined) checkPositive(name, 'dt0', dt0);
  checkAtLeast(name, 'minStep', minStep, 0);
  if (typeof maxStep !== 'number' || !(maxStep > 0))
    throw new ArgumentError(`${name}: maxStep must be positive, got ${describe(maxStep)}`);
  if (minStep > maxStep)
    throw new ArgumentError(`${name}: minStep must be at most maxStep, got ${minStep} and ${maxStep}`);
  checkLimit(name, 'maxSteps', maxSteps, 1);
  return { name, rtol, atol, dt0, minStep, maxStep, maxSteps };
}

const METHODS: Record<string, (settings: never) => OdeMethod> = { euler, rk4, dopri5 };

/** `value` as a method, with its settings checked. */
export function checkMethod(name: string, value: unknown): OdeMethod {
  const { name: which, ...settings } = isPlainObject(value) ? value : {};
  if (typeof which !== 'string' || !Object.hasOwn(METHODS, which)) {
    throw new ArgumentError(
      `${name}: method must be dynamics.euler, rk4 or dopri5 with its settings, got ${describe(value)}`,
    );
  }
  return METHODS[which](settings as never);
}

export const STEPS: Record<FixedMethod['name'], FixedStep> = { euler: eulerStep, rk4: rk4Step };
