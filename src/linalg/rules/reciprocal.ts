// 1 / x, or 0 if x is zero to rounding: quotients by gaps of a spectrum.
import type { Tensor } from '../../core/tensor.js';
import { add, mul, neg, sub } from '../../ops/arithmetic.js';
import { apply, type Op } from '../../ops/op.js';
import { asColumn, asRow } from './matrix.js';

/**
 * Row of the table: x, and per matrix the numbers that x was computed from, which give the scale of rounding. With 0
 * there, derivatives of functions that do not depend on the choice of a basis have the right limit.
 */
export const reciprocalOp: Op = {
  name: 'reciprocal',
  shape: ([x]) => x,
  prepare([out], [x, scale]) {
    const k = scale.shape[scale.ndim - 1];
    const count = scale.size / k;
    const eps = Math.max(10, k) * (x.dtype === 'f64' ? 2 ** -52 : 2 ** -23);
    return () => {
      const [from, to, sizes] = [x.data(), out.data(), scale.data()];
      const step = from.length / count;
      for (let matrix = 0; matrix < count; matrix++) {
        let largest = 0;
        for (let i = matrix * k; i < (matrix + 1) * k; i++) largest = Math.max(largest, Math.abs(sizes[i]));
        const level = eps * largest;
        for (let i = matrix * step; i < (matrix + 1) * step; i++) {
          // NaN stays NaN.
          to[i] = Math.abs(from[i]) <= level ? 0 : 1 / from[i];
        }
      }
    };
  },
  jvp: ([t], { outputs: [y] }) => t && neg(mul(mul(y, y), t)),
  vjp: ([ct], { outputs: [y] }) => [neg(mul(mul(y, y), ct as Tensor)), undefined],
};

/** 1 / x_i, or 0. */
export function reciprocal(x: Tensor, scale: Tensor): Tensor {
  return apply(reciprocalOp, [x, scale], undefined);
}

/** 1 / (x_j - x_i) in row i and column j, or 0. */
export function inverseGaps(x: Tensor): Tensor {
  return reciprocal(sub(asRow(x), asColumn(x)), x);
}

/** 1 / (x_j + x_i) in row i and column j, or 0. */
export function inverseSums(x: Tensor): Tensor {
  return reciprocal(add(asRow(x), asColumn(x)), x);
}
