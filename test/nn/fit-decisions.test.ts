// fit: what it decides after steps and epochs, where its data come from, and that it leaves nothing behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mean, memory, mul, nn, optim, random, square, tensor } from '#src/index.js';
import { near } from '../support/check.js';
import { free, leakless, network, numbers, points, refuses, start } from '../support/training.js';

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
  const held: { tensors: number; bytes: number }[] = [];
  const { params: got } = await nn.fit(model, params, data, {
    ...{ epochs: 6, validation: 0.3, earlyStopping: { patience: 9 }, metrics: ['accuracy'] },
    reduceOnPlateau: optim.reduceOnPlateau({ patience: 0, threshold: 1 }),
    onEpoch: () => void held.push(memory()),
  });
  // What other tests have forgotten may be collected meanwhile, so less is as good as the same.
  held.slice(2).forEach(({ tensors, bytes }, i) => {
    assert.ok(tensors <= held[i + 1].tensors && bytes <= held[i + 1].bytes, JSON.stringify(held));
  });
  free([data, params, got]);
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
  await bad({ loss: 'mse' }, /loss must be a function, got "mse"/);
  await bad(
    { validation: 0.01 },
    /validation must lie in \(0, 1\) and leave rows on both sides, got 0.01 of 10/,
  );
  await bad(
    { validation: 0.5 },
    /validation must be data where training data come as batches/,
    nn.batches(data, { size: 2 }),
  );
  await bad(
    { metrics: ['precision'] },
    /metrics must be 'accuracy' or functions with names, got "precision"/,
  );
  await bad({ earlyStopping: {}, validation: 0.5, signal: 3 }, /signal must be an AbortSignal/);
  await bad({ earlyStopping: { monitor: 'accuracy' } }, /monitor must be one of loss, got "accuracy"/);
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
