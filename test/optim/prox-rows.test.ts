// Projections of rows: the threshold against one by sorting, on rows that selection finds hard, and what is infinite or empty.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { optim, scope, type Tensor, tensor, zeros } from '#src/index.js';
import { near, numbers, property } from '../support/check.js';

const { project, prox } = optim;

/** The projection to the simplex, by sorting, with sums from the largest entry on. */
function bySorting(u: number[], total: number): number[] {
  const top = Math.max(...u);
  const sorted = u.map((value) => value - top).sort((a, b) => b - a);
  let [sum, tau] = [0, -total];
  sorted.forEach((value, k) => {
    if (!(value > tau)) return;
    sum += value;
    tau = (sum - total) / (k + 1);
  });
  return u.map((value) => Math.max(value - top - tau, 0));
}

const KINDS: Record<string, (n: number, seed: number) => number[]> = {
  uniform: numbers,
  ties: (n, seed) => numbers(n, seed).map((value) => Math.round(3 * value)),
  equal: (n) => new Array<number>(n).fill(0.25),
  ascending: (n) => Array.from({ length: n }, (_, i) => i / n),
  descending: (n) => Array.from({ length: n }, (_, i) => -i / n),
  // Round after round takes one entry, or a few, of these.
  geometric: (n) => Array.from({ length: n }, (_, i) => -(2 ** -i)),
  'descending gaps': (n) => Array.from({ length: n }, (_, i) => -(1.1 ** i)),
  'far from zero': (n, seed) => numbers(n, seed).map((value) => 1e6 + value),
  'one large': (n, seed) => numbers(n, seed).map((value, i) => (i === n - 1 ? 1e3 : value)),
};

test('the simplex and the L1 ball, entry by entry, as sorting has them', () =>
  property(
    fc.tuple(
      fc.constantFrom(...Object.keys(KINDS)),
      fc.integer({ min: 1, max: 300 }),
      fc.nat(1e6),
      fc.constantFrom(1e-3, 0.1, 1, 10, 1e4),
    ),
    ([kind, n, seed, total]) =>
      scope(() => {
        const u = KINDS[kind](n, seed);
        near(
          project.simplex(tensor(u), total).data(),
          bySorting(u, total),
          1e-14 * n * Math.max(1, total),
          kind,
        );
        const sizes = u.map(Math.abs);
        const inside = sizes.reduce((sum, value) => sum + value, 0) <= total;
        const want = inside ? u : bySorting(sizes, total).map((value, i) => (u[i] < 0 ? -value : value));
        const scale = 1e-14 * n * Math.max(1, total);
        near(project.l1Ball(tensor(u), total).data(), want, scale, kind);
        // Moreau: what the prox of the largest entry takes away is the projection to the L1 ball.
        const kept = prox.linf(tensor(u), total).data();
        near(
          kept,
          u.map((value, i) => value - want[i]),
          scale + 1e-15 * Math.max(...sizes),
          kind,
        );
      }),
    200,
  ));

test('infinite entries: -Infinity is far outside, Infinity has no nearest point', () =>
  scope(() => {
    const [up, down] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    near(project.simplex(tensor([1, 1, down])).data(), [0.5, 0.5, 0], 0);
    near(project.box(tensor([up, down, 0]), -1, 2).data(), [2, -1, 0], 0);
    near(project.linfBall(tensor([up, down]), 3).data(), [3, -3], 0);
    const maps: ((x: Tensor) => Tensor)[] = [
      (x) => project.simplex(x),
      (x) => project.l1Ball(x),
      (x) => project.l2Ball(x),
      (x) => project.secondOrderCone(x),
      (x) => prox.l2(x, 1),
      (x) => prox.linf(x, 1),
    ];
    for (const map of maps) assert.ok([...map(tensor([0, up, 1])).data()].every(Number.isNaN), `${map}`);
  }));

test('no rows, rows of nothing, a scalar, f32', () =>
  scope(() => {
    const maps: ((x: Tensor) => Tensor)[] = [
      (x) => project.simplex(x),
      (x) => project.l1Ball(x),
      (x) => project.l2Ball(x),
      (x) => prox.l2(x, 1),
      (x) => prox.linf(x, 1),
    ];
    for (const map of [...maps, project.secondOrderCone]) {
      for (const shape of [[0, 3], [3, 0], [0]]) assert.equal(map(zeros(shape)).shape, shape);
      assert.is(map(zeros([2, 3], { dtype: 'f32' })).dtype, 'f32');
    }
    for (const map of maps) assert.equal(map(tensor(0.5)).shape, []);
    near(project.simplex(tensor(0.5)).data(), [1], 0);
  }));

test('radius 0, and what is already inside, are exact', () =>
  scope(() => {
    const x = tensor([0.3, -0.2, 0.1]);
    near(project.l1Ball(x, 0).data(), [0, 0, 0], 0);
    near(project.l2Ball(x, 0).data(), [0, 0, 0], 0);
    near(project.simplex(x, 0).data(), [0, 0, 0], 0);
    for (const map of [project.l1Ball, project.l2Ball, project.linfBall]) near(map(x, 1).data(), x.data(), 0);
    near(project.simplex(tensor([0.25, 0.75])).data(), [0.25, 0.75], 0);
    near(project.secondOrderCone(tensor([5, 3, 4])).data(), [5, 3, 4], 0);
  }));

test.run();
