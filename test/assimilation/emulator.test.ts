// lorenz96Emulator: against the network written out in loops; shifts, reach, batches, every K; derivatives; in the place of a system: gradients of windows, 4D-Var.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lorenz96EmulatorOptions, lorenz96Emulator } from '#src/assimilation/index.js';
import {
  ArgumentError,
  add,
  assimilation,
  astype,
  compile,
  DTypeError,
  dynamics,
  grad,
  memory,
  mul,
  nn,
  random,
  reshape,
  roll,
  ShapeError,
  scope,
  slice,
  stack,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { near, rejects, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const list = (x: Tensor): number[] => [...x.data()];
const small = (options: Lorenz96EmulatorOptions = {}) => lorenz96Emulator({ channels: [4, 3], ...options });

/** m(x) of one state, by its definition. */
function inLoops(params: unknown[], state: readonly number[], mean: number, std: number): number[] {
  const K = state.length;
  let channels = [state.map((v) => (v - mean) / std)];
  (params as { weight?: Tensor; bias?: Tensor }[]).forEach(({ weight, bias }) => {
    if (weight === undefined || bias === undefined) {
      channels = channels.map((row) => row.map((v) => v / (1 + Math.exp(-v))));
      return;
    }
    const [out, inputs, kernel] = weight.shape;
    const [w, b] = [weight.data(), bias.data()];
    const before = Math.floor((kernel - 1) / 2);
    channels = Array.from({ length: out }, (_, o) =>
      state.map((_, k) => {
        let total = b[o];
        for (let c = 0; c < inputs; c++)
          for (let j = 0; j < kernel; j++)
            total += w[(o * inputs + c) * kernel + j] * channels[c][(((k + j - before) % K) + K) % K];
        return total;
      }),
    );
  });
  return state.map((v, k) => v + std * channels[0][k]);
}

test('the network in loops: every K, kernel and dtype; numbers and shapes of the default', () => {
  for (const dtype of ['f64', 'f32'] as const)
    for (const K of [1, 2, 3, 4, 7, 18])
      for (const options of [{}, { kernel: 1 }, { kernel: 2, mean: -1, std: 0.5 }, { kernel: 3, channels: [5] }])
        scope(() => {
          const model = small(options);
          const params = model.init(random(seed), [K], { dtype });
          const x = random(seed + 1).normal([3, K], { mean: 2, std: 4, dtype });
          const { mean = 2.35, std = 3.64 } = options as Lorenz96EmulatorOptions;
          const want = [0, 1, 2].flatMap((i) => inLoops(params, list(x).slice(i * K, i * K + K), mean, std));
          const what = `${dtype} K = ${K} ${JSON.stringify(options)} [SEED=${seed}]`;
          const y = model.apply(params, x);
          assert.equal([y.shape, y.dtype], [[3, K], dtype], what);
          near(list(y), want, dtype === 'f64' ? 1e-12 : 1e-4, what);
        }); // biome-ignore format: short
  scope(() => {
    const model = lorenz96Emulator();
    assert.is(nn.parameterCount(model.init(random(1), [40])), 10_657);
    assert.equal(model.outputShape([40]), [40]);
    assert.is((model.init(random(1), [40])[0] as { weight: Tensor }).weight.dtype, 'f32');
  });
});

test('shifts of the ring commute with it, and no point sees further than the kernels', () =>
  scope(() => {
    const model = small({ kernel: 3 });
    const params = model.init(random(seed), [11], { dtype: 'f64' });
    const x = random(seed + 1).normal([2, 11], { std: 4 });
    const y = model.apply(params, x);
    for (let shift = 1; shift < 11; shift++)
      near(list(model.apply(params, roll(x, shift, 1))), list(roll(y, shift, 1)), 1e-13, `shift ${shift}`);
    // Three convolutions reach three points to each side; minimal filtering shares sums, which changes last digits of others.
    const changed = tensor(
      list(x).map((v, i) => (i % 11 === 1 ? v + 1 : v)),
      { shape: [2, 11] },
    );
    const [a, b] = [list(y), list(model.apply(params, changed))];
    a.forEach((v, i) => {
      const [k, off] = [i % 11, Math.abs(v - b[i])];
      assert.is(off > 1e-12, Math.min((k + 10) % 11, (12 - k) % 11) <= 3, `point ${k}: ${off} [SEED=${seed}]`);
    }); // biome-ignore format: short
  }));

test('any number of batch axes, none and empty ones; members do not see each other; parameters for every K', () => {
  const { tensors } = memory();
  scope(() => {
    const model = small();
    const params = model.init(random(seed), [9], { dtype: 'f64' });
    const x = random(seed + 1).normal([2, 3, 9], { std: 4 });
    const y = model.apply(params, x);
    assert.equal(y.shape, [2, 3, 9]);
    assert.equal(list(model.apply(params, reshape(x, [6, 9]))), list(y));
    const one = model.apply(params, reshape(slice(x, [1, 2], [2, 3]), [9]));
    assert.equal(one.shape, [9]);
    near(list(one), list(y).slice(45), 1e-13);
    assert.equal(model.apply(params, zeros([0, 9])).shape, [0, 9]);
    assert.equal(model.apply(params, zeros([2, 12])).shape, [2, 12]);
    const bad = list(model.apply(params, tensor([...list(x).slice(0, 9), ...new Array(9).fill(Number.NaN)], { shape: [2, 9] }))); // biome-ignore format: short
    near(bad.slice(0, 9), list(y).slice(0, 9), 1e-13);
    assert.ok(bad.slice(9).every(Number.isNaN));
  });
  assert.is(memory().tensors, tensors);
});

test('derivatives in parameters and states, eager and compiled', () =>
  scope(() => {
    const model = lorenz96Emulator({ channels: [3, 2], kernel: 3 });
    const params = model.init(random(seed), [5], { dtype: 'f64' });
    const x = random(seed + 1).normal([2, 5], { std: 3 });
    checkDerivatives((p: unknown[], z: Tensor) => model.apply(p, z), [params, x], { order: 1 });
    checkDerivatives((z: Tensor) => model.apply(params, z), [x]);
    const loss = (z: Tensor) => sum(mul(model.apply(params, z), add(z, 1)));
    const plan = compile(grad(loss));
    near(list(plan(x)), list(grad(loss)(x)), 1e-11);
    plan.dispose();
  }));

/** An emulator of random weights in the place of Lorenz96, and what was observed of a trajectory of it, with an error. */
function twin(K = 12, dtype: 'f64' | 'f32' = 'f64') {
  const model = small();
  const params = model.init(random(seed), [K], { dtype });
  const system = dynamics.system({ stateShape: [K], interval: 0.1, dtype, advance: (x) => model.apply(params, x) }); // biome-ignore format: short
  const truth = random(seed + 1).normal([K], { mean: 2.35, std: 3.64, dtype });
  const operator = assimilation.subsample(2);
  const path = dynamics.trajectory(system, truth, { steps: 6 });
  const start = add(truth, random(seed + 2).normal([K], { dtype }));
  return { model, params, truth, start, problem: { system, operator, observations: operator.apply(path) } };
}

test('the gradient of a window through the emulator: central differences, and a Taylor remainder of second order', () =>
  scope(() => {
    const { problem, start } = twin();
    for (const checkpoint of ['none', 'sqrt'] as const) {
      const J = assimilation.objective({ ...problem, checkpoint });
      const { value, grad: gradient } = valueAndGrad(J)(start);
      const x = list(start);
      const at = (k: number, by: number) =>
        J(
          tensor(
            x.map((v, i) => (i === k ? v + by : v)),
            { shape: [12] },
          ),
        ).item();
      // Fourth order in 1e-3.
      const want = x.map((_, k) => (8 * (at(k, 1e-3) - at(k, -1e-3)) - (at(k, 2e-3) - at(k, -2e-3))) / 12e-3);
      near(list(gradient), want, 1e-7 * Math.max(...want.map(Math.abs)), `${checkpoint} [SEED=${seed}]`);
      const direction = random(seed + 3).normal([12]);
      const slope = sum(mul(gradient, direction)).item();
      const remainder = (t: number) =>
        Math.abs(J(add(start, mul(direction, t))).item() - value.item() - t * slope);
      const order = Math.log2(remainder(2e-4) / remainder(1e-4));
      assert.ok(Math.abs(order - 2) < 0.05, `order ${order} [SEED=${seed}]`);
    }
  }));

test('objectives of batches of windows are those of each', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const { problem, truth, start } = twin(12, dtype);
      const J = assimilation.objective(problem);
      const both = J(stack([start, truth], 0));
      assert.equal([both.shape, both.dtype], [[2], dtype]);
      const bound = dtype === 'f64' ? 1e-11 : 1e-3;
      const alone = [J(start).item(), J(truth).item()];
      near(list(both), alone, bound * Math.max(1, alone[0]), `${dtype} [SEED=${seed}]`);
      assert.ok(alone[1] < 1e-6 * alone[0], `${alone}`);
    }
  }));

test('fourDVar by the emulator and then by the exact system; hybrid and incremental take it, too', () => {
  const before = memory();
  scope(() => {
    const K = 12;
    const exact = dynamics.lorenz96({ K, innerSteps: 2 });
    const operator = assimilation.subsample(2);
    const truth = dynamics.spinUp(exact, exact.initial(random(5)), { steps: 50 });
    const observations = operator.apply(dynamics.trajectory(exact, truth, { steps: 4 }));
    const problem = { system: exact, operator, observations };
    const model = small();
    const params = model.init(random(6), [K]);
    // Parameters in f32 in a system of f64.
    const advance = (x: Tensor) => astype(model.apply(params, astype(x, 'f32')), 'f64');
    const easier = { ...problem, system: dynamics.system({ stateShape: [K], interval: 0.1, advance }) };
    const limits = { maxIterations: 20, throws: false };
    const x0 = add(truth, random(7).normal([K], { std: 0.3 }));
    const first = assimilation.fourDVar(easier, x0, undefined, limits);
    assert.ok(first.value < assimilation.objective(easier)(x0).item());
    near(list(first.forecast(2)), list(dynamics.trajectory(easier.system, first.x, { steps: 2 })), 0);
    const last = assimilation.fourDVar(problem, first.x, undefined, { ...limits, trace: true });
    near([last.trace?.[0].value as number], [assimilation.objective(problem)(first.x).item()], 1e-9 * (last.trace?.[0].value as number)); // biome-ignore format: short
    assert.ok(last.value < (last.trace?.[0].value as number));
    const states = dynamics.trajectory(easier.system, x0, { steps: 4 });
    const h = assimilation.hybrid(easier, x0, { inverse: () => states, physicsIterations: 3, observationIterations: 20, throws: false }); // biome-ignore format: short
    assert.ok(h.value < assimilation.objective(easier)(x0).item());
    const g = assimilation.fourDVar(easier, x0, assimilation.incremental({ outer: 2, inner: 10 }), { throws: false }); // biome-ignore format: short
    assert.ok(g.value < assimilation.objective(easier)(x0).item());
  });
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('errors', () =>
  scope(() => {
    // biome-ignore lint/suspicious/noExplicitAny: wrong arguments of every kind
    const make = lorenz96Emulator as (...args: any[]) => ReturnType<typeof lorenz96Emulator>;
    const refuses = (options: unknown, words: string) =>
      rejects(() => make(options), ArgumentError, new RegExp(`^lorenz96Emulator: ${words}`));
    refuses(3, 'options must be');
    refuses({ channel: [2] }, "there is no option 'channel'");
    for (const channels of [[], 8, '8', null, [4, 0.5], [0]]) refuses({ channels }, 'channels must');
    for (const kernel of [0, 1.5, '3', null]) refuses({ kernel }, 'kernel must be');
    for (const mean of [Number.NaN, Number.POSITIVE_INFINITY, '1', null]) refuses({ mean }, 'mean must be');
    for (const std of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, null]) refuses({ std }, 'std must be');
    const model = make({ channels: [2] });
    for (const shape of [[], [1, 5]])
      rejects(() => model.init(random(1), shape), ShapeError, /^lorenz96Emulator: inputShape must be \[K\]/);
    rejects(() => model.outputShape([2, 3]), ShapeError, /^lorenz96Emulator: inputShape must be \[K\]/);
    const params = model.init(random(1), [5]);
    const [x, f64, i32, scalar] = [zeros([5], { dtype: 'f32' }), zeros([5]), zeros([5], { dtype: 'i32' }), zeros([], { dtype: 'f32' })]; // biome-ignore format: short
    rejects(() => model.apply(params, f64), DTypeError, /f64/);
    rejects(() => model.apply(params, i32), DTypeError, /i32/);
    rejects(() => model.apply(params, scalar), ShapeError, /^lorenz96Emulator: x must end in the axis \[K\]/);
    rejects(() => model.apply(params, [1] as never), ArgumentError, /^lorenz96Emulator: x must be a tensor/);
    rejects(() => model.apply(params.slice(1), x), ShapeError, /params must be an array of 3/);
    rejects(() => model.apply(undefined as never, x), ShapeError, /params must be an array of 3/);
    rejects(() => model.apply([1, {}, {}], x), ArgumentError, /params must be/);
  }));

test.run();
