// x / ‖x‖, the derivative of a norm: right limits at 0, below the normal range and where ‖x‖ overflows.
import { bytesPerElement, typedArray } from '../core/dtype.js';
import { runtime } from '../core/runtime.js';
import { broadcastStrides, mergeAxes, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import { div, divAlong, mul, mulAlong, plus, sub } from './arithmetic.js';
import { equal } from './compare.js';
import { apply, type Derivative, type Linearization, type Op } from './op.js';
import { keepAxes } from './reduce.js';
import { abs } from './roots.js';
import { where } from './select.js';
import { sum } from './sum.js';

/** The axes of the norm. */
export interface NormAxes {
  readonly axes: readonly number[];
}

/** The smallest normal numbers: below, a norm has lost digits. */
const NORMAL = { f64: 2.2250738585072014e-308, f32: 1.1754943508222875e-38 };
/** What brings such numbers, and those near the largest one, into the middle of the range of f64. */
const UP = 4.149515568880993e180;

/** out := weights x / ‖x‖ where the norm y is subnormal or infinite, computed anew from x scaled. */
function rescue(out: Tensor, x: Tensor, y: Tensor, weights: Tensor | undefined): void {
  const [to, from, norms, factors] = [out.data(), x.data(), y.data(), weights?.data()];
  const tiny = NORMAL[x.dtype as 'f64' | 'f32'];
  const strides = broadcastStrides(y.shape, x.shape);
  const sums = new Float64Array(y.size);
  const place = x.shape.map(() => 0);
  const walk = (visit: (i: number, k: number) => void) => {
    place.fill(0);
    for (let i = 0, k = 0; i < from.length; i++) {
      if ((norms[k] > 0 && norms[k] < tiny) || norms[k] === Infinity) visit(i, k);
      for (let axis = place.length - 1; axis >= 0; axis--) {
        k += strides[axis];
        if (++place[axis] < x.shape[axis]) break;
        k -= strides[axis] * x.shape[axis];
        place[axis] = 0;
      }
    }
  };
  const scaled = (i: number, k: number) => (norms[k] === Infinity ? from[i] / UP : from[i] * UP);
  walk((i, k) => {
    sums[k] += scaled(i, k) * scaled(i, k);
  });
  walk((i, k) => {
    const factor = factors === undefined ? 1 : factors[k];
    to[i] = factor === 0 ? factor : factor * (scaled(i, k) / Math.sqrt(sums[k]));
  });
}

/**
 * Row of the table: w x / ‖x‖ from x, y = ‖x‖ and, if given, w, both with the reduced axes as extents of 1; 0 where x is 0.
 * y stands for the norm of x: derivatives are those in x and w. Where x is 0 the derivative in x is infinite: NaN, except that it is 0
 * where w is 0 or nothing moves.
 */
export const normDirectionOp: Op<NormAxes> = {
  name: 'normDirection',
  shape: ([x]) => x,
  prepare([out], [x, y, w], _, space) {
    const dtype = x.dtype as 'f64' | 'f32';
    const layoutOf = (...shapes: Shape[]) =>
      mergeAxes(
        x.shape,
        shapes.map((shape) => broadcastStrides(shape, x.shape)),
      );
    const layout = layoutOf(x.shape, y.shape);
    const [ndim, meta] = [layout.extents.length, space.descriptor(layout)];
    const turned = space.descriptor(layoutOf(y.shape, x.shape));
    const [over, along] = [array.exports[`div_${dtype}`], array.exports[`mulAlong_${dtype}`]];
    const divisors = space.scratch(y.size * bytesPerElement(dtype));
    const tiny = NORMAL[dtype];
    return () => {
      const norms = y.data();
      const divisor = typedArray(dtype, runtime().memory.buffer, divisors, y.size);
      let isRare = false;
      for (let i = 0; i < divisor.length; i++) {
        const norm = norms[i];
        divisor[i] = norm === 0 ? 1 : norm;
        if (norm < tiny || norm === Infinity) isRare ||= norm !== 0;
      }
      over(ndim, meta, out.address, x.address, divisors);
      if (w !== undefined) along(ndim, turned, out.address, w.address, out.address);
      if (isRare) rescue(out, x, y, w);
    };
  },
  jvp([tx, , tw], point) {
    const { inputs, params } = point;
    return plus(tw && direction(inputs[0], inputs[1], params, tw), tx && curvature(point, tx));
  },
  vjp([ct], point) {
    const { inputs, params, wanted } = point;
    const [x, y] = inputs;
    const along = () =>
      sum(mulAlong(ct as Tensor, direction(x, y, params)), { axis: params.axes, keepDims: true });
    return [
      wanted[0] ? curvature(point, ct as Tensor) : undefined,
      undefined,
      wanted[2] ? along() : undefined,
    ];
  },
};

function direction(x: Tensor, y: Tensor, params: NormAxes, w?: Tensor): Tensor {
  return apply(normDirectionOp, w === undefined ? [x, y] : [x, y, w], params);
}

/** w (t - d dᵀt) / ‖x‖ with d = x / ‖x‖, symmetric as a map of t. */
function curvature({ inputs: [x, y, w], params }: Linearization<NormAxes>, t: Tensor): Tensor {
  const options = { axis: params.axes, keepDims: true };
  const d = direction(x, y, params);
  const across = sub(t, mulAlong(sum(mulAlong(t, d), options), d));
  const zero = equal(y, 0);
  const isStill = equal(sum(abs(t), options), 0);
  const isQuiet = w === undefined ? isStill : where(equal(w, 0), 1, isStill);
  const unit = where(zero, 1, y);
  const size = w === undefined ? div(1, unit) : divAlong(w, unit);
  // A factor of 0 wins, whatever x is.
  return mulAlong(where(isQuiet, 0, where(zero, mul(y, Number.NaN), size)), across);
}

/** The tangent Σ t x / ‖x‖ of y = ‖x‖, which has its axes reduced or not. */
export function normTangent(
  t: Tensor,
  x: Tensor,
  y: Tensor,
  { axes, keepDims }: { axes: readonly number[]; keepDims: boolean },
): Tensor {
  return sum(mulAlong(t, direction(x, keepAxes(y, x.shape, axes), { axes })), { axis: axes, keepDims });
}

/** The cotangent ct x / ‖x‖ of x. */
export function normCotangent(
  ct: Derivative,
  x: Tensor,
  y: Tensor,
  { axes }: { axes: readonly number[] },
): Tensor {
  const kept = (v: Tensor) => keepAxes(v, x.shape, axes);
  return direction(x, kept(y), { axes }, kept(ct as Tensor));
}
