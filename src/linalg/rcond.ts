// 1 / (||A||_1 ||A⁻¹||_1): the reciprocal condition, with the norm of the inverse estimated from a few solves.
import { tensor } from '../core/create.js';
import { ShapeError, SingularMatrixError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { type Factor, factor } from './factor.js';
import { norm } from './norms.js';
import { checkSquare } from './stack.js';

/** Estimates are almost always exact after two steps; LAPACK allows five. */
const STEPS = 5;

/**
 * An estimate of 1 / cond_1(a), rarely above three times the truth (Hager, 1984; Higham, ACM TOMS 14, 1988): O(n²) work after an
 * LU factorization. 0 for a singular matrix; the exact condition is `cond`.
 * @param a one matrix [n, n], f64 or f32.
 */
export function rcond(a: Tensor): number {
  const { rows: n, batch } = checkSquare('rcond', 'a', a);
  if (batch.length > 0) throw new ShapeError(`rcond: a must be one matrix, got shape [${a.shape}]`);
  if (n === 0) return Number.POSITIVE_INFINITY;
  const size = norm(a, 1);
  const scale = size.item();
  size.dispose();
  const f = factor(a, { kind: 'lu' });
  try {
    const inverse = inverseNorm(f, n, a.dtype as 'f64' | 'f32');
    return Number.isFinite(scale * inverse) ? 1 / scale / inverse : Number.isNaN(scale) ? Number.NaN : 0;
  } catch (error) {
    if (error instanceof SingularMatrixError) return 0;
    throw error;
  } finally {
    f.dispose();
  }
}

/** A lower bound of ||A⁻¹||_1 that is nearly always sharp. */
function inverseNorm(f: Factor, n: number, dtype: 'f64' | 'f32'): number {
  const solve = (x: number[], transpose: boolean): number[] => {
    const b = tensor(x, { dtype });
    try {
      const y = transpose ? f.solveTranspose(b) : f.solve(b);
      const values = Array.from(y.data());
      y.dispose();
      return values;
    } finally {
      b.dispose();
    }
  };
  const oneNorm = (x: number[]) => x.reduce((sum, v) => sum + Math.abs(v), 0);
  let x = new Array<number>(n).fill(1 / n);
  let estimate = 0;
  let last = -1;
  for (let step = 0; step < STEPS; step++) {
    const y = solve(x, false);
    const size = oneNorm(y);
    if (step > 0 && !(size > estimate)) break;
    estimate = size;
    const z = solve(
      y.map((v) => (v < 0 ? -1 : 1)),
      true,
    );
    let best = 0;
    for (let i = 1; i < n; i++) if (Math.abs(z[i]) > Math.abs(z[best])) best = i;
    if (best === last) break;
    last = best;
    x = x.map((_, i) => Number(i === best));
  }
  // A vector of alternating signs catches the matrices on which the climb stops early.
  const alternating = Array.from({ length: n }, (_, i) => (i % 2 ? -1 : 1) * (1 + i / Math.max(1, n - 1)));
  return Math.max(estimate, (2 * oneNorm(solve(alternating, false))) / (3 * n));
}
