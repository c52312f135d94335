// Element types of safetensors files, and the dtypes that they become.
import type { DType } from '../../core/dtype.js';
import { halfToFloat } from '../../core/io/half.js';
import { integersFrom } from '../../core/io/npy-elements.js';

/** How elements of a type are read. */
interface Source {
  width: number;
  dtype: DType;
  /**
   * The bytes of the elements as numbers; absent for types that are read unchanged. Wide integers become f64 where they do
   * not fit into i32, and a DTypeError where they are not exact there either.
   */
  read?(bytes: Uint8Array<ArrayBuffer>, name: string): ArrayLike<number>;
}

/** bfloat16 is the upper half of binary32. */
function brain(bytes: Uint8Array<ArrayBuffer>): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(bytes.buffer), (bits) => bits << 16).buffer);
}

const wide = (list: ArrayLike<number> | ArrayLike<bigint>, name: string) =>
  integersFrom('loadSafetensors', list, name).data;

/** The types by their names. */
export const SOURCES: ReadonlyMap<string, Source> = new Map<string, Source>([
  ['F64', { width: 8, dtype: 'f64' }],
  ['F32', { width: 4, dtype: 'f32' }],
  [
    'F16',
    { width: 2, dtype: 'f32', read: ({ buffer }) => Float32Array.from(new Uint16Array(buffer), halfToFloat) },
  ],
  ['BF16', { width: 2, dtype: 'f32', read: brain }],
  ['I32', { width: 4, dtype: 'i32' }],
  ['I16', { width: 2, dtype: 'i32', read: ({ buffer }) => new Int16Array(buffer) }],
  ['U16', { width: 2, dtype: 'i32', read: ({ buffer }) => new Uint16Array(buffer) }],
  ['I8', { width: 1, dtype: 'i32', read: ({ buffer }) => new Int8Array(buffer) }],
  ['U8', { width: 1, dtype: 'i32', read: (bytes) => bytes }],
  ['BOOL', { width: 1, dtype: 'i32', read: (bytes) => bytes }],
  ['U32', { width: 4, dtype: 'i32', read: ({ buffer }, name) => wide(new Uint32Array(buffer), name) }],
  ['I64', { width: 8, dtype: 'i32', read: ({ buffer }, name) => wide(new BigInt64Array(buffer), name) }],
  ['U64', { width: 8, dtype: 'i32', read: ({ buffer }, name) => wide(new BigUint64Array(buffer), name) }],
]);
