// The system: options and defaults, laminar flow and momentum of the finite volumes, small and odd grids, batches, plans, trajectories, gradients of windows, memory, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  ConvergenceError,
  compile,
  DTypeError,
  dynamics,
  full,
  grad,
  jvp,
  memory,
  mul,
  random,
  ShapeError,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
  trace,
  vjp,
  zeros,
} from '#src/index.js';
import { near, rejects, seed } from '../../support/check.js';
import { inner } from '../../support/derivatives.js';

const { kolmogorovFlow } = dynamics;
const FORMS = ['finiteVolume', 'spectral'] as const;
type Options = dynamics.KolmogorovFlowOptions;
const T = (shape: readonly number[], from = 1) => random(seed + from).normal(shape);
const stateOf = (system: dynamics.FlowSystem, batch: number[] = [], from = 1) =>
  T([...batch, ...system.stateShape], from);

test('defaults', () => {
  for (const form of FORMS) {
    const system = kolmogorovFlow({ form });
    const dt = (0.5 * 2 * Math.PI) / 64 / 7;
    assert.ok(Math.abs(system.dt - dt) < 1e-15 && Math.abs(system.interval - 25 * dt) < 1e-15);
    assert.equal([system.innerSteps, system.spinUpSteps, system.n, system.dtype], [25, 800, 64, 'f64']);
    assert.equal(system.stateShape, form === 'spectral' ? [64, 64] : [2, 64, 64]);
    assert.is(system.h, (2 * Math.PI) / 64);
    assert.is(system.name, 'kolmogorovFlow');
    system.dispose();
  }
  assert.equal(kolmogorovFlow().stateShape, [2, 64, 64]);
  assert.is(kolmogorovFlow({ n: 8, maxVelocity: 2, courant: 0.25 }).dt, (0.25 * ((2 * Math.PI) / 8)) / 2);
});

test('laminar flow of the finite volumes is an Euler step of its equation', () =>
  scope(() => {
    for (const [n, wavenumber] of [
      [9, 2],
      [16, 4],
      [5, 1],
    ]) {
      // biome-ignore format: short
      const [viscosity, damping, amplitude, dt] = [0.02, 0.3, 1.3, 0.01];
      const system = kolmogorovFlow({ n, wavenumber, viscosity, damping, amplitude, dt, innerSteps: 4 });
      const lambda = (2 * Math.cos(wavenumber * system.h) - 2) / system.h ** 2;
      const state = (A: number) =>
        Array.from({ length: 2 * n * n }, (_, k) =>
          k < n * n ? A * Math.sin(wavenumber * ((k % n) + 0.5) * system.h) : 0,
        );
      let A = 0.4;
      for (let k = 0; k < 4; k++) A += dt * (amplitude + (viscosity * lambda - damping) * A);
      const x = tensor(state(0.4), { shape: [2, n, n] });
      near(system.advance(x).data(), state(A), 1e-14, `n = ${n}`);
      // Along x nothing varies: derivatives are finite there.
      const g = grad((y: Tensor) => sum(mul(T([2, n, n], 3), system.step(system.step(y)))))(x);
      assert.ok(g.data().every(Number.isFinite) && g.data().some((v: number) => v !== 0));
    }
  }));

test('finite volumes keep momentum but for damping, and have no divergence', () =>
  scope(() => {
    const n = 12;
    const system = kolmogorovFlow({ n, damping: 0.4, dt: 0.02, innerSteps: 3, wavenumber: 3 });
    const x = add(system.initial(random(seed)), tensor([0.3, -0.2], { shape: [2, 1, 1] }));
    const d = Array.from(system.advance(x).data());
    const mean = (c: number) => d.slice(c * n * n, (c + 1) * n * n).reduce((s, v) => s + v, 0) / n ** 2;
    const left = (1 - 0.4 * 0.02) ** 3;
    near([mean(0), mean(1)], [0.3 * left, -0.2 * left], 1e-14);
    const at = (c: number, i: number, j: number) => d[(c * n + ((i + n) % n)) * n + ((j + n) % n)];
    const vorticity = system.vorticity(tensor(d, { shape: [2, n, n] })).data();
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const divergence = at(0, i, j) - at(0, i - 1, j) + at(1, i, j) - at(1, i, j - 1);
        assert.ok(Math.abs(divergence / system.h) < 1e-12, `[SEED=${seed}]`);
        const curl = at(1, i + 1 - n, j) - at(1, i, j) - at(0, i, j + 1 - n) + at(0, i, j);
        near([vorticity[i * n + j]], [curl / system.h], 1e-13);
      }
  }));

for (const form of FORMS) {
  const small = (n: number, more: Options = {}) =>
    kolmogorovFlow({ form, n, wavenumber: 2, innerSteps: 5, dt: 0.01, ...more });

  test(`${form}: every small grid, steps and intervals, batches`, () =>
    scope(() => {
      for (const n of [1, 2, 3, 4, 5, 6, 7, 10]) {
        const system = small(n);
        const x = stateOf(system, [2, 2], n);
        const y = system.advance(x);
        assert.equal(y.shape, x.shape);
        let apart = x;
        for (let k = 0; k < 5; k++) apart = system.step(apart);
        near(y.data(), apart.data(), 1e-13 * 10, `n = ${n} [SEED=${seed}]`);
        const size = x.size / 4;
        for (let k = 0; k < 4; k++) {
          const one = tensor(x.data().slice(k * size, (k + 1) * size), { shape: [...system.stateShape] });
          near(system.advance(one).data(), y.data().slice(k * size, (k + 1) * size), 0, `member ${k}`);
        }
        const empty = zeros([0, ...system.stateShape]);
        assert.equal([system.step(empty).shape, system.advance(empty).shape], [empty.shape, empty.shape]);
        if (n > 1) assert.equal(system.initial(random(1), { batch: [3] }).shape, [3, ...system.stateShape]);
        assert.equal(system.velocity(x).shape, [2, 2, 2, n, n]);
        assert.equal(system.vorticity(x).shape, [2, 2, n, n]);
      }
    }));

  test(`${form}: compiled and traced, the same; f32 is near`, () =>
    scope(() => {
      const system = small(9);
      const x = stateOf(system, [2]);
      const w = stateOf(system, [2], 2);
      const loss = (y: Tensor) => sum(mul(w, square(system.advance(y))));
      for (const f of [(y: Tensor) => system.advance(y), grad(loss)]) {
        const want = f(x);
        const [plan, graph] = [compile(f), trace(f, x)];
        for (const got of [plan(x), plan(x), graph.run(x)]) near(got.data(), want.data(), 1e-12, form);
        plan.dispose();
        graph.dispose();
      }
      const single = small(9, { dtype: 'f32' });
      const y = single.advance(tensor(x.toTypedArray(), { shape: x.shape, dtype: 'f32' }));
      assert.is(y.dtype, 'f32');
      near(y.data(), system.advance(x).data(), 2e-5);
      assert.is(single.initial(random(1)).dtype, 'f32');
    }));

  test(`${form}: <u, J v> = <Jᵀ u, v> of a step, an interval, a trajectory, velocity and vorticity`, () =>
    scope(() => {
      for (const n of [5, 8]) {
        const system = small(n);
        const x = stateOf(system);
        const calls: Record<string, (y: Tensor) => Tensor> = {
          step: (y) => system.step(y),
          advance: (y) => system.advance(y),
          velocity: (y) => system.velocity(y),
          vorticity: (y) => system.vorticity(y),
          trajectory: (y) => dynamics.trajectory(system, y, { steps: 3 }),
        };
        for (const [name, f] of Object.entries(calls)) {
          const v = stateOf(system, [], 2);
          const { value, tangent } = jvp(f, [x], [v]);
          const u = T(value.shape, 3);
          const [there, again] = [inner([u], [tangent]), inner(vjp(f, x).pullback(u), [v])];
          const error = Math.abs(there.value - again.value);
          assert.ok(error <= 1e-12 * (there.size + again.size), `${name} n = ${n} [SEED=${seed}]`);
        }
      }
    }));

  test(`${form}: the rest of Taylor's series of a window falls like the square`, () =>
    scope(() => {
      const system = small(8);
      const [x, d] = [mul(stateOf(system), 0.5), stateOf(system, [], 2)];
      const J = (y: Tensor) => sum(square(dynamics.trajectory(system, y, { steps: 2 })));
      const [value, slope] = [J(x).item(), inner([grad(J)(x)], [d]).value];
      // Limited fluxes have kinks: single decades may lie beside 2, not all of them.
      const rest = [0, 1, 2, 3].map((k) => {
        const e = 1e-2 * 10 ** -k;
        return Math.log10(Math.abs(J(add(x, mul(d, e))).item() - value - e * slope));
      });
      const order = (rest[0] - rest[3]) / 3;
      assert.ok(Math.abs(order - 2) < (form === 'spectral' ? 0.05 : 0.3), `${order} [SEED=${seed}]`);
    }));

  test(`${form}: the schedule of checkpoints does not change values`, () =>
    scope(() => {
      const system = small(6);
      const x = stateOf(system);
      const gradients = (['none', 'sqrt', 'binomial', 'log'] as const).map((checkpoint) =>
        grad((y: Tensor) => sum(square(dynamics.trajectory(system, y, { steps: 3, checkpoint }))))(x),
      );
      for (const g of gradients) near(g.data(), gradients[0].data(), 1e-13 * 100);
    }));

  test(`${form}: spins up, and is disposed of`, () => {
    small(8).dispose();
    const before = memory();
    const system = small(8);
    const held = memory().tensors - before.tensors;
    assert.ok(held > 0);
    scope(() => {
      const x = system.initial(random(seed));
      const y = dynamics.spinUp(system, x, { steps: 3 });
      near(y.data(), system.advance(system.advance(system.advance(x))).data(), 1e-12);
      grad((z: Tensor) => sum(square(system.advance(z))))(x);
    });
    assert.is(memory().tensors - before.tensors, held, 'calls leave nothing');
    system.dispose();
    system.dispose();
    const after = memory();
    assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
    {
      using other = small(8);
      assert.ok(other.n === 8);
    }
    assert.is(memory().tensors, before.tensors);
  });

  test(`${form}: what is no state`, () =>
    scope(() => {
      const system = small(8);
      const wrong = zeros([...system.stateShape.slice(0, -1), 7]);
      const single = zeros(system.stateShape, { dtype: 'f32' });
      const huge = mul(stateOf(system), 1e200);
      for (const call of ['step', 'advance', 'velocity', 'vorticity'] as const) {
        rejects(() => system[call](wrong), ShapeError, new RegExp(`${call}: x must end in`));
        rejects(() => system[call](single), DTypeError, /f64/);
        rejects(() => system[call](5 as never), ArgumentError, /x must be a tensor/);
      }
      const nan = full(system.stateShape, Number.NaN);
      rejects(() => dynamics.trajectory(system, nan, { steps: 1 }), ConvergenceError, /not finite/);
      rejects(() => dynamics.spinUp(system, huge, { steps: 20 }), ConvergenceError, /time/); // biome-ignore format: short
    }));
}

test('options that are wrong', () => {
  const of = (options: unknown) => () => kolmogorovFlow(options as Options);
  const wrong: Record<string, unknown[]> = {
    n: [0, -1, 6.5, Number.NaN, '8', 1e6],
    form: ['mac', 1, null],
    viscosity: [-1, Number.NaN, Number.POSITIVE_INFINITY, '1'],
    damping: [-0.1, Number.NaN],
    wavenumber: [0, -1, 2.5, Number.NaN],
    amplitude: [Number.NaN, Number.POSITIVE_INFINITY, '1'],
    innerSteps: [0, -1, 1.5],
    dt: [0, -0.01, Number.NaN, Number.POSITIVE_INFINITY],
    maxVelocity: [0, -7, Number.NaN],
    courant: [0, -1, Number.POSITIVE_INFINITY],
    dtype: ['i32', 'f16'],
  };
  for (const [name, values] of Object.entries(wrong))
    for (const value of values) rejects(of({ [name]: value }), ArgumentError, new RegExp(`kolmogorovFlow: ${name}`)); // biome-ignore format: short
  rejects(of({ nu: 1 }), ArgumentError, /nu/);
  rejects(of(5), ArgumentError, /options/);
});

test.run();
