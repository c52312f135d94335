// minimizeBarrier: min f(x) subject to f_i(x) <= 0 and A x = b, by centering f + φ / t for increasing t.

import { checkAtLeast } from '../../core/check.js';
import { tensor } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { mapTree, type Tree } from '../../core/tree.js';
import { dot } from '../../linalg/blas/tensors.js';
import { cloneTensor } from '../../linalg/stack.js';
import { sub } from '../../ops/arithmetic.js';
import { untraced } from '../../ops/untraced.js';
import { Objective, type ObjectiveFunction } from '../../solve/objective.js';
import { Replay } from '../../solve/replay.js';
import { explain, type Solution, type SolutionStatus, solutionOf } from '../../solve/solution.js';
import { ITERATION_OPTIONS, IterationMonitor, type IterationOptions, limitsOf } from '../../solve/watch.js';
import { ConstrainedNewton } from './constrained-newton.js';
import { checkEqualities } from './equality-constraints.js';
import { vectorOf } from './kkt-residuals.js';
import { Centering, type Inequalities, logBarrier } from './log-barrier.js';
import { isNearlyFeasible, isStrictlyFeasible, relaxations } from './nearly-feasible.js';
import { followPath, lowestOf } from './path.js';
import { type PhaseOne, phaseOne, project } from './phase-one.js';

/** Constraints of `minimizeBarrier`. */
export interface BarrierConstraints {
  /** x -> a tensor of convex constraint values f_i(x), which must be at most 0. */
  inequalities: Inequalities;
  /** [p, n], with n numbers in x, leaf after leaf. */
  A?: Tensor;
  /** [p]. */
  b?: Tensor;
}

/** Options of `minimizeBarrier`. */
export interface BarrierOptions extends IterationOptions {
  /** The factor by which t grows, above 1; default 20. */
  mu?: number;
  /** The first t; default: the one for which ∇f and the gradient of the barrier balance best. */
  t0?: number;
  /** Largest duality gap p / t at the end, relative to max(1, |f|); default 1e-8 in f64, 1e-4 in f32. */
  gapTolerance?: number;
}

const BARRIER_OPTIONS: OptionNames<BarrierOptions> = /* @__PURE__ */ joinNames(ITERATION_OPTIONS, {
  mu: true,
  t0: true,
  gapTolerance: true,
});

/** The result of `minimizeBarrier`. */
export interface BarrierSolution<X = unknown> extends Solution<X> {
  /** λ_i = -1 / (t f_i(x)) > 0, one vector. */
  lambda: Tensor;
  /** Multipliers of A x = b. */
  nu: Tensor;
  /** p / t: an upper bound for how far f(x) is above the minimum. */
  gap: number;
  /**
   * For 'infeasible': Σ λ_i f_i(y) + νᵀ(A y - b) >= bound > 0 for every y within 1000 max(1, ‖x‖₁) of x, in the 1-norm,
   * Σ λ_i = 1: none of them meets the constraints. The bound is verified with the gradient of the left side, which is
   * not exactly 0; if A x = b contradicts itself, λ = 0 and the bound holds everywhere.
   */
  certificate?: { lambda: Tensor; nu: Tensor; bound: number };
}

const NAME = 'minimizeBarrier';

/**
 * Minimises a convex f over f_i(x) <= 0 and A x = b by the logarithmic barrier: Newton's method on f + φ / t, φ = -Σ
 * log(-f_i), for t, μ t, μ² t, … If x0 is not strictly feasible, phase I looks for a point that is. If there is none,
 * but one that meets the constraints up to rounding, as for x <= 1 and x >= 1, the constraints are relaxed by that
 * little: 'converged' then means that a move of x by 1e-7 max(1, |x|) (1e-3 in f32) would mend what is violated, to
 * first order, and 'stalled' that it is not known whether there is a feasible point. The solution has no derivatives: it
 * is an error if x0, A, b or a tensor that f captures is differentiated.
 * @param f as in `minimize`; a user-written one needs `hessian`.
 * @param x0 a tensor or a tree of tensors, all f64 or all f32. Not changed.
 * @param constraints `inequalities`: written in operations; `A` and `b` of the dtype of x0.
 * @param options `mu`, `t0`, `gapTolerance`; `gradientTolerance` bounds |∇f + Σ λ_i ∇f_i + Aᵀν|, divided by |∇f| if
 * that is
 *   above 1 (default 1e-6 in f64, 1e-3 in f32); `maxIterations`: total number of Newton steps, default 1000.
 * @returns the Solution with `lambda`, `nu` and `gap`; `gradientNorm` is what `gradientTolerance` bounds. If there is
 * no strictly
 *   feasible point: status 'infeasible' with a `certificate`.
 * @throws ConvergenceError with `.solution` (see `throws`); ArgumentError, ShapeError, DTypeError.
 * Source: lecture notes, equation (59); Boyd & Vandenberghe, Convex Optimization, Algorithm 11.1 and section 11.4.
 * @example
 * const s = optim.minimizeBarrier((x) => sum(x), tensor([0, 0]), { inequalities: (x) => sub(sum(square(x)), 2) });
 * s.x; // [-1, -1], with s.lambda = [0.5]
 */
export function minimizeBarrier<X = Tree>(
  f: ObjectiveFunction,
  x0: X,
  constraints: BarrierConstraints,
  options: BarrierOptions = {},
): BarrierSolution<X> {
  return solutionOf(
    scope(() => run(f, x0, constraints, options)),
    options,
  ) as BarrierSolution<X>;
}

function run(
  f: ObjectiveFunction,
  x0: Tree,
  constraints: BarrierConstraints,
  options: BarrierOptions,
): BarrierSolution {
  checkOptions(NAME, options, BARRIER_OPTIONS);
  const { inequalities } = constraints ?? {};
  if (typeof inequalities !== 'function') {
    throw new ArgumentError(
      `${NAME}: inequalities must be a function of x, got ${describe(inequalities)} (use minimizeEquality where there are none)`,
    );
  }
  const objective = new Objective(NAME, f, x0, options.compile);
  let barrier = logBarrier(NAME, inequalities, x0, options.compile);
  /** The constraints are f_i(x) <= relaxed_i. */
  let relaxed: number[] | undefined;
  const { parameters, evaluations } = objective;
  const vector = (x: Tensor) => vectorOf('inequalities', inequalities(parameters.tree(x)), NAME);
  const replay = new Replay(vector, options.compile);
  const valuesAt = (x: Tensor) =>
    replay.run([x], (y: Tensor) => Float64Array.from(untraced(NAME, 'what inequalities gives', y).data()));
  try {
    const { dtype, size } = parameters;
    const isDouble = dtype === 'f64';
    const { mu = 20, t0, gapTolerance = isDouble ? 1e-8 : 1e-4 } = options;
    checkAtLeast(NAME, 'mu', mu, 1.01);
    checkAtLeast(NAME, 'gapTolerance', gapTolerance, 0);
    if (t0 !== undefined) checkAtLeast(NAME, 't0', t0, Number.MIN_VALUE);
    const defaults = { tolerance: isDouble ? 1e-6 : 1e-3, maxIterations: 1000 };
    const { tolerance, maxIterations, compile } = limitsOf(NAME, options, defaults);
    const equalities = checkEqualities(NAME, constraints, size, dtype);
    let x = parameters.start();
    const values = valuesAt(x);
    const count = values.length;
    /** Whether the nearest point on A x = b is strictly feasible, or x may lead to one that is. */
    const meetsInside = (at: Tensor) => {
      if (equalities.b.size === 0) return true;
      const near = cloneTensor(at, NAME);
      project(near, equalities.A, equalities.b, valuesAt);
      return isStrictlyFeasible(vector, near);
    };
    let found: PhaseOne | undefined;
    let status: SolutionStatus | undefined;
    if (equalities.contradiction !== undefined) status = 'infeasible';
    else if (values.some(Number.isNaN)) status = 'notFinite';
    else if (!values.every((value) => value < 0) || !meetsInside(x)) {
      if (values.includes(Number.POSITIVE_INFINITY)) status = 'notFinite';
      else {
        const limits = { mu, maxIterations, compile };
        found = phaseOne(NAME, inequalities, parameters, valuesAt, equalities, limits);
        x = found.x;
        if (found.status === 'stalled') {
          relaxed = relaxations(vector, x, found.accuracy);
          const by = tensor(relaxed, { dtype });
          barrier.dispose();
          const shifted = (at: Tree) => sub(vectorOf('inequalities', inequalities(at), NAME), by);
          barrier = logBarrier(NAME, shifted, x0, compile);
        } else if (found.status !== 'converged') status = found.status;
      }
    }
    const steps = { count: found?.steps ?? 0 };
    const centering = new Centering(NAME, objective, barrier, x, t0 ?? 1);
    if (t0 === undefined && status === undefined) centering.t = firstWeight(objective, barrier, x);
    const newton = new ConstrainedNewton(NAME, centering, x, equalities);
    const watch = new IterationMonitor(options, evaluations, () => parameters.tree(newton.x));
    const report = () => ({
      value: objective.value(newton.x),
      gradientNorm: newton.stationarity,
      step: newton.step,
    });
    const lowest = lowestOf({ value: newton.value, slope: centering.slope, x: newton.x });
    const isWatched = options.trace === true || options.onIteration !== undefined;
    if (isWatched) watch.note(steps.count, report());
    status ??= followPath(newton, centering, steps, {
      ...{ count, mu, maxIterations, lowest },
      tolerance: () => tolerance * Math.max(1, centering.slope),
      gapTolerance: () => gapTolerance * Math.max(1, Math.abs(newton.value)) || Number.MIN_VALUE,
      after: () => (isWatched ? watch.note(steps.count, report()) : undefined),
    });
    if (relaxed !== undefined && status === 'converged' && !isNearlyFeasible(vector, newton.x))
      status = 'stalled';
    const row = (values: ArrayLike<number>, length = values.length, rows?: number[]) => {
      const out = allocate([length], dtype, NAME);
      const data = out.data().fill(0);
      for (let i = 0; i < values.length; i++) data[rows?.[i] ?? i] = values[i];
      return out;
    };
    const nuOf = (nu: ArrayLike<number>) => row(nu, equalities.count, equalities.rows);
    const contradiction =
      status !== 'infeasible'
        ? undefined
        : found === undefined
          ? { lambda: row([], count), nu: row(equalities.contradiction ?? [], equalities.count), bound: 1 }
          : { lambda: row(found.lambda), nu: nuOf(found.nu), bound: found.bound };
    const [value, gap, gradientNorm] = [objective.value(newton.x), count / centering.t, newton.stationarity];
    return {
      x: mapTree(parameters.tree(newton.x), (leaf) => cloneTensor(leaf, NAME)),
      lambda: contradiction
        ? cloneTensor(contradiction.lambda, NAME)
        : row(valuesAt(newton.x).map((v, i) => -1 / (centering.t * (v - (relaxed?.[i] ?? 0))))),
      nu: nuOf(newton.nu),
      ...{ value, gap, gradientNorm, status },
      iterations: steps.count,
      evaluations: { ...evaluations },
      converged: status === 'converged',
      message: explain(
        NAME,
        status,
        steps.count,
        `f = ${value}, gap ${gap} and |gradient of the Lagrangian| = ${gradientNorm} (tolerance ${tolerance})`,
      ),
      ...(contradiction && { certificate: contradiction }),
      ...(watch.trace && { trace: watch.trace }),
    };
  } finally {
    for (const part of [objective, barrier, replay]) part.dispose();
  }
}

/** The t that minimises |t ∇f + ∇φ|, within reasonable bounds. */
function firstWeight(objective: Objective, barrier: Objective, x: Tensor): number {
  const [g, h] = [objective.parameters.vector(), objective.parameters.vector()];
  objective.valueAndGradient(x, g);
  barrier.valueAndGradient(x, h);
  const t = -dot(g, h) / dot(g, g);
  return t > 0 && t < Number.POSITIVE_INFINITY ? Math.min(1e6, Math.max(1e-6, t)) : 1;
}
