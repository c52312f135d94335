// parallel: rounds of pairs that share no row, best first, from one evaluation; the rest is as in any factorization.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens, scope } from '#src/index.js';
import { near, seed } from '../support/check.js';
import { type Matrix, tensorOf, turnRows } from '../support/givens/dense.js';
import { bestL1, bestTrace } from '../support/givens/descent.js';
import { blockDiagonal, cosines, haarLike, planted } from '../support/givens/matrices.js';
import { lastError, sound } from '../support/givens/sound.js';

const matrices = (): [string, Matrix, number][] => [
  ['planted', planted(15, 45, 1 + seed), 40],
  ['generic', haarLike(10, 2 + seed), 100],
  ['cosines', cosines(9), 21],
  ['blocks', blockDiagonal(12, 4, 3 + seed), 30],
  ['pair', haarLike(2, 5 + seed), 5],
  ['single', [[-1]], 2],
];

/** Gains whose order roundings do not change. */
const SURE = 1e-9;

/** Gains of all pairs, best first, that no row of a better one is in. */
function round(criterion: 'l1' | 'greedy', w: Matrix): { i: number; j: number; gain: number }[] {
  const all: { i: number; j: number; gain: number }[] = [];
  for (let i = 0; i < w.length; i++)
    for (let j = i + 1; j < w.length; j++) {
      const { gain } = criterion === 'l1' ? bestL1(w[i], w[j]) : bestTrace(w, i, j);
      if (gain > 0) all.push({ i, j, gain });
    }
  all.sort((a, b) => b.gain - a.gain);
  const taken = new Set<number>();
  return all.filter(({ i, j }) => {
    if (taken.has(i) || taken.has(j)) return false;
    taken.add(i).add(j);
    return true;
  });
}

for (const method of ['l1', 'greedy'] as const) {
  test(`${method}: each round is what one evaluation gives, disjoint and best first`, () =>
    scope(() => {
      for (const [kind, u, factors] of matrices()) {
        const what = `${kind} [SEED=${seed}]`;
        const f = givens.factorize(tensorOf(u), { method, factors, parallel: true });
        sound(f, u, what);
        assert.ok(f.angles.size <= factors);
        if (kind === 'cosines') continue; // ties
        const [i, j, angles] = [f.i, f.j, f.angles].map((x) => x.data());
        const w = u.map((row) => [...row]);
        let compared = 0;
        for (let t = 0; t < angles.length; ) {
          const all = round(method, w);
          const want = all.filter(({ gain }) => gain > SURE);
          const here = want.slice(0, angles.length - t);
          assert.equal(
            here.map((_, k) => [i[t + k], j[t + k]]),
            here.map((p) => [p.i, p.j]),
            `${what}: from ${t}`,
          );
          for (let k = 0; k < here.length; k++, t++)
            turnRows(w, i[t], j[t], Math.cos(angles[t]), Math.sin(angles[t]));
          compared += here.length;
          // Whether such a small gain counts, and before which other, is a matter of roundings.
          if (all.some(({ gain }) => gain <= SURE && gain > (method === 'l1' ? 1e-14 : 1e-29))) break;
          if (want.length === 0) break;
        }
        if (kind === 'generic' || kind === 'planted')
          assert.ok(compared >= 0.5 * Math.min(45, factors), `${what}: ${compared}`);
      }
    }));
}

test('it comes to the same end, in other ways', () =>
  scope(() => {
    for (const method of ['l1', 'greedy'] as const) {
      const u = planted(16, 10, 3);
      const f = givens.factorize(tensorOf(u), { method, parallel: true, factors: 500 });
      assert.is(f.status, 'stalled');
      assert.ok(lastError(f) < 1e-7, `${method}: ${lastError(f)}`);
      const cut = givens.factorize(tensorOf(u), { method, parallel: true, tolerance: 0.2 });
      assert.is(cut.status, 'tolerance');
      assert.ok(lastError(cut) < 0.2);
      const before = cut.errors.data()[cut.errors.size - 2];
      assert.ok(before >= 0.2, 'in the middle of a round, too');
      near(f.angles.data().slice(0, cut.angles.size), cut.angles.data(), 0, 'the same sequence');
    }
    assert.is(givens.factorize(tensorOf(haarLike(20, 1)), { parallel: true, factors: 3 }).angles.size, 3);
  }));

test.run();
