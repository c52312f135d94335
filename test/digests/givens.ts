// Results of givens whose bits are compared between engines: factorizations in every way, and products in both dtypes.
import * as ct from '#src/index.js';
import type { Subject } from './subjects.js';

const { givens, graph, random } = ct;

const planted = () => givens.planted(random(7), 21, 60);
const WAYS: Record<string, ct.givens.FactorizeOptions> = {
  l1: {},
  'l1 in a beam': { factors: 40, beam: 4 },
  'l1, refined': { factors: 40, refine: 2 },
  'l1 in parallel': { factors: 70, parallel: true },
  greedy: { method: 'greedy' },
  elimination: { method: 'elimination' },
};

function apply(dtype: 'f64' | 'f32') {
  const x = random(3).normal([21, 37], { dtype });
  const { i, j, angles } = planted();
  const order = {
    permutation: random(5).permutation(21),
    signs: Array.from({ length: 21 }, (_, k) => 1 - 2 * (k % 2)),
  };
  const product = (a: ct.Tensor) => givens.apply({ i, j, angles: a, ...order }, x);
  return [
    product(angles),
    givens.apply({ i, j, angles }, ct.transpose(x), { side: 'right', transpose: true }),
    ct.grad((a: ct.Tensor) => ct.sum(ct.square(ct.mul(product(a), x))))(angles),
  ];
}

/** All of them. */
export const givensSubjects: readonly Subject[] = [
  ...Object.entries(WAYS).map(
    ([name, options]): Subject => [
      `factorization, ${name}`,
      () => givens.factorize(planted().matrix, options),
    ],
  ),
  [
    'factorization, jacobi',
    () => givens.factorize(graph.laplacian(graph.barabasiAlbert(random(2), 24, 5)), { method: 'jacobi' }),
  ],
  ['products of rotations f64', () => apply('f64')],
  ['products of rotations f32', () => apply('f32')],
  ['haar, special', () => givens.haar(random(4), 19, { special: true })],
  ['align', () => givens.align(random(1).normal([33, 33]), random(2).normal([33, 33]))],
];
