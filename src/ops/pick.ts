// pick: from every row the element that its label names, for cross-entropy; and its transpose, which puts it among
// zeros.
import { ArgumentError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { apply, type Op } from './op.js';

/** Row of the table: x [n, k] and labels [n] -> [n]. */
export const pickOp: Op = {
  name: 'pick',
  shape([x, labels]) {
    // crossEntropy has checked both.
    return { shape: labels.shape, dtype: x.dtype };
  },
  prepare: ([out], [x, labels]) => {
    const classes = x.shape[1];
    return () => {
      const [to, from, at] = [out.data(), x.data(), labels.data()];
      for (let i = 0; i < at.length; i++) to[i] = from[i * classes + checked(at[i], i, classes)];
    };
  },
  jvp: ([t], { inputs: [, labels] }) => t && apply(pickOp, [t, labels], undefined),
  vjp: ([ct], { inputs: [x, labels] }) => [
    apply(scatterClassOp, [ct as Tensor, labels], { classes: x.shape[1] }),
    undefined,
  ],
};

/** Row of the table: y [n] and labels [n] -> [n, classes], zero elsewhere. */
export const scatterClassOp: Op<{ classes: number }> = {
  name: 'place',
  shape: ([y], { classes }) => ({ shape: [...y.shape, classes], dtype: y.dtype }),
  prepare:
    ([out], [y, labels], { classes }) =>
    () => {
      const [to, from, at] = [out.data(), y.data(), labels.data()];
      to.fill(0);
      for (let i = 0; i < at.length; i++) to[i * classes + checked(at[i], i, classes)] = from[i];
    },
  jvp: ([t], { inputs: [, labels], params }) => t && apply(scatterClassOp, [t, labels], params),
  vjp: ([ct], { inputs: [, labels] }) => [apply(pickOp, [ct as Tensor, labels], undefined), undefined],
};

function checked(label: number, row: number, classes: number): number {
  if (label < 0 || label >= classes)
    throw new ArgumentError(`crossEntropy: labels must be from 0 to ${classes - 1}, got ${label} at ${row}`);
  return label;
}
