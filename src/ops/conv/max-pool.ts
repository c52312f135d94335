// The largest element of every window and its position, and the two linear maps along such positions: max pooling.
import { type Shape, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { conv } from '../../generated/conv.js';
import { apply, commonFloat, type Op } from '../op.js';
import { type Geometry, words } from './windows.js';

/** Axes in front of the spatial ones: images and channels. Every pair of them is a plane. */
const planesOf = (shape: Shape): number => shape[0] * shape[1];

/**
 * Row of the table: x [n, c, …extents] -> y [n, c, …positions] and the places of the maxima (i32, indices in the
 * plane).
 * Windows lie within the image.
 */
export const maxPoolOp: Op<Geometry> = {
  name: 'maxPool',
  shape([x], g) {
    const shape = [x.shape[0], x.shape[1], ...g.output];
    return [
      { shape, dtype: commonFloat('maxPool', [x]) },
      { shape, dtype: 'i32' },
    ];
  },
  prepare([y, places], [x], g, space) {
    const kernel = conv.exports[`max_pool_${x.dtype as 'f64' | 'f32'}`];
    const [planes, geometry] = [planesOf(x.shape), words(g, space)];
    return () => kernel(planes, geometry, x.address, y.address, places.address);
  },
  jvp: ([t], { outputs: [, places], params }) => [t && apply(poolGatherOp, [t, places], params), undefined],
  vjp: ([ct], { outputs: [, places], params }) => [ct && apply(poolScatterOp, [ct, places], params)],
};

/** Row of the table: x [n, c, …extents] and places -> the elements there. */
export const poolGatherOp: Op<Geometry> = {
  name: 'poolGather',
  shape: ([x, places]) => ({ shape: places.shape, dtype: x.dtype }),
  prepare([y], [x, places], g) {
    const kernel = conv.exports[`pool_gather_${x.dtype as 'f64' | 'f32'}`];
    const sizes = [planesOf(x.shape), sizeOf(g.extents), sizeOf(g.output)] as const;
    return () => kernel(...sizes, x.address, y.address, places.address);
  },
  jvp: ([t], { inputs: [, places], params }) => t && apply(poolGatherOp, [t, places], params),
  vjp: ([ct], { inputs: [, places], params }) => [
    apply(poolScatterOp, [ct as Tensor, places], params),
    undefined,
  ],
};

/** Row of the table: y [n, c, …positions] and places -> zeros, with every y added at its place. */
export const poolScatterOp: Op<Geometry> = {
  name: 'poolScatter',
  shape: ([y], g) => ({ shape: [y.shape[0], y.shape[1], ...g.extents], dtype: y.dtype }),
  prepare([x], [y, places], g) {
    const kernel = conv.exports[`pool_scatter_${x.dtype as 'f64' | 'f32'}`];
    const sizes = [planesOf(y.shape), sizeOf(g.extents), sizeOf(g.output)] as const;
    return () => kernel(...sizes, x.address, y.address, places.address);
  },
  jvp: ([t], { inputs: [, places], params }) => t && apply(poolScatterOp, [t, places], params),
  vjp: ([ct], { inputs: [, places], params }) => [
    apply(poolGatherOp, [ct as Tensor, places], params),
    undefined,
  ],
};
