// Generators: what their definitions say, edge by edge or, of random ones, by counts that chance keeps within bounds.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, graph, random, ShapeError, scope } from '#src/index.js';
import { rejects, seed } from '../support/check.js';
import { faultOf, pairs } from '../support/networks.js';

const SEED = ` [SEED=${seed}]`;
const sorted = (g: graph.EdgeList) => pairs(g).sort();
/** All pairs of n vertices that a relation holds for. */
const where = (n: number, is: (u: number, v: number) => boolean) => {
  const found: string[] = [];
  for (let u = 0; u < n; u++) for (let v = u + 1; v < n; v++) if (is(u, v)) found.push(`${u}-${v}`);
  return found.sort();
};

test('path, ring, star, complete, grid2d by their relations', () =>
  scope(() => {
    for (let n = 0; n < 8; n++) {
      assert.equal(
        sorted(graph.path(n)),
        where(n, (u, v) => v - u === 1),
        `path ${n}`,
      );
      assert.equal(
        sorted(graph.ring(n)),
        where(n, (u, v) => (v - u) % n === 1 || (u - v + n) % n === 1),
        `ring ${n}`,
      );
      assert.equal(
        sorted(graph.star(n)),
        where(n, (u) => u === 0),
        `star ${n}`,
      );
      assert.equal(
        sorted(graph.complete(n)),
        where(n, () => true),
        `complete ${n}`,
      );
      for (let m = 0; m < 5; m++) {
        const apart = (u: number, v: number) =>
          Math.abs(Math.floor(u / m) - Math.floor(v / m)) + Math.abs((u % m) - (v % m));
        assert.equal(
          sorted(graph.grid2d(n, m)),
          where(n * m, (u, v) => apart(u, v) === 1),
          `grid ${n} x ${m}`,
        );
      }
      for (const g of [graph.path(n), graph.ring(n), graph.star(n), graph.complete(n), graph.grid2d(n, 3)])
        assert.is(faultOf(g), undefined);
    }
  }));

const RANDOM: Record<string, (s: number) => graph.OwnedEdgeList> = {
  barabasiAlbert: (s) => graph.barabasiAlbert(random(s), 90, 3),
  erdosRenyi: (s) => graph.erdosRenyi(random(s), 90, 0.05),
  wattsStrogatz: (s) => graph.wattsStrogatz(random(s), 90, 6, 0.3),
  randomGeometric: (s) => graph.randomGeometric(random(s), 90, 0.15),
};

for (const [name, make] of Object.entries(RANDOM))
  test(`${name}: simple, the same for a seed, another for another, and one draw of the generator`, () =>
    scope(() => {
      const [one, again, other] = [make(seed), make(seed), make(seed + 1)];
      assert.is(faultOf(one), undefined, SEED);
      assert.equal(pairs(one), pairs(again), SEED);
      assert.not.equal(pairs(one), pairs(other), SEED);
    }));

test('a generator goes on: networks one after the other differ', () =>
  scope(() => {
    const draw = random(seed);
    const [a, b] = [graph.erdosRenyi(draw, 60, 0.3), graph.erdosRenyi(draw, 60, 0.3)];
    assert.not.equal(pairs(a), pairs(b), SEED);
    // Large or small, a network takes as much of the generator.
    const [small, large] = [random(seed), random(seed)];
    graph.barabasiAlbert(small, 3, 1);
    graph.barabasiAlbert(large, 3000, 2);
    assert.equal(small.uniform([3]).toArray(), large.uniform([3]).toArray());
  }));

test('barabasiAlbert: m edges for each new vertex, to distinct ones', () =>
  scope(() => {
    for (const [n, m] of [
      [2, 1],
      [9, 8],
      [40, 1],
      [40, 7],
      [64, 36],
      [50, 48],
    ]) {
      // biome-ignore format: a list
      const g = graph.barabasiAlbert(random(seed), n, m);
      assert.is(faultOf(g), undefined, SEED);
      const ends = g.edges.toArray() as number[][];
      assert.equal(ends.map(([, v]) => v), where(n, () => false).concat(Array.from({ length: m * (n - m) }, (_, k) => m + Math.floor(k / m)) as never), SEED); // biome-ignore format: one line
      assert.equal(ends.slice(0, m).map(([u]) => u), Array.from({ length: m }, (_, u) => u)); // biome-ignore format: one line
    }
  }));

test('barabasiAlbert: vertices are drawn in proportion to their degrees', () =>
  scope(() => {
    // n = 4, m = 1: vertex 2 joins 0 or 1 alike, vertex 3 the one of degree 2 half of the time.
    const draw = random(seed);
    const runs = 4000;
    let [first, hub] = [0, 0];
    for (let k = 0; k < runs; k++) {
      const g = graph.barabasiAlbert(draw, 4, 1);
      const [, , second, , third] = g.edges.data();
      if (second === 0) first++;
      if (third === second) hub++;
      g.dispose();
    }
    const deviation = Math.sqrt(runs / 4);
    assert.ok(Math.abs(first - runs / 2) < 6 * deviation, `${first} of ${runs}${SEED}`);
    assert.ok(Math.abs(hub - runs / 2) < 6 * deviation, `${hub} of ${runs}${SEED}`);
  }));

test('erdosRenyi: each pair alike, and the ends', () =>
  scope(() => {
    const draw = random(seed);
    const [n, p, runs] = [7, 0.3, 3000];
    const counts = new Map<string, number>();
    for (let k = 0; k < runs; k++) {
      const g = graph.erdosRenyi(draw, n, p);
      for (const pair of pairs(g)) counts.set(pair, (counts.get(pair) ?? 0) + 1);
      g.dispose();
    }
    for (const pair of where(n, () => true)) {
      const count = counts.get(pair) ?? 0;
      assert.ok(Math.abs(count - runs * p) < 6 * Math.sqrt(runs * p * (1 - p)), `${pair}: ${count}${SEED}`);
    }
    for (const m of [0, 1, 2, 9]) {
      assert.is(graph.erdosRenyi(random(seed), m, 0).edges.shape[0], 0);
      assert.equal(
        sorted(graph.erdosRenyi(random(seed), m, 1)),
        where(m, () => true),
      );
    }
    // Rare edges among many vertices, and a probability that is next to nothing.
    const [many, rare] = [20000, 1e-6];
    const want = (rare * many * (many - 1)) / 2;
    const found = graph.erdosRenyi(random(seed), many, rare).edges.shape[0];
    assert.ok(Math.abs(found - want) < 6 * Math.sqrt(want), `${found}, want ${want}${SEED}`);
    for (const p of [1e-300, Number.MIN_VALUE])
      assert.is(graph.erdosRenyi(random(seed), 1e6, p).edges.shape[0], 0);
  }));

test('wattsStrogatz: the ring lattice, and edges that move', () =>
  scope(() => {
    for (const [n, k] of [
      [1, 0],
      [5, 4],
      [8, 2],
      [9, 4],
    ]) {
      // biome-ignore format: a list
      const near = (u: number, v: number) => Math.min(v - u, n - v + u) <= k / 2;
      assert.equal(sorted(graph.wattsStrogatz(random(seed), n, k, 0)), where(n, near));
    }
    const [n, k, p] = [400, 6, 0.25];
    const g = graph.wattsStrogatz(random(seed), n, k, p);
    assert.is(g.edges.shape[0], (n * k) / 2);
    const kept = new Set(where(n, (u, v) => Math.min(v - u, n - v + u) <= k / 2));
    const moved = pairs(g).filter((pair) => !kept.has(pair)).length;
    const all = (n * k) / 2;
    assert.ok(Math.abs(moved - all * p) < 6 * Math.sqrt(all * p * (1 - p)) + 0.02 * all, `${moved}${SEED}`);
    // All move: still simple, still as many. In a complete network there is nowhere to go.
    for (const s of [seed, seed + 1])
      assert.is(faultOf(graph.wattsStrogatz(random(s), 30, 8, 1)), undefined, SEED);
    assert.is(graph.wattsStrogatz(random(seed), 5, 4, 1).edges.shape[0], 10);
  }));

test('randomGeometric: all pairs that are near, and no other', () =>
  scope(() => {
    for (const n of [0, 1, 2, 60])
      for (const radius of [0, 0.01, 0.1, 1 / 3, 0.5, 0.9, 1, 1.5, Number.POSITIVE_INFINITY]) {
        const g = graph.randomGeometric(random(seed), n, radius);
        assert.equal([g.positions.shape, g.positions.dtype], [[n, 2], 'f64']);
        const at = g.positions.toArray() as number[][];
        const near = (u: number, v: number) =>
          (at[u][0] - at[v][0]) ** 2 + (at[u][1] - at[v][1]) ** 2 <= radius ** 2;
        assert.equal(sorted(g), where(n, near), `${n} points, radius ${radius}${SEED}`);
        assert.ok(at.flat().every((x) => x >= 0 && x < 1));
      }
  }));

test('faults', () => {
  const bad = (f: () => unknown, message: RegExp) => rejects(f, ArgumentError, message);
  for (const name of ['path', 'ring', 'star', 'complete'] as const)
    for (const n of [-1, 1.5, Number.NaN, '3' as never])
      bad(() => graph[name](n), new RegExp(`^${name}: n must be a whole number of at least 0, got `));
  bad(() => graph.grid2d(2, -1), /^grid2d: columns must be a whole number/);
  bad(() => graph.grid2d(65536, 65536), /^grid2d: rows · columns must be a whole number/);
  rejects(() => graph.complete(1e6), ShapeError, /^complete: .*\[499999500000, 2\]/);
  for (const name of ['barabasiAlbert', 'erdosRenyi', 'wattsStrogatz', 'randomGeometric'] as const)
    bad(
      () => (graph[name] as (g: unknown, n: number, m: number) => unknown)(1, 4, 1),
      new RegExp(`^${name}: generator must be a generator \\(random\\(seed\\)\\), got 1`),
    );
  const draw = random(1);
  for (const m of [0, 4, 1.5, undefined as never])
    bad(
      () => graph.barabasiAlbert(draw, 4, m),
      /^barabasiAlbert: m must be a whole number from 1 to 3, got /,
    );
  bad(
    () => graph.barabasiAlbert(draw, 1, 1),
    /^barabasiAlbert: n must be a whole number of at least 2, got 1/,
  );
  for (const p of [-0.1, 1.5, Number.NaN, '0.5' as never])
    bad(() => graph.erdosRenyi(draw, 4, p), /^erdosRenyi: p must be a number from 0 to 1, got /);
  bad(() => graph.wattsStrogatz(draw, 6, 3, 0), /^wattsStrogatz: k must be even, got 3/);
  bad(
    () => graph.wattsStrogatz(draw, 6, 6, 0),
    /^wattsStrogatz: k must be a whole number from 0 to 5, got 6/,
  );
  bad(() => graph.wattsStrogatz(draw, 6, 2, 2), /^wattsStrogatz: p must be a number from 0 to 1/);
  for (const radius of [-1, Number.NaN, '1' as never])
    bad(
      () => graph.randomGeometric(draw, 4, radius),
      /^randomGeometric: radius must be a number of at least 0/,
    );
});

test.run();
