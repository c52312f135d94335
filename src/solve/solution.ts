// Solution: the result of every solver, why it stopped, and what to try.
import { ConvergenceError } from '../core/errors.js';
import type { Evaluations } from './objective.js';

/** The reasons for stopping, and which of them mean success. */
const STATUSES = {
  converged: { good: true, says: 'the tolerance is met' },
  maxIterations: {
    good: false,
    says: 'the limit of iterations is reached (raise maxIterations, or look at the trace: a method with curvature may need fewer)',
  },
  stopped: { good: false, says: 'onIteration has asked to stop' },
  stalled: {
    good: false,
    says:
      'no step lowers the value by more than rounding (a looser tolerance, better scaled variables, or f64 in the place of ' +
      'f32)',
  },
  lineSearch: {
    good: false,
    says:
      'the line search has found no acceptable step (check the gradient with checkGradients; f may not be smooth here, or ' +
      'not bounded below)',
  },
  notFinite: {
    good: false,
    says: 'a value or a derivative is NaN or infinite (look at f there, start elsewhere, or take a smaller first step)',
  },
  unbounded: {
    good: false,
    says: 'the objective has no lower bound (add constraints or a regulariser; a convex solver gives a certificate)',
  },
  infeasible: {
    good: false,
    says: 'no point meets all constraints (the certificate shows which contradict each other)',
  },
  singular: {
    good: false,
    says: 'a matrix of the method is singular (drop dependent constraints, or use a damped method)',
  },
} as const;

export type SolutionStatus = keyof typeof STATUSES;

/** One entry of the option `trace`. */
export interface TraceEntry {
  iteration: number;
  value: number;
  gradientNorm: number;
  /** Length of the step in units of the direction; 0 at the start. */
  step: number;
  /** Evaluations so far. */
  evaluations: Evaluations;
  /** Seconds since the start. */
  seconds: number;
}

/** The result of a solver. */
// biome-ignore lint/suspicious/noExplicitAny: x has the structure of x0
export interface Solution<X = any> {
  /** The final point, in the structure of x0; the caller owns its tensors. */
  x: X;
  /** The objective at x. */
  value: number;
  /** The largest absolute entry of the gradient at x (or of what the solver measures instead). */
  gradientNorm: number;
  iterations: number;
  evaluations: Evaluations;
  converged: boolean;
  status: SolutionStatus;
  /** One sentence: how it ended, and what to try if it did not converge. */
  message: string;
  /** With `trace: true`: one entry for the start and one per iteration. */
  trace?: TraceEntry[];
}

/** Whether a status means success. */
export function isGood(status: SolutionStatus): boolean {
  return STATUSES[status].good;
}

/** The sentence for a status. */
export function explain(name: string, status: SolutionStatus, iterations: number, reached: string): string {
  return `${name}: ${STATUSES[status].says}, after ${iterations} iteration${iterations === 1 ? '' : 's'}, with ${reached}`;
}

/**
 * Returns the solution or throws. With `throws: false` it never throws; otherwise it throws unless the solver
 * converged, the caller stopped it, or it reached a limit that the caller set.
 */
export function solutionOf<S extends Pick<Solution, 'status' | 'message' | 'iterations' | 'gradientNorm'>>(
  solution: S,
  options: { throws?: boolean; maxIterations?: number },
): S {
  const { status, message, iterations, gradientNorm } = solution;
  const asked = status === 'stopped' || (status === 'maxIterations' && options.maxIterations !== undefined);
  if (isGood(status) || asked || options.throws === false) return solution;
  throw new ConvergenceError(message, iterations, gradientNorm, solution);
}
