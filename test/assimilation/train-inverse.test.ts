// trainInverse: the same steps as nn.fit on the mean squared error, the loss falls, running statistics move; data in batches; errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cubicUpsample,
  type InverseParams,
  kolmogorovInverse,
  lorenz96Inverse,
  subsample,
  trainInverse,
} from '#src/assimilation/index.js';
import { flatten } from '#src/core/tree.js';
import {
  ArgumentError,
  CotangentError,
  memory,
  nn,
  optim,
  random,
  ShapeError,
  scope,
  slice,
  type Tensor,
  zeros,
} from '#src/index.js';
import { bitsOf } from '../support/check.js';
import { free, refuses } from '../support/training.js';

/** Smooth states of 20 points at 4 times, and every 4th of them. */
function examples(count: number) {
  return scope(() => {
    const states = cubicUpsample(random(1).normal([count, 4, 5], { dtype: 'f32' }), 4);
    return { states, observations: subsample(4).apply(states) };
  });
}
const model = lorenz96Inverse({ channels: [6, 4, 4, 2] });
const bits = (params: unknown) => flatten(params).leaves.map(bitsOf);

test('the loss falls, the parameters given stay, running statistics move, nothing is left', async () => {
  const { tensors } = memory();
  const data = examples(24);
  const params = model.init(random(2), [4, 5]);
  const before = bits(params);
  const optimizer = optim.adam({ learningRate: 3e-3 });
  const result = await trainInverse(model, params, data, { epochs: 12, optimizer, validation: 0.25 });
  const { loss, validationLoss } = result.history;
  assert.is(loss.length, 12);
  assert.ok(loss[11] < 0.5 * loss[0], `${loss}`);
  assert.ok((validationLoss as number[])[11] < (validationLoss as number[])[0], `${validationLoss}`);
  assert.is(result.status, 'finished');
  assert.equal(bits(params), before);
  const moved = result.params.blocks[0].norm.runningVariance;
  assert.not.equal(bitsOf(moved), bitsOf(params.blocks[0].norm.runningVariance));
  // Outside of training, too, it is better than nothing.
  const error = scope(() => nn.mse(model.apply(result.params, data.observations), data.states).item());
  const power = scope(() => nn.mse(data.states, zeros([1], { dtype: 'f32' })).item());
  assert.ok(error < power, `${error} of ${power}`);
  free([data, params, result.params]);
  assert.is(memory().tensors, tensors);
});

test('as nn.fit with the mean squared error, batches of 8 and adam(1e-3), to the bit', async () => {
  const data = examples(19);
  const params = model.init(random(2), [4, 5]);
  const ours = await trainInverse(model, params, data, { epochs: 2, generator: random(5) });
  const theirs = await nn.fit(
    model,
    params,
    { x: data.observations, y: data.states },
    {
      loss: nn.mse,
      epochs: 2,
      batchSize: 8,
      optimizer: optim.adam({ learningRate: 1e-3 }),
      generator: random(5),
    },
  );
  assert.equal(ours.history.loss, theirs.history.loss);
  assert.equal(bits(ours.params), bits(theirs.params));
  const again = await trainInverse(model, params, data, { epochs: 2, generator: random(5), batchSize: 19 });
  assert.not.equal(again.history.loss, ours.history.loss);
  free([data, params, ours.params, theirs.params, again.params]);
});

test('data in batches, a layer of the user, a flow', async () => {
  const data = examples(8);
  const params = model.init(random(2), [4, 5]);
  const batches = () =>
    [0, 4].map((from) => ({
      states: slice(data.states, [from], [from + 4]),
      observations: slice(data.observations, [from], [from + 4]),
    }));
  const made: unknown[] = [];
  const result = await trainInverse(model, params, () => { const now = batches(); made.push(now); return now.values(); }, { epochs: 2 }); // biome-ignore format: short
  assert.is(result.history.loss.length, 2);
  const layer = nn.sequential([nn.flatten(), nn.dense(80), nn.activation((x: Tensor) => x)]);
  const flat = { observations: data.observations, states: scope(() => slice(data.states, [0], [8])) };
  const weights = layer.init(random(3), [4, 5]);
  const { tensors } = memory();
  await refuses(trainInverse(layer, weights, flat, { epochs: 1 }), /^trainInverse: model must give the shape of the states, \[8, 4, 20\], got \[8, 80\]/, ShapeError); // biome-ignore format: short
  assert.is(memory().tensors, tensors);
  const flow = kolmogorovInverse({ channels: 3, factor: 2 });
  const states = random(4).normal([8, 2, 2, 4, 4], { dtype: 'f32' });
  const observations = subsample(2, { axes: [-2, -1] }).apply(states);
  const start = flow.init(random(5), [2, 2, 2, 2]);
  const trained = await trainInverse(flow, start, { states, observations }, { epochs: 6 });
  assert.ok(trained.history.loss[5] < trained.history.loss[0]);
  free([
    data,
    params,
    made,
    result.params,
    flat.states,
    weights,
    states,
    observations,
    start,
    trained.params,
  ]);
});

test('errors', async () => {
  const data = examples(6);
  const params = model.init(random(2), [4, 5]);
  // biome-ignore lint/suspicious/noExplicitAny: wrong arguments of every kind
  const train = trainInverse as (...args: any[]) => Promise<unknown>;
  const [five, small] = [zeros([5, 4, 20], { dtype: 'f32' }), zeros([6, 4, 1], { dtype: 'f32' })];
  const { tensors, bytes } = memory();
  const all: [unknown[], new (...args: never[]) => CotangentError, RegExp][] = [
    [[undefined, params, data, { epochs: 1 }], ArgumentError, /^trainInverse: model must be a layer/],
    [[() => 1, params, data, { epochs: 1 }], ArgumentError, /^trainInverse: model must be a layer/],
    [[model, params, data], ArgumentError, /^trainInverse: options must be an object/],
    [[model, params, data, {}], ArgumentError, /^trainInverse: epochs must be/],
    [[model, params, data, { epochs: -1 }], ArgumentError, /^trainInverse: epochs must be/],
    [[model, params, data, { epochs: 1.5 }], ArgumentError, /^trainInverse: epochs must be/],
    [[model, params, data, { epochs: 1, loss: nn.mse }], ArgumentError, /^trainInverse: there is no option 'loss'/],
    [[model, params, data, { epochs: 1, batchSize: 0 }], ArgumentError, /^trainInverse: batchSize must be/],
    [[model, params, data, { epochs: 1, optimizer: 1 }], ArgumentError, /^trainInverse: optimizer must be/],
    [[model, params, 5, { epochs: 1 }], ArgumentError, /^trainInverse: data must be an object/],
    [[model, params, { states: data.states }, { epochs: 1 }], ArgumentError, /^trainInverse: data.observations must be a tensor/],
    [[model, params, { ...data, states: five }, { epochs: 1 }], ShapeError, /^trainInverse: states and observations must have as many rows/],
    [[model, params, { ...data, states: small }, { epochs: 1 }], ShapeError, /^trainInverse: model must give the shape of the states/],
    [[model, params, [{ x: data.states }], { epochs: 1 }], ArgumentError, /^trainInverse: data.*must be/],
    [[model, { blocks: [] }, data, { epochs: 1 }], CotangentError, /params/],
    [[model, params, data, { epochs: 1, validation: { states: data.states } }], ArgumentError, /^trainInverse: data.observations must be/],
  ]; // biome-ignore format: a table
  for (const [args, kind, words] of all) await refuses(train(...args), words, kind as typeof Error);
  const single = await trainInverse(model, params, data, { epochs: 1 });
  free(single.params as InverseParams);
  const now = memory();
  assert.equal([now.tensors, now.bytes], [tensors, bytes]);
  free([data, params, five, small]);
});

test.run();
