// trainEmulator: better than persistence and than a linear map on other trajectories; the same steps as nn.fit; roll-outs, noise, running statistics; errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lorenz96Emulator, trainEmulator } from '#src/assimilation/index.js';
import { flatten } from '#src/core/tree.js';
import {
  ArgumentError,
  assimilation,
  CotangentError,
  concat,
  DTypeError,
  div,
  dynamics,
  linalg,
  matmul,
  memory,
  nn,
  ones,
  optim,
  random,
  reshape,
  ShapeError,
  scope,
  slice,
  type Tensor,
  zeros,
} from '#src/index.js';
import { bitsOf } from '../support/check.js';
import { free, refuses } from '../support/training.js';

const K = 8;
const model = lorenz96Emulator({ channels: [12, 12] });
const bits = (tree: unknown) => flatten(tree).leaves.map(bitsOf);
/** Trajectories [count, T, K] of Lorenz96. */
const trajectories = (count: number, T: number, seed: number, dtype: 'f64' | 'f32' = 'f32') =>
  assimilation.simulate(dynamics.lorenz96({ K, dtype }), assimilation.identity(), random(seed), {
    ...{ count, states: T, spinUp: 100 },
  });
/** The states before an interval, or behind it, one a row. */
const rows = (states: Tensor, from: number) => {
  const [count, T] = states.shape;
  return reshape(slice(states, [0, from], [count, T - 1 + from]), [count * (T - 1), K]);
};

test('on other trajectories its error is far below that of persistence and of the best linear map', async () => {
  const before = memory();
  const [data, others] = [trajectories(150, 10, 1), trajectories(40, 6, 2)];
  const params = model.init(random(3), [K]);
  const start = bits(params);
  const optimizer = optim.adam({ learningRate: 5e-3 });
  const result = await trainEmulator(model, params, data, { epochs: 12, optimizer, validation: others });
  const { loss, validationLoss } = result.history;
  assert.is(loss.length, 12);
  assert.is(result.status, 'finished');
  assert.equal(bits(params), start);
  scope(() => {
    const [x, y] = [rows(others.states, 0), rows(others.states, 1)];
    const error = (guess: Tensor) => nn.mse(guess, y).item();
    const own = error(model.apply(result.params, x));
    assert.ok(Math.abs(own - (validationLoss as number[])[11]) < 1e-5 * own, `${own}, ${validationLoss}`);
    const persistence = error(x);
    const withOne = (z: Tensor) => concat([z, ones([z.shape[0], 1], { dtype: 'f32' })], 1);
    const [from, to] = [rows(data.states, 0), rows(data.states, 1)];
    const linear = error(matmul(withOne(x), linalg.lstsq(withOne(from), to).x));
    assert.ok(linear < 0.7 * persistence, `linear ${linear}, persistence ${persistence}`);
    assert.ok(own < 0.1 * linear, `own ${own}, linear ${linear}, persistence ${persistence}`);
  });
  free([data, others, params, result.params]);
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('as nn.fit with the mean squared error of pairs, batches of 8 and adam(1e-3), to the bit; the same again', async () => {
  const data = trajectories(19, 2, 1);
  const params = model.init(random(3), [K]);
  const pairs = scope(() => ({ x: rows(data.states, 0), y: rows(data.states, 1) }));
  const ours = await trainEmulator(model, params, data, { epochs: 2, generator: random(5) });
  const theirs = await nn.fit(model, params, pairs, {
    ...{ loss: nn.mse, epochs: 2, batchSize: 8, generator: random(5) },
    optimizer: optim.adam({ learningRate: 1e-3 }),
  });
  assert.equal(ours.history.loss, theirs.history.loss);
  assert.equal(bits(ours.params), bits(theirs.params));
  const again = await trainEmulator(model, params, data, { epochs: 2, generator: random(5) });
  assert.equal(bits(again.params), bits(ours.params));
  free([data, params, pairs, ours.params, theirs.params, again.params]);
});

test('roll-outs: from every state that has so many behind it, the mean over their states', async () => {
  for (const dtype of ['f64', 'f32'] as const) {
    const data = trajectories(5, 7, 1, dtype);
    const params = model.init(random(3), [K], { dtype });
    for (const rollout of [1, 3, 6]) {
      const { params: next, history } = await trainEmulator(model, params, data, { epochs: 1, rollout, batchSize: 5 }); // biome-ignore format: short
      const want = scope(() => {
        const starts = 7 - rollout;
        let total = 0;
        for (let t = 0; t < starts; t++) {
          let x = reshape(slice(data.states, [0, t], [5, t + 1]), [5, K]);
          for (let i = 1; i <= rollout; i++) {
            x = model.apply(params, x);
            total += nn.mse(x, reshape(slice(data.states, [0, t + i], [5, t + i + 1]), [5, K])).item();
          }
        }
        return total / (starts * rollout);
      });
      const off = Math.abs(history.loss[0] - want);
      assert.ok(
        off < (dtype === 'f64' ? 1e-12 : 1e-5) * want,
        `${dtype} ${rollout}: ${history.loss[0]}, ${want}`,
      );
      assert.not.equal(bits(next), bits(params));
      free(next);
    }
    free([data, params]);
  }
});

test('noise: another in every step, the same for a seed, not in validation; a transform comes before it', async () => {
  const data = trajectories(12, 4, 1);
  const params = model.init(random(3), [K]);
  const options = { epochs: 2, validation: data, optimizer: optim.adam({ learningRate: 0 }) };
  const run = async (more: object) => {
    const { history, params: moved } = await trainEmulator(model, params, data, { ...options, ...more });
    free(moved);
    return history as { loss: number[]; validationLoss: number[] };
  };
  const [none, zero, noisy, same, other] = [
    await run({}),
    await run({ noise: 0 }),
    await run({ noise: 2, generator: random(1) }),
    await run({ noise: 2, generator: random(1) }),
    await run({ noise: 2, generator: random(2) }),
  ];
  assert.equal(zero.loss, none.loss);
  assert.equal(noisy.loss, same.loss);
  assert.not.equal(noisy.loss, other.loss);
  assert.ok(Math.abs(noisy.loss[0] - noisy.loss[1]) > 1e-3, `${noisy.loss}`);
  // The model begins near persistence: noise of variance 4 stays in what it gives.
  for (const loss of noisy.loss) assert.ok(loss > none.loss[0] + 2, `${loss}, ${none.loss[0]}`);
  assert.equal(noisy.validationLoss, none.validationLoss);
  const seen: boolean[] = [];
  const transformed = await run({
    noise: 2,
    generator: random(1),
    rollout: 2,
    transform({ states }: { states: Tensor }, { training }: { training: boolean }) {
      seen.push(training);
      return { states: div(states, 1) };
    },
  });
  assert.equal(seen, [true, true, false, false, true, true, false, false]);
  assert.ok(transformed.loss.every(Number.isFinite));
  free([data, params]);
});

test('data in batches; any layer, whose running statistics move with each interval', async () => {
  const before = memory();
  const { states, observations } = trajectories(8, 4, 1);
  const params = model.init(random(3), [K]);
  const parts = [0, 4].map((from) => ({ states: slice(states, [from], [from + 4]) }));
  const streamed = await trainEmulator(model, params, () => parts.values(), { epochs: 2, noise: 0.1 });
  assert.is(streamed.history.loss.length, 2);
  const layer = nn.sequential([nn.dense(K), nn.batchNorm(), nn.dropout(0.5), nn.dense(K)]);
  const weights = layer.init(random(3), [K]);
  const runningMean = (of: unknown[]) => (of[1] as { runningMean: Tensor }).runningMean;
  const at = async (rollout: number) => {
    const { params: moved } = await trainEmulator(layer, weights, { states }, { epochs: 1, rollout, optimizer: optim.adam({ learningRate: 0 }) }); // biome-ignore format: short
    const bytes = bitsOf(runningMean(moved));
    free(moved);
    return bytes;
  };
  const moved = [await at(1), await at(2)];
  assert.not.equal(moved[0], bitsOf(runningMean(weights)));
  assert.not.equal(moved[0], moved[1]);
  free([states, observations, params, parts, streamed.params, weights]);
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('errors', async () => {
  const data = trajectories(6, 3, 1);
  const params = model.init(random(2), [K]);
  // biome-ignore lint/suspicious/noExplicitAny: wrong arguments of every kind
  const train = trainEmulator as (...args: any[]) => Promise<unknown>;
  const [flat, f64, i32] = [
    zeros([K], { dtype: 'f32' }),
    zeros([6, 3, K]),
    zeros([6, 3, K], { dtype: 'i32' }),
  ];
  const half = nn.sequential([nn.dense(4)]);
  const weights = half.init(random(1), [K]);
  const { tensors, bytes } = memory();
  const one = { epochs: 1 };
  const all: [unknown[], new (...args: never[]) => CotangentError, RegExp][] = [
    [[undefined, params, data, one], ArgumentError, /^trainEmulator: model must be a layer/],
    [[model, params, data], ArgumentError, /^trainEmulator: options must be an object/],
    [[model, params, data, {}], ArgumentError, /^trainEmulator: epochs must be/],
    [[model, params, data, { epochs: -1 }], ArgumentError, /^trainEmulator: epochs must be/],
    [[model, params, data, { ...one, loss: nn.mse }], ArgumentError, /^trainEmulator: there is no option 'loss'/],
    [[model, params, data, { ...one, rollout: 0 }], ArgumentError, /^trainEmulator: rollout must be/],
    [[model, params, data, { ...one, rollout: 1.5 }], ArgumentError, /^trainEmulator: rollout must be/],
    [[model, params, data, { ...one, rollout: 3 }], ShapeError, /^trainEmulator: data.states must be trajectories .* at least 4 states/],
    [[model, params, data, { ...one, noise: -1 }], ArgumentError, /^trainEmulator: noise must be/],
    [[model, params, data, { ...one, noise: Number.POSITIVE_INFINITY }], ArgumentError, /^trainEmulator: noise must be/],
    [[model, params, data, { ...one, transform: 1 }], ArgumentError, /^trainEmulator: transform must be/],
    [[model, params, data, { ...one, noise: 1, transform: () => ({}) }], ArgumentError, /^trainEmulator: data.states must be a tensor/],
    [[model, params, data, { ...one, batchSize: 0 }], ArgumentError, /^trainEmulator: batchSize must be/],
    [[model, params, 5, one], ArgumentError, /^trainEmulator: data must be an object/],
    [[model, params, {}, one], ArgumentError, /^trainEmulator: data.states must be a tensor/],
    [[model, params, () => [{}].values(), one], ArgumentError, /^trainEmulator: data.states must be a tensor/],
    [[model, params, { states: flat }, one], ShapeError, /^trainEmulator: data.states must be trajectories/],
    [[model, params, { states: i32 }, one], DTypeError, /^trainEmulator: data.states/],
    [[model, params, { states: f64 }, one], DTypeError, /f64/],
    [[half, weights, data, one], ShapeError, /^trainEmulator: model must give the shape of the states, \[12, 8\], got \[12, 4\]/],
    [[model, params.slice(1), data, one], CotangentError, /params/],
    [[model, params, data, { ...one, validation: { states: flat } }], ShapeError, /^trainEmulator: data.states must be trajectories/],
  ]; // biome-ignore format: a table
  for (const [args, kind, words] of all) await refuses(train(...args), words, kind as typeof Error);
  const now = memory();
  assert.equal([now.tensors, now.bytes], [tensors, bytes]);
  free([data, params, flat, f64, i32, weights]);
});

test.run();
