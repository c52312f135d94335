// x - away(âᵀx - b/‖a‖) â, â = a/‖a‖: projections along a normal, to a hyperplane (away(e) = e) or a half-space
// (away(e) = max(e, 0)).
import { ArgumentError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { add, div, mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { norm } from '../../ops/norm.js';
import type { Derivative, Linearization, Op } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import { asFactor, isRow, lengthOf, sumOfRow } from './rows.js';

interface NormalParams {
  name: 'halfSpace' | 'hyperplane';
  b: number;
}

/** Row of the table: x [..., n] and a [n]. */
export const alongNormalOp: Op<NormalParams> = {
  name: 'alongNormal',
  shape: ([{ shape, dtype }]) => ({ shape, dtype }),
  prepare:
    ([out], [x, a], { name, b }) =>
    () => {
      const { scale, length } = lengthOf(a.data());
      if (scale === 0) throw new ArgumentError(`${name}: a must not be 0`);
      const normal = Float64Array.from(a.data(), (v) => v / scale / length);
      const [offset, n] = [b / scale / length, normal.length];
      const [from, to] = [x.data(), out.data()];
      for (let at = 0; at < from.length; at += n) {
        let excess = -offset;
        for (let i = 0; i < n; i++) excess += normal[i] * from[at + i];
        const by = name === 'halfSpace' ? Math.max(excess, 0) : excess;
        for (let i = 0; i < n; i++) to[at + i] = by === 0 ? from[at + i] : from[at + i] - by * normal[i];
      }
    },
  // With e = âᵀx - b/‖a‖ and P = I - ââᵀ: dâ = P da / ‖a‖, de = âᵀdx + xᵀdâ + b âᵀda / ‖a‖², dy = dx - de â - e dâ.
  jvp([tx, ta], point) {
    const { unit, excess, length, isMoved } = at(point);
    const x = point.inputs[0];
    let de: Derivative = tx && sumOfRow(mul(unit, tx));
    let turned: Derivative;
    if (ta !== undefined) {
      const along = sum(mul(unit, ta));
      const turn = div(sub(ta, mul(unit, along)), length);
      de = plus(de, add(sumOfRow(mul(x, turn)), offsetSlope(along, length, point.params.b)));
      turned = mul(excess, turn);
    }
    if (de === undefined) return undefined;
    const move = neg(mul(isMoved, plus(mul(unit, de), turned) as Tensor));
    return tx === undefined ? move : add(tx, move);
  },
  vjp([ct], point) {
    const { unit, excess, length, isMoved } = at(point);
    const c = ct as Tensor;
    const x = point.inputs[0];
    const along = mul(isMoved, sumOfRow(mul(unit, c)));
    const dx = point.wanted[0] ? sub(c, mul(unit, along)) : undefined;
    if (!point.wanted[1]) return [dx, undefined];
    const axes = [...x.shape.keys()].slice(0, -1);
    const whole = add(mul(along, x), mul(mul(isMoved, excess), c));
    const turned = axes.length > 0 ? sum(whole, { axis: axes }) : whole;
    const across = div(sub(turned, mul(unit, sum(mul(unit, turned)))), length);
    return [dx, neg(add(across, mul(unit, offsetSlope(sum(along), length, point.params.b))))];
  },
};

/** b s / ‖a‖²; 0 if b is infinite. */
const offsetSlope = (s: Tensor, length: Tensor, b: number): Tensor =>
  mul(div(s, length), div(Number.isFinite(b) ? b : 0, length));

/** â, e and ‖a‖, and 1 for each row that is moved, else 0. */
function at({ inputs: [x, a], outputs: [y], params: { name, b } }: Linearization<NormalParams>) {
  const length = norm(a);
  const unit = div(a, length);
  const excess = sub(sumOfRow(mul(unit, x)), div(b, length));
  const isMoved = name === 'hyperplane' ? 1 : sub(1, asFactor(isRow(y, x), x));
  return { unit, excess, length, isMoved };
}
