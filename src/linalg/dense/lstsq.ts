// min ||A x - b||_2: least squares, with the minimum norm if A does not determine x.

import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { applyAll, type Derivative, type Op } from '../../ops/op.js';
import { sum, unbroadcast } from '../../ops/sum.js';
import { Tracer } from '../../ops/tracer.js';
import { asColumn, outerSum } from '../rules/matrix.js';
import { svdvalsCotangent, svdvalsTangent } from '../rules/svd.js';
import { checkFloat, stackOf } from '../stack.js';
import { pinv, roundingLevel } from './pinv.js';
import { preparePseudoinverse } from './pseudoinverse.js';
import { prepareLeastSquaresByQr } from './qr-solve.js';
import { sidesOf } from './right-sides.js';
import { svd } from './svd.js';

/** Options of `lstsq`. */
export interface LstsqOptions {
  /** Singular values below rcond times the largest count as zero; default max(m, n) eps. */
  rcond?: number;
  /** 'svd' (default): any rank; 'qr': several times faster, only for full column rank. */
  method?: 'svd' | 'qr';
}

const LSTSQ_OPTIONS: OptionNames<LstsqOptions> = { rcond: true, method: true };

/** The result of `lstsq`. */
export interface LstsqResult {
  /** [n] for a vector b, else [..., n, k]. */
  x: Tensor;
  /**
   * The numerical rank; for a stack an i32 tensor with the shape of the batch. While a program is recorded (`compile`,
   * `trace`) the number is not known yet: then it is a tensor of shape [] for one matrix, and a result of the plan like
   * the others.
   */
  rank: number | Tensor;
  /** Descending, [..., min(m, n)]; absent with method 'qr'. */
  singularValues?: Tensor;
  /** ||A x - b||² per right side, [] for a vector b, else [..., k]. */
  residuals: Tensor;
}

interface LstsqParams {
  rcond: number;
  method: 'svd' | 'qr';
}

/** Treat a vector as one column. */
const asColumns = (x: Tensor, b: Tensor) => (b.ndim === 1 ? asColumn(x) : x);

/** Row of the table: x, the rank, and with method 'svd' the singular values. */
export const lstsqOp: Op<LstsqParams> = {
  name: 'lstsq',
  shape([a, b], { method }) {
    const stack = stackOf('lstsq', 'a', a);
    const { dtype, batch, rows, columns } = stack;
    const results = [
      { shape: sidesOf('lstsq', stack, b).shape, dtype },
      { shape: batch, dtype: 'i32' as const },
    ];
    if (method === 'svd') return [...results, { shape: [...batch, Math.min(rows, columns)], dtype }];
    if (rows >= columns) return results;
    throw new ShapeError(
      `lstsq: method 'qr' wants at least as many rows as columns, got ${rows} x ${columns} (use 'svd')`,
    );
  },
  prepare([x, rank, s], [a, b], { rcond, method }, space) {
    const stack = stackOf('lstsq', 'a', a);
    const sides = { b, ...sidesOf('lstsq', stack, b) };
    if (method === 'svd')
      return preparePseudoinverse('lstsq', x, { s, ranks: rank }, a, stack, rcond, space, sides);
    const solve = prepareLeastSquaresByQr('lstsq', x, a, stack, sides, space);
    return () => {
      rank.data().fill(stack.columns);
      solve();
    };
  },
  jvp([ta, tb], { inputs: [a, b], outputs: [x], params }) {
    const [{ p, solution, residual }, left] = [at(a, b, x, params), { transposeA: true }];
    let tangent = tb && matmul(p, asColumns(tb, b));
    if (ta) {
      const turned = matmul(ta, matmul(p, solution, left), left);
      const moves = [
        neg(matmul(p, matmul(ta, solution))),
        matmul(p, matmul(p, matmul(ta, residual, left), left)),
        sub(turned, matmul(p, matmul(a, turned))),
      ];
      for (const move of moves) tangent = plus(tangent, move);
    }
    const values = params.method === 'svd' && ta ? svdvalsTangent(ta, svd(a)) : undefined;
    return [tangent && reshape(tangent, x.shape), undefined, values];
  },
  vjp([ct, , cs], { inputs: [a, b], outputs: [x], params, wanted }) {
    let [da, db]: Derivative[] = [];
    if (cs && wanted[0]) da = svdvalsCotangent(cs, svd(a));
    if (ct) {
      const [{ p, solution, residual }, left] = [at(a, b, x, params), { transposeA: true }];
      const c = asColumns(ct, b);
      const back = matmul(p, c, left);
      if (wanted[0]) {
        const normal = sub(c, matmul(p, matmul(a, c)));
        const terms = [
          neg(outerSum(back, solution, a.shape)),
          outerSum(residual, matmul(p, back), a.shape),
          outerSum(matmul(p, solution, left), normal, a.shape),
        ];
        for (const term of terms) da = plus(da, term);
      }
      const shape = b.ndim === 1 ? [b.size, 1] : b.shape;
      if (wanted[1]) db = reshape(unbroadcast(back, shape), b.shape);
    }
    return [da, db];
  },
};

/**
 * Shared by the rules: for constant rank the derivative of x = A⁺ b is A⁺ (db - dA x) + A⁺ A⁺ᵀ dAᵀ r + (I - A⁺ A) dAᵀ
 * A⁺ᵀ x, with r = b - A x.
 */
function at(a: Tensor, b: Tensor, x: Tensor, { rcond }: LstsqParams) {
  const solution = asColumns(x, b);
  return { p: pinv(a, { rcond }), solution, residual: sub(asColumns(b, b), matmul(a, solution)) };
}

/**
 * Least squares: the x that minimizes ||a x - b||_2; if there are several, the one of minimum norm.
 * @param a [..., m, n], f64 or f32.
 * @param b a vector [m] or [..., m, k]; leading axes broadcast.
 * @param options `rcond`: smaller relative singular values count as zero; `method`.
 * @returns x, the rank, singular values, and squared norms of the residuals.
 * @throws SingularMatrixError with method 'qr' if a does not have full column rank; ArgumentError if a holds NaN or
 * Inf, or for an invalid option; ShapeError, DTypeError.
 * Workspace: from min(m, n) = 200 on at most 3 m n elements; no singular vectors of a are formed.
 * Derivatives are those for constant rank, by the pseudoinverse; residuals and singular values have derivatives, too.
 * Source: LAPACK's gelsd ('svd') and gels ('qr').
 * @example
 * linalg.lstsq(tensor([[1, 0], [1, 1], [1, 2]]), tensor([1, 3, 5])).x; // [1, 2]
 */
export function lstsq(a: Tensor, b: Tensor, options: LstsqOptions = {}): LstsqResult {
  checkOptions('lstsq', options, LSTSQ_OPTIONS);
  const { method = 'svd', rcond } = options;
  if (method !== 'svd' && method !== 'qr') {
    throw new ArgumentError(`lstsq: method must be 'svd' or 'qr', got ${describe(method)}`);
  }
  if (rcond !== undefined && !(typeof rcond === 'number' && rcond >= 0))
    throw new ArgumentError(`lstsq: rcond must be at least 0, got ${describe(rcond)}`);
  const inputs = [checkFloat('lstsq', 'a', a), checkFloat('lstsq', 'b', b)];
  const stack = stackOf('lstsq', 'a', a);
  return scope(() => {
    const params = { rcond: rcond ?? (method === 'svd' ? roundingLevel(stack) : 0), method };
    const [x, ranks, singularValues] = applyAll(lstsqOp, inputs, params);
    const difference = scope(() => sub(matmul(a, asColumns(x, b)), asColumns(b, b)));
    const residuals = sum(mul(difference, difference), { axis: -2 });
    const result = {
      x,
      residuals: b.ndim === 1 ? reshape(residuals, stack.batch) : residuals,
      ...(singularValues && { singularValues }),
    };
    return { ...result, rank: stack.batch.length > 0 || ranks instanceof Tracer ? ranks : ranks.item() };
  });
}
