// fit: what it computes step by step, what it decides after epochs, and that it leaves nothing behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  matmul,
  mean,
  memory,
  mul,
  nn,
  ones,
  optim,
  random,
  reshape,
  scope,
  square,
  sub,
  Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { near } from '../support/check.js';

const free = (tree: unknown): void => {
  if (tree instanceof Tensor) tree.dispose();
  else if (typeof tree === 'object' && tree !== null) Object.values(tree).forEach(free);
};
const numbers = (tree: unknown): number[] => {
  if (tree instanceof Tensor) return [...tree.data()];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(numbers) : [];
};

/** Points of two classes on either side of a curve. */
function points(n: number, seed = 1) {
  const x = random(seed).normal([n, 2], { dtype: 'f32' });
  const data = x.data();
  const y = tensor(
    Int32Array.from({ length: n }, (_, i) => Number(data[2 * i + 1] > data[2 * i] ** 2 - 0.5)),
  );
  return { x, y };
}
const network = () => nn.sequential([nn.dense(8), nn.activation('tanh'), nn.dense(2)]);
const start = (model = network(), seed = 2) => model.init(random(seed), [2]);

/** Runs a test that must leave no tensor behind. */
const leakless = (name: string, run: () => Promise<void>) =>
  test(name, async () => {
    const before = memory().tensors;
    await run();
    // What another test has forgotten may be collected meanwhile.
    assert.ok(memory().tensors <= before, `${memory().tensors - before} tensors left`);
  });

async function refuses(
  run: Promise<unknown>,
  message: RegExp,
  kind: new (message: string) => Error = ArgumentError,
) {
  const error = await run.then(
    () => undefined,
    (reason) => reason,
  );
  assert.instance(error, kind, `want ${kind.name}, got ${error}`);
  assert.match((error as Error).message, message);
}

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

leakless('early stopping gives the parameters of the best epoch', async () => {
  const data = points(40);
  const model = network();
  const params = start(model);
  const validation = points(30, 5);
  const seen: number[][] = [];
  const result = await nn.fit(model, params, data, {
    optimizer: optim.adam({ learningRate: 0.3 }),
    epochs: 400,
    validation,
    earlyStopping: { patience: 4, minDelta: 1e-4 },
    onEpoch: ({ params: now }) => void seen.push(numbers(now)),
  });
  const { best, history, epochs, status, stoppedEarly } = result;
  const losses = history.validationLoss as number[];
  assert.equal([status, stoppedEarly, losses.length], ['early', true, epochs]);
  assert.ok(best && epochs === best.epoch + 4 && best.value === losses[best.epoch - 1]);
  assert.ok(losses.slice(best.epoch).every((loss) => loss > best.value - 1e-4));
  assert.equal(numbers(result.params), seen[best.epoch - 1]);
  free([data, params, validation, result.params]);
});

leakless('reduceOnPlateau shortens steps as a smaller learning rate would', async () => {
  const data = points(64);
  const model = network();
  const params = start(model);
  for (const make of [optim.sgd, optim.adamw] as ((o: object) => optim.Optimizer)[]) {
    let rate = 0.1;
    const common = { epochs: 3, batchSize: 64, generator: random(1) };
    // threshold 1: no loss is ever better, so that the scale halves after each epoch.
    const plateau = optim.reduceOnPlateau({ factor: 0.5, patience: 0, threshold: 1 });
    const reduced = await nn.fit(model, params, data, {
      ...{ ...common, optimizer: make({ learningRate: 0.1, weightDecay: 0.1 }), reduceOnPlateau: plateau },
    });
    const scales: number[] = reduced.history.scale ?? [];
    assert.equal(scales, [1, 1, 0.5]);
    const want = await nn.fit(model, params, data, {
      ...{ ...common, generator: random(1), optimizer: make({ learningRate: () => rate, weightDecay: 0.1 }) },
      onEpoch: ({ epoch }) => {
        rate = 0.1 * (scales[epoch] ?? 1);
      },
    });
    near(numbers(reduced.params), numbers(want.params), 1e-6);
    free([reduced.params, want.params]);
  }
  free([data, params]);
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

leakless(
  'data as async batches, made while they are read; a generator that is used up is an error',
  async () => {
    const data = points(30);
    const model = network();
    const params = start(model);
    let made = 0;
    async function* stream() {
      for (let i = 0; i < 4; i++) {
        await new Promise((done) => setTimeout(done, 1));
        made++;
        const { x, y } = points(10, 20 + i);
        yield { x, y };
        free([x, y]);
      }
    }
    const { params: got, history } = await nn.fit(model, params, stream, { epochs: 2, validation: data });
    assert.equal([made, history.loss.length], [8, 2]);
    await refuses(
      nn.fit(model, params, stream(), { epochs: 2 }),
      /got none in epoch 2 \(a generator runs once/,
    );
    free([data, params, got]);
  },
);

leakless('a loss that is not finite ends training, without a step', async () => {
  const data = { x: tensor([[1]]), y: tensor([1]) };
  const params = { w: tensor([1]) };
  const blowUp = (p: typeof params, { x }: typeof data) => mean(square(mul(square(p.w), x)));
  const {
    status,
    history,
    params: got,
    epochs,
    best,
  } = await nn.fit(blowUp, params, data, {
    ...{ optimizer: optim.sgd({ learningRate: 100 }), epochs: 50 },
    earlyStopping: { patience: 50, monitor: 'loss' },
  });
  assert.is(status, 'diverged');
  assert.is(history.loss.length, epochs + 1);
  assert.ok(!Number.isFinite(history.loss.at(-1)) && history.loss.slice(0, -1).every(Number.isFinite));
  assert.equal([best?.epoch, best?.value], [1, 1]);
  assert.ok(numbers(got).every(Number.isFinite));
  free([data, params, got]);
});

leakless('callbacks and signals stop it, and the event loop has its turn', async () => {
  const data = points(2000);
  const model = network();
  const params = start(model);
  // As in Node, and as in a browser.
  for (const immediate of [globalThis.setImmediate, undefined]) {
    const before = globalThis.setImmediate;
    globalThis.setImmediate = immediate as typeof setImmediate;
    try {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 200);
      const { signal } = controller;
      const aborted = await nn.fit(model, params, data, { epochs: 500, batchSize: 10, signal });
      clearInterval(timer);
      assert.equal([aborted.status, aborted.stoppedEarly], ['stopped', false]);
      assert.ok(ticks >= 2, `${ticks} ticks`);
      free(aborted.params);
    } finally {
      globalThis.setImmediate = before;
    }
  }
  const never = await nn.fit(model, params, data, { signal: AbortSignal.abort() });
  assert.equal([never.status, numbers(never.params)], ['stopped', numbers(params)]);
  const byBatch = await nn.fit(model, params, data, { onBatch: ({ batch }) => batch === 3 });
  assert.equal([byBatch.status, byBatch.epochs, byBatch.history.loss], ['stopped', 0, []]);
  const reports: number[] = [];
  const byEpoch = await nn.fit(model, params, data, {
    ...{ onEpoch: async ({ epoch }) => epoch === 2, progress: ({ epoch }) => reports.push(epoch), epochs: 5 },
  });
  assert.equal([byEpoch.status, byEpoch.epochs, byEpoch.history.loss.length], ['stopped', 2, 2]);
  assert.ok(reports.includes(1) && reports.at(-1) === 2);
  free([data, params, never.params, byBatch.params, byEpoch.params]);
});

leakless('memory does not grow from epoch to epoch', async () => {
  const data = points(100);
  const model = network();
  const params = start(model);
  const held: string[] = [];
  const { params: got } = await nn.fit(model, params, data, {
    ...{ epochs: 6, validation: 0.3, earlyStopping: { patience: 9 }, metrics: ['accuracy'] },
    reduceOnPlateau: optim.reduceOnPlateau({ patience: 0, threshold: 1 }),
    onEpoch: () => void held.push(JSON.stringify(memory())),
  });
  assert.is(new Set(held.slice(1)).size, 1, held.join(' '));
  free([data, params, got]);
});

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

leakless('errors: rejected, and nothing left behind', async () => {
  const data = points(10);
  const model = network();
  const params = start(model);
  const bad = (options: object, message: RegExp, of: unknown = data) =>
    refuses(nn.fit(model, params, of, options), message);
  await bad({ epochs: -1 }, /epochs must be a whole number/);
  await bad({ batchSize: 0 }, /batchSize/);
  await bad({ generator: 1 }, /generator must be a generator/);
  await bad({ optimizer: {} }, /optimizer must be one of optim's/);
  await bad({ loss: 'mse' }, /loss must be a function, got mse/);
  await bad(
    { validation: 0.01 },
    /validation must lie in \(0, 1\) and leave rows on both sides, got 0.01 of 10/,
  );
  await bad(
    { validation: 0.5 },
    /validation must be data where training data come as batches/,
    nn.batches(data, { size: 2 }),
  );
  await bad({ metrics: ['precision'] }, /metrics must be 'accuracy' or functions with names, got precision/);
  await bad({ earlyStopping: {}, validation: 0.5, signal: 3 }, /signal must be an AbortSignal/);
  await bad({ earlyStopping: { monitor: 'accuracy' } }, /monitor must be one of loss, got accuracy/);
  await bad({ reduceOnPlateau: 3 }, /reduceOnPlateau must be optim.reduceOnPlateau/);
  await bad({ direction: 3 }, /direction must have a method direction/);
  await bad({ progress: 3 }, /progress must be true or a function/);
  await bad({}, /data for a layer must be \{ x, y \}, tensors, got \{x:\*\}/, { x: data.x });
  await refuses(nn.fit(3 as never, params, data), /model must be a layer or a function/);
  await refuses(nn.fit(model, [] as unknown[], data), /params must be a tensor or a tree of tensors/);
  await refuses(
    nn.evaluate(model, params, nn.batches(data, { size: 2, rows: [] })),
    /data must have rows, got none/,
  );
  const mine = new Error('mine');
  await refuses(
    nn.fit(model, params, data, {
      onEpoch() {
        throw mine;
      },
    }),
    /mine/,
    Error,
  );
  free([data, params]);
});

test.run();
