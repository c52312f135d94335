// Descent in the L1 norm takes the same pairs by the same angles as brute force over all pairs and all axis transitions, as far as that has no
// ties: bounds exclude pairs, but never the best one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens, scope, transpose } from '#src/index.js';
import { near } from '../support/check.js';
import {
  difference,
  identity,
  type Matrix,
  productOf,
  tensorOf,
  transposed,
  turnRows,
} from '../support/givens/dense.js';
import { bestL1, descent, normAfter } from '../support/givens/descent.js';
import { haarLike, hadamard, kinds, planted, signedColumns } from '../support/givens/matrices.js';
import { errorsOf, lastError, sound } from '../support/givens/sound.js';

/** How far a descent by brute force goes at larger sizes. */
const MOST = 150;
/** Kinds of matrices without ties. */
const GENERIC = ['generic', 'planted'];

/** The matrix that is left when the turns have been applied. */
function left(u: Matrix, f: givens.Factorization): Matrix {
  const w = u.map((row) => [...row]);
  const [i, j, angles] = [f.i, f.j, f.angles].map((x) => x.data());
  for (let t = 0; t < angles.length; t++) turnRows(w, i[t], j[t], Math.cos(angles[t]), Math.sin(angles[t]));
  return w;
}

const norm = (w: Matrix) =>
  w.reduce((sum, row) => sum + normAfter(row, new Array(row.length).fill(0), 1, 0), 0);

for (const d of [1, 2, 3, 5, 7, 13, 17, 33]) {
  test(`d = ${d}: pairs, angles and errors of all kinds of matrices are those of brute force`, () =>
    scope(() => {
      for (const [kind, u] of kinds(d)) {
        const what = `${kind} ${d}`;
        const factors = Math.min((d * (d - 1)) / 2, MOST);
        const f = givens.factorize(tensorOf(u), { factors });
        sound(f, u, what);
        const { steps, errors, sure } = descent('l1', u, factors);
        const [i, j, angles] = [f.i, f.j, f.angles].map((x) => x.data());
        if (GENERIC.includes(kind))
          assert.ok(sure > 0.9 * factors - 1, `${what} has few ties: ${sure} are sure`);
        assert.ok(f.angles.size >= sure, `${what}: ${f.angles.size} factors, brute force is sure of ${sure}`);
        for (let t = 0; t < sure; t++) {
          assert.equal([i[t], j[t]], [steps[t].i, steps[t].j], `${what}: pair ${t}`);
          near(
            [Math.cos(angles[t]), Math.sin(angles[t])],
            [steps[t].c, steps[t].s],
            1e-9,
            `${what}: angle ${t}`,
          );
        }
        near(errorsOf(f).slice(0, sure + 1), errors.slice(0, sure + 1), 1e-10, what);
        // Behind ties the sequences may differ, but not what they come to.
        assert.ok(
          i.every((p, t) => p < j[t]) && angles.every((a) => Math.abs(a) <= Math.PI / 4 + 1e-15),
          what,
        );
        const w = left(u, f);
        assert.ok(norm(w) <= norm(u) + 1e-12, `${what}: the norm falls`);
        if (f.status === 'factors') assert.is(f.angles.size, factors, what);
        else {
          assert.is(f.status, 'stalled', what);
          w.forEach((row, p) => {
            for (const other of w.slice(p + 1))
              assert.ok(bestL1(row, other).gain < 1e-10, `${what} stalls where nothing gains`);
          });
        }
      }
    }));
}

test('each step lowers the norm by the most that a pair can: 40 steps at d = 21', () =>
  scope(() => {
    const u = planted(21, 90, 4);
    const w = u.map((row) => [...row]);
    const f = givens.factorize(tensorOf(u), { factors: 40, errorPeriod: 0 });
    const [i, j, angles] = [f.i, f.j, f.angles].map((x) => x.data());
    for (let t = 0; t < 40; t++) {
      let most = 0;
      for (let p = 0; p < 21; p++)
        for (let q = p + 1; q < 21; q++) most = Math.max(most, bestL1(w[p], w[q]).gain);
      const before = norm(w);
      turnRows(w, i[t], j[t], Math.cos(angles[t]), Math.sin(angles[t]));
      near([before - norm(w)], [most], 1e-11, `gain ${t}`);
    }
  }));

test('identities and signed permutations stall at once, whatever is asked for', () =>
  scope(() => {
    for (const d of [0, 1, 2, 5, 19]) {
      for (const u of [identity(d), signedColumns(identity(d), 7 + d)]) {
        for (const method of ['l1', 'greedy'] as const) {
          for (const options of [{}, { beam: 3 }, { parallel: true }, { refine: 2 }]) {
            const f = givens.factorize(tensorOf(u, 'f64', d), { method, ...options });
            // The trace of a permutation may still grow.
            if (method === 'l1') assert.is(f.angles.size, 0, `${d} ${JSON.stringify(options)}`);
            if (f.angles.size === 0 && d > 1) assert.is(f.status, 'stalled');
            assert.ok(lastError(f) < 1e-15);
            sound(f, u, `permutation ${d}`);
          }
        }
      }
    }
  }));

test('of equal gains the first pair in lexicographic order: Hadamard matrices, equal blocks', () =>
  scope(() => {
    // Entries are exact, and so are all gains: those of pairs of rows of equal entries tie.
    for (const d of [4, 16, 64]) {
      const f = givens.factorize(tensorOf(hadamard(d)), { factors: 1 });
      assert.equal([f.i.data()[0], f.j.data()[0]], [0, 1], `Hadamard ${d}`);
      sound(f, hadamard(d), `Hadamard ${d}`);
    }
    const [c, s] = [0.6, 0.8];
    const u = identity(11);
    for (const [p, q] of [[1, 8], [2, 3], [5, 10]]) // biome-ignore format: short
      [u[p][p], u[p][q], u[q][p], u[q][q]] = [c, s, -s, c];
    const f = givens.factorize(tensorOf(u));
    assert.equal([...f.i.data()], [1, 2, 5]);
    assert.equal([...f.j.data()], [8, 3, 10]);
    assert.is(f.status, 'stalled');
    assert.ok(lastError(f) < 1e-15);
  }));

test('counts of pairs: each pair at first, those of two rows after each turn; few are evaluated', () =>
  scope(() => {
    for (const [d, u] of [
      [9, haarLike(9, 1)],
      [33, planted(33, 100, 2)],
      [64, haarLike(64, 3)],
    ] as const) {
      // biome-ignore format: short
      const f = givens.factorize(tensorOf(u), { factors: d, errorPeriod: 0 });
      const N = f.angles.size;
      const { touched, bounded, evaluated } = f.pairs as givens.PairCounts;
      assert.is(touched, (d * (d - 1)) / 2 + N * (2 * d - 3), `d = ${d}`);
      assert.ok(evaluated >= N && evaluated <= touched, `${evaluated} of ${touched} evaluated`);
      assert.ok(bounded >= evaluated - N && bounded <= touched, `${bounded} of ${touched} bounded`);
      if (d > 30) assert.ok(evaluated < 0.2 * touched, `${evaluated} of ${touched} evaluated`);
    }
    assert.is(givens.factorize(tensorOf(haarLike(5, 1)), { method: 'greedy' }).pairs, undefined);
  }));

test('f32, views in another order, and a size beyond one tile', () =>
  scope(() => {
    const u = haarLike(12, 8);
    const wide = givens.factorize(tensorOf(u), { factors: 20 });
    const single = givens.factorize(tensorOf(u, 'f32'), { factors: 20 });
    assert.is(single.angles.dtype, 'f64');
    assert.equal(single.i.toArray(), wide.i.toArray());
    near(single.angles.data(), wide.angles.data(), 1e-6, 'f32');
    const other = givens.factorize(transpose(tensorOf(transposed(u))), { factors: 20 });
    assert.equal(other.angles.toArray(), wide.angles.toArray());
    const d = 130;
    const large = planted(d, 60, 5);
    const f = givens.factorize(tensorOf(large), { errorPeriod: 0 });
    const product = sound(f, large, 'd = 130');
    assert.is(f.status, 'stalled');
    assert.ok(difference(product, large) < 1e-7, 'exact in the end');
    assert.ok(difference(productOf(d, { i: [], j: [], angles: [] }), identity(d)) === 0);
  }));

test.run();
