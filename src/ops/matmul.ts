// matmul: op(A) op(B) over the last two axes, with broadcast leading axes, as strided calls of one gemm.
import { checkFlag } from '../core/check.js';
import { ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { threadsFor } from '../core/runtime.js';
import { broadcastShapes, broadcastStrides, mergeAxes, type Shape, show, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { GemmBatchedArguments } from '../core/threads/parallel.js';
import { blas } from '../generated/blas.js';
import { plus } from './arithmetic.js';
import { reshape } from './layout.js';
import { apply, checkTensor, commonFloat, type Derivative, type Op } from './op.js';
import { unbroadcast } from './sum.js';
import type { Workspace } from './workspace.js';

/** Options of `matmul`. */
export interface MatmulOptions {
  /** Use the transpose of the last two axes of a; default false. */
  transposeA?: boolean;
  /** Use the transpose of the last two axes of b; default false. */
  transposeB?: boolean;
}

/** Parameters of the row. */
export interface MatmulParams extends MatmulOptions {
  /** Most terms that are added up one after the other; sums of that many are added to the result. Default: what is fastest. */
  depth?: number;
}

const MATMUL_OPTIONS: OptionNames<MatmulOptions> = { transposeA: true, transposeB: true };

/** Checks the options. */
function checkMatmulOptions(options: MatmulOptions): void {
  checkOptions('matmul', options, MATMUL_OPTIONS);
  const { transposeA, transposeB } = options;
  if (transposeA !== undefined) checkFlag('matmul', 'transposeA', transposeA);
  if (transposeB !== undefined) checkFlag('matmul', 'transposeB', transposeB);
}

/** C := A B as numbers: extents, and strides in elements. */
interface Product {
  dtype: 'f64' | 'f32';
  m: number;
  n: number;
  k: number;
  rsa: number;
  csa: number;
  rsb: number;
  csb: number;
  rsc: number;
  csc: number;
}

/** The operands of a product; their addresses are read when it runs. */
type Operands = readonly [out: Tensor, a: Tensor, b: Tensor];

/** One operand as a matrix: extents, strides in elements, and the shape of its batch. */
interface MatrixView {
  rows: number;
  columns: number;
  rowStride: number;
  columnStride: number;
  batch: Shape;
}

const NO_BATCH: Shape = [];

/** The last two axes; a vector is a row on the left and a column on the right, whatever the transpose. */
function asMatrix(shape: Shape, transpose: boolean, side: 'left' | 'right'): MatrixView {
  if (shape.length === 0) {
    throw new ShapeError('matmul: operands must have at least one axis, got a scalar (use mul)');
  }
  if (shape.length === 1) {
    const n = shape[0];
    return side === 'left'
      ? { rows: 1, columns: n, rowStride: n, columnStride: 1, batch: NO_BATCH }
      : { rows: n, columns: 1, rowStride: 1, columnStride: 1, batch: NO_BATCH };
  }
  const p = shape[shape.length - 2];
  const q = shape[shape.length - 1];
  const batch = shape.length === 2 ? NO_BATCH : shape.slice(0, -2);
  return transpose
    ? { rows: q, columns: p, rowStride: 1, columnStride: q, batch }
    : { rows: p, columns: q, rowStride: q, columnStride: 1, batch };
}

/** Row of the table. */
export const matmulOp: Op<MatmulParams> = {
  name: 'matmul',
  shape(inputs, { transposeA = false, transposeB = false }) {
    const dtype = commonFloat('matmul', inputs);
    const [a, b] = inputs;
    const left = asMatrix(a.shape, transposeA, 'left');
    const right = asMatrix(b.shape, transposeB, 'right');
    if (left.columns !== right.rows) {
      const flags = [transposeA && 'transposeA', transposeB && 'transposeB'].filter(Boolean).join(' and ');
      throw new ShapeError(
        `matmul: shapes ${show(a.shape)} and ${show(b.shape)}${flags && ` with ${flags}`} do not fit: ` +
          `a has ${left.columns} columns, b has ${right.rows} rows`,
      );
    }
    const shape = left.batch === right.batch ? [] : [...broadcastShapes('matmul', left.batch, right.batch)];
    if (a.shape.length > 1) shape.push(left.rows);
    if (b.shape.length > 1) shape.push(right.columns);
    return { shape, dtype };
  },
  prepare([out], [a, b], { transposeA = false, transposeB = false, depth }, space) {
    const left = asMatrix(a.shape, transposeA, 'left');
    const right = asMatrix(b.shape, transposeB, 'right');
    const product: Product = {
      dtype: out.dtype as 'f64' | 'f32',
      m: left.rows,
      n: right.columns,
      k: left.columns,
      rsa: left.rowStride,
      csa: left.columnStride,
      rsb: right.rowStride,
      csb: right.columnStride,
      rsc: right.columns,
      csc: 1,
    };
    const operands: Operands = [out, a, b];
    if (left.batch.length === 0 && right.batch.length === 0) {
      if (depth !== undefined && depth < product.k) return multiplyInBlocks(product, operands, depth, space);
      return multiply(product, operands, space);
    }
    const batchShape = out.shape.slice(0, out.shape.length - (a.ndim > 1 ? 1 : 0) - (b.ndim > 1 ? 1 : 0));
    if (sizeOf(batchShape) === 1) return multiply(product, operands, space);
    if (sizeOf(right.batch) === 1 && !transposeA && sizeOf(left.batch) === sizeOf(batchShape)) {
      // One matrix on the right: fold the batch into the rows on the left.
      return multiply({ ...product, m: sizeOf(batchShape) * product.m }, operands, space);
    }
    return multiplyBatch(product, operands, [batchShape, left.batch, right.batch], space);
  },
  jvp([ta, tb], { inputs: [a, b], params }) {
    return plus(ta && apply(matmulOp, [ta, b], params), tb && apply(matmulOp, [a, tb], params));
  },
  vjp([ct], { inputs: [a, b], params: { transposeA = false, transposeB = false }, wanted }) {
    const c = ct as Tensor;
    if (a.ndim === 1 || b.ndim === 1) return vectorRule(c, a, b, transposeA, transposeB, wanted);
    let da: Derivative;
    if (wanted[0]) {
      da = transposeA
        ? matmul(b, c, { transposeA: transposeB, transposeB: true })
        : matmul(c, b, { transposeB: !transposeB });
      da = unbroadcast(da, a.shape);
    }
    return [da, wanted[1] ? rightRule(c, a, b, transposeA, transposeB) : undefined];
  },
};

/**
 * The cotangent of b. For one matrix b and a batch of a, the batch is folded into the rows, so no sum is needed
 * afterwards.
 */
function rightRule(c: Tensor, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  if (!transposeA && b.ndim === 2 && a.ndim > 2 && a.size > 0 && c.size > 0) {
    const [rows, columns] = [reshape(a, [-1, a.shape[a.ndim - 1]]), reshape(c, [-1, c.shape[c.ndim - 1]])];
    return rightRule(columns, rows, b, false, transposeB);
  }
  const db = transposeB
    ? matmul(c, a, { transposeA: true, transposeB: transposeA })
    : matmul(a, c, { transposeA: !transposeA });
  return unbroadcast(db, b.shape);
}

/** Vectors are rows and columns: the rule for matrices, with the missing axes added and removed. */
function vectorRule(
  c: Tensor,
  a: Tensor,
  b: Tensor,
  transposeA: boolean,
  transposeB: boolean,
  wanted: readonly boolean[],
): Derivative[] {
  const [rowA, columnB] = [a.ndim === 1, b.ndim === 1];
  const left = rowA ? reshape(a, [1, a.size]) : a;
  const right = columnB ? reshape(b, [b.size, 1]) : b;
  const shape = [...c.shape];
  if (rowA) shape.splice(columnB ? shape.length : shape.length - 1, 0, 1);
  if (columnB) shape.push(1);
  const params = { transposeA: !rowA && transposeA, transposeB: !columnB && transposeB };
  const point = { inputs: [left, right], outputs: [], params, wanted };
  const [da, db] = matmulOp.vjp?.([reshape(c, shape)], point) ?? [];
  return [da && reshape(da, a.shape), db && reshape(db, b.shape)];
}

/** C = A B for one product. Which kernel runs depends on the shapes alone, so threads do not change the bits. */
function multiply(p: Product, [out, left, right]: Operands, space: Workspace): () => void {
  const { exports } = blas;
  const { dtype, m, n, k, rsa, csa, rsb, csb, rsc, csc } = p;
  // A matrix times a vector, or a vector times a matrix: bound by memory, so nothing is packed.
  if (n === 1 || m === 1) {
    const work = space.scratch(exports.gemv_work());
    const gemv = exports[`gemv_${dtype}`];
    if (n === 1)
      return () => gemv(m, k, 1, left.address, rsa, csa, right.address, rsb, 0, out.address, rsc, work);
    return () => gemv(n, k, 1, right.address, csb, rsb, left.address, csa, 0, out.address, csc, work);
  }
  const work = space.scratch(exports[`gemm_${dtype}_work`](m, n, k));
  const gemm = exports[`gemm_${dtype}`];
  return () =>
    gemm(m, n, k, 1, left.address, rsa, csa, right.address, rsb, csb, 0, out.address, rsc, csc, work);
}

/** The same, as a sum of products of at most `depth` terms. */
function multiplyInBlocks(
  p: Product,
  [out, left, right]: Operands,
  depth: number,
  space: Workspace,
): () => void {
  const { exports } = blas;
  const { dtype, m, n, k, rsa, csa, rsb, csb, rsc, csc } = p;
  const work = space.scratch(exports[`gemm_${dtype}_work`](m, n, depth));
  const gemm = exports[`gemm_${dtype}`];
  const size = dtype === 'f64' ? 8 : 4;
  return () => {
    for (let from = 0; from < k; from += depth) {
      const [a, b] = [left.address + from * csa * size, right.address + from * rsb * size];
      const [terms, beta] = [Math.min(depth, k - from), Math.min(from, 1)];
      gemm(m, n, terms, 1, a, rsa, csa, b, rsb, csb, beta, out.address, rsc, csc, work);
    }
  };
}

/** One product per element of the batch shape; the innermost run of batch axes is one call. */
function multiplyBatch(
  p: Product,
  [out, left, right]: Operands,
  [shape, leftBatch, rightBatch]: readonly [Shape, Shape, Shape],
  space: Workspace,
): () => void {
  const { exports } = blas;
  const { dtype, m, n, k, rsa, csa, rsb, csb, rsc, csc } = p;
  const scaled = (strides: number[], size: number) => strides.map((s) => s * size);
  const { extents, strides } = mergeAxes(shape, [
    scaled(broadcastStrides(leftBatch, shape), m * k),
    scaled(broadcastStrides(rightBatch, shape), k * n),
    scaled(broadcastStrides(shape, shape), m * n),
  ]);
  const last = extents.length - 1;
  const batch = extents[last];
  const [a, b, c] = strides.map((row) => row[last]);
  const size = dtype === 'f64' ? 8 : 4;
  const starts = Array.from({ length: sizeOf(extents.slice(0, last)) }, (_, i) =>
    offsets(i, extents, strides, last).map((offset) => offset * size),
  );
  const work = space.scratch(exports[`gemm_${dtype}_work`](m, n, k));
  const gemm = exports[`gemm_batched_${dtype}`];
  // Large products are split one by one; many small ones are split as a batch.
  const multiplyAdds = batch * m * n * k;
  return () => {
    for (const [atA, atB, atC] of starts) {
      const [fromA, fromB, to] = [left.address + atA, right.address + atB, out.address + atC];
      const args: GemmBatchedArguments = [
        ...([batch, m, n, k, 1, fromA, a, rsa, csa, fromB, b, rsb, csb] as const),
        ...([0, to, c, rsc, csc, work] as const),
      ];
      if (!threadsFor(multiplyAdds)?.gemmBatched(dtype, args)) gemm(...args);
    }
  };
}

/** Offsets of the operands at position `index` of the first `axes` axes. */
function offsets(
  index: number,
  extents: readonly number[],
  strides: readonly number[][],
  axes: number,
): number[] {
  const at = strides.map(() => 0);
  let rest = index;
  for (let axis = axes - 1; axis >= 0; axis--) {
    const i = rest % extents[axis];
    rest = (rest - i) / extents[axis];
    strides.forEach((row, operand) => {
      at[operand] += i * row[axis];
    });
  }
  return at;
}

/**
 * The matrix product op(a) op(b): a [..., m, k], b [..., k, n] -> [..., m, n]; leading axes broadcast, a vector is a
 * row on the left and a column on the right, as in NumPy. dtype f64 or f32. Transposes cost no copy.
 * @throws ShapeError where extents do not fit, DTypeError for i32 or mixed dtypes.
 * @example
 * matmul(tensor([[1, 2], [3, 4]]), tensor([[5], [6]])).toArray(); // [[17], [39]]
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  checkMatmulOptions(options);
  return apply(matmulOp, [checkTensor('matmul', 'a', a), checkTensor('matmul', 'b', b)], options);
}

/**
 * The product of two matrices of one dtype, no entry of which is a sum of more than `depth` terms one after the other: with
 * k terms and rounding errors of u, it is off by at most (depth + k / depth) u times the sum of their sizes.
 */
export function matmulInBlocks(a: Tensor, b: Tensor, depth: number, options: MatmulOptions = {}): Tensor {
  return apply(matmulOp, [a, b], { ...options, depth });
}
