// Structured elimination: the order of equation (2), zeros that take the angle 0, exact in d (d - 1) / 2 factors whatever the determinant.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens, linalg, scope } from '#src/index.js';
import { near } from '../support/check.js';
import { distanceToPermutations } from '../support/givens/assignment.js';
import { difference, identity, tensorOf, turnRows } from '../support/givens/dense.js';
import { haarLike, kinds, planted, signedColumns } from '../support/givens/matrices.js';
import { errorsOf, lastError, sound } from '../support/givens/sound.js';

const eliminated = (u: number[][], options: givens.FactorizeOptions = {}) =>
  givens.factorize(tensorOf(u), { method: 'elimination', ...options });

test('the order: columns from the left, each from the bottom', () =>
  scope(() => {
    const f = eliminated(haarLike(4, 1));
    assert.equal(f.i.toArray(), [3, 2, 1, 3, 2, 3]);
    assert.equal(f.j.toArray(), [0, 0, 0, 1, 1, 2]);
    const cut = eliminated(haarLike(4, 1), { factors: 4 });
    assert.equal([cut.angles.size, cut.status], [4, 'factors']);
    near(cut.angles.data(), f.angles.data().slice(0, 4), 0);
  }));

for (const d of [1, 2, 3, 6, 11, 20, 33]) {
  test(`d = ${d}: each factor makes its entry zero, and the curve is that of the matrix that is left`, () =>
    scope(() => {
      for (const [kind, u] of kinds(d)) {
        const what = `${kind} ${d}`;
        const f = eliminated(u);
        const product = sound(f, u, what);
        assert.is(f.angles.size, (d * (d - 1)) / 2, what);
        assert.is(f.status, 'factors');
        assert.ok(difference(product, u) < 1e-13 * d, `${what}: exact`);
        assert.ok(lastError(f) < 1e-14 * d, what);
        const [i, j, angles] = [f.i, f.j, f.angles].map((x) => x.data());
        const w = u.map((row) => [...row]);
        const errors = errorsOf(f);
        for (let t = 0; t <= angles.length; t++) {
          if (t % 17 === 0)
            near([errors[t]], [distanceToPermutations(w) / Math.sqrt(d)], 1e-12, `${what}: error ${t}`);
          if (t === angles.length) break;
          const entry = w[i[t]][j[t]];
          if (Math.abs(entry) < 3e-16) assert.is(angles[t], 0, `${what}: a zero takes the angle 0`);
          turnRows(w, i[t], j[t], Math.cos(angles[t]), Math.sin(angles[t]));
          assert.ok(Math.abs(w[i[t]][j[t]]) < 1e-14, `${what}: entry ${t}`);
        }
      }
    }));
}

test('determinant -1 is exact, too: the sign goes into P', () =>
  scope(() => {
    for (const d of [1, 2, 5, 12]) {
      const u = haarLike(d, d);
      const flipped = u.map((row) => row.map((v, c) => (c === 0 ? -v : v)));
      const determinants = [u, flipped].map((v) => linalg.det(tensorOf(v)).item());
      near([determinants[0] + determinants[1]], [0], 1e-12);
      for (const v of [u, flipped, signedColumns(u, 3)]) {
        const f = eliminated(v);
        assert.ok(difference(sound(f, v), v) < 1e-13);
        const sign = Array.from(f.signs.data()).reduce((p, s) => p * s, 1);
        assert.equal([...f.permutation.data()], [...Array(d).keys()]);
        near([sign], [linalg.det(tensorOf(v)).item()], 1e-12, 'signs');
      }
    }
  }));

test('a triangular pattern of zeros stays: identity, permutation, sparse', () =>
  scope(() => {
    const f = eliminated(identity(7));
    assert.ok(f.angles.data().every((a) => a === 0));
    const sparse = planted(20, 3, 2);
    const angles = eliminated(sparse).angles.data();
    assert.ok(angles.filter((a) => a !== 0).length < 60, 'few turns');
    assert.is(eliminated([]).angles.size, 0);
  }));

test.run();
