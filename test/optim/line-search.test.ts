// Line searches on their own: the conditions they promise, what they do at infinities and near rounding, and their errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  CotangentError,
  cos,
  div,
  exp,
  log,
  matmul,
  memory,
  mul,
  neg,
  ones,
  optim,
  pow,
  random,
  scope,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../support/check.js';
import { problems, sumOfSquares } from '../support/more-garbow-hillstrom.js';

test('strong Wolfe: both conditions hold on waves of any phase, from first steps of any size, for any c1 < c2', () =>
  property(
    fc.record({
      phase: fc.double({ min: 0, max: 6, noNaN: true }),
      size: fc.double({ min: -3, max: 3, noNaN: true }),
      c2: fc.constantFrom(0.05, 0.4, 0.9),
      c1: fc.constantFrom(1e-4, 0.04),
    }),
    ({ phase, size, c1, c2 }) =>
      scope(() => {
        const f = (x: Tensor) => add(cos(mul(x, 3)), square(mul(x, 0.2)));
        const start = tensor(phase);
        const slope = optim.lineSearch(f, start, ones([]), optim.strongWolfe(), {
          throws: false,
        }).initialSlope;
        if (Math.abs(slope) < 1e-3) return;
        const direction = tensor(-Math.sign(slope));
        const found = optim.lineSearch(f, start, direction, optim.strongWolfe({ c1, c2 }), {
          initialStep: 10 ** size,
        });
        const promised = -Math.abs(slope);
        assert.ok(found.value <= f(start).item() + c1 * found.step * promised + 1e-15, 'decrease');
        assert.ok(Math.abs(found.slope) <= c2 * Math.abs(promised), 'curvature');
        near([found.x.item()], [phase + found.step * direction.item()], 1e-12, 'x');
        near([found.value], [f(found.x).item()], 1e-15, 'value');
      }),
  ));

/** Functions 4 to 6 of Moré and Thuente, by Yanai, Ozawa and Kaneko. */
const bow = (b1: number, b2: number) => (t: Tensor) => {
  const weight = (b: number) => Math.sqrt(1 + b * b) - b;
  return add(
    mul(weight(b1), sqrt(add(square(sub(1, t)), b2 * b2))),
    mul(weight(b2), sqrt(add(square(t), b1 * b1))),
  );
};

// Moré and Thuente (1994), section 5: what they report for the first steps 1e-3, 1e-1, 10, 1000.
const reported: [string, (t: Tensor) => Tensor, number, number, number[]][] = [
  ['1', (t) => neg(div(t, add(square(t), 2))), 0.001, 0.1, [6, 3, 1, 4]],
  ['2', (t) => sub(pow(add(t, 0.004), 5), mul(2, pow(add(t, 0.004), 4))), 0.1, 0.1, [12, 8, 8, 11]],
  ['4', bow(0.001, 0.001), 0.001, 0.001, [4, 1, 3, 4]],
  ['5', bow(0.01, 0.001), 0.001, 0.001, [6, 3, 7, 8]],
  ['6', bow(0.001, 0.01), 0.001, 0.001, [13, 11, 8, 11]],
];
for (const [name, f, c1, c2, counts] of reported) {
  test(`strong Wolfe: as many evaluations as Moré and Thuente report for their function ${name}`, () =>
    scope(() => {
      const got = [1e-3, 1e-1, 10, 1000].map((initialStep) => {
        const rule = optim.strongWolfe({ c1, c2: Math.max(c2, c1 + 1e-9) });
        return optim.lineSearch(f, tensor(0), tensor(1), rule, { initialStep }).evaluations.value - 1;
      });
      assert.equal(got, counts);
    }));
}

test('strong Wolfe: where f is NaN or infinite the step is shortened, where it falls without end that is no endless loop', () =>
  scope(() => {
    const barrier = (x: Tensor) => sub(mul(x, 10), log(x));
    for (const initialStep of [1, 1e6, 1e300]) {
      const found = optim.lineSearch(barrier, tensor(1), tensor(-1), optim.strongWolfe({ c2: 0.1 }), {
        initialStep,
      });
      near([found.x.item()], [0.1], 0.05);
    }
    const overflow = (x: Tensor) => sub(exp(square(x)), mul(x, 100));
    const far = optim.lineSearch(overflow, tensor(0), tensor(1), undefined, { initialStep: 1e10 });
    assert.ok(far.value < 1);
    const fall = optim.minimize(neg, tensor(0), optim.lbfgs(), { throws: false });
    assert.is(fall.status, 'unbounded');
    assert.is(optim.lineSearch((x) => neg(exp(x)), tensor(0), tensor(1), undefined).value, -Infinity);
  }));

for (const dtype of ['f64', 'f32'] as const) {
  test(`strong Wolfe in ${dtype}: below the rounding of f the slopes decide`, () =>
    scope(() => {
      // f = 1 + x², whose second term is lost in the first near the minimum.
      const x = dtype === 'f64' ? 1e-10 : 1e-5;
      const f = (t: Tensor) => add(1, square(t));
      const found = optim.lineSearch(f, tensor(x, { dtype }), tensor(-x, { dtype }), undefined, {
        initialStep: 0.1,
      });
      assert.ok(Math.abs(found.slope) <= 0.9 * 2 * x * x);
      assert.ok(found.step > 0);
    }));

  test(`exact in ${dtype}: the minimum of a random quadratic along a line, from any first step`, () =>
    property(
      fc.record({
        seed: fc.nat(1000),
        n: fc.integer({ min: 1, max: 12 }),
        size: fc.constantFrom(1e-2, 1, 30),
      }),
      ({ seed, n, size }) =>
        scope(() => {
          const [R, x] = [random(seed).normal([n, n], { dtype }), random(seed + 1).normal([n], { dtype })];
          const f = (z: Tensor) => add(sum(square(matmul(R, z))), sum(square(z)));
          const p = mul(x, -0.3);
          const found = optim.lineSearch(f, x, p, optim.exact(), { initialStep: size });
          // φ(t) = (1 - 0.3 t)² φ(0) here.
          near([found.step], [1 / 0.3], dtype === 'f64' ? 1e-11 : 1e-2);
          assert.is(found.evaluations.gradient, 3);
        }),
      30,
    ));
}

test('exact: gradient descent reaches the minimum of a quadratic with two eigenvalues in few steps', () =>
  scope(() => {
    const f = (x: Tensor) => sum(mul(square(x), tensor([1, 1, 2])));
    const found = optim.minimize(f, ones([3]), optim.gradientDescent({ lineSearch: optim.exact() }));
    assert.ok(found.iterations < 20);
  }));

test('exact: from where f is NaN it comes nearer', () =>
  scope(() => {
    // x² - x by way of √x.
    const f = (x: Tensor) => sub(square(square(sqrt(x))), square(sqrt(x)));
    const found = optim.lineSearch(f, tensor(2), tensor(-1), optim.exact(), { initialStep: 3 });
    near([found.x.item()], [0.5], 1e-12);
  }));

test('exact: no step where a function curves downwards', () =>
  scope(() => {
    const found = optim.lineSearch((x) => neg(square(x)), tensor(1), tensor(1), optim.exact(), {
      throws: false,
    });
    assert.equal([found.converged, found.step, found.x.item()], [false, 0, 1]);
  }));

test('trees, and derivatives by hand', () =>
  scope(() => {
    const x = { a: ones([2]), b: [tensor(3)] };
    const f = ({ a, b }: typeof x) => add(sum(square(a)), square(b[0]));
    const p = { a: mul(-1, x.a), b: [mul(-1, x.b[0])] };
    const found = optim.lineSearch(f, x, p);
    assert.is(found.step, 1);
    near([...found.x.a.data(), found.x.b[0].item()], [0, 0, 0], 0);
    const given = { value: f, gradient: ({ a, b }: typeof x) => ({ a: mul(2, a), b: [mul(2, b[0])] }) };
    assert.is(optim.lineSearch(given, x, p, optim.backtracking()).value, 0);
  }));

test('every search accepts a step along -∇f on every problem of Moré, Garbow and Hillstrom, to less than f(x0)', () =>
  scope(() => {
    for (const problem of problems) {
      const [f, x] = [sumOfSquares(problem), tensor(problem.x0)];
      const { value, grad } = valueAndGrad(f)(x) as { value: Tensor; grad: Tensor };
      for (const search of [optim.strongWolfe(), optim.backtracking()])
        assert.ok(
          optim.lineSearch(f, x, neg(grad), search).value < value.item(),
          `${problem.name}, ${search.name}`,
        );
    }
  }));

test('wrong arguments are named, an ascent is said to be one, and nothing leaks', () => {
  scope(() => {
    const [f, x, p, longer] = [(z: Tensor) => sum(square(z)), ones([2]), ones([2]), zeros([3])];
    const run = (...args: unknown[]) => (optim.lineSearch as (...all: unknown[]) => unknown)(...args);
    rejects(() => run(3, x, p), CotangentError, /f must be a function/);
    rejects(() => run(f, x, longer), CotangentError, /direction/);
    rejects(() => run(f, x, p, 3), CotangentError, /lineSearch must be a line search/);
    rejects(() => run(f, x, p, undefined, { initialStep: 0 }), CotangentError, /initialStep/);
    rejects(() => run(f, x, p, undefined, { compile: 1 }), CotangentError, /compile/);
    rejects(() => optim.strongWolfe({ c1: 0.5, c2: 0.4 }), CotangentError, /c1 must be less than c2/);
    rejects(() => optim.strongWolfe({ maxEvaluations: 0 }), CotangentError, /maxEvaluations/);
    const up = optim.lineSearch(f, x, p, undefined, { throws: false });
    assert.match(up.message, /take its negative/);
    assert.throws(() => optim.lineSearch(f, x, p), /accepts no step/);
    const nan = optim.lineSearch((z) => sum(sqrt(z)), neg(x), p, undefined, { throws: false });
    assert.match(nan.message, /not finite/);
  });
  const before = memory().tensors;
  optim.lineSearch((z: Tensor) => sum(square(z)), tensor([1]), tensor([-1])).x.dispose();
  assert.is(memory().tensors, before + 2);
});

test.run();
