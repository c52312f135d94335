// P A = L U: Gaussian elimination with partial pivoting.
import { runtime, withWorkspace } from '../core/runtime.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { lapack } from '../generated/lapack.js';
import { checkStack, copyOf, type Stack } from './stack.js';

/** An LU factorization as LAPACK keeps it: L and U in one matrix, and the row exchanges. */
export interface PackedLu {
  stack: Stack;
  /** L below the diagonal (ones on it not stored), U on and above it. */
  lu: Tensor;
  /** Row i was exchanged with row pivots[i], in this order; i32 [..., min(m, n)]. */
  pivots: Tensor;
  /** Per matrix, the number (from 1) of the first pivot that is zero, or 0. */
  infos: Int32Array;
}

/** Factors a stack; a zero pivot is reported and does not stop it. */
export function getrf(name: string, a: Tensor): PackedLu {
  const { exports } = lapack;
  const stack = checkStack(name, 'a', a);
  const { dtype, count, rows: m, columns: n } = stack;
  const k = Math.min(m, n);
  const lu = copyOf(a, name);
  let pivots: Tensor | undefined;
  try {
    const list = allocate(Object.freeze([...stack.batch, k]), 'i32', name);
    pivots = list;
    let infos = new Int32Array(count);
    if (count > 0 && k > 0) {
      const bytes = exports[`getrf_${dtype}_work`](m, n);
      withWorkspace(bytes + 4 * count, name, (work) => {
        exports[`getrf_${dtype}`](count, m, n, lu.address, n, m * n, list.address, work + bytes, work);
        infos = new Int32Array(runtime().memory.buffer, work + bytes, count).slice();
      });
    }
    return { stack, lu, pivots: list, infos };
  } catch (error) {
    lu.dispose();
    pivots?.dispose();
    throw error;
  }
}

/**
 * The LU factorization with partial pivoting: take(a, p, 0) = l u. Recursive, on gemm (Toledo, 1997).
 * A singular matrix is factored too: u has a zero on its diagonal.
 * @param a [..., m, n], f64 or f32.
 * @returns l [..., m, k] lower triangular with ones on the diagonal, u [..., k, n] upper triangular, and the row order
 *   p [..., m] (i32), where k = min(m, n).
 * @throws ShapeError, DTypeError, ArgumentError.
 * Source: LAPACK's getrf.
 * @example
 * linalg.lu(tensor([[1, 2], [4, 4]])); // l = [[1, 0], [0.25, 1]], u = [[4, 4], [0, 1]], p = [1, 0]
 */
export function lu(a: Tensor): { l: Tensor; u: Tensor; p: Tensor } {
  const { stack, lu: packed, pivots } = getrf('lu', a);
  const made: Tensor[] = [packed];
  const make = (tail: number[], dtype: Tensor['dtype']) => {
    const result = allocate(Object.freeze([...stack.batch, ...tail]), dtype, 'lu');
    made.push(result);
    return result;
  };
  try {
    const { dtype, count, rows: m, columns: n } = stack;
    const k = Math.min(m, n);
    const triangle = lapack.exports[`triangle_${dtype}`];
    // One factor has the shape of the packed matrix: it is made in place, after the other has been copied out.
    const [l, u] = m <= n ? [make([m, k], dtype), packed] : [packed, make([k, n], dtype)];
    const lower = () => triangle(count, 1, 1, m, k, packed.address, n, m * n, l.address, k, m * k);
    const upper = () => triangle(count, 0, 0, k, n, packed.address, n, m * n, u.address, n, k * n);
    for (const step of m <= n ? [lower, upper] : [upper, lower]) step();
    const p = make([m], 'i32');
    lapack.exports.row_orders(count, m, k, pivots.address, p.address);
    return { l, u, p };
  } catch (error) {
    for (const t of made) t.dispose();
    throw error;
  } finally {
    pivots.dispose();
  }
}
