// Tensors as functions of an index, the plainest way to say what an operation on the layout means.
import * as assert from 'uvu/assert';
import { type DType, type Tensor, tensor } from '#src/index.js';
import { numbers } from './check.js';

export type Index = readonly number[];

/** Every index of a shape, row-major. */
export function indicesOf(shape: Index): number[][] {
  return shape.reduce<number[][]>(
    (list, extent) => list.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i])),
    [[]],
  );
}

/** The element of x at an index. */
export function at(x: Tensor, index: Index): number {
  return x.data()[index.reduce((sum, i, axis) => sum * x.shape[axis] + i, 0)];
}

/** A tensor of different numbers, exact in every dtype. */
export function sample(shape: Index, dtype: DType = 'f64', seed = 1): Tensor {
  const size = shape.reduce((p, n) => p * n, 1);
  return tensor(
    numbers(size, seed).map((v) => Math.round(v * 1000) || 7),
    { shape: [...shape], dtype },
  );
}

/** Fails unless `got` is of this shape and dtype and its elements are those of the function, bit by bit. */
export function isFunction(got: Tensor, shape: Index, dtype: DType, f: (index: Index) => number): void {
  assert.equal([...got.shape], [...shape]);
  assert.is(got.dtype, dtype);
  assert.equal(Array.from(got.data()), indicesOf(shape).map(f));
}
