// The misfit (H(x_t) - y_t)ᵀ R⁻¹ (H(x_t) - y_t) of one row, or of all of them at once.

import type { Tensor } from '../../core/tensor.js';
import { mul, sub } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { equal } from '../../ops/compare.js';
import { square } from '../../ops/roots.js';
import { where } from '../../ops/select.js';
import { sum } from '../../ops/sum.js';
import { energyOf, lastAxes } from '../covariance/covariance.js';
import type { CheckedProblem } from '../problem/checked.js';

/** What rows are compared with: observations [...batch, m, ...observation], and a mask [m, ...observation]; or one row of both. */
export interface RowData {
  readonly y: Tensor;
  readonly mask: Tensor | undefined;
}

/** All rows: masked ones are 0 where they may be NaN. */
export function rowData({ observations, mask, hasBlanks, own }: CheckedProblem): RowData {
  if (mask === undefined) return { y: observations, mask: undefined };
  const kept = mask.values.dtype === own.dtype ? mask.values : astype(mask.values, own.dtype);
  return { y: hasBlanks ? where(equal(kept, 0), 0, observations) : observations, mask: kept };
}

/** R⁻¹ r, 0 where nothing was observed. */
export function weighted({ R }: CheckedProblem, r: Tensor, mask: Tensor | undefined): Tensor {
  const solved = R === undefined ? r : R.solve(r);
  return mask === undefined ? solved : mul(solved, mask);
}

/** The misfit of observations `seen` of the states, summed over the last `axes` axes. */
export function misfit(problem: CheckedProblem, seen: Tensor, { y, mask }: RowData, axes: number): Tensor {
  const { R } = problem;
  const r = sub(seen, y);
  const axis = lastAxes(r.ndim, axes);
  if (R !== undefined && mask === undefined) return energyOf(R, r, axis);
  const squares = mask === undefined ? square(r) : mul(square(r), mask);
  const precision = R?.precision;
  if (precision === undefined) return sum(squares, { axis });
  if (typeof precision === 'number') return mul(sum(squares, { axis }), precision);
  return sum(mul(squares, precision), { axis });
}
