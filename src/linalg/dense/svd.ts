// A = U diag(s) Vᵀ: the singular value decomposition.

import { describe } from '../../core/describe.js';
import { ArgumentError, ConvergenceError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { svd as kernels } from '../../generated/svd.js';
import { apply, applyAll, type Op } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import { svdCotangent, svdTangents, svdvalsCotangent, svdvalsTangent } from '../rules/svd.js';
import { type Located, NOWHERE } from '../scratch.js';
import { checkFloat, type Stack, stackIndexText, stackOf } from '../stack.js';

/** Options of `svd`. */
export interface SvdOptions {
  /** true: square u and vt, completed to bases of the whole spaces; default false: k = min(m, n) vectors each. */
  full?: boolean;
  /**
   * 'divideAndConquer' (default): fast. 'jacobi': one-sided Jacobi, several times slower; small singular values are
   * accurate to many digits if only the scaling of the columns (for a wide matrix: of the rows) makes the matrix
   * ill-conditioned.
   */
  method?: SvdMethod;
}

const SVDVALS_OPTIONS: OptionNames<Pick<SvdOptions, 'method'>> = { method: true };

const SVD_OPTIONS: OptionNames<SvdOptions> = { full: true, method: true };

/** The algorithm. */
export type SvdMethod = 'divideAndConquer' | 'jacobi';

/** The result of `svd`. */
export interface SvdResult {
  /** Left singular vectors in its columns: [..., m, k], or [..., m, m] with `full`. */
  u: Tensor;
  /** Singular values, descending: [..., k]. */
  s: Tensor;
  /** Right singular vectors in its rows: [..., k, n], or [..., n, n] with `full`. */
  vt: Tensor;
}

/** The jobs of the kernel. */
const VALUES = 0;
const THIN = 1;
const FULL = 2;

function checkMethod(name: string, method: unknown): void {
  if (method !== 'divideAndConquer' && method !== 'jacobi')
    throw new ArgumentError(
      `${name}: method must be 'divideAndConquer' or 'jacobi', got ${describe(method)}`,
    );
}

/** Prepares the kernel for a stack; the run throws errors for the kernel's info. */
function prepareSvd(
  name: string,
  method: SvdMethod,
  job: number,
  a: Tensor,
  stack: Stack,
  [u, s, vt]: readonly Located[],
  space: Workspace,
): () => void {
  const { dtype, count, rows: m, columns: n } = stack;
  const { exports } = kernels;
  const jacobi = method === 'jacobi';
  const asked = jacobi ? exports[`gesvj_${dtype}_work`](m, n) : exports[`gesdd_${dtype}_work`](job, m, n);
  // The kernel counts bytes in 32 bits: a size that cannot fit must not wrap around to one that does.
  const work = space.scratch(Math.max(m * n * (dtype === 'f64' ? 8 : 4), asked >>> 0));
  const kernel = exports[`${jacobi ? 'gesvj' : 'gesdd'}_${dtype}`];
  return () => {
    const info = kernel(count, job, m, n, a.address, u.address, s.address, vt.address, work);
    if (info === 0) return;
    const place = stackIndexText(stack, Math.abs(info) - 1);
    if (info < 0) throw new ArgumentError(`${name}: a${place} must be finite, got NaN or Inf in it`);
    const sweeps = jacobi ? 60 : 6 * Math.min(m, n);
    throw new ConvergenceError(
      `${name}: a${place} (${m} x ${n}) did not converge within ${sweeps} sweeps (please report this matrix)`,
      sweeps,
      Number.NaN,
    );
  };
}

/** Prepares singular values alone, for another row; `user` is the function in errors. */
export function prepareSingularValues(
  name: string,
  a: Tensor,
  stack: Stack,
  s: Located,
  space: Workspace,
  method: SvdMethod = 'divideAndConquer',
): () => void {
  return prepareSvd(name, method, VALUES, a, stack, [NOWHERE, s, NOWHERE], space);
}

/** `user` is the function that errors name. */
interface SvdParams extends Required<SvdOptions> {
  user: string;
}

/** Row of the table: u, s, vt; the rules are in rules/svd.ts. */
export const svdOp: Op<SvdParams> = {
  name: 'svd',
  shape([a], { full, user }) {
    const { dtype, batch, rows: m, columns: n } = stackOf(user, 'a', a);
    const k = Math.min(m, n);
    return [
      { shape: [...batch, m, full ? m : k], dtype },
      { shape: [...batch, k], dtype },
      { shape: [...batch, full ? n : k, n], dtype },
    ];
  },
  prepare(outputs, [a], { full, method, user }, space) {
    return prepareSvd(user, method, full ? FULL : THIN, a, stackOf(user, 'a', a), outputs, space);
  },
  jvp: ([t], { outputs: [u, s, vt] }) => (t === undefined ? [] : svdTangents(t, { u, s, vt })),
  vjp: ([u, s, vt], { outputs }) => [
    svdCotangent({ u, s, vt }, { u: outputs[0], s: outputs[1], vt: outputs[2] }),
  ],
};

/** Row of the table: values only; the rules compute the vectors, too. */
export const svdvalsOp: Op<{ method: SvdMethod }> = {
  name: 'svdvals',
  shape([a]) {
    const { dtype, batch, rows, columns } = stackOf('svdvals', 'a', a);
    return { shape: [...batch, Math.min(rows, columns)], dtype };
  },
  prepare([s], [a], { method }, space) {
    return prepareSingularValues('svdvals', a, stackOf('svdvals', 'a', a), s, space, method);
  },
  jvp([t], { inputs: [a] }) {
    return t && svdvalsTangent(t, svd(a));
  },
  vjp: ([ct], { inputs: [a] }) => [svdvalsCotangent(ct as Tensor, svd(a))],
};

/**
 * The singular value decomposition A = U diag(s) Vᵀ; u and v have orthonormal columns. Householder bidiagonalisation
 * (of the factor R of a QR factorization if one side is 1.6 times the other), divide and conquer (Gu and Eisenstat,
 * 1995), as in LAPACK's gesdd: backward stable, small values have an absolute accuracy of about eps s_1. Entries of any
 * size are scaled. `method: 'jacobi'` is one-sided Jacobi (Demmel and Veselić, 1992) instead.
 * Workspace: from k = 128 on at most 3 m n elements, products included, also with `full` (square: 2.5 n² and about 60
 * n; 'jacobi': m n + k²). Signs are arbitrary: u_i and v_i may both be negated, and the vectors of equal values may be
 * any basis of their space.
 * Derivatives: where values are equal (their gap is at most max(10, k) eps s_1), any basis of their space serves as
 * vectors, and derivatives are right or NaN, as those of `eigh`: reverse mode knows functions of values that treat equal
 * ones alike, and functions of vectors on both sides that do not depend on the basis, such as the polar factor U Vᵀ and
 * projections. U f(S) Vᵀ, even U S Vᵀ, needs f' and has NaN. Where values are 0 to rounding, vectors of both sides turn
 * apart from each other: functions of both are NaN, unless a square matrix has one such value. A function of values alone
 * counts a value of 0 as one that may change its sign. Forward mode gives the changes of equal values in their order, and
 * NaN for vectors that turn, and for values of 0 unless there is one in a square matrix. The additional vectors of `full`
 * have the derivative of least norm.
 * @param a [..., m, n], f64 or f32.
 * @returns u [..., m, k], s [..., k] descending, vt [..., k, n], k = min(m, n); with `full` u [..., m, m] and vt [...,
 * n, n].
 * @throws ArgumentError if a holds NaN or Inf, or for another method; ShapeError for fewer than two axes, DTypeError
 * for i32.
 * @example
 * const { u, s, vt } = linalg.svd(tensor([[3, 0], [0, -4]])); // s.toArray() is [4, 3]
 */
export function svd(a: Tensor, options: SvdOptions = {}): SvdResult {
  checkOptions('svd', options, SVD_OPTIONS);
  const { full = false, method = 'divideAndConquer' } = options;
  checkMethod('svd', method);
  const [u, s, vt] = applyAll(svdOp, [checkFloat('svd', 'a', a)], { full, method, user: 'svd' });
  return { u, s, vt };
}

/**
 * The singular values alone, descending: about half the work of `svd`. Bidiagonalisation and implicit QR sweeps
 * (Demmel and Kahan, 1990). Workspace: from k = 128 on at most 3 m n elements (square: n² and about 150 n).
 * Derivatives are right or NaN where values are equal, as those of `svd`; second ones of equal values are NaN.
 * @param a [..., m, n], f64 or f32.
 * @param options `method` as in `svd`.
 * @returns s [..., min(m, n)].
 * @throws ArgumentError if a holds NaN or Inf, ShapeError for fewer than two axes, DTypeError for i32.
 * @example
 * linalg.svdvals(tensor([[3, 0], [0, -4]])).toArray(); // [4, 3]
 */
export function svdvals(a: Tensor, options: Pick<SvdOptions, 'method'> = {}): Tensor {
  checkOptions('svdvals', options, SVDVALS_OPTIONS);
  const { method = 'divideAndConquer' } = options;
  checkMethod('svdvals', method);
  return apply(svdvalsOp, [checkFloat('svdvals', 'a', a)], { method });
}
