// Nonlinear conjugate gradients: what they are on quadratics, standard problems, both dtypes, restarts, errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  CotangentError,
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
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../support/check.js';
import { problems, sumOfSquares } from '../support/more-garbow-hillstrom.js';
import { averagedRosenbrock, nearlyNormal } from '../support/rosenbrock.js';

const betas = ['PolakRibiere+', 'FletcherReeves', 'HagerZhang'] as const;

for (const beta of betas) {
  test(`${beta}: with exact steps it is the linear method on quadratics, which ends after n iterations`, () =>
    property(
      fc.record({ n: fc.integer({ min: 1, max: 8 }), seed: fc.nat(1000) }),
      ({ n, seed }) =>
        scope(() => {
          const R = random(seed).normal([n, n]);
          const b = random(seed + 1).normal([n]);
          const f = (x: Tensor) => add(sum(square(matmul(R, x))), sub(sum(square(x)), sum(mul(b, x))));
          const method = optim.nonlinearConjugateGradient({ beta, lineSearch: optim.exact() });
          const found = optim.minimize(f, zeros([n]), method, { gradientTolerance: 1e-6 });
          assert.ok(found.iterations <= n, `${found.iterations} iterations for n = ${n}`);
        }),
      30,
    ));

  test(`${beta} reaches a known minimum of the problems it suits`, () =>
    scope(() => {
      // Not suited: valleys whose curvatures differ by many orders, where thousands of iterations are needed.
      const hard = /badly scaled|Meyer|Osborne|Penalty/;
      for (const problem of problems.filter(({ name }) => !hard.test(name))) {
        const method = optim.nonlinearConjugateGradient({ beta });
        const found = optim.minimize(sumOfSquares(problem), tensor(problem.x0), method);
        const known = [problem.minimum, ...(problem.others ?? [])];
        const error = Math.min(
          ...known.map((value) => Math.abs(found.value - value) / Math.max(value, 1e-3)),
        );
        assert.ok(error < 1e-4, `${problem.name}: ${found.value}`);
      }
    }));

  test(`${beta}: f32 and trees, averaged Rosenbrock`, () =>
    scope(() => {
      const x0 = { a: zeros([2], { dtype: 'f32' }), b: tensor(5, { dtype: 'f32' }) };
      const f = ({ a, b }: typeof x0) => add(sum(square(sub(a, 3))), square(b));
      const { x } = optim.minimize(f, x0, optim.nonlinearConjugateGradient({ beta }));
      near([...x.a.data(), x.b.item()], [3, 3, 0], 1e-3);
      const method = optim.nonlinearConjugateGradient({ beta });
      const found = optim.minimize(averagedRosenbrock, nearlyNormal(100, 1), method, {
        gradientTolerance: 1e-9,
      });
      assert.ok(found.converged);
    }));
}

test('NaN is said, the empty problem works, wrong options are named, nothing leaks', () => {
  const method = optim.nonlinearConjugateGradient();
  scope(() => {
    assert.is(optim.minimize((x) => log(x), tensor(-1), method, { throws: false }).status, 'notFinite');
    assert.ok(optim.minimize((x) => sum(square(x)), zeros([0]), method).converged);
    rejects(
      () => optim.nonlinearConjugateGradient({ beta: 'PR' as never }),
      CotangentError,
      /beta must be 'PolakRibiere\+', 'FletcherReeves' or 'HagerZhang', got PR/,
    );
  });
  const before = memory().tensors;
  const x0 = tensor([1, 2]);
  optim.minimize((x: Tensor) => sum(square(sub(x, 1))), x0, method).x.dispose();
  x0.dispose();
  assert.is(memory().tensors, before);
});

test.run();
