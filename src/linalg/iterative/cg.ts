// Conjugate gradients: A x = b for symmetric positive definite A, k right sides at once.

import { zeros } from '../../core/create.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { allocate, Tensor } from '../../core/tensor.js';
import {
  addScaled,
  columnsOf,
  dots,
  norms,
  type Scalars,
  scaleAndAdd,
  scaleColumns,
} from '../blas/columns.js';
import { assign } from '../blas/tensors.js';
import { cloneTensor } from '../stack.js';
import { implicitly } from './implicit.js';
import {
  epsilonOf,
  ITERATIVE_OPTIONS,
  type IterativeOptions,
  type IterativeResult,
  inBlocks,
  LOWEST,
  maxOf,
  type Status,
  type System,
  systemOf,
  throwUnlessConverged,
  unitOf,
  worstOf,
} from './krylov.js';
import type { LinearOperator } from './operator.js';

/** Options of `cg`. */
export interface CgOptions extends IterativeOptions {
  /** M ≈ A⁻¹, symmetric positive definite: a matrix, or a function r -> M r. Default: none. */
  preconditioner?: LinearOperator;
}

const CG_OPTIONS: OptionNames<CgOptions> = /* @__PURE__ */ joinNames(ITERATIVE_OPTIONS, {
  preconditioner: true,
});

/**
 * Solves A x = b for symmetric positive definite A by (preconditioned) conjugate gradients, with products by A only.
 * The right sides of b [n, k] run at once, each with its own scalars, and each stops when it has converged. If all
 * operators are matrices, at most max(64, n / 4) right sides run at once, in one block after the other: for n of them
 * the workspace is 2.5 n² elements at n = 256, 1.6 n² at n = 1024.
 * @param A a matrix [n, n] or a function x -> A x.
 * @param b [n] or [n, k], f64 or f32.
 * @param options see `IterativeOptions`; maxIterations defaults to 10 n.
 * @returns x in the shape of b; `residual` is the largest ‖b - A x‖ / ‖b‖, computed from x at the end with one more product.
 * Derivatives in b, in A, and in what a function A captures, by another solve (A counts as symmetric). Graphs and plans
 * hold the solve as one node, and the figures besides x are scalar tensors there.
 * @throws ConvergenceError if pᵀA p <= 0 (A is not positive definite), if the residual of x no longer falls, if a NaN occurs, or at
 *   the default limit; never with `throws: false`. ShapeError if A returns another shape.
 * Source: Saad, Iterative Methods for Sparse Linear Systems, 2nd ed. (2003), algorithms 6.18 and 9.1.
 * @example
 * const { x } = linalg.cg((p) => add(matmul(a, p), mul(p, 0.1)), b); // (A + 0.1 I) x = b
 */
export function cg(A: LinearOperator, b: Tensor, options: CgOptions = {}): IterativeResult {
  checkOptions('cg', options, CG_OPTIONS);
  return (
    implicitly('cg', cg, run, A, b, options, { symmetric: true, allColumns: true }) ?? run(A, b, options)
  );
}

/** On values. */
function run(A: LinearOperator, b: Tensor, options: CgOptions): IterativeResult {
  const system = systemOf('cg', A, b, options, (n) => Math.max(10, 10 * n));
  const { n, k } = system.settings;
  const { x0, preconditioner } = options;
  // Columns are independent: a quarter of n at a time needs a quarter of the workspace. Functions get all columns at
  // once.
  const width = Math.max(MOST_COLUMNS, Math.ceil(n / 4));
  const whole = k <= width || !(A instanceof Tensor) || typeof preconditioner === 'function';
  return scope(() => {
    const solve = (side: Tensor, start?: Tensor) => iterate(system, side, start);
    const result = whole ? solve(b, x0) : inBlocks('cg', b, x0, n, width, solve);
    return throwUnlessConverged('cg', result, system.settings);
  });
}

/** With this many columns a separate product is efficient for any n. */
const MOST_COLUMNS = 64;

function iterate(
  { apply, precondition, settings }: System,
  b: Tensor,
  x0: Tensor | undefined,
): IterativeResult {
  const { dtype, tolerance, maxIterations } = settings;
  const k = columnsOf(b);
  const scalars = (): Scalars => new Float64Array(k);
  const all = Array.from({ length: k }, (_, c) => c);
  const bNorms = scalars();
  norms(b, all, bNorms);
  // Columns are divided by a unit of their own size, and multiplied by it at the end.
  const units = bNorms.map((norm) => unitOf(norm, dtype));
  const downs = units.map((unit) => 1 / unit);
  const r = cloneTensor(b, 'cg');
  scaleColumns(downs, r);
  norms(r, all, bNorms);
  const x = x0 ? cloneTensor(x0, 'cg') : zeros(b.shape, { dtype });
  const z = precondition ? allocate(b.shape, dtype, 'cg') : r;
  const q = allocate(b.shape, dtype, 'cg');
  const minusOne = scalars().fill(-1);
  if (x0) {
    scaleColumns(downs, x);
    // The solution for b = 0 is 0, however far away the start is.
    clearColumns(
      x,
      all.filter((c) => bNorms[c] === 0),
    );
    apply(x, q);
    addScaled(minusOne, q, r, all);
  }
  const p = allocate(b.shape, dtype, 'cg');
  const [rz, pq, alpha, beta, residuals] = [scalars(), scalars(), scalars(), scalars(), scalars()];
  const statuses: Status[] = all.map(() => 'maxIterations');
  // The smallest residuals of x so far, and the share of them below which those of the recurrence say nothing.
  const least = scalars();
  norms(r, all, least);
  const lowest = LOWEST * epsilonOf(dtype);
  let iterations = 0;
  /** Iterates from the residuals in r until every column has stopped, or to the limit; the columns whose x may have moved. */
  function descend(columns: readonly number[], isFirst: boolean): readonly number[] {
    const before = iterations;
    precondition?.(r, z);
    assign(z, p);
    dots(r, z, columns, rz);
    let active = columns;
    for (; ; iterations++) {
      norms(r, active, residuals);
      active = active.filter((c) => {
        if (!Number.isFinite(residuals[c]) || !Number.isFinite(rz[c])) statuses[c] = 'notFinite';
        else if (residuals[c] <= Math.max(tolerance * bNorms[c], lowest * least[c]))
          statuses[c] = 'converged';
        else if (rz[c] <= 0) statuses[c] = stopped(c, isFirst);
        else return true;
        return false;
      });
      if (active.length === 0 || iterations >= maxIterations) break;
      apply(p, q);
      dots(p, q, active, pq);
      active = active.filter((c) => {
        if (!Number.isFinite(pq[c])) statuses[c] = 'notFinite';
        else if (pq[c] <= 0) statuses[c] = stopped(c, isFirst);
        else return true;
        return false;
      });
      if (active.length === 0) break;
      for (const c of active) alpha[c] = rz[c] / pq[c];
      addScaled(alpha, p, x, active);
      for (const c of active) alpha[c] = -alpha[c];
      addScaled(alpha, q, r, active);
      precondition?.(r, z);
      for (const c of active) beta[c] = rz[c];
      dots(r, z, active, rz);
      for (const c of active) beta[c] = rz[c] / beta[c];
      scaleAndAdd(beta, z, p, active);
    }
    for (const c of active) statuses[c] = 'maxIterations';
    return iterations > before ? columns.filter((c) => statuses[c] !== 'notFinite') : [];
  }
  // The residual of the recurrence goes on falling where that of x does not: that of x is computed at the end, and the iteration goes on
  // from it as long as it falls by half.
  let best: Tensor | undefined;
  let moved = descend(all, true);
  while (moved.length > 0) {
    assign(b, r);
    scaleColumns(downs, r);
    apply(x, q);
    addScaled(minusOne, q, r, all);
    norms(r, moved, residuals);
    const left: number[] = [];
    for (const c of moved) {
      if (!Number.isFinite(residuals[c])) statuses[c] = 'notFinite';
      else if (residuals[c] <= tolerance * bNorms[c]) statuses[c] = 'converged';
      else if (statuses[c] === 'converged') {
        statuses[c] = iterations < maxIterations ? 'stagnation' : 'maxIterations';
        if (residuals[c] < least[c] / 2 && iterations < maxIterations) left.push(c);
      }
      if (best && !(residuals[c] <= least[c])) copyColumn(best, x, c);
      else least[c] = residuals[c];
    }
    for (const c of moved) residuals[c] = best ? least[c] : residuals[c];
    if (left.length === 0) break;
    best ??= allocate(b.shape, dtype, 'cg');
    assign(x, best);
    moved = descend(left, false);
  }
  scaleColumns(units, x);
  const relative = all.map((c) => (residuals[c] === 0 ? 0 : residuals[c] / bNorms[c]));
  const status = worstOf(statuses);
  return { x, iterations, residual: maxOf(relative), converged: status === 'converged', status };

  /** The cause of a product that is not positive: rounding if the residual is zero, or was once; else A. */
  function stopped(c: number, isFirst: boolean): Status {
    return !isFirst || residuals[c] <= 4 * epsilonOf(dtype) * bNorms[c] ? 'stagnation' : 'indefinite';
  }
}

function clearColumns(x: Tensor, columns: readonly number[]): void {
  const data = x.data();
  const k = x.shape[1] ?? 1;
  for (const c of columns) for (let i = c; i < data.length; i += k) data[i] = 0;
}

function copyColumn(from: Tensor, to: Tensor, c: number): void {
  const [source, target] = [from.data(), to.data()];
  const k = columnsOf(from);
  for (let i = c; i < target.length; i += k) target[i] = source[i];
}
