// min ||A x - b||_2: least squares, of minimum norm where A does not determine x.
import { tensor } from '../core/create.js';
import { ArgumentError, ShapeError, SingularMatrixError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { mul, sub } from '../ops/arithmetic.js';
import { reshape } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { qr } from './qr.js';
import { checkRightSides } from './right-sides.js';
import { checkStack, type Stack } from './stack.js';
import { decomposition } from './svd.js';
import { checkDiagonal, solveTriangular } from './triangular.js';

/** Options of `lstsq`. */
export interface LstsqOptions {
  /** Singular values below rcond times the largest count as zero; default max(m, n) eps. */
  rcond?: number;
  /** 'svd' (default): any rank; 'qr': several times faster, for full column rank only. */
  method?: 'svd' | 'qr';
}

/** What `lstsq` gives. */
export interface LstsqResult {
  /** [n] for a vector b, else [..., n, k]. */
  x: Tensor;
  /** The numerical rank; for a stack, i32 of the shape of the batch. */
  rank: number | Tensor;
  /** Descending, [..., min(m, n)]; absent with method 'qr'. */
  singularValues?: Tensor;
  /** ||A x - b||² per right side, [] for a vector b, else [..., k]. */
  residuals: Tensor;
}

/**
 * Least squares: the x that minimizes ||a x - b||_2, and among those the one of minimum norm.
 * @param a [..., m, n], f64 or f32.
 * @param b a vector [m] or [..., m, k]; leading axes broadcast.
 * @param options `rcond`: where singular values begin to count; `method`.
 * @returns x, the rank, singular values, and squared norms of the residuals.
 * @throws SingularMatrixError with method 'qr' where a has no full column rank; ArgumentError where a holds NaN or Inf or for
 * a bad option; ShapeError, DTypeError.
 * Source: LAPACK's gelsd ('svd') and gels ('qr').
 * @example
 * linalg.lstsq(tensor([[1, 0], [1, 1], [1, 2]]), tensor([1, 3, 5])).x; // [1, 2]
 */
export function lstsq(a: Tensor, b: Tensor, options: LstsqOptions = {}): LstsqResult {
  const { method = 'svd', rcond } = options;
  if (method !== 'svd' && method !== 'qr') {
    throw new ArgumentError(`lstsq: method must be 'svd' or 'qr', got ${String(method)}`);
  }
  if (rcond !== undefined && !(rcond >= 0))
    throw new ArgumentError(`lstsq: rcond must be at least 0, got ${rcond}`);
  const stack = checkStack('lstsq', 'a', a);
  checkRightSides('lstsq', stack, b);
  return scope(() => {
    // A vector is one column while we work.
    const columns = b.ndim === 1 ? reshape(b, [b.size, 1]) : b;
    // Scopes of their own, so that factors are gone before the residual needs memory.
    const found = scope(() => (method === 'svd' ? bySvd(a, columns, stack, rcond) : byQr(a, columns, stack)));
    const difference = scope(() => sub(matmul(a, found.x), columns));
    const residuals = sum(mul(difference, difference), { axis: -2 });
    if (b.ndim > 1) return { ...found, residuals };
    return {
      ...found,
      x: reshape(found.x, found.x.shape.slice(0, -1)),
      residuals: reshape(residuals, stack.batch),
    };
  });
}

/** x = V diag(1/s) Uᵀ b over the singular values that count. */
function bySvd(a: Tensor, b: Tensor, stack: Stack, rcond?: number): Omit<LstsqResult, 'residuals'> {
  const { dtype, rows, columns, count } = stack;
  const { u, s, vt } = decomposition('lstsq', a);
  const k = Math.min(rows, columns);
  const cutoff = rcond ?? Math.max(rows, columns) * (dtype === 'f64' ? 2 ** -52 : 2 ** -23);
  const singular = s.data();
  const inverse = new Float64Array(singular.length);
  const ranks = new Int32Array(count);
  for (let i = 0; i < singular.length; i++) {
    const matrix = Math.floor(i / Math.max(k, 1));
    if (singular[i] > cutoff * singular[matrix * k]) {
      inverse[i] = 1 / singular[i];
      ranks[matrix]++;
    }
  }
  const weights = tensor(inverse, { shape: [...stack.batch, k, 1], dtype });
  const x = matmul(vt, mul(weights, matmul(u, b, { transposeA: true })), { transposeA: true });
  const rank = stack.batch.length === 0 ? ranks[0] : tensor(ranks, { shape: stack.batch });
  return { x, rank, singularValues: s };
}

/** R x = Qᵀ b for full column rank. */
function byQr(a: Tensor, b: Tensor, stack: Stack): Omit<LstsqResult, 'residuals'> {
  const { rows, columns, count } = stack;
  if (rows < columns) {
    throw new ShapeError(
      `lstsq: method 'qr' wants at least as many rows as columns, got ${rows} x ${columns} (use 'svd')`,
    );
  }
  const { q, r } = qr(a);
  const square = { ...stack, rows: columns };
  checkDiagonal('lstsq', square, r);
  const eps = stack.dtype === 'f64' ? 2 ** -52 : 2 ** -23;
  const data = r.data();
  for (let matrix = 0; matrix < count; matrix++) {
    const diagonal = Array.from(
      { length: columns },
      (_, i) => data[matrix * columns * columns + i * (columns + 1)],
    );
    const weak = diagonal.findIndex((d) => !(d > rows * eps * Math.max(...diagonal)));
    if (weak >= 0) {
      throw new SingularMatrixError(
        `lstsq: a has no full column rank to working precision: diagonal ${weak} of r is ${diagonal[weak]} (use method 'svd')`,
        weak,
      );
    }
  }
  const x = solveTriangular(r, matmul(q, b, { transposeA: true }), { lower: false });
  const rank =
    stack.batch.length === 0 ? columns : tensor(new Int32Array(count).fill(columns), { shape: stack.batch });
  return { x, rank };
}
