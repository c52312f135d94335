// Cones and polytopes with known numbers of rays and facets, sets of vectors compared, and an oracle that tries all subsets of rows.
import { readFileSync } from 'node:fs';
import type { Tensor } from '#src/index.js';
import { near } from './check.js';
import { eliminated, dot as exactDot, nullSpace, type Rows } from './exact-cones.js';

/** The rows of a matrix. */
export function rowsOf(x: Tensor): number[][] {
  const [n, d] = x.shape;
  const data = Array.from(x.toTypedArray());
  return Array.from({ length: n }, (_, i) => data.slice(i * d, (i + 1) * d));
}

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, j) => sum + x * b[j], 0);
export const norm = (a: readonly number[]): number => Math.sqrt(dot(a, a));
export const unit = (a: readonly number[]): number[] => a.map((x) => x / (norm(a) || 1));

/** Rows are orthogonal to all others. */
export function orthogonal(
  rows: readonly number[][],
  others: readonly number[][],
  tolerance: number,
  what: string,
) {
  for (const row of rows)
    near(
      others.map((other) => dot(row, other)),
      others.map(() => 0),
      tolerance,
      what,
    );
}

/** Rows are of length 1, and orthogonal to each other. */
export function orthonormal(rows: readonly number[][], tolerance: number, what: string): void {
  for (const [i, row] of rows.entries())
    near(
      rows.map((other) => dot(row, other)),
      rows.map((_, j) => (i === j ? 1 : 0)),
      tolerance,
      what,
    );
}

/** The largest distance of a vector to its partner in the other set, with a partner for each; Infinity where the numbers differ. */
export function distanceOfSets(
  got: readonly (readonly number[])[],
  want: readonly (readonly number[])[],
): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  const taken = new Set<number>();
  let worst = 0;
  for (const g of got) {
    let [best, at] = [Number.POSITIVE_INFINITY, -1];
    want.forEach((w, k) => {
      const distance = Math.max(0, ...g.map((x, j) => Math.abs(x - w[j])));
      if (distance < best && !taken.has(k)) [best, at] = [distance, k];
    });
    taken.add(at);
    worst = Math.max(worst, best);
  }
  return worst;
}

/** A cone of test/fixtures/cones-generators.json. */
export interface GoldenCone {
  name: string;
  dimension: number;
  A: number[][];
  rays: number[][];
  lines: number;
}

/** A polyhedron of that file; `facets` are rows of unit length. */
export interface GoldenPolyhedron {
  name: string;
  mode: 'both' | 'float' | 'near';
  direction: 'both' | 'HV' | 'VH';
  d: number;
  A: number[][];
  b: number[];
  equalities?: { A: number[][]; b: number[] };
  dimension: number;
  vertices: number[][];
  rays: number[][];
  lineality: number[][];
  facets: { A: number[][]; b: number[] };
  nEqualities: number;
  points?: number[][];
  redundant?: number[];
}

export const golden = (): { cones: GoldenCone[]; polyhedra: GoldenPolyhedron[] } =>
  JSON.parse(readFileSync(new URL('../../../test/fixtures/cones-generators.json', import.meta.url), 'utf8'));

/** The facets x(S) >= 1 + … + |S| of the permutahedron of order n in R^(n - 1), x_n taken out, over height 1: 2^n - 2 rows, n! rays. */
export function permutahedron(n: number): number[][] {
  const total = (n * (n + 1)) / 2;
  return Array.from({ length: 2 ** n - 2 }, (_, s) => {
    const subset = Array.from({ length: n }, (_unused, i) => ((s + 1) >> i) & 1);
    const size = subset.reduce((sum, bit) => sum + bit, 0);
    const last = subset[n - 1];
    const row = subset.slice(0, n - 1).map((bit) => last - bit);
    return [...row, (size * (size + 1)) / 2 - last * total];
  });
}

/** |x_1| + … + |x_d| <= 1 over height 1: 2^d rows, 2 d rays. */
export const crossPolytope = (d: number): number[][] =>
  Array.from({ length: 2 ** d }, (_, s) => [
    ...Array.from({ length: d }, (_unused, i) => ((s >> i) & 1 ? 1 : -1)),
    -1,
  ]);

/** The cone of functions on the edges of K_n that are not negative on cuts, turned: its rays are the facets of the cut cone. */
export function cutCone(n: number): number[][] {
  const edges: [number, number][] = [];
  for (let u = 0; u < n; u++) for (let v = u + 1; v < n; v++) edges.push([u, v]);
  return Array.from({ length: 2 ** (n - 1) - 1 }, (_, k) => {
    const s = k + 1;
    return edges.map(([u, v]) => 0 - (((s >> u) ^ (s >> v)) & 1));
  });
}

/** Vertices of the cyclic polytope with m vertices in R^d, on the moment curve. */
export const cyclicVertices = (m: number, d: number): number[][] =>
  Array.from({ length: m }, (_, k) => Array.from({ length: d }, (_unused, j) => (k - (m >> 1)) ** (j + 1)));

/** Facets of the cyclic polytope (Gale's evenness condition). */
export function cyclicFacets(m: number, d: number): number {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
  const half = d >> 1;
  return d % 2 === 0 ? (m * choose(m - half, half)) / (m - half) : 2 * choose(m - half - 1, half);
}

/** What a cone is, found by trying. */
export interface Oracle {
  rays: number[][];
  lines: number;
  dimension: number;
  implicit: number[];
  redundant: number[];
}

/**
 * {x : A x <= 0, E x = 0} in exact arithmetic, from small integers: the lineality space by elimination, and as rays all vectors beside it that fulfil the constraints and are
 * the only ones (up to length) on some subset of rows.
 */
export function tried(A: readonly number[][], d: number, E: readonly number[][] = []): Oracle {
  const big = (rows: readonly number[][]) => rows.map((row) => row.map((x) => BigInt(Math.round(x))));
  const [a, equal] = [big(A), big(E)];
  const lineality = nullSpace([...a, ...equal], d);
  const fixed = [...equal, ...lineality];
  const missing = d - rankOf(fixed) - 1;
  const found = new Map<string, bigint[]>();
  for (const rows of subsets(a.length, Math.max(missing, 0))) {
    const space = nullSpace([...rows.map((i) => a[i]), ...fixed], d);
    if (missing < 0 || space.length !== 1) continue;
    for (const ray of [space[0], space[0].map((x) => -x)])
      if (a.every((row) => exactDot(row, ray) <= 0n)) found.set(ray.join(), ray);
  }
  const rays = [...found.values()];
  return {
    rays: rays.map((r) => unit(r.map(Number))),
    lines: lineality.length,
    ...rolesOf(a, rays, lineality),
  };
}

function rolesOf(a: Rows, rays: Rows, lineality: Rows) {
  const implicit: number[] = [];
  const redundant: number[] = [];
  const seen = new Set<string>();
  const dimension = rankOf([...rays, ...lineality]);
  a.forEach((row, i) => {
    const tight = rays.filter((ray) => exactDot(row, ray) === 0n);
    const key = tight.join(' ');
    if (row.every((x) => x === 0n)) redundant.push(i);
    else if (tight.length === rays.length) implicit.push(i);
    else if (rankOf([...tight, ...lineality]) === dimension - 1 && !seen.has(key)) seen.add(key);
    else redundant.push(i);
  });
  return { dimension, implicit, redundant };
}

const rankOf = (rows: Rows): number => eliminated(rows).rows.length;

function* subsets(n: number, size: number, first = 0): Generator<number[]> {
  if (size === 0) yield [];
  else
    for (let i = first; i <= n - size; i++)
      for (const rest of subsets(n, size - 1, i + 1)) yield [i, ...rest];
}
