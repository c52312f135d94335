// Element types: their sizes and typed arrays, in one table.
import { viewName } from './kind.js';

/** Element type of a tensor: IEEE double, IEEE single, or 32-bit signed integer (indices, labels). */
export type DType = 'f64' | 'f32' | 'i32';

/** The typed arrays that carry tensor data. */
export type TypedArray = Float64Array | Float32Array | Int32Array;

/** The typed array that belongs to a dtype. */
export interface TypedArrayOf {
  f64: Float64Array;
  f32: Float32Array;
  i32: Int32Array;
}

/** Bytes per element. */
export function bytesPerElement(dtype: DType): 4 | 8 {
  return dtype === 'f64' ? 8 : 4;
}

/** True for one of the three dtype names. */
export function isDType(value: unknown): value is DType {
  return value === 'f64' || value === 'f32' || value === 'i32';
}

/** The dtype whose elements a typed array of any realm holds, or undefined for any other value. */
export function dtypeOf(array: unknown): DType | undefined {
  const name = viewName(array);
  if (name === 'Float64Array') return 'f64';
  if (name === 'Float32Array') return 'f32';
  return name === 'Int32Array' ? 'i32' : undefined;
}

/** A typed array of `length` elements of `dtype`, over `buffer` where one is given. */
export function typedArray(
  dtype: DType,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): TypedArray {
  if (dtype === 'f64') return new Float64Array(buffer, byteOffset, length);
  if (dtype === 'f32') return new Float32Array(buffer, byteOffset, length);
  return new Int32Array(buffer, byteOffset, length);
}
