// Elementwise functions of GpuTensors, by the functions of kernels/wgsl, whose errors docs/gpu.md states.

import { checkOneOf } from '../core/check.js';
import { broadcastShapes, sizeOf } from '../core/shape.js';
import type { Backend } from './backend.js';
import { GpuTensor } from './gpu-tensor.js';
import {
  checkGpuTensor,
  elementsOf,
  extentOf,
  filled,
  launched,
  matricesOf,
  withTemporaries,
} from './operands.js';
import { functionOf, type PortableKernel } from './portable.js';
import { device } from './session.js';

const UNARY = [
  ...(['neg', 'abs', 'sign', 'square', 'sqrt', 'rsqrt', 'exp', 'expm1', 'log', 'log1p'] as const),
  ...(['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'erf'] as const),
  ...(['relu', 'elu', 'silu', 'gelu', 'sigmoid', 'softplus'] as const),
] as const;
const BINARY = ['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'atan2'] as const;

/** The functions of one operand: those of the same names of the library. */
export type UnaryName = (typeof UNARY)[number];
/** The functions of two operands: those of the same names of the library. */
export type BinaryName = (typeof BINARY)[number];

const mapKernel = (row: string): PortableKernel => ({
  key: `map ${row}`,
  source: 'mapElements',
  parameters: ['tensor'],
  functions: [functionOf(row, 1, 'operation')],
});

const zipKernel = (row: string): PortableKernel => ({
  key: `zip ${row}`,
  source: 'zipElements',
  parameters: ['tensor', 'tensor', 'table', 'table', 'integer', 'integer', 'integer', 'integer'],
  functions: [functionOf(row, 2, 'operation')],
});

/** @internal `row` of the table of operations, of each element. */
export function mapped(backend: Backend, caller: string, row: string, x: GpuTensor): GpuTensor {
  const source = x.on(caller, backend);
  if (!source) return new GpuTensor(x.shape, backend, undefined);
  return launched(backend, caller, x.shape, mapKernel(row), [source]);
}

/** @internal `row` of the table of operations, of each pair of elements. */
export function zipped(backend: Backend, caller: string, row: string, a: GpuTensor, b: GpuTensor): GpuTensor {
  const shape = broadcastShapes(caller, a.shape, b.shape);
  const operands = [a, b].map((x) => x.on(caller, backend));
  if (sizeOf(shape) === 0) return new GpuTensor(shape, backend, undefined);
  const { rows, cols } = extentOf(shape);
  const tables = [a, b].map((x) => {
    const values = matricesOf(x.shape.slice(0, -2), shape.slice(0, -2));
    return { values, width: values.length };
  });
  const steps = [a, b].flatMap((x) => {
    const own = extentOf(x.shape);
    return [Number(own.rows === rows), Number(own.cols === cols)];
  });
  const [left, right] = operands.map((_, i) => elementsOf(caller, i === 0 ? a : b, backend));
  return launched(backend, caller, shape, zipKernel(row), [left, right, ...tables, ...steps]);
}

/**
 * A function of each element, on the GPU. Queues the work and returns at once; `download` waits for it and throws its errors.
 * @param name of the function, as the library calls it: `gpu.map('tanh', x)` is `tanh(x)`.
 * @param x of any shape.
 * @throws ArgumentError for an unknown name, DeviceError before `gpu.init()` or if the GPU cannot hold the result.
 * @example
 * using y = gpu.map('tanh', x);
 */
export function map(name: UnaryName, x: GpuTensor): GpuTensor {
  checkOneOf('gpu.map', 'name', name, UNARY);
  checkGpuTensor('gpu.map', 'x', x);
  return mapped(device('gpu.map'), 'gpu.map', name, x);
}

/**
 * A function of each pair of elements, on the GPU. Shapes broadcast as in NumPy; one of the operands may be a number.
 * Queues the work and returns at once; `download` waits for it and throws its errors.
 * @param name of the function, as the library calls it: `gpu.zip('add', a, b)` is `add(a, b)`.
 * @throws ArgumentError for an unknown name, ShapeError for shapes that do not broadcast, DeviceError before `gpu.init()` or if the
 * GPU cannot hold the result.
 * @example
 * using y = gpu.zip('add', x, bias); // [n, k] and [k]
 * using half = gpu.zip('mul', y, 0.5);
 */
export function zip(name: BinaryName, a: GpuTensor | number, b: GpuTensor | number): GpuTensor {
  const caller = 'gpu.zip';
  checkOneOf(caller, 'name', name, BINARY);
  if (typeof a !== 'number' || typeof b === 'number') checkGpuTensor(caller, 'a', a);
  if (typeof b !== 'number') checkGpuTensor(caller, 'b', b);
  const backend = device(caller);
  return withTemporaries((keep) => {
    const [left, right] = [a, b].map((x) => (typeof x === 'number' ? keep(filled(backend, [], x)) : x));
    return zipped(backend, caller, name, left, right);
  });
}
