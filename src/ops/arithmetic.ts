// Elementwise arithmetic with broadcasting: add, sub, mul, div, neg; and the products of which derivative rules are made.
import type { DType } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { type ArrayExports, array } from '../generated/array.js';
import { type ElementwiseKernel, elementwise } from './elementwise.js';
import {
  apply,
  checkTensor,
  commonDType,
  commonFloat,
  type Derivative,
  type Linearization,
  type Op,
} from './op.js';
import { applyTo, type Operand } from './operands.js';
import { overlapOf } from './overlap.js';
import {
  differenceOf,
  plainAlong,
  plainOver,
  productOf,
  scaledNegation,
  sumOf,
  withFinite,
} from './signs.js';
import { spreadTo, unbroadcast } from './sum.js';
import { productOfNorms, Tracer } from './tracer.js';

/** The kernel of this name in the module `array`. */
export function arrayKernel(name: string): (output: DType, inputs: readonly DType[]) => ElementwiseKernel {
  return (_, [dtype]) => array.exports[`${name}_${dtype}` as keyof ArrayExports] as ElementwiseKernel;
}

const NAMES = ['a', 'b'];

/** Rows of the table. */
export const addOp: Op = /* @__PURE__ */ elementwise({
  name: 'add',
  dtype: (inputs) => commonDType('add', inputs),
  kernel: /* @__PURE__ */ arrayKernel('add'),
  chain: [1, 1],
  rewrite: (inputs) => differenceOf(ROWS, inputs) ?? overlapOf(inputs),
  jvp: ([ta, tb], { outputs: [y] }) => {
    const t = plus(ta, tb);
    return t && spreadTo(t, y.shape);
  },
  vjp: ([ct], { inputs: [a, b], wanted }) => [
    wanted[0] ? unbroadcast(ct as Tensor, a.shape) : undefined,
    wanted[1] ? unbroadcast(ct as Tensor, b.shape) : undefined,
  ],
});

export const subOp: Op = /* @__PURE__ */ elementwise({
  name: 'sub',
  dtype: (inputs) => commonDType('sub', inputs),
  kernel: /* @__PURE__ */ arrayKernel('sub'),
  chain: [2, 3],
  rewrite: (inputs) => sumOf(ROWS, inputs),
  jvp: ([ta, tb], { outputs: [y] }) => {
    const t = ta && tb ? sub(ta, tb) : (ta ?? (tb && neg(tb)));
    return t && spreadTo(t, y.shape);
  },
  vjp: ([ct], { inputs: [a, b], wanted }) => [
    wanted[0] ? unbroadcast(ct as Tensor, a.shape) : undefined,
    wanted[1] ? neg(unbroadcast(ct as Tensor, b.shape)) : undefined,
  ],
});

/** The derivatives of a product. */
const PRODUCT = /* @__PURE__ */ byPartials([({ inputs: [, b] }) => b, ({ inputs: [a] }) => a]);

export const mulOp: Op = /* @__PURE__ */ elementwise({
  name: 'mul',
  dtype: (inputs) => commonDType('mul', inputs),
  kernel: /* @__PURE__ */ arrayKernel('mul'),
  chain: [4, 4],
  unit: [1, 1],
  rewrite: (inputs) => productOf(ROWS, inputs),
  jvp: (tangents, point) => PRODUCT.jvp(tangents, point),
  vjp: (cotangents, point) => PRODUCT.vjp(cotangents, point),
});

export const divOp: Op = /* @__PURE__ */ elementwise({
  name: 'div',
  dtype: (inputs) => commonFloat('div', inputs),
  kernel: /* @__PURE__ */ arrayKernel('div'),
  chain: [5, 6],
  unit: [undefined, 1],
  jvp: quotientTangent,
  vjp: quotientCotangents,
});

export const negOp: Op = /* @__PURE__ */ elementwise({
  name: 'neg',
  dtype: ([x]) => x.dtype,
  kernel: /* @__PURE__ */ arrayKernel('neg'),
  chain: [7],
  rewrite: (inputs) => scaledNegation(ROWS, inputs),
  linear: true,
  vjp: ([ct]) => [neg(ct as Tensor)],
});

/**
 * Row of the table: a tangent or cotangent t times a local derivative, and 0 where t is 0 and the local
 * derivative infinite or NaN: what does not move moves nothing, and what is not chosen gets nothing.
 */
export const mulAlongOp: Op = /* @__PURE__ */ elementwise({
  name: 'mulAlong',
  dtype: (inputs) => commonFloat('mulAlong', inputs),
  kernel: /* @__PURE__ */ arrayKernel('mulAlong'),
  chain: [36, 68],
  unit: [1, 1],
  rewrite: (inputs) => plainAlong(mulOp, inputs) ?? productOf(ROWS, inputs, mulAlongOp, true),
  jvp: ([tt, td], { inputs: [t, d], outputs: [y] }) => {
    const sum = plus(tt && mulAlong(tt, d), td && mulZero(t, td));
    return sum && spreadTo(sum, y.shape);
  },
  vjp: ([ct], { inputs: [t, d], wanted }) => [
    wanted[0] ? unbroadcast(mulAlong(ct as Tensor, d), t.shape) : undefined,
    wanted[1] ? unbroadcast(mulZero(ct as Tensor, t), d.shape) : undefined,
  ],
});

/** Row of the table: a tangent or cotangent t over a divisor, and 0 where t is 0 and the divisor 0 or NaN. */
export const divAlongOp: Op = /* @__PURE__ */ elementwise({
  name: 'divAlong',
  dtype: (inputs) => commonFloat('divAlong', inputs),
  kernel: /* @__PURE__ */ arrayKernel('divAlong'),
  chain: [37, 70],
  unit: [undefined, 1],
  rewrite: (inputs) => plainOver(divOp, inputs),
  jvp: quotientTangent,
  vjp: quotientCotangents,
});

/** Row of the table: a b, and 0 where either is 0 and the other one infinite or NaN. */
export const mulZeroOp: Op = /* @__PURE__ */ elementwise({
  name: 'mulZero',
  dtype: (inputs) => commonFloat('mulZero', inputs),
  kernel: /* @__PURE__ */ arrayKernel('mulZero'),
  chain: [100, 100],
  rewrite: (inputs) => withFinite(mulOp, inputs) ?? productOf(ROWS, inputs, mulZeroOp),
  jvp: ([ta, tb], { inputs: [a, b], outputs: [y] }) => {
    const t = plus(ta && mulZero(ta, b), tb && mulZero(a, tb));
    return t && spreadTo(t, y.shape);
  },
  vjp: ([ct], { inputs: [a, b], wanted }) => [
    wanted[0] ? unbroadcast(mulZero(ct as Tensor, b), a.shape) : undefined,
    wanted[1] ? unbroadcast(mulZero(ct as Tensor, a), b.shape) : undefined,
  ],
});

/** The rows that the rewriting rules refer to. */
const ROWS = { add: addOp, sub: subOp, mul: mulOp, neg: negOp };

/** a + b, element by element; shapes broadcast. dtype f64, f32 or i32 (wraps around). */
export function add(a: Operand, b: Operand): Tensor {
  return applyTo(addOp, [a, b], NAMES);
}

/** a - b, element by element; shapes broadcast. dtype f64, f32 or i32 (wraps around). */
export function sub(a: Operand, b: Operand): Tensor {
  return applyTo(subOp, [a, b], NAMES);
}

/** a b, element by element (Hadamard's product); shapes broadcast. dtype f64, f32 or i32 (wraps around). */
export function mul(a: Operand, b: Operand): Tensor {
  if (a instanceof Tracer && b instanceof Tracer) {
    const product = productOfNorms('mul', a, b);
    if (product !== undefined) return product;
  }
  const result = applyTo(mulOp, [a, b], NAMES);
  // A multiple of a norm is one, for the next product.
  if (typeof a === 'number' && b instanceof Tracer) keepNorm(result, b, a);
  else if (typeof b === 'number' && a instanceof Tracer) keepNorm(result, a, b);
  return result;
}

function keepNorm(result: Tensor, { norm }: Tracer, factor: number): void {
  if (norm !== undefined && result instanceof Tracer) result.norm = { ...norm, factor: factor * norm.factor };
}

/** a / b, element by element; shapes broadcast. dtype f64 or f32; x/0 is ±Infinity and 0/0 is NaN, as in IEEE 754. */
export function div(a: Operand, b: Operand): Tensor {
  return applyTo(divOp, [a, b], NAMES);
}

/** -x, element by element. */
export function neg(x: Tensor): Tensor {
  return apply(negOp, [checkTensor('neg', 'x', x)], undefined);
}

/** A tangent or cotangent t times a local derivative d: 0 where t is 0, whatever d is. */
export function mulAlong(t: Tensor, d: Operand): Tensor {
  return applyTo(mulAlongOp, [t, d], NAMES);
}

/** A tangent or cotangent t over d: 0 where t is 0, whatever d is. */
export function divAlong(t: Operand, d: Tensor): Tensor {
  return applyTo(divAlongOp, [t, d], NAMES);
}

/** a b, and 0 where either is 0, whatever the other one is: what two derivatives make together, or a selection. */
export function mulZero(a: Tensor, b: Tensor): Tensor {
  return apply(mulZeroOp, [a, b], undefined);
}

/** The tangent of a quotient y = a / b: y itself times the relative change of b, so that no square overflows. */
function quotientTangent(
  [ta, tb]: readonly Derivative[],
  { inputs: [, b], outputs: [y] }: Linearization<undefined>,
): Derivative {
  const t = plus(ta && divAlong(ta, b), tb && neg(mulZero(y, divAlong(tb, b))));
  return t && spreadTo(t, y.shape);
}

/** The cotangents of its operands. */
function quotientCotangents(
  [ct]: readonly Derivative[],
  { inputs: [a, b], outputs: [y], wanted }: Linearization<undefined>,
): Derivative[] {
  const part = divAlong(ct as Tensor, b);
  return [
    wanted[0] ? unbroadcast(part, a.shape) : undefined,
    wanted[1] ? neg(unbroadcast(mulZero(part, y), b.shape)) : undefined,
  ];
}

/** The sum of two derivatives; either may be undefined (zero). */
export function plus(a: Derivative, b: Derivative): Derivative {
  return a === undefined ? b : b === undefined ? a : add(a, b);
}

/** ∂output/∂input i, of a shape that broadcasts with the output's. */
export type Partial = (point: Linearization<undefined>) => Tensor;

/**
 * Both rules of an elementwise operation from its partial derivatives; undefined if it has none. Partial derivatives
 * that choose (`times` = mulZero) give 0 where they are 0.
 */
export function byPartials(
  partials: readonly (Partial | undefined)[],
  times: (t: Tensor, partial: Tensor) => Tensor = mulAlong,
): Required<Pick<Op, 'jvp' | 'vjp'>> {
  return {
    jvp(tangents, point) {
      let total: Derivative;
      tangents.forEach((t, i) => {
        const partial = partials[i];
        if (t !== undefined && partial !== undefined) total = plus(total, times(t, partial(point)));
      });
      return total && spreadTo(total, point.outputs[0].shape);
    },
    vjp([ct], point) {
      return point.inputs.map((input, i) => {
        const partial = partials[i];
        return point.wanted[i] && partial !== undefined
          ? unbroadcast(times(ct as Tensor, partial(point)), input.shape)
          : undefined;
      });
    },
  };
}
