// Windows of linear models in plain numbers: J is a parabola, whose matrix, gradient and minimum are written out.

export type Matrix = number[][];

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export const transposeOf = (A: Matrix): Matrix => range(A[0]?.length ?? 0).map((j) => A.map((row) => row[j]));
export const times = (A: Matrix, v: readonly number[]): number[] =>
  A.map((row) => row.reduce((sum, a, j) => sum + a * v[j], 0));
export const product = (A: Matrix, B: Matrix): Matrix => {
  const columns = transposeOf(B);
  return A.map((row) => columns.map((column) => row.reduce((sum, a, k) => sum + a * column[k], 0)));
};
export const plus = (A: Matrix, B: Matrix): Matrix => A.map((row, i) => row.map((a, j) => a + B[i][j]));
export const identityOf = (n: number): Matrix => range(n).map((i) => range(n).map((j) => Number(i === j)));
export const diagonalOf = (v: readonly number[]): Matrix =>
  v.map((a, i) => v.map((_, j) => (i === j ? a : 0)));
export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * b[i], 0);

/** Rows of a flat list. */
export const rowsOf = (data: ArrayLike<number>, columns: number): Matrix =>
  range(data.length / columns).map((i) => range(columns).map((j) => data[i * columns + j]));

/** A⁻¹ by elimination with pivots. */
export function inverseOf(A: Matrix): Matrix {
  const n = A.length;
  const work = A.map((row, i) => [...row, ...identityOf(n)[i]]);
  for (let k = 0; k < n; k++) {
    const pivot = range(n).slice(k).reduce((best, i) => (Math.abs(work[i][k]) > Math.abs(work[best][k]) ? i : best), k); // biome-ignore format: short
    [work[k], work[pivot]] = [work[pivot], work[k]];
    const scale = work[k][k];
    work[k] = work[k].map((v) => v / scale);
    for (let i = 0; i < n; i++) {
      const factor = work[i][k];
      if (i !== k) work[i] = work[i].map((v, j) => v - factor * work[k][j]);
    }
  }
  return work.map((row) => row.slice(n));
}

/** A window of x_{t+1} = M x_t, of which H_t x_t is observed. */
export interface LinearWindow {
  M: Matrix;
  /** The operator at a step. */
  H: (step: number) => Matrix;
  steps: number[];
  /** Observations, one row a step. */
  y: Matrix;
  R: Matrix;
  /** Zeros and ones; with a diagonal R. */
  mask?: Matrix;
  B?: Matrix;
  xb?: number[];
}

/** J(x) = xᵀ A x - 2 bᵀ x + c, its gradient, its minimum. */
export function parabola({ M, H, steps, y, R, mask, B, xb }: LinearWindow) {
  const n = M.length;
  let A = B ? inverseOf(B) : diagonalOf(new Array(n).fill(0));
  const background = A;
  let b = xb ? times(A, xb) : new Array<number>(n).fill(0);
  let c = xb ? dot(xb, b) : 0;
  const precision = inverseOf(R);
  let [power, at] = [identityOf(n), 0];
  steps.forEach((step, i) => {
    for (; at < step; at++) power = product(M, power);
    const C = product(H(step), power);
    const W = mask ? precision.map((row, k) => row.map((v) => v * mask[i][k])) : precision;
    A = plus(A, product(transposeOf(C), product(W, C)));
    const weighted = times(W, y[i]);
    b = b.map((v, k) => v + dot(transposeOf(C)[k], weighted));
    c += dot(y[i], weighted);
  });
  const value = (x: readonly number[]) => dot(x, times(A, x)) - 2 * dot(b, x) + c;
  return {
    A,
    value,
    background: (x: readonly number[]) => {
      const off = x.map((v, i) => v - (xb?.[i] ?? 0));
      return B ? dot(off, times(background, off)) : 0;
    },
    gradient: (x: readonly number[]) => times(A, x).map((v, i) => 2 * (v - b[i])),
    best: () => times(inverseOf(A), b),
  };
}
