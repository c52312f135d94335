// What a node says of the problems that it has solved.
import { checkFunction } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ConvergenceError } from '../../core/errors.js';
import type { Float } from '../../linalg/stack.js';

/** What was solved in one call: plain numbers. */
export interface SolveReport {
  /** The node's name. */
  node: string;
  /** Number of problems. */
  problems: number;
  /** The largest number of iterations of a problem; 0 for a direct solve. */
  iterations: number;
  /** Whether all residuals of all problems are within the tolerance. */
  converged: boolean;
  /** The largest of the batch, each relative to the size of the terms that it is a sum of. */
  residuals: Record<string, number>;
  /** Of nodes with the option `failed`: the status of each problem ('converged', 'infeasible', …). */
  statuses?: string[];
}

/** The option that all nodes have. */
export interface ReportOptions {
  /** Called once per call of the node, after the solver; in a plan, once per run. */
  onSolve?: (report: SolveReport) => void;
}

/** Options of iterative nodes. */
export interface ToleranceOptions extends ReportOptions {
  /** Bounds every residual. */
  tolerance?: number;
  maxIterations?: number;
  /** With false, the best point is given where the tolerance is not met; its derivative is then the error. Default true. */
  throws?: boolean;
}

/** The options in use. */
export interface Limits {
  tolerance: number;
  maxIterations: number;
  throws: boolean;
}

/** Checks these options. */
export function checkLimits(
  name: string,
  { tolerance, maxIterations, throws = true, onSolve }: ToleranceOptions,
  defaults: { tolerance: number; maxIterations: number },
): Limits {
  checkReporter(name, onSolve);
  const limits = {
    tolerance: tolerance ?? defaults.tolerance,
    maxIterations: maxIterations ?? defaults.maxIterations,
    throws,
  };
  if (typeof limits.tolerance !== 'number' || !(limits.tolerance > 0))
    throw new ArgumentError(`${name}: tolerance must be above 0, got ${describe(limits.tolerance)}`);
  if (!(Number.isInteger(limits.maxIterations) && limits.maxIterations >= 0))
    throw new ArgumentError(
      `${name}: maxIterations must be an integer of at least 0, got ${describe(limits.maxIterations)}`,
    );
  if (typeof throws !== 'boolean')
    throw new ArgumentError(`${name}: throws must be true or false, got ${describe(throws)}`);
  return limits;
}

export function checkReporter(name: string, onSolve: ReportOptions['onSolve']): void {
  if (onSolve !== undefined) checkFunction(name, 'onSolve', onSolve);
}

/** The default tolerance of most nodes. */
export function defaultTolerance(dtype: Float): number {
  return dtype === 'f64' ? 1e-10 : 1e-5;
}

/** A residual over the size of the terms that it is a sum of; 0/0 is 0. */
export function relative(residual: number, terms: number): number {
  return residual === 0 ? 0 : residual / terms;
}

/** The largest of each residual. */
export class Residuals {
  readonly largest: Record<string, number> = {};

  /** Notes those of one problem. A NaN stays. */
  note(found: Readonly<Record<string, number>>): void {
    for (const [key, value] of Object.entries(found)) {
      const before = this.largest[key] ?? 0;
      this.largest[key] = value > before || Number.isNaN(value) ? value : before;
    }
  }

  get worst(): number {
    let worst = 0;
    for (const value of Object.values(this.largest)) {
      if (Number.isNaN(value)) return value;
      worst = Math.max(worst, value);
    }
    return worst;
  }
}

/** The error of a node that has not met its tolerance in `limit` iterations, or could not go on before. */
export function notConverged(
  name: string,
  iterations: number,
  residual: number,
  where = '',
  limit = iterations,
): ConvergenceError {
  const advice =
    iterations >= limit
      ? 'raise maxIterations or tolerance'
      : 'more iterations do not lower it: scale the problem, start elsewhere, or raise tolerance';
  return new ConvergenceError(
    `${name}: not converged after ${iterations} iterations, the largest residual is ${residual.toExponential(2)}${where} (${advice})`,
    iterations,
    residual,
  );
}
