// Orthogonal matrices of many kinds to factorize, the same everywhere.
import { drawing } from '../check.js';
import { identity, type Matrix, productOf, transposed, zerosOf } from './dense.js';

/** Rows of random numbers made orthonormal, twice for good measure. */
export function haarLike(d: number, seed: number): Matrix {
  const draw = drawing(seed);
  const rows: Matrix = [];
  for (let k = 0; k < d; k++) {
    let row = Array.from({ length: d }, draw);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of rows) {
        const along = row.reduce((s, v, c) => s + v * other[c], 0);
        row = row.map((v, c) => v - along * other[c]);
      }
      const length = Math.sqrt(row.reduce((s, v) => s + v * v, 0));
      row = row.map((v) => v / length);
    }
    rows.push(row);
  }
  return rows;
}

/** Planes and angles of K rotations. */
export function rotations(d: number, K: number, seed: number) {
  const draw = drawing(seed);
  const below = (n: number) => Math.floor(((draw() + 1) / 2) * n);
  const i = new Int32Array(K);
  const j = new Int32Array(K);
  const angles = new Float64Array(K);
  for (let t = 0; t < K; t++) {
    const [p, step] = [below(d), 1 + below(d - 1)];
    [i[t], j[t]] = [p, (p + step) % d];
    angles[t] = (draw() + 1) * Math.PI;
  }
  return { i, j, angles };
}

export const planted = (d: number, K: number, seed: number): Matrix =>
  productOf(d, d < 2 ? rotations(d, 0, seed) : rotations(d, K, seed));

/** A random order of 0 … d - 1, and signs. */
export function randomOrder(d: number, seed: number): { permutation: number[]; signs: number[] } {
  const draw = drawing(seed);
  const keys = Array.from({ length: d }, draw);
  return {
    permutation: [...keys.keys()].sort((a, b) => keys[a] - keys[b]),
    signs: keys.map(() => (draw() < 0 ? -1 : 1)),
  };
}

/** The columns of a in another order, with other signs. */
export function signedColumns(a: Matrix, seed: number): Matrix {
  const { permutation, signs } = randomOrder(a.length, seed);
  return a.map((row) => permutation.map((p, c) => signs[c] * row[p]));
}

/** d a power of two. */
export function hadamard(d: number): Matrix {
  const bits = (x: number): number => (x === 0 ? 0 : (x & 1) + bits(x >> 1));
  return zerosOf(d, d).map((row, i) => row.map((_, j) => (bits(i & j) % 2 ? -1 : 1) / Math.sqrt(d)));
}

/** The discrete cosine transform. */
export const cosines = (d: number): Matrix =>
  zerosOf(d, d).map((row, k) =>
    row.map((_, n) => Math.sqrt((k === 0 ? 1 : 2) / d) * Math.cos((Math.PI * (n + 0.5) * k) / d)),
  );

/** Blocks of this size, and a last one that may be smaller. */
export function blockDiagonal(d: number, size: number, seed: number): Matrix {
  const a = zerosOf(d, d);
  for (let start = 0; start < d; start += size) {
    haarLike(Math.min(size, d - start), seed + start).forEach((row, r) => {
      row.forEach((v, c) => {
        a[start + r][start + c] = v;
      });
    });
  }
  return a;
}

/** A few kinds for each d: what they are called, and the matrix. */
export function kinds(d: number): [name: string, u: Matrix][] {
  const sparse = planted(d, Math.ceil(d / 2), 5 + d);
  return [
    ['generic', haarLike(d, 1 + d)],
    ['planted', planted(d, 2 * d, 2 + d)],
    ['sparse', signedColumns(sparse, 3)],
    ['transposed sparse', transposed(sparse, d)],
    ['permutation', signedColumns(identity(d), 4)],
    ['cosines', cosines(d)],
    ['blocks', blockDiagonal(d, 3, 6)],
  ];
}
