// Rules that compute in f64 for either dtype.
import type { DType } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { astype } from '../../ops/cast.js';
import type { Derivative } from '../../ops/op.js';

/** x in f64. */
export const up = (x: Tensor): Tensor => (x.dtype === 'f64' ? x : astype(x, 'f64'));

/** The same for a derivative. */
export const upIf = (x: Derivative): Derivative => x && up(x);

/** The result in the dtype of the call. */
export const down = (x: Derivative, dtype: DType): Derivative =>
  x === undefined || x.dtype === dtype ? x : astype(x, dtype);
