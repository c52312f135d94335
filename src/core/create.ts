// Making tensors: from data, filled with a value, from a range, as an identity or diagonal matrix.

import { checkFinite, checkNumber } from './check.js';
import { describe } from './describe.js';
import { type DType, dtypeOf, isDType, type TypedArray } from './dtype.js';
import { ArgumentError, DTypeError, ShapeError } from './errors.js';
import { isDetached, viewName } from './kind.js';
import { checkOptions, type OptionNames } from './options.js';
import { existingRuntime, runtime } from './runtime.js';
import { checkShape, MAXIMUM_AXES, type Shape, show, sizeOf } from './shape.js';
import { allocate, type NestedArray, type Tensor } from './tensor.js';

/** Options of the functions that make tensors. */
export interface CreateOptions {
  /** Element type; default f64. */
  dtype?: DType;
}

const CREATE_OPTIONS: OptionNames<CreateOptions> = { dtype: true };

/** Options of `tensor`. */
export interface TensorOptions extends CreateOptions {
  /** Shape, row-major; default: that of the nesting, or one axis for a flat array. */
  shape?: readonly number[];
}

const TENSOR_OPTIONS: OptionNames<TensorOptions> = { dtype: true, shape: true };

/** What `tensor` takes: a number, nested arrays, or a typed array. */
export type TensorData = number | NestedArray | TypedArray | ArrayLike<number>;

/** The dtype that was asked for, or `fallback`. */
export function checkDType(name: string, dtype: unknown, fallback: DType): DType {
  if (dtype === undefined) return fallback;
  if (!isDType(dtype))
    throw new DTypeError(`${name}: dtype must be 'f64', 'f32' or 'i32', got ${describe(dtype)}`);
  return dtype;
}

/**
 * A tensor from numbers.
 * @param data a number (shape []), nested arrays (their shape), or a flat (typed) array.
 * @param options `shape`: row-major shape of a flat array; `dtype`: default that of a typed array, else f64.
 * @throws ShapeError for ragged nesting, or for a shape that does not hold the data; ArgumentError for elements that
 * are not numbers.
 * @example
 * tensor([[1, 2], [3, 4]]);
 * tensor(new Float32Array(6), { shape: [2, 3] });
 */
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  checkOptions('tensor', options, TENSOR_OPTIONS);
  const dtype = checkDType('tensor', options.dtype, dtypeOf(data) ?? 'f64');
  if (typeof data === 'number')
    return fromFlat([data], options.shape ? checkShape('tensor', options.shape) : [], dtype);
  if (ArrayBuffer.isView(data)) {
    const flat = numbersIn(data);
    return fromFlat(flat, options.shape ? checkShape('tensor', options.shape) : [flat.length], dtype);
  }
  if (!Array.isArray(data)) {
    throw new ArgumentError(
      `tensor: data must be a number, nested arrays or a typed array, got ${describe(data)}`,
    );
  }
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) {
    if (shape.push(level.length) > MAXIMUM_AXES)
      throw new ShapeError(`tensor: at most ${MAXIMUM_AXES} axes are possible, got arrays nested deeper`);
  }
  const flat: number[] = [];
  flatten(data as NestedArray[], shape, 0, flat);
  return fromFlat(
    flat,
    options.shape ? checkShape('tensor', options.shape) : checkShape('tensor', shape),
    dtype,
  );
}

/** A view as a typed array of numbers; throws for one of big integers, a DataView, and for one whose memory is gone. */
function numbersIn(data: ArrayBufferView): TypedArray {
  const kind = viewName(data) as string;
  if (kind === 'DataView' || kind.startsWith('Big')) {
    throw new ArgumentError(
      `tensor: data must be a number, nested arrays or a typed array of numbers, got a ${kind}` +
        (kind === 'DataView' ? '' : ' (Float64Array.from(data, Number) converts it)'),
    );
  }
  if (isDetached(data.buffer)) {
    throw new ArgumentError(
      `tensor: data must be there, got a ${kind} that is detached (its buffer was transferred, or is linear memory that has grown since)`,
    );
  }
  return data as TypedArray;
}

/** Appends the leaves of one level of nesting. Every part must have as many elements as the first one. */
function flatten(level: readonly NestedArray[], shape: Shape, axis: number, out: number[]): void {
  if (level.length !== shape[axis]) {
    throw new ShapeError(
      `tensor: nested arrays are ragged: extents ${shape[axis]} and ${level.length} at axis ${axis}`,
    );
  }
  const leaves = axis === shape.length - 1;
  for (const part of level) {
    if (Array.isArray(part) === leaves) {
      throw new ShapeError(`tensor: nested arrays are ragged: numbers and arrays are mixed at axis ${axis}`);
    }
    if (leaves) out.push(part as number);
    else flatten(part as NestedArray[], shape, axis + 1, out);
  }
}

function fromFlat(flat: ArrayLike<number>, shape: Shape, dtype: DType): Tensor {
  const size = sizeOf(shape);
  if (flat.length !== size) {
    throw new ShapeError(`tensor: shape ${show(shape)} holds ${size} elements, got ${flat.length}`);
  }
  if (!ArrayBuffer.isView(flat)) {
    for (let i = 0; i < size; i++) {
      if (typeof flat[i] !== 'number') {
        throw new ArgumentError(
          `tensor: every element must be a number, got ${describe(flat[i])} at position ${i}`,
        );
      }
    }
  }
  if (dtype === 'i32' && viewName(flat) !== 'Int32Array') {
    for (let i = 0; i < size; i++) {
      if ((flat[i] | 0) !== flat[i]) {
        throw new ArgumentError(
          `tensor: an i32 must be an integer from -2^31 to 2^31 - 1, got ${flat[i]} at position ${i}`,
        );
      }
    }
  }
  // If the data is a view of our own memory, the allocation may grow the memory and detach the view: remember where it
  // lay.
  const lies =
    ArrayBuffer.isView(flat) && flat.buffer === existingRuntime()?.memory.buffer
      ? flat.byteOffset
      : undefined;
  const result = allocate(Object.isFrozen(shape) ? shape : Object.freeze([...shape]), dtype, 'tensor');
  const moved = lies !== undefined && flat.length !== size;
  result.data().set(moved ? revived(flat as TypedArray, lies, size) : flat);
  return result;
}

/** The view `stale`, made again over the memory as it is now. */
function revived(stale: TypedArray, byteOffset: number, length: number): TypedArray {
  const Kind = stale.constructor as new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => TypedArray;
  return new Kind(runtime().memory.buffer, byteOffset, length);
}

/** A tensor filled with `value`. */
export function full(shape: readonly number[], value: number, options: CreateOptions = {}): Tensor {
  return filled('full', shape, value, dtypeIn('full', options));
}

/** A tensor of zeros. */
export function zeros(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return filled('zeros', shape, 0, dtypeIn('zeros', options));
}

/** A tensor of ones. */
export function ones(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return filled('ones', shape, 1, dtypeIn('ones', options));
}

/** The dtype that the options ask for. */
function dtypeIn(name: string, options: CreateOptions): DType {
  checkOptions(name, options, CREATE_OPTIONS);
  return checkDType(name, options.dtype, 'f64');
}

/** A tensor filled with one value; `name` is the function that errors name. */
export function filled(name: string, shape: readonly number[], value: number, dtype: DType): Tensor {
  checkNumber(name, 'value', value);
  if (dtype === 'i32' && (value | 0) !== value)
    throw new ArgumentError(`${name}: an i32 must be an integer, got ${value}`);
  const result = allocate(checkShape(name, shape), dtype, name);
  result.data().fill(value);
  return result;
}

/** The n x m identity matrix: ones on the main diagonal, zeros elsewhere. m defaults to n. */
export function eye(n: number, m: number = n, options: CreateOptions = {}): Tensor {
  const dtype = dtypeIn('eye', options);
  const result = filled('eye', [n, m], 0, dtype);
  const data = result.data();
  for (let i = 0; i < Math.min(n, m); i++) data[i * m + i] = 1;
  return result;
}

/** start, start + step, … up to but not including stop; with one argument, 0, 1, … start - 1. */
export function arange(start: number, stop?: number, step = 1, options: CreateOptions = {}): Tensor {
  const dtype = dtypeIn('arange', options);
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (![from, to, step].every(Number.isFinite) || step === 0) {
    throw new ArgumentError(
      `arange: start, stop and step must be finite numbers and step not 0, got ${[from, to, step].map(describe).join(', ')}`,
    );
  }
  // Halves, where the distance overflows.
  const steps = Number.isFinite(to - from) ? (to - from) / step : (to / 2 - from / 2) / (step / 2);
  const length = Math.max(0, Math.ceil(steps));
  return generated('arange', length, dtype, (i) =>
    Number.isFinite(i * step) ? from + i * step : 2 * (from / 2 + i * (step / 2)),
  );
}

/** n evenly spaced numbers from a to b, both included. */
export function linspace(a: number, b: number, n: number, options: CreateOptions = {}): Tensor {
  const dtype = dtypeIn('linspace', options);
  checkFinite('linspace', 'a', a);
  checkFinite('linspace', 'b', b);
  checkShape('linspace', [n]);
  const last = n - 1;
  // By the same formula in halves or with the quotient first where the distance or the product overflows.
  const span = b - a;
  const at = !Number.isFinite(span)
    ? (i: number) => 2 * (a / 2 + (b / 2 - a / 2) * (i / last))
    : Number.isFinite(span * last)
      ? (i: number) => a + (i * span) / last
      : (i: number) => a + span * (i / last);
  return generated('linspace', n, dtype, (i) => (i === last ? b : at(i)));
}

function generated(name: string, length: number, dtype: DType, at: (i: number) => number): Tensor {
  const result = allocate(checkShape(name, [length]), dtype, name);
  const data = result.data();
  for (let i = 0; i < length; i++) data[i] = n(i);
  return result;

  function n(i: number): number {
    const value = at(i);
    if (dtype === 'i32' && (value | 0) !== value) {
      result.dispose();
      throw new ArgumentError(`${name}: an i32 must be an integer, got ${value} at position ${i}`);
    }
    return value;
  }
}
