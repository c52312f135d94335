// Rewriting rules of arithmetic: signs and factors of two move into numbers, sums and differences. Results keep their
// bits, except for the sign of a NaN, where a doubling that is saved would have overflowed, and in (c x) (2 y) where c
// x is subnormal or 2 c x overflows.

import type { DType } from '../core/dtype.js';
import { isPowerOfTwo } from '../core/scalars.js';
import type { Op, Rewrite, RewriteOperand } from './op.js';

/** The rows that the rules refer to. */
export interface SignRows {
  readonly add: Op;
  readonly sub: Op;
  readonly mul: Op;
  readonly neg: Op;
}

/** c and x, for c x. */
interface Product {
  readonly factor: number;
  readonly operand: RewriteOperand;
}

function isCall({ op, isRecent }: RewriteOperand, row: Op): boolean {
  return (op as unknown) === row && isRecent;
}

/** x, for -x. */
function negated({ neg }: SignRows, x: RewriteOperand): RewriteOperand | undefined {
  return isCall(x, neg) ? x.inputs[0] : undefined;
}

function product({ mul }: Pick<SignRows, 'mul'>, x: RewriteOperand): Product | undefined {
  if (!isCall(x, mul)) return undefined;
  const [a, b] = x.inputs;
  if (a.number !== undefined && b.number === undefined) return { factor: a.number, operand: b };
  return b.number !== undefined && a.number === undefined ? { factor: b.number, operand: a } : undefined;
}

/** -c; integers wrap around, as their kernels do. */
function minus(c: number, dtype: DType): number {
  return dtype === 'i32' ? -c | 0 : -c;
}

/** c d if |d| is a power of two, at least 1, so that c (d x) equals (c d) x to the bit; undefined otherwise. */
function scaled(c: number, d: number, dtype: DType): number | undefined {
  if (dtype === 'i32' || Math.abs(d) < 1 || !isPowerOfTwo(d)) return undefined;
  const factor = c * d;
  return Number.isFinite(dtype === 'f32' ? Math.fround(factor) : factor) ? factor : undefined;
}

/** -(c x) as (-c) x. */
export function scaledNegation(rows: SignRows, [a]: readonly RewriteOperand[]): Rewrite | undefined {
  const inner = product(rows, a);
  return inner && { op: rows.mul, inputs: [minus(inner.factor, a.dtype), inner.operand] };
}

/** a + (-y) as a - y, (-x) + b as b - x. */
export function differenceOf(rows: SignRows, [a, b]: readonly RewriteOperand[]): Rewrite | undefined {
  const y = negated(rows, b);
  if (y !== undefined) return { op: rows.sub, inputs: [a, y] };
  const x = negated(rows, a);
  return x && { op: rows.sub, inputs: [b, x] };
}

/** a - (-y) as a + y. */
export function sumOf(rows: SignRows, [a, b]: readonly RewriteOperand[]): Rewrite | undefined {
  const y = negated(rows, b);
  return y && { op: rows.add, inputs: [a, y] };
}

/**
 * a b where a is a number or -x, or where both are numbers times something and one of the numbers is 2 or a sign. `times`
 * is the row of the product: mul, one in which 0 wins, or (`isOrdered`) one in which a = 0 wins.
 */
export function productOf(
  rows: SignRows,
  [a, b]: readonly RewriteOperand[],
  times: Op = rows.mul,
  isOrdered = false,
): Rewrite | undefined {
  return multiplied(rows, times, a, b) ?? (isOrdered ? undefined : multiplied(rows, times, b, a));
}

function multiplied(rows: SignRows, times: Op, a: RewriteOperand, b: RewriteOperand): Rewrite | undefined {
  const { mul } = rows;
  const { number, dtype } = a;
  const y = negated(rows, b);
  const inner = product(rows, b);
  if (number !== undefined) {
    if (times !== mul) return undefined;
    if (y !== undefined) return { op: mul, inputs: [minus(number, dtype), y] };
    const factor = inner && scaled(number, inner.factor, dtype);
    return inner && factor !== undefined ? { op: mul, inputs: [factor, inner.operand] } : undefined;
  }
  const x = negated(rows, a);
  if (x !== undefined) {
    if (y !== undefined) return { op: times, inputs: [x, y] };
    return (
      inner && { op: times, inputs: [x, { factor: minus(inner.factor, dtype), operand: inner.operand }] }
    );
  }
  const outer = product(rows, a);
  if (outer === undefined || inner === undefined) return undefined;
  // Only by two: a larger power could make a product overflow that was far from it.
  const both = Math.abs(inner.factor) <= 2 ? scaled(outer.factor, inner.factor, dtype) : undefined;
  return both === undefined
    ? undefined
    : { op: times, inputs: [{ factor: both, operand: outer.operand }, inner.operand] };
}

/** A derivative t times d where neither is a number that could make NaN of 0: the plain product. */
export function plainAlong(op: Op, [t, d]: readonly RewriteOperand[]): Rewrite | undefined {
  const isMoving = t.number !== undefined && t.number !== 0;
  const isPlain = d.number !== undefined && Number.isFinite(d.number);
  return isMoving || isPlain ? { op, inputs: [t, d] } : undefined;
}

/** A derivative t over d: the plain quotient unless 0 / 0 or 0 / NaN may come of it. */
export function plainOver(op: Op, [t, d]: readonly RewriteOperand[]): Rewrite | undefined {
  const isMoving = t.number !== undefined && t.number !== 0;
  const isPlain = d.number !== undefined && d.number !== 0 && !Number.isNaN(d.number);
  return isMoving || isPlain ? { op, inputs: [t, d] } : undefined;
}

/** For a product in which 0 wins: the plain one with a finite number that is not 0. */
export function withFinite(op: Op, inputs: readonly RewriteOperand[]): Rewrite | undefined {
  const isPlain = ({ number }: RewriteOperand) =>
    number !== undefined && number !== 0 && Number.isFinite(number);
  return inputs.some(isPlain) ? { op, inputs } : undefined;
}
