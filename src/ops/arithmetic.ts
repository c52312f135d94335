// Elementwise arithmetic with broadcasting: add, sub, mul, div, neg.
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
import { differenceOf, productOf, scaledNegation, sumOf } from './signs.js';
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
  kernel: arrayKernel('add'),
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
  kernel: arrayKernel('sub'),
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

export const mulOp: Op = /* @__PURE__ */ elementwise({
  name: 'mul',
  dtype: (inputs) => commonDType('mul', inputs),
  kernel: arrayKernel('mul'),
  chain: [4, 4],
  unit: [1, 1],
  rewrite: (inputs) => productOf(ROWS, inputs),
  ...byPartials([({ inputs: [, b] }) => b, ({ inputs: [a] }) => a]),
});

export const divOp: Op = /* @__PURE__ */ elementwise({
  name: 'div',
  dtype: (inputs) => commonFloat('div', inputs),
  kernel: arrayKernel('div'),
  chain: [5, 6],
  unit: [undefined, 1],
  jvp: ([ta, tb], { inputs: [, b], outputs: [y] }) => {
    const t = plus(ta && div(ta, b), tb && neg(mul(y, div(tb, b))));
    return t && spreadTo(t, y.shape);
  },
  vjp: ([ct], { inputs: [a, b], outputs: [y], wanted }) => {
    const part = div(ct as Tensor, b);
    return [
      wanted[0] ? unbroadcast(part, a.shape) : undefined,
      wanted[1] ? neg(unbroadcast(mul(part, y), b.shape)) : undefined,
    ];
  },
});

export const negOp: Op = /* @__PURE__ */ elementwise({
  name: 'neg',
  dtype: ([x]) => x.dtype,
  kernel: arrayKernel('neg'),
  chain: [7],
  rewrite: (inputs) => scaledNegation(ROWS, inputs),
  linear: true,
  vjp: ([ct]) => [neg(ct as Tensor)],
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

/** The sum of two derivatives; either may be undefined (zero). */
export function plus(a: Derivative, b: Derivative): Derivative {
  return a === undefined ? b : b === undefined ? a : add(a, b);
}

/** ∂output/∂input i, of a shape that broadcasts with the output's. */
export type Partial = (point: Linearization<undefined>) => Tensor;

/** Both rules of an elementwise operation from its partial derivatives; undefined if it has none. */
export function byPartials(partials: readonly (Partial | undefined)[]): Required<Pick<Op, 'jvp' | 'vjp'>> {
  return {
    jvp(tangents, point) {
      let total: Derivative;
      tangents.forEach((t, i) => {
        const partial = partials[i];
        if (t !== undefined && partial !== undefined) total = plus(total, mul(t, partial(point)));
      });
      return total && spreadTo(total, point.outputs[0].shape);
    },
    vjp([ct], point) {
      return point.inputs.map((input, i) => {
        const partial = partials[i];
        return point.wanted[i] && partial !== undefined
          ? unbroadcast(mul(ct as Tensor, partial(point)), input.shape)
          : undefined;
      });
    },
  };
}
