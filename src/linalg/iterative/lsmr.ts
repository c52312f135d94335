// LSMR: min ‖A x - b‖ (and damping² ‖x‖²) for any A, by MINRES on the normal equations without forming them.

import { zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { hypot } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { assign, axpy, divide, norm2, scale } from '../blas/tensors.js';
import { checkStack, cloneTensor } from '../stack.js';
import {
  byColumns,
  checkLike,
  ITERATIVE_OPTIONS,
  type IterativeOptions,
  type IterativeResult,
  type Settings,
  settingsOf,
  unitOf,
} from './krylov.js';
import { descend, type Products, withDamping } from './lsmr-iteration.js';
import { type Apply, asCall, asProduct } from './operator.js';

/** A rectangular operator: a matrix [m, n], or products with A (on [n]) and with its transpose (on [m]). */
export type RectangularOperator =
  | Tensor
  | { apply: (x: Tensor) => Tensor; applyTranspose: (y: Tensor) => Tensor };

/** Options of `lsmr`. */
export interface LsmrOptions extends IterativeOptions {
  /** Minimizes ‖A x - b‖² + damping² ‖x‖²; default 0. */
  damping?: number;
}

const LSMR_OPTIONS: OptionNames<LsmrOptions> = /* @__PURE__ */ joinNames(ITERATIVE_OPTIONS, {
  damping: true,
});

/** The result of `lsmr`. */
export interface LsmrResult extends IterativeResult {
  /** ‖Aᵀr‖ / (‖A‖ ‖r‖): zero at a least-squares solution. ‖A‖ is estimated from below, by the largest ‖A v‖ seen. */
  normalResidual: number;
}

/**
 * Least squares by LSMR: the x with the smallest ‖A x - b‖; if x0 is 0, the smallest such x.
 * @param A a matrix [m, n], or { apply, applyTranspose } on vectors.
 * @param b [m], or [m, k] for right sides that are solved one after the other; f64 or f32.
 * @param options see `IterativeOptions`; x0 is [n] or [n, k]; maxIterations defaults to 10 min(m, n). Stops if
 *   ‖r‖ <= tolerance (‖b‖ + ‖A‖ ‖x‖) (a solution) or ‖Aᵀr‖ <= tolerance ‖A‖ ‖r‖ (a least-squares solution), with r = b - A x
 *   computed from x, by two more products; with damping, r and A are those of the system [A; damping I] x = [b; 0].
 * @returns x [n] or [n, k]; `residual` is ‖r‖ / ‖b‖ (‖r‖ if b is 0), which need not be small.
 * @throws ConvergenceError if the residuals of x no longer fall, if a NaN occurs or at the default limit; never with
 *   `throws: false`.
 * Source: Fong and Saunders, LSMR: an iterative algorithm for sparse least-squares problems, SIAM J. Sci. Comput. 33
 * (2011).
 */
export function lsmr(A: RectangularOperator, b: Tensor, options: LsmrOptions = {}): LsmrResult {
  checkOptions('lsmr', options, LSMR_OPTIONS);
  const { x0, damping = 0 } = options;
  const settings = settingsOf('lsmr', b, options, (m) => Math.max(10, 10 * m));
  if (!(Number.isFinite(damping) && damping >= 0))
    throw new ArgumentError(`lsmr: damping must be at least 0, got ${describe(damping)}`);
  const { m, apply, applyTranspose } = productsOf(A, b);
  const n = unknowns(A, b);
  if (options.maxIterations === undefined) settings.maxIterations = Math.max(10, 10 * Math.min(m, n));
  const solution = { shape: b.ndim === 1 ? [n] : [n, settings.k], dtype: b.dtype };
  if (x0 !== undefined) checkLike('lsmr', 'x0', x0, solution);
  return byColumns('lsmr', b, x0, n, settings, (column, start) =>
    iterate({ m, n, apply, applyTranspose }, column, start, damping, settings),
  );
}

function productsOf(A: RectangularOperator, b: Tensor): { m: number; apply: Apply; applyTranspose: Apply } {
  const m = b.shape[0];
  if (A instanceof Tensor) {
    const shape = [m, checkStack('lsmr', 'A', A).columns];
    return {
      m,
      apply: asProduct('lsmr', 'A', A, shape, b.dtype, false),
      applyTranspose: asProduct('lsmr', 'A', A, shape, b.dtype, true),
    };
  }
  if (typeof A?.apply !== 'function' || typeof A.applyTranspose !== 'function')
    throw new ArgumentError(`lsmr: A must be a tensor or { apply, applyTranspose }, got ${describe(A)}`);
  return {
    m,
    apply: asCall('lsmr', 'A.apply', (x) => A.apply(x)),
    applyTranspose: asCall('lsmr', 'A.applyTranspose', (y) => A.applyTranspose(y)),
  };
}

/** The number of columns of A, which an operator reveals only in the results of its transpose. */
function unknowns(A: RectangularOperator, b: Tensor): number {
  if (A instanceof Tensor) return A.shape[1];
  return scope(() => {
    const y: unknown = A.applyTranspose(zeros([b.shape[0]], { dtype: b.dtype }));
    if (!(y instanceof Tensor)) throw new ArgumentError('lsmr: A.applyTranspose must give back a tensor');
    if (y.ndim !== 1)
      throw new ShapeError(`lsmr: A.applyTranspose must give back a vector [n], got shape ${show(y.shape)}`);
    return y.size;
  });
}

/** For one right side. */
function iterate(
  products: Products,
  b: Tensor,
  x0: Tensor | undefined,
  damping: number,
  settings: Settings,
): LsmrResult {
  const { dtype, tolerance, maxIterations } = settings;
  const unit = unitOf(norm2(b), dtype);
  const side = cloneTensor(b, 'lsmr');
  divide(side, unit);
  const bNorm = norm2(side);
  const x = x0 ? cloneTensor(x0, 'lsmr') : zeros([products.n], { dtype });
  if (x0) divide(x, unit);
  const [r, g, product] = [
    cloneTensor(side, 'lsmr'),
    zeros([products.n], { dtype }),
    cloneTensor(side, 'lsmr'),
  ];
  let [iterations, norm] = [0, 0];
  // For b = 0 there is no size to compare with but that of the start.
  const leastSize = bNorm === 0 ? norm2(x) : 0;
  const run = (isZero: boolean) => {
    // From an x that is not 0, damping of the step is not damping of x.
    const end = scope(() => {
      const system =
        damping > 0 && !isZero
          ? withDamping(products, damping, x, r)
          : { ...products, right: r, damping, shift: 0 };
      return descend(system, x, { bNorm, norm, leastSize, tolerance, limit: maxIterations - iterations });
    });
    iterations += end.iterations;
    norm = Math.max(norm, end.norm);
    return end;
  };
  /** r := b - A x. */
  const computeResidual = () => {
    assign(side, r);
    products.apply(x, product);
    axpy(-1, product, r);
  };
  if (x0) computeResidual();
  let end = run(x0 === undefined);
  let { status, residual, normal } = end;
  // The residuals of the recurrence go on falling where those of x do not: those of x are computed at the end, and the iteration goes on
  // from them as long as they fall by half.
  let best: Tensor | undefined;
  let least = Number.POSITIVE_INFINITY;
  while (status !== 'notFinite' && end.iterations > 0) {
    computeResidual();
    products.applyTranspose(r, g);
    if (damping > 0) axpy(-damping * damping, x, g);
    const size = Math.max(leastSize, norm2(x));
    [residual, normal] = [hypot(norm2(r), damping * size), norm2(g)];
    const [level, normalLevel] = [bNorm + norm * size, hypot(norm, damping) * residual];
    const excess = Math.min(residual / level, normal / normalLevel);
    if (!Number.isFinite(residual) || !Number.isFinite(normal)) status = 'notFinite';
    else if (residual <= tolerance * level || normal <= tolerance * normalLevel) status = 'converged';
    else if (status === 'converged') status = iterations < maxIterations ? 'stagnation' : 'maxIterations';
    if (best && excess > least) {
      assign(best, x);
      computeResidual();
      residual = hypot(norm2(r), damping * norm2(x));
    }
    if (status !== 'stagnation' || !(excess < least / 2)) break;
    least = excess;
    best ??= zeros([products.n], { dtype });
    assign(x, best);
    end = run(false);
    status = end.status;
    if (status === 'converged' && end.iterations === 0) status = 'stagnation';
  }
  scale(unit, x);
  const relative = bNorm === 0 ? residual : residual / bNorm;
  const normalResidual = normal === 0 ? 0 : normal / (norm * residual);
  return { x, iterations, residual: relative, converged: status === 'converged', status, normalResidual };
}
