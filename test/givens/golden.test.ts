// Curves of errors, N for an error of a tenth, Jacobi's off and distances are those that independent programs have found.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eye, givens, graph, linalg, scope, tensor } from '#src/index.js';
import { near } from '../support/check.js';
import { productOf, rowsOf, tensorOf } from '../support/givens/dense.js';
import { hadamard } from '../support/givens/matrices.js';
import { errorsOf, lastError, sound } from '../support/givens/sound.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/givens.json', import.meta.url), 'utf8'),
);
const pairsOf = (flat: number[]) =>
  Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k], flat[2 * k + 1]]);

for (const { d, i, j, angles, l1, greedy, elimination } of golden.planted) {
  const u = productOf(d, { i, j, angles });
  const name = `${i.length} rotations planted in ${d} rows`;

  test(`${name}: descent in the L1 norm`, () =>
    scope(() => {
      const f = givens.factorize(tensorOf(u));
      sound(f, u, name);
      near(errorsOf(f).slice(0, l1.sure + 1), l1.error.slice(0, l1.sure + 1), 1e-10);
      assert.equal([...f.i.data()].slice(0, l1.sure), l1.i);
      assert.equal([...f.j.data()].slice(0, l1.sure), l1.j);
      const all = (d * (d - 1)) / 2;
      if (l1.factors === all) assert.equal([f.angles.size, f.status], [all, 'factors']);
      else {
        // How many gains of roundings there are at the end is no matter.
        assert.ok(f.angles.size < all && f.status === 'stalled');
        assert.ok(lastError(f) < 1e-8);
      }
    }));

  test(`${name}: greedy, until it is near; elimination to the end`, () =>
    scope(() => {
      const close = greedy.error.findIndex((e: number) => e < 1e-4);
      const until = close < 0 ? greedy.error.length : close + 1;
      const f = givens.factorize(tensorOf(u), { method: 'greedy' });
      near(errorsOf(f).slice(0, until), greedy.error.slice(0, until), 1e-9);
      const g = givens.factorize(tensorOf(u), { method: 'elimination' });
      near(errorsOf(g), elimination.error, 1e-9);
    }));

  test(`${name}: factors for an error of a tenth`, () =>
    scope(() => {
      for (const [method, { tenth }] of Object.entries({ l1, greedy, elimination })) {
        const f = givens.factorize(tensorOf(u), { method: method as 'l1', tolerance: 0.1, errorPeriod: 0 });
        assert.is(f.angles.size, tenth, method);
      }
    }));
}

for (const { name, n, edges, weights, eigenvalues, off, error, sure, tenth, values } of golden.jacobi)
  test(`Jacobi's method on ${name}`, () =>
    scope(() => {
      const L = graph.laplacian({ n, edges: pairsOf(edges), ...(weights && { weights }) } as graph.Network);
      near(linalg.eigh(L).values.data(), eigenvalues, 1e-10 * eigenvalues.at(-1));
      const factors = off.length - 1;
      const f = givens.factorize(L, { method: 'jacobi', factors });
      sound(f, rowsOf(linalg.eigh(L).vectors), name);
      near(Array.from(f.off?.data() ?? []).slice(0, sure + 1), off.slice(0, sure + 1), (k) => 1e-8 * off[k]);
      near(errorsOf(f).slice(0, sure + 1), error.slice(0, sure + 1), 1e-8);
      near(
        Array.from(f.values?.data() ?? []).sort((a, b) => a - b),
        values,
        1e-8,
      );
      assert.is(givens.factorize(L, { method: 'jacobi', factors, tolerance: 0.1 }).angles.size, tenth);
    }));

test('the basis of a network of 64 vertices by 384 rotations', () =>
  scope(() => {
    const { n, edges, eigenvalues, N, at, l1 } = golden.network;
    const g = { n, edges: pairsOf(edges) } as graph.Network;
    const { values, vectors } = linalg.eigh(graph.laplacian(g));
    near(values.data(), eigenvalues, 1e-11 * n);
    const f = givens.factorize(vectors, { factors: N, errorPeriod: 16 });
    assert.equal([...f.errorsAt.data()], at);
    near(errorsOf(f), l1, 1e-9);
    near([graph.fourierTransform(g, { factors: N, errorPeriod: 0 }).error], [l1.at(-1)], 1e-9);
    const [greedy, jacobi] = [
      givens.factorize(vectors, { method: 'greedy', factors: N, errorPeriod: 0 }),
      givens.factorize(graph.laplacian(g), { method: 'jacobi', factors: N, errorPeriod: 0 }),
    ].map(lastError);
    assert.ok(lastError(f) < greedy && greedy < jacobi, `${lastError(f)}, ${greedy}, ${jacobi}`);
  }));

test('distances up to signed permutations', () =>
  scope(() => {
    for (const { d, U, V, distance } of golden.distances) {
      const [u, v] = [U, V].map((data) => tensor(data, { shape: [d, d] }));
      near(
        [givens.symmetrizedError(u, v), givens.symmetrizedError(v, u), givens.align(u, v).error],
        [distance, distance, distance],
        1e-12,
      );
    }
    for (const { d, value } of golden.hadamard)
      near([givens.symmetrizedError(tensorOf(hadamard(d)), eye(d)) / Math.sqrt(d)], [value], 1e-14);
  }));

test.run();
