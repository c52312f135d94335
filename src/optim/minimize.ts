// minimize(f, x0, method): runs a method until the gradient is small, and reports how it ended.
import { grad } from '../autodiff/grad.js';
import { describeMade } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { mapTree, type Tree } from '../core/tree.js';
import { cloneTensor } from '../linalg/stack.js';
import { solveWherever, type Unary } from '../solve/inside.js';
import { Objective, type ObjectiveFunction } from '../solve/objective.js';
import { explain, type Solution, type SolutionStatus } from '../solve/solution.js';
import { ITERATION_OPTIONS, IterationMonitor, type IterationOptions, limitsOf } from '../solve/watch.js';
import { DescentState, type Method } from './method.js';
import { lbfgs } from './quasi-newton/lbfgs.js';

/** Options of `minimize`. */
export interface MinimizeOptions extends IterationOptions {}

/** Default limit of iterations. */
const LIMIT = 10_000;

/**
 * Minimises f from x0. Inside a differentiated function, x has derivatives in every tensor that f captures, by the
 * implicit function theorem; inside `compile` and `trace` it is a node, and value, gradientNorm and iterations are
 * scalar tensors, of which value has derivatives; reading gradientNorm where it is differentiated is an error.
 * Derivatives in x0 are zero.
 * @param f x -> scalar tensor, written in operations: it is differentiated and, unless it reads values, compiled, once;
 * or
 *   `{ value, gradient, hessian?, product? }` with user-written derivatives.
 * @param x0 a tensor or a tree of tensors, all f64 or all f32. Not changed.
 * @param method `lbfgs()` (default), `newton()`, `gradientDescent()`, …
 * @param options see `IterationOptions`.
 * @returns the Solution; the caller owns its tensors.
 * @throws ConvergenceError, with `.solution`, if it does not converge (see `throws`); ArgumentError, DTypeError,
 * ShapeError.
 * @example
 * const { x } = optim.minimize((x) => sum(square(sub(x, 3))), zeros([2]), optim.lbfgs()); // [3, 3]
 */
export function minimize<X = Tree>(
  f: ObjectiveFunction,
  x0: X,
  method: Method = lbfgs(),
  options: MinimizeOptions = {},
): Solution<X> {
  checkMethod(method);
  checkOptions('minimize', options, ITERATION_OPTIONS);
  return solveWherever({
    ...{ name: 'minimize', f, x0, options },
    solve: (g, start) => descend(g, start, method, options),
    residual(g: Unary, x) {
      const gradient: Tree = grad(g)(x);
      return method.stationarity === undefined ? gradient : method.stationarity(x, gradient);
    },
    value: (g: Unary, x) => g(x) as Tensor,
  });
}

function descend(f: ObjectiveFunction, x0: Tree, method: Method, options: MinimizeOptions): Solution {
  const objective = new Objective('minimize', f, x0, options.compile);
  try {
    const { parameters, evaluations } = objective;
    const { tolerance, maxIterations } = limitsOf('minimize', options, {
      tolerance: parameters.dtype === 'f64' ? 1e-6 : 1e-3,
      maxIterations: method.maxIterations ?? LIMIT,
    });
    const descent = new DescentState(objective, parameters.start());
    const watch = new IterationMonitor(options, evaluations, () => parameters.tree(descent.x));
    const iteration = method.start(descent);
    watch.note(0, descent);
    let status = stateOf(descent, tolerance);
    while (status === undefined) {
      if (descent.iteration >= maxIterations) {
        status = 'maxIterations';
        break;
      }
      status = iteration.step();
      if (status !== undefined) break;
      descent.iteration++;
      const asked = watch.note(descent.iteration, descent);
      status = stateOf(descent, tolerance) ?? asked;
    }
    const { value, gradientNorm, iteration: iterations } = descent;
    return {
      x: mapTree(parameters.tree(descent.x), (leaf) => cloneTensor(leaf, 'minimize')),
      value,
      gradientNorm,
      iterations,
      evaluations: { ...evaluations },
      converged: status === 'converged',
      status,
      message: explain(
        `minimize by ${method.name}`,
        status,
        iterations,
        `f = ${value} and |gradient| = ${gradientNorm} (tolerance ${tolerance})`,
      ),
      ...(watch.trace && { trace: watch.trace }),
    };
  } finally {
    objective.dispose();
  }
}

/** Whether the descent has ended. */
function stateOf({ value, gradientNorm }: DescentState, tolerance: number): SolutionStatus | undefined {
  if (value === Number.NEGATIVE_INFINITY) return 'unbounded';
  if (!Number.isFinite(value) || !Number.isFinite(gradientNorm)) return 'notFinite';
  return gradientNorm <= tolerance ? 'converged' : undefined;
}

function checkMethod(method: unknown): void {
  const start = (method as Method | undefined)?.start;
  if (typeof start !== 'function') {
    throw new ArgumentError(
      `minimize: method must be a method like optim.lbfgs(), got ${describeMade(method)}`,
    );
  }
}
