// Where a search ends and what it records: N_ε exactly for every ε, periods of the curve, no factors at all, progress.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eye, givens, linalg, scope } from '#src/index.js';
import { near } from '../support/check.js';
import { multiplied, tensorOf, transposed } from '../support/givens/dense.js';
import { haarLike, planted, signedColumns } from '../support/givens/matrices.js';
import { errorsOf, lastError, sound } from '../support/givens/sound.js';

const d = 11;
const u = planted(d, 30, 3);
const METHODS = ['l1', 'greedy', 'elimination', 'jacobi'] as const;
/** The argument of a method, and what it approximates. */
function argument(method: (typeof METHODS)[number]) {
  if (method !== 'jacobi') return { matrix: tensorOf(u), basis: u };
  // U Λ Uᵀ with λ_k = k.
  const s = tensorOf(
    multiplied(
      u.map((row) => row.map((v, k) => k * v)),
      transposed(u),
    ),
  );
  return { matrix: s, basis: linalg.eigh(s).vectors.toArray() as number[][] };
}

for (const method of METHODS) {
  test(`${method}: N_ε is the first N with error(N) < ε, for many ε, with any period`, () =>
    scope(() => {
      const { matrix, basis } = argument(method);
      const whole = givens.factorize(matrix, { method });
      sound(whole, basis, method);
      const errors = errorsOf(whole);
      assert.equal([...whole.errorsAt.data()], [...errors.keys()]);
      const between = errors.map((e, k) => (e + (errors[k + 1] ?? 0)) / 2);
      for (const tolerance of [...errors, ...between, 1e-3, 0.05, 0.1, 0.3, 10]) {
        if (tolerance <= 1e-12) continue;
        const n = errors.findIndex((e) => e < tolerance);
        for (const errorPeriod of [0, 4]) {
          const f = givens.factorize(matrix, { method, tolerance, errorPeriod });
          assert.is(f.angles.size, n < 0 ? errors.length - 1 : n, `${method}, ε = ${tolerance}`);
          assert.is(f.status, n < 0 ? whole.status : 'tolerance');
          near([lastError(f)], [errors[f.angles.size]], 0, 'the same sequence');
          if (errorPeriod === 0) assert.is(f.errors.size, 1);
        }
      }
    }));

  test(`${method}: errors at 0, p, 2p, … and at the end, the same as at every N`, () =>
    scope(() => {
      const { matrix, basis } = argument(method);
      const errors = errorsOf(givens.factorize(matrix, { method, factors: 23 }));
      for (const errorPeriod of [1, 2, 5, 23, 100]) {
        for (const factors of [0, 1, 20, 23]) {
          const f = givens.factorize(matrix, { method, factors, errorPeriod });
          sound(f, basis, method);
          const at = Array.from(
            { length: Math.ceil((factors + 1) / errorPeriod) },
            (_, k) => k * errorPeriod,
          );
          if (at.at(-1) !== factors) at.push(factors);
          assert.equal([...f.errorsAt.data()], at, `${method} ${factors} ${errorPeriod}`);
          near(
            errorsOf(f),
            at.map((n) => errors[n]),
            0,
            `${method} ${factors} ${errorPeriod}`,
          );
          assert.is(f.status, 'factors');
        }
      }
    }));

  test(`${method}: no factors are the identity, aligned; more factors than there are`, () =>
    scope(() => {
      const { matrix, basis } = argument(method);
      const f = givens.factorize(matrix, { method, factors: 0 });
      assert.equal([f.angles.size, f.errors.size, f.status], [0, 1, 'factors']);
      const want = givens.align(tensorOf(basis), eye(d));
      near([lastError(f)], [want.error / Math.sqrt(d)], 1e-14);
      sound(f, basis, method);
      const many = givens.factorize(matrix, { method, factors: 10_000, errorPeriod: 0 });
      assert.ok(many.angles.size < 10_000);
      assert.is(many.status, 'stalled');
      assert.ok(lastError(many) < 1e-7, `${method} ends at ${lastError(many)}`);
    }));

  test(`${method}: onProgress after each factor`, () =>
    scope(() => {
      const { matrix } = argument(method);
      const seen: { factors: number; of: number }[] = [];
      givens.factorize(matrix, { method, factors: 6, onProgress: (progress) => seen.push({ ...progress }) });
      assert.equal(seen, [1, 2, 3, 4, 5, 6].map((factors) => ({ factors, of: 6 }))); // biome-ignore format: short
    }));

  test(`${method}: two calls give the same bits`, () =>
    scope(() => {
      const { matrix } = argument(method);
      const [a, b] = [0, 1].map(() => givens.factorize(matrix, { method }));
      for (const key of ['i', 'j', 'angles', 'permutation', 'signs', 'errors', 'errorsAt'] as const)
        assert.equal(a[key].toTypedArray(), b[key].toTypedArray());
    }));
}

test('signs and order of columns change P, not the sequence', () =>
  scope(() => {
    const v = haarLike(9, 5);
    const f = givens.factorize(tensorOf(v));
    const g = givens.factorize(tensorOf(signedColumns(v, 2)));
    assert.equal([g.i.toArray(), g.j.toArray()], [f.i.toArray(), f.j.toArray()]);
    near(g.angles.data(), f.angles.data(), 1e-10);
    near(errorsOf(g), errorsOf(f), 1e-12);
  }));

test.run();
