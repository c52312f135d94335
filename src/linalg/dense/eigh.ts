// A = V diag(λ) Vᵀ: the eigenvalues and eigenvectors of a symmetric matrix.

import { describe } from '../../core/describe.js';
import { ArgumentError, ConvergenceError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { eigen } from '../../generated/eigen.js';
import { add, mul } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { applyAll, type Op } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import type { Workspace } from '../../ops/workspace.js';
import { asRow, symmetrized } from '../rules/matrix.js';
import { inverseGaps } from '../rules/reciprocal.js';
import { tiesBackward } from '../rules/ties-backward.js';
import { tiesForward } from '../rules/ties-forward.js';
import { checkFloat, type Stack, squareOf, stackIndexText } from '../stack.js';

/** Options of `eigh`. */
export interface EighOptions {
  /**
   * 'divideAndConquer' (default): fast; errors of the order of ε ‖A‖ in every eigenvalue. 'jacobi': many times slower;
   * if A is positive definite, badly scaled but otherwise well conditioned, even small eigenvalues have a relative
   * accuracy of ε.
   */
  method?: 'divideAndConquer' | 'jacobi';
}

const EIGH_OPTIONS: OptionNames<EighOptions> = { method: true };

/** The result of `eigh`: A = vectors diag(values) vectorsᵀ. */
export interface EighResult {
  /** Ascending, [..., n]. */
  values: Tensor;
  /** Orthonormal columns; column j belongs to value j; [..., n, n]. */
  vectors: Tensor;
}

/** QL sweeps per eigenvalue, or Jacobi sweeps, before a kernel gives up. */
const SWEEPS = { divideAndConquer: 60, jacobi: 40 } as const;

/** Prepares the kernel that fills values [..., n] and vectors [..., n, n] for symmetric matrices. */
export function prepareEigen(
  name: string,
  a: Tensor,
  stack: Stack,
  method: 'divideAndConquer' | 'jacobi',
  space: Workspace,
  values: Tensor,
  vectors?: Tensor,
): () => void {
  const { dtype, count, rows: n } = stack;
  const { exports } = eigen;
  const jacobi = method === 'jacobi';
  const wanted = vectors ? 1 : 0;
  const width = dtype === 'f64' ? 8 : 4;
  // The kernel counts bytes in 32 bits: a size that cannot fit must not wrap around to one that does.
  const least = (vectors ? 2 : 1) * n * n * width;
  const asked = jacobi ? exports[`syevj_${dtype}_work`](n) : exports[`syevd_${dtype}_work`](wanted, n);
  const work = space.scratch(Math.max(least, asked >>> 0));
  return () => {
    const z = vectors?.address ?? 0;
    const stacked = [n, a.address, n, n * n, values.address, z, n, n * n, work] as const;
    const failed = jacobi
      ? exports[`syevj_batched_${dtype}`](count, ...stacked)
      : exports[`syevd_batched_${dtype}`](count, wanted, ...stacked);
    if (failed === 0) return;
    // Check the matrix again, to explain the result of the kernel.
    const from = (failed - 1) * n * width;
    const alone = [n, a.address + from * n, n, values.address + from, z + from * n, n, work] as const;
    const info = jacobi ? exports[`syevj_${dtype}`](...alone) : exports[`syevd_${dtype}`](wanted, ...alone);
    check(name, a, stack, method, failed - 1, info);
  };
}

/** Throws the error for the kernel's result for matrix `b` of the stack. */
function check(
  name: string,
  a: Tensor,
  stack: Stack,
  method: 'divideAndConquer' | 'jacobi',
  b: number,
  info: number,
): void {
  const { rows: n } = stack;
  if (info < 0) {
    const position = -1 - info;
    throw new ArgumentError(
      `${name}: a must be finite, got ${a.data()[b * n * n + position]} in row ${Math.floor(position / n)}, ` +
        `column ${position % n}${stack.batch.length > 0 ? ` of matrix${stackIndexText(stack, b)}` : ''}`,
    );
  }
  throw new ConvergenceError(
    `${name}: matrix${stackIndexText(stack, b)} has ${info} eigenvalue${info > 1 ? 's' : ''} that did not converge ` +
      `in ${SWEEPS[method]} sweeps (try the other method of linalg.eigh)`,
    SWEEPS[method],
    Number.NaN,
  );
}

/** `user` is the function that errors name; default 'eigh'. */
interface EighParams extends Required<EighOptions> {
  user?: string;
}

/** Row of the table: values and vectors. dλ = diag(M) and dV = V (F ∘ M) for M = Vᵀ dA V, f_ij = 1 / (λ_j - λ_i). */
export const eighOp: Op<EighParams> = {
  name: 'eigh',
  shape([a], { user = 'eigh' }) {
    const { dtype, batch, rows: n } = squareOf(user, 'a', a);
    return [
      { shape: [...batch, n], dtype },
      { shape: a.shape, dtype },
    ];
  },
  prepare([values, vectors], [a], { method, user = 'eigh' }, space) {
    return prepareEigen(user, a, squareOf(user, 'a', a), method, space, values, vectors);
  },
  jvp([t], { outputs: [values, v] }) {
    if (t === undefined) return [];
    const moved = matmul(symmetrized(t), v);
    const m = matmul(v, moved, { transposeA: true });
    const { turns, changes } = tiesForward(values, m, false);
    return [
      add(sum(mul(v, moved), { axis: -2 }), changes),
      matmul(v, add(mul(inverseGaps(values), m), turns)),
    ];
  },
  vjp([cw, cv], { outputs: [values, v] }) {
    const turned = cv && matmul(v, cv, { transposeA: true });
    const ties = tiesBackward(values, cw, [turned && { inner: turned, whole: turned }], false);
    let left: Tensor;
    if (turned) {
      left = matmul(v, add(mul(inverseGaps(values), turned), ties));
      if (cw) left = add(left, mul(v, asRow(cw)));
    } else left = mul(v, asRow(add(cw as Tensor, ties)));
    return [symmetrized(matmul(left, v, { transposeB: true }))];
  },
};

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: A V = V diag(λ), VᵀV = I. Only the lower triangle of `a` is read.
 * The component of largest magnitude in each eigenvector (the first, if several are equal) is positive. Blocked
 * Householder tridiagonalisation, divide and conquer (Gu and Eisenstat, 1995), compact WY back-transformation, as
 * LAPACK's syevd, or Jacobi rotations (Demmel and Veselić, 1992). The matrix is scaled first, so elements near 1e-300
 * or 1e+300 are handled equally well. Workspace: from n = 128 on less than 3 n² elements, products included (2.5 n² and
 * about 60 n; 'jacobi': 2 n² and 15 n).
 * Derivatives: `a` stands for a symmetric matrix, so its cotangent is symmetric. If eigenvalues are equal (their gap is
 * at most max(10, n) eps |λ|max), any basis of their space serves as vectors, and derivatives are right or NaN.
 * Reverse mode knows functions of the values alone that treat equal ones alike; functions of the vectors alone that do
 * not depend on the basis, such as projections onto the space; and functions of both that use no vector and no value of
 * the space, but others. A function of both that uses the space has NaN, because the cotangents do not say its
 * derivative: that of V f(Λ) Vᵀ depends on f'. `linalg.symmetricFunction` is right there. So are single vectors NaN.
 * Forward mode gives the changes of the values in their order (the eigenvalues of Vᵀ dA V within the space), and NaN
 * for vectors of the space unless dA leaves this basis as it is. Values and vectors must come from one call: two calls
 * do not know of each other. Where eigenvalues are nearly equal, errors of derivatives grow as eps |λ|max / gap.
 * @param a symmetric, [..., n, n], f64 or f32.
 * @param options `method`.
 * @returns values [..., n], ascending, and vectors [..., n, n], in columns.
 * @throws ArgumentError for NaN or Infinity in the lower triangle, with its position; ConvergenceError if an iteration
 * does not converge, which is not known to happen for any matrix.
 * @example
 * const { values, vectors } = linalg.eigh(tensor([[2, 1], [1, 2]])); // values [1, 3]
 */
export function eigh(a: Tensor, options: EighOptions = {}): EighResult {
  checkOptions('eigh', options, EIGH_OPTIONS);
  const { method = 'divideAndConquer' } = options;
  if (method !== 'divideAndConquer' && method !== 'jacobi') {
    throw new ArgumentError(`eigh: method must be 'divideAndConquer' or 'jacobi', got ${describe(method)}`);
  }
  const [values, vectors] = applyAll(eighOp, [checkFloat('eigh', 'a', a)], { method });
  return { values, vectors };
}
