// minimizeEquality: min f(x) subject to A x = b, by Newton's method on the KKT conditions.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { flatten, type Tree, unflatten } from '../../core/tree.js';
import { Objective, type ObjectiveFunction } from '../../solve/objective.js';
import { Parameters } from '../../solve/parameters.js';
import { explain, type Solution, type SolutionStatus, solutionOf } from '../../solve/solution.js';
import { ITERATION_OPTIONS, IterationMonitor, type IterationOptions, limitsOf } from '../../solve/watch.js';
import { ConstrainedNewton } from './constrained-newton.js';
import { checkEqualities, checkEqualityParts } from './equality-constraints.js';
import { cotangentsOfEquality, type SolvedEquality, tangentsOfEquality } from './equality-derivative.js';
import { lowestOf } from './path.js';
import { callSolver, withNumbers } from './solver-row.js';

/** Linear equality constraints. */
export interface EqualityConstraints {
  /** [p, n], with n numbers in x, leaf after leaf. */
  A: Tensor;
  /** [p]. */
  b: Tensor;
}

/** The result of `minimizeEquality`. */
export interface EqualitySolution<X = unknown> extends Solution<X> {
  /** Multipliers, [p]: ∇f(x) + Aᵀν = 0; zero for rows that depend on others. */
  nu: Tensor;
  /** For 'infeasible': Aᵀν = 0 and bᵀν = -1. */
  certificate?: { nu: Tensor };
}

const NAME = 'minimizeEquality';

/** A solution without its tensors. */
interface EqualityOutcome extends Omit<EqualitySolution, 'x' | 'nu' | 'certificate'> {
  contradiction?: Float64Array;
}

/** The figures of a run. */
const NUMBERS = [...['value', 'gradientNorm', 'iterations', 'evaluations', 'converged', 'status', 'message']];

/**
 * Minimises f over A x = b by Newton's method on ∇f(x) + Aᵀν = 0, A x = b; x0 can be any point at which f is finite. If
 * the Hessian is not positive definite on A d = 0, a multiple of the identity is added to it. Rows of A may be
 * dependent.
 *
 * x and nu are differentiable in A and b, to any order, in both modes, and a node inside compiled functions, by the
 * implicit function theorem on the KKT conditions; rows that depend on others count as absent. The solution does not
 * depend on x0, so that derivative is 0. A tensor that f captures must not be differentiated: that is an error. The
 * numbers of the solution have no derivatives; reading one inside a compiled or traced function is an error.
 * @param f as in `minimize`; a user-written one needs `hessian`.
 * @param x0 a tensor or a tree of tensors, all f64 or all f32. Not changed.
 * @param constraints A [p, n] and b [p], of the dtype of x0.
 * @param options `gradientTolerance` bounds |∇f + Aᵀν| (default 1e-6 in f64, 1e-3 in f32) and, relative to b, |A x -
 * b|;
 *   `maxIterations`: default 200.
 * @returns the Solution with `nu`; `gradientNorm` is the largest entry of |∇f + Aᵀν|. If rows contradict each other:
 * status
 *   'infeasible' with a `certificate`.
 * @throws ConvergenceError with `.solution` (see `throws`); ArgumentError, ShapeError, DTypeError.
 * Source: lecture notes, equation (55); Boyd & Vandenberghe, Convex Optimization, sections 10.2 and 10.3.
 * @example
 * const f = (x) => sum(mul(x, log(x))); // the largest entropy on the simplex
 * optim.minimizeEquality(f, tensor([0.7, 0.2, 0.1]), { A: ones([1, 3]), b: tensor([1]) }).x; // [1/3, 1/3, 1/3]
 */
export function minimizeEquality<X = Tree>(
  f: ObjectiveFunction,
  x0: X,
  constraints: EqualityConstraints,
  options: IterationOptions = {},
): EqualitySolution<X> {
  const { outcome, ...tensors } = scope(() => call(f, x0, constraints, options));
  const solution = withNumbers<EqualitySolution<X>>(NAME, tensors, outcome, NUMBERS);
  return outcome === undefined ? solution : solutionOf(solution, options);
}

function call(f: ObjectiveFunction, x0: Tree, constraints: EqualityConstraints, options: IterationOptions) {
  checkOptions(NAME, options, ITERATION_OPTIONS);
  if (typeof constraints !== 'object' || constraints === null || constraints.A === undefined) {
    throw new ArgumentError(
      `${NAME}: constraints must be { A, b }, got ${constraints?.A === undefined ? 'no A' : describe(constraints)} (use minimize where there are none)`,
    );
  }
  const parameters = new Parameters(NAME, 'x0', x0);
  const { dtype, size } = parameters;
  const count = checkEqualityParts(NAME, constraints, size, dtype);
  const { leaves, structure } = flatten(x0);
  const at = ({
    inputs,
    outputs,
  }: {
    inputs: readonly Tensor[];
    outputs: readonly Tensor[];
  }): SolvedEquality => {
    const [x, nu, rows, solved] = outputs;
    return { user: NAME, f, parameters, A: inputs[leaves.length], x, nu, rows, solved };
  };
  const { outputs, outcome } = callSolver<EqualityOutcome>(
    {
      ...{ name: NAME, options },
      outputs: [
        { shape: [size], dtype },
        { shape: [count], dtype },
        { shape: [count], dtype: 'i32' },
        { shape: [], dtype: 'i32' },
      ],
      run: (to, inputs) => {
        const [A, b] = inputs.slice(leaves.length);
        return run(f, unflatten(structure, inputs), { A, b }, options, to);
      },
      jvp: (tangents, point) => tangentsOfEquality(at(point), tangents.slice(leaves.length)),
      vjp: (cotangents, point) => [
        ...leaves.map(() => undefined),
        ...cotangentsOfEquality(at(point), cotangents, point.wanted.slice(leaves.length)),
      ],
    },
    [...leaves, constraints.A, constraints.b],
  );
  const [x, nu] = outputs;
  if (outcome === undefined) return { x: parameters.tree(x), nu, outcome };
  const { contradiction, ...numbers } = outcome;
  if (contradiction === undefined) return { x: parameters.tree(x), nu, outcome: numbers };
  const proof = allocate([count], dtype, NAME);
  proof.data().set(contradiction);
  return { x: parameters.tree(x), nu, outcome: { ...numbers, certificate: { nu: proof } } };
}

/** Solves, and writes x, ν, the mask of independent rows, and whether it is a solution. */
function run(
  f: ObjectiveFunction,
  x0: Tree,
  constraints: EqualityConstraints,
  options: IterationOptions,
  [x, nu, rows, solved]: readonly Tensor[],
): EqualityOutcome {
  const objective = new Objective(NAME, f, x0, options.compile);
  try {
    const { parameters, evaluations } = objective;
    const { dtype, size } = parameters;
    const { tolerance, maxIterations } = limitsOf(NAME, options, {
      tolerance: dtype === 'f64' ? 1e-6 : 1e-3,
      maxIterations: 200,
    });
    const equalities = checkEqualities(NAME, constraints, size, dtype);
    const newton = new ConstrainedNewton(NAME, objective, parameters.start(), equalities);
    const watch = new IterationMonitor(options, evaluations, () => parameters.tree(newton.x));
    const report = () => ({
      value: newton.value,
      gradientNorm: newton.stationarity,
      step: newton.step,
    });
    watch.note(0, report());
    let iterations = 0;
    const lowest = lowestOf({ value: newton.value, slope: newton.stationarity, x: newton.x });
    const state = (): SolutionStatus | undefined => {
      if (newton.value < lowest) return 'unbounded';
      const { stationarity } = newton;
      if (!Number.isFinite(newton.value) || !Number.isFinite(stationarity)) return 'notFinite';
      return stationarity <= tolerance && newton.isFeasible ? 'converged' : undefined;
    };
    let status: SolutionStatus | undefined = equalities.contradiction === undefined ? state() : 'infeasible';
    while (status === undefined) {
      if (iterations >= maxIterations) {
        status = 'maxIterations';
        break;
      }
      status = newton.advance();
      if (status !== undefined) break;
      iterations++;
      const asked = watch.note(iterations, report());
      status = state() ?? asked;
    }
    const { value, stationarity, primal } = newton;
    x.data().set(newton.x.data());
    const [multipliers, isKept] = [nu.data().fill(0), rows.data().fill(0)];
    equalities.rows.forEach((row, i) => {
      multipliers[row] = newton.nu[i];
      isKept[row] = 1;
    });
    solved.data()[0] = Number(status === 'converged');
    return {
      ...{ value, iterations, status },
      gradientNorm: stationarity,
      evaluations: { ...evaluations },
      converged: status === 'converged',
      message: explain(
        NAME,
        status,
        iterations,
        `f = ${value}, |gradient + Aᵀν| = ${stationarity} and |A x - b| = ${primal} (tolerance ${tolerance})`,
      ),
      ...(equalities.contradiction && { contradiction: equalities.contradiction }),
      ...(watch.trace && { trace: watch.trace }),
    };
  } finally {
    objective.dispose();
  }
}
