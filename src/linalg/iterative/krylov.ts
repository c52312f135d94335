// Shared by the iterative solvers: options, results, reasons for stopping, and the scaling of right sides.

import { checkFlag } from '../../core/check.js';
import { zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import type { DType } from '../../core/dtype.js';
import { ArgumentError, ConvergenceError, DTypeError, ShapeError } from '../../core/errors.js';
import type { OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { type Shape, sameShape, show } from '../../core/shape.js';
import { allocate, type Tensor, viewOf } from '../../core/tensor.js';
import { divide, norm2 } from '../blas/tensors.js';
import { exponentOf, powerOfTwo } from '../powers-of-two.js';
import { checkFloat, cloneTensor, type Float } from '../stack.js';
import { type Apply, asApply, type LinearOperator } from './operator.js';

/** Options of every iterative solver. */
export interface IterativeOptions {
  /** The start, in the shape of the solution; default 0. Not changed. */
  x0?: Tensor;
  /**
   * Stop when ‖b - A x‖ <= tolerance ‖b‖; default the square root of the machine epsilon: 1.5e-8 in f64, 3.5e-4 in f32.
   */
  tolerance?: number;
  /**
   * Largest number of iterations. Reaching a limit given here is not an error; reaching the solver's default limit is
   * one.
   */
  maxIterations?: number;
  /** true: throw whenever the tolerance is not met; false: never throw; default: depends on `maxIterations`. */
  throws?: boolean;
}

export const ITERATIVE_OPTIONS: OptionNames<IterativeOptions> = {
  x0: true,
  tolerance: true,
  maxIterations: true,
  throws: true,
};

/** Why a solver stopped. */
export type Status = 'converged' | 'maxIterations' | 'indefinite' | 'singular' | 'stagnation' | 'notFinite';

/** The advice in messages. */
const ADVICE: Record<Exclude<Status, 'converged'>, string> = {
  maxIterations: 'the limit is reached (raise maxIterations, or give a preconditioner)',
  indefinite: 'A or the preconditioner is not positive definite (use minres or gmres)',
  singular: 'A is singular, and b is not in its range (use lsmr)',
  stagnation: 'the residual no longer falls (raise the tolerance or restart, or give a preconditioner)',
  notFinite: 'a NaN or an Infinity has come up (look at A, b and x0)',
};

/** From best to worst. */
const ORDER: readonly Status[] = [
  'converged',
  'maxIterations',
  'stagnation',
  'singular',
  'indefinite',
  'notFinite',
];

/** A status as a number, for tensors. */
export function statusIndex(status: Status): number {
  return ORDER.indexOf(status);
}

/** The status of a number. */
export function statusAt(index: number): Status {
  return ORDER[index];
}

/** The status of several right sides together. */
export function worstOf(statuses: readonly Status[]): Status {
  return ORDER[Math.max(0, ...statuses.map((status) => ORDER.indexOf(status)))];
}

/** The largest residual; NaN if there is one, 0 for no residuals. */
export function maxOf(residuals: readonly number[]): number {
  return residuals.reduce((high, v) => (v > high || Number.isNaN(v) ? v : high), 0);
}

/** The result of a solver. With k right sides the worst of them counts. */
export interface IterativeResult {
  /** The solution, in the shape of b. */
  x: Tensor;
  /** Iterations done. */
  iterations: number;
  /** ‖b - A x‖ / ‖b‖, computed from x when the iteration ends; 0 if b is 0. */
  residual: number;
  /** Whether the tolerance was met. */
  converged: boolean;
  /** Why the iteration stopped. */
  status: Status;
}

/** Settings, with defaults filled in. */
export interface Settings {
  dtype: Float;
  /** Number of rows and of right sides. */
  n: number;
  k: number;
  tolerance: number;
  maxIterations: number;
  /** Which statuses are errors. */
  fails(status: Status): boolean;
}

/** Checks b and the options. */
export function settingsOf(
  name: string,
  b: Tensor,
  options: IterativeOptions,
  defaultIterations: (n: number) => number,
): Settings {
  checkFloat(name, 'b', b);
  if (b.ndim !== 1 && b.ndim !== 2)
    throw new ShapeError(`${name}: b must have shape [n] or [n, k], got ${show(b.shape)}`);
  const { tolerance, maxIterations, throws } = options;
  if (tolerance !== undefined && !(typeof tolerance === 'number' && tolerance >= 0))
    throw new ArgumentError(`${name}: tolerance must be at least 0, got ${describe(tolerance)}`);
  if (maxIterations !== undefined && !(Number.isInteger(maxIterations) && maxIterations >= 0))
    throw new ArgumentError(`${name}: maxIterations must be a count, got ${describe(maxIterations)}`);
  if (throws !== undefined) checkFlag(name, 'throws', throws);
  return {
    dtype: b.dtype as Float,
    n: b.shape[0],
    k: b.shape[1] ?? 1,
    tolerance: tolerance ?? Math.sqrt(epsilonOf(b.dtype as Float)),
    maxIterations: maxIterations ?? defaultIterations(b.shape[0]),
    fails: (status) =>
      status !== 'converged' && (throws ?? (status !== 'maxIterations' || maxIterations === undefined)),
  };
}

/** A x = b for square A, checked. */
export interface System {
  settings: Settings;
  apply: Apply;
  precondition?: Apply;
}

/** Checks all arguments of a solver for square A. */
export function systemOf(
  name: string,
  A: LinearOperator,
  b: Tensor,
  options: IterativeOptions & { preconditioner?: LinearOperator },
  defaultIterations: (n: number) => number,
): System {
  const { x0, preconditioner } = options;
  const settings = settingsOf(name, b, options, defaultIterations);
  const apply = asApply(name, 'A', A, b);
  const precondition =
    preconditioner === undefined ? undefined : asApply(name, 'preconditioner', preconditioner, b);
  if (x0 !== undefined) checkLike(name, 'x0', x0, b);
  return { settings, apply, precondition };
}

/** The start, divided by `unit`; 0 if b is 0, since the solution is then 0, however far away x0 is. */
export function startOf(name: string, x0: Tensor | undefined, b: Tensor, unit: number): Tensor {
  if (x0 === undefined || norm2(b) === 0) return zeros(b.shape, { dtype: b.dtype });
  const x = cloneTensor(x0, name);
  divide(x, unit);
  return x;
}

/** The distance from 1 to the next number. */
export function epsilonOf(dtype: Float): number {
  return dtype === 'f64' ? 2 ** -52 : 2 ** -23;
}

/** So many times the machine epsilon of its start a recurrence's residual may fall: that of x does not fall below that in one run. */
export const LOWEST = 4;

/** Throws unless x has this shape and dtype. */
export function checkLike(
  name: string,
  argument: string,
  x: Tensor,
  like: { shape: Shape; dtype: DType },
): void {
  checkFloat(name, argument, x);
  if (!sameShape(x.shape, like.shape))
    throw new ShapeError(`${name}: ${argument} must have shape ${show(like.shape)}, got ${show(x.shape)}`);
  if (x.dtype !== like.dtype)
    throw new DTypeError(`${name}: ${argument} must be ${like.dtype} like b, got ${x.dtype}`);
}

/** Returns the result, or throws if the settings ask for it. */
export function throwUnlessConverged(
  name: string,
  result: IterativeResult,
  settings: Settings,
): IterativeResult {
  const { status, iterations, residual } = result;
  if (status !== 'converged' && settings.fails(status)) {
    throw new ConvergenceError(
      `${name}: not converged after ${iterations} iterations: relative residual ${residual.toPrecision(3)}, wanted ` +
        `${settings.tolerance.toPrecision(3)}: ${ADVICE[status]}`,
      iterations,
      residual,
    );
  }
  return result;
}

/**
 * The power of two by which a right side of this norm is divided, so that squares of proportional quantities neither
 * overflow nor underflow; 1 if there is no danger, so that iterates are exactly those of the textbook.
 */
export function unitOf(norm: number, dtype: Float): number {
  const [low, high] = dtype === 'f64' ? [1e-100, 1e100] : [1e-8, 1e8];
  if (norm === 0 || !Number.isFinite(norm) || (norm > low && norm < high)) return 1;
  return powerOfTwo(Math.max(-1022, Math.min(1022, exponentOf(norm))));
}

/**
 * Solves for one column of b after the other, with vectors of n elements; the worst column determines the figures of
 * the result.
 * `rows` is the number of rows of the solution. Frees everything except the solution, and throws if the settings ask
 * for it.
 */
export function byColumns<R extends IterativeResult>(
  name: string,
  b: Tensor,
  x0: Tensor | undefined,
  rows: number,
  settings: Settings,
  solve: (b: Tensor, x0: Tensor | undefined) => R,
): R {
  return scope((): IterativeResult => {
    if (b.ndim === 1) return throwUnlessConverged(name, solve(b, x0), settings);
    const one = (side: Tensor, start: Tensor | undefined) =>
      solve(viewOf(side, [side.size]), start && viewOf(start, [start.size]));
    return throwUnlessConverged(name, inBlocks(name, b, x0, rows, 1, one), settings);
  }) as R;
}

/** The same for `width` columns of b [n, k] at a time, without the scope and the errors. */
export function inBlocks<R extends IterativeResult>(
  name: string,
  b: Tensor,
  x0: Tensor | undefined,
  rows: number,
  width: number,
  solve: (b: Tensor, x0: Tensor | undefined) => R,
): R {
  const [n, k] = b.shape;
  const x = allocate([rows, k], b.dtype, name);
  const results: R[] = [];
  for (let c = 0; c < k; c += width) {
    const count = Math.min(width, k - c);
    scope(() => {
      const one = solve(columns(name, b, n, c, count), x0 && columns(name, x0, rows, c, count));
      const [from, to] = [one.x.data(), x.data()];
      for (let i = 0; i < rows; i++) for (let j = 0; j < count; j++) to[i * k + c + j] = from[i * count + j];
      results.push(one);
    });
  }
  const status = worstOf(results.map((one) => one.status));
  const residual = maxOf(results.map((one) => one.residual));
  return {
    ...(results.find((one) => one.status === status) as R),
    x,
    iterations: Math.max(0, ...results.map((one) => one.iterations)),
    residual,
    converged: status === 'converged',
    status,
  };
}

/** Columns c … c + count - 1 of a matrix with this many rows. */
function columns(name: string, from: Tensor, rows: number, c: number, count: number): Tensor {
  const to = allocate([rows, count], from.dtype, name);
  const [source, target] = [from.data(), to.data()];
  const k = from.shape[1];
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < count; j++) target[i * count + j] = source[i * k + c + j];
  return to;
}
