// The approximate Fourier transform: Û of few rotations in place of the eigenvectors, its inverse, frequencies diag(Ûᵀ L Û), error, and who owns
// what.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  DisposedError,
  givens,
  grad,
  graph,
  linalg,
  matmul,
  memory,
  mul,
  random,
  ShapeError,
  scope,
  sum,
  type Tensor,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { distance, multiplied, numbersOf, productOf, rowsOf, transposed } from '../support/givens/dense.js';

const network = () => graph.erdosRenyi(random(4), 12, 0.4);
const METHODS = ['l1', 'greedy', 'elimination', 'jacobi'] as const;

for (const method of METHODS)
  for (const kind of ['combinatorial', 'normalized'] as const)
    test(`${method}, ${kind}: products with the rotations written out`, () =>
      scope(() => {
        const g = network();
        const L = graph.laplacian(g, { kind });
        const { vectors } = linalg.eigh(L);
        for (const factors of [0, 7, 30]) {
          const F = graph.fourierTransform(g, { kind, factors, method });
          const f = F.factorization as givens.Factorization;
          assert.ok(f.angles.size <= factors);
          const U = productOf(12, numbersOf(f));
          const what = `${factors} factors`;
          near(rowsOf(F.basis()).flat(), U.flat(), 1e-13, `${what}: basis`);
          near([F.error], [distance(U, rowsOf(vectors)) / Math.sqrt(12)], 1e-13, `${what}: error`);
          near(
            [F.error],
            [givens.symmetrizedError(vectors, F.basis()) / Math.sqrt(12)],
            1e-13,
            `${what}: error of the best P`,
          );
          const diagonal = multiplied(transposed(U), multiplied(rowsOf(L), U)).map((row, k) => row[k]);
          near(F.frequencies.data(), diagonal, 1e-12, `${what}: frequencies`);
          for (const shape of [[12], [12, 5], [2, 12, 3]]) {
            const x = random(7).normal(shape);
            const y = F.gft(x);
            near(F.igft(y).data(), x.data(), 1e-13, `${what}: inverse`);
            if (shape.length < 3)
              near(y.data(), matmul(F.basis(), x, { transposeA: true }).data(), 1e-13, `${what}: gft`);
          }
          assert.is(F.gft(random(7).normal([12, 2], { dtype: 'f32' })).dtype, 'f32');
        }
      }));

test('all rotations of elimination are exact, and signals have the spectrum of the exact transform', () =>
  scope(() => {
    const g = network();
    const [exact, F] = [
      graph.fourierTransform(g),
      graph.fourierTransform(g, { factors: 66, method: 'elimination' }),
    ];
    assert.ok(F.error < 1e-13 && exact.error === 0);
    near(F.frequencies.data(), exact.frequencies.data(), 1e-12);
    const x = random(1).normal([12]);
    near(F.gft(x).data().map(Math.abs), exact.gft(x).data().map(Math.abs), 1e-12);
  }));

test('a Laplacian, options of the search, and gradients of signals', () =>
  scope(() => {
    const L = graph.laplacian(network());
    const F = graph.fourierTransform(L, { factors: 40, tolerance: 0.4, errorPeriod: 10, beam: 2 });
    const f = F.factorization as givens.Factorization;
    assert.is(f.status, 'tolerance');
    assert.ok(F.error < 0.4);
    near([F.error], [f.errors.data()[f.errors.size - 1]], 0);
    const w = random(2).normal([12]);
    const g = grad((x: Tensor) => sum(mul(w, F.gft(x))))(random(3).normal([12]));
    near(g.data(), F.igft(w).data(), 1e-14);
  }));

test('dispose frees all; scopes keep what is returned; errors name the function', () => {
  const before = memory();
  const F = scope(() => graph.fourierTransform(graph.path(6), { factors: 5, method: 'jacobi' }));
  const f = F.factorization as givens.Factorization;
  assert.equal(F.frequencies.shape, [6]);
  assert.ok(
    [f.i, f.j, f.angles, f.permutation, f.signs, f.errors, f.errorsAt, f.off, f.values].every(
      (x) => x?.isDisposed === false,
    ),
  );
  scope(() => {
    near(F.igft(F.gft(random(1).normal([6]))).data(), random(1).normal([6]).data(), 1e-14);
    const long = random(1).normal([7]);
    rejects(() => F.gft(long), ShapeError, /^gft: x /);
    rejects(() => F.igft(long), ShapeError, /^igft: y /);
  });
  F.dispose();
  F.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  for (const name of ['gft', 'igft', 'basis'] as const) {
    scope(() => {
      const x = random(1).normal([6]);
      rejects(() => F[name](x), DisposedError, new RegExp(`^${name}: the transform has been disposed`));
    });
  }
  {
    const g = graph.path(6);
    {
      using own = graph.fourierTransform(g, { factors: 2 });
      assert.is(own.frequencies.size, 6);
    }
    g.dispose();
  }
  scope(() => void graph.fourierTransform(graph.path(6), { factors: 2 }));
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test.run();
