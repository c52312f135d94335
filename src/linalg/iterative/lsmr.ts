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
  type Status,
  settingsOf,
  unitOf,
} from './krylov.js';
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
  /** ‖Aᵀr‖ / (‖A‖ ‖r‖): zero at a least-squares solution. ‖A‖ is estimated, in the Frobenius norm. */
  normalResidual: number;
}

/**
 * Least squares by LSMR: the x with the smallest ‖A x - b‖; if x0 is 0, the smallest such x.
 * @param A a matrix [m, n], or { apply, applyTranspose } on vectors.
 * @param b [m], or [m, k] for right sides that are solved one after the other; f64 or f32.
 * @param options see `IterativeOptions`; x0 is [n] or [n, k]; maxIterations defaults to 10 min(m, n). Stops if
 *   ‖r‖ <= tolerance (‖b‖ + ‖A‖ ‖x‖) (a solution) or ‖Aᵀr‖ <= tolerance ‖A‖ ‖r‖ (a least-squares solution).
 * @returns x [n] or [n, k]; `residual` is ‖r‖ / ‖b‖ (‖r‖ if b is 0), which need not be small.
 * @throws ConvergenceError if a NaN occurs or at the default limit; never with `throws: false`.
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
    iterate(apply, applyTranspose, column, start, n, damping, settings),
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

/** c, s and r = (a² + b²)^½ with c a + s b = r. */
function rotation(a: number, b: number): [number, number, number] {
  const r = hypot(a, b);
  return r === 0 ? [1, 0, 0] : [a / r, b / r, r];
}

function iterate(
  apply: Apply,
  applyTranspose: Apply,
  b: Tensor,
  x0: Tensor | undefined,
  n: number,
  damping: number,
  { dtype, tolerance, maxIterations }: Settings,
): LsmrResult {
  const unit = unitOf(norm2(b), dtype);
  const u = cloneTensor(b, 'lsmr');
  divide(u, unit);
  const bNorm = norm2(u);
  const wide = cloneTensor(u, 'lsmr');
  const vector = () => zeros([n], { dtype });
  const [v, tall, hbar] = [vector(), vector(), vector()];
  const x = x0 ? cloneTensor(x0, 'lsmr') : vector();
  if (x0) {
    divide(x, unit);
    apply(x, wide);
    axpy(-1, wide, u);
  }
  /** Normalizes x; a zero vector stays zero. */
  const normalize = (y: Tensor): number => {
    const length = norm2(y);
    if (length > 0) divide(y, length);
    return length;
  };
  let beta = normalize(u);
  applyTranspose(u, v);
  let alpha = normalize(v);
  const h = cloneTensor(v, 'lsmr');
  // The names are those of the paper, sections 2 and 5.
  let [alphabar, zetabar, rho, rhobar, cbar, sbar, zeta] = [alpha, alpha * beta, 1, 1, 1, 0, 0];
  let [betadd, betad, rhodold, tautildeold, thetatilde, d] = [beta, 0, 1, 0, 0, 0];
  let norm = alpha;
  let [residual, normal] = [beta, alpha * beta];
  let status: Status = 'maxIterations';
  let iterations = 0;
  for (; ; iterations++) {
    const size = norm2(x);
    if (!Number.isFinite(residual) || !Number.isFinite(normal)) status = 'notFinite';
    else if (residual <= tolerance * (bNorm + norm * size)) status = 'converged';
    else if (normal <= tolerance * hypot(norm, damping) * residual) status = 'converged';
    if (status !== 'maxIterations' || iterations >= maxIterations) break;
    apply(v, wide);
    axpy(-alpha, u, wide);
    assign(wide, u);
    beta = normalize(u);
    applyTranspose(u, tall);
    axpy(-beta, v, tall);
    assign(tall, v);
    alpha = normalize(v);
    // Keep the last x that was finite.
    if (!Number.isFinite(alpha) || !Number.isFinite(beta)) {
      status = 'notFinite';
      break;
    }
    norm = hypot(norm, beta);

    const [chat, shat, alphahat] = rotation(alphabar, damping);
    const rhoold = rho;
    let [c, s]: number[] = [];
    [c, s, rho] = rotation(alphahat, beta);
    const thetanew = s * alpha;
    alphabar = c * alpha;
    const [rhobarold, zetaold] = [rhobar, zeta];
    const thetabar = sbar * rho;
    const rhotemp = cbar * rho;
    [cbar, sbar, rhobar] = rotation(rhotemp, thetanew);
    zeta = cbar * zetabar;
    zetabar = -sbar * zetabar;
    if (rho === 0 || rhobar === 0) {
      // A v = 0 for the last v: no further improvement is possible.
      status = 'converged';
      break;
    }
    scale((-thetabar / rhoold) * (rho / rhobarold), hbar);
    axpy(1, h, hbar);
    axpy(zeta / rho / rhobar, hbar, x);
    scale(-thetanew / rho, h);
    axpy(1, v, h);

    const betaacute = chat * betadd;
    const betacheck = -shat * betadd;
    const betahat = c * betaacute;
    betadd = -s * betaacute;
    const thetatildeold = thetatilde;
    const [ctildeold, stildeold, rhotildeold] = rotation(rhodold, thetabar);
    thetatilde = stildeold * rhobar;
    rhodold = ctildeold * rhobar;
    betad = -stildeold * betad + ctildeold * betahat;
    tautildeold = (zetaold - thetatildeold * tautildeold) / rhotildeold;
    const taud = (zeta - thetatilde * tautildeold) / rhodold;
    d = hypot(d, betacheck);
    residual = hypot(d, betad - taud, betadd);
    normal = Math.abs(zetabar);
    norm = hypot(norm, alpha);
  }
  scale(unit, x);
  const relative = bNorm === 0 ? residual : residual / bNorm;
  const normalResidual = normal === 0 ? 0 : normal / (norm * residual);
  return { x, iterations, residual: relative, converged: status === 'converged', status, normalResidual };
}
