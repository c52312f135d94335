// The order of rows and columns in which a matrix is a triangle, if there is one: a matrix that only looks full is as well conditioned as the triangle.
import type { TypedArray } from '../../core/dtype.js';

/**
 * The places p for which A[p_i, p_j] = 0 wherever i > j; undefined if A (n x n) is a triangle as it stands, or in no order.
 * Source: Kahn, Topological sorting of large networks, Comm. ACM 5 (1962).
 */
export function triangularOrder(a: TypedArray, n: number): Int32Array | undefined {
  /** By column: the entries beside the diagonal that have not been passed yet. */
  const before = new Int32Array(n);
  let [isUpper, isLower] = [true, true];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j || a[i * n + j] === 0) continue;
      before[j]++;
      if (i > j) isUpper = false;
      else isLower = false;
    }
  }
  if (isUpper || isLower) return undefined;
  const order = new Int32Array(n);
  let found = 0;
  for (let j = 0; j < n; j++) if (before[j] === 0) order[found++] = j;
  for (let k = 0; k < found; k++) {
    const row = order[k] * n;
    for (let j = 0; j < n; j++)
      if (j !== order[k] && a[row + j] !== 0 && --before[j] === 0) order[found++] = j;
  }
  return found === n ? order : undefined;
}

/** to[i, j] := from[p_i, p_j]. */
export function ordered(from: TypedArray, to: TypedArray, order: Int32Array): void {
  const n = order.length;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) to[i * n + j] = from[order[i] * n + order[j]];
}

/** to[p_i, p_j] := from[i, j]. */
export function restored(from: TypedArray, to: TypedArray, order: Int32Array): void {
  const n = order.length;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) to[order[i] * n + order[j]] = from[i * n + j];
}
