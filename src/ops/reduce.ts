// The common parts of reductions over axes.
import { checkFlag } from '../core/check.js';
import { bytesPerElement } from '../core/dtype.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAxes, type Shape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { reshape } from './layout.js';
import { checkTensor } from './op.js';
import type { Workspace } from './workspace.js';

/** Options of every reduction. */
export interface ReduceOptions {
  /** The axis or axes to reduce; negative ones count from the end; default all. */
  axis?: number | readonly number[];
  /** Keep reduced axes with extent 1; default false. */
  keepDims?: boolean;
}

export const REDUCE_OPTIONS: OptionNames<ReduceOptions> = { axis: true, keepDims: true };

/** Parameters of every reduction row. */
export interface ReduceParams {
  /** Reduced axes, counted from the front, ascending. */
  axes: readonly number[];
  keepDims: boolean;
}

/** The reduced shape. */
export function reducedShape(shape: Shape, { axes, keepDims }: ReduceParams): number[] {
  if (keepDims) return shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
  return shape.filter((_, i) => !axes.includes(i));
}

/**
 * Runs of adjacent reduced axes as [outer, n, inner], last run first: reducing one leaves the earlier ones in place.
 */
function groups(shape: Shape, axes: readonly number[]): { outer: number; n: number; inner: number }[] {
  const extents = [...shape];
  const result: { outer: number; n: number; inner: number }[] = [];
  for (let last = axes.length - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && axes[first - 1] === axes[first] - 1) first--;
    const from = axes[first];
    const to = axes[last] + 1;
    result.push({
      outer: sizeOf(extents.slice(0, from)),
      n: sizeOf(extents.slice(from, to)),
      inner: sizeOf(extents.slice(to)),
    });
    extents.splice(from, to - from);
    last = first - 1;
  }
  return result;
}

/** Reduces the middle axis of an outer x n x inner array at one address to another. */
export type ReduceKernel = (outer: number, n: number, inner: number, to: number, from: number) => void;

/** Of a kernel that takes a workspace of so many bytes as its last argument. */
export function withWork(
  kernel: (...args: [...Parameters<ReduceKernel>, work: number]) => void,
  bytes: number,
  space: Workspace,
): ReduceKernel {
  const work = space.scratch(bytes);
  return (outer, n, inner, to, from) => kernel(outer, n, inner, to, from, work);
}

/**
 * Prepares the reduction of x over axes to out, for reductions that can be done in parts. Each run of adjacent axes is
 * one call; all but the last write to scratch, alternating between two places. An empty reduction is `empty`.
 */
export function prepareRuns(
  out: Tensor,
  x: Tensor,
  axes: readonly number[],
  space: Workspace,
  empty: number,
  kernelFor: (longest: number) => ReduceKernel,
): () => void {
  if (x.size === 0) return () => void out.data().fill(empty);
  const steps = groups(x.shape, axes);
  if (steps.length === 0) steps.push({ outer: 1, n: 1, inner: x.size });
  const bytes = bytesPerElement(x.dtype);
  const middle = steps.slice(0, -1).map(({ outer, inner }) => outer * inner * bytes);
  const places = [0, 1].map((turn) => {
    const most = Math.max(0, ...middle.filter((_, i) => i % 2 === turn));
    return most > 0 ? space.scratch(most) : 0;
  });
  const kernel = kernelFor(Math.max(...steps.map(({ n }) => n)));
  return () => {
    let from = x.address;
    for (let i = 0; i < steps.length; i++) {
      const { outer, n, inner } = steps[i];
      const to = i === steps.length - 1 ? out.address : places[i % 2];
      kernel(outer, n, inner, to, from);
      from = to;
    }
  };
}

/** The parameters for the user's options; `name` is the reduction. */
export function reduceParams(
  name: string,
  x: Tensor,
  options: ReduceOptions,
  names: OptionNames = REDUCE_OPTIONS,
): ReduceParams {
  checkTensor(name, 'x', x);
  checkOptions(name, options, names);
  const { axis, keepDims = false } = options;
  checkFlag(name, 'keepDims', keepDims);
  return { axes: checkAxes(name, axis, x.ndim), keepDims };
}

/** `reduced` with the reduced axes of `shape` restored as extents of 1. */
export function keepAxes(reduced: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return reshape(
    reduced,
    shape.map((extent, i) => (axes.includes(i) ? 1 : extent)),
  );
}
