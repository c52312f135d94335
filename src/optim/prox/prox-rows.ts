// Proximal maps of norms as rows of the table: values row by row, and the (symmetric) Jacobian times v.

import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { equal, notEqual } from '../../ops/compare.js';
import type { Op } from '../../ops/op.js';
import { sign } from '../../ops/roots.js';
import { where } from '../../ops/select.js';
import { asFactor, isRow, lengthOf, proximalRow, splitAlong, sumOfRow } from './rows.js';
import { threshold } from './simplex.js';

/** The weight of f. */
interface Weight {
  t: number;
}

/** Row of the table. With u = x/‖x‖: the part of v along u, and 1 - t/‖x‖ times the part orthogonal to it. */
export const l2Op: Op<Weight> = /* @__PURE__ */ proximalRow('l2', {
  rows:
    ({ t }) =>
    (row, out) => {
      const { scale, length } = lengthOf(row);
      if (scale * length <= t) out.fill(0);
      else for (let i = 0; i < row.length; i++) out[i] = row[i] * (1 - t / scale / length);
    },
  along(v, { x, y, params: { t } }) {
    if (t === 0) return v;
    const isZero = isRow(y, 0);
    const { across, length } = splitAlong(v, x, isZero);
    return where(isZero, 0, sub(v, mul(across, div(t, length))));
  },
});

/** Row of the table. The entries that are cut move together, along their signs. */
export const linfOp: Op<Weight> = /* @__PURE__ */ proximalRow('linf', {
  rows({ t }, n) {
    const [sizes, near] = [new Float64Array(n), new Float64Array(n)];
    return (row, out) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += sizes[i] = Math.abs(row[i]);
      if (t === 0) out.set(row);
      else if (sum <= t) out.fill(0);
      else {
        const { top, below } = threshold(sizes, t, near);
        const most = top + below;
        for (let i = 0; i < n; i++) out[i] = sizes[i] <= most ? row[i] : Math.sign(row[i]) * most;
      }
    };
  },
  along(v, { x, y, params: { t } }) {
    if (t === 0) return v;
    const isCut = asFactor(notEqual(y, x), v);
    const signs = mul(sign(x), isCut);
    const count = sumOfRow(isCut);
    const mean = div(sumOfRow(mul(signs, v)), where(equal(count, 0), 1, count));
    return where(isRow(y, 0), 0, add(mul(v, sub(1, isCut)), mul(signs, mean)));
  },
});
