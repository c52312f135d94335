// matmul: op(A) op(B) over the last two axes, leading axes broadcast, as strides over one gemm.
import { ShapeError } from '../core/errors.js';
import { runtime, withWorkspace } from '../core/runtime.js';
import { broadcastShapes, broadcastStrides, mergeAxes, type Shape, show, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { GemmBatchedArguments } from '../core/threads/parallel.js';
import { blas } from '../generated/blas.js';
import { apply, checkTensor, commonFloat, type Op } from './op.js';

/** Options of `matmul`. */
export interface MatmulOptions {
  /** Use the transpose of the last two axes of a; default false. */
  transposeA?: boolean;
  /** Use the transpose of the last two axes of b; default false. */
  transposeB?: boolean;
}

/** Below this many multiply-adds of a batch, waking threads costs more than they save. */
const WORTH_THREADS = 2 ** 22;

/** C := A B as numbers: extents, addresses, and strides in elements. */
interface Product {
  dtype: 'f64' | 'f32';
  m: number;
  n: number;
  k: number;
  a: number;
  rsa: number;
  csa: number;
  b: number;
  rsb: number;
  csb: number;
  c: number;
  rsc: number;
  csc: number;
}

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
export const matmulOp: Op<MatmulOptions> = {
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
  run(out, [a, b], { transposeA = false, transposeB = false }) {
    const left = asMatrix(a.shape, transposeA, 'left');
    const right = asMatrix(b.shape, transposeB, 'right');
    const product: Product = {
      dtype: out.dtype as 'f64' | 'f32',
      m: left.rows,
      n: right.columns,
      k: left.columns,
      a: a.address,
      rsa: left.rowStride,
      csa: left.columnStride,
      b: b.address,
      rsb: right.rowStride,
      csb: right.columnStride,
      c: out.address,
      rsc: right.columns,
      csc: 1,
    };
    if (left.batch.length === 0 && right.batch.length === 0) {
      multiply(product);
      return;
    }
    const batchShape = out.shape.slice(0, out.shape.length - (a.ndim > 1 ? 1 : 0) - (b.ndim > 1 ? 1 : 0));
    if (sizeOf(batchShape) === 1) multiply(product);
    else if (sizeOf(right.batch) === 1 && !transposeA && sizeOf(left.batch) === sizeOf(batchShape)) {
      // One matrix on the right: the batch is more rows on the left.
      multiply({ ...product, m: sizeOf(batchShape) * product.m });
    } else multiplyBatch(product, batchShape, left.batch, right.batch);
  },
};

/** C = A B for one product. Which kernel runs depends on the shapes alone, so threads do not change the bits. */
function multiply(p: Product): void {
  if (p.n === 1 || p.m === 1) {
    multiplyVector(p);
    return;
  }
  const { exports } = blas;
  const { m, n, k, a, rsa, csa, b, rsb, csb, c, rsc, csc } = p;
  withWorkspace(exports[`gemm_${p.dtype}_work`](m, n, k), 'matmul', (work) => {
    exports[`gemm_${p.dtype}`](m, n, k, 1, a, rsa, csa, b, rsb, csb, 0, c, rsc, csc, work);
  });
}

/** A matrix times a vector, or a vector times a matrix: bound by memory, so nothing is packed. */
function multiplyVector(p: Product): void {
  const { exports } = blas;
  withWorkspace(exports.gemv_work(), 'matmul', (work) => {
    const gemv = exports[`gemv_${p.dtype}`];
    if (p.n === 1) gemv(p.m, p.k, 1, p.a, p.rsa, p.csa, p.b, p.rsb, 0, p.c, p.rsc, work);
    else gemv(p.n, p.k, 1, p.b, p.csb, p.rsb, p.a, p.csa, 0, p.c, p.csc, work);
  });
}

/** One product per element of the batch shape; the innermost run of batch axes is one call. */
function multiplyBatch(p: Product, shape: Shape, leftBatch: Shape, rightBatch: Shape): void {
  const { exports } = blas;
  const scaled = (strides: number[], size: number) => strides.map((s) => s * size);
  const { extents, strides } = mergeAxes(shape, [
    scaled(broadcastStrides(leftBatch, shape), p.m * p.k),
    scaled(broadcastStrides(rightBatch, shape), p.k * p.n),
    scaled(broadcastStrides(shape, shape), p.m * p.n),
  ]);
  const last = extents.length - 1;
  const batch = extents[last];
  const [a, b, c] = strides.map((row) => row[last]);
  const { parallel } = runtime();
  const size = p.dtype === 'f64' ? 8 : 4;
  const outer = sizeOf(extents.slice(0, last));
  withWorkspace(exports[`gemm_${p.dtype}_work`](p.m, p.n, p.k), 'matmul', (work) => {
    for (let i = 0; i < outer; i++) {
      const at = offsets(i, extents, strides, last);
      const [fromA, fromB, to] = [p.a + at[0] * size, p.b + at[1] * size, p.c + at[2] * size];
      const args: GemmBatchedArguments = [
        ...([batch, p.m, p.n, p.k, 1, fromA, a, p.rsa, p.csa, fromB, b, p.rsb, p.csb] as const),
        ...([0, to, c, p.rsc, p.csc, work] as const),
      ];
      // Large products are split each, many small ones among them.
      const shared = batch * p.m * p.n * p.k >= WORTH_THREADS && parallel?.gemmBatched(p.dtype, args);
      if (!shared) exports[`gemm_batched_${p.dtype}`](...args);
    }
  });
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
 * The matrix product op(a) op(b): a [..., m, k], b [..., k, n] -> [..., m, n]; leading axes broadcast, a vector is a row
 * on the left and a column on the right, as in NumPy. dtype f64 or f32. Transposes cost no copy.
 * @throws ShapeError where extents do not fit, DTypeError for i32 or mixed dtypes.
 * @example
 * matmul(tensor([[1, 2], [3, 4]]), tensor([[5], [6]])).toArray(); // [[17], [39]]
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  return apply(matmulOp, [checkTensor('matmul', 'a', a), checkTensor('matmul', 'b', b)], options);
}
