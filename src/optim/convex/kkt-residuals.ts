// kktResiduals: how far a point and its multipliers are from the Karush-Kuhn-Tucker conditions.
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import { checkFloat } from '../../linalg/stack.js';
import { mul } from '../../ops/arithmetic.js';
import { concat } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { sum } from '../../ops/sum.js';
import { untraced, untracedTree } from '../../ops/untraced.js';
import { Objective, type ObjectiveFunction } from '../../solve/objective.js';
import { Parameters } from '../../solve/parameters.js';
import { checkEqualities } from './equality-constraints.js';
import { Measure, type Violations } from './measure.js';
import { array, checkParts, type QuadraticProgram, readProgram } from './program.js';

/** min f(x) subject to inequalities(x) <= 0, and equalities(x) = 0 or A x = b. */
export interface ConstrainedProblem {
  f: ObjectiveFunction;
  // biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x
  inequalities?(x: any): Tensor;
  // biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x
  equalities?(x: any): Tensor;
  A?: Tensor;
  b?: Tensor;
}

/** A point and its multipliers; missing multipliers are zero. Solutions of this library have this form. */
export interface KktPoint<X = unknown> {
  x: X;
  lambda?: Tensor;
  nu?: Tensor;
}

const NAME = 'kktResiduals';

/**
 * The largest absolute violation of each of the KKT conditions:
 * stationarity |∇f + Σ λ_i ∇f_i + Σ ν_i ∇h_i|, primal (f_i)₊ and |h_i|, dual (-λ_i)₊, complementarity |λ_i f_i|.
 * @param problem { P, q, G?, h?, A?, b? }, or { f, inequalities?, equalities? } with A, b instead of equalities.
 * @param point { x, lambda?, nu? }, for instance a solution.
 * @returns { stationarity, primal, dual, complementarity }, numbers without derivatives.
 * @throws ArgumentError, also for differentiated tensors, ShapeError, DTypeError.
 * Source: lecture notes, equation (46); Boyd & Vandenberghe, Convex Optimization, section 5.5.3.
 * @example
 * const s = optim.quadraticProgram(problem);
 * optim.kktResiduals(problem, s).stationarity; // about 1e-16
 */
export function kktResiduals<X = Tree>(
  problem: QuadraticProgram | ConstrainedProblem,
  point: KktPoint<X>,
): Violations {
  if (typeof problem !== 'object' || problem === null)
    throw new ArgumentError(`${NAME}: problem must be an object, got ${describe(problem)}`);
  if (typeof point !== 'object' || point === null || point.x === undefined)
    throw new ArgumentError(`${NAME}: point must be { x, lambda?, nu? }, got ${describe(point)}`);
  const advice = 'it gives numbers: write the residual in operations, or pass stopGradient(x)';
  untracedTree(NAME, 'problem', { ...problem }, advice);
  untracedTree(NAME, 'point', { ...point }, advice);
  let result!: Violations;
  scope(() => {
    result = 'f' in problem ? general(problem, point) : quadratic(problem, point as KktPoint<Tensor>);
  });
  return result;
}

function quadratic(problem: QuadraticProgram, { x, lambda, nu }: KktPoint<Tensor>): Violations {
  const sizes = checkParts(NAME, problem);
  const { n, m, p, dtype } = sizes;
  const program = readProgram(NAME, problem, sizes);
  const { G, h } = program;
  const vector = (argument: string, v: Tensor | undefined, size: number) => {
    if (v !== undefined) checkMultipliers(argument, v, size, dtype);
    return array(NAME, [size], v);
  };
  const [at, multipliers, others] = [vector('x', x, n), vector('lambda', lambda, m), vector('nu', nu, p)];
  // If h is Infinity there is no constraint, and no complementarity.
  const [side, l, rows] = [view(h), view(multipliers), view(G)];
  let isOff = false;
  for (let i = 0; i < m; i++) {
    if (side[i] !== Number.POSITIVE_INFINITY) continue;
    if (l[i] !== 0) isOff = true;
    side[i] = 0;
    rows.fill(0, i * n, (i + 1) * n);
  }
  const { stationarity, primal, dual, complementarity } = new Measure(program).at(at, multipliers, others);
  return {
    ...{ stationarity, primal, dual },
    complementarity: isOff ? Number.POSITIVE_INFINITY : complementarity,
  };
}

function general(problem: ConstrainedProblem, { x, lambda, nu }: KktPoint): Violations {
  const { f, inequalities, equalities, A, b } = problem;
  const parameters = new Parameters(NAME, 'x', x);
  const { dtype, size } = parameters;
  if (equalities !== undefined && A !== undefined)
    throw new ArgumentError(`${NAME}: problem must have equalities or A and b, got both`);
  const linear = checkEqualities(NAME, { A, b }, size, dtype);
  const terms: ((x: Tree) => Tensor)[] = [];
  const add = (argument: string, g: (x: Tree) => Tensor, v: Tensor) =>
    terms.push((at) => sum(mul(v, vectorOf(argument, g(at)))));
  let [primal, dual, complementarity] = [0, 0, 0];
  if (inequalities !== undefined) {
    const values = untraced(NAME, 'what inequalities gives', vectorOf('inequalities', inequalities(x)));
    primal = Math.max(0, ...values.data());
    if (lambda !== undefined) {
      checkMultipliers('lambda', lambda, values.size, dtype);
      dual = Math.max(0, ...lambda.data().map((value) => -value));
      complementarity = maxAbs(lambda.data().map((value, i) => value * values.data()[i]));
      add('inequalities', inequalities, lambda);
    }
  } else if (lambda !== undefined) checkMultipliers('lambda', lambda, 0, dtype);
  const rows = equalities ?? (A && ((at: Tree) => matmul(A, parameters.joined(at, concat))));
  if (rows !== undefined) {
    const values = untraced(NAME, 'what equalities gives', vectorOf('equalities', rows(x)));
    const right = b?.data();
    primal = Math.max(primal, maxAbs(values.data().map((value, i) => value - (right?.[i] ?? 0))));
    if (nu !== undefined) {
      checkMultipliers('nu', nu, equalities ? values.size : linear.count, dtype);
      add('equalities', rows, nu);
    }
  } else if (nu !== undefined) checkMultipliers('nu', nu, 0, dtype);
  const gradient = new Float64Array(size);
  const start = parameters.start();
  const g = parameters.vector();
  for (const part of [f, ...terms]) {
    const objective = new Objective(NAME, part, x, false);
    try {
      objective.gradient(start, g);
    } finally {
      objective.dispose();
    }
    g.data().forEach((value, i) => {
      gradient[i] += value;
    });
  }
  return { stationarity: maxAbs(gradient), primal, dual, complementarity };
}

/** The values of a constraint function as one vector. */
export function vectorOf(argument: string, y: unknown, name = NAME): Tensor {
  if (!(y instanceof Tensor))
    throw new ArgumentError(`${name}: ${argument} must return a tensor, got ${describe(y)}`);
  return y.ndim === 1 ? y : reshape(y, [y.size]);
}

function checkMultipliers(argument: string, v: Tensor, size: number, dtype: string): void {
  checkFloat(NAME, argument, v);
  if (v.ndim !== 1 || v.size !== size)
    throw new ShapeError(`${NAME}: ${argument} must have shape [${size}], got ${show(v.shape)}`);
  if (v.dtype !== dtype)
    throw new DTypeError(`${NAME}: ${argument} must be ${dtype} like the problem, got ${v.dtype}`);
}
