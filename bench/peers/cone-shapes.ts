// Cones for double descriptions: random ones, and those of polytopes whose vertices lie on many facets.
import { normals } from '../cases/operands.js';

/** A cone {x | A x <= 0} by integers, which floats and rationals read alike. */
export interface Cone {
  name: string;
  A: number[][];
}

/** m rows of d integers up to about 30, turned so that a random point is inside. */
export function randomCone(d: number, m: number, seed: number): number[][] {
  const draws = Array.from(normals((m + 1) * d, 'f64', seed), (v) => Math.round(9 * v));
  const inside = draws.slice(0, d).map((v) => v || 1);
  return Array.from({ length: m }, (_, i) => {
    const row = draws.slice((i + 1) * d, (i + 2) * d);
    return row.reduce((s, v, j) => s + v * inside[j], 0) > 0 ? row.map((v) => -v) : row;
  });
}

/** The subsets of n things as lists of 0 and 1, but the empty one and the whole. */
const subsets = (n: number) =>
  Array.from({ length: 2 ** n - 2 }, (_, s) => Array.from({ length: n }, (_, i) => ((s + 1) >> i) & 1));

/**
 * The cone above the permutahedron of order n: in every subset of k entries of a permutation of 1 … n the sum is at
 * least k (k + 1) / 2. The last entry is what the others leave of n (n + 1) / 2, and its column is the factor of the
 * right sides.
 */
export function permutahedron(n: number): number[][] {
  const total = (n * (n + 1)) / 2;
  return subsets(n).map((subset) => {
    const k = subset.reduce((s, v) => s + v, 0);
    const last = subset[n - 1];
    return [...subset.slice(0, n - 1).map((v) => last - v), (k * (k + 1)) / 2 - last * total];
  });
}

/** The polar of the cone of cuts of the complete graph of n vertices: a row for each cut. */
export function cutCone(n: number): number[][] {
  const edges = Array.from({ length: n }, (_, u) =>
    Array.from({ length: n - 1 - u }, (_, i) => [u, u + 1 + i]),
  ).flat();
  return Array.from({ length: 2 ** (n - 1) - 1 }, (_, s) =>
    edges.map(([u, v]) => -((((s + 1) >> u) ^ ((s + 1) >> v)) & 1) + 0),
  );
}

const some = (d: number, m: number, count: number): Cone[] =>
  Array.from({ length: count }, (_, k) => ({
    name: `random cones, d = ${d}, ${m} rows`,
    A: randomCone(d, m, 1000 * d + m + k),
  }));

/** Cones by name; those of one name are measured together. */
export const CONES: Record<'float' | 'exact' | 'degenerate', Cone[]> = {
  float: [
    ...some(3, 40, 8),
    ...some(4, 40, 8),
    ...some(5, 40, 8),
    ...some(6, 40, 8),
    ...some(7, 40, 6),
    ...some(8, 40, 4),
    ...some(9, 36, 3),
    ...some(10, 20, 3),
    ...some(10, 30, 3),
    ...some(10, 40, 2),
  ],
  exact: [
    ...some(3, 40, 4),
    ...some(5, 40, 4),
    ...some(7, 32, 3),
    ...some(9, 24, 2),
    ...some(10, 20, 2),
    ...some(10, 22, 1),
  ],
  degenerate: [
    { name: 'permutahedron of order 6', A: permutahedron(6) },
    { name: 'permutahedron of order 7', A: permutahedron(7) },
    { name: 'cut cone of 5 vertices', A: cutCone(5) },
    { name: 'cut cone of 6 vertices', A: cutCone(6) },
  ],
};
