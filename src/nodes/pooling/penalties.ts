// The penalties of robust pooling: numbers for the solvers, operations for the derivatives.
// Source: Gould, Hartley and Campbell, Deep Declarative Networks, IEEE TPAMI 44 (2022), section 5.1; Welsch's, scaled.
import type { Tensor } from '../../core/tensor.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { lessEqual } from '../../ops/compare.js';
import { exp } from '../../ops/exponential.js';
import { abs, rsqrt, sign, square } from '../../ops/roots.js';
import { clip, where } from '../../ops/select.js';
import { exponential } from '../problems/exponential.js';

/** The penalties by name. */
export type PenaltyName = 'quadratic' | 'pseudoHuber' | 'huber' | 'welsch' | 'truncatedQuadratic';

/** Σ of a penalty's derivatives, up to a positive factor, of what `slope` and `curvature` give for each point. */
export interface Penalty {
  /** φ'(z), where Welsch's is times alpha². */
  slope(z: number, alpha: number): number;
  /** Its derivative. */
  curvature(z: number, alpha: number): number;
  /**
   * The derivatives of the slope in z and in alpha, by operations; the second is undefined where it is 0.
   * @param slack the rounding of z relative to alpha.
   */
  partials(z: Tensor, alpha: Tensor, slack: number): readonly [inZ: Tensor, inAlpha: Tensor | undefined];
}

/** A point at distance alpha counts as near, also if its distance is off by the rounding of y. */
const isNear = (z: Tensor, alpha: Tensor, slack: number) => lessEqual(abs(z), mul(alpha, 1 + slack));

/** So large that its square is beyond every sum, and has a square. */
const LARGE = 1e100;
const ratio = (z: Tensor, alpha: Tensor) => clip(div(z, alpha), -LARGE, LARGE);

export const PENALTIES: Record<PenaltyName, Penalty> = {
  quadratic: {
    slope: (z) => z,
    curvature: () => 1,
    partials: (z) => [add(mul(z, 0), 1), undefined],
  },
  pseudoHuber: {
    slope(z, alpha) {
      const u = z / alpha;
      return Math.abs(u) < LARGE ? z / Math.sqrt(1 + u * u) : Math.sign(z) * alpha;
    },
    curvature(z, alpha) {
      const u = z / alpha;
      const s = 1 / Math.sqrt(1 + u * u);
      return s * s * s;
    },
    partials(z, alpha) {
      const u = ratio(z, alpha);
      const s = rsqrt(add(square(u), 1));
      const v = mul(u, s);
      return [mul(s, square(s)), mul(v, square(v))];
    },
  },
  huber: {
    slope: (z, alpha) => (Math.abs(z) <= alpha ? z : Math.sign(z) * alpha),
    curvature: (z, alpha) => (Math.abs(z) <= alpha ? 1 : 0),
    partials(z, alpha, slack) {
      const near = isNear(z, alpha, slack);
      return [astype(near, 'f64'), where(near, 0, sign(z))];
    },
  },
  welsch: {
    slope(z, alpha) {
      const u = z / alpha;
      return z * exponential((-u * u) / 2);
    },
    curvature(z, alpha) {
      const square = (z / alpha) * (z / alpha);
      return square < LARGE ? (1 - square) * exponential(-square / 2) : 0;
    },
    partials(z, alpha) {
      const u = ratio(z, alpha);
      const weight = exp(mul(square(u), -0.5));
      return [mul(sub(1, square(u)), weight), mul(mul(u, square(u)), weight)];
    },
  },
  truncatedQuadratic: {
    slope: (z, alpha) => (Math.abs(z) <= alpha ? z : 0),
    curvature: (z, alpha) => (Math.abs(z) <= alpha ? 1 : 0),
    partials: (z, alpha, slack) => [astype(isNear(z, alpha, slack), 'f64'), undefined],
  },
};
