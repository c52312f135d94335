// out_ij = x_{i + row, j + column}, or 0 outside of x: submatrices, and matrices embedded in larger ones.
import { mergeAxes, stridesOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { describeCopy } from '../../ops/copy.js';
import { apply, type Op } from '../../ops/op.js';

/** The start of the submatrix, which may be outside of x, and its extents. */
export interface WindowParams {
  row: number;
  column: number;
  rows: number;
  columns: number;
}

/** Row of the table; x [..., m, n]. */
export const submatrixOp: Op<WindowParams> = {
  name: 'window',
  shape: ([x], { rows, columns }) => ({ shape: [...x.shape.slice(0, -2), rows, columns], dtype: x.dtype }),
  prepare([out], [x], { row, column, rows, columns }, space) {
    const batch = x.shape.slice(0, -2);
    const [m, n] = x.shape.slice(-2);
    const [top, left] = [Math.max(0, -row), Math.max(0, -column)];
    const [height, width] = [Math.min(rows, m - row) - top, Math.min(columns, n - column) - left];
    if (height <= 0 || width <= 0) return () => void out.data().fill(0);
    const [to, from] = [top * columns + left, (row + top) * n + column + left];
    const strides = [stridesOf(out.shape), stridesOf(x.shape)];
    const layout = mergeAxes([...batch, height, width], strides, 2);
    const copy = describeCopy(out, to, x, from, layout, space);
    if (height === rows && width === columns) return copy;
    return () => {
      out.data().fill(0);
      copy();
    };
  },
  linear: true,
  vjp([ct], { inputs: [x], params: { row, column } }) {
    const [rows, columns] = x.shape.slice(-2);
    return [apply(submatrixOp, [ct as Tensor], { row: -row, column: -column, rows, columns })];
  },
};

/** The submatrix of `rows` x `columns` that begins at (row, column); x itself if that is all of it. */
export function submatrix(x: Tensor, rows: number, columns: number, row = 0, column = 0): Tensor {
  const [m, n] = x.shape.slice(-2);
  if (row === 0 && column === 0 && rows === m && columns === n) return x;
  return apply(submatrixOp, [x], { row, column, rows, columns });
}
