// Lorenz96 against plain loops at every number of variables, against an independent program, and its derivatives: kernels against the same steps in
// operations, differences, adjoint identities; batches, threads, dtypes, NaN.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { composed, lorenz96Window } from '#src/dynamics/systems/lorenz96-rows.js';
import {
  astype,
  compile,
  dynamics,
  grad,
  hvp,
  jvp,
  memory,
  random,
  reshape,
  scope,
  sin,
  slice,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
  vjp,
} from '#src/index.js';
import { bitsOf, EPSILON, near, property, seed } from '../support/check.js';
import { checkDerivatives, inner as innerProduct } from '../support/derivatives.js';
import { drawnState, states } from '../support/dynamics/lorenz96.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/lorenz96.json', import.meta.url), 'utf8'),
);
const D = (x: Tensor) => Array.from(x.toTypedArray());

const problem = fc.record({
  K: fc.integer({ min: 4, max: 23 }),
  F: fc.constantFrom(8, 0, -3.5),
  inner: fc.integer({ min: 1, max: 5 }),
  intervals: fc.integer({ min: 1, max: 4 }),
  euler: fc.boolean(),
  batch: fc.constantFrom([], [1], [3], [2, 3], [0]),
  dtype: fc.constantFrom('f64' as const, 'f32' as const),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

test('states at random sizes, against plain loops', () => {
  property(problem, ({ K, F, inner, intervals, euler, batch, dtype, seed: from }) =>
    scope(() => {
      const interval = 0.02 * inner;
      const method = euler ? 'euler' : 'rk4';
      const system = dynamics.lorenz96({ K, F, interval, innerSteps: inner, method, dtype });
      const members = batch.reduce<number>((a, b) => a * b, 1);
      const x = tensor(Array.from({ length: members }, (_, i) => drawnState(K, from + i)).flat(), {
        shape: [...batch, K],
        dtype,
      });
      const X = dynamics.trajectory(system, x, { steps: intervals });
      assert.equal(X.shape, [...batch, intervals + 1, K]);
      assert.is(X.dtype, dtype);
      const model = { K, F, dt: interval / inner, euler };
      const want = Array.from({ length: members }, (_, i) =>
        states(D(x).slice(i * K, i * K + K), model, inner, intervals),
      ).flat();
      // A step moves by rounding at most a few units of the largest number; steps spread them.
      near(D(X), want, 4000 * EPSILON[dtype], 'states');
      const last = dynamics.spinUp(system, x, { steps: intervals });
      const ends = D(X).filter((_, i) => Math.floor(i / K) % (intervals + 1) === intervals);
      near(D(last), ends, 0, 'advance has the same bits');
    }),
  );
});

test('an independent program: states and tangent, and the flow itself', () => {
  const system = dynamics.lorenz96();
  const x0 = tensor(golden.x0);
  const steps = 10;
  const X = dynamics.trajectory(system, x0, { steps });
  near(D(X), golden.rk4.data, 1e-10, 'Runge-Kutta');
  const times = Array.from({ length: steps + 1 }, (_, i) => i * golden.interval);
  const method = dynamics.dopri5({ rtol: 1e-9, atol: 1e-9 });
  const exact = dynamics.odeint((x: Tensor) => system.tendency?.(x) as Tensor, x0, times, method);
  near(D(exact), golden.exact.data, 1e-6, 'Dormand-Prince');
  const end = (x: Tensor) => dynamics.spinUp(system, x, { steps });
  const { v, jv } = golden.tangent;
  near(D(jvp(end, [x0], [tensor(v)]).tangent), jv, 1e-10 * Math.max(...jv.map(Math.abs)), 'J v');
});

const WINDOWS = [
  { inner: 1, intervals: 1, all: false },
  { inner: 3, intervals: 1, all: false },
  { inner: 2, intervals: 3, all: true },
];

test('tangent and adjoint are those of the same steps in operations, also where the stages are not kept', () => {
  for (const K of [4, 5, 6, 7, 8, 11])
    for (const euler of [false, true])
      for (const window of WINDOWS)
        for (const batch of [[], [2]])
          scope(() => {
            const params = { F: 8, dt: 0.03, euler, ...window };
            const x = random(seed + K).normal([...batch, K], { mean: 2, std: 4 });
            const v = random(seed + 1).normal(x.shape);
            const [one, two] = [lorenz96Window, composed].map((f) => {
              const run = (y: Tensor) => f(y, params);
              const { value, tangent } = jvp(run, [x], [v]);
              const u = random(seed + 2).normal(value.shape);
              const [pulled] = vjp(run, x).pullback(u);
              return { value: D(value), tangent: D(tangent), pulled: D(pulled) };
            });
            for (const key of ['value', 'tangent', 'pulled'] as const) {
              const size = Math.max(...two[key].map(Math.abs));
              near(one[key], two[key], 1e-12 * size, `${key}, K = ${K}, seed ${seed}`);
            }
          });
});

test('derivatives to second order, in every mix', () => {
  for (const K of [4, 5, 9])
    for (const window of WINDOWS) {
      const params = { F: 8, dt: 0.05, euler: K === 5, ...window };
      const x = random(seed + K).normal([K], { mean: 2, std: 2 });
      checkDerivatives((y: Tensor) => sin(lorenz96Window(y, params)), [x]);
      x.dispose();
    }
});

test('third order and Hessians, against the steps in operations', () => {
  const params = { F: 8, dt: 0.05, euler: false, inner: 2, intervals: 2, all: true };
  scope(() => {
    const x = random(seed).normal([6], { mean: 2, std: 2 });
    const [u, v] = [1, 2].map((i) => random(seed + i).normal([6]));
    const third = (f: typeof composed) =>
      D(grad((y: Tensor) => sum(hvp((z: Tensor) => sum(square(square(f(z, params)))), y, u)))(x));
    const along = (f: typeof composed) => D(hvp((z: Tensor) => sum(square(f(z, params))), x, v));
    for (const of of [third, along]) {
      const want = of(composed);
      near(of(lorenz96Window), want, 1e-10 * Math.max(...want.map(Math.abs)), `seed ${seed}`);
    }
  });
});

test('<u, J v> = <Jᵀ u, v> over long windows whose stages are computed again', () => {
  scope(() => {
    const K = 1000;
    const system = dynamics.lorenz96({ K, innerSteps: 7, interval: 0.07 });
    const x = tensor(drawnState(K, seed));
    const run = (y: Tensor) => dynamics.trajectory(system, y, { steps: 30 });
    const v = random(seed + 1).normal([K]);
    const { value, tangent } = jvp(run, [x], [v]);
    const u = random(seed + 2).normal(value.shape);
    const [pulled] = vjp(run, x).pullback(u);
    const [a, b] = [innerProduct([u], [tangent]), innerProduct([pulled], [v])];
    assert.ok(Math.abs(a.value - b.value) <= 1e-12 * a.size, `${a.value} ${b.value}, seed ${seed}`);
  });
});

test('an interval of very many steps: the adjoint keeps what it has room for', () => {
  scope(() => {
    const system = dynamics.lorenz96({ K: 200, innerSteps: 1500, interval: 0.3 });
    const x = tensor(drawnState(200, seed));
    const [v, u] = [1, 2].map((i) => random(seed + i).normal([200]));
    const { tangent } = jvp((y: Tensor) => system.advance(y), [x], [v]);
    const [pulled] = vjp((y: Tensor) => system.advance(y), x).pullback(u);
    const [a, b] = [innerProduct([u], [tangent]), innerProduct([pulled], [v])];
    assert.ok(Math.abs(a.value - b.value) <= 1e-11 * a.size, `${a.value} ${b.value}, seed ${seed}`);
  });
});

test('schedules of checkpoints do not change values or gradients', () => {
  for (const K of [5, 1200])
    scope(() => {
      const system = dynamics.lorenz96({ K });
      const x = tensor(drawnState(K, 3));
      const f = (checkpoint: dynamics.TrajectoryOptions['checkpoint']) => (y: Tensor) =>
        sum(square(dynamics.trajectory(system, y, { steps: 12, checkpoint })));
      const want = D(grad(f('none'))(x));
      const size = Math.max(...want.map(Math.abs));
      for (const checkpoint of ['sqrt', 'binomial', 'log', { snapshots: 3 }] as const)
        near(D(grad(f(checkpoint))(x)), want, 1e-12 * size, String(checkpoint));
    });
});

test('compiled: the same states and gradients; a plan allocates nothing', () => {
  scope(() => {
    const system = dynamics.lorenz96({ K: 12 });
    const x = tensor(drawnState(12, 5));
    const f = (y: Tensor) => sum(sin(dynamics.trajectory(system, y, { steps: 4 })));
    const plan = compile(f);
    const slopes = compile(grad(f));
    near(D(plan(x)), D(f(x)), 0, 'value');
    near(D(slopes(x)), D(grad(f)(x)), 1e-12, 'gradient');
    const before = memory().bytes;
    for (let i = 0; i < 5; i++) slopes(x).dispose();
    assert.is(memory().bytes, before);
  });
});

test('a member has the same bits alone and in any batch', () => {
  scope(() => {
    const system = dynamics.lorenz96({ K: 41 });
    const members = Array.from({ length: 64 }, (_, i) => tensor(drawnState(41, i + 1)));
    const X = stack(members, 0);
    const run = (x: Tensor) => dynamics.trajectory(system, x, { steps: 20 });
    const pull = (x: Tensor) => grad((y: Tensor) => sum(square(run(y))))(x);
    for (const i of [0, 17, 63]) {
      const row = reshape(slice(run(X), [i], [i + 1]), [21, 41]);
      assert.equal(bitsOf(row), bitsOf(run(members[i])));
      assert.equal(bitsOf(slice(pull(X), [i], [i + 1])), bitsOf(pull(members[i])));
    }
  });
});

test('f32 is f64 to rounding; NaN and infinities stay in their member', () => {
  const [wide, narrow] = [dynamics.lorenz96(), dynamics.lorenz96({ dtype: 'f32' })];
  const x = tensor(drawnState(40, 9));
  const X = D(dynamics.trajectory(wide, x, { steps: 5 }));
  near(D(dynamics.trajectory(narrow, astype(x, 'f32'), { steps: 5 })), X, 1e-4, 'f32');
  const bad = drawnState(40, 9);
  bad[7] = Number.NaN;
  const both = tensor([bad, drawnState(40, 9)]);
  const rows = D(dynamics.trajectory(wide, both, { steps: 5, throws: false }));
  near(rows.slice(6 * 40), X, 0, 'the other member');
  assert.ok(rows.slice(40, 6 * 40).every(Number.isNaN));
});

test('the climate: mean, spread and largest exponent', () => {
  scope(() => {
    const system = dynamics.lorenz96();
    const X = dynamics.sample(system, random(3), { count: 100 });
    const v = D(X);
    const mean = v.reduce((a, b) => a + b, 0) / v.length;
    const spread = Math.sqrt(v.reduce((a, b) => a + (b - mean) ** 2, 0) / v.length);
    // The energy balance gives mean(x²) = F mean(x).
    assert.ok(Math.abs(mean - 2.35) < 0.25 && Math.abs(spread - 3.64) < 0.3, `${mean}, ${spread}`);
    assert.ok(Math.abs((mean ** 2 + spread ** 2) / (8 * mean) - 1) < 0.1);
    const start = reshape(slice(X, [0], [1]), [40]);
    const { exponent, time, standardError } = dynamics.lyapunovExponent(system, start, {
      steps: 2000,
      spinUp: 50,
    });
    assert.ok(Math.abs(exponent - 1.67) < 0.2 && standardError < 0.15, `${exponent} ± ${standardError}`);
    near([time * exponent], [1], 1e-14);
  });
});

test.run();
