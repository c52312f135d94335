// Common parts of derivative rules.
import { zeros } from '../core/create.js';
import { type Shape, sameShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { add, mul } from './arithmetic.js';
import { broadcastTo } from './broadcast.js';
import { reshape } from './layout.js';
import type { Derivative, Linearization, Op } from './op.js';
import { sum } from './reduce.js';

/** The sum of two derivatives; either may be undefined (zero). */
export function plus(a: Derivative, b: Derivative): Derivative {
  return a === undefined ? b : b === undefined ? a : add(a, b);
}

/** The cotangent of a value of shape `shape` that was broadcast: summed over the axes along which it was repeated. */
export function unbroadcast(ct: Tensor, shape: Shape): Tensor {
  if (sameShape(ct.shape, shape)) return ct;
  const lead = ct.ndim - shape.length;
  const axis = ct.shape.flatMap((extent, i) =>
    i < lead || (shape[i - lead] === 1 && extent !== 1) ? [i] : [],
  );
  const reduced = axis.length > 0 ? sum(ct, { axis }) : ct;
  return sameShape(reduced.shape, shape) ? reduced : reshape(reduced, shape);
}

/** `x` broadcast to `shape`, if it has another shape. */
export function spreadTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : broadcastTo(x, shape);
}

/** A derivative, or zeros for undefined. */
export function orZeros(x: Derivative, like: Tensor): Tensor {
  return x ?? zeros(like.shape, { dtype: like.dtype });
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
