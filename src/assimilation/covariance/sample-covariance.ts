// The covariance of samples: two passes, with compensated means.

import { checkFinite } from '../../core/check.js';
import { bytesPerElement } from '../../core/dtype.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { narrow } from '../../ops/slice.js';
import { mean } from '../../ops/statistics.js';
import { sum } from '../../ops/sum.js';

/** Samples are centred in blocks of so many bytes, or as many as the result has. */
const BLOCK_BYTES = 1 << 25;

/**
 * The covariance of samples: Σ (x - x̄)(x - x̄)ᵀ / (count - ddof), of vec(x) in row-major order. Rounding in the mean is taken out again (Chan, Golub and
 * LeVeque, The American Statistician 37, 1983, equation 1.7). Memory besides the result: a block of the samples.
 * @param samples [count, ...state], f64 or f32.
 * @param options `ddof`: what is subtracted from count in the divisor; default 1.
 * @returns [m, m] for states of m numbers.
 * @throws ShapeError for samples without a first axis; ArgumentError for a ddof below 0, or not below count.
 * @example
 * assimilation.sampleCovariance(tensor([[1, 0], [3, 0], [2, 3]])); // [[1, 0], [0, 3]]
 */
export function sampleCovariance(samples: Tensor, options: { ddof?: number } = {}): Tensor {
  const name = 'sampleCovariance';
  const { shape, ndim, dtype } = checkFloat(name, 'samples', samples);
  checkOptions(name, options, { ddof: true });
  const { ddof = 1 } = options;
  checkFinite(name, 'ddof', ddof);
  if (ndim === 0)
    throw new ShapeError(`${name}: samples must be [count, ...state], got shape ${show(shape)}`);
  const [count, ...state] = shape;
  if (ddof < 0 || ddof >= count)
    throw new ArgumentError(
      `${name}: ddof must be at least 0 and less than the ${count} samples, got ${ddof}`,
    );
  const m = sizeOf(state);
  const rowBytes = Math.max(1, m * bytesPerElement(dtype));
  const block = Math.max(m, Math.floor(BLOCK_BYTES / rowBytes), 1);
  return scope(() => {
    const rows = reshape(samples, [count, m]);
    const center = mean(rows, { axis: 0 });
    let [products, sums]: (Tensor | undefined)[] = [];
    for (let from = 0; from < count; from += block) {
      const [product, rest] = scope(() => {
        const part = block >= count ? rows : narrow(rows, 0, from, Math.min(block, count - from));
        const d = sub(part, center);
        return [matmul(d, d, { transposeA: true }), sum(d, { axis: 0 })];
      });
      [products, sums] = [plus(products, product), plus(sums, rest)];
    }
    // Σ d dᵀ of differences from a mean that is off, less what that adds.
    const off = sums as Tensor;
    const correction = mul(reshape(off, [m, 1]), div(off, count));
    return div(sub(products as Tensor, correction), count - ddof);
  });
}

/** a + b, which take the place of both. */
function plus(a: Tensor | undefined, b: Tensor): Tensor {
  if (a === undefined) return b;
  const both = add(a, b);
  a.dispose();
  b.dispose();
  return both;
}
