// One row of robust pooling.
import { exponential } from '../problems/exponential.js';
import { relative } from '../problems/report.js';
import {
  convexMinimum,
  flatMinimum,
  type Minimum,
  meanOf,
  medianOf,
  truncatedMinimum,
  welschMinimum,
} from './minimum.js';
import { PENALTIES, type PenaltyName } from './penalties.js';

/** The minimum for sorted points. */
export function poolOne(
  kind: PenaltyName,
  sorted: Float64Array,
  alpha: number,
  init: number | undefined,
  limit: number,
): Minimum {
  if (kind === 'quadratic') return { y: meanOf(sorted), iterations: 0 };
  if (kind === 'pseudoHuber') return convexMinimum(sorted, alpha, PENALTIES.pseudoHuber, limit);
  if (kind === 'huber') {
    const flat = flatMinimum(sorted, alpha);
    return flat === undefined
      ? convexMinimum(sorted, alpha, PENALTIES.huber, limit)
      : { y: flat, iterations: 0 };
  }
  const from = (start: number) =>
    (kind === 'welsch' ? welschMinimum : truncatedMinimum)(sorted, alpha, start, limit);
  if (init !== undefined) return from(init);
  const [mean, median] = [from(meanOf(sorted)), from(medianOf(sorted))];
  const { y } = cost(kind, sorted, alpha, median.y) < cost(kind, sorted, alpha, mean.y) ? median : mean;
  return { y, iterations: Math.max(mean.iterations, median.iterations) };
}

/** The penalties that have several minima, summed. */
function cost(kind: PenaltyName, x: Float64Array, alpha: number, y: number): number {
  return x.reduce((sum, v) => {
    const u = Math.abs((y - v) / alpha);
    return sum + (kind === 'welsch' ? 1 - exponential((-u * u) / 2) : Math.min(u * u, 1));
  }, 0);
}

/** Subnormal numbers have no relative accuracy. */
const TINY = 2 ** -1000;

/** |Σ φ'| over the size of its terms, each with the rounding of y - x_i. */
export function stationarity(kind: PenaltyName, x: Float64Array, alpha: number, y: number): number {
  const { slope, curvature } = PENALTIES[kind];
  let [sum, terms] = [0, 0];
  for (const v of x) {
    const s = slope(y - v, alpha);
    sum += s;
    terms += Math.abs(s) + Math.abs(curvature(y - v, alpha)) * (Math.abs(y) + Math.abs(v) + TINY);
  }
  return relative(Math.abs(sum), terms);
}
