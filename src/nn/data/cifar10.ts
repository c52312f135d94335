// CIFAR-10, binary version: records of 1 + 3072 bytes, the label and the red, green and blue planes of 32 x 32.

import { type FileBytes, readBytes } from '../../core/bytes.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { wrapping } from './file-bytes.js';

const PIXELS = 3 * 32 * 32;
const RECORD = 1 + PIXELS;
const CLASSES = 10;

/** Images and their classes. */
export interface LabelledImages {
  /** [n, channels, height, width]. */
  images: Tensor;
  /** [n], i32, from 0. */
  labels: Tensor;
}

/** Options of `readCifar10`. */
export interface Cifar10Options {
  /** Element type of the images; default f32. */
  dtype?: 'f64' | 'f32';
}

const CIFAR10_OPTIONS: OptionNames<Cifar10Options> = { dtype: true };

/** Names of the classes, by label. */
export const cifar10Classes: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/**
 * The images [n, 3, 32, 32], with values from 0 to 1 (the bytes over 255), and labels [n] (i32) in files of CIFAR-10's
 * binary version, such as `data_batch_1.bin`; several files are joined.
 * Source: Krizhevsky, Learning multiple layers of features from tiny images (2009).
 * @param bytes the contents of a file, or a list of them.
 * @throws ArgumentError for a truncated, compressed or different file.
 * @example
 * const { images, labels } = nn.readCifar10(await readFile('cifar-10-batches-bin/data_batch_1.bin'));
 */
export function readCifar10(
  bytes: FileBytes | readonly FileBytes[],
  options: Cifar10Options = {},
): LabelledImages {
  const name = 'readCifar10';
  checkOptions(name, options, CIFAR10_OPTIONS);
  const { dtype = 'f32' } = options;
  if (dtype !== 'f32' && dtype !== 'f64')
    throw new ArgumentError(`${name}: dtype must be 'f32' or 'f64', got ${describe(dtype)}`);
  const files = (Array.isArray(bytes) ? bytes : [bytes]).map((file) => checked(name, file));
  const n = files.reduce((sum, file) => sum + file.length / RECORD, 0);
  const images = allocate(Object.freeze([n, 3, 32, 32]), dtype, name);
  let labels: Tensor;
  try {
    labels = allocate(Object.freeze([n]), 'i32', name);
  } catch (error) {
    images.dispose();
    throw error;
  }
  const [pixels, classes] = [images.data(), labels.data()];
  let image = 0;
  for (const file of files) {
    for (let from = 0; from < file.length; from += RECORD, image++) {
      classes[image] = file[from];
      scaled(file.subarray(from + 1, from + RECORD), pixels, image * PIXELS);
    }
  }
  return { images, labels };
}

/** to[at + i] := from[i] / 255. */
export function scaled(from: ArrayLike<number>, to: Float32Array | Float64Array | Int32Array, at = 0): void {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i] / 255;
}

/** Checks that the bytes of a file are records. */
function checked(name: string, input: unknown): Uint8Array {
  const file = readBytes(name, input);
  const wrong = (what: string) =>
    new ArgumentError(
      `${name}: bytes must be a file of CIFAR-10's binary version, records of ${RECORD} bytes; ${what}`,
    );
  // Wrappers begin with a byte that no label has.
  const packed = file[0] < CLASSES ? undefined : wrapping(file);
  if (packed !== undefined) throw wrong(`got ${packed}`);
  if (file[0] === 0x80 && file[1] <= 5)
    throw wrong('got a Python pickle (take the binary version, cifar-10-binary.tar.gz)');
  const rest = file.length % RECORD;
  const [first] = file;
  if (file.length === 0) throw wrong('got none');
  if (first >= CLASSES) throw wrong(`got one that starts with ${first}, which is no label from 0 to 9`);
  if (rest !== 0)
    throw wrong(
      `got ${file.length} bytes, ${(file.length - rest) / RECORD} records and ${rest} bytes (is the file truncated, or another data set?)`,
    );
  for (let at = 0; at < file.length; at += RECORD)
    if (file[at] >= CLASSES) throw wrong(`got label ${file[at]} in record ${at / RECORD}`);
  return file;
}
