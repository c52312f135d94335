// The projection: no divergence is left, what has none stays, it is symmetric, both ways to solve give the same, means are kept.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isDense, poisson } from '#src/dynamics/flow/poisson.js';
import { projected } from '#src/dynamics/flow/projection.js';
import { compile, jacfwd, jacrev, mean, memory, random, scope, type Tensor, tensor, transpose } from '#src/index.js'; // biome-ignore format: short
import { near, seed } from '../../support/check.js';
import { checkDerivatives } from '../../support/derivatives.js';

const SIZES = [1, 2, 3, 4, 5, 6, 7, 9, 11, 15, 16, 20, 21, 22, 24, 25, 33, 64];
const h = (n: number) => (2 * Math.PI) / n;
const T = (shape: number[], from = 1, dtype: 'f64' | 'f32' = 'f64') =>
  random(seed + from).normal(shape, { dtype });

/** Backward differences of the last field of x, over h. */
function divergence(x: Tensor, n: number): number[] {
  const d = x.data().slice(-2 * n * n);
  const at = (c: number, i: number, j: number) => d[(c * n + ((i + n) % n)) * n + ((j + n) % n)];
  return Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return (at(0, i, j) - at(0, i - 1, j) + at(1, i, j) - at(1, i, j - 1)) / h(n);
  });
}

for (const dtype of ['f64', 'f32'] as const)
  for (const dense of [true, false])
    test(`projection by ${dense ? 'products' : 'transforms'} (${dtype})`, () => {
      const unit = dtype === 'f64' ? 1e-15 : 3e-7;
      for (const n of SIZES)
        scope(() => {
          const solution = poisson(n, h(n), dtype, dense);
          const x = T([3, 2, n, n], n, dtype);
          const y = projected(x, solution, h(n));
          const what = `n = ${n} [SEED=${seed}]`;
          near(divergence(y, n), new Array(n * n).fill(0), 40 * n * unit, `divergence ${what}`);
          near(projected(y, solution, h(n)).data(), y.data(), 40 * unit, `again ${what}`);
          const [before, after] = [x, y].map((z) => mean(z, { axis: [2, 3] }).data());
          near(after, before, 10 * unit, `mean ${what}`);
        });
    });

test('both ways give the same, and the one that is faster is taken', () =>
  scope(() => {
    for (const n of SIZES) {
      const x = T([2, n, n], n);
      const [a, b, c] = [true, false, undefined].map((dense) => projected(x, poisson(n, h(n), 'f64', dense), h(n))); // biome-ignore format: short
      near(a.data(), b.data(), 3e-14, `n = ${n} [SEED=${seed}]`);
      near(c.data(), (isDense(n) ? a : b).data(), 0);
    }
    assert.equal([1, 16, 20, 21, 23, 64, 127, 131].map(isDense), [true, true, true, false, true, false, true, false]); // biome-ignore format: short
  }));

test('its Jacobian is symmetric, in both modes; derivatives', () => {
  for (const n of [2, 3, 4])
    for (const dense of [true, false])
      scope(() => {
        const solution = poisson(n, h(n), 'f64', dense);
        const flat = (x: Tensor) => projected(x, solution, h(n));
        const x = T([2, n, n]);
        const matrix = (j: Tensor) => tensor(j.data(), { shape: [2 * n * n, 2 * n * n] });
        const [forward, reverse] = [matrix(jacfwd(flat)(x)), matrix(jacrev(flat)(x))];
        near(forward.data(), reverse.data(), 1e-14);
        near(forward.data(), transpose(forward).data(), 1e-14);
        checkDerivatives(flat, [x]);
        const plan = compile(flat);
        near(plan(x).data(), flat(x).data(), 0);
        plan.dispose();
      });
});

test('a failed allocation of a basis frees what was made before it', () =>
  scope(() => {
    const before = memory().tensors;
    assert.throws(() => poisson(2 ** 15, h(2 ** 15), 'f64', true));
    assert.is(memory().tensors, before);
  }));

test.run();
