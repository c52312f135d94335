// Rows behind functions of symmetric matrices: the points at which a scalar function is needed, a check that it treats
// its elements one by one, and the sums of derivatives of any order.
import { ArgumentError } from '../../core/errors.js';
import type { Op } from '../../ops/op.js';
import { choose, dividedDifferences, NODE_COUNT, rankOf, writeNodes } from './divided-differences.js';

/** Row of the table: eigenvalues [..., n], ascending, to the nodes between all pairs of each matrix, as a vector. */
export const spectralNodesOp: Op = {
  name: 'symmetricFunction',
  shape([{ shape, dtype }]) {
    const n = shape[shape.length - 1];
    const count = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    return { shape: [count * choose(n + 1, 2) * NODE_COUNT], dtype };
  },
  prepare([out], [values]) {
    const n = values.shape[values.ndim - 1];
    return () => {
      const [to, x] = [out.data(), values.data()];
      let at = 0;
      for (let start = 0; start < x.length; start += n) {
        for (let j = 0; j < n; j++) {
          for (let i = 0; i <= j; i++, at += NODE_COUNT) writeNodes(x[start + i], x[start + j], to, at);
        }
      }
    };
  },
};

/** Row of the table: of every matrix the last eigenvalue and the first, and a number that is none of them, as a vector. */
export const spectralEndsOp: Op = {
  name: 'symmetricFunction',
  shape([{ shape, dtype }]) {
    return { shape: [2 * shape.slice(0, -1).reduce((a, b) => a * b, 1) + 1], dtype };
  },
  prepare([out], [values]) {
    const n = values.shape[values.ndim - 1];
    return () => {
      const [to, x] = [out.data(), values.data()];
      const last = to.length - 1;
      for (let i = 0; i < last; i++) to[i] = x[Math.floor(i / 2) * n + (i % 2 === 0 ? n - 1 : 0)];
      to[last] = 2 * x[n - 1] + 1;
    };
  },
};

/**
 * Row of the table: f at all eigenvalues, which is returned, and at the ends with another number, which must be the same
 * there: then f treats its elements one by one.
 */
export const elementwiseCheckOp: Op<{ n: number }> = {
  name: 'symmetricFunction',
  shape: ([y]) => y,
  prepare([out], [y, ends], { n }) {
    const near = y.dtype === 'f64' ? 2 ** -26 : 2 ** -11;
    return () => {
      const [to, all, some] = [out.data(), y.data(), ends.data()];
      to.set(all);
      for (let i = 0; i < some.length - 1; i++) {
        const whole = all[Math.floor(i / 2) * n + (i % 2 === 0 ? n - 1 : 0)];
        if (Object.is(whole, some[i]) || Math.abs(whole - some[i]) <= near * Math.abs(whole)) continue;
        throw new ArgumentError(
          'symmetricFunction: f must treat its elements one by one, but gives ' +
            `${whole} for an eigenvalue among the others and ${some[i]} for the same without them`,
        );
      }
    };
  },
};

/**
 * Row of the table: inputs are eigenvalues λ [..., n], f(λ), the derivatives of f of orders 1 … k at the nodes, and
 * symmetric E_1 … E_k [..., n, n] in the basis of eigenvectors. The sum over all orders σ of the E and all indices between
 * i and j of f[λ_i, λ_l, …, λ_j] (E_σ1)_il … (E_σk)_mj: the derivative of V f(Λ) Vᵀ along E_1, …, E_k (Daleckii and Krein;
 * Higham, Functions of Matrices, 2008, theorem 3.11 and section 3.8).
 */
export const spectralSumOp: Op<{ order: number }> = {
  name: 'symmetricFunction',
  shape: ([{ shape, dtype }]) => ({ shape: [...shape, shape[shape.length - 1]], dtype }),
  prepare([out], [values, f, ...rest], { order: k }) {
    const n = values.shape[values.ndim - 1];
    const eps = values.dtype === 'f64' ? 2 ** -52 : 2 ** -23;
    const orders = permutations(k);
    const step = choose(n + 1, 2) * NODE_COUNT;
    return () => {
      const [x, y, to] = [values.data(), f.data(), out.data()];
      const parts = rest.map((part) => part.data());
      for (let matrix = 0; matrix * n < x.length; matrix++) {
        const table = dividedDifferences(
          x.subarray(matrix * n, (matrix + 1) * n),
          y.subarray(matrix * n, (matrix + 1) * n),
          parts.slice(0, k).map((part) => part.subarray(matrix * step, (matrix + 1) * step)),
          eps,
        );
        const moved = parts.slice(k).map((part) => part.subarray(matrix * n * n, (matrix + 1) * n * n));
        const sum = pathSum(n, table, moved, orders);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) {
            const value = sum(i, j);
            to[matrix * n * n + i * n + j] = value;
            to[matrix * n * n + j * n + i] = value;
          }
        }
      }
    };
  },
};

/** All orders of 0 … k - 1. */
function permutations(k: number): number[][] {
  if (k === 0) return [[]];
  return permutations(k - 1).flatMap((order) =>
    Array.from({ length: k }, (_, at) => [...order.slice(0, at), k - 1, ...order.slice(at)]),
  );
}

/** The function that adds up all paths from i to j. */
function pathSum(
  n: number,
  table: Float64Array,
  moved: readonly ArrayLike<number>[],
  orders: readonly (readonly number[])[],
): (i: number, j: number) => number {
  const k = moved.length;
  if (k === 2) return (i, j) => doubleSum(n, table, moved[0], moved[1], i, j);
  const path = new Array<number>(k + 1).fill(0);
  const sorted = new Array<number>(k + 1).fill(0);
  const difference = () => {
    for (let t = 0; t <= k; t++) {
      const index = path[t];
      let at = t;
      for (; at > 0 && sorted[at - 1] > index; at--) sorted[at] = sorted[at - 1];
      sorted[at] = index;
    }
    return table[rankOf(sorted, 0, k + 1)];
  };
  const product = () => {
    let total = 0;
    for (const order of orders) {
      let term = 1;
      for (let t = 0; t < k; t++) term *= moved[order[t]][path[t] * n + path[t + 1]];
      total += term;
    }
    return total;
  };
  const from = (t: number): number => {
    // Infinite differences times directions of zero are NaN, as everywhere.
    if (t === k) return difference() * product();
    let sum = 0;
    for (let l = 0; l < n; l++) {
      path[t] = l;
      sum += from(t + 1);
    }
    return sum;
  };
  return (i, j) => {
    path[0] = i;
    path[k] = j;
    return from(1);
  };
}

/** Σ_l f[λ_i, λ_l, λ_j] (a_il b_lj + b_il a_lj), i >= j. */
function doubleSum(
  n: number,
  table: Float64Array,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  i: number,
  j: number,
): number {
  let sum = 0;
  for (let l = 0; l < n; l++) {
    const [low, high] = [Math.min(j, l), Math.max(i, l)];
    const middle = i + j + l - low - high;
    const rank = low + (middle * (middle + 1)) / 2 + (high * (high + 1) * (high + 2)) / 6;
    sum += table[rank] * (a[i * n + l] * b[l * n + j] + b[i * n + l] * a[l * n + j]);
  }
  return sum;
}
