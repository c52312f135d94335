// Solves least-squares problems by QR with column pivoting: R shows the rank, and the conditioning is that of A and not
// its square, which the normal equations would have. Rows are sorted by size first, which keeps the small ones accurate
// beside large ones (Cox and Higham, 1998).
import { zeros } from '../../core/create.js';
import type { TypedArray } from '../../core/dtype.js';
import { SingularMatrixError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { powerOfTwo, timesPowerOfTwo } from '../../linalg/powers-of-two.js';
import { type Batch, checkEntries, problemText } from '../problems/batch.js';
import { relative, type Solved } from '../problems/node-row.js';
import { type ReportOptions, Residuals } from '../problems/report.js';
import { type ProblemNumbers, type RowScales, scalesOf, stationarityOf, writeRows } from './weighted-rows.js';

/** The arguments, each [count, ...]. */
export interface LeastSquaresParts {
  A: Tensor;
  b: Tensor;
  weights?: Tensor;
  lambda?: Tensor;
}

/** What the solver needs beside the arguments. */
export interface RowOptions extends ReportOptions {
  /** Diagonal entries of R up to this times the largest count as 0. */
  rcond: number;
  /** What helps where the rank is too small, for the message. */
  advice: string;
}

/**
 * Writes x [count, n]; R [count, n, n], p [count, n] and a power of two, unit [count], with RᵀR = unit² (AᵀWA +
 * lambda I) but for the order p of the columns.
 */
export function solveRows(
  batch: Batch,
  [x, r, p, unit]: readonly Tensor[],
  parts: LeastSquaresParts,
  options: RowOptions,
): Solved {
  checkParts(batch, parts);
  const residuals = new Residuals();
  const [m, n] = parts.A.shape.slice(1);
  const rows = m + (parts.lambda ? n : 0);
  const factor = pivotedQr(rows, n);
  for (let i = 0; i < batch.count; i++) {
    const problem = problemAt(parts, i, m, n);
    const scales = scalesOf(problem);
    const solution = x.data().subarray(i * n, (i + 1) * n);
    if (scales.order.length < n) throw noRank(batch, i, scales.order.length, '', options);
    const { diagonal, solve } = factor(problem, scales);
    checkRank(batch, i, diagonal, options);
    const limit = batch.dtype === 'f64' ? 1000 : 120;
    const exponent = Math.max(-limit, Math.min(limit, scales.exponent));
    unit.data()[i] = powerOfTwo(-exponent);
    const factors = r.data().subarray(i * n * n, (i + 1) * n * n) as Float64Array;
    p.data().set(solve(solution, factors, scales.exponent - exponent), i * n);
    if (options.onSolve === undefined) continue;
    const { gradient, terms } = stationarityOf(problem, scales, solution);
    residuals.note({ stationarity: relative(gradient, terms) });
  }
  if (batch.count === 0) residuals.note({ stationarity: 0 });
  return { iterations: 0, residuals };
}

function checkParts(batch: Batch, { A, b, weights, lambda }: LeastSquaresParts): void {
  const isWeight = (value: number) => Number.isFinite(value) && value >= 0;
  checkEntries(batch, 'A', A);
  checkEntries(batch, 'b', b);
  if (weights) checkEntries(batch, 'weights', weights, isWeight, 'finite and at least 0');
  if (lambda) checkEntries(batch, 'lambda', lambda, isWeight, 'finite and at least 0');
}

function problemAt(
  { A, b, weights, lambda }: LeastSquaresParts,
  i: number,
  m: number,
  n: number,
): ProblemNumbers {
  return {
    m,
    n,
    A: A.data().subarray(i * m * n, (i + 1) * m * n),
    b: b.data().subarray(i * m, (i + 1) * m),
    weights: weights?.data().subarray(i * m, (i + 1) * m),
    lambda: lambda?.data()[i],
  };
}

/** Scratch for problems of up to this many rows; gives a function that factors one of them. */
function pivotedQr(rows: number, n: number) {
  const { geqp3_f64, geqp3_f64_work, level3_f64_work, ormqr_f64, qr_f64_work, trtrs_f64 } = lapack.exports;
  const bytes = Math.max(
    geqp3_f64_work(rows, n),
    qr_f64_work(Math.max(rows, 1), Math.max(n, 1)),
    level3_f64_work(n, 1, n),
  );
  const [packed, side, taus, work] = [rows * n, rows, n, bytes / 8].map((size) => zeros([Math.ceil(size)]));
  const order = zeros([n], { dtype: 'i32' });
  return (problem: ProblemNumbers, scales: RowScales) => {
    const count = scales.order.length;
    const [factors, c] = [packed.data() as Float64Array, side.data() as Float64Array];
    writeRows(problem, scales, factors, c);
    if (n > 0) geqp3_f64(1, count, n, packed.address, n, 0, order.address, taus.address, work.address);
    return {
      diagonal: Float64Array.from({ length: n }, (_, j) => Math.abs(factors[j * (n + 1)])),
      /** Writes x, and R times a power of two; gives the order of the columns. */
      solve(x: TypedArray, r: Float64Array, exponent: number): Int32Array {
        const columns = order.data() as Int32Array;
        if (n === 0) return columns;
        const [at, to] = [packed.address, side.address];
        ormqr_f64(1, count, 1, n, at, n, taus.address, to, 1, 1, work.address);
        trtrs_f64(1, 0, 0, n, 1, at, n, 1, 0, to, 1, 1, 0, work.address);
        for (let j = 0; j < n; j++) x[columns[j]] = timesPowerOfTwo(c[j], scales.sideExponent);
        for (let i = 0; i < n; i++)
          for (let j = i; j < n; j++) r[i * n + j] = timesPowerOfTwo(factors[i * n + j], exponent);
        return columns;
      },
    };
  };
}

/** The rank test of the documentation. */
function checkRank(batch: Batch, problem: number, diagonal: Float64Array, options: RowOptions): void {
  const largest = diagonal.reduce((most, d) => Math.max(most, d), 0);
  const weak = diagonal.findIndex((d) => !(d > options.rcond * largest));
  if (weak < 0) return;
  const ratio = largest === 0 ? 0 : diagonal[weak] / largest;
  const why = `: diagonal ${weak} of R is ${ratio.toExponential(2)} times the largest`;
  throw noRank(batch, problem, weak, why, options);
}

function noRank(
  batch: Batch,
  problem: number,
  rank: number,
  why: string,
  { advice }: RowOptions,
): SingularMatrixError {
  return new SingularMatrixError(
    `${batch.name}: A${problemText(batch, problem)} does not have full column rank, but rank ${rank} to working precision${why} (${advice})`,
    rank,
  );
}
