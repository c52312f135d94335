// Refinement: pairs stay, the error never grows, and at the end no angle by itself lowers ‖U - Û‖_F. The curve before the end is that of the search.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens, scope } from '#src/index.js';
import { near, seed } from '../support/check.js';
import { distance, numbersOf, productOf, tensorOf } from '../support/givens/dense.js';
import { cosines, haarLike, planted } from '../support/givens/matrices.js';
import { errorsOf, lastError, sound } from '../support/givens/sound.js';

const matrices = (): [string, number[][], number][] => [
  ['planted', planted(12, 40, 1 + seed), 12],
  ['generic', haarLike(9, 2 + seed), 9],
  ['cosines', cosines(13), 20],
  ['sparse', planted(14, 5, 3 + seed), 100],
];

for (const method of ['l1', 'greedy'] as const) {
  test(`${method}: pairs stay, the error falls, and so it does with every sweep`, () =>
    scope(() => {
      for (const [kind, u, factors] of matrices()) {
        const what = `${kind} [SEED=${seed}]`;
        const plain = givens.factorize(tensorOf(u), { method, factors });
        let before = lastError(plain);
        for (const refine of [1, 2, 5, 40]) {
          const f = givens.factorize(tensorOf(u), { method, factors, refine });
          sound(f, u, what);
          assert.equal([f.i.toArray(), f.j.toArray()], [plain.i.toArray(), plain.j.toArray()], what);
          assert.ok(
            lastError(f) <= before + 1e-15,
            `${what}: ${lastError(f)} after ${refine} sweeps, ${before} before`,
          );
          near(errorsOf(f).slice(0, -1), errorsOf(plain).slice(0, -1), 0, `${what}: the curve`);
          before = lastError(f);
        }
        if (lastError(plain) > 0.1)
          assert.ok(before < lastError(plain) - 1e-4, `${what} is better: ${before}`);
      }
    }));
}

test('many sweeps end where no angle by itself improves, by differences of the product written out', () =>
  scope(() => {
    for (const [kind, u, factors] of matrices().slice(0, 3)) {
      const what = `${kind} [SEED=${seed}]`;
      const f = givens.factorize(tensorOf(u), { factors, refine: 3000, errorPeriod: 0 });
      const plain = numbersOf(f);
      const angles = Array.from(plain.angles);
      const errorWith = (t: number, by: number) =>
        distance(u, productOf(u.length, { ...plain, angles: angles.map((a, k) => (k === t ? a + by : a)) }));
      const at = errorWith(0, 0);
      const h = 1e-4;
      for (let t = 0; t < angles.length; t++) {
        const [more, less] = [errorWith(t, h), errorWith(t, -h)];
        assert.ok(
          Math.abs(more - less) / (2 * h) < 1e-6,
          `${what}: slope ${(more - less) / (2 * h)} in angle ${t}`,
        );
        assert.ok(more >= at - 1e-9 && less >= at - 1e-9, `${what}: angle ${t} is no maximum`);
        assert.ok(
          errorWith(t, Math.PI) >= at - 1e-9 && errorWith(t, 1) >= at - 1e-9,
          `${what}: angle ${t}, far away`,
        );
      }
    }
  }));

test('one sweep is each angle in turn, the first factor first, at its best with all others fixed', () =>
  scope(() => {
    const u = planted(8, 20, 4);
    const plain = numbersOf(givens.factorize(tensorOf(u), { factors: 6 }));
    const f = givens.factorize(tensorOf(u), { factors: 6, refine: 1 });
    const angles = Array.from(plain.angles);
    for (let t = 0; t < angles.length; t++) {
      // ‖U - Û‖² is A - B cos - C sin in the angle.
      const squared = (a: number) =>
        distance(u, productOf(8, { ...plain, angles: angles.map((v, k) => (k === t ? a : v)) })) ** 2;
      const [zero, half, quarter] = [squared(0), squared(Math.PI), squared(Math.PI / 2)];
      const middle = (zero + half) / 2;
      angles[t] = Math.atan2(middle - quarter, middle - zero);
    }
    near(f.angles.data(), angles, 1e-7);
  }));

test('refinement behind a beam and behind parallel rounds; of an exact factorization it changes nothing', () =>
  scope(() => {
    const u = planted(12, 40, 7);
    for (const options of [{ beam: 3 }, { parallel: true }]) {
      const [before, after] = [0, 3].map((refine) =>
        givens.factorize(tensorOf(u), { factors: 14, refine, ...options }),
      );
      sound(after, u, JSON.stringify(options));
      assert.equal(after.i.toArray(), before.i.toArray());
      assert.ok(lastError(after) < lastError(before) - 1e-4);
    }
    const exact = planted(9, 4, 2);
    const f = givens.factorize(tensorOf(exact), { refine: 4 });
    assert.is(f.status, 'stalled');
    assert.ok(lastError(f) < 1e-14);
    const none = givens.factorize(tensorOf(u), { factors: 0, refine: 3 });
    sound(none, u, 'no factors');
  }));

test.run();
