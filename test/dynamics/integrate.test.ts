// odeint: orders, exact solutions, tolerances, trees, batches, rising and falling times; derivatives through the steps that were made.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  compile,
  dynamics,
  exp,
  grad,
  hvp,
  jvp,
  memory,
  mul,
  neg,
  random,
  reshape,
  roll,
  scope,
  sin,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  vjp,
} from '#src/index.js';
import { near, property, seed } from '../support/check.js';
import { checkDerivatives, inner } from '../support/derivatives.js';

const D = (x: Tensor) => Array.from(x.toTypedArray());
const { odeint, euler, rk4, dopri5 } = dynamics;

/** x' = x cos t, whose solution is x0 exp(sin t). */
const growth = (x: Tensor, t: number) => mul(x, Math.cos(t));
const endOf = (X: Tensor) => D(X).at(-1) as number;
const error = (method: dynamics.OdeMethod, times = [0, 2]) =>
  scope(() =>
    Math.abs(endOf(odeint(growth, tensor([1]), times, method)) - Math.exp(Math.sin(times.at(-1) as number))),
  );

test('orders of the fixed methods', () => {
  for (const [make, order] of [
    [euler, 1],
    [rk4, 4],
  ] as const) {
    const [coarse, fine] = [0.02, 0.01].map((dt) => error(make({ dt })));
    assert.ok(Math.abs(Math.log2(coarse / fine) - order) < 0.1, `order ${Math.log2(coarse / fine)}`);
  }
});

test('one step, by hand; steps divide the interval', () => {
  scope(() => {
    const three = (x: Tensor) => mul(x, 3);
    near(D(odeint(three, tensor([1, 2]), [0, 0.5], euler({ dt: 1 }))), [1, 2, 2.5, 5], 0);
    const h = 0.5 * 3;
    const classical = 1 + h + h ** 2 / 2 + h ** 3 / 6 + h ** 4 / 24;
    near([endOf(odeint(three, tensor([1]), [0, 0.5], rk4({ dt: 1 })))], [classical], 1e-15);
    const run = (dt: number) => D(odeint(growth, tensor([1]), [0, 1, 1.5], rk4({ dt })));
    // 0.3 is used as 0.25 in both intervals.
    near(run(0.3), run(0.25), 0);
    assert.ok(Math.abs(run(0.25)[2] - run(0.2)[2]) > 0);
  });
});

test('dopri5: heeds its tolerance; its error falls as the fifth power of a bounded step', () => {
  for (const tolerance of [1e-4, 1e-7, 1e-10])
    assert.ok(error(dopri5({ rtol: tolerance, atol: tolerance })) < 20 * tolerance);
  assert.ok(error(dopri5({ rtol: 1e-5, atol: 1e-5 })) > 10 * error(dopri5({ rtol: 1e-9, atol: 1e-9 })));
  assert.ok(error(dopri5()) < 1e-4);
  const bounded = (maxStep: number) => error(dopri5({ rtol: 1, atol: 1, maxStep, dt0: maxStep }));
  const order = Math.log2(bounded(0.1) / bounded(0.05));
  assert.ok(Math.abs(order - 5) < 0.4, `order ${order}`);
});

test('the number of steps of dopri5 is that of its error norm: the worst member decides', () => {
  // Counted through f: six new slopes a step, one for the first, one for its length.
  const stepsOf = (x: Tensor, batchAxes: number, rtol: number) => {
    let calls = 0;
    const f = (y: Tensor, t: number) => {
      calls++;
      return mul(y, Math.cos(5 * t));
    };
    odeint(f, x, [0, 3], dopri5({ rtol, atol: rtol }), { batchAxes }).dispose();
    return (calls - 2) / 6;
  };
  scope(() => {
    const hard = tensor([[1], [1e-9], [1e-9]]);
    const [alone, batch, mixed] = [
      stepsOf(tensor([1]), 0, 1e-8),
      stepsOf(hard, 1, 1e-8),
      stepsOf(hard, 0, 1e-8),
    ];
    assert.is(batch, alone);
    assert.ok(mixed < alone, 'without batch axes the mean over all numbers decides');
    // Twice the digits with order 5: 10^(1/5) as many steps for each digit.
    const growth = stepsOf(tensor([1]), 0, 1e-11) / stepsOf(tensor([1]), 0, 1e-6);
    assert.ok(growth > 6 && growth < 16, `${growth}`);
  });
});

test('backwards in time; one time; row 0 is x0; many times', () => {
  scope(() => {
    const back = odeint(
      growth,
      tensor([Math.exp(Math.sin(2))]),
      [2, 1, 0],
      dopri5({ rtol: 1e-11, atol: 1e-11 }),
    );
    near(D(back).slice(1), [Math.exp(Math.sin(1)), 1], 1e-9);
    assert.equal(odeint(growth, tensor([1, 2]), [3]).shape, [1, 2]);
    assert.equal(odeint(growth, tensor([1, 2]), [3], rk4({ dt: 1 })).shape, [1, 2]);
    near(D(odeint(growth, tensor([1, 2]), [0, 1])).slice(0, 2), [1, 2], 0);
    const times = Array.from({ length: 500 }, (_, i) => (i / 100) ** 1.3);
    const X = D(odeint(growth, tensor([1]), times, dopri5({ rtol: 1e-9, atol: 1e-9 })));
    near(
      X,
      times.map((t) => Math.exp(Math.sin(t))),
      1e-7,
    );
  });
});

test('trees and batches', () => {
  scope(() => {
    const swing = ({ p, q }: { p: Tensor; q: Tensor }) => ({ p: neg(q), q: p });
    const x0 = { p: tensor([1]), q: tensor([0]) };
    for (const method of [rk4({ dt: 0.01 }), dopri5({ rtol: 1e-10, atol: 1e-10 })]) {
      const { p, q } = odeint(swing, x0, [0, 1, Math.PI], method);
      assert.equal(p.shape, [3, 1]);
      near([...D(p), ...D(q)], [1, Math.cos(1), -1, 0, Math.sin(1), 0], 1e-8);
    }
    const x = random(seed).normal([2, 3, 5]);
    const wave = (y: Tensor) => sin(y);
    const X = odeint(wave, x, [0, 0.3, 1], rk4({ dt: 0.1 }), { batchAxes: 2 });
    assert.equal(X.shape, [2, 3, 3, 5]);
    const member = reshape(slice(x, [1, 1], [2, 2]), [5]);
    near(
      D(reshape(slice(X, [1, 1], [2, 2]), [3, 5])),
      D(odeint(wave, member, [0, 0.3, 1], rk4({ dt: 0.1 }))),
      0,
    );
  });
});

test('trees of both dtypes', () => {
  scope(() => {
    const x0 = { a: tensor([[1], [2]]), b: tensor([3, 4, 5, 6], { shape: [2, 2], dtype: 'f32' }) };
    const f = ({ a, b }: typeof x0) => ({ a: neg(a), b: neg(b) });
    const e = Math.exp(-1);
    for (const method of [dopri5(), rk4({ dt: 0.05 })]) {
      const { a, b } = odeint(f, x0, [0, 1], method, { batchAxes: 1 });
      assert.equal([a.dtype, b.dtype], ['f64', 'f32']);
      near(D(a), [1, e, 2, 2 * e], 1e-6);
      near(D(b), [3, 4, 3 * e, 4 * e, 5, 6, 5 * e, 6 * e], 1e-5);
    }
  });
});

test('what f returns may be its argument, or a tensor of the user', () => {
  scope(() => {
    const constant = tensor([2]);
    const x0 = tensor([1]);
    const before = memory().tensors;
    for (const method of [euler({ dt: 0.3 }), rk4({ dt: 0.3 }), dopri5()]) {
      const [same, fixed] = [
        odeint((x: Tensor) => x, x0, [0, 1], method),
        odeint(() => constant, x0, [0, 1], method),
      ];
      near([endOf(fixed)], [3], 1e-12);
      assert.ok(endOf(same) > 2);
      same.dispose();
      fixed.dispose();
    }
    assert.is(memory().tensors, before);
    near([...D(x0), ...D(constant)], [1, 2], 0);
  });
});

const swirl = (x: Tensor, t: number) => sub(sin(roll(x, 1, 0)), mul(x, t));
const TIMES = [0, 0.4, 1];

test('derivatives of fixed steps to second order, with every schedule, and compiled', () => {
  const x = random(seed).normal([4]);
  const f = (method: dynamics.OdeMethod, options?: dynamics.OdeintOptions) => (y: Tensor) =>
    odeint(swirl, y, TIMES, method, options);
  checkDerivatives(f(euler({ dt: 0.25 })), [x]);
  checkDerivatives(f(rk4({ dt: 0.5 })), [x]);
  const gradient = (options?: dynamics.OdeintOptions) =>
    D(grad((y: Tensor) => sum(square(f(rk4({ dt: 0.1 }), options)(y))))(x));
  for (const checkpoint of ['none', 'binomial', 'log', { snapshots: 2 }] as const)
    near(gradient({ checkpoint }), gradient(), 1e-13, String(checkpoint));
  const plan = compile(grad((y: Tensor) => sum(square(f(rk4({ dt: 0.1 }))(y)))));
  near(D(plan(x)), gradient(), 1e-13, 'compiled');
});

test('dopri5: derivatives are those of the steps that were taken', () => {
  scope(() => {
    const x = random(seed).normal([5]);
    const method = dopri5({ rtol: 1e-5, atol: 1e-5 });
    const run = (y: Tensor) => odeint(swirl, y, TIMES, method);
    const v = random(seed + 1).normal([5]);
    const { value, tangent } = jvp(run, [x], [v]);
    near(D(value), D(run(x)), 0, 'the same bits as without derivatives');
    const u = random(seed + 2).normal(value.shape);
    const [pulled] = vjp(run, x).pullback(u);
    const [a, b] = [inner([u], [tangent]), inner([pulled], [v])];
    assert.ok(Math.abs(a.value - b.value) < 1e-13 * a.size, `seed ${seed}`);
    // A linear system: the derivative in the state is the solution itself, since its steps do not depend on the size of the state without atol.
    const linear = (y: Tensor) => odeint(growth, y, [0, 2], dopri5({ rtol: 1e-6, atol: 0 }));
    const x1 = tensor([0.7]);
    near([endOf(jvp(linear, [x1], [x1]).tangent)], [endOf(linear(x1))], 1e-15);
    // Against the exact gradient of the flow, at a tight tolerance.
    const tight = (y: Tensor) => sum(square(odeint(growth, y, [0, 2], dopri5({ rtol: 1e-12, atol: 1e-12 }))));
    near(D(grad(tight)(x1)), [2 * 0.7 * (1 + Math.exp(2 * Math.sin(2)))], 1e-9);
    near(D(hvp(tight, x1, x1)), [2 * 0.7 * (1 + Math.exp(2 * Math.sin(2)))], 1e-9);
  });
});

test('derivatives in what f captures', () => {
  scope(() => {
    const x0 = tensor([0.5, -1]);
    for (const method of [rk4({ dt: 0.05 }), dopri5({ rtol: 1e-12, atol: 1e-12 })]) {
      // x(1) = x0 exp(a): d/da Σ x(1) = Σ x(1).
      const end = (a: Tensor) => {
        const X = odeint((x: Tensor) => mul(x, a), x0, [0, 1], method);
        return sum(slice(X, [1], [2]));
      };
      const [want] = D(mul(sum(x0), exp(tensor(0.3))));
      near(D(grad(end)(tensor(0.3))), [want], 1e-7);
      // In both at once.
      const both = grad((x: Tensor) => sum(odeint((y: Tensor) => mul(y, sum(x)), x, [0, 1], method)))(x0);
      const s = -0.5;
      const e = Math.exp(s);
      near(D(both), [1 + e + s * e, 1 + e + s * e], 1e-7);
    }
  });
});

test('adjoint identities over random problems', () => {
  const problem = fc.record({
    n: fc.integer({ min: 1, max: 6 }),
    cuts: fc.array(fc.double({ min: 0.05, max: 0.7, noNaN: true }), { minLength: 1, maxLength: 4 }),
    falling: fc.boolean(),
    which: fc.constantFrom('euler' as const, 'rk4' as const, 'dopri5' as const),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });
  property(
    problem,
    ({ n, cuts, falling, which, seed: from }) =>
      scope(() => {
        const times = [0.2];
        for (const c of cuts) times.push((times.at(-1) as number) + (falling ? -c : c));
        const method =
          which === 'dopri5' ? dopri5({ rtol: 1e-4, atol: 1e-4 }) : { euler, rk4 }[which]({ dt: 0.11 });
        const x = random(from).normal([n]);
        const run = (y: Tensor) =>
          odeint((z: Tensor, t: number) => add(sin(z), mul(roll(z, 1, 0), t)), y, times, method);
        const v = random(from + 1).normal([n]);
        const { value, tangent } = jvp(run, [x], [v]);
        assert.equal(value.shape, [times.length, n]);
        const u = random(from + 2).normal(value.shape);
        const [a, b] = [inner([u], [tangent]), inner(vjp(run, x).pullback(u), [v])];
        assert.ok(Math.abs(a.value - b.value) < 1e-12 * a.size);
      }),
    40,
  );
});

test.run();
