// pad: adds elements before and after along each axis: a constant, a periodic continuation, the edge element, or a
// reflection.

import { checkOneOf } from '../core/check.js';
import { full } from '../core/create.js';
import { describe } from '../core/describe.js';
import { bytesPerElement } from '../core/dtype.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkShape, mergeAxes, type Shape, show, sizeOf, stridesOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { sub } from './arithmetic.js';
import { byteLength, describeCopy } from './copy.js';
import { apply, checkTensor, commonDType, type Op, type TensorSpec } from './op.js';
import { orZeros } from './rules.js';
import { clearThen, sliceOp } from './slice.js';
import { sum } from './sum.js';

/** The kinds of padding. */
export type PadMode = 'constant' | 'periodic' | 'edge' | 'reflect';

/** [before, after] for each axis. */
export type PadWidths = readonly (readonly [number, number])[];

/** Options of `pad`. */
export interface PadOptions {
  /**
   * 'constant' (default): `value`; 'periodic': x continues from its other end (NumPy's 'wrap'); 'edge': repeats the
   * element at the edge; 'reflect': continues backwards from the edge, whose element is not repeated, as often as needed.
   */
  mode?: PadMode;
  /** For 'constant': a number, or a scalar tensor of x's dtype, which receives a derivative; default 0. */
  value?: number | Tensor;
}

const PAD_OPTIONS: OptionNames<PadOptions> = { mode: true, value: true };

export interface PadParams {
  widths: PadWidths;
  mode: PadMode;
}

/** The original part of a padded tensor: parameters of `slice`. */
function middle(inner: TensorSpec, widths: PadWidths) {
  return { begin: widths.map(([before]) => before), step: widths.map(() => 1), shape: inner.shape };
}

/** Copies between the dense tensor `small` and the middle of the padded one; `out` is one of the two. */
function middleLayout(small: Tensor, large: Tensor, widths: PadWidths) {
  const own = stridesOf(large.shape);
  const from = widths.reduce((total, [before], i) => total + before * own[i], 0);
  return { own, from, dense: stridesOf(small.shape) };
}

/** One move along an axis, in blocks at a pitch: copies what is at byte `from` to byte `to`. */
interface Border {
  count: number;
  pitch: number;
  bytes: number;
  to: number;
  from: number;
}

/**
 * The moves that fill the borders of an array of shape `shape` around its middle, in order: last axis first. Blocks of
 * borders that an earlier axis has yet to fill are moved too, and overwritten later.
 */
function borders(shape: readonly number[], { widths, mode }: PadParams, size: number): Border[] {
  const moves: Border[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const [before, after] = widths[axis];
    const slab = sizeOf(shape.slice(axis + 1)) * size;
    const [count, pitch] = [sizeOf(shape.slice(0, axis)), shape[axis] * slab];
    const n = shape[axis] - before - after;
    const move = (to: number, from: number, length: number) =>
      moves.push({ count, pitch, bytes: length * slab, to: to * slab, from: from * slab });
    if (mode === 'reflect') {
      for (let at = before - 1; at >= 0; at--) move(at, before + reflected(at - before, n), 1);
      for (let at = before + n; at < shape[axis]; at++) move(at, before + reflected(at - before, n), 1);
      continue;
    }
    // Outwards from the middle, one period or one edge element at a time.
    const period = mode === 'edge' ? 1 : n;
    for (let at = before; at > 0; at -= period) {
      const length = Math.min(at, period);
      move(at - length, mode === 'edge' ? before : at - length + n, length);
    }
    for (let at = before + n; at < shape[axis]; at += period) {
      const length = Math.min(shape[axis] - at, period);
      move(at, mode === 'edge' ? before + n - 1 : at - n, length);
    }
  }
  return moves;
}

/** Where the position i of an axis of n elements, continued by reflection at both ends, has its element. */
export function reflected(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const at = Math.abs(i) % period;
  return at < n ? at : period - at;
}

/** The widths with an unpadded leading axis. Undefined with a tensor to pad with: it would differ from part to part. */
function batchedPad({ widths, mode }: PadParams, _: number, __: Shape, operands: number) {
  return operands > 1 ? undefined : { widths: [[0, 0] as const, ...widths], mode };
}

/** Row of the table: x and, for a constant that is not 0, its value. */
export const padOp: Op<PadParams> = {
  name: 'pad',
  shape(inputs, { widths }) {
    const [x, value] = inputs;
    if (value !== undefined && value.shape.length > 0)
      throw new ShapeError(`pad: value must be a number or a scalar, got shape ${show(value.shape)}`);
    const shape = x.shape.map((extent, i) => extent + widths[i][0] + widths[i][1]);
    return { shape: checkShape('pad', shape), dtype: commonDType('pad', inputs) };
  },
  prepare([out], [x, value], params, space) {
    const { own, from, dense } = middleLayout(x, out, params.widths);
    const inside = () => describeCopy(out, from, x, 0, mergeAxes(x.shape, [own, dense], 2), space);
    if (value !== undefined) {
      const spread = {
        extents: [1, out.size],
        strides: [
          [0, 1],
          [0, 0],
        ],
      };
      const fill = describeCopy(out, 0, value, 0, spread, space);
      const copy = x.size > 0 ? inside() : undefined;
      return () => {
        fill();
        copy?.();
      };
    }
    if (params.mode === 'constant') return clearThen(out, x, inside);
    const copy = inside();
    const { copy_blocks } = array.exports;
    const moves = borders(out.shape, params, bytesPerElement(out.dtype));
    return () => {
      copy();
      const { address } = out;
      for (const { count, pitch, bytes, to, from: source } of moves)
        copy_blocks(count, bytes, address + to, pitch, address + source, pitch);
    };
  },
  batch: batchedPad,
  jvp([t, tv], { inputs: [x], params }) {
    if (t === undefined && tv === undefined) return undefined;
    return apply(padOp, tv === undefined ? [t as Tensor] : [orZeros(t, x), tv], params);
  },
  vjp([ct], { inputs: [x, value], params, wanted }) {
    const c = ct as Tensor;
    if (params.mode !== 'constant') return [apply(padTransposeOp, [c], params)];
    const inside = apply(sliceOp, [c], middle(x, params.widths));
    if (value === undefined || !wanted[1]) return [inside];
    return [inside, sum(sub(c, apply(padOp, [inside], params)))];
  },
};

/**
 * Row of the table: the transpose of padding that repeats elements; adds copies to the elements that they are copies
 * of.
 */
export const padTransposeOp: Op<PadParams> = {
  name: 'unpad',
  shape: ([x], { widths }) => ({
    shape: x.shape.map((extent, i) => extent - widths[i][0] - widths[i][1]),
    dtype: x.dtype,
  }),
  prepare([out], [x], params, space) {
    const { own, from, dense } = middleLayout(out, x, params.widths);
    const size = bytesPerElement(x.dtype);
    const bytes = byteLength(x);
    const work = space.scratch(bytes);
    const { copy_blocks, [`add_blocks_${x.dtype}` as const]: add } = array.exports;
    const moves = borders(x.shape, params, size).reverse();
    // The sums lie in scratch; only their middle is copied out.
    const sums = { dtype: x.dtype, address: work };
    const copy = describeCopy(out, 0, sums, from, mergeAxes(out.shape, [dense, own], 2), space);
    return () => {
      copy_blocks(1, bytes, work, bytes, x.address, bytes);
      for (const { count, pitch, bytes: length, to, from: target } of moves)
        add(count, length / size, work + target, pitch, work + to, pitch);
      copy();
    };
  },
  linear: true,
  batch: batchedPad,
  vjp: ([ct], { params }) => [apply(padOp, [ct as Tensor], params)],
};

const PAD_MODES = ['constant', 'periodic', 'edge', 'reflect'] as const;

/** The widths, checked. */
function checkWidths(x: Tensor, widths: PadWidths, mode: PadMode): PadWidths {
  const isCount = (n: unknown) => Number.isInteger(n) && (n as number) >= 0;
  const fits = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(isCount);
  if (!Array.isArray(widths) || widths.length !== x.ndim || !widths.every(fits)) {
    throw new ArgumentError(
      `pad: widths must be [[before, after], …], counts for each of the ${x.ndim} axes, got ${describe(widths)}`,
    );
  }
  widths.forEach(([before, after], i) => {
    if (mode !== 'constant' && x.shape[i] === 0 && before + after > 0)
      throw new ShapeError(
        `pad: axis ${i} has no elements to repeat in mode '${mode}', got shape ${show(x.shape)}`,
      );
  });
  return widths.map(([before, after]) => [before, after] as const);
}

/**
 * x with elements added before and after along each axis.
 * @param x shape [...], any dtype.
 * @param widths [[before, after], …], one pair per axis.
 * @param options `mode`: 'constant' (default), 'periodic', 'edge' or 'reflect'; `value`: the constant, default 0.
 * @throws ArgumentError for widths that are not counts, or another mode; ShapeError where an empty axis is to be
 * repeated.
 * @example
 * pad(tensor([1, 2, 3]), [[1, 2]]); // [0, 1, 2, 3, 0, 0]
 * pad(tensor([1, 2, 3]), [[1, 2]], { mode: 'periodic' }); // [3, 1, 2, 3, 1, 2]
 * pad(tensor([1, 2, 3]), [[1, 2]], { mode: 'edge' }); // [1, 1, 2, 3, 3, 3]
 * pad(tensor([1, 2, 3]), [[1, 2]], { mode: 'reflect' }); // [2, 1, 2, 3, 2, 1]
 */
export function pad(x: Tensor, widths: PadWidths, options: PadOptions = {}): Tensor {
  checkTensor('pad', 'x', x);
  checkOptions('pad', options, PAD_OPTIONS);
  const { mode = 'constant', value = 0 } = options;
  checkOneOf('pad', 'mode', mode, PAD_MODES);
  const params = { widths: checkWidths(x, widths, mode), mode };
  if (mode !== 'constant' || value === 0) return apply(padOp, [x], params);
  if (value instanceof Tensor) return apply(padOp, [x, value], params);
  if (typeof value !== 'number' || (x.dtype === 'i32' && (value | 0) !== value)) {
    const wanted = x.dtype === 'i32' ? 'an integer beside an i32 tensor' : 'a number or a scalar tensor';
    throw new ArgumentError(`pad: value must be ${wanted}, got ${describe(value)}`);
  }
  const scalar = full([], value, { dtype: x.dtype });
  try {
    return apply(padOp, [x, scalar], params);
  } finally {
    scalar.dispose();
  }
}
