// The exact Fourier transform: eigenvectors of the Laplacian, products with them, and what is taken for a Laplacian.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  astype,
  checkGradients,
  compile,
  DisposedError,
  DTypeError,
  graph,
  matmul,
  memory,
  mul,
  random,
  ShapeError,
  scope,
  sin,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, property, rejects, seed } from '../support/check.js';
import { withFailingAllocation } from '../support/faults.js';
import { adjacencyOf, networks } from '../support/networks.js';

const network = { n: 5, edges: [[0, 1], [1, 2], [0, 2], [2, 3]], weights: [1, 2, 4, 0.5] }; // biome-ignore format: a list

test('the basis are orthonormal eigenvectors, the frequencies their eigenvalues, ascending', () =>
  property(
    networks,
    (g) =>
      scope(() => {
        for (const kind of ['combinatorial', 'normalized'] as const) {
          const F = graph.fourierTransform(g, { kind });
          const [L, U] = [graph.laplacian(g, { kind }), F.basis()];
          const { n } = g;
          assert.equal([F.frequencies.shape, U.shape, F.error], [[n], [n, n], 0]);
          const f = [...F.frequencies.data()];
          assert.equal(
            f,
            [...f].sort((a, b) => a - b),
          );
          const size = Math.max(1, ...f);
          near(matmul(L, U).data(), mul(U, F.frequencies).data(), 1e-13 * n * size, 'L U = U Λ');
          const gram = matmul(U, U, { transposeA: true }).data();
          near(
            gram,
            gram.map((_, k) => (k % (n + 1) === 0 ? 1 : 0)),
            1e-14 * n,
            'Uᵀ U = I',
          );
        }
      }),
    40,
  ));

test('gft and igft are products with the basis, of vectors, matrices and stacks, in the dtype of the signal', () =>
  scope(() => {
    const F = graph.fourierTransform(network);
    const U = F.basis().toArray() as number[][];
    const n = 5;
    for (const shape of [[n], [n, 3], [2, n, 3], [2, 3, n, 1], [n, 0], [0, n, 2]]) {
      const x = random(seed).normal(shape);
      const k = shape.length === 1 ? 1 : shape[shape.length - 1];
      const product = (at: (u: number, v: number) => number) =>
        Array.from(x.data(), (_, q) => {
          const [stack, row, column] = [Math.floor(q / (n * k)), Math.floor(q / k) % n, q % k];
          return U.reduce((total, _, v) => total + at(row, v) * x.data()[stack * n * k + v * k + column], 0);
        });
      const [y, z] = [F.gft(x), F.igft(x)];
      near(
        y.data(),
        product((u, v) => U[v][u]),
        1e-14,
        `gft ${shape}`,
      );
      near(
        z.data(),
        product((u, v) => U[u][v]),
        1e-14,
        `igft ${shape}`,
      );
      near(F.igft(y).data(), x.data(), 1e-14, `back ${shape}`);
      assert.equal([y.shape, z.shape], [shape, shape]);
      const narrow = F.gft(astype(x, 'f32'));
      assert.is(narrow.dtype, 'f32');
      near(narrow.data(), y.data(), 1e-6, `f32 ${shape}`);
    }
  }));

test('what is constant on a network lies at frequency 0, and what alternates on a ring at the last one', () =>
  scope(() => {
    const F = graph.fourierTransform(graph.ring(8));
    const at = (x: number[]) => Array.from(F.gft(tensor(x)).data(), Math.abs);
    near(at(Array(8).fill(1)), [Math.sqrt(8), ...Array(7).fill(0)], 1e-14);
    near(at([1, -1, 1, -1, 1, -1, 1, -1]), [...Array(7).fill(0), Math.sqrt(8)], 1e-14);
    near(
      F.frequencies.data(),
      graph.fourierTransform(graph.adjacency(graph.ring(8))).frequencies.data(),
      1e-14,
    );
  }));

test('a Laplacian is taken as it is, another matrix is an adjacency matrix', () =>
  property(networks, (g) =>
    scope(() => {
      const spectrum = (x: graph.Network, options = {}) =>
        graph.fourierTransform(x, options).frequencies.data();
      const size = 1 + g.n * Math.max(0, ...g.weights);
      for (const kind of ['combinatorial', 'normalized'] as const) {
        const want = spectrum(g, { kind }).slice();
        const A = tensor(adjacencyOf(g).flat(), { shape: [g.n, g.n] });
        near(spectrum(A, { kind }), want, 1e-13 * size, 'adjacency matrix');
        const L = graph.laplacian(g, { kind });
        for (const options of [{}, { kind }]) near(spectrum(L, options), want, 1e-13 * size, kind);
        near(
          spectrum(mul(L, 0.1)),
          want.map((x) => 0.1 * x),
          1e-13 * size,
          'scaled',
        );
        near(spectrum(astype(L, 'f32')), want, 1e-6 * size, 'f32');
      }
    }),
  ));

test('rows that sum to 0, or a diagonal, make a Laplacian', () =>
  scope(() => {
    const of = (rows: number[][]) => graph.fourierTransform(tensor(rows)).frequencies.toArray() as number[];
    // Eigenvalues ±1 of [0 1; 1 0] + I, and 0, 2 of the Laplacian of one edge.
    near(of([[1, 1], [1, 1]]), [0, 2], 1e-15); // biome-ignore format: a matrix
    near(of([[0, 1], [1, 0]]), [0, 2], 1e-15); // biome-ignore format: a matrix
    near(of([[3, 0], [0, 0]]), [0, 3], 0); // biome-ignore format: a matrix
    // Zero rows sums without a diagonal: taken as it is, with the eigenvalues of the matrix.
    near(of([[0, 1, -1, 0], [1, 0, 0, -1], [-1, 0, 0, 1], [0, -1, 1, 0]]), [-2, 0, 0, 2], 1e-15); // biome-ignore format: a matrix
    near(of([[0, 0], [0, 0]]), [0, 0], 0); // biome-ignore format: a matrix
  }));

test('no vertices and one', () =>
  scope(() => {
    for (const n of [0, 1]) {
      const F = graph.fourierTransform(graph.path(n));
      assert.equal([F.basis().shape, F.frequencies.toArray()], [[n, n], Array(n).fill(0)]);
      for (const shape of [[n], [n, 2]]) assert.equal(F.igft(F.gft(zeros(shape))).shape, shape);
    }
  }));

test('derivatives in the signal, of both orders, and in plans', () =>
  scope(() => {
    const F = graph.fourierTransform(network);
    const x = random(seed).normal([5, 2]);
    const w = random(seed + 1).normal([5, 2]);
    for (const f of [F.gft, F.igft].map((g) => g.bind(F)))
      checkGradients((y: Tensor) => sum(mul(w, sin(f(y)))), [x]);
    const smooth = (y: Tensor) => F.igft(mul(add(F.gft(y), 1), 0.5));
    const plan = compile(smooth);
    near(plan(x).data(), smooth(x).data(), 1e-15, 'plan');
    plan.dispose();
    const narrow = compile((y: Tensor) => F.gft(y));
    near(narrow(astype(x, 'f32')).data(), F.gft(x).data(), 1e-6, 'plan, f32');
    narrow.dispose();
  }));

test('it owns its tensors: dispose, using, scope', () => {
  const x = tensor([1, 2, 3, 4, 5]);
  const before = memory();
  const F = graph.fourierTransform(network);
  const B = F.basis();
  F.dispose();
  F.dispose();
  assert.equal(B.shape, [5, 5]);
  for (const [
    name,
    f,
  ] of [['gft', () => F.gft(x)], ['igft', () => F.igft(x)], ['basis', () => F.basis()]] as const) // biome-ignore format: a list
    rejects(f, DisposedError, new RegExp(`^${name}: the transform has been disposed`));
  B.dispose();
  const kept = scope(() => graph.fourierTransform(network));
  const y = scope(() => kept.igft(kept.gft(x)));
  near(y.data(), x.data(), 1e-14);
  for (const t of [y, kept]) t.dispose();
  {
    using G = graph.fourierTransform(network);
    assert.is(G.frequencies.size, 5);
  }
  assert.equal(memory(), before);
  x.dispose();
});

test('memory that ends leaves nothing behind', () => {
  const F = graph.fourierTransform(network);
  const x = tensor([1, 2, 3, 4, 5], { dtype: 'f32' });
  const before = memory();
  for (const run of [() => graph.fourierTransform(network), () => F.gft(x), () => F.basis()]) {
    let failures = 0;
    for (let k = 1; ; k++) {
      let made: { dispose(): void } | undefined;
      try {
        withFailingAllocation(k, () => {
          made = run();
        });
      } catch {
        failures++;
      }
      made?.dispose();
      assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes], `allocation ${k}`);
      if (made !== undefined) break;
    }
    assert.ok(failures > 0);
  }
  for (const t of [F, x]) t.dispose();
});

test('faults', () =>
  scope(() => {
    const F = graph.fourierTransform(network);
    for (const [name, argument] of [
      ['gft', 'x'],
      ['igft', 'y'],
    ] as const) {
      // biome-ignore format: a list
      const refused = (x: Tensor, kind: new (...a: never[]) => ArgumentError, message: RegExp) =>
        rejects(() => F[name](x), kind, message);
      const wanted = new RegExp(
        `^${name}: ${argument} must have shape \\[5\\], \\[5, k\\] or \\[\\.\\.\\., 5, k\\], got \\[`,
      );
      for (const shape of [[4], [6], [4, 5], [5, 4, 2], []]) refused(zeros(shape), ShapeError, wanted);
      refused([1, 2, 3, 4, 5] as never, ArgumentError, new RegExp(`^${name}: ${argument} must be a tensor`));
      refused(zeros([5], { dtype: 'i32' }), DTypeError, /must be f64 or f32, got i32/);
    }
    const bad = (g: unknown, options: object, kind: new (...a: never[]) => ArgumentError, message: RegExp) =>
      rejects(() => graph.fourierTransform(g as graph.Network, options), kind, message);
    bad(
      network,
      { kind: 'magnetic' },
      ArgumentError,
      /^fourierTransform: kind must be 'combinatorial' or 'normalized'/,
    );
    bad(network, { knid: 1 }, ArgumentError, /did you mean 'kind'/);
    bad(tensor([[1, 0.1], [0, 1]]), {}, ArgumentError, /^fourierTransform: g must be symmetric/); // biome-ignore format: a matrix
    bad(zeros([2, 3]), {}, ShapeError, /^fourierTransform: g must be a square matrix/);
    bad({ n: 1e6, edges: [] }, {}, ShapeError, /^fourierTransform: shape/);
  }));

test.run();
