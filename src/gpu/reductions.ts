// Reductions of GpuTensors over the last axis or all axes, and softmax. A sum is made in parts of PART numbers, each from its first
// to its last, then the sums of the parts in the same way: the same bits in every run, with at most PART - 1 roundings for every
// factor PART of its length.

import { checkFlag, checkOneOf } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAxis, type Shape, show } from '../core/shape.js';
import type { Backend, DeviceBuffer } from './backend.js';
import { mapped, zipped } from './elementwise.js';
import { GpuTensor } from './gpu-tensor.js';
import { checkGpuTensor, extentOf, filled, launched, withTemporaries } from './operands.js';
import { functionOf, type PortableKernel } from './portable.js';
import { device } from './session.js';

const NAMES = ['sum', 'mean', 'max', 'min', 'logsumexp'] as const;

/** The reductions: those of the same names of the library. */
export type ReductionName = (typeof NAMES)[number];

/** Options of `reduce`. */
export interface ReduceOptions {
  /** The last axis, as -1 or by its number; default all axes. */
  axis?: number;
  /** Keep reduced axes with extent 1; default false. */
  keepDims?: boolean;
}

const OPTIONS: OptionNames<ReduceOptions> = { axis: true, keepDims: true };

/** Numbers that one thread reduces. */
const PART = 64;

/** Rows of the table of operations by which pairs of numbers become one. */
type Pairing = 'add' | 'maximum' | 'minimum';

const partsKernel = (pairing: Pairing): PortableKernel => ({
  key: `reduce parts ${pairing}`,
  source: 'reduceParts',
  parameters: ['tensor', 'integer', 'integer'],
  functions: [functionOf(pairing, 2, 'operation')],
});

const rowsKernel = (pairing: Pairing): PortableKernel => ({
  key: `reduce rows ${pairing}`,
  source: 'reduceRows',
  parameters: ['tensor', 'integer', 'integer', 'integer'],
  functions: [functionOf(pairing, 2, 'operation')],
});

/** The rows of x, of `columns` numbers, as one number each, in a tensor of this shape; none is empty. */
function reducedRows(
  backend: Backend,
  caller: string,
  pairing: Pairing,
  x: GpuTensor,
  columns: number,
  shape: Shape,
): GpuTensor {
  const source = x.on(caller, backend) as DeviceBuffer;
  let at = source;
  let count = columns;
  try {
    while (count > PART) {
      const extent = { ...source.extent, cols: Math.ceil(count / PART) };
      backend.checkGrid(caller, extent);
      const next = backend.launch(caller, partsKernel(pairing), [at, count, PART], extent);
      if (at !== source) at.release();
      at = next;
      count = extent.cols;
    }
    const { rows, cols } = extentOf(shape);
    return launched(backend, caller, shape, rowsKernel(pairing), [at, count, rows, cols]);
  } finally {
    if (at !== source) at.release();
  }
}

/** Over the last axis, which stays with extent 1 if it is kept. A reduction of nothing is `empty`. */
function overLast(
  backend: Backend,
  caller: string,
  pairing: Pairing,
  x: GpuTensor,
  isKept: boolean,
  empty = 0,
): GpuTensor {
  const columns = x.shape[x.shape.length - 1] ?? 1;
  const shape = [...x.shape.slice(0, -1), ...(isKept ? [1] : [])];
  if (x.size === 0) return filled(backend, shape, empty);
  return reducedRows(backend, caller, pairing, x, columns, shape);
}

/** Over all axes, one after the other from the last. */
function overAll(backend: Backend, caller: string, pairing: Pairing, x: GpuTensor, empty = 0): GpuTensor {
  if (x.size === 0) return filled(backend, [], empty);
  return withTemporaries((keep) => {
    let at = x;
    while (at.shape.length > 1) at = keep(overLast(backend, caller, pairing, at, false));
    return overLast(backend, caller, pairing, at, false);
  });
}

/** log Σ e^x = m + log Σ e^(x - m) with the largest m, of rows that stay with extent 1 or of everything. */
function logarithmOfSum(backend: Backend, caller: string, x: GpuTensor, isLast: boolean): GpuTensor {
  const over = (pairing: Pairing, y: GpuTensor, empty: number) =>
    isLast ? overLast(backend, caller, pairing, y, true, empty) : overAll(backend, caller, pairing, y, empty);
  return withTemporaries((keep) => {
    const largest = keep(over('maximum', x, Number.NEGATIVE_INFINITY));
    const powers = keep(zipped(backend, caller, 'expDifference', x, largest));
    const sums = keep(over('add', powers, 0));
    return zipped(backend, caller, 'add', largest, keep(mapped(backend, caller, 'log', sums)));
  });
}

/** The same numbers in another shape. */
function reshaped(backend: Backend, caller: string, x: GpuTensor, shape: Shape): GpuTensor {
  if (x.size === 0) return new GpuTensor(shape, backend, undefined);
  return reducedRows(backend, caller, 'add', x, 1, shape);
}

function reducedOf(
  name: ReductionName,
  backend: Backend,
  caller: string,
  x: GpuTensor,
  isLast: boolean,
  isKept: boolean,
): GpuTensor {
  if (name === 'logsumexp') {
    if (!isLast || isKept) return logarithmOfSum(backend, caller, x, isLast);
    return withTemporaries((keep) =>
      reshaped(backend, caller, keep(logarithmOfSum(backend, caller, x, true)), x.shape.slice(0, -1)),
    );
  }
  const over = (pairing: Pairing) =>
    isLast ? overLast(backend, caller, pairing, x, isKept) : overAll(backend, caller, pairing, x);
  if (name === 'max') return over('maximum');
  if (name === 'min') return over('minimum');
  if (name === 'sum') return over('add');
  return withTemporaries((keep) => {
    const count = isLast ? (x.shape[x.shape.length - 1] ?? 1) : x.size;
    return zipped(backend, caller, 'div', keep(over('add')), keep(filled(backend, [], count)));
  });
}

/**
 * A reduction over the last axis or over all, on the GPU: the same bits in every run. Queues the work and returns at once; `download`
 * waits for it and throws its errors.
 * @param name of the reduction, as the library calls it: `gpu.reduce('sum', x)` is `sum(x)`.
 * @param x of any shape.
 * @throws ArgumentError for an unknown name and an axis that is not the last, ShapeError for `max` and `min` of nothing, DeviceError
 * before `gpu.init()` or if the GPU cannot hold the result.
 * @example
 * using total = gpu.reduce('sum', x);
 * using means = gpu.reduce('mean', x, { axis: -1, keepDims: true });
 */
export function reduce(name: ReductionName, x: GpuTensor, options: ReduceOptions = {}): GpuTensor {
  const caller = 'gpu.reduce';
  checkOneOf(caller, 'name', name, NAMES);
  checkGpuTensor(caller, 'x', x);
  checkOptions(caller, options, OPTIONS);
  const { axis, keepDims = false } = options;
  checkFlag(caller, 'keepDims', keepDims);
  const { length } = x.shape;
  if (axis !== undefined && checkAxis(caller, axis, length) !== length - 1)
    throw new ArgumentError(
      `${caller}: axis must be the last one, -1 or ${length - 1}, or undefined for all, got ${describe(axis)}`,
    );
  const isLast = axis !== undefined;
  const extent = isLast ? x.shape[length - 1] : x.size;
  if ((name === 'max' || name === 'min') && extent === 0)
    throw new ShapeError(
      `${caller}: there is nothing to compare in shape ${show(x.shape)}, every reduced extent must be at least 1`,
    );
  const backend = device(caller);
  x.on(caller, backend);
  if (isLast || !keepDims) return reducedOf(name, backend, caller, x, isLast, keepDims);
  return withTemporaries((keep) => {
    const found = keep(reducedOf(name, backend, caller, x, false, false));
    return reshaped(
      backend,
      caller,
      found,
      x.shape.map(() => 1),
    );
  });
}

/**
 * e^x / Σ e^x along the last axis, without overflow, on the GPU. Queues the work and returns at once; `download` waits for it and
 * throws its errors. NaN where the CPU's `softmax` has it: in rows with a NaN or of nothing but -Infinity.
 * @param x of any shape; a scalar counts as one element.
 * @throws ArgumentError, DeviceError before `gpu.init()` or if the GPU cannot hold the result.
 * @example
 * using p = gpu.softmax(logits);
 */
export function softmax(x: GpuTensor): GpuTensor {
  const caller = 'gpu.softmax';
  checkGpuTensor(caller, 'x', x);
  const backend = device(caller);
  if (!x.on(caller, backend)) return new GpuTensor(x.shape, backend, undefined);
  return withTemporaries((keep) => {
    const over = (pairing: Pairing, y: GpuTensor) =>
      keep(overLast(backend, caller, pairing, y, x.shape.length > 0));
    const powers = keep(zipped(backend, caller, 'expDifference', x, over('maximum', x)));
    return zipped(backend, caller, 'div', powers, over('add', powers));
  });
}
