// Rows for functions of one element: the Jacobian is diagonal, so one rule serves tangents and cotangents.
import type { DType } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { type MathExports, math } from '../generated/math.js';
import { type PointwiseExports, pointwise } from '../generated/pointwise.js';
import { type ElementwiseKernel, elementwise } from './elementwise.js';
import { commonFloat, type Op } from './op.js';

/** The kernel of this name in the module `math`: transcendental functions. */
export function mathKernel(name: string, dtype: DType): ElementwiseKernel {
  return math.exports[`${name}_${dtype}` as keyof MathExports] as ElementwiseKernel;
}

/** The kernel of this name in the module `pointwise`: comparisons, choices, signs. */
export function pointwiseKernel(name: string, dtype: DType): ElementwiseKernel {
  return pointwise.exports[`${name}_${dtype}` as keyof PointwiseExports] as ElementwiseKernel;
}

/** The parts of a pointwise row. */
export interface UnaryRow {
  name: string;
  kernel(name: string, dtype: DType): ElementwiseKernel;
  /** Whether i32 is allowed, too; default false. */
  integers?: boolean;
  /** The derivative at x, where the value is y, times t; without it the result is a constant to derivatives. */
  along?(t: Tensor, x: Tensor, y: Tensor): Tensor;
  /** See `Op`. */
  chain?: Op['chain'];
}

/** The row. */
export function unary({ name, kernel, integers = false, along, chain }: UnaryRow): Op {
  return elementwise({
    name,
    dtype: (inputs) => (integers ? inputs[0].dtype : commonFloat(name, inputs)),
    kernel: (_, [dtype]) => kernel(name, dtype),
    ...(chain && { chain }),
    ...(along && {
      jvp: ([t], { inputs: [x], outputs: [y] }) => t && along(t, x, y),
      vjp: ([ct], { inputs: [x], outputs: [y] }) => [along(ct as Tensor, x, y)],
    }),
  });
}
