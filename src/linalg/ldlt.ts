// P A Pᵀ = L D Lᵀ for symmetric A, definite or not: L unit lower triangular, D with blocks of one and two rows.
import { bytesPerElement } from '../core/dtype.js';
import { ArgumentError, DisposedError, SingularMatrixError } from '../core/errors.js';
import { withWorkspace } from '../core/runtime.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { ldlt as kernels } from '../generated/ldlt.js';
import { matmul } from '../ops/matmul.js';
import { solveInPlace, withoutGaps } from './right-sides.js';
import { checkSquare, copyOf, placeInStack, type Stack } from './stack.js';

/** How many eigenvalues are positive, negative and zero. */
export interface Inertia {
  positive: number;
  negative: number;
  zero: number;
}

/** A factored symmetric matrix, or a stack of them. Give it back with `dispose` or `using`. */
export interface SymmetricFactor {
  /** X with A X = b; b is [n] or [..., n, k], its leading axes broadcast with those of A. */
  solve(b: Tensor): Tensor;
  /** ln |det A|, of the shape of the batch; -Infinity where A is singular. */
  logAbsDet(): Tensor;
  /** The inertia of A by Sylvester's law: that of D. Of matrix number `index` of a stack (default 0), counted row-major. */
  inertia(index?: number): Inertia;
  /** Pᵀ L D Lᵀ P, which is A to rounding, symmetric to rounding too. */
  reconstruct(): Tensor;
  dispose(): void;
  [Symbol.dispose](): void;
}

/** One pivot: a row, or two with the entry that couples them. */
interface Pivot {
  row: number;
  d00: number;
  d10: number;
  d11: number;
  isPair: boolean;
}

/**
 * Factors symmetric matrices that need not be definite (KKT systems, indefinite Hessians), by Bunch and Kaufman's pivoting;
 * about n³/3 operations. A singular matrix is factored too; only `solve` throws. NaN and Infinity come out as NaN.
 * @param a [..., n, n], f64 or f32; only the lower triangle is read.
 * @throws ShapeError, DTypeError; `solve` throws SingularMatrixError with the index of a pivot that is exactly zero.
 * Source: LAPACK's sytrf; Bunch and Kaufman, Math. Comp. 31 (1977).
 * @example
 * using f = linalg.ldlt(kkt);
 * const step = f.solve(rhs);
 * f.inertia(); // { positive: n, negative: m, zero: 0 } at a minimum with m constraints
 */
export function ldlt(a: Tensor): SymmetricFactor {
  const stack = checkSquare('ldlt', 'a', a);
  const { dtype, count, rows: n } = stack;
  const tensors: Tensor[] = [];
  const keep = (t: Tensor) => {
    tensors.push(t);
    return t;
  };
  const infos = new Int32Array(count);
  try {
    const factor = keep(copyOf(a, 'ldlt'));
    const off = keep(allocate([count, n], dtype, 'ldlt'));
    const order = keep(allocate([count, n], 'i32', 'ldlt'));
    const info = allocate([count], 'i32', 'ldlt');
    try {
      withWorkspace(kernels.exports[`sytrf_${dtype}_work`](n), 'ldlt', (work) => {
        const sytrf = kernels.exports[`sytrf_${dtype}`];
        sytrf(count, n, factor.address, off.address, order.address, info.address, work);
      });
      infos.set(info.data());
    } finally {
      info.dispose();
    }
    return factored(stack, { factor, off, order }, infos);
  } catch (error) {
    for (const t of tensors) t.dispose();
    throw error;
  }
}

interface Parts {
  /** L below the diagonal, the diagonal of D on it. */
  factor: Tensor;
  /** The subdiagonal of D. */
  off: Tensor;
  /** Rows of A in their new order. */
  order: Tensor;
}

function factored(stack: Stack, parts: Parts, infos: Int32Array): SymmetricFactor {
  let disposed = false;
  const alive = <T>(name: string, work: () => T): T => {
    if (disposed) throw new DisposedError(`${name}: the factorization has been disposed`);
    return work();
  };
  const dispose = () => {
    disposed = true;
    for (const t of Object.values(parts) as Tensor[]) t.dispose();
  };
  return {
    solve: (b) => alive('solve', () => solve(stack, parts, infos, b)),
    logAbsDet: () => alive('logAbsDet', () => logAbsDet(stack, parts)),
    inertia: (index = 0) => alive('inertia', () => inertia(stack, parts, index)),
    reconstruct: () => alive('reconstruct', () => reconstruct(stack, parts)),
    dispose,
    [Symbol.dispose]: dispose,
  };
}

function solve(stack: Stack, { factor, off, order }: Parts, infos: Int32Array, b: Tensor): Tensor {
  const failed = infos.findIndex((info) => info > 0);
  if (failed >= 0) {
    const index = infos[failed] - 1;
    throw new SingularMatrixError(
      `solve: matrix${placeInStack(stack, failed)} is singular: pivot ${index} is 0 (use linalg.lstsq or linalg.pinv)`,
      index,
    );
  }
  const { dtype, rows: n } = stack;
  const size = bytesPerElement(dtype);
  const columns = b.shape?.length > 1 ? b.shape[b.shape.length - 1] : 1;
  const bytes = kernels.exports[`sytrs_${dtype}_work`](n, columns);
  return solveInPlace('solve', stack, b, bytes, (x, sides, piece, work) => {
    for (const { batch, matrix, matrixStride, side } of withoutGaps(piece)) {
      kernels.exports[`sytrs_${dtype}`](
        ...([batch, n, sides.columns, factor.address + matrix * n * n * size] as const),
        ...([off.address + matrix * n * size, order.address + matrix * n * 4, matrixStride === 0] as const),
        ...([x.address + side * n * sides.columns * size, work] as const),
      );
    }
  });
}

/** The pivots of one matrix. */
function pivotsOf({ rows: n }: Stack, { factor, off }: Parts, index: number): Pivot[] {
  const [d, e] = [factor.data(), off.data()];
  const at = (row: number) => d[(index * n + row) * n + row];
  const pivots: Pivot[] = [];
  for (let row = 0; row < n; row++) {
    const d10 = e[index * n + row];
    const isPair = d10 !== 0;
    pivots.push({ row, d00: at(row), d10, d11: isPair ? at(row + 1) : 0, isPair });
    if (isPair) row++;
  }
  return pivots;
}

function logAbsDet(stack: Stack, parts: Parts): Tensor {
  const result = allocate(Object.freeze([...stack.batch]), stack.dtype, 'logAbsDet');
  const out = result.data();
  for (let i = 0; i < stack.count; i++) {
    out[i] = pivotsOf(stack, parts, i).reduce((sum, { d00, d10, d11, isPair }) => {
      if (!isPair) return sum + Math.log(Math.abs(d00));
      // d00 d11 - d10², with the largest entry taken out.
      return sum + 2 * Math.log(Math.abs(d10)) + Math.log(Math.abs((d00 / d10) * (d11 / d10) - 1));
    }, 0);
  }
  return result;
}

function inertia(stack: Stack, parts: Parts, index: number): Inertia {
  if (!Number.isInteger(index) || index < 0 || index >= stack.count) {
    throw new ArgumentError(
      `inertia: index must be an integer from 0 to ${stack.count - 1}, got ${String(index)}`,
    );
  }
  const result = { positive: 0, negative: 0, zero: 0 };
  for (const { d00, isPair } of pivotsOf(stack, parts, index)) {
    if (isPair) {
      // Bunch and Kaufman take two rows only where the determinant is negative.
      result.positive++;
      result.negative++;
    } else if (d00 > 0) result.positive++;
    else if (d00 < 0) result.negative++;
    else result.zero++;
  }
  return result;
}

function reconstruct(stack: Stack, parts: Parts): Tensor {
  const { rows: n, count } = stack;
  const l = copyOf(parts.factor, 'reconstruct');
  const ld = copyOf(parts.factor, 'reconstruct');
  let product: Tensor | undefined;
  try {
    for (let index = 0; index < count; index++) {
      const pivots = pivotsOf(stack, parts, index);
      const [lower, scaled] = [l.data(), ld.data()].map((x) =>
        x.subarray(index * n * n, (index + 1) * n * n),
      );
      for (let i = 0; i < n; i++) {
        lower.fill(0, i * n + i, (i + 1) * n);
        lower[i * n + i] = 1;
      }
      for (let i = 0; i < n; i++) {
        const row = lower.subarray(i * n, (i + 1) * n);
        const to = scaled.subarray(i * n, (i + 1) * n);
        for (const { row: k, d00, d10, d11, isPair } of pivots) {
          to[k] = row[k] * d00 + (isPair ? row[k + 1] * d10 : 0);
          if (isPair) to[k + 1] = row[k] * d10 + row[k + 1] * d11;
        }
      }
    }
    product = matmul(ld, l, { transposeB: true });
    // Back to the order of A, over l.
    const [from, to, order] = [product.data(), l.data(), parts.order.data()];
    for (let index = 0; index < count; index++) {
      const base = index * n * n;
      for (let i = 0; i < n; i++) {
        const row = base + order[index * n + i] * n;
        for (let j = 0; j < n; j++) to[row + order[index * n + j]] = from[base + i * n + j];
      }
    }
    return l;
  } catch (error) {
    l.dispose();
    throw error;
  } finally {
    ld.dispose();
    product?.dispose();
  }
}
