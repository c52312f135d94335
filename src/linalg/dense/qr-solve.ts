// min ||A x - b|| for full column rank: R x = Qᵀ b, with Q as reflectors and right sides in strips of columns.
import { bytesPerElement, typedArray } from '../../core/dtype.js';
import { ArgumentError, SingularMatrixError } from '../../core/errors.js';
import { runtime } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import type { Workspace } from '../../ops/workspace.js';
import { type Stack, stackIndexText } from '../stack.js';
import { pairsOf, type Sides } from './pseudoinverse.js';

const round = (bytes: number) => Math.ceil(bytes / 64) * 64;

/** Prepares x := the solutions, for a with at least as many rows as columns. */
export function prepareLeastSquaresByQr(
  name: string,
  x: Tensor,
  a: Tensor,
  stack: Stack,
  sides: Sides,
  space: Workspace,
): () => void {
  const { dtype, count, rows: m, columns: n } = stack;
  const { exports } = lapack;
  const [geqrf, ormqr, trtrs] = [
    exports[`geqrf_${dtype}`],
    exports[`ormqr_${dtype}`],
    exports[`trtrs_${dtype}`],
  ];
  const { b, columns } = sides;
  const size = bytesPerElement(dtype);
  // A third of n, if that is wide enough for fast products.
  const width = Math.min(columns, Math.max(n < 200 ? 256 : 64, Math.ceil(n / 3)));
  const [matrix, tau, strip] = [m * n, n, m * width].map((elements) => round(elements * size));
  const bytes = Math.max(
    exports[`qr_${dtype}_work`](Math.max(m, 1), Math.max(n, width, 1)),
    exports[`level3_${dtype}_work`](n, width, n),
  );
  const pairs = pairsOf(stack, sides);
  const packed = space.scratch(matrix + tau + strip + bytes);
  const [taus, side] = [packed + matrix, packed + matrix + tau];
  const work = side + strip;
  return () => {
    const { buffer } = runtime().memory;
    const view = (address: number, length: number) => typedArray(dtype, buffer, address, length);
    const [given, factors, c] = [a.data(), view(packed, m * n), view(side, m * width)];
    const [from, to] = [b.data(), x.data()];
    for (let i = 0; i < count; i++) {
      factors.set(given.subarray(i * m * n, (i + 1) * m * n));
      geqrf(1, m, n, packed, n, 0, taus, work);
      checkRank(name, stack, i, given, factors);
      for (const [at, solution] of pairs[i]) {
        for (let j = 0; j < columns; j += width) {
          const some = Math.min(width, columns - j);
          copyColumns(from, at * m * columns + j, columns, c, 0, some, m, some);
          ormqr(1, m, some, n, packed, n, taus, side, some, 1, work);
          trtrs(1, 0, 0, n, some, packed, n, 1, 0, side, some, 1, 0, work);
          copyColumns(c, 0, some, to, solution * n * columns + j, columns, n, some);
        }
      }
    }
  };
}

type Numbers = ReturnType<Tensor['data']>;

/** Rows of `columns` numbers: their offsets and pitches in both arrays. */
function copyColumns(
  from: Numbers,
  at: number,
  apart: number,
  to: Numbers,
  start: number,
  step: number,
  rows: number,
  columns: number,
): void {
  if (apart === columns && step === columns) {
    to.set(from.subarray(at, at + rows * columns), start);
    return;
  }
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < columns; j++) to[start + r * step + j] = from[at + r * apart + j];
}

/** Throws if a diagonal element of R is negligible beside the largest, or not finite because A is not. */
function checkRank(name: string, stack: Stack, index: number, a: Numbers, factors: Numbers): void {
  const { rows, columns } = stack;
  const diagonal = Array.from({ length: columns }, (_, i) => Math.abs(factors[i * (columns + 1)]));
  const level = rows * (stack.dtype === 'f64' ? 2 ** -52 : 2 ** -23);
  const largest = diagonal.reduce((high, d) => Math.max(high, d), 0);
  const weak = diagonal.findIndex((d) => !(d > level * largest));
  if (weak < 0) return;
  const size = rows * columns;
  // A NaN or an Infinity in A is one on the diagonal of R, so that only then A is searched.
  if (!a.subarray(index * size, (index + 1) * size).every(Number.isFinite))
    throw new ArgumentError(`${name}: a${stackIndexText(stack, index)} must be finite, got NaN or Inf in it`);
  throw new SingularMatrixError(
    `${name}: a${stackIndexText(stack, index)} has no full column rank to working precision, it is singular: diagonal ${weak} of r is ` +
      `${diagonal[weak]} (use method 'svd')`,
    weak,
  );
}
