// A transform along one axis, of complex or real numbers: cut or filled up with zeros to n numbers, transformed, scaled.
import { checkOneOf } from '../core/check.js';
import type { Tensor } from '../core/tensor.js';
import { neg } from '../ops/arithmetic.js';
import { concat } from '../ops/concat.js';
import { flip } from '../ops/flip.js';
import { apply, applyAll } from '../ops/op.js';
import { pad } from '../ops/pad.js';
import { slice } from '../ops/slice.js';
import type { Complex } from './complex.js';
import { fftOp, irfftOp, rfftOp } from './rows.js';

/** Where 1/n goes: into the inverse ('backward'), its root into both ('ortho'), or into the transform ('forward'). */
export type Norm = 'backward' | 'ortho' | 'forward';

export function checkNorm(name: string, norm: unknown): asserts norm is Norm {
  checkOneOf(name, 'norm', norm, ['backward', 'ortho', 'forward']);
}

/** What a transform of n numbers is multiplied by. */
export function scaleOf(norm: Norm, n: number, inverse: boolean): number {
  if (norm === 'ortho') return 1 / Math.sqrt(n);
  return (norm === 'backward') === inverse ? 1 / n : 1;
}

/** x with n numbers along an axis: the first ones, or all and zeros behind them. */
export function fitted(x: Tensor, axis: number, n: number): Tensor {
  const have = x.shape[axis];
  if (n === have) return x;
  if (n > have)
    return pad(
      x,
      x.shape.map((_, k) => [0, k === axis ? n - have : 0]),
    );
  return slice(
    x,
    x.shape.map(() => 0),
    x.shape.with(axis, n),
  );
}

/** The transform of n complex numbers along an axis, or its inverse. */
export function complexAlong(
  { re, im }: Complex,
  axis: number,
  n: number,
  norm: Norm,
  inverse: boolean,
): Complex {
  const params = { axis, inverse, scale: scaleOf(norm, n, inverse) };
  const [a, b] = applyAll(fftOp, [fitted(re, axis, n), fitted(im, axis, n)], params);
  return { re: a, im: b };
}

/** The first half of the transform of n real numbers. */
export function realAlong(x: Tensor, axis: number, n: number, norm: Norm, inverse = false): Complex {
  const [re, im] = applyAll(rfftOp, [fitted(x, axis, n)], {
    axis,
    scale: scaleOf(norm, n, inverse),
    inner: 1,
  });
  return { re, im };
}

/** All of the transform of n real numbers: the other half is the first one's conjugate, backwards. */
export function realToComplexAlong(
  x: Tensor,
  axis: number,
  n: number,
  norm: Norm,
  inverse: boolean,
): Complex {
  const { re, im } = realAlong(x, axis, n, norm, inverse);
  const own = inverse ? neg(im) : im;
  const left = n - re.shape[axis];
  if (left === 0) return { re, im: own };
  const from = re.shape.map((_, k) => (k === axis ? 1 : 0));
  const to = re.shape.with(axis, left + 1);
  const other = (y: Tensor): Tensor => flip(slice(y, from, to), axis);
  return { re: concat([re, other(re)], axis), im: concat([own, neg(other(own))], axis) };
}

/** The n real numbers whose transform begins with these. */
export function realInverseAlong({ re, im }: Complex, axis: number, n: number, norm: Norm): Tensor {
  const half = Math.floor(n / 2) + 1;
  const parts = [fitted(re, axis, half), fitted(im, axis, half)];
  return apply(irfftOp, parts, { axis, n, scale: scaleOf(norm, n, true), inner: 2 });
}
