// A = Q R: the QR factorization by Householder reflectors.

import { describe } from '../../core/describe.js';
import { bytesPerElement } from '../../core/dtype.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { add, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { applyAll, type Derivative, type Linearization, type Op } from '../../ops/op.js';
import { copyBytes } from '../blas/addresses.js';
import { permuteColumns } from '../rules/permute.js';
import { submatrix } from '../rules/submatrix.js';
import { skewOf, upperOf } from '../rules/triangle.js';
import { checkFloat, stackOf } from '../stack.js';
import { divideByUpper } from './triangular.js';

/** Options of `qr`. */
export interface QrOptions {
  /** 'reduced' (default): q has min(m, n) columns; 'complete': q is square. */
  mode?: 'reduced' | 'complete';
  /**
   * Move the largest remaining column to the front in every step (Businger and Golub), so that the diagonal of r
   * descends; default false.
   */
  pivot?: boolean;
}

const QR_OPTIONS: OptionNames<QrOptions> = { mode: true, pivot: true };

/** The result of `qr`. With `pivot`, p is the order of the columns: the columns p of a are q r. */
export interface QrResult {
  q: Tensor;
  r: Tensor;
}

/** Row of the table: q, r and with `pivot` p. */
export const qrOp: Op<Required<QrOptions>> = {
  name: 'qr',
  shape([a], { mode, pivot }) {
    const { dtype, batch, rows: m, columns: n } = stackOf('qr', 'a', a);
    const k = mode === 'complete' ? m : Math.min(m, n);
    const [q, r] = [
      { shape: [...batch, m, k], dtype },
      { shape: [...batch, k, n], dtype },
    ];
    return pivot ? [q, r, { shape: [...batch, n], dtype: 'i32' }] : [q, r];
  },
  prepare([q, r, p], [a], _, space) {
    const { exports } = lapack;
    const { dtype, count, rows: m, columns: n } = stackOf('qr', 'a', a);
    const reflectors = Math.min(m, n);
    const k = q.shape[q.ndim - 1];
    const size = bytesPerElement(dtype);
    const [packed, taus] = [space.scratch(a.size * size), space.scratch(count * reflectors * size)];
    const work = space.scratch(
      Math.max(
        exports[`qr_${dtype}_work`](Math.max(m, 1), Math.max(n, k, 1)),
        p ? exports[`geqp3_${dtype}_work`](m, n) : 0,
      ),
    );
    const [geqp3, geqrf, orgqr] = [
      exports[`geqp3_${dtype}`],
      exports[`geqrf_${dtype}`],
      exports[`orgqr_${dtype}`],
    ];
    const [triangle, positiveDiagonal] = [
      exports[`triangle_${dtype}`],
      exports[`positive_diagonal_${dtype}`],
    ];
    const from = [packed, n, m * n] as const;
    return () => {
      copyBytes(packed, a.address, a.size * size);
      if (p) geqp3(count, m, n, ...from, p.address, taus, work);
      else geqrf(count, m, n, ...from, taus, work);
      orgqr(count, m, k, reflectors, ...from, taus, q.address, k, m * k, work);
      r.data().fill(0);
      triangle(count, 0, 0, reflectors, n, ...from, r.address, n, k * n);
      positiveDiagonal(count, m, n, k, q.address, r.address, work);
    };
  },
  jvp: ([t], point) => (t === undefined ? [] : slopes(t, point)),
};

/**
 * With the leading min(m, n) columns A_1 = Q_1 R_1: Qᵀ dA = Ω R + dR, where Ω = Qᵀ dQ is skew and its part below the
 * diagonal that of Qᵀ dA_1 R_1⁻¹. The null-space columns of the full Q are defined up to rotation; their derivative in
 * that direction is set to zero.
 */
function slopes(t: Tensor, { outputs: [q, r, p] }: Linearization<Required<QrOptions>>): Derivative[] {
  const [m, n] = t.shape.slice(-2);
  const k = q.shape[q.ndim - 1];
  const da = p === undefined ? t : permuteColumns(t, p);
  const reflectors = Math.min(m, n);
  const quotient = divideByUpper('qr', submatrix(da, m, reflectors), submatrix(r, reflectors, reflectors));
  const inside = matmul(q, quotient, { transposeA: true });
  if (k < m) {
    // Reduced and tall: dQ also leaves the range of Q.
    const turn = sub(skewOf(inside), inside);
    return [add(quotient, matmul(q, turn)), upperOf(matmul(sub(inside, skewOf(inside)), r)), undefined];
  }
  const omega = skewOf(submatrix(inside, m, m));
  const dr = sub(matmul(q, da, { transposeA: true }), matmul(omega, r));
  return [matmul(q, omega), upperOf(dr), undefined];
}

/**
 * The QR factorization A = Q R, or with `pivot` take(a, p, -1) = q r, by Householder reflectors in the compact WY form
 * (Schreiber and Van Loan, 1989).
 * The diagonal of r is not negative, which makes the factorization of a matrix of full column rank unique.
 * @param a [..., m, n], f64 or f32.
 * @param options `mode`; `pivot` also gives p, i32 [..., n].
 * @returns q [..., m, k] with orthonormal columns and r [..., k, n] upper triangular; k = min(m, n), or m for
 * 'complete'.
 * @throws ShapeError, DTypeError, ArgumentError for another mode.
 * Derivatives need the leading min(m, n) columns (of the permuted matrix) to have full rank, and throw
 * SingularMatrixError otherwise. Columns of q beyond n ('complete') have the derivative of least norm.
 * Source: LAPACK's geqrf and orgqr, geqp3 with `pivot`.
 * @example
 * linalg.qr(tensor([[0, -2], [1, 0]])); // q = [[0, -1], [1, 0]], r = [[1, 0], [0, 2]]
 */
export function qr(a: Tensor, options: QrOptions & { pivot: true }): QrResult & { p: Tensor };
export function qr(a: Tensor, options?: QrOptions): QrResult;
export function qr(a: Tensor, options: QrOptions = {}): QrResult & { p?: Tensor } {
  checkOptions('qr', options, QR_OPTIONS);
  const { mode = 'reduced', pivot = false } = options;
  if (mode !== 'reduced' && mode !== 'complete') {
    throw new ArgumentError(`qr: mode must be 'reduced' or 'complete', got ${describe(mode)}`);
  }
  const [q, r, p] = applyAll(qrOp, [checkFloat('qr', 'a', a)], { mode, pivot });
  return pivot ? { q, r, p } : { q, r };
}
