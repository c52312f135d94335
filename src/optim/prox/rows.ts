// Functions of the rows of a tensor: the last axis is a row, the leading ones a batch. Computed in f64 for either
// dtype.

import { describe } from '../../core/describe.js';
import type { TypedArray } from '../../core/dtype.js';
import { ArgumentError } from '../../core/errors.js';
import { squared } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { maxAbs } from '../../linalg/blas/addresses.js';
import { checkFloat } from '../../linalg/stack.js';
import { div, mul, sub } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { equal, notEqual } from '../../ops/compare.js';
import { reshape } from '../../ops/layout.js';
import { norm } from '../../ops/norm.js';
import { apply, type Op } from '../../ops/op.js';
import { where } from '../../ops/select.js';
import { sum } from '../../ops/sum.js';

/** Writes the result for one row. */
type RowFunction = (row: TypedArray, out: TypedArray) => void;

/** The point at which a proximal map is differentiated. */
export interface RowPoint<P> {
  x: Tensor;
  /** The map's value at x. */
  y: Tensor;
  params: P;
}

/** The parts of a proximal map. */
export interface RowMap<P> {
  /** The function of rows of n numbers. */
  rows(params: P, n: number): RowFunction;
  /** The Jacobian times v, in operations: a block per row. */
  along(v: Tensor, point: RowPoint<P>): Tensor;
}

/**
 * A row of the table for a proximal map. The map is the gradient of a convex function, so its Jacobian is symmetric:
 * one rule serves both modes.
 */
export function proximalRow<P>(name: string, { rows, along }: RowMap<P>): Op<P> {
  return {
    name,
    shape: ([{ shape, dtype }]) => ({ shape, dtype }),
    prepare([out], [x], params) {
      const n = x.shape[x.ndim - 1];
      const work = rows(params, n);
      return () => {
        const [from, to] = [x.data(), out.data()];
        for (let at = 0; at < from.length; at += n) work(from.subarray(at, at + n), to.subarray(at, at + n));
      };
    },
    jvp: ([t], { inputs: [x], outputs: [y], params }) => t && (t.size === 0 ? t : along(t, { x, y, params })),
    vjp: ([ct], { inputs: [x], outputs: [y], params }) => [
      x.size === 0 ? ct : along(ct as Tensor, { x, y, params }),
    ],
  };
}

/** Calls such a row; a scalar is a row of one element. */
export function applyRows<P>(op: Op<P>, x: Tensor, params: P): Tensor {
  checkFloat(op.name, 'x', x);
  if (x.ndim > 0) return apply(op, [x], params);
  return scope(() => reshape(apply(op, [reshape(x, [1])], params), []));
}

const ROW = { axis: -1, keepDims: true } as const;

/** The sum of each row, [..., 1]. */
export const sumOfRow = (x: Tensor): Tensor => sum(x, ROW);

/** For each row whether all its entries equal those of another one (or a number), [..., 1]. */
export const isRow = (x: Tensor, other: Tensor | number): Tensor => equal(sumOfRow(notEqual(x, other)), 0);

/** A condition as numbers of the dtype of v. */
export const asFactor = (condition: Tensor, v: Tensor): Tensor => astype(condition, v.dtype);

/**
 * v less its component along each row of x, the component, and the norms of the rows; where `isPlain`, x counts as v of
 * norm 1.
 */
export function splitAlong(v: Tensor, x: Tensor, isPlain: Tensor) {
  const length = where(isPlain, 1, norm(x, ROW));
  const unit = div(x, length);
  const along = mul(unit, sumOfRow(mul(unit, v)));
  return { across: sub(v, along), along, length, unit };
}

/** Between these bounds sums of squares are exact: nothing relevant overflows or underflows. */
const [SMALL, LARGE] = [1e-280, 1e280];

/** The 2-norm of a row as scale · length, neither of which overflows: the scale is 1 or the largest entry. */
export function lengthOf(row: TypedArray): { scale: number; length: number } {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] * row[i];
  if (sum > SMALL && sum < LARGE) return { scale: 1, length: Math.sqrt(sum) };
  const scale = maxAbs(row);
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY))
    return { scale, length: scale === 0 ? 0 : Number.NaN };
  let squares = 0;
  for (let i = 0; i < row.length; i++) squares += squared(row[i] / scale);
  return { scale, length: Math.sqrt(squares) };
}

/** Checks a number in [0, 1]. */
export function checkMix(name: string, mix: unknown): asserts mix is number {
  if (typeof mix !== 'number' || !(mix >= 0 && mix <= 1))
    throw new ArgumentError(`${name}: mix must lie in [0, 1], got ${describe(mix)}`);
}
