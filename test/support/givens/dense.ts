// Matrices of oracles as rows of numbers, and products of plane rotations written out as the definitions say.
import { type Tensor, tensor } from '#src/index.js';

export type Matrix = number[][];

export const zerosOf = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
export const identity = (d: number): Matrix => zerosOf(d, d).map((row, i) => row.map((_, j) => +(i === j)));
export const transposed = (a: Matrix, columns = a[0]?.length ?? 0): Matrix =>
  Array.from({ length: columns }, (_, j) => a.map((row) => row[j]));

export function multiplied(a: Matrix, b: Matrix): Matrix {
  const columns = b[0]?.length ?? 0;
  return a.map((row) => {
    const out = new Array<number>(columns).fill(0);
    row.forEach((v, k) => {
      for (let j = 0; j < columns; j++) out[j] += v * b[k][j];
    });
    return out;
  });
}

/** ‖a - b‖_F. */
export const distance = (a: Matrix, b: Matrix): number =>
  Math.sqrt(a.reduce((sum, row, i) => row.reduce((s, v, j) => s + (v - b[i][j]) ** 2, sum), 0));
/** The largest |a_ij - b_ij|. */
export const difference = (a: Matrix, b: Matrix): number =>
  a.reduce((m, row, i) => row.reduce((most, v, j) => Math.max(most, Math.abs(v - b[i][j])), m), 0);

export const tensorOf = (a: Matrix, dtype: 'f64' | 'f32' = 'f64', columns = a[0]?.length ?? 0): Tensor =>
  tensor(Float64Array.from(a.flat()), { shape: [a.length, columns], dtype });
export const rowsOf = (x: Tensor): Matrix => x.toArray() as Matrix;

/** G(i, j, α): the identity but for g_ii = g_jj = cos α, g_ij = sin α, g_ji = -sin α. */
export function rotation(d: number, i: number, j: number, angle: number): Matrix {
  const g = identity(d);
  g[i][i] = g[j][j] = Math.cos(angle);
  g[i][j] = Math.sin(angle);
  g[j][i] = -Math.sin(angle);
  return g;
}

/** G(i, j, α)ᵀ A for c = cos α, s = sin α, in place. */
export function turnRows(a: Matrix, i: number, j: number, c: number, s: number): void {
  const [x, y] = [a[i], a[j]];
  a[i] = x.map((v, k) => c * v - s * y[k]);
  a[j] = x.map((v, k) => s * v + c * y[k]);
}

/** Planes and angles of rotations, in plain numbers; perhaps with a signed permutation of columns. */
export interface Rotations {
  readonly i: ArrayLike<number>;
  readonly j: ArrayLike<number>;
  readonly angles: ArrayLike<number>;
  readonly permutation?: ArrayLike<number>;
  readonly signs?: ArrayLike<number>;
}

/** P with P[permutation[c], c] = signs[c]. */
export function signedPermutation(permutation: ArrayLike<number>, signs: ArrayLike<number>): Matrix {
  const p = zerosOf(permutation.length, permutation.length);
  for (let c = 0; c < permutation.length; c++) p[permutation[c]][c] = signs[c];
  return p;
}

/** G_1 … G_N P. */
export function productOf(d: number, { i, j, angles, permutation, signs }: Rotations): Matrix {
  const v = identity(d);
  for (let t = 0; t < angles.length; t++) {
    const [c, s] = [Math.cos(angles[t]), Math.sin(angles[t])];
    // V G: columns i and j become c v_i - s v_j and s v_i + c v_j.
    for (const row of v) {
      const [p, q] = [row[i[t]], row[j[t]]];
      row[i[t]] = c * p - s * q;
      row[j[t]] = s * p + c * q;
    }
  }
  if (permutation === undefined || signs === undefined) return v;
  return v.map((row) => Array.from(permutation, (p, c) => signs[c] * row[p]));
}

/** A factorization in plain numbers. */
export function numbersOf(f: {
  i: Tensor;
  j: Tensor;
  angles: Tensor;
  permutation?: Tensor;
  signs?: Tensor;
}): Rotations {
  const [i, j, angles] = [f.i, f.j, f.angles].map((x) => x.toTypedArray());
  if (f.permutation === undefined || f.signs === undefined) return { i, j, angles };
  return { i, j, angles, permutation: f.permutation.toTypedArray(), signs: f.signs.toTypedArray() };
}
