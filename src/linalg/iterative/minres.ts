// MINRES: A x = b for symmetric A that need not be definite, by the smallest residual in a Krylov space.

import { zeros } from '../../core/create.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { hypot } from '../../core/scalars.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { assign, axpy, divide, dot, norm2, scale } from '../blas/tensors.js';
import { cloneTensor } from '../stack.js';
import { implicitly } from './implicit.js';
import {
  byColumns,
  epsilonOf,
  ITERATIVE_OPTIONS,
  type IterativeOptions,
  type IterativeResult,
  type Status,
  type System,
  startOf,
  systemOf,
  unitOf,
} from './krylov.js';
import type { LinearOperator } from './operator.js';

/** Options of `minres`. */
export interface MinresOptions extends IterativeOptions {
  /** M ≈ |A|⁻¹, symmetric positive definite: a matrix, or a function r -> M r. Default: none. */
  preconditioner?: LinearOperator;
}

const MINRES_OPTIONS: OptionNames<MinresOptions> = /* @__PURE__ */ joinNames(ITERATIVE_OPTIONS, {
  preconditioner: true,
});

/**
 * Solves A x = b for symmetric, possibly indefinite A by MINRES, with products by A only.
 * @param A a matrix [n, n] or a function x -> A x on vectors [n].
 * @param b [n], or [n, k] for right sides that are solved one after the other; f64 or f32.
 * @param options see `IterativeOptions`; maxIterations defaults to 5 n.
 * @returns x of the shape of b; `residual` is the recurrence's ‖r‖ / ‖b‖, in the norm (rᵀM r)^½ with a preconditioner.
 * Derivatives in b, in A, and in what a function A captures, by another solve (A counts as symmetric). Graphs and plans
 * hold the solve as one node, and the figures besides x are scalar tensors there.
 * @throws ConvergenceError if A is singular and b is not in its range (x is then the best possible: see `throws:
 * false`),
 *   if the preconditioner is not positive definite, if a NaN occurs, or at the default limit.
 * Source: Paige and Saunders, Solution of sparse indefinite systems of linear equations, SIAM J. Numer. Anal. 12
 * (1975).
 */
export function minres(A: LinearOperator, b: Tensor, options: MinresOptions = {}): IterativeResult {
  checkOptions('minres', options, MINRES_OPTIONS);
  return implicitly('minres', minres, run, A, b, options, { symmetric: true }) ?? run(A, b, options);
}

/** On values. */
function run(A: LinearOperator, b: Tensor, options: MinresOptions): IterativeResult {
  const system = systemOf('minres', A, b, options, (n) => Math.max(10, 5 * n));
  const { settings } = system;
  return byColumns('minres', b, options.x0, settings.n, settings, (column, start) =>
    iterate(system, column, start),
  );
}

function iterate(
  { apply, precondition, settings }: System,
  b: Tensor,
  x0: Tensor | undefined,
): IterativeResult {
  const { dtype, tolerance, maxIterations } = settings;
  const eps = epsilonOf(dtype);
  const unit = unitOf(norm2(b), dtype);
  const vector = () => zeros(b.shape, { dtype });
  const x = startOf('minres', x0, b, unit);
  const v = vector();
  // The last two directions; w is the newer one.
  let [w, before] = [vector(), vector()];
  // The last two Lanczos vectors before normalization; r2 is the newer one; y = M r2.
  const r1 = cloneTensor(b, 'minres');
  divide(r1, unit);
  const y = precondition ? allocate(b.shape, dtype, 'minres') : vector();
  const lengthOf = (r: Tensor) => {
    if (precondition) precondition(r, y);
    else assign(r, y);
    return precondition ? Math.sqrt(dot(r, y)) : norm2(r);
  };
  const bNorm = lengthOf(r1);
  if (x0) {
    apply(x, y);
    axpy(-1, y, r1);
  }
  const r2 = cloneTensor(r1, 'minres');
  let beta = x0 ? lengthOf(r1) : bNorm;
  let [previous, delta, epsilon, dbar, phibar, size] = [0, 0, 0, 0, beta, 0];
  let [c, s] = [-1, 0];
  let status: Status = 'maxIterations';
  let iterations = 0;
  /** (rᵀM r)^½ is NaN if M is not definite, or if r or M r is not finite. */
  const broken = (): Status => {
    const square = dot(r2, y);
    return square < 0 && Number.isFinite(square) ? 'indefinite' : 'notFinite';
  };
  for (; ; iterations++) {
    if (!Number.isFinite(phibar)) status = broken();
    else if (phibar <= tolerance * bNorm) status = 'converged';
    else if (beta === 0) status = 'singular';
    if (status !== 'maxIterations' || iterations >= maxIterations) break;
    assign(y, v);
    divide(v, beta);
    apply(v, y);
    if (iterations > 0) axpy(-beta / previous, r1, y);
    const alpha = dot(v, y);
    axpy(-alpha / beta, r2, y);
    assign(r2, r1);
    assign(y, r2);
    previous = beta;
    beta = lengthOf(r2);
    // Keep the last x that was finite.
    if (!Number.isFinite(alpha) || !Number.isFinite(beta)) {
      status = broken();
      break;
    }
    size = hypot(size, alpha, iterations > 0 ? previous : 0, beta);
    // Extend the QR factorization of the tridiagonal matrix by one rotation.
    const older = epsilon;
    delta = c * dbar + s * alpha;
    const gbar = s * dbar - c * alpha;
    epsilon = s * beta;
    dbar = -c * beta;
    // ‖A r‖ = root ‖r‖: if it is zero to rounding, no further improvement is possible.
    if (hypot(gbar, dbar) <= 10 * eps * size) {
      status = 'singular';
      break;
    }
    const gamma = Math.max(hypot(gbar, beta), eps * eps * size);
    c = gbar / gamma;
    s = beta / gamma;
    const phi = c * phibar;
    phibar *= s;
    // w := (v - older w_before - delta w) / gamma, and the two are exchanged.
    scale(-older, before);
    axpy(-delta, w, before);
    axpy(1, v, before);
    divide(before, gamma);
    [w, before] = [before, w];
    axpy(phi, w, x);
  }
  scale(unit, x);
  const residual = phibar === 0 ? 0 : phibar / bNorm;
  return { x, iterations, residual, converged: status === 'converged', status };
}
