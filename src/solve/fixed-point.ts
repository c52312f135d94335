// fixedPoint(T, y0, method): y with T(y) = y.

import { describe, describeMade } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { leavesLike, mapTree, type Tree } from '../core/tree.js';
import { axpy, maxAbsOf, norm2 } from '../linalg/blas/tensors.js';
import { sub } from '../ops/arithmetic.js';
import { anderson } from './anderson.js';
import { solveWherever, type Unary } from './inside.js';
import { iterate } from './iterate.js';
import { Residuals, type VectorFunction } from './residuals.js';
import { RESIDUAL_OPTIONS, type ResidualOptions, residualLimits } from './root-find.js';
import type { Solution, SolutionStatus } from './solution.js';

/** A method for fixed points. Tensors made by `startFixedPoint` and its steps are freed by `fixedPoint`. */
export interface FixedPointMethod {
  readonly name: string;
  /** Default limit of iterations. */
  readonly maxIterations?: number;
  startFixedPoint(point: FixedPoint): { step(): SolutionStatus | undefined };
}

/** Number of steps lost in rounding before a tolerance is given up as too small. */
const PATIENCE = 20;

/** The state of the search for a fixed point. */
export class FixedPoint {
  readonly source: Residuals;
  readonly x: Tensor;
  /** T(x) - x. */
  readonly residual: Tensor;
  /** |T(x) - x|. */
  value: number;
  /** The largest |T(x) - x|_i. */
  gradientNorm: number;
  /** 1 after a step. */
  step = 0;

  constructor(source: Residuals) {
    this.source = source;
    this.x = source.parameters.start();
    this.residual = source.start(this.x);
    if (source.count !== this.x.size) {
      throw new ShapeError(
        `fixedPoint: T must give as many numbers as y0 has, ${this.x.size}, got ${source.count}`,
      );
    }
    axpy(-1, this.x, this.residual);
    this.value = norm2(this.residual);
    this.gradientNorm = maxAbsOf(this.residual);
  }

  /** Computes the residual at x, which has been written. */
  evaluate(): void {
    this.source.value(this.x, this.residual);
    axpy(-1, this.x, this.residual);
    this.step = 1;
    this.value = norm2(this.residual);
    this.gradientNorm = maxAbsOf(this.residual);
  }

  /** Whether T(x) equals x up to a rounding or two (16 u), in every entry. */
  get isExact(): boolean {
    const [x, r] = [this.x.data(), this.residual.data()];
    const unit = this.x.dtype === 'f64' ? 2 ** -49 : 2 ** -20;
    return r.every((change, i) => Math.abs(change) <= unit * Math.abs(x[i]));
  }
}

/**
 * Finds y with T(y) = y, starting from y0. In the solution `x` is y, `value` is |T(y) - y|, `gradientNorm` the largest
 * |T(y) - y|_i; in `evaluations`, value counts values of T. Without a `tolerance` it also stops, as converged, when
 * T(y) is y up to rounding. Inside a differentiated function, y has derivatives in every tensor that T captures, by the
 * implicit function theorem; inside `compile` and `trace` it is a node, and value, gradientNorm and iterations are
 * scalar tensors.
 * @param T y -> a tensor or a tree like y, written in operations (it is compiled; not differentiated).
 * @param y0 a tensor or a tree of tensors, all f64 or all f32. Not changed.
 * @param method `anderson()` (default) or `picard()`.
 * @param options see `ResidualOptions` and `IterationOptions`.
 * @returns the Solution; the caller owns its tensors.
 * @throws ConvergenceError, with `.solution`, if it does not converge (see `throws`); ArgumentError, DTypeError,
 * ShapeError.
 * @example
 * optim.fixedPoint((y) => cos(y), tensor(1), optim.anderson()).x; // 0.7390851332
 */
export function fixedPoint<X = Tree>(
  T: VectorFunction,
  y0: X,
  method: FixedPointMethod = anderson(),
  options: ResidualOptions = {},
): Solution<X> {
  if (typeof T !== 'function')
    throw new ArgumentError(`fixedPoint: T must be a function of y, got ${describe(T)}`);
  if (typeof method?.startFixedPoint !== 'function') {
    throw new ArgumentError(
      `fixedPoint: method must be a method like optim.anderson(), got ${describeMade(method)}`,
    );
  }
  checkOptions('fixedPoint', options, RESIDUAL_OPTIONS);
  return solveWherever({
    ...{ name: 'fixedPoint', f: T, x0: y0, options },
    solve: (map, start) => solve(map, start, method, options),
    residual(map: Unary, y) {
      const next = leavesLike('fixedPoint', 'the result of T', map(y), y);
      return mapTree(y, (leaf, i) => sub(next[i], leaf));
    },
  });
}

function solve(T: VectorFunction, y0: Tree, method: FixedPointMethod, options: ResidualOptions): Solution {
  const checked = (y: Tree) => leavesLike('fixedPoint', 'the result of T', T(y), y0);
  const source = new Residuals('fixedPoint', ['T', 'y0'], checked, y0, options?.compile);
  try {
    const { parameters, evaluations } = source;
    const most = method.maxIterations ?? 10_000;
    const { limits, isGiven } = residualLimits('fixedPoint', options, parameters.dtype, most);
    const point = new FixedPoint(source);
    const iteration = method.startFixedPoint(point);
    let idle = 0;
    const step = () => {
      idle = point.isExact ? idle + 1 : 0;
      if (idle > 0 && !isGiven) return 'converged';
      return idle > PATIENCE ? 'stalled' : iteration.step();
    };
    const name = `fixedPoint by ${method.name}`;
    const labels = ['|T(y) - y|', 'its largest entry'] as const;
    return iterate({ name, parameters, evaluations, standing: point, step, labels }, limits, options);
  } finally {
    source.dispose();
  }
}
