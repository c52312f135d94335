// astype: the same numbers in another element type.
import { checkDType } from '../core/create.js';
import type { DType } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { type ArrayExports, array } from '../generated/array.js';
import { apply, checkTensor, type Op } from './op.js';

/** Row of the table. */
export const castOp: Op<{ dtype: DType }> = {
  name: 'astype',
  shape: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  run(out, [x]) {
    if (x.dtype === out.dtype) {
      out.data().set(x.data());
      return;
    }
    const name = `cast_${x.dtype}_${out.dtype}` as keyof ArrayExports;
    (array.exports[name] as (n: number, out: number, a: number) => void)(x.size, out.address, x.address);
  },
};

/** A copy of x in another dtype. To f32: rounded to nearest. To i32: towards zero, saturating, NaN becomes 0. */
export function astype(x: Tensor, dtype: DType): Tensor {
  checkTensor('astype', 'x', x);
  return apply(castOp, [x], { dtype: checkDType('astype', dtype, x.dtype) });
}
