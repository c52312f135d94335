// Projections as rows of the table: values row by row, and the (symmetric) Jacobian times v.

import type { Tensor } from '../../core/tensor.js';
import { maxAbs } from '../../linalg/blas/addresses.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { greater, lessEqual, notEqual } from '../../ops/compare.js';
import { concat } from '../../ops/concat.js';
import type { Op } from '../../ops/op.js';
import { sign } from '../../ops/roots.js';
import { where } from '../../ops/select.js';
import { narrow } from '../../ops/slice.js';
import { asFactor, isRow, lengthOf, proximalRow, splitAlong, sumOfRow } from './rows.js';
import { thresholdTo } from './simplex.js';

/** A ball around 0. */
interface Ball {
  radius: number;
}

/** Row of the table. Outside, on the nonzero entries: v less its mean along their signs. */
export const l1BallOp: Op<Ball> = /* @__PURE__ */ proximalRow('l1Ball', {
  rows({ radius }, n) {
    const [magnitudes, near] = [new Float64Array(n), new Float64Array(n)];
    return (row, out) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += magnitudes[i] = Math.abs(row[i]);
      if (sum <= radius) out.set(row);
      else if (radius === 0) out.fill(Number.isNaN(sum) ? Number.NaN : 0);
      else {
        thresholdTo(magnitudes, radius, out, near);
        for (let i = 0; i < n; i++) if (row[i] < 0) out[i] = -out[i];
      }
    };
  },
  along(v, { x, y, params: { radius } }) {
    if (radius === 0) return mul(v, 0);
    const signs = sign(y);
    const isKept = asFactor(notEqual(y, 0), v);
    const mean = div(sumOfRow(mul(signs, v)), sumOfRow(isKept));
    return where(isRow(y, x), v, mul(isKept, sub(v, mul(signs, mean))));
  },
});

/** Row of the table. Outside: the part of v orthogonal to x, times radius / ‖x‖. */
export const l2BallOp: Op<Ball> = /* @__PURE__ */ proximalRow('l2Ball', {
  rows:
    ({ radius }) =>
    (row, out) => {
      const { scale, length } = lengthOf(row);
      if (scale * length <= radius) out.set(row);
      else for (let i = 0; i < row.length; i++) out[i] = (row[i] / scale / length) * radius;
    },
  along(v, { x, y, params: { radius } }) {
    if (radius === 0) return mul(v, 0);
    const isInside = isRow(y, x);
    const { across, length } = splitAlong(v, x, isInside);
    return where(isInside, v, mul(across, div(radius, length)));
  },
});

/** Row of the table. On the entries above 0: v less its mean there. */
export const simplexOp: Op<{ total: number }> = /* @__PURE__ */ proximalRow('simplex', {
  rows({ total }, n) {
    const near = new Float64Array(n);
    return (row, out) => {
      if (total > 0) thresholdTo(row, total, out, near);
      else out.fill(Number.isNaN(maxAbs(row)) ? Number.NaN : 0);
    };
  },
  along(v, { y, params: { total } }) {
    if (total === 0) return mul(v, 0);
    const isKept = asFactor(greater(y, 0), v);
    return mul(isKept, sub(v, div(sumOfRow(mul(isKept, v)), sumOfRow(isKept))));
  },
});

/**
 * Row of the table. Outside both cones, with u = v/‖v‖: t moves by half of dt + uᵀdv, v along u by that, and across u
 * by t'/‖v‖.
 */
export const secondOrderConeOp: Op = /* @__PURE__ */ proximalRow('secondOrderCone', {
  rows: () => (row, out) => {
    const v = row.subarray(1);
    const { scale, length } = lengthOf(v);
    const norm = scale * length;
    if (!Number.isFinite(scale) || !Number.isFinite(row[0])) out.fill(Number.NaN);
    else if (norm <= row[0]) out.set(row);
    else if (norm <= -row[0]) out.fill(0);
    else {
      const half = row[0] / 2 + norm / 2;
      out[0] = half;
      for (let i = 0; i < v.length; i++) out[i + 1] = (v[i] / scale / length) * half;
    }
  },
  along(w, { x, y }) {
    const [last, n] = [x.ndim - 1, x.shape[x.ndim - 1]];
    const head = (z: Tensor) => narrow(z, last, 0, 1);
    const tail = (z: Tensor) => narrow(z, last, 1, n - 1);
    const [isInside, isPolar] = [isRow(y, x), isRow(y, 0)];
    const isPlain = lessEqual(1, add(isInside, isPolar));
    const { across, unit, length } = splitAlong(tail(w), tail(x), isPlain);
    const half = mul(add(head(w), sumOfRow(mul(unit, tail(w)))), 0.5);
    const share = div(mul(add(head(x), length), 0.5), length);
    const between = concat([half, add(mul(unit, half), mul(across, share))], last);
    return where(isInside, w, where(isPolar, 0, between));
  },
});
