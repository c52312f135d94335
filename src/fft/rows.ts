// The rows of the table that transform along one axis. All are linear; the transpose of each, as a real map of real and imaginary parts, is another of them.
import { zeros } from '../core/create.js';
import { bytesPerElement } from '../core/dtype.js';
import { threadsFor } from '../core/runtime.js';
import { ceilLog2 } from '../core/scalars.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { ranges } from '../core/threads/ranges.js';
import { type FftExports, fft } from '../generated/fft.js';
import type { Float } from '../linalg/stack.js';
import { apply, applyAll, type Derivative, type Op } from '../ops/op.js';
import { takePlan, takeRoots } from './plans.js';

/** A transform along an axis, counted from the front, times a scale. */
export interface TransformParams {
  readonly axis: number;
  readonly scale: number;
}

/** A complex transform: with exp(-2πi jk/n), or for `inverse` with exp(2πi jk/n). */
export interface ComplexParams extends TransformParams {
  readonly inverse: boolean;
}

/** A real transform. `inner`: a factor of the complex numbers that stand for two: all but the first, and for even n the last. */
export interface RealParams extends TransformParams {
  readonly inner: number;
}

/** A transform to n real numbers. */
export interface RealInverseParams extends RealParams {
  readonly n: number;
}

/** Numbers that a part of a transform is worth, in multiply-adds each and per level. */
const LEVEL = 4;

/** `outer` blocks of n rows of `inner` elements. */
function blocksOf(shape: Shape, axis: number): { outer: number; n: number; inner: number } {
  let [outer, inner] = [1, 1];
  for (let k = 0; k < axis; k++) outer *= shape[k];
  for (let k = axis + 1; k < shape.length; k++) inner *= shape[k];
  return { outer, n: shape[axis], inner };
}

/** A part of a transform: blocks, and columns of each. */
interface Part {
  readonly block: number;
  readonly blocks: number;
  readonly first: number;
  readonly last: number;
}

/** Runs a transform, in parts if that is worth it: by blocks, or by columns. A column has the same bits in any part. */
function runInParts<K extends keyof FftExports & string>(
  kernel: K,
  work: { numbers: number; outer: number; inner: number; bytes: number; address: number },
  args: (part: Part, work: number) => Parameters<Extract<FftExports[K], (...args: never[]) => unknown>>,
): void {
  const { numbers, outer, inner } = work;
  const parallel = threadsFor(LEVEL * numbers * ceilLog2(Math.max(2, numbers / Math.max(1, outer * inner))));
  const whole: Part = { block: 0, blocks: outer, first: 0, last: inner };
  const threads = parallel?.pool.threads ?? 1;
  const byBlock = outer >= threads;
  const isShared = parallel?.run({
    module: fft,
    kernel,
    parts: byBlock
      ? ranges(outer, threads, 1).map(([block, blocks]) => ({ ...whole, block, blocks }))
      : ranges(inner, threads, 16).map(([first, length]) => ({ ...whole, first, last: first + length })),
    bytes: work.bytes,
    work: work.address,
    isRepeatable: true,
    args,
  });
  if (!isShared) (fft.exports[kernel] as (...list: unknown[]) => void)(...args(whole, work.address));
}

/** Row of the table: re and im to re and im. */
export const fftOp: Op<ComplexParams> = {
  name: 'fft',
  shape: ([re]) => [re, re],
  prepare([yr, yi], [xr, xi], { axis, inverse, scale }, space) {
    const dtype = xr.dtype as Float;
    const { outer, n, inner } = blocksOf(xr.shape, axis);
    const plan = takePlan('fft', dtype, n, inner === 1);
    space.keep(plan);
    const bytes = fft.exports[`fft_${dtype}_work`](plan.address, inner);
    const address = space.scratch(bytes);
    const block = n * inner * bytesPerElement(dtype);
    return () => {
      // Backward, by parts in exchanged places.
      const [a, b, c, d] = (inverse ? [xi, xr, yi, yr] : [xr, xi, yr, yi]).map((x) => x.address);
      runInParts(`fft_${dtype}`, { numbers: xr.size, outer, inner, bytes, address }, (part, own) => {
        const at = part.block * block;
        return [
          ...([plan.address, part.blocks, inner, part.first, part.last] as const),
          ...([a + at, b + at, c + at, d + at, scale, own] as const),
        ];
      });
    };
  },
  linear: true,
  vjp: ([cr, ci], { params }) => {
    const [re, im] = bothOf(cr, ci);
    return applyAll(fftOp, [re, im], { ...params, inverse: !params.inverse });
  },
};

/** Row of the table: n real numbers to n/2 + 1 complex ones. */
export const rfftOp: Op<RealParams> = {
  name: 'rfft',
  shape: ([{ shape, dtype }], { axis }) => {
    const half = { shape: shape.with(axis, Math.floor(shape[axis] / 2) + 1), dtype };
    return [half, half];
  },
  prepare([yr, yi], [x], { axis, scale, inner: factor }, space) {
    const dtype = x.dtype as Float;
    const { outer, n, inner } = blocksOf(x.shape, axis);
    const plan = takePlan('rfft', dtype, fft.exports.rfft_length(n), inner === 1);
    space.keep(plan);
    const roots = takeRoots('rfft', dtype, n);
    space.keep(roots);
    const bytes = fft.exports[`rfft_${dtype}_work`](plan.address, inner);
    const address = space.scratch(bytes);
    const size = bytesPerElement(dtype);
    const [from, to] = [n * inner * size, yr.shape[axis] * inner * size];
    return () => {
      runInParts(`rfft_${dtype}`, { numbers: x.size, outer, inner, bytes, address }, (part, own) => [
        ...([plan.address, roots.address, n, part.blocks, inner, part.first, part.last] as const),
        ...([x.address + part.block * from, yr.address + part.block * to] as const),
        ...([yi.address + part.block * to, scale, factor, own] as const),
      ]);
    };
  },
  linear: true,
  vjp: ([cr, ci], { inputs: [x], params }) => {
    const [re, im] = bothOf(cr, ci);
    return [apply(irfftOp, [re, im], { ...params, n: x.shape[params.axis] })];
  },
};

/** Row of the table: n/2 + 1 complex numbers to n real ones, scale Re Σ f_k X_k exp(2πi jk/n). */
export const irfftOp: Op<RealInverseParams> = {
  name: 'irfft',
  shape: ([{ shape, dtype }], { axis, n }) => ({ shape: shape.with(axis, n), dtype }),
  prepare([y], [xr, xi], { axis, n, scale, inner: factor }, space) {
    const dtype = y.dtype as Float;
    const { outer, inner } = blocksOf(y.shape, axis);
    const plan = takePlan('irfft', dtype, fft.exports.rfft_length(n), inner === 1);
    space.keep(plan);
    const roots = takeRoots('irfft', dtype, n);
    space.keep(roots);
    const bytes = fft.exports[`rfft_${dtype}_work`](plan.address, inner);
    const address = space.scratch(bytes);
    const size = bytesPerElement(dtype);
    const [from, to] = [xr.shape[axis] * inner * size, n * inner * size];
    return () => {
      runInParts(`irfft_${dtype}`, { numbers: y.size, outer, inner, bytes, address }, (part, own) => [
        ...([plan.address, roots.address, n, part.blocks, inner, part.first, part.last] as const),
        ...([xr.address + part.block * from, xi.address + part.block * from] as const),
        ...([y.address + part.block * to, scale, factor, own] as const),
      ]);
    };
  },
  linear: true,
  vjp: ([ct], { params: { axis, scale, inner } }) => applyAll(rfftOp, [ct as Tensor], { axis, scale, inner }),
};

/** Two cotangents of which one may be missing. */
function bothOf(re: Derivative, im: Derivative): [Tensor, Tensor] {
  const missing = ({ shape, dtype }: Tensor): Tensor => zeros(shape, { dtype });
  return [re ?? missing(im as Tensor), im ?? missing(re as Tensor)];
}
