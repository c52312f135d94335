// align and symmetrizedError: the exact minimum over all signed permutations, for any square matrices, ties, zeros, equal columns and every scale, as
// an independent method and, for few rows, all permutations one by one find it.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eye, givens, scope, zeros } from '#src/index.js';
import { drawing, near, property, seed } from '../support/check.js';
import { largestAssignment, leastDistance } from '../support/givens/assignment.js';
import {
  distance,
  identity,
  type Matrix,
  multiplied,
  signedPermutation,
  tensorOf,
  transposed,
  zerosOf,
} from '../support/givens/dense.js';
import { haarLike, hadamard, signedColumns } from '../support/givens/matrices.js';

const permutationIn = ({ permutation, signs }: givens.Aligned): Matrix => {
  assert.equal([permutation.dtype, signs.dtype], ['i32', 'f64']);
  assert.equal(
    [...permutation.data()].sort((a, b) => a - b),
    [...Array(permutation.size).keys()],
  );
  assert.ok(signs.data().every((s) => Math.abs(s) === 1));
  return signedPermutation(permutation.data(), signs.data());
};

/** Matrices of many kinds. */
function pair(d: number, kind: number, own: number): [Matrix, Matrix] {
  const draw = drawing(own);
  const matrix = (value: () => number) => zerosOf(d, d).map((row) => row.map(value));
  switch (kind) {
    case 0:
      return [haarLike(d, own), haarLike(d, own + 1)];
    case 1: // few values, ties
      return [matrix(() => Math.round(draw())), matrix(() => Math.round(2 * draw()))];
    case 2: // equal columns
      return [matrix(draw).map((row) => row.map((_, c) => row[c >> 1])), matrix(draw)];
    case 3: // zeros
      return [zerosOf(d, d), matrix(draw)];
    case 4: {
      const u = haarLike(d, own);
      return [u, signedColumns(u, own)];
    }
    default: {
      const u = haarLike(d, own);
      return [u, signedColumns(u, own).map((row) => row.map((v) => v + 1e-9 * draw()))];
    }
  }
}

/** min ‖U - V P‖_F by an independent assignment. */
function least(u: Matrix, v: Matrix): number {
  const w = multiplied(transposed(v), u);
  const rows = largestAssignment(transposed(w).map((row) => row.map(Math.abs)));
  return distance(
    u,
    multiplied(
      v,
      signedPermutation(
        rows,
        rows.map((r, c) => (w[r][c] < 0 ? -1 : 1)),
      ),
    ),
  );
}

test('the exact minimum, attained by P', () =>
  property(
    fc.record({
      d: fc.integer({ min: 1, max: 14 }),
      kind: fc.integer({ min: 0, max: 5 }),
      own: fc.integer({ min: 1, max: 1e6 }),
    }),
    ({ d, kind, own }) =>
      scope(() => {
        const [u, v] = pair(d, kind, own);
        const found = givens.align(tensorOf(u), tensorOf(v));
        const bound = 1e-13 * (1 + distance(u, zerosOf(d, d)) + distance(v, zerosOf(d, d)));
        near([found.error], [distance(u, multiplied(v, permutationIn(found)))], bound, 'attained');
        near([found.error], [least(u, v)], 10 * bound, 'another method');
        if (d <= 6) near([found.error], [leastDistance(u, v)], 10 * bound, 'one by one');
        near([givens.symmetrizedError(tensorOf(u), tensorOf(v))], [found.error], 0);
        if (kind === 0 || kind > 3)
          near(
            [givens.symmetrizedError(tensorOf(v), tensorOf(u))],
            [found.error],
            10 * bound,
            'from the other side',
          );
      }),
    60,
  ));

for (const d of [33, 64, 130, 200])
  test(`d = ${d}, against another method`, () =>
    scope(() => {
      const [u, v] = [haarLike(d, seed), haarLike(d, seed + 1)];
      near([givens.symmetrizedError(tensorOf(u), tensorOf(v))], [least(u, v)], 1e-11, `[SEED=${seed}]`);
      const again = signedColumns(u, 3);
      assert.ok(
        givens.symmetrizedError(tensorOf(u), tensorOf(again)) === 0,
        'a signed permutation of itself',
      );
    }));

test('right near 0, where √(2 (d - Σ)) is not', () =>
  scope(() => {
    const u = haarLike(9, 2);
    const draw = drawing(4);
    for (const size of [1e-6, 1e-10, 1e-14]) {
      const v = signedColumns(u, 5).map((row) => row.map((x) => x + size * draw()));
      const found = givens.align(tensorOf(u), tensorOf(v));
      near([found.error], [distance(u, multiplied(v, permutationIn(found)))], 1e-18);
      assert.ok(found.error > size && found.error < 9 * size, `${size}: ${found.error}`);
    }
  }));

test('Hadamard matrices, all of whose entries tie', () =>
  scope(() => {
    for (const d of [2, 4, 16, 64])
      near(
        [givens.symmetrizedError(tensorOf(hadamard(d)), eye(d))],
        [Math.sqrt(2 * (d - Math.sqrt(d)))],
        1e-12,
        `${d}`,
      );
  }));

test('any scale, f32, and the smallest matrices', () =>
  scope(() => {
    const [u, v] = [haarLike(6, 1), haarLike(6, 2)];
    const plain = givens.align(tensorOf(u), tensorOf(v));
    for (const by of [2 ** 600, 2 ** -600]) {
      const scaled = (a: Matrix) => tensorOf(a.map((row) => row.map((x) => x * by)));
      const found = givens.align(scaled(u), scaled(v));
      assert.equal(found.permutation.toArray(), plain.permutation.toArray());
      near([found.error / by], [plain.error], 1e-14);
      assert.equal(givens.align(scaled(u), tensorOf(v)).permutation.toArray(), plain.permutation.toArray());
    }
    near([givens.symmetrizedError(tensorOf(u, 'f32'), tensorOf(v))], [plain.error], 1e-6);
    assert.is(givens.symmetrizedError(zeros([0, 0]), zeros([0, 0])), 0);
    const one = givens.align(tensorOf([[2]]), tensorOf([[-3]]));
    assert.equal([one.permutation.toArray(), one.signs.toArray(), one.error], [[0], [-1], 1]);
    assert.is(givens.symmetrizedError(tensorOf(identity(3)), zeros([3, 3])), Math.sqrt(3));
  }));

test.run();
