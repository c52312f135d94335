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

/** A search that takes one length whatever comes. */
const fixed = (t: number): optim.LineSearch => ({
  name: 'fixed',
  wolfe: false,
  initialStep: t,
  search(line) {
    line.evaluateAt(t);
    return true;
  },
});

const dotOf = (a: number[], b: number[]) => a.reduce((total, v, i) => total + v * b[i], 0);
const formulas: Record<(typeof betas)[number], (g: number[], last: number[], p: number[]) => number> = {
  'PolakRibiere+': (g, last) => Math.max(0, (dotOf(g, g) - dotOf(g, last)) / dotOf(last, last)),
  FletcherReeves: (g, last) => dotOf(g, g) / dotOf(last, last),
  HagerZhang(g, last, p) {
    const y = g.map((v, i) => v - last[i]);
    const z = y.map((v, i) => v - (2 * p[i] * dotOf(y, y)) / dotOf(p, y));
    return Math.max(
      dotOf(z, g) / dotOf(p, y),
      -1 / (Math.sqrt(dotOf(p, p)) * Math.min(0.01, Math.sqrt(dotOf(last, last)))),
    );
  },
};

for (const beta of betas) {
  test(`${beta}: with steps of one length the path is that of the formula`, () =>
    scope(() => {
      const curvatures = [1, 2, 5, 0.5];
      const f = (x: Tensor) => mul(0.5, sum(mul(square(x), tensor(curvatures))));
      const method = optim.nonlinearConjugateGradient({ beta, lineSearch: fixed(0.05) });
      const options = { maxIterations: 4, gradientTolerance: 0 };
      const { x } = optim.minimize(f, tensor([1, -1, 1, 2]), method, options);
      let at = [1, -1, 1, 2];
      let g = at.map((v, i) => v * curvatures[i]);
      let p = g.map((v) => -v);
      for (let step = 0; step < 4; step++) {
        at = at.map((v, i) => v + 0.05 * p[i]);
        const next = at.map((v, i) => v * curvatures[i]);
        const factor = formulas[beta](next, g, p);
        p = next.map((v, i) => factor * p[i] - v);
        g = next;
      }
      near(x.data(), at, 1e-13);
    }));

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
      /beta must be 'PolakRibiere\+', 'FletcherReeves' or 'HagerZhang', got "PR"/,
    );
  });
  const before = memory().tensors;
  const x0 = tensor([1, 2]);
  optim.minimize((x: Tensor) => sum(square(sub(x, 1))), x0, method).x.dispose();
  x0.dispose();
  assert.is(memory().tensors, before);
});

test.run();
