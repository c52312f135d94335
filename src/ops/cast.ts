// astype: the same numbers with another dtype.
import { checkDType } from '../core/create.js';
import type { DType } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { type ArrayExports, array } from '../generated/array.js';
import { apply, checkTensor, type Op } from './op.js';

/** Row of the table. */
export const castOp: Op<{ dtype: DType }> = {
  name: 'astype',
  shape: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  prepare([out], [x]) {
    if (x.dtype === out.dtype) return () => out.data().set(x.data());
    const name = `cast_${x.dtype}_${out.dtype}` as keyof ArrayExports;
    const cast = array.exports[name] as (n: number, out: number, a: number) => void;
    return () => cast(x.size, out.address, x.address);
  },
  jvp: ([t], { params: { dtype } }) => (dtype === 'i32' ? undefined : t && astype(t, dtype)),
  vjp: ([ct], { inputs: [x] }) => [x.dtype === 'i32' ? undefined : astype(ct as Tensor, x.dtype)],
};

/**
 * A copy of x in another dtype. To f32: rounded to nearest. To i32: rounded towards zero, saturating; NaN becomes 0.
 * Derivatives pass between f64 and f32, and stop at i32.
 */
export function astype(x: Tensor, dtype: DType): Tensor {
  checkTensor('astype', 'x', x);
  return apply(castOp, [x], { dtype: checkDType('astype', dtype, x.dtype) });
}
