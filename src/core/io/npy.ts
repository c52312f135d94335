// NumPy's .npy format (NEP 1): a header that is a Python literal, then the elements.

import { checkTensor } from '../check.js';
import { describe } from '../describe.js';
import { bytesPerElement, type DType, typedArray } from '../dtype.js';
import { ArgumentError, DTypeError } from '../errors.js';
import { checkShape, sizeOf, stridesOf } from '../shape.js';
import { allocate, type Tensor } from '../tensor.js';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const DESCRIPTIONS: Readonly<Record<DType, string>> = { f64: 'f8', f32: 'f4', i32: 'i4' };

/** The bytes of a .npy file (version 1.0, little-endian, C order). */
export function saveNpy(t: Tensor): Uint8Array {
  checkTensor('saveNpy', 't', t);
  const shape = t.shape.length === 1 ? `(${t.shape[0]},)` : `(${t.shape.join(', ')})`;
  const text = `{'descr': '<${DESCRIPTIONS[t.dtype]}', 'fortran_order': False, 'shape': ${shape}, }`;
  // The data must start at a multiple of 64; a newline ends the header.
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + header.length + t.size * bytesPerElement(t.dtype));
  bytes.set([...MAGIC, 1, 0, header.length & 255, header.length >> 8]);
  for (let i = 0; i < header.length; i++) bytes[10 + i] = header.charCodeAt(i);
  const data = t.data();
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}

/** The tensor in the bytes of a .npy file of f64, f32 or i32 elements, either byte order, C or Fortran order. */
export function loadNpy(bytes: Uint8Array): Tensor {
  if (!(bytes instanceof Uint8Array) || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new ArgumentError(
      'loadNpy: bytes must be a .npy file, got something that does not start with \\x93NUMPY',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  const length =
    start > bytes.length ? 0 : bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const header = latin1(bytes.subarray(start, Math.min(start + length, bytes.length)));
  const description = header.match(/'descr':\s*'([<>|=]?)(\w+)'/);
  const extents = header.match(/'shape':\s*\(([\d,\sL]*)\)/);
  if (!description || !extents)
    throw new ArgumentError(`loadNpy: the header cannot be read: ${describe(header.trim())}`);
  const dtype = (Object.keys(DESCRIPTIONS) as DType[]).find((d) => DESCRIPTIONS[d] === description[2]);
  if (!dtype) throw new DTypeError(`loadNpy: elements must be f8, f4 or i4, got ${description[2]}`);
  const shape = checkShape('loadNpy', (extents[1].match(/\d+/g) ?? []).map(Number));
  const size = sizeOf(shape);
  const wanted = start + length + size * bytesPerElement(dtype);
  if (bytes.length < wanted)
    throw new ArgumentError(`loadNpy: the file is truncated: ${bytes.length} bytes, ${wanted} wanted`);
  const elements = bytes.slice(start + length, wanted);
  if (description[1] === '>') swapBytes(elements, bytesPerElement(dtype));
  const flat = typedArray(dtype, elements.buffer, 0, size);
  const result = allocate(shape, dtype, 'loadNpy');
  const data = result.data();
  if (/'fortran_order':\s*True/.test(header)) {
    const steps = stridesOf([...shape].reverse()).reverse();
    const strides = stridesOf(shape);
    for (let i = 0; i < size; i++) {
      let from = 0;
      for (let axis = 0; axis < shape.length; axis++)
        from += (Math.floor(i / strides[axis]) % shape[axis]) * steps[axis];
      data[i] = flat[from];
    }
  } else data.set(flat);
  return result;
}

/** Bytes as text, one character each; in pieces, because a call takes a limited number of arguments. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}
