// Restarted GMRES: A x = b for any square A, by the smallest residual in a Krylov space of at most `restart`
// dimensions.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { assign, axpy, divide, norm2, scale } from '../blas/tensors.js';
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
import { KrylovBasis } from './krylov-basis.js';
import type { LinearOperator } from './operator.js';

/** Options of `gmres`. */
export interface GmresOptions extends IterativeOptions {
  /** M ≈ A⁻¹, applied from the right, so that the residual is still that of A x = b. Default: none. */
  preconditioner?: LinearOperator;
  /** Dimensions of the Krylov space before a restart; default 30. Takes restart · n elements of memory. */
  restart?: number;
}

const GMRES_OPTIONS: OptionNames<GmresOptions> = /* @__PURE__ */ joinNames(ITERATIVE_OPTIONS, {
  preconditioner: true,
  restart: true,
});

/**
 * Solves A x = b for any square A by restarted GMRES, with products by A only.
 * @param A a matrix [n, n] or a function x -> A x on vectors [n].
 * @param b [n], or [n, k] for right sides that are solved one after the other; f64 or f32.
 * @param options see `IterativeOptions`; maxIterations (products by A, restarts not counted) defaults to 10 n.
 * @returns x in the shape of b; `residual` is ‖b - A x‖ / ‖b‖, recomputed at every restart and at the end.
 * Derivatives in b, in A, and in what a function A captures, by another solve with Aᵀ. Graphs and plans hold the solve
 * as one node, and the figures besides x are scalar tensors there.
 * @throws ConvergenceError if a whole cycle gains nothing, A is singular, a NaN occurs, or at the default
 *   limit; never with `throws: false`.
 * Source: Saad and Schultz, GMRES, SIAM J. Sci. Stat. Comput. 7 (1986); orthogonalized twice by classical Gram-Schmidt.
 */
export function gmres(A: LinearOperator, b: Tensor, options: GmresOptions = {}): IterativeResult {
  checkOptions('gmres', options, GMRES_OPTIONS);
  const { restart = 30 } = options;
  if (!Number.isInteger(restart) || restart < 1)
    throw new ArgumentError(`gmres: restart must be at least 1, got ${describe(restart)}`);
  return implicitly('gmres', gmres, run, A, b, options, { symmetric: false }) ?? run(A, b, options);
}

/** On values. */
function run(A: LinearOperator, b: Tensor, options: GmresOptions): IterativeResult {
  const { restart = 30 } = options;
  const system = systemOf('gmres', A, b, options, (n) => Math.max(10, 10 * n));
  const { settings } = system;
  return byColumns('gmres', b, options.x0, settings.n, settings, (column, start) =>
    iterate(system, column, start, Math.min(restart, Math.max(1, settings.n))),
  );
}

function iterate(
  { apply, precondition, settings }: System,
  right: Tensor,
  x0: Tensor | undefined,
  restart: number,
): IterativeResult {
  const { dtype, tolerance, maxIterations } = settings;
  const eps = epsilonOf(dtype);
  const unit = unitOf(norm2(right), dtype);
  const b = cloneTensor(right, 'gmres');
  divide(b, unit);
  const bNorm = norm2(b);
  const x = startOf('gmres', x0, right, unit);
  const [r, v, z] = [cloneTensor(b, 'gmres'), cloneTensor(b, 'gmres'), cloneTensor(b, 'gmres')];
  const basis = new KrylovBasis(restart, b);
  let status: Status = 'maxIterations';
  let iterations = 0;
  let residual = Number.POSITIVE_INFINITY;
  for (let first = true; ; first = false) {
    const last = residual;
    assign(b, r);
    if (!first || x0) {
      apply(x, v);
      axpy(-1, v, r);
    }
    residual = norm2(r);
    if (!Number.isFinite(residual)) status = 'notFinite';
    else if (residual <= tolerance * bNorm) status = 'converged';
    else if (residual >= last * (1 - 10 * eps)) status = basis.isSingular ? 'singular' : 'stagnation';
    if (residual > last && !first) {
      // The last cycle has made it worse: without it.
      axpy(-1, z, x);
      residual = last;
    }
    if (status !== 'maxIterations' || iterations >= maxIterations) break;
    basis.start(r, residual);
    while (basis.size < restart && iterations < maxIterations) {
      basis.newest(v);
      if (precondition) {
        precondition(v, z);
        apply(z, v);
      } else {
        assign(v, z);
        apply(z, v);
      }
      iterations++;
      const estimate = basis.extend(v, eps);
      if (!(estimate > tolerance * bNorm) || basis.isClosed) break;
    }
    basis.combine(v);
    if (precondition) precondition(v, z);
    else assign(v, z);
    // Keep the last x that was finite.
    if (!Number.isFinite(norm2(z))) {
      status = 'notFinite';
      break;
    }
    axpy(1, z, x);
  }
  scale(unit, x);
  const relative = residual === 0 ? 0 : residual / bNorm;
  return { x, iterations, residual: relative, converged: status === 'converged', status };
}
