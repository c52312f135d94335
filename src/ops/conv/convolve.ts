// y[o, p] = Σ_t w[o, t] x[window p, t] and its adjoints in x and in w: three rows, each linear in both inputs, with the
// other two as derivatives. No matrix of windows is made: the products run over the (padded) image, or over tiles of it
// where that is faster.
import { ShapeError } from '../../core/errors.js';
import { checkSize, type Shape, show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { conv } from '../../generated/conv.js';
import { plus } from '../arithmetic.js';
import { apply, commonFloat, type Op } from '../op.js';
import type { Workspace } from '../workspace.js';
import { convInParts, type Partition } from './conv-threads.js';
import { filteringGeometry, preparedFiltering } from './minimal-filtering.js';
import { type Geometry, words } from './windows.js';

/** The operation, as kernels number it; `gram` is in window-gram.ts. */
const FORM = { forward: 0, input: 1, weight: 2, gram: 3 } as const;

/** Images with at most this many positions are processed together. */
const GROUP = 512;

/** Elements of the padded image of one channel; 0 if the image needs no padding. */
function paddedPlane({ extents, kernel, stride, dilation, before, output }: Geometry): number {
  const last = extents.length - 1;
  const reach = extents.map((_, i) => (output[i] - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1);
  const plain = stride[last] === 1 && extents.every((extent, i) => before[i] === 0 && reach[i] <= extent);
  reach[last] = Math.ceil(reach[last] / stride[last]) * stride[last];
  return plain ? 0 : Math.max(0, sizeOf(reach));
}

/** Runs the operation, with the tensors in the positions of x, w and y. */
export function prepared(
  form: keyof typeof FORM,
  [x, w, y]: readonly [x: Tensor, w: Tensor, y: Tensor],
  geometry: Geometry,
  space: Workspace,
): () => void {
  const dtype = x.dtype as 'f64' | 'f32';
  const [images, channels, outs] = [x.shape[0], x.shape[1], w.shape[0]];
  if (form === 'forward' || form === 'input') {
    const adjoint = form === 'input';
    const filtering = filteringGeometry(geometry, adjoint ? outs : channels, adjoint);
    if (filtering) return preparedFiltering(adjoint, adjoint ? [y, w, x] : [x, w, y], filtering, space);
  }
  const sizes = [sizeOf(geometry.kernel), sizeOf(geometry.output), paddedPlane(geometry)] as const;
  checkSize('convolve: the padded image', [sizes[2]]);
  const workOf = (some: number, part: number) =>
    conv.exports[`conv_${dtype}_work`](some, channels, part, ...sizes);
  const reserved = workOf(images, outs);
  const [work, at] = [space.scratch(reserved), words(geometry, space)];
  const [size, [kernel, positions]] = [dtype === 'f64' ? 8 : 4, sizes];
  const cut: Partition = {
    kernel: `conv_${dtype}`,
    bytes: [size * channels * sizeOf(geometry.extents), size * channels * kernel, size * positions],
    // The kernel processes small images in groups; parts begin at a group.
    images: form === 'forward' || form === 'input' ? Math.ceil(GROUP / Math.max(1, positions)) : 0,
    outs: form === 'forward' || form === 'weight',
    multiplyAdds: images * outs * channels * kernel * positions,
    work: workOf,
    reserved,
  };
  return () =>
    convInParts(cut, [FORM[form], images, channels, outs, outs, at, x.address, w.address, y.address, work]);
}

/** Throws unless the shape is [any, any, …extents]. */
function check(op: string, argument: string, { shape }: { shape: Shape }, extents: readonly number[]): void {
  if (show(shape.slice(2)) === show(extents)) return;
  throw new ShapeError(`${op}: ${argument} must be [any, any, ${extents}], got ${show(shape)}`);
}

function checkChannels(op: string, what: string, got: number, wanted: number): void {
  if (got !== wanted) throw new ShapeError(`${op}: ${what} must be the same, got ${got} and ${wanted}`);
}

/** Row of the table: x [n, in, …extents], w [out, in, …kernel] -> y [n, out, …positions]. */
export const convolveOp: Op<Geometry> = {
  name: 'convolve',
  shape([x, w], g) {
    check('convolve', 'x', x, g.extents);
    check('convolve', 'w', w, g.kernel);
    checkChannels('convolve', 'channels of x and w', x.shape[1], w.shape[1]);
    return { shape: [x.shape[0], w.shape[0], ...g.output], dtype: commonFloat('convolve', [x, w]) };
  },
  prepare: ([y], [x, w], g, space) => prepared('forward', [x, w, y], g, space),
  jvp: ([tx, tw], { inputs: [x, w], params }) =>
    plus(tx && apply(convolveOp, [tx, w], params), tw && apply(convolveOp, [x, tw], params)),
  vjp: ([ct], { inputs: [x, w], params, wanted }) => [
    wanted[0] ? apply(convolveInputOp, [ct as Tensor, w], params) : undefined,
    wanted[1] ? apply(convolveWeightOp, [ct as Tensor, x], params) : undefined,
  ],
};

/** Row of the table: its adjoint in x; y, w -> x. */
export const convolveInputOp: Op<Geometry> = {
  name: 'convolveInput',
  shape([y, w], g) {
    check('convolveInput', 'y', y, g.output);
    check('convolveInput', 'w', w, g.kernel);
    checkChannels('convolveInput', 'channels of y and outputs of w', y.shape[1], w.shape[0]);
    return { shape: [y.shape[0], w.shape[1], ...g.extents], dtype: commonFloat('convolveInput', [y, w]) };
  },
  prepare: ([x], [y, w], g, space) => prepared('input', [x, w, y], g, space),
  jvp: ([ty, tw], { inputs: [y, w], params }) =>
    plus(ty && apply(convolveInputOp, [ty, w], params), tw && apply(convolveInputOp, [y, tw], params)),
  vjp: ([ct], { inputs: [y, w], params, wanted }) => [
    wanted[0] ? apply(convolveOp, [ct as Tensor, w], params) : undefined,
    wanted[1] ? apply(convolveWeightOp, [y, ct as Tensor], params) : undefined,
  ],
};

/** Row of the table: its adjoint in w; y, x -> w. */
export const convolveWeightOp: Op<Geometry> = {
  name: 'convolveWeight',
  shape([y, x], g) {
    check('convolveWeight', 'y', y, g.output);
    check('convolveWeight', 'x', x, g.extents);
    checkChannels('convolveWeight', 'images of y and x', y.shape[0], x.shape[0]);
    return { shape: [y.shape[1], x.shape[1], ...g.kernel], dtype: commonFloat('convolveWeight', [y, x]) };
  },
  prepare: ([w], [y, x], g, space) => prepared('weight', [x, w, y], g, space),
  jvp: ([ty, tx], { inputs: [y, x], params }) =>
    plus(ty && apply(convolveWeightOp, [ty, x], params), tx && apply(convolveWeightOp, [y, tx], params)),
  vjp: ([ct], { inputs: [y, x], params, wanted }) => [
    wanted[0] ? apply(convolveOp, [x, ct as Tensor], params) : undefined,
    wanted[1] ? apply(convolveInputOp, [y, ct as Tensor], params) : undefined,
  ],
};
