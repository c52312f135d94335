// The element types of .npy files, and their elements as numbers of one of our dtypes.
import { type DType, type TypedArray, typedArray } from '../dtype.js';
import { DTypeError } from '../errors.js';
import { halfToFloat } from './half.js';

/** An element type of NumPy: bytes per element, and how its elements become numbers. */
interface Elements {
  width: number;
  /** The elements in a copy of the file's bytes, in the byte order of this machine. */
  read(bytes: Uint8Array<ArrayBuffer>, size: number): ArrayLike<number> | ArrayLike<bigint>;
  /** The dtype that holds every value; undefined for integers of which only some fit. */
  dtype?: DType;
}

const from = (dtype: DType): Elements['read'] => {
  return ({ buffer }, size) => typedArray(dtype, buffer, 0, size);
};

const ELEMENTS: Readonly<Record<string, Elements>> = {
  f8: { width: 8, read: /* @__PURE__ */ from('f64'), dtype: 'f64' },
  f4: { width: 4, read: /* @__PURE__ */ from('f32'), dtype: 'f32' },
  f2: {
    width: 2,
    read: ({ buffer }) => Float32Array.from(new Uint16Array(buffer), halfToFloat),
    dtype: 'f32',
  },
  i4: { width: 4, read: /* @__PURE__ */ from('i32'), dtype: 'i32' },
  i2: { width: 2, read: ({ buffer }) => new Int16Array(buffer), dtype: 'i32' },
  i1: { width: 1, read: ({ buffer }) => new Int8Array(buffer), dtype: 'i32' },
  u2: { width: 2, read: ({ buffer }) => new Uint16Array(buffer), dtype: 'i32' },
  u1: { width: 1, read: (bytes) => bytes, dtype: 'i32' },
  b1: { width: 1, read: (bytes) => bytes.map((byte) => Number(byte !== 0)), dtype: 'i32' },
  u4: { width: 4, read: ({ buffer }) => new Uint32Array(buffer) },
  i8: { width: 8, read: ({ buffer }) => new BigInt64Array(buffer) },
  u8: { width: 8, read: ({ buffer }) => new BigUint64Array(buffer) },
};

/** Other names of the types: NumPy writes the first kind, and reads all. */
const NAMES: Readonly<Record<string, string>> = {
  d: 'f8',
  f: 'f4',
  e: 'f2',
  b: 'i1',
  h: 'i2',
  i: 'i4',
  l: 'i8',
  q: 'i8',
  '?': 'b1',
  B: 'u1',
  H: 'u2',
  I: 'u4',
  L: 'u8',
  Q: 'u8',
  float64: 'f8',
  float32: 'f4',
  float16: 'f2',
  int8: 'i1',
  int16: 'i2',
  int32: 'i4',
  int64: 'i8',
  uint8: 'u1',
  uint16: 'u2',
  uint32: 'u4',
  uint64: 'u8',
  bool: 'b1',
  double: 'f8',
  single: 'f4',
  half: 'f2',
  float: 'f8',
  int: 'i8',
};

/** An element type and its byte order. */
export interface Description {
  elements: Elements;
  isBigEndian: boolean;
  text: string;
}

/** The type that `descr` names; throws a DTypeError for one that has no dtype here. */
export function describedType(name: string, descr: unknown): Description {
  const text = typeof descr === 'string' ? descr : 'a structured type';
  const [, order, code] = /^([<>|=]?)(.*)$/.exec(text) as RegExpExecArray;
  const key = Object.hasOwn(NAMES, code) ? NAMES[code] : code;
  if (typeof descr !== 'string' || !Object.hasOwn(ELEMENTS, key)) {
    throw new DTypeError(
      `${name}: elements must be of NumPy's f8, f4, f2, i1 to i8, u1 to u8 or b1, got ${text}`,
    );
  }
  return { elements: ELEMENTS[key], isBigEndian: order === '>', text };
}

/**
 * The elements in the file's own order, and the dtype of the result: the one that holds every value of the type; for u4, i8
 * and u8 i32 where all values fit, else f64 where all are exact, else a DTypeError.
 */
export function elementsFrom(
  name: string,
  { elements, isBigEndian, text }: Description,
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): { data: ArrayLike<number>; dtype: DType } {
  // A copy, so that the caller's bytes stay as they are.
  if (isBigEndian) reverseEach(bytes, elements.width);
  const read = elements.read(bytes, size);
  if (elements.dtype !== undefined) return { data: read as TypedArray, dtype: elements.dtype };
  return integersFrom(name, read, text);
}

/** Whole numbers of a type of which only some fit, as i32 or else as f64. */
export function integersFrom(
  name: string,
  read: ArrayLike<number> | ArrayLike<bigint>,
  what: string,
): { data: Int32Array | Float64Array; dtype: 'i32' | 'f64' } {
  const exact = new Float64Array(read.length);
  let fits = true;
  for (let i = 0; i < exact.length; i++) {
    const value = Number(read[i]);
    if (typeof read[i] === 'bigint' && BigInt(value) !== read[i]) {
      throw new DTypeError(
        `${name}: elements of ${what} must fit into i32 or be exact in f64, got ${read[i]} at position ${i}`,
      );
    }
    exact[i] = value;
    fits &&= (value | 0) === value;
  }
  return fits ? { data: Int32Array.from(exact), dtype: 'i32' } : { data: exact, dtype: 'f64' };
}

function reverseEach(bytes: Uint8Array, width: number): void {
  if (width > 1) for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}
