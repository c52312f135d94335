// What a call of the node is given, checked.
import { checkTensor } from '../../core/check.js';
import { DTypeError, ShapeError } from '../../core/errors.js';
import { type Shape, sameShape, show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import type { Float } from '../../linalg/stack.js';
import { reshape } from '../../ops/layout.js';
import { untraced } from '../../ops/untraced.js';
import { plainOf } from '../../solve/implicit-root.js';
import { checkEntries } from '../problems/batch.js';
import { NAME } from './functions.js';

/** Checks the values of theta and of the initial states. */
export function checkValues(
  leaves: readonly Tensor[],
  initialState: Tensor,
  batch: { shape: Shape; count: number },
  dtype: Float,
): void {
  for (const leaf of leaves) {
    if (leaf.dtype !== 'i32' && leaf.dtype !== dtype)
      throw new DTypeError(
        `${NAME}: theta must have the dtype of initialState, ${dtype}, got ${leaf.dtype} (convert with astype)`,
      );
    checkEntries({ name: NAME, shape: [], count: 1 }, 'theta', reshape(leaf, [1, ...leaf.shape]));
  }
  const states = reshape(initialState, [batch.count, initialState.shape[initialState.ndim - 1]]);
  checkEntries({ name: NAME, ...batch }, 'initialState', states);
}

/** The controls to begin with, of all problems; zeros by default. */
export function guessOf(controls0: Tensor | undefined, batch: Shape, own: Shape, dtype: Float): Float64Array {
  const size = sizeOf(own);
  const all = new Float64Array(sizeOf(batch) * size);
  if (controls0 === undefined) return all;
  checkTensor(NAME, 'controls0', controls0);
  const plain = untraced(NAME, 'controls0', plainOf(controls0));
  const isShared = sameShape(plain.shape, own);
  if (!isShared && !sameShape(plain.shape, [...batch, ...own]))
    throw new ShapeError(
      `${NAME}: controls0 must have shape [${[...batch, ...own].join(', ')}], got ${show(plain.shape)}`,
    );
  if (plain.dtype !== dtype)
    throw new DTypeError(`${NAME}: controls0 must be ${dtype}, as the states are, got ${plain.dtype}`);
  const count = isShared ? 1 : sizeOf(batch);
  checkEntries(
    { name: NAME, shape: isShared ? [] : batch, count },
    'controls0',
    reshape(plain, [count, ...own]),
  );
  const data = plain.data();
  for (let i = 0; i < all.length; i++) all[i] = data[isShared ? i % size : i];
  return all;
}
