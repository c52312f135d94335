// Beam search: never worse than plain descent, which stays in the beam; a sound factorization whose curve is that of the chain that was chosen.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens, scope } from '#src/index.js';
import { near, seed } from '../support/check.js';
import { distanceToPermutations } from '../support/givens/assignment.js';
import { multiplied, numbersOf, productOf, tensorOf, transposed } from '../support/givens/dense.js';
import { blockDiagonal, cosines, haarLike, hadamard, planted } from '../support/givens/matrices.js';
import { errorsOf, lastError, sound } from '../support/givens/sound.js';

/** error(N) for every N of a sequence, from the start. */
function curve(u: number[][], f: givens.Factorization): number[] {
  const { i, j, angles } = numbersOf(f);
  return Array.from({ length: angles.length + 1 }, (_, n) => {
    const head = { i, j, angles: Array.from(angles).slice(0, n) };
    return distanceToPermutations(multiplied(transposed(productOf(u.length, head)), u)) / Math.sqrt(u.length);
  });
}

const matrices = (): [string, number[][], number][] => [
  ['planted', planted(12, 30, 1 + seed), 14],
  ['generic', haarLike(9, 2 + seed), 20],
  ['hadamard', hadamard(8), 10],
  ['cosines', cosines(10), 12],
  ['blocks', blockDiagonal(10, 4, 3 + seed), 100],
  ['sparse', planted(14, 6, 4 + seed), 100],
];

for (const method of ['l1', 'greedy'] as const) {
  for (const beam of [2, 4, 7]) {
    test(`${method}, beam ${beam}: never worse, and each error is that of the chain`, () =>
      scope(() => {
        for (const [kind, u, factors] of matrices()) {
          const what = `${kind} [SEED=${seed}]`;
          const plain = givens.factorize(tensorOf(u), { method, factors });
          const f = givens.factorize(tensorOf(u), { method, factors, beam });
          sound(f, u, what);
          assert.ok(
            lastError(f) <= lastError(plain) + 1e-12,
            `${what}: ${lastError(f)}, plain ${lastError(plain)}`,
          );
          assert.ok(f.angles.size <= factors);
          assert.equal([...f.errorsAt.data()], [...Array(f.angles.size + 1).keys()]);
          near(errorsOf(f), curve(u, f), 1e-12, what);
          assert.is(f.pairs === undefined, method === 'greedy');
          // Other periods take the same chain.
          const sparse = givens.factorize(tensorOf(u), { method, factors, beam, errorPeriod: 3 });
          near([lastError(sparse)], [lastError(f)], 0, what);
          const at = [...sparse.errorsAt.data()];
          near(
            errorsOf(sparse),
            at.map((n) => errorsOf(f)[n]),
            0,
            what,
          );
          if (f.status === 'stalled') assert.ok(f.angles.size < factors);
        }
      }));
  }

  test(`${method}: a beam of 1 is plain descent`, () =>
    scope(() => {
      const u = planted(10, 25, 8);
      const [a, b] = [{}, { beam: 1 }].map((options) =>
        givens.factorize(tensorOf(u), { method, ...options }),
      );
      assert.equal(a.angles.toArray(), b.angles.toArray());
    }));
}

test('a beam finds what plain descent misses', () =>
  scope(() => {
    let better = 0;
    for (let k = 0; k < 6; k++) {
      const u = planted(10, 12, 50 + k);
      const [plain, wide] = [1, 6].map((beam) =>
        lastError(givens.factorize(tensorOf(u), { factors: 10, beam })),
      );
      better += +(wide < plain - 1e-3);
    }
    assert.ok(better >= 3, `better ${better} of 6 times`);
  }));

test('tolerance with a beam: ends no later than plain descent', () =>
  scope(() => {
    const u = planted(12, 40, 9);
    for (const tolerance of [0.5, 0.2, 0.1]) {
      const plain = givens.factorize(tensorOf(u), { tolerance, errorPeriod: 0 });
      const f = givens.factorize(tensorOf(u), { tolerance, errorPeriod: 0, beam: 4 });
      sound(f, u, `ε = ${tolerance}`);
      assert.is(f.status, 'tolerance');
      assert.ok(lastError(f) < tolerance && f.angles.size <= plain.angles.size);
      assert.is(f.errors.size, 1);
    }
  }));

test.run();
