// linear: observations A vec(x).

import { checkCount } from '../../core/check.js';
import { DTypeError, ShapeError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { type ObservationOperator, steadyOperator } from './operator.js';

/**
 * The linear operator H x = A vec(x), where vec lists the entries of a state in row-major order.
 * @param A [p, m] for states of m numbers, f64 or f32; it is not copied, and has derivatives if it is differentiated.
 * @param options `stateAxes`: axes of a state, the last ones of x; default 1.
 * @returns an operator [...batch, ...state] -> [...batch, p].
 * @throws ShapeError for an A that is no matrix, and for an x whose state does not have m numbers; DTypeError for two dtypes; ArgumentError.
 * @example
 * assimilation.linear(tensor([[0.5, 0.5, 0], [0, 0.5, 0.5]])).apply(tensor([1, 3, 5])); // [2, 4]
 */
export function linear(A: Tensor, options: { stateAxes?: number } = {}): ObservationOperator {
  checkFloat('linear', 'A', A);
  checkOptions('linear', options, { stateAxes: true });
  const { stateAxes = 1 } = options;
  checkCount('linear', 'stateAxes', stateAxes);
  if (A.ndim !== 2) throw new ShapeError(`linear: A must be a matrix [p, m], got shape ${show(A.shape)}`);
  const [p, m] = A.shape;
  return steadyOperator({
    apply(x: Tensor) {
      const { shape, ndim, dtype } = checkFloat('linear', 'x', x);
      const batch = shape.slice(0, ndim - stateAxes);
      if (ndim < stateAxes || sizeOf(shape.slice(ndim - stateAxes)) !== m)
        throw new ShapeError(
          `linear: the last ${stateAxes} axes of x must hold the ${m} numbers of a state, got shape ${show(shape)}`,
        );
      if (dtype !== A.dtype)
        throw new DTypeError(`linear: x must be ${A.dtype}, as A is, got ${dtype} (convert with astype)`);
      return scope(() => {
        const rows = matmul(reshape(x, [sizeOf(batch), m]), A, { transposeB: true });
        return reshape(rows, [...batch, p]);
      });
    },
  });
}
