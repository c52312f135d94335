// S = Σ_p ã_p ã_pᵀ over all windows ã_p of all images, each with a 1 appended if there is a bias: what layerwise steps
// need of the inputs of a convolution, without the matrix of windows and with half the multiplications of its product.
import { full, ones } from '../../core/create.js';
import { sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { add } from '../arithmetic.js';
import { concat } from '../concat.js';
import { reshape, transpose } from '../layout.js';
import { apply, commonFloat, type Op } from '../op.js';
import { convolveOp, convolveWeightOp, prepared } from './convolve.js';
import { col2imOp, type Geometry } from './windows.js';

/** Row of the table: x [n, c, …extents] -> [k, k], k = c · kernel. */
export const windowGramOp: Op<Geometry> = {
  name: 'windowGram',
  shape([x], g) {
    const k = x.shape[1] * sizeOf(g.kernel);
    return { shape: [k, k], dtype: commonFloat('windowGram', [x]) };
  },
  prepare: ([s], [x], g, space) => prepared('gram', [x, s, s], g, space),
  // The cotangent of every window is (C + Cᵀ) times the window: a convolution with the rows of C + Cᵀ.
  vjp([ct], { inputs: [x], params }) {
    const c = ct as Tensor;
    const rows = reshape(add(c, transpose(c)), [c.shape[0], x.shape[1], ...params.kernel]);
    const columns = reshape(apply(convolveOp, [x, rows], params), [
      x.shape[0],
      c.shape[0],
      sizeOf(params.output),
    ]);
    return [apply(col2imOp, [columns], params)];
  },
};

/** S of the windows of x, [k, k] or, with a bias, [k + 1, k + 1]. */
export function windowGram(x: Tensor, geometry: Geometry, hasBias: boolean): Tensor {
  const s = apply(windowGramOp, [x], geometry);
  if (!hasBias) return s;
  const like = { dtype: x.dtype };
  const every = ones([x.shape[0], 1, ...geometry.output], like);
  const sums = reshape(apply(convolveWeightOp, [every, x], geometry), [1, s.shape[0]]);
  const corner = full([1, 1], every.size, like);
  return concat([concat([s, transpose(sums)], 1), concat([sums, corner], 1)], 0);
}
