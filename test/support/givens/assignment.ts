// Largest assignments, by Kuhn's and Munkres' method: trees of equality edges that grow by rows, with labels and slacks (Lawler, Combinatorial
// Optimization, 1976, 5.8). And all signed permutations, one by one.
import type { Matrix } from './dense.js';

/** The column of each row in a largest Σ w[r][column[r]]; O(d³). */
export function largestAssignment(w: Matrix): number[] {
  const d = w.length;
  const columnOf = new Array<number>(d).fill(-1);
  const rowOf = new Array<number>(d).fill(-1);
  // Labels with w[r][c] <= left[r] + right[c].
  const left = w.map((row) => Math.max(...row));
  const right = new Array<number>(d).fill(0);
  for (let root = 0; root < d; root++) {
    const inTree = new Set([root]);
    const parents = new Array<number>(d).fill(-1);
    const reached = new Array<boolean>(d).fill(false);
    const slack = w[root].map((v, c) => left[root] + right[c] - v);
    const from = new Array<number>(d).fill(root);
    let end = -1;
    while (end < 0) {
      let [least, at] = [Number.POSITIVE_INFINITY, -1];
      for (let c = 0; c < d; c++) if (!reached[c] && slack[c] < least) [least, at] = [slack[c], c];
      for (const r of inTree) left[r] -= least;
      for (let c = 0; c < d; c++) {
        if (reached[c]) right[c] += least;
        else slack[c] -= least;
      }
      reached[at] = true;
      parents[at] = from[at];
      const next = rowOf[at];
      if (next < 0) {
        end = at;
        continue;
      }
      inTree.add(next);
      for (let c = 0; c < d; c++) {
        const own = left[next] + right[c] - w[next][c];
        if (!reached[c] && own < slack[c]) [slack[c], from[c]] = [own, next];
      }
    }
    for (let c = end; c >= 0; ) {
      const r = parents[c];
      const before = columnOf[r];
      columnOf[r] = c;
      rowOf[c] = r;
      c = before;
    }
  }
  return columnOf;
}

/** min over signed permutations P of ‖W - P‖_F, by an assignment. */
export function distanceToPermutations(w: Matrix): number {
  const columns = largestAssignment(w.map((row) => row.map(Math.abs)));
  let sum = 0;
  w.forEach((row, r) => {
    row.forEach((v, c) => {
      sum += c === columns[r] ? (Math.abs(v) - 1) ** 2 : v * v;
    });
  });
  return Math.sqrt(sum);
}

/** All orders of 0 … d - 1. */
export function* permutations(d: number, head: number[] = []): Generator<number[]> {
  if (head.length === d) yield head;
  for (let k = 0; k < d; k++) if (!head.includes(k)) yield* permutations(d, [...head, k]);
}

/** min over all signed permutations P of ‖U - V P‖_F, one after the other. */
export function leastDistance(u: Matrix, v: Matrix): number {
  const d = u.length;
  let least = Number.POSITIVE_INFINITY;
  for (const order of permutations(d)) {
    let sum = 0;
    // The signs of columns are independent of each other.
    for (let c = 0; c < d; c++) {
      let [plus, minus] = [0, 0];
      for (let r = 0; r < d; r++) {
        plus += (u[r][c] - v[r][order[c]]) ** 2;
        minus += (u[r][c] + v[r][order[c]]) ** 2;
      }
      sum += Math.min(plus, minus);
    }
    least = Math.min(least, sum);
  }
  return Math.sqrt(least);
}
