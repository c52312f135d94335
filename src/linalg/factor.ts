// A factored matrix that is kept: factor once, solve many times.
import { ArgumentError, DisposedError, ShapeError, SingularMatrixError } from '../core/errors.js';
import { allocate, Tensor } from '../core/tensor.js';
import { lapack } from '../generated/lapack.js';
import { matmul } from '../ops/matmul.js';
import { potrf } from './cholesky.js';
import { getrf } from './lu.js';
import { qr } from './qr.js';
import { solveInPlace, withoutGaps } from './right-sides.js';
import { checkSquare, copyOf, placeInStack, type Stack } from './stack.js';
import { checkDiagonal, solveTriangular } from './triangular.js';

/** A factorization, ready to solve with. Give it back with `dispose` or `using`. */
export interface Factor {
  /** X with A X = b; b is [n] or [..., n, k]. */
  solve(b: Tensor): Tensor;
  /** X with Aᵀ X = b. */
  solveTranspose(b: Tensor): Tensor;
  /** ln |det A|, of the shape of the batch; -Infinity where A is singular. */
  logAbsDet(): Tensor;
  /** The sign of det A (0 where A is singular), of the shape of the batch. */
  signDet(): Tensor;
  /** det A, of the shape of the batch; may overflow where logAbsDet does not. */
  det(): Tensor;
  dispose(): void;
  [Symbol.dispose](): void;
}

/** Which factorization. */
export type FactorKind = 'cholesky' | 'lu' | 'qr';

/** What the kinds differ in. */
interface Parts {
  tensors: Tensor[];
  solve(b: Tensor, transpose: boolean): Tensor;
  /** The diagonal whose product is the determinant, as a matrix, and how often each entry counts. */
  diagonal: Tensor;
  power: 1 | 2;
  /** The sign that the diagonal does not show, for matrix i. */
  sign(i: number): number;
}

/**
 * Factors a square matrix, or a stack of them, once.
 * @param a [..., n, n], f64 or f32; for 'cholesky' only the lower triangle is read.
 * @throws NotPositiveDefiniteError ('cholesky'); `solve` throws SingularMatrixError where there is no solution.
 * @example
 * using f = linalg.factor(a, { kind: 'lu' });
 * const x = f.solve(b);
 */
export function factor(a: Tensor, { kind }: { kind: FactorKind }): Factor {
  const make = { cholesky: withCholesky, lu: withLu, qr: withQr }[kind];
  if (!make) throw new ArgumentError(`factor: kind must be 'cholesky', 'lu' or 'qr', got ${String(kind)}`);
  const stack = checkSquare('factor', 'a', a);
  return keep(stack, make(a, stack));
}

/** The object that owns the parts. */
function keep(stack: Stack, parts: Parts): Factor {
  let disposed = false;
  const alive = <T>(name: string, work: () => T): T => {
    if (disposed) throw new DisposedError(`${name}: the factorization has been disposed`);
    return work();
  };
  const dispose = () => {
    disposed = true;
    for (const t of parts.tensors) t.dispose();
  };
  return {
    solve: (b) => alive('solve', () => parts.solve(b, false)),
    solveTranspose: (b) => alive('solveTranspose', () => parts.solve(b, true)),
    logAbsDet: () => alive('logAbsDet', () => determinant(stack, parts, 'log')),
    signDet: () => alive('signDet', () => determinant(stack, parts, 'sign')),
    det: () => alive('det', () => determinant(stack, parts, 'det')),
    dispose,
    [Symbol.dispose]: dispose,
  };
}

/** One number per matrix out of the diagonal: the sign of the determinant, its logarithm, or itself. */
function determinant(stack: Stack, parts: Parts, what: 'sign' | 'log' | 'det'): Tensor {
  const n = stack.rows;
  const result = allocate(
    stack.batch.length === 0 ? [] : Object.freeze([...stack.batch]),
    stack.dtype,
    'det',
  );
  const [diagonal, out] = [parts.diagonal.data(), result.data()];
  for (let i = 0; i < stack.count; i++) {
    let [sign, log, product] = [parts.sign(i), 0, 1];
    for (let j = 0; j < n; j++) {
      const d = diagonal[i * n * n + j * (n + 1)];
      if (what === 'log') log += Math.log(Math.abs(d));
      else if (what === 'det') product *= parts.power === 2 ? d * d : d;
      else if (parts.power === 1) sign *= Math.sign(d);
    }
    out[i] = what === 'log' ? parts.power * log : what === 'det' ? parts.sign(i) * product : sign;
  }
  return result;
}

function withCholesky(a: Tensor, stack: Stack): Parts {
  const { exports } = lapack;
  const l = copyOf(a, 'factor');
  try {
    potrf('factor', stack, l);
  } catch (error) {
    l.dispose();
    throw error;
  }
  const { dtype, rows: n } = stack;
  const size = l.dtype === 'f64' ? 8 : 4;
  return {
    tensors: [l],
    diagonal: l,
    power: 2,
    sign: () => 1,
    solve: (b) =>
      solveInPlace(
        'solve',
        stack,
        b,
        exports[`level3_${dtype}_work`](n, n, b.size),
        (x, { columns }, piece, work) => {
          const [to, from] = [
            x.address + piece.side * n * columns * size,
            l.address + piece.matrix * n * n * size,
          ];
          exports[`potrs_${dtype}`](
            ...([
              piece.batch,
              n,
              columns,
              from,
              n,
              piece.matrixStride * n * n,
              to,
              columns,
              1,
              piece.sideStride * n * columns,
              work,
            ] as const),
          );
        },
      ),
  };
}

function withLu(a: Tensor, stack: Stack): Parts {
  const { exports } = lapack;
  const { lu, pivots, singular } = getrf('factor', a);
  const { dtype, rows: n } = stack;
  const size = dtype === 'f64' ? 8 : 4;
  return {
    tensors: [lu, pivots],
    diagonal: lu,
    power: 1,
    sign: (i) => {
      const exchanges = (pivots.data() as Int32Array).subarray(i * n, (i + 1) * n);
      return exchanges.reduce((sign, p, row) => (p === row ? sign : -sign), 1);
    },
    solve(b, transpose) {
      const failed = singular.findIndex((index) => index >= 0);
      if (failed >= 0) {
        throw new SingularMatrixError(
          `solve: matrix${placeInStack(stack, failed)} is singular: pivot ${singular[failed]} is 0 (use linalg.lstsq or linalg.pinv)`,
          singular[failed],
        );
      }
      const bytes = exports[`level3_${dtype}_work`](n, n, b.size);
      return solveInPlace('solve', stack, b, bytes, (x, { columns }, whole, work) => {
        // The kernel knows the distance of right sides, and of matrices only 0 and 1: their pivots have no stride yet.
        for (const piece of whole.matrixStride > 1 ? withoutGaps(whole) : [whole]) {
          const from = lu.address + piece.matrix * n * n * size;
          const exchanges = pivots.address + piece.matrix * n * 4;
          const to = x.address + piece.side * n * columns * size;
          exports[`getrs_${dtype}`](
            ...([
              piece.batch,
              Number(transpose),
              n,
              columns,
              from,
              n,
              piece.matrixStride * n * n,
              exchanges,
            ] as const),
            ...([to, columns, 1, piece.sideStride * n * columns, work] as const),
          );
        }
      });
    },
  };
}

function withQr(a: Tensor, stack: Stack): Parts {
  const { q, r } = qr(a);
  const determinants = signsOfOrthogonal(q, stack);
  return {
    tensors: [q, r],
    diagonal: r,
    power: 1,
    sign: (i) => determinants[i],
    solve(b, transpose) {
      checkDiagonal('solve', stack, r);
      const vector = b instanceof Tensor && b.ndim === 1 && stack.batch.length > 0;
      if (vector)
        throw new ShapeError('solve: b must be [..., n, k] for a stack factored by qr, got one axis');
      const first = transpose
        ? solveTriangular(r, b, { lower: false, transpose: true })
        : matmul(q, b, { transposeA: true });
      try {
        return transpose ? matmul(q, first) : solveTriangular(r, first, { lower: false });
      } finally {
        first.dispose();
      }
    },
  };
}

/** det Q = ±1, by elimination on a copy. */
function signsOfOrthogonal(q: Tensor, stack: Stack): number[] {
  const { lu, pivots } = getrf('factor', q);
  const n = stack.rows;
  const [data, exchanges] = [lu.data(), pivots.data()];
  const signs = Array.from({ length: stack.count }, (_, i) => {
    let sign = 1;
    for (let j = 0; j < n; j++) {
      sign *= Math.sign(data[i * n * n + j * (n + 1)]) * (exchanges[i * n + j] === j ? 1 : -1);
    }
    return sign;
  });
  lu.dispose();
  pivots.dispose();
  return signs;
}
