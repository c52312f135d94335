// argmin: the solution of a user's optimisation problem as a node.
import { checkFlag, checkFunction, checkObject, checkOneOf } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import type { Method } from '../../optim/method.js';
import type { Solution } from '../../solve/solution.js';
import { checkReporter, type ToleranceOptions } from '../problems/report.js';
import { solveNode } from './node.js';

/** A function of the parameters and the unknowns, written in operations. */
// biome-ignore lint/suspicious/noExplicitAny: x has the type that the user gives
export type ProblemFunction = (x: any, u: Tensor) => Tensor;

/** A solver of the user's: sees plain values, and gives u or a Solution. */
// biome-ignore lint/suspicious/noExplicitAny: x has the type that the user gives
export type ProblemSolver = (x: any, u0: any) => Tensor | Pick<Solution<Tensor>, 'x'>;

/** A problem, and how it is solved. */
export interface Problem extends ToleranceOptions {
  /** What is minimised: a scalar for each problem. */
  objective: ProblemFunction;
  /** = 0: a vector for each problem. */
  equality?: ProblemFunction;
  /** <= 0: a vector for each problem. */
  inequality?: ProblemFunction;
  /** A method of `optim` (without constraints), or your own solver; default: Newton's method, or SQP. */
  solver?: Method | ProblemSolver;
  /** 'implicit' (default), or 'unroll': differentiates the solver as it ran. */
  backward?: 'implicit' | 'unroll';
  /** The first axes of u are a batch of problems; default 0. */
  batchAxes?: number;
  /** Gives { u, lambda, nu }. */
  multipliers?: boolean;
  /** What a problem of a batch without a solution does: 'throw' (default), or its entries and derivatives are NaN or 0. */
  failed?: 'throw' | 'nan' | 'zero';
  /**
   * κ > 0: the solution stays exact, but its derivatives are those of the point near it with s λ = κ, s = -g(x, u).
   * Then weakly active constraints respond, too. Default: not relaxed.
   */
  relax?: number;
}

/** A solution with its multipliers: ∇f + Gᵀλ + Aᵀν = 0, λ >= 0. */
export interface ArgminSolution {
  u: Tensor;
  lambda: Tensor;
  nu: Tensor;
}

const OPTIONS: OptionNames<Problem> = {
  objective: true,
  equality: true,
  inequality: true,
  solver: true,
  backward: true,
  batchAxes: true,
  multipliers: true,
  failed: true,
  relax: true,
  tolerance: true,
  maxIterations: true,
  throws: true,
  onSolve: true,
};

/**
 * A function of parameters x that gives the minimum of an objective near a start: u = argmin f(x, u) subject to
 * h(x, u) = 0 and g(x, u) <= 0.
 *
 * Solved on values: without constraints by Newton's method with modified Hessians or by a method of `optim`, with
 * constraints by sequential quadratic programming, and then polished to rounding; or by your own solver, whose result
 * is checked. Derivatives in every tensor of x (and in tensors that the functions capture), in both modes and to any
 * order, by the implicit function theorem; memory does not grow with the iterations. Active inequalities count as
 * equalities; one that holds with equality and has the multiplier 0 is ignored. Hessians may be singular where the
 * constraints make the solution unique; dependent constraints have the multipliers of smallest norm. The start chooses
 * the solution, and has no derivative.
 * @param problem `objective`, `equality`, `inequality`: (x, u) => tensors; `solver`; `backward`; `batchAxes`: the first
 * axes of u and of the results are a batch of problems, each of which depends on its own u only; `multipliers`;
 * `failed`; `relax`; `tolerance` of the relative residuals: default 1e-10 (f32: 1e-5); `maxIterations`: default 200; `throws`;
 * `onSolve`.
 * @returns (x, u0?) => u, or { u, lambda, nu }. x is any tree; u0, a tensor, may be left out if `solver` is a function.
 * Inside `compile` and `trace` it cannot be called, since it reads values.
 * @throws ConvergenceError if the point is no solution to the tolerance, or with 'infeasible' or 'unbounded';
 * SingularMatrixError for the derivative of a solution that is not unique; ArgumentError, ShapeError, DTypeError.
 * Source: the lecture notes, Theorems 3.1 and 3.2, whose ν (as ddn's) is the negative of ours.
 * @example
 * const mean = nodes.argmin({ objective: (x, u) => sum(square(sub(u, x))) });
 * grad((x) => sum(mean(x, zeros([1]))))(tensor([1, 2, 6])); // [0.333, 0.333, 0.333]
 */
export function argmin<X = Tree>(
  problem: Problem & { multipliers: true },
): (x: X, u0?: Tensor) => ArgminSolution;
export function argmin<X = Tree>(problem: Problem & { multipliers?: false }): (x: X, u0?: Tensor) => Tensor;
export function argmin<X = Tree>(problem: Problem): (x: X, u0?: Tensor) => Tensor | ArgminSolution;
export function argmin<X = Tree>(problem: Problem): (x: X, u0?: Tensor) => Tensor | ArgminSolution {
  checkObject('argmin', 'the problem', problem);
  checkOptions('argmin', problem, OPTIONS, 'the problem');
  checkProblem(problem);
  const { backward = 'implicit', multipliers = false } = problem;
  return (x, u0) => {
    if (backward === 'unroll') return unrolled(problem, x as Tree, u0);
    return scope(() => {
      const { u, lambda, nu } = solveNode(problem, x as Tree, u0);
      return multipliers ? { u, lambda, nu } : u;
    });
  };
}

function checkProblem(problem: Problem): void {
  const { objective, equality, inequality, solver, backward = 'implicit', batchAxes = 0 } = problem;
  checkFunction('argmin', 'objective', objective);
  if (equality !== undefined) checkFunction('argmin', 'equality', equality);
  if (inequality !== undefined) checkFunction('argmin', 'inequality', inequality);
  checkOneOf('argmin', 'backward', backward, ['implicit', 'unroll']);
  if (problem.multipliers !== undefined) checkFlag('argmin', 'multipliers', problem.multipliers);
  checkOneOf('argmin', 'failed', problem.failed ?? 'throw', ['throw', 'nan', 'zero']);
  checkReporter('argmin', problem.onSolve);
  const { relax } = problem;
  if (relax !== undefined && !(typeof relax === 'number' && relax > 0 && relax < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`argmin: relax must be a number above 0, got ${describe(relax)}`);
  if (!(Number.isInteger(batchAxes) && batchAxes >= 0))
    throw new ArgumentError(`argmin: batchAxes must be an integer of at least 0, got ${describe(batchAxes)}`);
  if (backward === 'unroll' && (typeof solver !== 'function' || problem.multipliers === true))
    throw new ArgumentError("argmin: backward: 'unroll' needs a solver function, and gives no multipliers");
  if (solver === undefined || typeof solver === 'function') return;
  if (typeof (solver as Method)?.start !== 'function')
    throw new ArgumentError(
      `argmin: solver must be a function or a method like optim.newton(), got ${describe(solver)}`,
    );
  if (equality !== undefined || inequality !== undefined)
    throw new ArgumentError(
      'argmin: a method of optim solves unconstrained problems only (leave solver out)',
    );
}

/** The solver's result as it was computed. */
function unrolled({ solver }: Problem, x: Tree, u0: Tensor | undefined): Tensor {
  const given = (solver as ProblemSolver)(x, u0);
  return 'x' in given ? given.x : given;
}
