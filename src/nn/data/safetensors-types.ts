// Element types of safetensors files, and the dtypes that they become.
import type { DType } from '../../core/dtype.js';
import { DTypeError } from '../../core/errors.js';

/** How elements of a type are read. */
interface Source {
  width: number;
  dtype: DType;
  /** Converts the bytes of the elements to numbers; absent for types that are read unchanged. */
  read?(bytes: Uint8Array<ArrayBuffer>, name: string): ArrayLike<number>;
}

/** The value of 16 bits in IEEE 754's binary16. */
function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size =
    exponent === 31
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

/** bfloat16 is the upper half of binary32. */
function brain(bytes: Uint8Array<ArrayBuffer>): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(bytes.buffer), (bits) => bits << 16).buffer);
}

/** Integers that fit into an i32. */
function fitting(list: ArrayLike<number | bigint>, name: string): Int32Array {
  return Int32Array.from(list as ArrayLike<number>, (element) => {
    const value = Number(element);
    if ((value | 0) !== value)
      throw new DTypeError(`loadSafetensors: ${name} has ${element}, which is no number of i32`);
    return value;
  });
}

/** The types by their names. */
export const SOURCES: ReadonlyMap<string, Source> = new Map<string, Source>([
  ['F64', { width: 8, dtype: 'f64' }],
  ['F32', { width: 4, dtype: 'f32' }],
  ['F16', { width: 2, dtype: 'f32', read: ({ buffer }) => Float32Array.from(new Uint16Array(buffer), half) }],
  ['BF16', { width: 2, dtype: 'f32', read: brain }],
  ['I32', { width: 4, dtype: 'i32' }],
  ['I16', { width: 2, dtype: 'i32', read: ({ buffer }) => new Int16Array(buffer) }],
  ['U16', { width: 2, dtype: 'i32', read: ({ buffer }) => new Uint16Array(buffer) }],
  ['I8', { width: 1, dtype: 'i32', read: ({ buffer }) => new Int8Array(buffer) }],
  ['U8', { width: 1, dtype: 'i32', read: (bytes) => bytes }],
  ['BOOL', { width: 1, dtype: 'i32', read: (bytes) => bytes }],
  ['U32', { width: 4, dtype: 'i32', read: ({ buffer }, name) => fitting(new Uint32Array(buffer), name) }],
  ['I64', { width: 8, dtype: 'i32', read: ({ buffer }, name) => fitting(new BigInt64Array(buffer), name) }],
  ['U64', { width: 8, dtype: 'i32', read: ({ buffer }, name) => fitting(new BigUint64Array(buffer), name) }],
]);
