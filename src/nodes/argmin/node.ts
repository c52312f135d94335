// Solves a problem of argmin for values, checks the solution, and gives it its derivatives.
import { tensor } from '../../core/create.js';
import { ArgumentError, ConvergenceError, ShapeError } from '../../core/errors.js';
import { show, sizeOf } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { flatten, type Structure, type Tree, unflatten } from '../../core/tree.js';
import { checkFloat, type Float } from '../../linalg/stack.js';
import { add, sub } from '../../ops/arithmetic.js';
import { isTransforming } from '../../ops/level.js';
import { stopGradient } from '../../ops/stop.js';
import { sum } from '../../ops/sum.js';
import { untraced } from '../../ops/untraced.js';
import type { Method } from '../../optim/method.js';
import { minimize } from '../../optim/minimize.js';
import { withDerivatives } from '../../solve/implicit.js';
import { plainOf } from '../../solve/implicit-root.js';
import { problemText } from '../problems/batch.js';
import { checkLimits, defaultTolerance, type Limits, notConverged, Residuals } from '../problems/report.js';
import type { ArgminSolution, Problem, ProblemSolver } from './argmin.js';
import { residualOf, systemSolver, unknownsOf } from './derivative.js';
import { type Evaluate, type Extents, functionsOf, opened } from './functions.js';
import { multipliersAt } from './multipliers.js';
import { PointwiseProblem } from './point.js';
import { type Stationary, stationaryPoint } from './polish.js';
import { relaxedPoints } from './relaxed.js';
import type { Multipliers } from './residuals.js';
import { descend } from './solve.js';

/** Iterations of the default solver. */
const ITERATIONS = 200;

/** A point of a solver, not yet checked. */
interface Candidate {
  stationary: Stationary;
  iterations: number;
  /** Per problem, why it has no solution. */
  statuses: ('infeasible' | 'unbounded' | 'maxIterations' | undefined)[];
}

/** The node for one call; tensors made on the way belong to the caller's scope. */
export function solveNode(problem: Problem, x: Tree, u0: Tensor | undefined): ArgminSolution {
  const { leaves, structure } = flatten(x, 'argmin');
  const plain = leaves.map((leaf) => checkedValues('x', plainOf(leaf)));
  const { solver, batchAxes = 0, failed = 'throw' } = problem;
  const start = startOf(problem, structure, plain, u0);
  const u = start.u;
  if (u.ndim < batchAxes)
    throw new ShapeError(`argmin: u0 must have ${batchAxes} batch axes, got shape ${show(u.shape)}`);
  const batch = u.shape.slice(0, batchAxes);
  const count = sizeOf(batch);
  const own = functionsOf(problem, structure, batch);
  const { evaluate, theta, closure } = opened(own, leaves, u);
  try {
    const values = theta.map((leaf) => untraced('argmin', 'a tensor that the problem uses', plainOf(leaf)));
    const [, g, h] = closure === undefined ? evaluate(values, u) : closure.graph.outputs;
    const n = sizeOf(u.shape.slice(batchAxes));
    const extents: Extents = { batch, count, n, p: g.shape[1], q: h.shape[1] };
    const limits = checkLimits('argmin', problem, {
      tolerance: defaultTolerance(u.dtype as Float),
      maxIterations: ITERATIONS,
    });
    const pointwise = new PointwiseProblem(evaluate, values, u, extents);
    let found: Candidate;
    let relaxed: Stationary | undefined;
    let instead: (number | undefined)[];
    let error: ConvergenceError | undefined;
    try {
      found =
        typeof solver === 'function'
          ? given(pointwise, start)
          : searched(pointwise, solver, evaluate, values, limits);
      found.statuses.forEach((status, k) => {
        const isOpen = !Object.values(found.stationary.residuals[k]).every(
          (value) => value <= limits.tolerance,
        );
        found.statuses[k] = isOpen ? (status ?? 'maxIterations') : undefined;
      });
      instead = found.statuses.map((status) =>
        status === undefined || failed === 'throw' ? undefined : failed === 'nan' ? Number.NaN : 0,
      );
      error = checked(problem, extents, found, instead, limits);
      const { relax } = problem;
      if (relax !== undefined && extents.p * count > 0 && error === undefined && isTransforming()) {
        const failures = instead.map((value) => value !== undefined);
        relaxed = relaxedPoints(pointwise, found.stationary, relax, failures);
      }
    } finally {
      pointwise.dispose();
    }
    const exact = tensorsOf(found.stationary, u, extents, instead);
    if (count === 0) return exact;
    if (relaxed === undefined)
      return differentiated(evaluate, theta, exact, extents, found.stationary, 0, instead, error);
    const near = differentiated(
      ...([evaluate, theta, tensorsOf(relaxed, u, extents, instead), extents, relaxed] as const),
      ...([problem.relax as number, instead, error] as const),
    );
    const along = (value: Tensor, y: Tensor) => add(value, sub(y, stopGradient(y)));
    return {
      u: along(exact.u, near.u),
      lambda: along(exact.lambda, near.lambda),
      nu: along(exact.nu, near.nu),
    };
  } finally {
    closure?.graph.dispose();
  }
}

/** The start, or what a solver function gives. */
function startOf(
  { solver }: Problem,
  structure: Structure,
  plain: readonly Tensor[],
  u0: Tensor | undefined,
): { u: Tensor; lambda?: Tensor; nu?: Tensor; iterations: number } {
  const start = u0 === undefined ? undefined : checkedValues('u0', plainOf(checkFloat('argmin', 'u0', u0)));
  if (typeof solver !== 'function') {
    if (start !== undefined) return { u: start, iterations: 0 };
    throw new ArgumentError(
      'argmin: u0 must be given (only a solver function may do without), got undefined',
    );
  }
  const result = (solver as ProblemSolver)(unflatten(structure, plain), start);
  if (result instanceof Tensor)
    return { u: checkFloat('argmin', "the solver's result", result), iterations: 0 };
  const {
    x,
    lambda,
    nu,
    iterations = 0,
  } = (result ?? {}) as Record<string, Tensor> & { iterations?: number };
  return {
    u: checkFloat('argmin', "the solver's result", x),
    ...(lambda instanceof Tensor && { lambda }),
    ...(nu instanceof Tensor && { nu }),
    iterations,
  };
}

/** A tensor whose values are known and finite. */
function checkedValues(argument: string, x: Tensor): Tensor {
  const values = untraced('argmin', argument, x).data();
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new ArgumentError(`argmin: ${argument} must be finite, got ${values[at]} at element ${at}`);
  return x;
}

/** The point of a solver function as it is, with its multipliers or those of least squares. */
function given(
  problem: PointwiseProblem,
  { u, lambda, nu, iterations }: ReturnType<typeof startOf>,
): Candidate {
  const at = Float64Array.from(u.data());
  const fitted = () => multipliersAt(problem, at);
  const { p, q, count } = problem.extents;
  const own = lambda?.size === p * count || nu?.size === q * count ? fitted() : undefined;
  const multipliers = own ?? fitted();
  if (lambda?.size === p * count) multipliers.lambda = Float64Array.from(lambda.data());
  if (nu?.size === q * count) multipliers.nu = Float64Array.from(nu.data());
  const stationary = stationaryPoint(problem, at, multipliers, 0);
  return { stationary, iterations, statuses: stationary.residuals.map(() => undefined) };
}

/** The point of a method of optim, or of the default solver, polished. */
function searched(
  problem: PointwiseProblem,
  method: Method | undefined,
  evaluate: Evaluate,
  values: readonly Tensor[],
  limits: Limits,
): Candidate {
  const { u, extents } = problem;
  const { count, n, p, q } = extents;
  let at: Float64Array = Float64Array.from(u.data());
  let iterations = 0;
  let multipliers: Multipliers = { lambda: new Float64Array(count * p), nu: new Float64Array(count * q) };
  let contradicted = new Array<boolean>(count).fill(false);
  if (method !== undefined) {
    const f = (v: Tensor) => sum(evaluate(values, v)[0]);
    const found = minimize<Tensor>(f, u, method, { throws: false });
    at = Float64Array.from(found.x.data());
    iterations = found.iterations;
  } else if (count > 0) {
    const reached = descend(problem, at, limits.maxIterations);
    at = reached.u;
    multipliers = reached;
    ({ contradicted, iterations } = reached);
  }
  const statuses = contradicted.map((isContradicted, k): Candidate['statuses'][number] => {
    if (isContradicted) return 'infeasible';
    const own = at.subarray(k * n, (k + 1) * n);
    return own.every((value) => Math.abs(value) < 1e100) ? undefined : 'unbounded';
  });
  at.forEach((value, i) => {
    if (!(Math.abs(value) < 1e100)) at[i] = 0;
  });
  return { stationary: stationaryPoint(problem, at, multipliers), iterations, statuses };
}

/** Reports, and throws for what is no solution; the error that a derivative would be, if it may be given nevertheless. */
function checked(
  { onSolve, solver }: Problem,
  { batch, count }: Extents,
  { stationary, iterations, statuses }: Candidate,
  instead: readonly (number | undefined)[],
  { tolerance, maxIterations, throws }: Limits,
): ConvergenceError | undefined {
  const residuals = new Residuals();
  let worst = 0;
  stationary.residuals.forEach((found, k) => {
    if (instead[k] !== undefined) return;
    const before = residuals.worst;
    residuals.note(found);
    if (residuals.worst > before) worst = k;
  });
  const text = { shape: batch, count };
  const error = residuals.worst;
  onSolve?.({
    node: 'argmin',
    problems: count,
    iterations,
    converged: statuses.every((status) => status === undefined),
    residuals: residuals.largest,
    statuses: statuses.map((status) => status ?? 'converged'),
  });
  const open = statuses.flatMap((status, k) => (status !== undefined && instead[k] === undefined ? [k] : []));
  const hopeless = open.find((k) => statuses[k] !== 'maxIterations');
  if (hopeless !== undefined) {
    const status = statuses[hopeless];
    const why =
      status === 'infeasible' ? 'the constraints contradict each other' : 'the objective has no lower bound';
    throw new ConvergenceError(
      `argmin: ${status}, ${why} as far as the solver has come${problemText(text, hopeless)}; the largest residual is ${error.toExponential(2)}`,
      iterations,
      error,
      { status },
    );
  }
  if (open.length === 0) return undefined;
  const where = problemText(text, worst);
  const failure =
    typeof solver === 'function'
      ? new ConvergenceError(
          `argmin: the point of the solver is not stationary: the largest residual is ${error.toExponential(2)}${where}, wanted ` +
            `${tolerance} (let the solver converge, or raise tolerance)`,
          iterations,
          error,
        )
      : notConverged('argmin', iterations, error, where, maxIterations);
  if (throws) throw failure;
  return failure;
}

/** A point as tensors. */
function tensorsOf(
  { u, lambda, nu }: Stationary,
  like: Tensor,
  { batch, n, p, q }: Extents,
  instead: readonly (number | undefined)[],
): ArgminSolution {
  const make = (values: Float64Array, shape: readonly number[], size: number) => {
    instead.forEach((value, k) => {
      if (value !== undefined) values.fill(value, k * size, (k + 1) * size);
    });
    return tensor(values, { shape: [...shape], dtype: like.dtype });
  };
  return {
    u: make(u, like.shape, n),
    lambda: make(lambda, [...batch, p], p),
    nu: make(nu, [...batch, q], q),
  };
}

/** The point with its derivatives; `error` is what they are if it is no solution. */
function differentiated(
  evaluate: Evaluate,
  theta: readonly Tensor[],
  { u, lambda, nu }: ArgminSolution,
  extents: Extents,
  stationary: Stationary,
  kappa: number,
  instead: readonly (number | undefined)[],
  error: ConvergenceError | undefined,
): ArgminSolution {
  const { count, p, q } = extents;
  const refuse = () => {
    throw error;
  };
  const solve = error === undefined ? systemSolver(stationary, extents, instead) : refuse;
  const settings = { method: undefined, tolerance: undefined, solve };
  const F = residualOf(evaluate, extents, stationary.active, kappa);
  const results = withDerivatives('argmin', F, theta, unknownsOf(u, lambda, nu), settings);
  return {
    u: results[0],
    lambda: p * count > 0 ? results[1] : lambda,
    nu: q * count > 0 ? results[results.length - 1] : nu,
  };
}
