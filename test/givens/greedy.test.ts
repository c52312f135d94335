// Greedy descent raises the trace by the best of all pairs and angles, as brute force does; it needs columns in their places, unlike descent in
// the L1 norm.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens, scope } from '#src/index.js';
import { near } from '../support/check.js';
import { identity, tensorOf, turnRows } from '../support/givens/dense.js';
import { bestTrace, descent } from '../support/givens/descent.js';
import { kinds } from '../support/givens/matrices.js';
import { errorsOf, lastError, sound } from '../support/givens/sound.js';

const GENERIC = ['generic', 'planted'];

for (const d of [1, 2, 3, 6, 9, 16, 29]) {
  test(`d = ${d}: pairs, angles and errors are those of brute force`, () =>
    scope(() => {
      for (const [kind, u] of kinds(d)) {
        const what = `${kind} ${d}`;
        const factors = Math.min((d * (d - 1)) / 2, 150);
        const f = givens.factorize(tensorOf(u), { method: 'greedy', factors });
        sound(f, u, what);
        const { steps, errors, sure } = descent('greedy', u, factors);
        const [i, j, angles] = [f.i, f.j, f.angles].map((x) => x.data());
        // It ends where the trace is that of the identity; a reflection cannot be turned there.
        if (GENERIC.includes(kind))
          assert.ok(
            sure >= Math.min(steps.length, 0.4 * factors),
            `${what}: ${sure} of ${steps.length} are sure`,
          );
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
        assert.ok(
          i.every((p, t) => p < j[t]),
          what,
        );
        const w = u.map((row) => [...row]);
        const trace = () => w.reduce((sum, row, k) => sum + row[k], 0);
        for (let t = 0; t < angles.length; t++) {
          const before = trace();
          turnRows(w, i[t], j[t], Math.cos(angles[t]), Math.sin(angles[t]));
          assert.ok(trace() >= before - 1e-13, `${what}: turn ${t} lowers the trace`);
        }
        if (f.status === 'stalled') {
          for (let p = 0; p < d; p++)
            for (let q = p + 1; q < d; q++) assert.ok(bestTrace(w, p, q).gain < 1e-12, what);
        } else assert.is(f.angles.size, factors, what);
      }
    }));
}

test('it raises the trace from the identity’s negative, and stalls at the identity', () =>
  scope(() => {
    const minus = identity(4).map((row) => row.map((v) => -v));
    const f = givens.factorize(tensorOf(minus), { method: 'greedy' });
    assert.equal([f.i.toArray(), f.j.toArray()], [[0, 2], [1, 3]]); // biome-ignore format: short
    near(f.angles.data().map(Math.abs), [Math.PI, Math.PI], 1e-15);
    assert.is(f.status, 'stalled');
    assert.ok(lastError(f) < 1e-15);
    assert.is(givens.factorize(tensorOf(identity(4)), { method: 'greedy' }).angles.size, 0);
  }));

test('small turns are found: gains of 1e-16 beside a trace of d', () =>
  scope(() => {
    const bare = { i: [1], j: [3], angles: [1e-8] };
    const f = givens.factorize(givens.toDense(bare, { d: 5 }), { method: 'greedy' });
    assert.equal([f.i.toArray(), f.j.toArray()], [[1], [3]]);
    near(f.angles.data(), [1e-8], 1e-16);
  }));

test.run();
