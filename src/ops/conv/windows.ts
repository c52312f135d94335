// Windows of images as columns of a matrix (im2col) and the transpose (col2im): two linear operations, each the
// derivative of the other, which turn a convolution into a matrix product.
import { ShapeError } from '../../core/errors.js';
import { type Shape, show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { conv } from '../../generated/conv.js';
import { apply, commonFloat, type Op } from '../op.js';
import type { Workspace } from '../workspace.js';

/** How convolutions are computed: the fastest way, or product by product. */
export type Algorithm = 'auto' | 'direct';

/** Windows over the last one to three axes of [n, channels, …extents]; one number per spatial axis. */
export interface Geometry {
  extents: readonly number[];
  kernel: readonly number[];
  stride: readonly number[];
  dilation: readonly number[];
  /** Positions between the start of the first window and the first input. */
  before: readonly number[];
  output: readonly number[];
  /** Whether windows that cross an edge continue at the other end, and not with zeros. */
  periodic: readonly boolean[];
  /** How convolutions are computed; default: the fastest way. */
  algorithm?: Algorithm;
}

/** The geometry in the layout of the kernels: 21 words, filled up to three spatial axes with leading extents of 1. */
export function words(g: Geometry, space: Workspace): number {
  const lead = 3 - g.extents.length;
  const three = (list: readonly number[], fill: number) => [...new Array<number>(lead).fill(fill), ...list];
  const extents = [
    ...[three(g.extents, 1), three(g.kernel, 1), three(g.output, 1), three(g.stride, 1)].flat(),
    ...[three(g.dilation, 1), three(g.before, 0), three(g.periodic.map(Number), 0)].flat(),
  ];
  return space.descriptor({ extents, strides: [] });
}

const imageShape = (columns: Shape, g: Geometry): number[] => [
  columns[0],
  columns[1] / sizeOf(g.kernel),
  ...g.extents,
];
const columnShape = (image: Shape, g: Geometry): number[] => [
  image[0],
  image[1] * sizeOf(g.kernel),
  sizeOf(g.output),
];

/** Row of the table: [n, c, …extents] -> [n, c · kernel, positions]. */
export const im2colOp: Op<Geometry> = {
  name: 'unfold',
  shape([x], g) {
    const dtype = commonFloat('unfold', [x]);
    if (show(x.shape.slice(2)) !== show(g.extents))
      throw new ShapeError(`unfold: x must be [n, channels, ${g.extents}], got ${show(x.shape)}`);
    return { shape: columnShape(x.shape, g), dtype };
  },
  prepare([out], [x], g, space) {
    const kernel = conv.exports[`unfold_${out.dtype as 'f64' | 'f32'}`];
    const geometry = words(g, space);
    const [n, channels] = x.shape;
    return () => kernel(n, channels, geometry, x.address, out.address);
  },
  linear: true,
  vjp: ([ct], { params }) => [apply(col2imOp, [ct as Tensor], params)],
};

/** Row of the table: its transpose, [n, c · kernel, positions] -> [n, c, …extents]. */
export const col2imOp: Op<Geometry> = {
  name: 'fold',
  shape([columns], g) {
    const dtype = commonFloat('fold', [columns]);
    return { shape: imageShape(columns.shape, g), dtype };
  },
  prepare([out], [columns], g, space) {
    const kernel = conv.exports[`fold_${out.dtype as 'f64' | 'f32'}`];
    const geometry = words(g, space);
    const [n, channels] = out.shape;
    return () => kernel(n, channels, geometry, out.address, columns.address);
  },
  linear: true,
  vjp: ([ct], { params }) => [apply(im2colOp, [ct as Tensor], params)],
};
