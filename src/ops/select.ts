// Elementwise choices: where chooses between two operands, clip bounds x.
import { full, zeros } from '../core/create.js';
import type { DType } from '../core/dtype.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { mul, plus } from './arithmetic.js';
import { greater, lessEqual, notEqual } from './compare.js';
import { elementwise } from './elementwise.js';
import { maximum } from './minmax.js';
import { apply, checkTensor, commonDType, type Op } from './op.js';
import { applyTo, type Operand } from './operands.js';
import { pointwiseKernel } from './pointwise.js';
import { spreadTo, unbroadcast } from './sum.js';

/**
 * Row of the table: the condition (i32) and two operands of one dtype. The operand not chosen has no influence, not
 * even as NaN.
 */
export const whereOp: Op = /* @__PURE__ */ elementwise({
  name: 'where',
  dtype([c, ...operands]) {
    if (c.dtype !== 'i32') throw new DTypeError(`where: the condition must be i32, got ${c.dtype}`);
    return commonDType('where', operands);
  },
  kernel: (output) => pointwiseKernel('where', output),
  jvp([, ta, tb], { inputs: [c], outputs: [y] }) {
    if (ta === undefined && tb === undefined) return undefined;
    return spreadTo(where(c, ta ?? 0, tb ?? 0), y.shape);
  },
  vjp: ([ct], { inputs: [c, a, b], wanted }) => [
    undefined,
    wanted[1] ? unbroadcast(where(c, ct as Tensor, 0), a.shape) : undefined,
    wanted[2] ? unbroadcast(where(c, 0, ct as Tensor), b.shape) : undefined,
  ],
});

/** Row of the table: x and its bounds. */
export const clipOp: Op = /* @__PURE__ */ elementwise({
  name: 'clip',
  dtype: (inputs) => commonDType('clip', inputs),
  kernel: (output) => pointwiseKernel('clip', output),
  jvp(tangents, { inputs: [x, lo, hi], outputs: [y] }) {
    const [tx, tl, th] = tangents;
    const inside = tx && where(within(x, lo, hi), tx, 0);
    const low = tl && where(below(x, lo, hi), tl, 0);
    const high = th && where(above(x, lo, hi), th, 0);
    const t = plus(plus(inside, low), high);
    return t && spreadTo(t, y.shape);
  },
  vjp: ([ct], { inputs: [x, lo, hi], wanted }) => [
    wanted[0] ? unbroadcast(where(within(x, lo, hi), ct as Tensor, 0), x.shape) : undefined,
    wanted[1] ? unbroadcast(where(below(x, lo, hi), ct as Tensor, 0), lo.shape) : undefined,
    wanted[2] ? unbroadcast(where(above(x, lo, hi), ct as Tensor, 0), hi.shape) : undefined,
  ],
});

/** Where the result is x; both bounds count as x. */
function within(x: Tensor, lo: Tensor, hi: Tensor): Tensor {
  return mul(lessEqual(lo, x), lessEqual(x, hi));
}

/** Where it is the lower bound. */
function below(x: Tensor, lo: Tensor, hi: Tensor): Tensor {
  return mul(greater(lo, x), lessEqual(lo, hi));
}

/** Where it is the upper bound. */
function above(x: Tensor, lo: Tensor, hi: Tensor): Tensor {
  return greater(maximum(x, lo), hi);
}

/**
 * a where the condition holds and b elsewhere, element by element; all three broadcast. The derivative goes to the
 * chosen operand and is zero, never NaN, for the other one, even if that comes from elementwise functions whose own
 * derivatives are infinite or NaN there.
 * @param condition a tensor, of which any element but 0 holds (NaN too), a number or a boolean; a constant to
 * derivatives.
 * @param a a tensor of f64, f32 or i32, or a number, which takes the dtype of b (f64 beside a number).
 * @param b the same.
 * @throws DTypeError for a and b of two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * where(greater(tensor([1, 5]), 2), tensor([10, 20]), 0); // [0, 20]
 */
export function where(condition: Operand | boolean, a: Operand, b: Operand): Tensor {
  const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : 'f64';
  const made: Tensor[] = [];
  const own = (x: Tensor): Tensor => {
    made.push(x);
    return x;
  };
  const operand = (name: string, x: Operand): Tensor => {
    if (typeof x !== 'number') return checkTensor('where', name, x);
    if (dtype === 'i32' && (x | 0) !== x)
      throw new ArgumentError(`where: ${name} must be an integer beside an i32 tensor, got ${x}`);
    return own(full([], x, { dtype }));
  };
  try {
    let c: Tensor;
    if (typeof condition === 'boolean' || typeof condition === 'number')
      c = own(full([], condition ? 1 : 0, { dtype: 'i32' }));
    else c = checkTensor('where', 'condition', condition);
    if (c.dtype !== 'i32') {
      const zero = own(zeros([], { dtype: c.dtype }));
      c = own(notEqual(c, zero));
    }
    return apply(whereOp, [c, operand('a', a), operand('b', b)], undefined);
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/** Bounds without effect. */
const NONE: Record<DType, [number, number]> = {
  f64: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  f32: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  i32: [-(2 ** 31), 2 ** 31 - 1],
};

/**
 * min(max(x, lo), hi), element by element; shapes broadcast, NaN stays. The derivative goes to x where lo ≤ x ≤ hi,
 * bounds included; elsewhere it goes to the bound.
 * @param x a tensor of f64, f32 or i32, or a number.
 * @param lo the lower bound, a tensor or a number; undefined for none.
 * @param hi the upper bound, which wins where it lies below the lower one; undefined for none.
 * @throws DTypeError for several dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * clip(tensor([-1, 0.5, 7]), 0, 1); // [0, 0.5, 1]
 */
export function clip(x: Operand, lo?: Operand, hi?: Operand): Tensor {
  const typed = [x, lo, hi].find((operand) => operand instanceof Tensor) as Tensor | undefined;
  const [low, high] = NONE[typed?.dtype ?? 'f64'];
  return applyTo(clipOp, [x, lo ?? low, hi ?? high], ['x', 'lo', 'hi']);
}
