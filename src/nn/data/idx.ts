// IDX, the format of MNIST: two zero bytes, the type, the number of axes, the extents and the elements, all big-endian.

import { type FileBytes, readBytes } from '../../core/bytes.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { checkShape, show, sizeOf } from '../../core/shape.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { wrapping } from './file-bytes.js';

/** Element types of IDX files. */
export type IdxType = 'u8' | 'i8' | 'i16' | 'i32' | 'f32' | 'f64';

/** The contents of an IDX file. */
export interface IdxFile {
  /** Extents, outermost first: [n, rows, columns] for images, [n] for labels. */
  shape: number[];
  type: IdxType;
  /** The elements, row-major, as they are in the file. */
  data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
  /**
   * The elements as a tensor. `dtype`: default f64 or f32 for elements of that type, else i32; `scale`: a factor for
   * the elements, default 1.
   */
  toTensor(options?: { dtype?: 'f64' | 'f32' | 'i32'; scale?: number }): Tensor;
}

interface Elements {
  type: IdxType;
  width: number;
  make(length: number): IdxFile['data'];
  read(view: DataView, at: number): number;
}

/** The types by their codes. */
const TYPES = new Map<number, Elements>([
  [0x08, { type: 'u8', width: 1, make: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) }],
  [0x09, { type: 'i8', width: 1, make: (n) => new Int8Array(n), read: (view, at) => view.getInt8(at) }],
  [0x0b, { type: 'i16', width: 2, make: (n) => new Int16Array(n), read: (view, at) => view.getInt16(at) }],
  [0x0c, { type: 'i32', width: 4, make: (n) => new Int32Array(n), read: (view, at) => view.getInt32(at) }],
  [
    0x0d,
    { type: 'f32', width: 4, make: (n) => new Float32Array(n), read: (view, at) => view.getFloat32(at) },
  ],
  [
    0x0e,
    { type: 'f64', width: 8, make: (n) => new Float64Array(n), read: (view, at) => view.getFloat64(at) },
  ],
]);

/**
 * Reads an IDX file, such as MNIST's train-images-idx3-ubyte and train-labels-idx1-ubyte.
 * Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits.
 * @throws ArgumentError for a truncated, compressed or different file.
 * @example
 * const images = nn.readIdx(await readFile('train-images-idx3-ubyte')); // shape [60000, 28, 28], type 'u8'
 * const x = images.toTensor({ dtype: 'f32', scale: 1 / 255 });
 */
export function readIdx(bytes: FileBytes): IdxFile {
  const name = 'readIdx';
  const file = readBytes(name, bytes);
  const wrong = (what: string) => new ArgumentError(`${name}: bytes must be an IDX file; ${what}`);
  const packed = wrapping(file);
  if (packed !== undefined) throw wrong(`got ${packed}`);
  const start = [...file.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const elements = TYPES.get(file[2]);
  if (file.length < 4 || file[0] !== 0 || file[1] !== 0 || elements === undefined)
    throw wrong(
      `it starts with 00 00, a type (08, 09, 0b to 0e) and the number of axes, got ${start || 'none'}`,
    );
  const { type, width, make, read } = elements;
  const axes = file[3];
  const from = 4 + 4 * axes;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < from)
    throw wrong(`the file is truncated: ${file.length} bytes, ${from} wanted for ${axes} extents`);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const wanted = from + sizeOf(shape) * width;
  if (file.length !== wanted) {
    const what = file.length < wanted ? 'the file is truncated' : 'there is more than the extents say';
    throw wrong(`${what}: ${file.length} bytes, ${wanted} wanted for ${type} ${show(shape)}`);
  }
  const data = make(sizeOf(shape));
  if (width === 1) data.set(file.subarray(from));
  else for (let i = 0; i < data.length; i++) data[i] = read(view, from + i * width);
  const own = type === 'f64' || type === 'f32' ? type : 'i32';
  return {
    shape,
    type,
    data,
    toTensor(options = {}) {
      checkOptions('toTensor', options, { dtype: true, scale: true });
      const { dtype = own, scale = 1 } = options;
      if (dtype !== 'f64' && dtype !== 'f32' && dtype !== 'i32')
        throw new DTypeError(`${name}: dtype must be 'f64', 'f32' or 'i32', got ${describe(dtype)}`);
      if (dtype === 'i32' && (scale !== 1 || own !== 'i32'))
        throw new DTypeError(
          `${name}: dtype i32 is for integers with a scale of 1, got ${type} and ${describe(scale)}`,
        );
      if (typeof scale !== 'number')
        throw new ArgumentError(`${name}: scale must be a number, got ${describe(scale)}`);
      const result = allocate(checkShape(name, shape), dtype, name);
      const to = result.data();
      for (let i = 0; i < to.length; i++) to[i] = data[i] * scale;
      return result;
    },
  };
}
