// Tensors as JSON: shape, dtype and a flat list of numbers; those that JSON lacks (NaN, ±Infinity, -0) are strings.

import { checkTensor } from '../check.js';
import { describe } from '../describe.js';
import { type DType, isDType } from '../dtype.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { checkShape, show, sizeOf } from '../shape.js';
import { allocate, type Tensor } from '../tensor.js';

/** A tensor in JSON. */
export interface TensorJson {
  dtype: DType;
  shape: number[];
  /** Row-major elements; 'NaN', 'Infinity', '-Infinity' and '-0' for those. */
  data: (number | string)[];
}

const NAMES: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/** Converts a tensor to a value for JSON.stringify; numbers survive exactly. */
export function toJson(t: Tensor): TensorJson {
  checkTensor('toJson', 't', t);
  const data = Array.from(t.data(), (x) => (Object.is(x, -0) ? '-0' : Number.isFinite(x) ? x : String(x)));
  return { dtype: t.dtype, shape: [...t.shape], data };
}

/** Restores the tensor that `toJson` wrote from the result of JSON.parse. */
export function fromJson(json: TensorJson): Tensor {
  if (typeof json !== 'object' || json === null || !isDType(json.dtype) || !Array.isArray(json.data)) {
    throw new ArgumentError("fromJson: { dtype, shape, data } is wanted, with dtype 'f64', 'f32' or 'i32'");
  }
  const shape = checkShape('fromJson', json.shape);
  if (json.data.length !== sizeOf(shape)) {
    throw new ShapeError(
      `fromJson: shape ${show(shape)} holds ${sizeOf(shape)} elements, got ${json.data.length}`,
    );
  }
  const numbers = json.data.map((x, i) => {
    const value = typeof x === 'string' ? NAMES.get(x) : x;
    if (typeof value !== 'number')
      throw new ArgumentError(`fromJson: a number is wanted at position ${i}, got ${describe(x)}`);
    return value;
  });
  const { dtype } = json;
  numbers.forEach((x, i) => {
    if (dtype === 'i32' && (x | 0) !== x)
      throw new ArgumentError(`fromJson: an i32 must be an integer, got ${x} at position ${i}`);
  });
  const result = allocate(shape, json.dtype, 'fromJson');
  result.data().set(numbers);
  return result;
}
