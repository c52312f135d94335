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
  LOWEST,
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
 * @returns x of the shape of b; `residual` is ‖b - A x‖ / ‖b‖, computed from x at the end with one more product.
 * Derivatives in b, in A, and in what a function A captures, by another solve (A counts as symmetric). Graphs and plans
 * hold the solve as one node, and the figures besides x are scalar tensors there.
 * @throws ConvergenceError if A is singular and b is not in its range (x is then the best possible: see `throws:
 * false`),
 *   if the preconditioner is not positive definite, if the residual of x no longer falls, if a NaN occurs, or at the default limit.
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
  const measure = (r: Tensor) => {
    if (precondition) precondition(r, y);
    else assign(r, y);
    return precondition ? Math.sqrt(dot(r, y)) : norm2(r);
  };
  const side = norm2(r1);
  const bNorm = measure(r1);
  let goal = tolerance * bNorm;
  const r2 = vector();
  /** r1 := b - A x, in units. */
  const computeResidual = () => {
    assign(b, r1);
    divide(r1, unit);
    apply(x, y);
    axpy(-1, y, r1);
  };
  if (x0) computeResidual();
  let status = 'maxIterations' as Status;
  let iterations = 0;
  /** (rᵀM r)^½ is NaN if M is not definite, or if r or M r is not finite. */
  const broken = (): Status => {
    const square = dot(r2, y);
    return square < 0 && Number.isFinite(square) ? 'indefinite' : 'notFinite';
  };
  /** Iterates from the residual in r1, of this length, with y = M r1. */
  function descend(length: number): void {
    assign(r1, r2);
    for (const direction of [w, before]) direction.data().fill(0);
    const start = iterations;
    let beta = length;
    let [previous, delta, epsilon, dbar, phibar, size] = [0, 0, 0, 0, beta, 0];
    let [c, s] = [-1, 0];
    for (; ; iterations++) {
      if (!Number.isFinite(phibar)) status = broken();
      else if (phibar <= Math.max(goal, LOWEST * eps * length)) status = 'converged';
      else if (beta === 0) status = 'singular';
      if (status !== 'maxIterations' || iterations >= maxIterations) return;
      assign(y, v);
      divide(v, beta);
      apply(v, y);
      if (iterations > start) axpy(-beta / previous, r1, y);
      const alpha = dot(v, y);
      axpy(-alpha / beta, r2, y);
      assign(r2, r1);
      assign(y, r2);
      previous = beta;
      beta = measure(r2);
      // Keep the last x that was finite.
      if (!Number.isFinite(alpha) || !Number.isFinite(beta)) {
        status = broken();
        return;
      }
      size = hypot(size, alpha, iterations > start ? previous : 0, beta);
      // Extend the QR factorization of the tridiagonal matrix by one rotation.
      const older = epsilon;
      delta = c * dbar + s * alpha;
      const gbar = s * dbar - c * alpha;
      epsilon = s * beta;
      dbar = -c * beta;
      // ‖A r‖ = root ‖r‖: if it is zero to rounding, no further improvement is possible.
      if (hypot(gbar, dbar) <= 10 * eps * size) {
        status = 'singular';
        return;
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
  }
  // The residual of the recurrence goes on falling where that of x does not, and with a preconditioner is another one: ‖b - A x‖ is
  // computed at the end, and the iteration goes on from there as long as it falls by half.
  const enough = tolerance * side;
  let best: Tensor | undefined;
  let least = { euclidean: norm2(r1), length: x0 ? measure(r1) : bNorm };
  let residual = least.euclidean;
  let last = -1;
  descend(least.length);
  while (status !== 'notFinite' && iterations > Math.max(0, last)) {
    last = iterations;
    computeResidual();
    const now = { euclidean: norm2(r1), length: measure(r1) };
    if (best && !(now.euclidean <= residual)) assign(best, x);
    else residual = now.euclidean;
    if (!Number.isFinite(now.length)) {
      // r2 is what `broken` looks at.
      assign(r1, r2);
      status = broken();
    } else if (residual <= enough) status = 'converged';
    else if (status === 'converged') {
      status = iterations < maxIterations ? 'stagnation' : 'maxIterations';
      const falls = now.euclidean < least.euclidean / 2 || now.length < least.length / 2;
      if (!falls || iterations >= maxIterations) break;
      // The preconditioned residual has to be smaller than it was taken to have to be.
      if (now.length <= goal) goal = (now.length / 2) * (enough / now.euclidean);
      least = now;
      best ??= vector();
      assign(x, best);
      status = 'maxIterations';
      descend(now.length);
      // What is singular or indefinite now was not so on the way here.
      if (['singular', 'indefinite'].includes(status)) status = 'stagnation';
    }
  }
  scale(unit, x);
  const relative = residual === 0 ? 0 : residual / side;
  return { x, iterations, residual: relative, converged: status === 'converged', status };
}
