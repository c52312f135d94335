// quadraticProgram: min 1/2 xᵀPx + qᵀx over Gx <= h and Ax = b, by interior point or operator splitting.
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import type { Float } from '../../linalg/stack.js';
import { explain, type Solution, solutionOf } from '../../solve/solution.js';
import { type IterationOptions, limitsOf } from '../../solve/watch.js';
import type { Certificate } from './certificate.js';
import { interiorPoint } from './interior-point.js';
import type { ConvexMethod } from './method.js';
import { type ConvexProgram, checkProgram, type QuadraticProgram } from './program.js';
import { type ProgramResult, solveProgram } from './solve-program.js';

/** Options of `quadraticProgram` and `linearProgram`. `gradientTolerance` bounds the KKT residuals relative to the data. */
export interface QuadraticProgramOptions extends Omit<IterationOptions, 'compile'> {
  /** `interiorPoint()` (the default) or `operatorSplitting()`. */
  method?: ConvexMethod;
}

const OPTIONS: OptionNames<QuadraticProgramOptions> = {
  gradientTolerance: true,
  maxIterations: true,
  onIteration: true,
  throws: true,
  trace: true,
  method: true,
};

/** What `quadraticProgram` and `linearProgram` give. */
export interface QuadraticSolution extends Solution<Tensor> {
  /** Multipliers of Gx <= h, [m], not negative: P x + q + Gᵀλ + Aᵀν = 0. */
  lambda: Tensor;
  /** Multipliers of Ax = b, [p]. */
  nu: Tensor;
  /** xᵀPx + qᵀx + hᵀλ + bᵀν: how far the value can be above the minimum, for multipliers that are feasible. */
  gap: number;
  /** Matrices factored. */
  factorizations: number;
  /** Indices of the inequalities that hold with equality and have a multiplier. */
  active: number[];
  /** For 'infeasible': { lambda, nu }; for 'unbounded': { x }. */
  certificate?: Certificate;
}

/**
 * Solves a convex quadratic program, min 1/2 xᵀPx + qᵀx subject to Gx <= h and Ax = b.
 *
 * Data are scaled and solved in f64 whatever their dtype, in which the solution is then rounded. Rows of A may be dependent; the
 * active inequalities at the solution are found and its equations solved to rounding, where that is possible.
 * @param problem P [n, n] positive semidefinite (zero for a linear program), q [n], G [m, n] with h [m], A [p, n] with b [p]; all of
 *   one dtype. h may be Infinity.
 * @param options `method`; `gradientTolerance`: relative KKT residuals, default 1e-9; `maxIterations`, `onIteration`, `trace`,
 *   `throws`.
 * @returns the Solution with `lambda`, `nu`, `gap`; `gradientNorm` is the largest entry of |P x + q + Gᵀλ + Aᵀν|. An infeasible or
 *   unbounded problem has that status and a verified `certificate`: λ >= 0 with Gᵀλ + Aᵀν = 0 and hᵀλ + bᵀν = -1 (Farkas), or a
 *   ray x with P x = 0, G x <= 0, A x = 0 and qᵀx = -1.
 * @throws ConvergenceError with `.solution` unless `throws` is false; ArgumentError where P has a negative eigenvalue, or a number is
 *   NaN; ShapeError, DTypeError.
 * Source: Boyd & Vandenberghe, Convex Optimization, section 4.4; Nocedal & Wright, chapter 16.
 * @example
 * const { x, lambda } = optim.quadraticProgram({ P: eye(2), q: tensor([-2, 0]), G: tensor([[1, 1]]), h: tensor([1]) });
 * // x = [1.5, -0.5], lambda = [0.5]
 */
export function quadraticProgram(
  problem: QuadraticProgram,
  options: QuadraticProgramOptions = {},
): QuadraticSolution {
  return solveAs('quadraticProgram', problem, options, false);
}

/** The same under another name; `linear`: q is called c, and there is no P. */
export function solveAs(
  name: string,
  problem: QuadraticProgram,
  options: QuadraticProgramOptions,
  linear: boolean,
): QuadraticSolution {
  checkOptions(name, options, OPTIONS);
  const run = (): QuadraticSolution => {
    const method = checkMethod(name, options.method === undefined ? interiorPoint() : options.method);
    const { program, dtype } = checkProgram(name, problem, linear);
    checkWarmStart(name, method, program);
    const limits = limitsOf(name, options, {
      tolerance: 1e-9,
      maxIterations: method.maxIterations,
    });
    const result = solveProgram(name, program, dtype, method, limits, options);
    return present(name, method, program, dtype, result, limits.tolerance);
  };
  return solutionOf(scope(run), options);
}

function checkMethod(name: string, method: ConvexMethod): ConvexMethod {
  if (typeof method?.start === 'function' && typeof method.polishFrom === 'number') return method;
  const got = typeof method === 'function' ? 'a function (call it)' : describe(method);
  throw new ArgumentError(
    `${name}: method must be optim.interiorPoint() or optim.operatorSplitting(), got ${got}`,
  );
}

/** A warm start has the sizes of the program. */
function checkWarmStart(name: string, { warmStart = {} }: ConvexMethod, { n, m, p }: ConvexProgram): void {
  for (const [key, size] of [
    ['x', n],
    ['lambda', m],
    ['nu', p],
  ] as const) {
    const got = warmStart[key]?.length ?? size;
    if (got !== size) throw new ShapeError(`${name}: warmStart.${key} must have ${size} numbers, got ${got}`);
  }
}

/** The result in the dtype of the data. */
function present(
  name: string,
  method: ConvexMethod,
  { m }: ConvexProgram,
  dtype: Float,
  result: ProgramResult,
  tolerance: number,
): QuadraticSolution {
  const rounded = (x: Tensor): Tensor => {
    const out = allocate(x.shape, dtype, name);
    out.data().set(x.data());
    return out;
  };
  const { point, measured, status, iterations, trace, certificate } = result;
  const { value, stationarity, gap, error } = measured;
  const proof: Certificate | undefined =
    certificate === undefined
      ? undefined
      : certificate.lambda === undefined
        ? { x: rounded(certificate.x) }
        : { lambda: rounded(certificate.lambda), nu: rounded(certificate.nu) };
  return {
    x: rounded(point.x),
    lambda: rounded(point.lambda),
    nu: rounded(point.nu),
    ...{ value, gap, status, iterations },
    gradientNorm: stationarity,
    evaluations: { value: result.looks, gradient: result.looks, hessian: 0, product: 0 },
    factorizations: result.factorizations,
    active: Array.from({ length: m }, (_, i) => i).filter((i) => result.active[i]),
    converged: status === 'converged',
    message: explain(
      `${name} by ${method.name}`,
      status,
      iterations,
      `value ${value}, gap ${gap} and relative KKT residuals of ${error} (tolerance ${tolerance})`,
    ),
    ...(proof && { certificate: proof }),
    ...(trace && { trace }),
  };
}
