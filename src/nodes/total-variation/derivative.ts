// The derivative of a total-variation solution: means over its segments, and the rate at which lambda moves each of
// them. Segments do not change under small changes of x and lambda, so the rates are constants.
import type { Tensor } from '../../core/tensor.js';
import { apply, type Op } from '../../ops/op.js';
import { eachRun } from './levels.js';

/** Row of the table: v [count, n], averaged over the runs of u [count, n]; where lambda [count] is 0, v itself. */
export const segmentMeanOp: Op = {
  name: 'segmentMean',
  shape: ([v]) => v,
  prepare([out], [v, u, lambda]) {
    const n = v.shape[1];
    return () => {
      const [to, from, values, weights] = [out.data(), v.data(), u.data(), lambda.data()];
      for (let i = 0; i < weights.length; i++) {
        if (weights[i] === 0) {
          to.set(from.subarray(i * n, (i + 1) * n), i * n);
          continue;
        }
        eachRun(values, i * n, n, (first, end) => {
          let sum = 0;
          for (let k = first; k < end; k++) sum += from[k];
          to.fill(sum / (end - first), first, end);
        });
      }
    };
  },
  // Linear in v, and symmetric.
  jvp: ([t], { inputs: [, u, lambda] }) => t && apply(segmentMeanOp, [t, u, lambda], undefined),
  vjp: ([ct], { inputs: [, u, lambda] }) => [
    apply(segmentMeanOp, [ct as Tensor, u, lambda], undefined),
    undefined,
    undefined,
  ],
};

/** The mean of v over each segment of u. */
export function segmentMean(v: Tensor, u: Tensor, lambda: Tensor): Tensor {
  return apply(segmentMeanOp, [v, u, lambda], undefined);
}

/**
 * Row of the table: du/dlambda for u [count, n]; a segment moves towards its neighbours, at 1 / length for each of them.
 * At lambda = 0 this is the derivative from the right. A constant to every derivative.
 */
export const levelRateOp: Op = {
  name: 'levelRate',
  shape: ([u]) => u,
  prepare([out], [u]) {
    const [count, n] = u.shape;
    return () => {
      const [to, values] = [out.data(), u.data()];
      for (let i = 0; i < count; i++) {
        eachRun(values, i * n, n, (first, end) => {
          const left = first === i * n ? 0 : Math.sign(values[first - 1] - values[first]);
          const right = end === (i + 1) * n ? 0 : Math.sign(values[end] - values[first]);
          to.fill((left + right) / (end - first), first, end);
        });
      }
    };
  },
};

export function levelRate(u: Tensor): Tensor {
  return apply(levelRateOp, [u], undefined);
}
