// A⁺ = V diag(1 / s) Uᵀ, the numerical rank, and the condition number, from singular values.

import { tensor } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { squared } from '../../core/scalars.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Op, type TensorSpec } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import { Tracer } from '../../ops/tracer.js';
import { asColumn, asRow, transposed } from '../rules/matrix.js';
import { scratchFor, scratchTensor } from '../scratch.js';
import { checkStack, type Stack, stackOf } from '../stack.js';
import { preparePseudoinverse } from './pseudoinverse.js';
import { prepareSingularValues, svd } from './svd.js';

/** Options of `pinv`. */
export interface PinvOptions {
  /** Singular values up to rcond times the largest count as zero; default max(m, n) eps. */
  rcond?: number;
}

const PINV_OPTIONS: OptionNames<PinvOptions> = { rcond: true };

/** Options of `matrixRank`. */
export interface MatrixRankOptions {
  /** Singular values up to this count as zero; default max(m, n) eps times the largest. */
  tolerance?: number;
}

const MATRIX_RANK_OPTIONS: OptionNames<MatrixRankOptions> = { tolerance: true };

/** Which condition number: 2: s_1 / s_k; -2: s_k / s_1; 'fro': ‖A‖ ‖A⁺‖ in Frobenius' norm. */
export type CondOrder = 2 | -2 | 'fro';

const left = { transposeA: true };
const right = { transposeB: true };

/** max(m, n) eps: the size that rounding alone gives to a singular value of zero, relative to the largest. */
export function roundingLevel({ dtype, rows, columns }: Stack): number {
  return Math.max(rows, columns) * (dtype === 'f64' ? 2 ** -52 : 2 ** -23);
}

/** Singular values of a stack. */
function valuesOf({ dtype, batch, rows, columns }: Stack): TensorSpec {
  return { shape: [...batch, Math.min(rows, columns)], dtype };
}

/** Checks a threshold option. */
function checkThreshold(name: string, argument: string, value: number): number {
  if (typeof value !== 'number' || !(value >= 0))
    throw new ArgumentError(
      `${name}: ${argument} must be a number that is not negative, got ${describe(value)}`,
    );
  return value;
}

/**
 * Row of the table. For constant rank dP = -P dA P + P Pᵀ dAᵀ (I - A P) + (I - P A) dAᵀ Pᵀ P (Golub and Pereyra, SIAM
 * J. Numer.
 * Anal. 10, 1973).
 */
export const pinvOp: Op<{ rcond: number }> = {
  name: 'pinv',
  shape([a]) {
    const { dtype, batch, rows, columns } = stackOf('pinv', 'a', a);
    return { shape: [...batch, columns, rows], dtype };
  },
  prepare([out], [a], { rcond }, space) {
    const stack = stackOf('pinv', 'a', a);
    const s = scratchFor(valuesOf(stack), space);
    return preparePseudoinverse('pinv', out, { s }, a, stack, rcond, space);
  },
  jvp([t], { inputs: [a], outputs: [p] }) {
    if (t === undefined) return t;
    const tp = matmul(t, p);
    // P Pᵀ dAᵀ and dAᵀ Pᵀ P.
    const [before, after] = [matmul(p, transposed(tp)), matmul(transposed(matmul(p, t)), p)];
    return add(
      sub(sub(before, matmul(matmul(before, a), p)), matmul(p, tp)),
      sub(after, matmul(p, matmul(a, after))),
    );
  },
  vjp([ct], { inputs: [a], outputs: [p] }) {
    const c = ct as Tensor;
    // C Pᵀ and Pᵀ C.
    const [cp, pc] = [matmul(c, p, right), matmul(p, c, left)];
    // Ā = -Pᵀ C Pᵀ + (I - A P) Cᵀ P Pᵀ + Pᵀ P Cᵀ (I - P A).
    const [before, after] = [matmul(transposed(pc), p, right), matmul(p, transposed(cp), left)];
    return [
      add(
        sub(sub(before, matmul(a, matmul(p, before))), matmul(p, cp, left)),
        sub(after, matmul(matmul(after, p), a)),
      ),
    ];
  },
};

/**
 * The pseudoinverse A⁺ (Moore and Penrose) by the singular value decomposition; for a square regular matrix its
 * inverse.
 * @param a [..., m, n], f64 or f32.
 * @param options `rcond`: singular values up to rcond times the largest count as zero.
 * @returns [..., n, m].
 * @throws ArgumentError if a holds NaN or Inf or rcond is negative, ShapeError for fewer than two axes, DTypeError for
 * i32.
 * Workspace: from min(m, n) = 200 on at most 3 m n elements; no singular vectors are formed.
 * Derivatives are those for constant rank; there is no derivative where the rank changes.
 * Source: Golub and Van Loan, Matrix Computations, 4th ed. (2013), section 5.5.2.
 * @example
 * linalg.pinv(tensor([[2, 0], [0, 0]])); // [[0.5, 0], [0, 0]]
 */
export function pinv(a: Tensor, options: PinvOptions = {}): Tensor {
  checkOptions('pinv', options, PINV_OPTIONS);
  const stack = checkStack('pinv', 'a', a);
  const { rcond = roundingLevel(stack) } = options;
  checkThreshold('pinv', 'rcond', rcond);
  return apply(pinvOp, [a], { rcond });
}

/** Row of the table: how many singular values are above the tolerance. */
export const matrixRankOp: Op<MatrixRankOptions> = {
  name: 'matrixRank',
  shape: ([a]) => ({ shape: stackOf('matrixRank', 'a', a).batch, dtype: 'i32' }),
  prepare([ranks], [a], { tolerance }, space) {
    const stack = stackOf('matrixRank', 'a', a);
    const k = Math.min(stack.rows, stack.columns);
    const s = scratchTensor(valuesOf(stack), space);
    const decompose = prepareSingularValues('matrixRank', a, stack, s, space);
    return () => {
      decompose();
      const [values, counts] = [s.data(), ranks.data()];
      for (let i = 0; i < stack.count; i++) {
        const level = tolerance ?? roundingLevel(stack) * (values[i * k] ?? 0);
        let count = 0;
        while (count < k && values[i * k + count] > level) count++;
        counts[i] = count;
      }
    };
  },
};

/**
 * The numerical rank: how many singular values are above the tolerance.
 * @param a [..., m, n], f64 or f32.
 * @param options `tolerance`, absolute.
 * @returns A number for one matrix, an i32 tensor with the shape of the batch for a stack. While a program is recorded
 * (`compile`, `trace`) the number is not known yet: then an i32 tensor of shape [] for one matrix.
 * @throws ArgumentError if a holds NaN or Inf or the tolerance is negative, ShapeError for fewer than two axes,
 * DTypeError for i32.
 * @example
 * linalg.matrixRank(tensor([[1, 2], [2, 4]])); // 1
 */
export function matrixRank(a: Tensor, options: MatrixRankOptions = {}): number | Tensor {
  checkOptions('matrixRank', options, MATRIX_RANK_OPTIONS);
  const stack = checkStack('matrixRank', 'a', a);
  const { tolerance } = options;
  if (tolerance !== undefined) checkThreshold('matrixRank', 'tolerance', tolerance);
  const ranks = apply(matrixRankOp, [a], { tolerance });
  if (stack.batch.length > 0 || ranks instanceof Tracer) return ranks;
  const rank = ranks.item();
  ranks.dispose();
  return rank;
}

/** The condition number from the values s[start … start + k), which descend; Infinity if the smallest is zero. */
function condition(ord: CondOrder, s: ArrayLike<number>, start: number, k: number): number {
  const [largest, smallest] = [s[start], s[start + k - 1]];
  if (smallest === 0) return ord === -2 ? 0 : Number.POSITIVE_INFINITY;
  if (ord === 2) return largest / smallest;
  if (ord === -2) return smallest / largest;
  let [sum, inverse] = [0, 0];
  for (let j = start; j < start + k; j++) {
    sum += squared(s[j] / largest);
    inverse += squared(smallest / s[j]);
  }
  return (largest / smallest) * Math.sqrt(sum) * Math.sqrt(inverse);
}

/** Row of the table. */
export const condOp: Op<{ ord: CondOrder }> = {
  name: 'cond',
  shape: ([a]) => ({ shape: stackOf('cond', 'a', a).batch, dtype: a.dtype }),
  prepare([y], [a], { ord }, space) {
    const stack = stackOf('cond', 'a', a);
    const k = Math.min(stack.rows, stack.columns);
    const s = scratchTensor(valuesOf(stack), space);
    const decompose = prepareSingularValues('cond', a, stack, s, space);
    return () => {
      decompose();
      const [values, out] = [s.data(), y.data()];
      for (let i = 0; i < stack.count; i++) out[i] = condition(ord, values, i * k, k);
    };
  },
  jvp([t], { inputs: [a], outputs: [y], params: { ord } }) {
    if (t === undefined) return t;
    const { u, s, vt } = svd(a);
    const moved = sum(mul(u, matmul(t, vt, right)), { axis: -2 });
    return mul(y, sum(mul(moved, logSlope(s, ord)), { axis: -1 }));
  },
  vjp([ct], { inputs: [a], outputs: [y], params: { ord } }) {
    const { u, s, vt } = svd(a);
    const weights = mul(asColumn(mul(ct as Tensor, y)), logSlope(s, ord));
    return [matmul(mul(u, asRow(weights)), vt)];
  },
};

/** The derivative of the logarithm of the condition number with respect to the singular values. */
function logSlope(s: Tensor, ord: CondOrder): Tensor {
  const inverse = div(1, s);
  if (ord === 'fro') {
    const share = (x: Tensor) => div(mul(x, x), sum(mul(x, x), { axis: -1, keepDims: true }));
    return mul(sub(share(s), share(inverse)), inverse);
  }
  const k = s.shape[s.ndim - 1];
  const ends = new Float64Array(k);
  ends[0] += ord === 2 ? 1 : -1;
  ends[k - 1] -= ord === 2 ? 1 : -1;
  return mul(tensor(ends, { dtype: s.dtype }), inverse);
}

/**
 * The condition number, from the singular values; Infinity if the smallest one is zero.
 * @param a [..., m, n], f64 or f32, not empty.
 * @param ord 2 (default): s_1 / s_k; -2: its inverse; 'fro': in Frobenius' norm.
 * @returns A tensor with the shape of the batch ([] for one matrix), in a's dtype.
 * @throws ArgumentError if a holds NaN or Inf, or for another ord; ShapeError for an empty matrix or fewer than two
 * axes, DTypeError for i32.
 * @example
 * linalg.cond(tensor([[4, 0], [0, 0.5]])); // 8
 */
export function cond(a: Tensor, ord: CondOrder = 2): Tensor {
  const stack = checkStack('cond', 'a', a);
  if (ord !== 2 && ord !== -2 && ord !== 'fro')
    throw new ArgumentError(`cond: ord must be 2, -2 or 'fro', got ${describe(ord)}`);
  const k = Math.min(stack.rows, stack.columns);
  if (k === 0) throw new ShapeError(`cond: a must not be empty, got shape ${show(a.shape)}`);
  return apply(condOp, [a], { ord });
}
