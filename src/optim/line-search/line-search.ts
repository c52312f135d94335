// lineSearch(f, x, direction, search): a single line search.

import { checkBetween, checkFlag } from '../../core/check.js';
import { ConvergenceError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { mapTree, type Tree } from '../../core/tree.js';
import { dot } from '../../linalg/blas/tensors.js';
import { cloneTensor } from '../../linalg/stack.js';
import { Objective, type ObjectiveFunction } from '../../solve/objective.js';
import { checkCompile } from '../../solve/replay.js';
import { checkLineSearch, LineEvaluation, type LineSearch } from './line.js';
import { strongWolfe } from './strong-wolfe.js';

/** Options of `lineSearch`. */
export interface LineSearchOptions {
  /** The first t; default that of the search, which is 1 for most. */
  initialStep?: number;
  /** false: the result reports it if no step is accepted; default true: throws a ConvergenceError with `.solution`. */
  throws?: boolean;
  /** As in `minimize`. */
  compile?: boolean;
}

const OPTIONS: OptionNames<LineSearchOptions> = { initialStep: true, throws: true, compile: true };

/** The result of a line search. */
// biome-ignore lint/suspicious/noExplicitAny: x has the structure of the start
export interface LineSearchResult<X = any> {
  /** t; 0 if no step is accepted. */
  step: number;
  /** x + t p; the caller owns its tensors. */
  x: X;
  /** f at that point. */
  value: number;
  /** ∇fᵀp at that point. */
  slope: number;
  /** ∇f(x)ᵀp, at the start. */
  initialSlope: number;
  /** Evaluations of f and of its gradient. */
  evaluations: { value: number; gradient: number };
  converged: boolean;
  message: string;
}

/**
 * Searches from x along a direction p for a step t that lowers φ(t) = f(x + t p) by the rule of the search.
 * @param f as in `minimize`.
 * @param x a tensor or a tree of tensors, f64 or f32. Not changed.
 * @param direction p, in the structure of x; a direction of descent, ∇fᵀp < 0.
 * @param search `strongWolfe()` (default), `backtracking()`, `exact()`.
 * The result has no derivatives: it is an error if x, the direction, or a tensor that f captures is differentiated.
 * Source: dissertation, section 1.1.3.
 * @throws ConvergenceError, with `.solution`, if no step is accepted (see `throws`); ArgumentError, DTypeError,
 * ShapeError.
 * @example
 * const { step, x } = optim.lineSearch((x) => sum(square(x)), ones([2]), mul(ones([2]), -1)); // 1, [0, 0]
 */
export function lineSearch<X = Tree>(
  f: ObjectiveFunction,
  x: X,
  direction: X,
  search: LineSearch = strongWolfe(),
  options: LineSearchOptions = {},
): LineSearchResult<X> {
  checkLineSearch('lineSearch', { lineSearch: search }, { lineSearch: true }, search);
  checkOptions('lineSearch', options, OPTIONS);
  const { initialStep = search.initialStep } = options;
  checkBetween('lineSearch', 'initialStep', initialStep, 0, Number.POSITIVE_INFINITY);
  if (options.throws !== undefined) checkFlag('lineSearch', 'throws', options.throws);
  const compile = checkCompile('lineSearch', options.compile);
  const result = scope(() => {
    const objective = new Objective('lineSearch', f, x as Tree, compile);
    try {
      return along(objective, direction as Tree, search, initialStep);
    } finally {
      objective.dispose();
    }
  });
  if (result.converged || options.throws === false) return result as LineSearchResult<X>;
  throw new ConvergenceError(result.message, result.evaluations.value, Math.abs(result.slope), result);
}

function along(
  objective: Objective,
  direction: Tree,
  search: LineSearch,
  initialStep: number,
): LineSearchResult {
  const { parameters, evaluations } = objective;
  const [start, gradient] = [parameters.start(), parameters.vector()];
  const ray = new LineEvaluation(objective, start, gradient);
  parameters.gather(direction, ray.direction, 'the direction');
  const value0 = objective.valueAndGradient(start, gradient);
  ray.begin(value0);
  const initialSlope = ray.slope;
  const converged = search.search(ray, initialStep);
  if (converged) ray.accept();
  const value = converged ? ray.value : value0;
  const step = converged ? ray.step : 0;
  return {
    step,
    x: mapTree(parameters.tree(ray.x), (leaf) => cloneTensor(leaf, 'lineSearch')),
    value,
    slope: converged ? dot(ray.gradient, ray.direction) : initialSlope,
    initialSlope,
    evaluations: { value: evaluations.value, gradient: evaluations.gradient },
    converged,
    message: converged
      ? `lineSearch: ${search.name} accepts the step ${step}, with f = ${value}`
      : `lineSearch: ${search.name} accepts no step from f = ${value0} with the slope ${initialSlope} (${adviceFor(initialSlope)})`,
  };
}

function adviceFor(slope: number): string {
  if (Number.isNaN(slope)) return 'f or its gradient is not finite at x';
  if (slope >= 0) return 'the direction must be one of descent: take its negative';
  return 'check the gradient with checkGradients; f may not be smooth here, or not bounded below';
}
