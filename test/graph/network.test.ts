// What stands for a network: the forms that are one and the same, and everything that is none.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  DisposedError,
  DTypeError,
  grad,
  graph,
  memory,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { property, rejects } from '../support/check.js';
import { adjacencyOf, networks } from '../support/networks.js';

const pair = (u: number, v: number) => tensor([u, v], { shape: [1, 2], dtype: 'i32' });
const edges = (list: readonly number[][]) =>
  tensor(Int32Array.from(list.flat()), { shape: [list.length, 2] });

test('tensors, arrays, either order of the ends, f32 and the matrix are the same network', () =>
  property(networks, (plain) =>
    scope(() => {
      const want = adjacencyOf(plain);
      const n = plain.n;
      const matrix = (dtype: 'f64' | 'f32') => tensor(want.flat(), { shape: [n, n], dtype });
      const forms: graph.Network[] = [
        plain,
        { n, edges: edges(plain.edges), weights: tensor(plain.weights) },
        { n, edges: plain.edges.map(([u, v]) => [v, u]), weights: Float64Array.from(plain.weights) },
        { n, edges: edges(plain.edges), weights: tensor(plain.weights, { dtype: 'f32' }) },
        { n, edges: plain.edges, weights: Float32Array.from(plain.weights) },
        matrix('f64'),
        matrix('f32'),
      ];
      for (const g of forms) {
        const A = graph.adjacency(g);
        assert.equal(A.toArray(), want);
        assert.is(A.dtype, 'f64');
      }
    }),
  ));

test('without weights every edge has the weight 1, and labels and other properties do not matter', () =>
  scope(() => {
    const g = { n: 3, edges: [[2, 0]], labels: ['a', 'b', 'c'], note: 'mine' };
    assert.equal(graph.adjacency(g).toArray(), [
      [0, 0, 1],
      [0, 0, 0],
      [1, 0, 0],
    ]);
  }));

test('no vertices, one vertex, no edges', () =>
  scope(() => {
    for (const n of [0, 1, 3])
      for (const g of [{ n, edges: [] }, { n, edges: zeros([0, 2], { dtype: 'i32' }) }, zeros([n, n])]) {
        assert.equal(graph.adjacency(g).shape, [n, n]);
        assert.equal(graph.degrees(g).toArray(), Array(n).fill(0));
        for (const kind of ['combinatorial', 'normalized'] as const)
          assert.equal([...graph.laplacian(g, { kind }).data()], Array(n * n).fill(0));
      }
    assert.equal(graph.degrees({ n: 3, edges: [], weights: [] }).toArray(), [0, 0, 0]);
  }));

test('a matrix is symmetric but for rounding: the mean counts', () =>
  scope(() => {
    const A = graph.adjacency(tensor([[0, 1 + 4e-10], [1, 0]])); // biome-ignore format: a matrix
    assert.is(A.data()[1], A.data()[2]);
    assert.ok(Math.abs(A.data()[1] - 1 - 2e-10) < 1e-15);
    // Large entries of two signs: their difference overflows.
    const huge = tensor([[0, 1.7e308], [-1.7e308, 0]]); // biome-ignore format: a matrix
    rejects(() => graph.adjacency(huge), ArgumentError, /must be symmetric, got -1.7e\+308 at \[1, 0\]/);
  }));

test('what is no network', () =>
  scope(() => {
    const bad = (g: unknown, kind: new (...a: never[]) => ArgumentError, message: RegExp) => {
      for (const [name, f] of Object.entries({
        adjacency: graph.adjacency,
        degrees: graph.degrees,
        laplacian: graph.laplacian,
        fourierTransform: graph.fourierTransform,
      })) {
        rejects(() => f(g as graph.Network), kind, message);
        rejects(() => f(g as graph.Network), kind, new RegExp(`^${name}: g`));
      }
    };
    const at = (list: unknown, more: object = {}) => ({ n: 3, edges: list, ...more });
    bad(
      undefined,
      ArgumentError,
      /must be a network { n, edges, weights\? } or an adjacency matrix, got undefined/,
    );
    bad([[0, 1]], ArgumentError, /must be a network/);
    bad({ n: 3 }, ArgumentError, /must be a network .*got { n }/);
    bad({ n: 2.5, edges: [] }, ArgumentError, /g\.n must be a whole number of at least 0, got 2\.5/);
    bad({ edges: [] }, ArgumentError, /g\.n must be a whole number/);
    bad(at('0 1'), ArgumentError, /g\.edges must be an i32 tensor \[m, 2\] or an array of pairs, got "0 1"/);
    bad(at([[0, 1], 2]), ArgumentError, /g\.edges\[1\] must be a pair of vertices, got 2/);
    bad(at([[0, 1, 2]]), ShapeError, /g\.edges\[0\] must be a pair of vertices, got \[0, 1, 2\]/);
    bad(at([[0, '1']]), ArgumentError, /g\.edges\[0\]\[1\] must be a number, got "1"/);
    bad(at([[0, 3]]), ArgumentError, /g\.edges must join vertices from 0 to n - 1 = 2, got 3 in edge 0/);
    bad(at([[0, 1], [1, -1]]), ArgumentError, /got -1 in edge 1/); // biome-ignore format: a list
    bad(at([[0.5, 1]]), ArgumentError, /got 0\.5 in edge 0/);
    bad(at([[0, Number.NaN]]), ArgumentError, /got NaN in edge 0/);
    bad(at(pair(0, 3)), ArgumentError, /got 3 in edge 0/);
    bad(
      at([[1, 1]]),
      ArgumentError,
      /must join two vertices each, as networks are simple, got 1 and 1 in edge 0/,
    );
    bad(
      at([[0, 1], [1, 2], [1, 0]]), // biome-ignore format: a list
      ArgumentError,
      /must hold each edge once, got the one of 0 and 1 as edges 0 and 2/,
    );
    bad(at(tensor([[0, 1]])), DTypeError, /g\.edges must be i32, got f64/);
    bad(at(tensor([0, 1], { dtype: 'i32' })), ShapeError, /g\.edges must have shape \[m, 2\], got \[2\]/);
    bad(at(zeros([1, 3], { dtype: 'i32' })), ShapeError, /must have shape \[m, 2\], got \[1, 3\]/);
    const weighted = (weights: unknown) => at([[0, 1]], { weights });
    bad(weighted(5), ArgumentError, /g\.weights must be a tensor \[m\] or an array, got 5/);
    bad(weighted(null), ArgumentError, /g\.weights must be/);
    bad(weighted([]), ShapeError, /g\.weights must have 1 entries, one an edge, got 0/);
    bad(weighted([1, 2]), ShapeError, /got 2/);
    bad(weighted(['1']), ArgumentError, /g\.weights must be finite numbers, got "1" at position 0/);
    bad(weighted([Number.POSITIVE_INFINITY]), ArgumentError, /got Infinity at position 0/);
    bad(weighted(tensor([Number.NaN])), ArgumentError, /got NaN at position 0/);
    bad(weighted(zeros([1, 1])), ShapeError, /g\.weights must have shape \[m\], got \[1, 1\]/);
    bad(weighted(tensor([1], { dtype: 'i32' })), DTypeError, /g\.weights must be f64 or f32, got i32/);
    bad(zeros([2, 3]), ShapeError, /must be a square matrix, got shape \[2, 3\]/);
    bad(zeros([4]), ShapeError, /must be a square matrix/);
    bad(zeros([2, 3, 3]), ShapeError, /must be a square matrix, got shape \[2, 3, 3\]/);
    bad(zeros([2, 2], { dtype: 'i32' }), DTypeError, /must be f64 or f32, got i32/);
    bad(tensor([[0, 1], [0, 0]]), ArgumentError, /must be symmetric, got 0 at \[1, 0\] and 1 at \[0, 1\]/); // biome-ignore format: a matrix
    bad(tensor([[0, Number.NaN], [0, 0]]), ArgumentError, /must have finite entries, got NaN at \[0, 1\]/); // biome-ignore format: a matrix
  }));

test('a matrix with a diagonal is no adjacency matrix', () =>
  scope(() => {
    const L = graph.laplacian(graph.path(3));
    for (const f of [graph.adjacency, graph.degrees, graph.laplacian])
      rejects(
        () => f(L),
        ArgumentError,
        /must have zeros on its diagonal, as networks are simple, got 1 at \[0, 0\]/,
      );
  }));

test('what has been disposed', () => {
  const gone = pair(0, 1);
  const weights = tensor([1]);
  for (const x of [gone, weights]) x.dispose();
  rejects(() => graph.degrees({ n: 2, edges: gone }), DisposedError, /g\.edges has been disposed/);
  rejects(() => graph.degrees({ n: 2, edges: [[0, 1]], weights }), DisposedError, /g\.weights.* disposed/);
  rejects(() => graph.degrees(weights), DisposedError, /g, a tensor of shape \[1\], has been disposed/);
});

test('derivatives do not go through networks, and plans do not read them', () =>
  scope(() => {
    const A = tensor([[0, 1], [1, 0]]); // biome-ignore format: a matrix
    const w = tensor([1]);
    const total = (g: graph.Network) => sum(graph.laplacian(g));
    rejects(() => grad(total)(A), ArgumentError, /^laplacian: g is differentiated .* has no derivative/);
    const weighted = (weights: Tensor) => total({ n: 2, edges: [[0, 1]], weights });
    rejects(() => grad(weighted)(w), ArgumentError, /^laplacian: g\.weights is differentiated/);
    rejects(() => compile(weighted)(w), ArgumentError, /^laplacian: g\.weights is traced/);
  }));

test('what is made owns its tensors', () => {
  const before = memory();
  const g = graph.readEdgeList('0 1 2\n', { base: 0, weighted: true });
  const kept = scope(() => {
    graph.path(5);
    return graph.ring(3);
  });
  assert.equal(kept.edges.shape, [3, 2]);
  for (const x of [g, kept, graph.grid2d(2, 2)]) x.dispose();
  g.dispose();
  assert.equal(memory(), before);
});

test.run();
