// Matrices of networks: by definition, against networkx, and spectra that are known in closed form.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, add, graph, linalg, ShapeError, scope, type Tensor, tensor } from '#src/index.js';
import { near, property, rejects } from '../support/check.js';
import { adjacencyOf, networks, type PlainNetwork } from '../support/networks.js';

type Fixture = Record<
  'karate' | 'isolated',
  PlainNetwork & {
    degrees: number[];
    combinatorial: number[];
    normalized: number[];
    normalizedRow0: number[];
  }
>;

const fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/graph-networks.json', import.meta.url), 'utf8'),
) as Fixture;
const spectrum = (g: graph.Network, kind: graph.LaplacianKind = 'combinatorial') =>
  linalg.eigvalsh(graph.laplacian(g, { kind })).data();
const ascending = (list: number[]) => list.sort((a, b) => a - b);

test('by definition', () =>
  property(networks, (network) =>
    scope(() => {
      const A = adjacencyOf(network);
      const d = A.map((row) => row.reduce((a, b) => a + b, 0));
      const entries = (f: (u: number, v: number) => number) =>
        A.flatMap((row, u) => row.map((_, v) => f(u, v)));
      assert.equal(graph.degrees(network).toArray(), d);
      const L = entries((u, v) => (u === v ? d[u] : -A[u][v]));
      near(graph.laplacian(network).data(), L, 0, 'combinatorial');
      const N = entries((u, v) => (u === v ? Math.sign(d[u]) : A[u][v] && -A[u][v] / Math.sqrt(d[u] * d[v])));
      const normalized = graph.laplacian(network, { kind: 'normalized' });
      near(normalized.data(), N, 1e-15, 'normalized');
      const back = normalized.toArray() as number[][];
      assert.equal(
        back.map((row, u) => row.map((_, v) => back[v][u])),
        back,
      );
    }),
  ));

test('no -0 where there is no edge, or one of weight 0', () =>
  scope(() => {
    const g = { n: 3, edges: [[0, 1]], weights: [0] };
    for (const x of [graph.adjacency(g), graph.laplacian(g), graph.laplacian(g, { kind: 'normalized' })])
      assert.ok([...x.data()].every((v) => Object.is(v, 0)));
  }));

test('as networkx has them', () =>
  scope(() => {
    for (const name of ['karate', 'isolated'] as const) {
      const known = fixture[name];
      near(graph.degrees(known).data(), known.degrees, 1e-12, `${name}: degrees`);
      near(spectrum(known), known.combinatorial, 1e-11, `${name}: combinatorial`);
      near(spectrum(known, 'normalized'), known.normalized, 1e-13, `${name}: normalized`);
      const N = graph.laplacian(known, { kind: 'normalized' });
      near(N.data().subarray(0, known.n), known.normalizedRow0, 1e-15, `${name}: row 0`);
    }
  }));

test('spectra in closed form', () =>
  scope(() => {
    const count = (n: number) => Array.from({ length: n }, (_, k) => k);
    const pathSpectrum = (n: number) => count(n).map((k) => 2 - 2 * Math.cos((Math.PI * k) / n));
    const ringSpectrum = (n: number) => count(n).map((k) => 2 - 2 * Math.cos((2 * Math.PI * k) / n));
    for (const n of [3, 4, 7, 16]) {
      near(spectrum(graph.path(n)), ascending(pathSpectrum(n)), 1e-13, `path ${n}`);
      near(spectrum(graph.ring(n)), ascending(ringSpectrum(n)), 1e-13, `ring ${n}`);
      near(spectrum(graph.complete(n)), [0, ...Array(n - 1).fill(n)], 1e-12, `complete ${n}`);
      near(spectrum(graph.star(n)), [0, ...Array(n - 2).fill(1), n], 1e-12, `star ${n}`);
      const ring = ringSpectrum(n).map((x) => x / 2);
      near(spectrum(graph.ring(n), 'normalized'), ascending(ring), 1e-13, `ring ${n}, normalized`);
      const star = [0, ...Array(n - 2).fill(1), 2];
      near(spectrum(graph.star(n), 'normalized'), star, 1e-13, `star ${n}, normalized`);
      const complete = [0, ...Array(n - 1).fill(n / (n - 1))];
      near(spectrum(graph.complete(n), 'normalized'), complete, 1e-13, `complete ${n}, normalized`);
    }
    const [rows, columns] = [4, 5];
    const grid = pathSpectrum(rows).flatMap((x) => pathSpectrum(columns).map((y) => x + y));
    near(spectrum(graph.grid2d(rows, columns)), ascending(grid), 1e-13, 'grid');
  }));

test('a matrix and its edges give the same Laplacian', () =>
  property(networks, (network) =>
    scope(() => {
      const A = graph.adjacency(network);
      near(graph.laplacian(A).data(), graph.laplacian(network).data(), 1e-12);
      // D - A, as operations.
      const D = diagonal(graph.degrees(A));
      near(add(graph.laplacian(A), A).data(), D.data(), 1e-12);
    }),
  ));

function diagonal(d: Tensor): Tensor {
  const n = d.size;
  return tensor(
    Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? d.data()[k / (n + 1)] : 0)),
    { shape: [n, n] },
  );
}

test('weights of any sign and size', () =>
  scope(() => {
    const edges = [[0, 1], [1, 2]]; // biome-ignore format: a list
    assert.equal(graph.degrees({ n: 3, edges, weights: [-1, 3] }).toArray(), [-1, 2, 3]);
    const normalized = (weights: number[]) =>
      graph.laplacian({ n: 3, edges, weights }, { kind: 'normalized' });
    for (const size of [1e-200, 1, 1e200])
      near(normalized([size, size]).data(), normalized([1, 1]).data(), 1e-15, `${size}`);
    rejects(
      () => normalized([-1, 3]),
      ArgumentError,
      /^laplacian: kind 'normalized' needs vertices of positive degree, got -1 at vertex 0/,
    );
    rejects(() => normalized([1, -1]), ArgumentError, /got 0 at vertex 1/);
  }));

test('faults', () => {
  const g = { n: 2, edges: [[0, 1]] };
  rejects(
    () => graph.laplacian(g, { kind: 'magnetic' as never }),
    ArgumentError,
    /^laplacian: kind must be 'combinatorial' or 'normalized', got "magnetic"/,
  );
  rejects(() => graph.laplacian(g, { knid: 'normalized' } as never), ArgumentError, /did you mean 'kind'/);
  for (const f of [graph.adjacency, graph.laplacian])
    rejects(() => f({ n: 1e6, edges: [] }), ShapeError, /has 1000000000000 elements/);
});

test.run();
