// Random bits as functions of a key (i32 [2]): the same key gives the same bits on every machine, eagerly and compiled.
// Threefry of a counter under the key: counters from 0 up give bits, those with the highest bit set give keys.

import { checkDType, full } from '../core/create.js';
import { describe } from '../core/describe.js';
import type { DType } from '../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { threefry } from '../core/random/threefry.js';
import { checkShape, type Shape, show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { apply, checkTensor, type Op, type TensorSpec } from './op.js';
import { threefryWords } from './threefry-words.js';

/** Set in the high word of the counter for keys, so that they never coincide with bits; as in generators. */
const FOLD = 0x80000000;

function checkKey(name: string, { shape, dtype }: TensorSpec): void {
  if (dtype !== 'i32') throw new DTypeError(`${name}: key must be i32, got ${dtype}`);
  if (shape.length !== 1 || shape[0] !== 2)
    throw new ShapeError(`${name}: key must be [2], got ${show(shape)}`);
}

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
      threefryWords(k0, k1, out.data() as Int32Array);
    },
};

/** Parameters of `bernoulli`: `value` stands for 1. */
interface BernoulliParams {
  shape: Shape;
  p: number;
  dtype: DType;
  value: number;
}

/** Row of the table: key [2] -> `value` with probability p, else 0; a constant to derivatives. */
export const bernoulliOp: Op<BernoulliParams> = {
  name: 'bernoulli',
  shape([key], { shape, dtype }) {
    checkKey('bernoulli', key);
    return { shape, dtype };
  },
  prepare([out], [key], { p, value }) {
    const limit = Math.round(p * 2 ** 32) - 2 ** 31;
    const values = [0, value];
    return () => {
      const [k0, k1] = key.data();
      const to = out.data();
      // The bits lie in the memory of the result; from the end on, none is overwritten before it is read.
      const bits = new Int32Array(to.buffer, to.byteOffset, to.length);
      threefryWords(k0, k1, bits);
      // A table, because a branch on random bits is mispredicted half of the time.
      for (let i = to.length - 1; i >= 0; i--) to[i] = values[Number(bits[i] < limit)];
    };
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
 * @throws DTypeError, ShapeError for an invalid key.
 * @example
 * const bits = randomBits(random(1).integers([2], -(2 ** 31), 2 ** 31), [3, 4]);
 */
export function randomBits(key: Tensor, shape: readonly number[]): Tensor {
  checkTensor('randomBits', 'key', key);
  return apply(randomBitsOp, [key], { shape: checkShape('randomBits', shape) });
}

/**
 * A key derived from a key and an index: other keys or indices give other numbers, however often keys are folded.
 * @param key i32 [2].
 * @param index an integer of 32 bits, or an i32 scalar.
 * @returns i32 [2].
 * @throws ArgumentError for an invalid index; DTypeError, ShapeError for an invalid key.
 * @example
 * const [first, second] = [foldIn(key, 0), foldIn(key, 1)];
 */
export function foldIn(key: Tensor, index: number | Tensor): Tensor {
  checkTensor('foldIn', 'key', key);
  if (index instanceof Tensor) return apply(foldInOp, [key, index], undefined);
  if (typeof index !== 'number' || (index | 0) !== index)
    throw new ArgumentError(
      `foldIn: index must be an integer from -2^31 to 2^31 - 1 or an i32 scalar, got ${describe(index)}`,
    );
  const scalar = full([], index, { dtype: 'i32' });
  try {
    return apply(foldInOp, [key, scalar], undefined);
  } finally {
    scalar.dispose();
  }
}

/** Options of `bernoulli`. */
export interface BernoulliOptions {
  /** Default i32. */
  dtype?: DType;
  /** The value for a success; default 1. */
  value?: number;
}

const BERNOULLI_OPTIONS: OptionNames<BernoulliOptions> = { dtype: true, value: true };

/**
 * `value` with probability p, else 0, element by element, a function of the key alone.
 * @param key i32 [2]. @param p from 0 to 1, in steps of 2^-32.
 * @param options `dtype`, default i32; `value`, default 1.
 * @returns a tensor of this shape.
 * @throws ArgumentError for a p outside [0, 1]; DTypeError, ShapeError for an invalid key.
 * @example
 * const coins = bernoulli(key, 0.5, [100]);
 */
export function bernoulli(
  key: Tensor,
  p: number,
  shape: readonly number[],
  options: BernoulliOptions = {},
): Tensor {
  checkTensor('bernoulli', 'key', key);
  checkOptions('bernoulli', options, BERNOULLI_OPTIONS);
  const { dtype, value = 1 } = options;
  if (!(typeof p === 'number' && p >= 0 && p <= 1))
    throw new ArgumentError(`bernoulli: p must be from 0 to 1, got ${describe(p)}`);
  const type = checkDType('bernoulli', dtype, 'i32');
  if (typeof value !== 'number' || (type === 'i32' && (value | 0) !== value))
    throw new ArgumentError(`bernoulli: value must be a number of dtype ${type}, got ${describe(value)}`);
  return apply(bernoulliOp, [key], { shape: checkShape('bernoulli', shape), p, dtype: type, value });
}
