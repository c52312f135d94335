// min ‖B y - d‖ with y_i >= 0 for i < m: the active-set method of Lawson and Hanson.
import { scope } from '../../core/scope.js';
import { inner, maxAbs, view } from '../../linalg/blas/addresses.js';
import { lstsq } from '../../linalg/dense/lstsq.js';
import { array } from './program.js';

/** Floating-point operations after which it gives up (about a second), and the overhead that a solve counts for. */
const WORK = 5e8;
const SOLVE = 1e6;

/**
 * Returns y, or the point reached if it takes too long. One column enters at a time: the one along which the residual
 * falls fastest.
 * @param columns of B; those from m on are free.
 * Source: Lawson & Hanson, Solving Least Squares Problems (1974), chapter 23.
 */
export function nonnegativeLeastSquares(
  columns: readonly Float64Array[],
  m: number,
  d: Float64Array,
): Float64Array {
  const y = new Float64Array(columns.length);
  const isIn = Uint8Array.from(columns, (_, i) => Number(i >= m));
  /** Columns that have just entered without effect. */
  const isOut = new Uint8Array(columns.length);
  const inside = () => Array.from(y, (_, i) => i).filter((i) => isIn[i] === 1);
  let work = 0;
  /** Moves to the minimum on the columns that are in, and removes those that become negative on the way. */
  const settle = () => {
    for (;;) {
      const at = inside();
      work += 2 * d.length * at.length * at.length + SOLVE;
      const z = minimum(
        at.map((i) => columns[i]),
        d,
      );
      if (!Number.isFinite(maxAbs(z))) return;
      let [t, first] = [1, -1];
      at.forEach((i, k) => {
        if (i >= m || z[k] > 0) return;
        const limit = y[i] > 0 ? y[i] / (y[i] - z[k]) : 0;
        if (limit <= t) [t, first] = [limit, i];
      });
      at.forEach((i, k) => {
        y[i] += t * (z[k] - y[i]);
      });
      if (first < 0) return;
      y[first] = 0;
      isIn[first] = 0;
    }
  };
  settle();
  while (work < WORK && inside().length < d.length) {
    const rest = d.slice();
    for (const i of inside()) columns[i].forEach((value, k) => void (rest[k] -= value * y[i]));
    let [best, next] = [1e-14 * maxAbs(rest), -1];
    for (let i = 0; i < m; i++) {
      const slope = isIn[i] === 1 || isOut[i] === 1 ? 0 : inner(columns[i], rest);
      if (slope > best) [best, next] = [slope, i];
    }
    if (next < 0) break;
    isIn[next] = 1;
    settle();
    if (isIn[next] === 0) isOut[next] = 1;
    else isOut.fill(0);
  }
  return y;
}

/** argmin ‖B z - d‖ for these columns. */
function minimum(columns: Float64Array[], d: Float64Array): Float64Array {
  const count = columns.length;
  if (count === 0) return new Float64Array(count);
  return scope(() => {
    const B = array('convex', [d.length, count]);
    const data = view(B);
    columns.forEach((column, k) => {
      for (let i = 0; i < d.length; i++) data[i * count + k] = column[i];
    });
    return Float64Array.from(view(lstsq(B, array('convex', [d.length], d)).x));
  });
}
