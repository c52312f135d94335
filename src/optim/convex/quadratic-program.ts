// quadraticProgram: min 1/2 xᵀPx + qᵀx over Gx <= h and Ax = b, by interior point or operator splitting.
import { describeMade } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { view } from '../../linalg/blas/addresses.js';
import type { Float } from '../../linalg/stack.js';
import type { Linearization } from '../../ops/op.js';
import { explain, type Solution, solutionOf } from '../../solve/solution.js';
import { type IterationOptions, limitsOf } from '../../solve/watch.js';
import type { Certificate } from './certificate.js';
import { interiorPoint } from './interior-point.js';
import type { ConvexMethod } from './method.js';
import { checkParts, type ProgramSizes, type QuadraticProgram, readProgram } from './program.js';
import { cotangentsOfProgram, type Parts, tangentsOfProgram } from './program-derivative.js';
import { type ProgramResult, solveProgram } from './solve-program.js';
import { callSolver, withNumbers } from './solver-row.js';

/**
 * Options of `quadraticProgram` and `linearProgram`. `gradientTolerance` bounds the KKT residuals relative to the data.
 */
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

/** The result of `quadraticProgram` and `linearProgram`. */
export interface QuadraticSolution extends Solution<Tensor> {
  /** Multipliers of Gx <= h, [m], not negative: P x + q + Gᵀλ + Aᵀν = 0. */
  lambda: Tensor;
  /** Multipliers of Ax = b, [p]. */
  nu: Tensor;
  /** xᵀPx + qᵀx + hᵀλ + bᵀν: for feasible multipliers, an upper bound for how far the value is above the minimum. */
  gap: number;
  /** Number of factorizations. */
  factorizations: number;
  /** Indices of the inequalities that hold with equality and have a multiplier. */
  active: number[];
  /** For 'infeasible': { lambda, nu }; for 'unbounded': { x }. */
  certificate?: Certificate;
}

/** A solution without its tensors. */
interface ProgramOutcome extends Omit<QuadraticSolution, 'x' | 'lambda' | 'nu' | 'certificate'> {
  certificate?: { x?: Float64Array; lambda?: Float64Array; nu?: Float64Array };
}

const PARTS = ['P', 'q', 'G', 'h', 'A', 'b'] as const;

/** The figures of a run. */
const NUMBERS = [
  ...['value', 'gap', 'gradientNorm', 'iterations', 'evaluations', 'factorizations', 'active'],
  ...['converged', 'status', 'message'],
];

/**
 * Solves a convex quadratic program, min 1/2 xᵀPx + qᵀx subject to Gx <= h and Ax = b.
 *
 * Data of either dtype are scaled and solved in f64, and the solution is rounded to the dtype. Rows of A may be
 * dependent. If possible, the active inequalities at the solution are identified and its equations solved to rounding.
 *
 * x, lambda and nu are differentiable in P, q, G, h, A and b, to any order, in both modes, and a node inside compiled
 * functions, by the implicit function theorem on the KKT equations with the inequalities in `active`. An inequality
 * that holds with equality and multiplier 0 counts as absent, which gives one of the two one-sided derivatives. If the
 * solution, or a multiplier whose derivative is taken, is not unique, the derivative is a SingularMatrixError. The
 * numbers of the solution have no derivatives; reading one inside a compiled or traced function is an error.
 * @param problem P [n, n] positive semidefinite (zero for a linear program), q [n], G [m, n] with h [m], A [p, n] with
 * b [p]; all of
 *   one dtype. h may be Infinity.
 * @param options `method`; `gradientTolerance`: relative KKT residuals, default 1e-9; `maxIterations`, `onIteration`,
 * `trace`,
 *   `throws`.
 * @returns the Solution with `lambda`, `nu`, `gap`; `gradientNorm` is the largest entry of |P x + q + Gᵀλ + Aᵀν|. For
 * an infeasible
 *   or unbounded problem: that status and a verified `certificate`: λ >= 0 with Gᵀλ + Aᵀν = 0 and hᵀλ + bᵀν = -1
 * (Farkas), or a
 *   ray x with P x = 0, G x <= 0, A x = 0 and qᵀx = -1.
 * @throws ConvergenceError with `.solution` unless `throws` is false; ArgumentError if P has a negative eigenvalue, or
 * a number is
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
  const run = () => {
    const method = checkMethod(name, options.method === undefined ? interiorPoint() : options.method);
    const sizes = checkParts(name, problem, linear);
    checkWarmStart(name, method, sizes);
    const limits = limitsOf(name, options, {
      tolerance: 1e-9,
      maxIterations: method.maxIterations,
    });
    const { n, m, p, dtype } = sizes;
    const keys = PARTS.filter((key) => problem[key] !== undefined && !(linear && key === 'P'));
    const partsOf = <T>(list: readonly T[]) =>
      Object.fromEntries(keys.map((key, i) => [key, list[i]])) as Parts<T>;
    const at = ({ inputs, outputs: [x, lambda, nu, active, solved] }: Linearization<undefined>) => ({
      ...{ user: name, parts: partsOf(inputs), x, lambda, nu, active, solved },
    });
    const { outputs, outcome } = callSolver<ProgramOutcome>(
      {
        ...{ name, options },
        outputs: [
          { shape: [n], dtype },
          { shape: [m], dtype },
          { shape: [p], dtype },
          { shape: [m], dtype: 'i32' },
          { shape: [], dtype: 'i32' },
        ],
        run([x, lambda, nu, active, solved], inputs) {
          const program = readProgram(name, partsOf(inputs), sizes, linear);
          const result = solveProgram(name, program, dtype, method, limits, options);
          const { point, status } = result;
          x.data().set(view(point.x));
          lambda.data().set(view(point.lambda));
          nu.data().set(view(point.nu));
          active.data().set(result.active.map(Number));
          solved.data()[0] = Number(status === 'converged');
          return outcomeOf(name, method, result, limits.tolerance);
        },
        jvp: (tangents, point) => tangentsOfProgram(at(point), partsOf(tangents)),
        vjp: (cotangents, point) => {
          const wanted = keys.filter((_, i) => point.wanted[i]);
          const found = cotangentsOfProgram(at(point), cotangents, wanted);
          return keys.map((key) => found[wanted.indexOf(key)]);
        },
      },
      keys.map((key) => problem[key] as Tensor),
    );
    const [x, lambda, nu] = outputs;
    return { x, lambda, nu, outcome: outcome && { ...outcome, ...certificateOf(name, dtype, outcome) } };
  };
  const { outcome, ...tensors } = scope(run);
  const solution = withNumbers<QuadraticSolution>(name, tensors, outcome, NUMBERS);
  return outcome === undefined ? solution : solutionOf(solution, options);
}

function checkMethod(name: string, method: ConvexMethod): ConvexMethod {
  if (typeof method?.start === 'function' && typeof method.polishFrom === 'number') return method;
  const got = describeMade(method);
  throw new ArgumentError(
    `${name}: method must be optim.interiorPoint() or optim.operatorSplitting(), got ${got}`,
  );
}

/** Checks that a warm start has the sizes of the program. */
function checkWarmStart(name: string, { warmStart = {} }: ConvexMethod, { n, m, p }: ProgramSizes): void {
  for (const [key, size] of [
    ['x', n],
    ['lambda', m],
    ['nu', p],
  ] as const) {
    const got = warmStart[key]?.length ?? size;
    if (got !== size) throw new ShapeError(`${name}: warmStart.${key} must have ${size} numbers, got ${got}`);
  }
}

/** A result without its tensors, except for those of a certificate. */
function outcomeOf(
  name: string,
  method: ConvexMethod,
  result: ProgramResult,
  tolerance: number,
): ProgramOutcome {
  const { measured, status, iterations, trace, certificate, active } = result;
  const { value, stationarity, gap, error } = measured;
  return {
    ...{ value, gap, status, iterations },
    gradientNorm: stationarity,
    evaluations: { value: result.looks, gradient: result.looks, hessian: 0, product: 0 },
    factorizations: result.factorizations,
    active: active.flatMap((isActive, i) => (isActive ? [i] : [])),
    converged: status === 'converged',
    message: explain(
      `${name} by ${method.name}`,
      status,
      iterations,
      `value ${value}, gap ${gap} and relative KKT residuals of ${error} (tolerance ${tolerance})`,
    ),
    ...(certificate && {
      certificate: Object.fromEntries(
        Object.entries(certificate).map(([key, x]) => [key, Float64Array.from(view(x as Tensor))]),
      ),
    }),
    ...(trace && { trace }),
  };
}

/** The certificate in the dtype of the data. */
function certificateOf(name: string, dtype: Float, { certificate }: ProgramOutcome) {
  if (certificate === undefined) return {};
  const tensorOf = (values: Float64Array | undefined): Tensor => {
    const out = allocate([values?.length ?? 0], dtype, name);
    out.data().set(values ?? []);
    return out;
  };
  const { x, lambda, nu } = certificate;
  return {
    certificate: lambda === undefined ? { x: tensorOf(x) } : { lambda: tensorOf(lambda), nu: tensorOf(nu) },
  };
}
