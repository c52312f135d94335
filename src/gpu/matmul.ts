// Uploads and products of GpuTensors: NumPy's shape rules, and the extents for kernels.

import { checkNumber, checkOneOf } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError, DeviceError, DTypeError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { broadcastShapes, type Shape, sameShape, show, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { type Backend, type DeviceBuffer, elements, type MatrixStack, type Product } from './backend.js';
import { GpuTensor } from './gpu-tensor.js';
import { checkGpuTensor, extentOf, matricesOf } from './operands.js';
import { device } from './session.js';

export interface MatmulOptions {
  /** Transpose the last two axes of the first operand. Default false. */
  transposeA?: boolean;
  /** Transpose the last two axes of the second operand. Default false. */
  transposeB?: boolean;
  /** The product is multiplied by this. Default 1. WebGPU only, unless it is 1. */
  alpha?: number;
  /** beta times `c` is added. Default 0. WebGPU only, unless it is 0. */
  beta?: number;
  /** Of the shape of the result; not changed, and not read where beta is 0. */
  c?: GpuTensor;
  /**
   * 'auto' (default): the fastest there is, which in WebGPU is WGSL of our own; 'portable': gpu.js's, which WebGL2 has,
   * too.
   */
  kernel?: 'auto' | 'portable';
}

const MATMUL_OPTIONS: OptionNames<MatmulOptions> = {
  transposeA: true,
  transposeB: true,
  alpha: true,
  beta: true,
  c: true,
  kernel: true,
};

/**
 * Copies a tensor of f32 or i32 to the GPU. The values are read at once: later changes to `x` have no effect.
 * Throws `DTypeError` for f64, `DeviceError` before `gpu.init()` or if the GPU cannot hold it.
 */
export function upload(x: Tensor): GpuTensor {
  if (!(x instanceof Tensor)) throw new ArgumentError(`gpu.upload: x must be a Tensor, got ${describe(x)}`);
  const { dtype } = x;
  if (dtype === 'f64')
    throw new DTypeError(`gpu.upload: x is f64, GPU kernels compute in f32 only: use astype(x, 'f32')`);
  const backend = device('gpu.upload');
  const extent = extentOf(x.shape);
  void x.address; // a differentiated tensor has no address, and throws
  // Integers travel by their bits.
  const { buffer, byteOffset } = x.data();
  const values = new Float32Array(buffer, byteOffset, x.size);
  if (x.size === 0) return new GpuTensor(x.shape, backend, undefined, { dtype });
  if (dtype === 'i32' && backend.info.backend === 'webgl2')
    throw new DTypeError("gpu.upload: x is i32, which WebGL2 does not keep: use astype(x, 'f32')");
  backend.checkSize('gpu.upload', extent);
  return new GpuTensor(x.shape, backend, backend.upload(values, extent), { dtype });
}

/** The shape of a product and the extents of its parts. */
export interface GemmLaunch extends Omit<Product, 'alpha' | 'beta' | 'c' | 'portable'> {
  readonly shape: Shape;
}

/** Matches two shapes by NumPy's rule: vectors are rows on the left and columns on the right. */
export function launchOf(a: Shape, b: Shape, options: MatmulOptions): GemmLaunch {
  if (a.length === 0 || b.length === 0) {
    throw new ShapeError(`gpu.matmul: operands need at least one axis, got shapes ${show(a)} and ${show(b)}`);
  }
  const { transposeA = false, transposeB = false } = options;
  const left = extentOf(a);
  const right = extentOf(b);
  // A vector is stored as a row; on the right it stands for a column.
  const swapA = transposeA && a.length > 1;
  const swapB = transposeB || b.length === 1;
  const m = swapA ? left.cols : left.rows;
  const k = swapA ? left.rows : left.cols;
  const inner = swapB ? right.cols : right.rows;
  const n = swapB ? right.rows : right.cols;
  if (k !== inner) {
    throw new ShapeError(
      `gpu.matmul: inner extents ${k} and ${inner} differ, ` +
        `got a ${show(a)}${swapA ? ' transposed' : ''} and b ${show(b)}${transposeB ? ' transposed' : ''}`,
    );
  }
  const aBatches = a.slice(0, -2);
  const bBatches = b.slice(0, -2);
  const batchShape = broadcastShapes('gpu.matmul', aBatches, bBatches);
  const shape = [...batchShape, ...(a.length > 1 ? [m] : []), ...(b.length > 1 ? [n] : [])];
  const batches = sizeOf(batchShape);
  return {
    shape,
    batches,
    m,
    n,
    k,
    transposeA: swapA,
    transposeB: swapB,
    aBatch: matricesOf(aBatches, batchShape),
    bBatch: matricesOf(bBatches, batchShape),
  };
}

/**
 * op(a) op(b) on the GPU: operands and result stay there, so products can be chained. Leading axes are batches and
 * broadcast. Queues the work and returns at once; `download` waits for it and throws its errors.
 */
export function matmul(a: GpuTensor, b: GpuTensor, options: MatmulOptions = {}): GpuTensor {
  checkOptions('gpu.matmul', options, MATMUL_OPTIONS);
  for (const [name, operand] of [
    ['a', a],
    ['b', b],
  ] as const) {
    checkGpuTensor('gpu.matmul', name, operand);
  }
  const { alpha = 1, beta = 0, c, kernel = 'auto' } = options;
  checkNumber('gpu.matmul', 'alpha', alpha);
  checkNumber('gpu.matmul', 'beta', beta);
  checkOneOf('gpu.matmul', 'kernel', kernel, ['auto', 'portable']);
  const backend = device('gpu.matmul');
  const left = a.on('gpu.matmul', backend);
  const right = b.on('gpu.matmul', backend);
  const { shape, ...launch } = launchOf(a.shape, b.shape, options);
  const portable = kernel === 'portable' || backend.info.backend === 'webgl2';
  if (portable && (alpha !== 1 || beta !== 0))
    throw new DeviceError(
      `gpu.matmul: portable kernels have no alpha and beta, got ${alpha} and ${beta}: use WebGPU, and kernel 'auto'`,
    );
  const added = beta === 0 ? undefined : checkAdded(c, shape).on('gpu.matmul', backend);
  const product: Product = { ...launch, alpha, beta, portable, ...(added && { c: added }) };
  const extent: MatrixStack = { batches: product.batches, rows: product.m, cols: product.n };
  if (elements(extent) === 0) return new GpuTensor(shape, backend, undefined);
  backend.checkSize('gpu.matmul', extent);
  if (!left || !right) return new GpuTensor(shape, backend, emptySum(backend, product, extent));
  backend.checkGrid('gpu.matmul', extent);
  return new GpuTensor(shape, backend, backend.multiply(left, right, product));
}

/** The tensor that is added, which must have the shape of the result. */
function checkAdded(c: GpuTensor | undefined, shape: Shape): GpuTensor {
  if (!(c instanceof GpuTensor))
    throw new ArgumentError(`gpu.matmul: c must be a GpuTensor where beta is not 0, got ${describe(c)}`);
  if (!sameShape(c.shape, shape))
    throw new ShapeError(
      `gpu.matmul: c must have the shape of the result, ${show(shape)}, got ${show(c.shape)}`,
    );
  return c;
}

/** A product without terms: zeros, and beta times c. */
function emptySum(backend: Backend, product: Product, extent: MatrixStack): DeviceBuffer {
  const zeros = (one: MatrixStack): DeviceBuffer => backend.upload(new Float32Array(elements(one)), one);
  if (product.c === undefined) return zeros(extent);
  // As a product of one term, which is zero.
  const { m, n, batches } = product;
  const parts = [zeros({ batches: 1, rows: m, cols: 1 }), zeros({ batches: 1, rows: 1, cols: n })];
  const first = new Float32Array(batches);
  try {
    return backend.multiply(parts[0], parts[1], {
      ...{ ...product, k: 1, transposeA: false, transposeB: false },
      ...{ aBatch: first, bBatch: first },
    });
  } finally {
    for (const part of parts) part.release();
  }
}
