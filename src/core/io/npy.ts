// NumPy's .npy format (NEP 1): a header that is a Python literal, then the elements.

import { type FileBytes, readBytes } from '../bytes.js';
import { checkTensor } from '../check.js';
import { describe } from '../describe.js';
import { bytesPerElement, type DType, type TypedArray } from '../dtype.js';
import { ArgumentError } from '../errors.js';
import { checkShape, type Shape, sizeOf, stridesOf } from '../shape.js';
import { allocate, type Tensor } from '../tensor.js';
import { describedType, elementsFrom } from './npy-elements.js';
import { Dict, type Literal, parseLiteral, Tuple } from './python-literal.js';

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

/** The keys of a header, all of them and no others. */
const KEYS = ['descr', 'fortran_order', 'shape'];

/**
 * The tensor in the bytes of a .npy file (`readFileSync` gives them), which stay as they are. f8, f4 and i4 keep their
 * type; f2 becomes f32; b1, i1, i2, u1 and u2 become i32; u4, i8 and u8 become i32 where all values fit, else f64. Either
 * byte order, C or Fortran order.
 * @param bytes a typed array (Node's Buffer is one), DataView, ArrayBuffer or SharedArrayBuffer of any realm.
 * @throws ArgumentError for what NumPy refuses too: a version other than 1.0, 2.0 and 3.0, a header that is not a literal
 * dict with just the keys descr, fortran_order and shape, a file that is truncated; DTypeError for elements of other types,
 * or integers that are not exact in f64.
 * Source: NumPy Enhancement Proposal 1, and numpy/lib/format.py.
 */
export function loadNpy(bytes: FileBytes): Tensor {
  const name = 'loadNpy';
  const file = readBytes(name, bytes);
  if (MAGIC.some((byte, i) => file[i] !== byte)) {
    throw new ArgumentError(
      `${name}: bytes must be a .npy file, got something that does not start with \\x93NUMPY`,
    );
  }
  const { text, start } = headerIn(name, file);
  const { shape, description, isFortran } = meaning(name, text);
  const size = sizeOf(shape);
  const wanted = start + size * description.elements.width;
  if (file.length < wanted) throw truncated(name, file.length, wanted);
  const { data, dtype } = elementsFrom(name, description, copyOf(file, start, wanted), size);
  const result = allocate(shape, dtype, name);
  if (isFortran) transposed(shape, data, result.data());
  else result.data().set(data);
  return result;
}

const truncated = (name: string, got: number, wanted: number) =>
  new ArgumentError(`${name}: the file is truncated: ${got} bytes, ${wanted} wanted`);

/** The text of the header, and where the elements start. */
function headerIn(name: string, file: Uint8Array): { text: string; start: number } {
  const [major, minor] = [file[6] ?? 0, file[7] ?? 0];
  const before = major === 1 ? 10 : 12;
  if (file.length < before) throw truncated(name, file.length, before);
  if (![1, 2, 3].includes(major) || minor !== 0)
    throw new ArgumentError(`${name}: the version must be 1.0, 2.0 or 3.0, got ${major}.${minor}`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = before + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > file.length) throw truncated(name, file.length, start);
  const header = copyOf(file, before, start);
  return { text: major === 3 ? new TextDecoder().decode(header) : latin1(header), start };
}

/** What a header says. */
function meaning(name: string, text: string) {
  const wrong = (what: string) =>
    new ArgumentError(`${name}: the header cannot be read: ${what}, got ${describe(text.trim())}`);
  let header: Literal;
  try {
    header = parseLiteral(text);
  } catch (error) {
    throw wrong(`it must be a Python dict, and ${(error as Error).message}`);
  }
  if (!(header instanceof Dict)) throw wrong('it must be a Python dict');
  const { entries } = header;
  const keys = [...entries.keys()];
  if (keys.length !== KEYS.length || !KEYS.every((key) => keys.includes(key)))
    throw wrong(`its keys must be ${KEYS.join(', ')}`);
  const [shape, order] = [entries.get('shape') as Literal, entries.get('fortran_order')];
  if (!(shape instanceof Tuple) || !shape.parts.every((extent) => typeof extent === 'number'))
    throw wrong('shape must be a tuple of integers');
  if (typeof order !== 'boolean') throw wrong('fortran_order must be True or False');
  return {
    description: describedType(name, entries.get('descr')),
    shape: checkShape(name, [...shape.parts]),
    isFortran: order,
  };
}

/** to, in C order, := from, in Fortran order. */
function transposed(shape: Shape, from: ArrayLike<number>, to: TypedArray): void {
  const steps = stridesOf([...shape].reverse()).reverse();
  const strides = stridesOf(shape);
  for (let i = 0; i < to.length; i++) {
    let at = 0;
    for (let axis = 0; axis < shape.length; axis++)
      at += (Math.floor(i / strides[axis]) % shape[axis]) * steps[axis];
    to[i] = from[at];
  }
}

/** A copy that the caller cannot see, at an address that every type can be read from. */
const copyOf = (file: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(file.subarray(from, to));

/** Bytes as text, one character each; in pieces, because a call takes a limited number of arguments. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}
