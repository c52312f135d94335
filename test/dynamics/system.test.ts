// Systems from functions: tendency, step and advance; trajectories of them with any batch; samples; systems of a user's own class.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compile,
  concat,
  dynamics,
  grad,
  jvp,
  memory,
  mul,
  neg,
  random,
  reshape,
  scope,
  sin,
  slice,
  square,
  sum,
  type Tensor,
  take,
  tensor,
  vjp,
} from '#src/index.js';
import { near, seed } from '../support/check.js';
import { checkDerivatives, inner } from '../support/derivatives.js';

const D = (x: Tensor) => Array.from(x.toTypedArray());

test('a tendency by Runge-Kutta and by Euler, a step, an interval', () => {
  scope(() => {
    const x = tensor([3, -1]);
    const decay = { stateShape: [2], interval: 0.5, innerSteps: 4, tendency: (z: Tensor) => neg(z) };
    const s = dynamics.system(decay);
    assert.equal(
      [s.interval, s.dt, s.innerSteps, s.name, s.spinUpSteps, s.dtype],
      [0.5, 0.125, 4, 'system', 0, 'f64'],
    );
    const h = 1 / 8;
    const factor = (1 - h + h ** 2 / 2 - h ** 3 / 6 + h ** 4 / 24) ** 4;
    near(D(s.advance(x)), [3 * factor, -factor], 1e-14);
    near(D(s.step(s.step(s.step(s.step(x))))), D(s.advance(x)), 0);
    const euler = dynamics.system({ ...decay, method: 'euler' });
    near(D(euler.advance(x)), [3 * (7 / 8) ** 4, -((7 / 8) ** 4)], 1e-15);
    near(D(s.tendency?.(x) as Tensor), [-3, 1], 0);
    const steps = dynamics.system({ stateShape: [2], innerSteps: 3, step: (z) => mul(z, 2) });
    near(D(steps.advance(x)), [24, -8], 0);
    assert.is(steps.tendency, undefined);
    const one = dynamics.system({
      stateShape: [2],
      advance: (z) => z,
      dtype: 'f64',
      name: 'rest',
      spinUpSteps: 3,
    });
    near(D(dynamics.trajectory(one, x, { steps: 2 })), [3, -1, 3, -1, 3, -1], 0);
    near(D(dynamics.spinUp(one, x)), [3, -1], 0);
    near(D(x), [3, -1], 0, "x is still the user's");
  });
});

test('numbers as states; a random state of the user', () => {
  scope(() => {
    const s = dynamics.system({
      stateShape: [],
      advance: (z) => mul(z, 2),
      initial: (generator, { batch }) => generator.uniform(batch, { low: 1, high: 2 }),
    });
    near(D(dynamics.trajectory(s, tensor(3), { steps: 2 })), [3, 6, 12], 0);
    assert.equal(dynamics.trajectory(s, tensor([3, 4]), { steps: 2 }).shape, [2, 3]);
    const X = dynamics.sample(s, random(1), { count: 5, steps: 3 });
    assert.equal(X.shape, [5]);
    assert.ok(D(X).every((v) => v >= 8 && v <= 16));
    assert.equal(
      dynamics.system({ stateShape: [3], advance: (z) => z }).initial(random(1), { batch: [2] }).shape,
      [2, 3],
    );
  });
});

const pendulum = () =>
  dynamics.system({
    stateShape: [2],
    interval: 0.3,
    innerSteps: 5,
    tendency: (x) => {
      const [q, p] = [take(x, [0], -1), take(x, [1], -1)];
      return concat([p, neg(sin(q))], -1);
    },
  });

test('trajectories: shapes, batches, without the first state, no step', () => {
  scope(() => {
    const s = pendulum();
    const x = random(seed).normal([2, 3, 2]);
    const X = dynamics.trajectory(s, x, { steps: 4 });
    assert.equal(X.shape, [2, 3, 5, 2]);
    const member = reshape(slice(x, [1, 2], [2, 3]), [2]);
    const alone = dynamics.trajectory(s, member, { steps: 4 });
    near(D(reshape(slice(X, [1, 2], [2, 3]), [5, 2])), D(alone), 0, 'a member');
    let y = member;
    const rows = [y];
    for (let i = 0; i < 4; i++) {
      y = s.advance(y);
      rows.push(y);
    }
    near(
      D(alone),
      D(
        concat(
          rows.map((row) => reshape(row, [1, 2])),
          0,
        ),
      ),
      0,
      'interval by interval',
    );
    near(D(dynamics.trajectory(s, member, { steps: 4, includeInitial: false })), D(alone).slice(2), 0);
    near(D(dynamics.trajectory(s, member, { steps: 0 })), D(member), 0);
    assert.equal(dynamics.trajectory(s, member, { steps: 0, includeInitial: false }).shape, [0, 2]);
    near(D(dynamics.spinUp(s, member, { steps: 4 })), D(alone).slice(8), 0);
    near(D(dynamics.spinUp(s, member, { steps: 0 })), D(member), 0);
  });
});

test('derivatives: both modes, second order, every schedule, batches, compiled', () => {
  const s = pendulum();
  const x = random(seed).normal([2, 2]);
  const run = (y: Tensor) => dynamics.trajectory(s, y, { steps: 3 });
  checkDerivatives(run, [x]);
  checkDerivatives((y: Tensor) => dynamics.spinUp(s, y, { steps: 3 }), [x]);
  scope(() => {
    const f = (checkpoint: dynamics.TrajectoryOptions['checkpoint']) => (y: Tensor) =>
      sum(square(dynamics.trajectory(s, y, { steps: 7, checkpoint })));
    const want = D(grad(f('none'))(x));
    for (const checkpoint of ['sqrt', 'binomial', 'log', { snapshots: 2 }] as const) {
      near(D(grad(f(checkpoint))(x)), want, 1e-13, String(checkpoint));
      near(D(compile(grad(f(checkpoint)))(x)), want, 1e-13, `${checkpoint}, compiled`);
    }
    const v = random(seed + 1).normal([2, 2]);
    const { value, tangent } = jvp(run, [x], [v]);
    const u = random(seed + 2).normal(value.shape);
    const [a, b] = [inner([u], [tangent]), inner(vjp(run, x).pullback(u), [v])];
    assert.ok(Math.abs(a.value - b.value) < 1e-13 * a.size);
  });
});

test('an object with the members of a system will do', () => {
  scope(() => {
    const own = {
      name: 'halving',
      stateShape: [2],
      dtype: 'f64' as const,
      interval: 1,
      innerSteps: 1,
      dt: 1,
      spinUpSteps: 2,
      step: (x: Tensor) => mul(x, 0.5),
      advance: (x: Tensor) => mul(x, 0.5),
      initial: (g: ReturnType<typeof random>, { batch = [] as number[] } = {}) => g.normal([...batch, 2]),
      dispose() {},
      [Symbol.dispose]() {},
    };
    near(D(dynamics.trajectory(own, tensor([4, 8]), { steps: 2 })), [4, 8, 2, 4, 1, 2], 0);
    assert.equal(dynamics.sample(own, random(1), { count: 3 }).shape, [3, 2]);
  });
});

test('a trajectory leaves nothing behind', () => {
  const s = pendulum();
  const x = tensor([1, 0]);
  const run = () => {
    dynamics.trajectory(s, x, { steps: 3 }).dispose();
    grad((y: Tensor) => sum(dynamics.trajectory(s, y, { steps: 3 })))(x).dispose();
    dynamics.sample(s, random(1), { count: 3, steps: 2 }).dispose();
    dynamics.lyapunovExponent(s, x, { steps: 3 });
    s.dispose();
  };
  run();
  const before = memory();
  run();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('tensors that user functions keep stay theirs', () => {
  scope(() => {
    const [x, kept] = [tensor([1, 2]), tensor([3, 4])];
    const keeps = () => kept;
    for (const s of [
      dynamics.system({ stateShape: [2], advance: keeps }),
      dynamics.system({ stateShape: [2], step: keeps, innerSteps: 2 }),
      dynamics.system({ stateShape: [2], tendency: keeps }),
    ]) {
      s.advance(x).dispose();
      s.step(x).dispose();
      s.tendency?.(x).dispose();
      for (const steps of [0, 1, 3]) {
        dynamics.trajectory(s, x, { steps }).dispose();
        dynamics.spinUp(s, x, { steps }).dispose();
      }
    }
    near([...D(x), ...D(kept)], [1, 2, 3, 4], 0);
  });
});

test.run();
