// Coordinate descent: Gauss and Seidel on quadratics, separable functions in one cycle, both dtypes, trees, no leaks.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  exp,
  log,
  matmul,
  memory,
  mul,
  optim,
  random,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '#src/index.js';
import { near, property } from '../support/check.js';

test('with exact steps a cycle is one of Gauss and Seidel', () =>
  property(
    fc.record({
      n: fc.integer({ min: 1, max: 6 }),
      seed: fc.nat(1000),
      cycles: fc.integer({ min: 1, max: 4 }),
    }),
    ({ n, seed, cycles }) =>
      scope(() => {
        const R = random(seed).normal([n + 2, n]);
        const [A, b] = [matmul(transpose(R), R), random(seed + 1).normal([n])];
        const f = (x: Tensor) => sub(mul(0.5, sum(square(matmul(R, x)))), sum(mul(b, x)));
        const method = optim.coordinateDescent({ lineSearch: optim.exact() });
        const { x } = optim.minimize(f, zeros([n]), method, {
          maxIterations: cycles,
          gradientTolerance: 0,
          throws: false,
        });
        const want = new Float64Array(n);
        for (let cycle = 0; cycle < cycles; cycle++) {
          for (let i = 0; i < n; i++) {
            let rest = b.data()[i];
            for (let j = 0; j < n; j++) if (j !== i) rest -= A.data()[i * n + j] * want[j];
            want[i] = rest / A.data()[i * n + i];
          }
        }
        near(x.data(), want, (i) => 1e-7 * (1 + Math.abs(want[i])));
      }),
    30,
  ));

for (const dtype of ['f64', 'f32'] as const) {
  test(`a separable function in a few cycles, as a tree, in ${dtype}`, () =>
    scope(() => {
      const x0 = { a: zeros([3], { dtype }), b: tensor(1, { dtype }) };
      const f = ({ a, b }: typeof x0) => add(sum(sub(exp(a), mul(a, 2))), square(sub(b, 4)));
      const { x, converged, iterations } = optim.minimize(f, x0, optim.coordinateDescent());
      assert.ok(converged && iterations < 12, `${iterations}`);
      near([...x.a.data(), x.b.item()], [Math.LN2, Math.LN2, Math.LN2, 4], dtype === 'f64' ? 1e-6 : 1e-3);
    }));
}

test('a coordinate that is at its minimum already costs nothing; NaN is said; nothing leaks', () => {
  scope(() => {
    const f = (x: Tensor) => sum(square(sub(x, tensor([0, 3]))));
    const { x, evaluations } = optim.minimize(f, zeros([2]), optim.coordinateDescent());
    near(x.data(), [0, 3], 1e-6);
    assert.ok(evaluations.gradient <= 4);
    const nan = optim.minimize((z) => log(z), tensor(-1), optim.coordinateDescent(), { throws: false });
    assert.is(nan.status, 'notFinite');
    assert.ok(optim.minimize((z) => sum(square(z)), zeros([0]), optim.coordinateDescent()).converged);
  });
  const before = memory().tensors;
  const x0 = tensor([1, 2]);
  optim.minimize((x: Tensor) => sum(square(sub(x, 1))), x0, optim.coordinateDescent()).x.dispose();
  x0.dispose();
  assert.is(memory().tensors, before);
});

test.run();
