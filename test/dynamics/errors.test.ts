// What is refused: by name, with what was got and what is wanted; nothing is left, and the next call works.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  ConvergenceError,
  compile,
  DTypeError,
  dynamics,
  grad,
  memory,
  mul,
  ones,
  random,
  ShapeError,
  slice,
  square,
  sum,
  type Tensor,
  zeros,
} from '#src/index.js';
import { attempts, near } from '../support/check.js';

// biome-ignore lint/suspicious/noExplicitAny: wrong arguments
type Any = any;
const { odeint, euler, rk4, dopri5, trajectory } = dynamics as Any;

test('options of methods, systems and trajectories', () => {
  const { failures, attempt } = attempts();
  const one = ones([2]);
  const growth = (x: Tensor) => mul(x, 0.5);
  const s = dynamics.lorenz96();
  const x = zeros([40]);
  const bad: [string, () => unknown, RegExp][] = [
    ['dt 0', () => rk4({ dt: 0 }), /rk4: dt must be positive, got 0/],
    ['dt < 0', () => euler({ dt: -0.1 }), /euler: dt must be positive/],
    ['dt NaN', () => euler({ dt: Number.NaN }), /euler: dt must be a finite number, got NaN/],
    ['no dt', () => rk4({}), /rk4: dt must be a finite number/],
    ['rtol', () => dopri5({ rtol: -1 }), /dopri5: rtol must be a number of at least 0, got -1/],
    ['both 0', () => dopri5({ rtol: 0, atol: 0 }), /not both 0/],
    ['maxSteps', () => dopri5({ maxSteps: 0 }), /dopri5: maxSteps/],
    ['minStep', () => dopri5({ minStep: 2, maxStep: 1 }), /minStep must be at most maxStep/],
    ['dt0', () => dopri5({ dt0: 0 }), /dopri5: dt0 must be positive/],
    ['maxStep', () => dopri5({ maxStep: 0 }), /dopri5: maxStep must be positive/],
    ['name', () => dopri5({ tol: 1 }), /no option 'tol'/],
    [
      'method',
      () => odeint(growth, one, [0, 1], { name: 'heun', dt: 0.1 }),
      /odeint: method must be dynamics.euler/,
    ],
    ['times', () => odeint(growth, one, [0, 0.1, 0.1]), /rise or fall strictly, got 0.1 and then 0.1/],
    ['turning times', () => odeint(growth, one, [0, 1, 0.5]), /rise or fall strictly, got 1 and then 0.5/],
    ['no times', () => odeint(growth, one, []), /times must be finite numbers, at least one, got none/],
    ['times NaN', () => odeint(growth, one, [0, Number.NaN]), /times must be finite numbers/],
    ['f', () => odeint(3, one, [0, 1]), /odeint: f must be a function/],
    ['x0', () => odeint(growth, 3, [0, 1]), /odeint: x0 must be a tensor or a tree/],
    [
      'structure',
      () => odeint((y: Tensor) => ({ y }), one, [0, 1], rk4({ dt: 1 })),
      /f must return the structure of x0/,
    ],
    [
      'checkpoint',
      () => odeint(growth, one, [0, 1], rk4({ dt: 1 }), { checkpoint: 'all' }),
      /odeint: checkpoint/,
    ],
    ['batchAxes', () => odeint(growth, one, [0, 1], rk4({ dt: 1 }), { batchAxes: -1 }), /odeint: batchAxes/],
    [
      'throws',
      () => odeint(growth, one, [0, 1], rk4({ dt: 1 }), { throws: 1 }),
      /odeint: throws must be true or false/,
    ],
    ['K', () => dynamics.lorenz96({ K: 3 }), /lorenz96: K must be a whole number of at least 4, got 3/],
    ['K 4.5', () => dynamics.lorenz96({ K: 4.5 }), /lorenz96: K/],
    ['interval', () => dynamics.lorenz96({ interval: 0 }), /lorenz96: interval must be positive/],
    ['innerSteps', () => dynamics.lorenz96({ innerSteps: 2.5 }), /lorenz96: innerSteps/],
    ['F', () => dynamics.lorenz96({ F: Number.NaN }), /lorenz96: F must be a finite number/],
    ['heun', () => dynamics.lorenz96({ method: 'heun' as Any }), /lorenz96: method must be 'rk4' or 'euler'/],
    ['dtype', () => dynamics.lorenz96({ dtype: 'i32' as Any }), /lorenz96: dtype/],
    [
      'no function',
      () => dynamics.system({ stateShape: [2] }),
      /one of tendency, step and advance is wanted, got none/,
    ],
    [
      'two',
      () => dynamics.system({ stateShape: [2], step: growth, advance: growth }),
      /got step and advance/,
    ],
    [
      'method of a step',
      () => dynamics.system({ stateShape: [2], step: growth, method: 'rk4' }),
      /method belongs to tendency/,
    ],
    [
      'steps of advance',
      () => dynamics.system({ stateShape: [2], advance: growth, innerSteps: 2 }),
      /innerSteps belongs to/,
    ],
    ['steps -1', () => trajectory(s, x, { steps: -1 }), /trajectory: steps/],
    ['steps 1.5', () => trajectory(s, x, { steps: 1.5 }), /trajectory: steps/],
    ['no options', () => trajectory(s, x), /trajectory: options must be an object/],
    ['checkpoint', () => trajectory(s, x, { steps: 1, checkpoint: 'always' }), /trajectory: checkpoint/],
    [
      'snapshots',
      () => trajectory(s, x, { steps: 1, checkpoint: { snapshots: 0 } }),
      /trajectory: checkpoint/,
    ],
    ['no system', () => trajectory({}, x, { steps: 1 }), /trajectory: system must be a system/],
    ['count', () => dynamics.sample(s, random(1), { count: 0 }), /sample: count/],
    ['generator', () => dynamics.sample(s, 1 as Any, { count: 1 }), /sample: generator/],
    ['spinUp', () => dynamics.spinUp(s, x, { steps: -1 }), /spinUp: steps/],
    ['lyapunov', () => dynamics.lyapunovExponent(s, x, { steps: 0 }), /lyapunovExponent: steps/],
    [
      'lyapunov, compiled',
      () => compile((y: Tensor) => mul(y, dynamics.lyapunovExponent(s, y, { steps: 1 }).exponent))(x),
      /lyapunovExponent/,
    ],
    ['dopri5, compiled', () => compile((y: Tensor) => odeint(growth, y, [0, 1]))(one), /./],
  ];
  for (const [what, f, message] of bad) attempt(what, f, ArgumentError, message);
  assert.equal(failures, []);
});

test('states of another shape or dtype, and what user functions return', () => {
  const { failures, attempt } = attempts();
  const s = dynamics.lorenz96();
  const wide = zeros([41]);
  const [i32, f32] = [zeros([40], { dtype: 'i32' }), zeros([40], { dtype: 'f32' })];
  const pairs = zeros([2, 40]);
  const uneven = { a: zeros([2, 3]), b: zeros([3, 3]) };
  const short = (y: Tensor) => slice(y, [0], [1]);
  attempt(
    'state',
    () => trajectory(s, wide, { steps: 1 }),
    ShapeError,
    /x0 must end in the axes \[40\] of a state of lorenz96, got shape \[41\]/,
  );
  attempt('step', () => s.step(wide), ShapeError, /lorenz96.step: x must end/);
  attempt('advance', () => s.advance(wide), ShapeError, /lorenz96.advance: x must end/);
  attempt('tendency', () => s.tendency?.(wide), ShapeError, /lorenz96.tendency: x must end/);
  attempt('i32', () => trajectory(s, i32, { steps: 1 }), DTypeError, /x0 must be f64 or f32, got i32/);
  attempt(
    'f32',
    () => trajectory(s, f32, { steps: 1 }),
    DTypeError,
    /x0 must be f64, as lorenz96 is, got f32/,
  );
  attempt(
    'two states',
    () => dynamics.lyapunovExponent(s, pairs, { steps: 1 }),
    ShapeError,
    /x0 must be one state/,
  );
  for (const method of [euler({ dt: 0.1 }), rk4({ dt: 0.1 }), dopri5()])
    attempt(
      'slope',
      () => odeint(short, wide, [0, 1], method),
      ShapeError,
      /odeint: what f returns must have the shape of the state, \[41\], got \[1\]/,
    );
  const two = dynamics.system({ stateShape: [41], advance: short, name: 'two' });
  attempt('advance', () => two.advance(wide), ShapeError, /two: what advance returns must have the shape/);
  attempt(
    'in a trajectory',
    () => trajectory(two, wide, { steps: 3 }),
    ShapeError,
    /two: what advance returns/,
  );
  attempt(
    'batch',
    () => odeint(short, uneven, [0, 1], rk4({ dt: 1 }), { batchAxes: 1 }),
    ShapeError,
    /same 1 batch axes/,
  );
  assert.equal(failures, []);
});

test('initial states', () => {
  const { failures, attempt } = attempts();
  const rest = { stateShape: [3], advance: (x: Tensor) => x };
  const own = (initial: unknown) => dynamics.system({ ...rest, initial } as Any) as Any;
  const [three, four] = [zeros([3]), zeros([4])];
  for (const s of [dynamics.lorenz96(), dynamics.kolmogorovFlow({ n: 4 }), dynamics.system(rest)] as Any[]) {
    attempt('none', () => s.initial(), ArgumentError, /\.initial: generator must be/);
    attempt('an object', () => s.initial({}), ArgumentError, /generator must be/);
    attempt(
      'a number',
      () => s.initial(random(1), { batch: 3 }),
      ShapeError,
      /must be an array of extents, got 3/,
    );
    attempt('below 0', () => s.initial(random(1), { batch: [-1] }), ShapeError, /integer from 0/);
    attempt('a name', () => s.initial(random(1), { batches: [2] }), ArgumentError, /batches/);
    attempt('null', () => s.initial(random(1), null), ArgumentError, /options must be an object/);
    s.dispose();
  }
  attempt(
    'four',
    () => own(() => four).initial(random(1)),
    ShapeError,
    /what initial returns .*\[3\], got \[4\]/,
  );
  attempt(
    '5',
    () =>
      dynamics.sample(
        own(() => 5),
        random(1),
        { count: 2 },
      ),
    ArgumentError,
    /what initial returns must be a tensor/,
  );
  const kept = own(() => three);
  kept.initial(random(1)).dispose();
  assert.is(three.isDisposed, false);
  assert.equal(failures, []);
  three.dispose();
  four.dispose();
});

test('objects with the members of a system', () => {
  const { failures, attempt } = attempts();
  const [x, wide] = [zeros([3]), zeros([40])];
  const rest = { stateShape: [3], advance: (y: Tensor) => y };
  const go = (members: object) => () => trajectory({ ...rest, ...members }, x, { steps: 2 });
  attempt('interval', go({ interval: 'a' }), ArgumentError, /interval of system must be/);
  attempt('inner steps', go({ innerSteps: 0 }), ArgumentError, /innerSteps of system must be/);
  attempt('spin-up', go({ spinUpSteps: -1 }), ArgumentError, /spinUpSteps of system must be/);
  attempt('dtype', go({ dtype: 'i32' }), ArgumentError, /dtype of system must be/);
  attempt('state', go({ stateShape: ['a'] }), ShapeError, /stateShape of system/);
  attempt('5', go({ advance: () => 5 }), ArgumentError, /what advance returns must be a tensor/);
  attempt(
    'start',
    () => dynamics.sample(rest as Any, random(1), { count: 2 }),
    ArgumentError,
    /initial of system must be/,
  );
  attempt(
    'numbers',
    () => trajectory(dynamics.lorenz96(), wide, { steps: 1e9 }),
    ShapeError,
    /at most 2\^31 - 1/,
  );
  assert.equal(failures, []);
  x.dispose();
  wide.dispose();
});

test('what is not finite: an error that names the time, or NaN behind it', () => {
  const { failures, attempt } = attempts();
  const s = dynamics.lorenz96();
  const nan = mul(ones([40]), Number.NaN);
  const big = random(1).normal([40], { std: 3e3 });
  const one = ones([2]);
  const lost = mul(one, Number.NaN);
  const blown = (y: Tensor) => mul(square(y), 1e3);
  attempt(
    'NaN',
    () => trajectory(s, nan, { steps: 2 }),
    ConvergenceError,
    /the state at time 0, after 0 steps, is not finite/,
  );
  attempt('NaN, no step', () => trajectory(s, nan, { steps: 0 }), ConvergenceError, /time 0/);
  attempt(
    'blown up',
    () => trajectory(s, big, { steps: 20 }),
    ConvergenceError,
    /the state reached at time 0\.1, after 10 steps/,
  );
  attempt(
    'spinUp',
    () => dynamics.spinUp(s, big, { steps: 20 }),
    ConvergenceError,
    /spinUp: .* after 200 steps/,
  );
  attempt(
    'rk4',
    () => odeint(blown, one, [0, 1], rk4({ dt: 0.01 })),
    ConvergenceError,
    /time 1, after 100 steps/,
  );
  attempt(
    'dopri5',
    () => odeint(blown, one, [0, 1]),
    ConvergenceError,
    /at time 0\.00\d+, after \d+ steps, a step of .* is lost in rounding/,
  );
  attempt(
    'dopri5, NaN',
    () => odeint(blown, lost, [0, 1]),
    ConvergenceError,
    /time 0, after 0 steps, the state is not finite/,
  );
  attempt(
    'minStep',
    () => odeint(blown, one, [0, 1], dopri5({ minStep: 1e-6 })),
    ConvergenceError,
    /below minStep, 0\.000001/,
  );
  attempt(
    'maxSteps',
    () => odeint(blown, one, [0, 1], dopri5({ maxSteps: 5 })),
    ConvergenceError,
    /more than 5 steps are needed/,
  );
  attempt(
    'lyapunov',
    () => dynamics.lyapunovExponent(s, big, { steps: 5 }),
    ConvergenceError,
    /at time 0\.1 the tangent has grown by/,
  );
  assert.equal(failures, []);

  const rows = trajectory(s, big, { steps: 20, throws: false }) as Tensor;
  const data = Array.from(rows.toTypedArray());
  assert.equal(rows.shape, [21, 40]);
  assert.ok(data.slice(0, 40).every(Number.isFinite) && data.slice(80).every(Number.isNaN));
  const half = odeint(blown, one, [0, 0.0005, 0.5, 1], dopri5(), { throws: false }) as Tensor;
  const got = Array.from(half.toTypedArray());
  near(got.slice(0, 4), [1, 1, 2, 2], 1e-4);
  assert.ok(got.slice(4).every(Number.isNaN));
  // Gradients through what was reached are there.
  const g = grad((y: Tensor) =>
    sum(slice(odeint(blown, y, [0, 0.0005, 0.5], dopri5(), { throws: false }), [0], [2])),
  )(one);
  near(Array.from(g.toTypedArray()), [5, 5], 1e-3);
  try {
    trajectory(s, big, { steps: 20 });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConvergenceError);
    assert.is((error as ConvergenceError).iterations, 10);
    assert.ok(Number.isNaN((error as ConvergenceError).residual));
  }
});

test('nothing is checked inside compile', () => {
  const s = dynamics.lorenz96();
  const plan = compile((y: Tensor) => trajectory(s, y, { steps: 2 }));
  const x = mul(ones([40]), Number.NaN);
  (plan(x) as Tensor).dispose();
  const before = memory().tensors;
  const result = plan(x) as Tensor;
  assert.ok(result.toTypedArray().every(Number.isNaN));
  result.dispose();
  assert.is(memory().tensors, before);
});

test.run();
