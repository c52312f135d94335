// Which entries of a matrix are zero in all its powers: those without a path from i to j in its graph.
import type { TypedArray } from '../../core/dtype.js';

/** Whether every index is reached from the first one, by a_ij or, if `back`, by a_ji. */
function reachesAll(a: TypedArray, n: number, back: boolean): boolean {
  const [seen, open] = [new Uint8Array(n), [0]];
  const [rows, columns] = back ? [1, n] : [n, 1];
  let count = 1;
  seen[0] = 1;
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    for (let j = 0; j < n; j++) {
      if (seen[j] === 1 || a[i * rows + j * columns] === 0) continue;
      seen[j] = 1;
      count++;
      open.push(j);
    }
  }
  return count === n;
}

/**
 * Sets entries of X (n x n), a power series in A, to 0 where no path leads from i to j in A: rounding, or 0 · Infinity, may have left
 * something there. By Warshall's algorithm on bits; nothing is to be done where A is irreducible.
 */
export function clearUnreached(a: TypedArray, x: TypedArray, n: number): void {
  if (n < 2 || (reachesAll(a, n, false) && reachesAll(a, n, true))) return;
  const words = Math.ceil(n / 32);
  const reach = new Int32Array(n * words);
  const has = (i: number, j: number) => (reach[i * words + (j >> 5)] >> (j & 31)) & 1;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      if (i === j || a[i * n + j] !== 0) reach[i * words + (j >> 5)] |= 1 << (j & 31);
  }
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (has(i, k) === 0) continue;
      for (let w = 0; w < words; w++) reach[i * words + w] |= reach[k * words + w];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (has(i, j) === 0) x[i * n + j] = 0;
}
