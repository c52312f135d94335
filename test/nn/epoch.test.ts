// The epoch as a layer's option: `fit` gives it in training, wrappers hand it on, and the step is compiled anew only where it is asked for.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  compile,
  memory,
  mul,
  nn,
  optim,
  random,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { areBehind } from '#src/nn/layers/apply-options.js';

type Options = nn.ApplyOptions | undefined;

/** y = w x + f(options), which counts how often it is recorded. */
function probe(f: (options: Options) => number) {
  const seen: (number | undefined)[] = [];
  const layer: nn.Layer<{ w: Tensor }> = {
    name: 'probe',
    init: () => ({ w: tensor([1]) }),
    outputShape: (shape) => shape,
    apply(params, x, options) {
      const value = f(options);
      if (options?.training) seen.push(value);
      return add(mul(x, params.w), value);
    },
  };
  return { layer, seen };
}

const x = tensor([[1], [2], [3], [4]]);
/** The loss is the square of what the layer adds: w stays 1, since the learning rate is 0. */
const options = {
  loss: nn.mse,
  batchSize: 4,
  epochs: 4,
  optimizer: optim.sgd({ learningRate: 0 }),
};
const data = { x, y: x };
const fitted = async (layer: nn.Layer<never>, more = {}) => {
  const params = layer.init(random(1), [1], { dtype: 'f64' });
  const { history } = await nn.fit(layer, params, data, { ...options, dropLast: true, ...more });
  return history.loss.map(Math.sqrt);
};

test('a layer that reads the epoch gets it in every epoch, compiled or not', async () => {
  for (const compile of [undefined, true, false]) {
    const { layer, seen } = probe((given) => given?.epoch ?? 99);
    const wrapped = nn.sequential([nn.activation('identity'), nn.sequential([layer])] as nn.Layer[]);
    assert.equal(await fitted(wrapped as never, { compile }), [0, 1, 2, 3]);
    assert.equal([...new Set(seen)], [0, 1, 2, 3], 'and without validation nothing else');
    const { history } = await nn.fit(layer, { w: tensor([1]) }, data, {
      ...options,
      compile,
      validation: data,
    });
    assert.equal(history.validationLoss?.map(Math.sqrt), [99, 99, 99, 99], 'no epoch outside of training');
  }
});

test('a layer that asks whether epochs are behind costs one more recording', async () => {
  const { layer, seen } = probe((given) => (areBehind(given, 2) ? 5 : 1));
  assert.equal(await fitted(nn.sequential([layer] as nn.Layer[]) as never), [1, 1, 5, 5]);
  assert.equal(seen, [1, 5]);
  const other = probe((given) => (areBehind(given, 9) ? 5 : 1));
  assert.equal(await fitted(other.layer as never), [1, 1, 1, 1]);
  assert.equal(other.seen, [1]);
});

test('a model that does not ask is recorded once, keys and nesting notwithstanding', async () => {
  const { layer, seen } = probe(() => 3);
  const model = nn.sequential([nn.sequential([nn.dropout(0), layer] as nn.Layer[])] as nn.Layer[]);
  assert.equal(await fitted(model as never), [3, 3, 3, 3]);
  assert.equal(seen, [3]);
});

test('objectives and directions get it too', async () => {
  const objective = (_: unknown, batch: { x: Tensor }, { epoch }: nn.ApplyOptions) =>
    add(mul(sum(batch.x), 0), epoch ?? 99);
  const { history } = await nn.fit(objective, { w: tensor([1]) }, data, { ...options, loss: undefined });
  assert.equal(history.loss, [0, 1, 2, 3]);
  const { layer } = probe((given) => given?.epoch ?? 99);
  const model = nn.sequential([layer] as nn.Layer[]);
  const direction = nn.layerwise(model, ({ gradient }) => gradient);
  assert.equal(await fitted(model as never, { direction }), [0, 1, 2, 3]);
  direction.dispose();
});

test('nothing is left behind when steps are compiled anew', async () => {
  const { layer } = probe((given) => given?.epoch ?? 99);
  const run = async () => {
    const params = { w: tensor([1]) };
    const result = await nn.fit(layer, params, data, options);
    for (const w of [params.w, result.params.w]) w.dispose();
  };
  await run();
  const before = memory();
  await run();
  assert.is(memory().tensors, before.tensors);
  assert.is(memory().bytes, before.bytes);
});

test('an epoch must be a whole number', () => {
  const layer = nn.dense(2);
  const params = layer.init(random(1), [1], { dtype: 'f64' });
  for (const epoch of [-1, 0.5, Number.NaN, '1'])
    assert.throws(
      () => layer.apply(params, x, { epoch } as never),
      (error: Error) =>
        error instanceof ArgumentError && /^dense: epoch must be a whole number/.test(error.message),
    );
  assert.equal(
    compile((v: Tensor) => layer.apply(params, v, { epoch: 3, training: true }))(zeros([1, 1])).shape,
    [1, 2],
  );
});

test.run();
