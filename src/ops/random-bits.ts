// Random bits as functions of a key (i32 [2]): the same key gives the same bits on every machine, eagerly and in compiled programs.
// Threefry of a counter under the key: counters from 0 up are bits, those with the highest bit set are keys of their own.
import { full } from '../core/create.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { threefry } from '../core/random/threefry.js';
import { checkShape, type Shape, show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { less, lessEqual } from './compare.js';
import { apply, checkTensor, type Op, type TensorSpec } from './op.js';

/** Set in the counter's high word for keys, so that they never meet bits; as generators do. */
const FOLD = 0x80000000;

function checkKey(name: string, { shape, dtype }: TensorSpec): void {
  if (dtype !== 'i32') throw new DTypeError(`${name}: key must be i32, got ${dtype}`);
  if (shape.length !== 1 || shape[0] !== 2)
    throw new ShapeError(`${name}: key must be [2], got ${show(shape)}`);
}

/** The ciphers of the counters 0, 1, … (`threefry`, with its rounds in one loop, which is three times as fast). */
function fill(k0: number, k1: number, out: Int32Array): void {
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  for (let i = 0; i < out.length; i += 2) {
    let x = k0;
    let y = ((i >>> 1) + k1) | 0;
    for (let group = 1; group <= 5; group++) {
      const even = (group & 1) === 0;
      x = (x + y) | 0;
      y = rotated(y, even ? 17 : 13) ^ x;
      x = (x + y) | 0;
      y = rotated(y, even ? 29 : 15) ^ x;
      x = (x + y) | 0;
      y = rotated(y, even ? 16 : 26) ^ x;
      x = (x + y) | 0;
      y = rotated(y, even ? 24 : 6) ^ x;
      x = (x + keys[group % 3]) | 0;
      y = (y + keys[(group + 1) % 3] + group) | 0;
    }
    out[i] = x;
    if (i + 1 < out.length) out[i + 1] = y;
  }
}

const rotated = (y: number, bits: number): number => (y << bits) | (y >>> (32 - bits));

/** Row of the table: key [2] -> i32 of any shape; a constant to derivatives. */
export const randomBitsOp: Op<{ shape: Shape }> = {
  name: 'randomBits',
  shape([key], { shape }) {
    checkKey('randomBits', key);
    return { shape, dtype: 'i32' };
  },
  prepare:
    ([out], [key]) =>
    () => {
      const [k0, k1] = key.data();
      fill(k0, k1, out.data() as Int32Array);
    },
};

/** Row of the table: key [2] and an index (i32 scalar) -> key [2]; a constant to derivatives. */
export const foldInOp: Op = {
  name: 'foldIn',
  shape([key, index]) {
    checkKey('foldIn', key);
    if (index.dtype !== 'i32') throw new DTypeError(`foldIn: index must be i32, got ${index.dtype}`);
    if (index.shape.length !== 0)
      throw new ShapeError(`foldIn: index must be a scalar, got shape ${show(index.shape)}`);
    return { shape: [2], dtype: 'i32' };
  },
  prepare([out], [key, index]) {
    const block = new Uint32Array(2);
    return () => {
      const [k0, k1] = key.data();
      threefry(k0, k1, FOLD, index.data()[0], block);
      out.data().set(block);
    };
  },
};

/**
 * 32 random bits per element, a function of the key alone: the same on every machine, eagerly and in compiled programs.
 * @param key i32 [2].
 * @returns i32 of this shape.
 * @throws DTypeError, ShapeError for a key that is none.
 * @example
 * const bits = randomBits(random(1).integers([2], -(2 ** 31), 2 ** 31), [3, 4]);
 */
export function randomBits(key: Tensor, shape: readonly number[]): Tensor {
  checkTensor('randomBits', 'key', key);
  return apply(randomBitsOp, [key], { shape: checkShape('randomBits', shape) });
}

/**
 * A key made of a key and an index: other indices or other keys, other numbers, however often keys are folded.
 * @param key i32 [2].
 * @param index an integer of 32 bits, or an i32 scalar.
 * @returns i32 [2].
 * @throws ArgumentError for an index that is no such integer; DTypeError, ShapeError for a key that is none.
 * @example
 * const [first, second] = [foldIn(key, 0), foldIn(key, 1)];
 */
export function foldIn(key: Tensor, index: number | Tensor): Tensor {
  checkTensor('foldIn', 'key', key);
  if (index instanceof Tensor) return apply(foldInOp, [key, index], undefined);
  if (typeof index !== 'number' || (index | 0) !== index)
    throw new ArgumentError(
      `foldIn: index must be an integer from -2^31 to 2^31 - 1 or an i32 scalar, got ${String(index)}`,
    );
  const scalar = full([], index, { dtype: 'i32' });
  try {
    return apply(foldInOp, [key, scalar], undefined);
  } finally {
    scalar.dispose();
  }
}

/**
 * 1 with probability p and 0 else, element by element, a function of the key alone.
 * @param key i32 [2]. @param p from 0 to 1, in steps of 2^-32.
 * @returns i32 of this shape.
 * @throws ArgumentError for a p that is no probability; DTypeError, ShapeError for a key that is none.
 * @example
 * const coins = bernoulli(key, 0.5, [100]);
 */
export function bernoulli(key: Tensor, p: number, shape: readonly number[]): Tensor {
  if (!(typeof p === 'number' && p >= 0 && p <= 1))
    throw new ArgumentError(`bernoulli: p must be from 0 to 1, got ${String(p)}`);
  const bits = randomBits(key, shape);
  try {
    // Signed bits run from -2^31 to 2^31 - 1.
    const limit = Math.round(p * 2 ** 32) - 2 ** 31;
    return limit < 2 ** 31 ? less(bits, limit) : lessEqual(bits, limit - 1);
  } finally {
    bits.dispose();
  }
}
