// The conventions, by a product computed by hand: the order of the factors, the sign of the angles, the side, and what P does. Each wrong one would
// give other numbers.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens, linalg, scope, tensor } from '#src/index.js';
import { near } from '../support/check.js';

const QUARTER = Math.PI / 2;
/** A quarter turn in (0, 1), then one in (1, 2), and one whose cosine is 0.6 in (0, 2). */
const two = { i: [0, 1], j: [1, 2], angles: [QUARTER, QUARTER] };
const one = { i: [0], j: [2], angles: [Math.atan2(0.8, 0.6)] };
const x = () => tensor([2, 3, 5]);

test('the order of the product matters: G_N meets a vector first', () =>
  scope(() => {
    // G(1, 2, π/2) x = (2, 5, -3), and G(0, 1, π/2) of that (5, -2, -3). The other order gives (3, 5, 2).
    near(givens.apply(two, x()).data(), [5, -2, -3], 1e-15);
    near(givens.toDense(two, { d: 3 }).data(), [0, 0, 1, -1, 0, 0, 0, -1, 0], 1e-15);
    near(givens.apply(two, x(), { transpose: true }).data(), [-3, -5, 2], 1e-15);
  }));

test('the sign of the angle matters: g_ij = sin α, g_ji = -sin α', () =>
  scope(() => {
    // (0.6 · 2 + 0.8 · 5, 3, 0.6 · 5 - 0.8 · 2); with the other sign it were (-2.8, 3, 4.6).
    near(givens.apply(one, x()).data(), [5.2, 3, 1.4], 1e-15);
    near(givens.toDense(one, { d: 3 }).data(), [0.6, 0, 0.8, 0, 1, 0, -0.8, 0, 0.6], 1e-15);
    // The plane (2, 0) is the plane (0, 2) turned round.
    near(givens.apply({ ...one, i: [2], j: [0] }, x()).data(), [-2.8, 3, 4.6], 1e-15);
  }));

test('the side matters: rows from the left, columns from the right', () =>
  scope(() => {
    // x Û = Ûᵀ x for a vector.
    near(givens.apply(one, x(), { side: 'right' }).data(), [-2.8, 3, 4.6], 1e-15);
    near(givens.apply(one, x(), { side: 'right', transpose: true }).data(), [5.2, 3, 1.4], 1e-15);
    const matrix = tensor([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    near(givens.apply(one, matrix).data(), [6.2, 7.6, 9, 4, 5, 6, 3.4, 3.2, 3], 1e-14);
    near(givens.apply(one, matrix, { side: 'right' }).data(), [-1.8, 2, 2.6, -2.4, 5, 6.8, -3, 8, 11], 1e-14);
  }));

test('P: column c of Û is signs[c] times column permutation[c]', () =>
  scope(() => {
    const f = { ...one, permutation: [2, 0, 1], signs: [-1, 1, 1] };
    // P x = y with y[permutation[c]] = signs[c] x[c]: (3, 5, -2), and then G.
    near(givens.apply(f, x()).data(), [0.6 * 3 - 0.8 * 2, 5, -0.8 * 3 - 0.6 * 2], 1e-15);
    near(givens.toDense(f).data(), [-0.8, 0.6, 0, 0, 0, 1, -0.6, -0.8, 0], 1e-15);
    // Pᵀ y = signs · take(y, permutation): of Gᵀ x = (-2.8, 3, 4.6) it is (-4.6, -2.8, 3).
    near(givens.apply(f, x(), { transpose: true }).data(), [-4.6, -2.8, 3], 1e-15);
    near(givens.apply(f, x(), { side: 'right' }).data(), [-4.6, -2.8, 3], 1e-15);
    near(givens.apply(f, x(), { side: 'right', transpose: true }).data(), [0.2, 5, -3.6], 1e-15);
  }));

test('a factorization of one rotation is that rotation', () =>
  scope(() => {
    for (const method of ['l1', 'greedy', 'elimination'] as const) {
      const small = { i: [0], j: [2], angles: [0.3] };
      const f = givens.factorize(givens.toDense(small, { d: 3 }), { method });
      const at = f.angles.data().findIndex((a) => Math.abs(a) > 1e-9);
      const turned = f.i.data()[at] > f.j.data()[at];
      assert.equal([f.i.data()[at], f.j.data()[at]].sort(), [0, 2], method);
      near([f.angles.data()[at]], [turned ? -0.3 : 0.3], 1e-14, method);
      assert.equal(f.permutation.toArray(), [0, 1, 2], method);
      assert.equal(f.signs.toArray(), [1, 1, 1], method);
    }
  }));

test('the same as linalg.applyGivens', () =>
  scope(() => {
    for (const options of [
      {},
      { transpose: true },
      { side: 'right' },
      { side: 'right', transpose: true },
    ] as const)
      near(givens.apply(two, x(), options).data(), linalg.applyGivens(x(), two, options).data(), 1e-15);
  }));

test.run();
