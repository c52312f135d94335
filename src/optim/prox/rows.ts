// Functions of the rows of a tensor: the last axis is a row, the leading ones a batch. Work is in f64 whatever the dtype.

import { describe } from '../../core/describe.js';
import type { TypedArray } from '../../core/dtype.js';
import { ArgumentError } from '../../core/errors.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { maxAbs } from '../convex/matrix.js';

/** A new tensor whose rows `work` has written, each from that of x; a scalar is a row of one. */
export function byRows(name: string, x: Tensor, work: (row: TypedArray, out: TypedArray) => void): Tensor {
  checkFloat(name, 'x', x);
  const out = allocate(x.shape, x.dtype, name);
  const n = x.ndim === 0 ? 1 : x.shape[x.ndim - 1];
  const [from, to] = [x.data(), out.data()];
  for (let at = 0; at < x.size; at += n) work(from.subarray(at, at + n), to.subarray(at, at + n));
  return out;
}

/** Memory for the numbers of a row of x; none where x is not a tensor, which byRows says. */
export function scratch(x: Tensor): Float64Array {
  return new Float64Array(x?.ndim === 0 ? 1 : (x?.shape?.at(-1) ?? 0));
}

/** Sums of squares between these are exact: nothing that counts has overflowed or vanished. */
const [SMALL, LARGE] = [1e-280, 1e280];

/** The 2-norm of a row as scale · length, neither of which overflows: 1 or the largest entry, and the norm in units of it. */
export function lengthOf(row: TypedArray): { scale: number; length: number } {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] * row[i];
  if (sum > SMALL && sum < LARGE) return { scale: 1, length: Math.sqrt(sum) };
  const scale = maxAbs(row);
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY))
    return { scale, length: scale === 0 ? 0 : Number.NaN };
  let squares = 0;
  for (let i = 0; i < row.length; i++) squares += (row[i] / scale) ** 2;
  return { scale, length: Math.sqrt(squares) };
}

/** A number in [0, 1]. */
export function checkMix(name: string, mix: unknown): asserts mix is number {
  if (typeof mix !== 'number' || !(mix >= 0 && mix <= 1))
    throw new ArgumentError(`${name}: mix must lie in [0, 1], got ${describe(mix)}`);
}
