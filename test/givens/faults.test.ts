// Memory that ends in the middle of a call, at every allocation: nothing is left, and the next call is right.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens, grad, graph, random, sum, type Tensor, tensor } from '#src/index.js';
import { numbers, seed } from '../support/check.js';
import { failEvery, firstCall, none } from '../support/faults.js';
import { tensorOf } from '../support/givens/dense.js';
import { planted } from '../support/givens/matrices.js';

const u = tensorOf(planted(7, 12, 2));
const single = tensorOf(planted(7, 12, 2), 'f32');
const s = graph.laplacian(graph.path(6));
const product = { i: [0, 2, 1], j: [1, 3, 2], permutation: [3, 0, 1, 2], signs: [1, -1, 1, 1] };
const angles = tensor([0.3, 1, 2]);
const x = tensor(numbers(12, 3), { shape: [4, 3] });

const CALLS: Record<string, () => unknown> = {
  l1: () => givens.factorize(u, { factors: 6 }),
  'l1 of f32': () => givens.factorize(single, { factors: 3, errorPeriod: 0 }),
  'l1 in a beam, refined': () => givens.factorize(u, { factors: 4, beam: 3, refine: 2 }),
  'l1 in parallel': () => givens.factorize(u, { factors: 6, parallel: true }),
  greedy: () => givens.factorize(u, { factors: 5, method: 'greedy', refine: 1 }),
  elimination: () => givens.factorize(u, { method: 'elimination', tolerance: 0.1 }),
  jacobi: () => givens.factorize(s, { method: 'jacobi', factors: 8 }),
  'jacobi with a basis of f32': () =>
    givens.factorize(s, { method: 'jacobi', factors: 2, basis: tensorOnce }),
  align: () => givens.align(u, single),
  symmetrizedError: () => givens.symmetrizedError(single, u),
  planted: () => givens.planted(random(1), 5, 4),
  haar: () => givens.haar(random(1), 5, { special: true }),
  toDense: () => givens.toDense({ ...product, angles }),
  apply: () => givens.apply({ ...product, angles }, x, { transpose: true }),
  'gradient of apply': () => grad((a: Tensor) => sum(givens.apply({ ...product, angles: a }, x)))(angles),
  'approximate transform': () => graph.fourierTransform(graph.path(6), { factors: 5 }),
  'approximate transform by jacobi': () => graph.fourierTransform(s, { factors: 5, method: 'jacobi' }),
};
const tensorOnce = tensorOf(planted(6, 0, 1), 'f32');

for (const [name, run] of Object.entries(CALLS))
  test(name, async () => {
    const failures: string[] = [];
    const count = await failEvery(name, { run }, failures, 200);
    assert.ok(count > 0);
    none(failures, seed);
  });

test('a plan of apply', async () => {
  const failures: string[] = [];
  await failEvery(
    'plan',
    firstCall((a: Tensor) => givens.apply({ ...product, angles: a }, x), [angles]),
    failures,
  );
  none(failures, seed);
});

test.run();
