// fit: what it computes, step by step.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  matmul,
  mean,
  mul,
  nn,
  ones,
  optim,
  random,
  reshape,
  scope,
  square,
  sub,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { near } from '../support/check.js';
import { free, leakless, network, numbers, points, refuses, start } from '../support/training.js';

leakless(
  'without shuffling by hand: the same as a loop over gradients and steps; params stay as they are',
  async () => {
    const data = points(20);
    const model = network();
    const params = start(model);
    const given = numbers(params);
    const order = Int32Array.from([3, 1, 4, 15, 9, 2, 6, 5]);
    const batches = nn.batches(data, { size: 3, rows: order });
    const optimizer = optim.adamw({ learningRate: 0.05 });
    const { params: got, history } = await nn.fit(model, params, batches, { optimizer, epochs: 3 });
    assert.equal(numbers(params), given);
    const byHand = start(model);
    const state = optimizer.init(byHand);
    const losses: number[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      let sum = 0;
      for (const { x, y } of batches) {
        scope(() => {
          const step = valueAndGrad((p) => nn.crossEntropy(model.apply(p as unknown[], x), y))(byHand);
          sum += step.value.item() * x.shape[0];
          optimizer.step(byHand, step.grad, state);
        });
      }
      losses.push(sum / 8);
    }
    near(history.loss, losses, 1e-6);
    near(numbers(got), numbers(byHand), 1e-5);
    free([data, params, got, byHand, state]);
  },
);

leakless('a network learns; the same seed gives the same losses to the bit, another one others', async () => {
  const data = points(300);
  const model = network();
  const params = start(model);
  const run = (seed: number, replacement = false) =>
    nn.fit(model, params, data, {
      optimizer: optim.adam({ learningRate: 0.02 }),
      epochs: 15,
      generator: random(seed),
      validation: 0.2,
      metrics: ['accuracy'],
      replacement,
    });
  const [one, same, other, drawn] = [await run(1), await run(1), await run(2), await run(1, true)];
  for (const { history, status, epochs } of [one, other, drawn]) {
    assert.equal([status, epochs, history.seconds.length], ['finished', 15, 15]);
    assert.ok((history.loss.at(-1) ?? 1) < 0.5 * history.loss[0]);
    assert.ok((history.validationAccuracy?.at(-1) ?? 0) > 0.85 && (history.accuracy?.at(-1) ?? 0) > 0.85);
  }
  assert.equal(same.history.loss, one.history.loss);
  assert.equal(same.history.validationLoss, one.history.validationLoss);
  assert.equal(numbers(same.params), numbers(one.params));
  assert.not.equal(other.history.loss, one.history.loss);
  assert.not.equal(drawn.history.loss, one.history.loss);
  free([data, params, one.params, same.params, other.params, drawn.params]);
});

leakless('validation is of the parameters after the epoch, as evaluate has it', async () => {
  const [data, validation] = [points(60), points(50, 9)];
  const model = network();
  const params = start(model);
  const { params: got, history } = await nn.fit(model, params, data, {
    ...{ epochs: 2, validation, metrics: ['accuracy'], batchSize: 16 },
  });
  const { loss, accuracy } = await nn.evaluate(model, got, validation, { metrics: ['accuracy'] });
  near([loss, accuracy], [history.validationLoss?.[1] ?? 0, history.validationAccuracy?.[1] ?? 0], 1e-6);
  const by = scope(() => {
    const logits = model.apply(got, validation.x);
    const rows = logits.toArray() as number[][];
    const right = [...validation.y.data()].filter((k, i) => rows[i][k] === Math.max(...rows[i])).length;
    return [nn.crossEntropy(logits, validation.y).item(), right / 50];
  });
  near([loss, accuracy], by, 1e-6);
  free([data, validation, params, got]);
});

leakless(
  'running statistics move as forward moves them, by gradient and by direction, whatever the weight decay',
  async () => {
    const data = points(24);
    const model = nn.sequential([nn.dense(4), nn.batchNorm(), nn.activation('relu'), nn.dense(2)]);
    const params = model.init(random(3), [2]);
    for (const direction of [undefined, nn.proxprop(model, { mode: 'exact' })]) {
      const { params: got } = await nn.fit(model, params, data, {
        ...{ epochs: 1, batchSize: 24, optimizer: optim.adamw({ weightDecay: 0.5 }), direction },
      });
      const all = scope(() => numbers(model.forward?.(params, data.x, { training: true }).params[1]));
      const moved = all.slice(8);
      near(numbers(got[1]).slice(8), moved, 1e-6);
      assert.not.equal(numbers(got[0]), numbers(params[0]));
      free(got);
      direction?.dispose();
    }
    free([data, params]);
  },
);

leakless('a direction stands in the place of the gradient', async () => {
  const data = points(32);
  const model = network();
  const params = start(model);
  const rule = nn.proxprop(model, { mode: { cg: 3 }, tauTheta: 0.5 });
  const optimizer = optim.sgd({ learningRate: 0.3 });
  const options = { optimizer, epochs: 1, batchSize: 32, metrics: ['accuracy'] as const };
  const compiled = await nn.fit(model, params, data, { ...options, direction: rule });
  // Only the method of the contract.
  const bare = { direction: rule.direction };
  const eager = await nn.fit(model, params, data, { ...options, direction: bare });
  const { loss, direction } = rule.direction(params, data.x, data.y);
  const want = numbers(params).map((p, i) => p - 0.3 * numbers(direction)[i]);
  for (const { params: got, history } of [compiled, eager]) {
    near(numbers(got), want, 1e-6);
    near(history.loss, [loss], 1e-6);
    assert.is(history.accuracy?.length, 1);
  }
  rule.dispose();
  free([data, params, direction, compiled.params, eager.params]);
});

leakless('dropout draws other numbers each step, the same ones for the same seed', async () => {
  const data = { x: ones([8, 2], { dtype: 'f32' }), y: zeros([8], { dtype: 'i32' }) };
  const model = nn.sequential([nn.dropout(0.5), nn.dense(2)]);
  const params = model.init(random(1), [2]);
  const run = (seed: number) =>
    nn.fit(model, params, data, {
      ...{ epochs: 4, batchSize: 8, generator: random(seed), optimizer: optim.sgd({ learningRate: 1e-9 }) },
    });
  const [one, same, other] = [await run(1), await run(1), await run(2)];
  assert.is(new Set(one.history.loss).size, 4);
  assert.equal(one.history.loss, same.history.loss);
  assert.not.equal(one.history.loss, other.history.loss);
  free([data, params, one.params, same.params, other.params]);
});

leakless(
  'an objective of any tree, with a transform that adds to batches, metrics of its own, in f64',
  async () => {
    const data = { u: random(1).normal([50, 3]) };
    const params = { w: zeros([3, 1]) };
    const truth = tensor([[1], [-2], [3]]);
    const objective = (p: typeof params, batch: { u: Tensor; noise?: Tensor }) => {
      const target = add(matmul(batch.u, truth), batch.noise ?? 0);
      return {
        loss: mean(square(sub(matmul(batch.u, p.w), target))),
        metrics: { first: reshape(mean(p.w), []) },
      };
    };
    const { params: got, history } = await nn.fit(objective, params, data as { u: Tensor; noise?: Tensor }, {
      optimizer: optim.adam({ learningRate: 0.1 }),
      epochs: 60,
      validation: 0.2,
      transform: (batch, { generator, training }) =>
        training ? { ...batch, noise: generator.normal([batch.u.shape[0], 1], { std: 1e-3 }) } : batch,
    });
    near(numbers(got), [1, -2, 3], 0.01);
    assert.equal([history.first?.length, history.validationFirst?.length], [60, 60]);
    assert.ok((history.validationLoss?.at(-1) ?? 1) < 1e-3);
    free([data, params, truth, got]);
  },
);

leakless('a model that reads values runs uncompiled; an optimizer goes on from its state', async () => {
  const data = points(20);
  const params = { w: zeros([2, 2], { dtype: 'f32' }) };
  const reads = (p: typeof params, { x, y }: typeof data) =>
    nn.crossEntropy(mul(matmul(x, p.w), x.item === undefined || x.data()[0] > 9 ? 0 : 1), y);
  const plain = (p: typeof params, { x, y }: typeof data) => nn.crossEntropy(matmul(x, p.w), y);
  const optimizer = optim.adam();
  const run = async (
    objective: typeof plain,
    epochs: number,
    from = params,
    state = optimizer.init(params),
  ) => {
    const { params: got } = await nn.fit(objective, from, nn.batches(data, { size: 5 }), {
      optimizer,
      epochs,
      state,
    });
    return { got, state };
  };
  const [eager, whole, half] = [await run(reads, 4), await run(plain, 4), await run(plain, 2)];
  const rest = await run(plain, 2, half.got, half.state);
  near(numbers(eager.got), numbers(whole.got), 1e-6);
  assert.equal(numbers(rest.got), numbers(whole.got));
  assert.is(rest.state.step, 16);
  await refuses(nn.fit(reads, params, data, { compile: true }), /value/);
  free([data, params, eager, whole, half, rest.got]);
});

test.run();
