// Whole training steps on the GPU, with the optimiser in the program: parameters and state stay there, and agree with the CPU's to f32 rounding.
import * as assert from 'uvu/assert';
import { flatten } from '#src/core/tree.js';
import * as gpu from '#src/gpu/index.js';
import { compile, nn, optim, random, scope, type Tensor, tensor, valueAndGrad } from '#src/index.js';
import { gpuSuite } from './device.js';
import { watched } from './watch.js';

const test = await gpuSuite('gpu training');

// biome-ignore lint/suspicious/noExplicitAny: parameters and states are trees of every kind
type Any = any;

/** A training step of a model as a function to compile. */
function stepOf(model: Any, optimizer: Any) {
  const loss = (params: Any, x: Tensor, labels: Tensor) => nn.crossEntropy(model.apply(params, x), labels);
  return (params: Any, state: Any, x: Tensor, labels: Tensor) => {
    const { value, grad } = valueAndGrad(loss)(params, x, labels);
    return { value, ...optimizer.update(params, grad, state) };
  };
}

/** The largest |a - b| of the leaves over the largest |b|. */
function apart(a: readonly Tensor[], b: readonly Tensor[]): number {
  let [error, size] = [0, 0];
  a.forEach((x, i) => {
    const [p, q] = [x.data(), b[i].data()];
    for (let k = 0; k < p.length; k++) {
      error = Math.max(error, Math.abs(p[k] - q[k]));
      size = Math.max(size, Math.abs(q[k]));
    }
  });
  return error / size;
}

const OPTIMIZERS: Record<string, optim.Optimizer<Any>> = {
  sgd: optim.sgd({ learningRate: 0.1, weightDecay: 0.01 }),
  momentum: optim.sgd({ learningRate: 0.05, momentum: 0.9, dampening: 0.1 }),
  nesterov: optim.sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }),
  adam: optim.adam({ learningRate: 0.01 }),
  'adam with decay': optim.adam({ learningRate: 0.01, weightDecay: 0.01, beta1: 0 }),
  amsgrad: optim.adam({ learningRate: 0.01, amsgrad: true }),
  adamw: optim.adamw({ learningRate: 0.01, weightDecay: 0.1 }),
  rmsprop: optim.rmsprop({ learningRate: 0.01, momentum: 0.5, centered: true, weightDecay: 0.01 }),
  adagrad: optim.adagrad({ learningRate: 0.1, learningRateDecay: 0.1 }),
};

const mlp = nn.sequential([nn.dense(7), nn.activation('tanh'), nn.dense(3)]);

for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
  test(`ten steps with ${name}`, async () => {
    const model = () => {
      const dice = random(7);
      const params: Any = mlp.init(dice, [5], { dtype: 'f32' });
      return { params, x: dice.normal([11, 5], { dtype: 'f32' }), labels: dice.integers([11], 0, 3) };
    };
    const { params, x, labels } = model();
    const state = optimizer.init(params);
    const step = stepOf(mlp, optimizer);
    const plan = compile(step, { device: 'gpu' });
    let there: Any = { params, state };
    const here = { params: model().params, state: optimizer.init(params) };
    const losses: number[] = [];
    for (let k = 0; k < 10; k++) {
      there = await plan(there.params, there.state, x, labels);
      const { value, grad } = valueAndGrad((p: Any) => nn.crossEntropy(mlp.apply(p, x), labels))(here.params);
      optimizer.step(here.params, grad, here.state);
      const read = (await there.value.download()) as Tensor;
      losses.push(read.item());
      assert.ok(
        Math.abs(read.item() - value.item()) < 1e-5,
        `${name}, step ${k}: ${read.item()}, ${value.item()}`,
      );
    }
    assert.ok(losses[9] < losses[0], `${losses}`);
    assert.ok(
      plan.report.every((unit) => unit.device === 'gpu'),
      String(plan),
    );
    const read = await Promise.all(
      flatten(params).leaves.map((_, i) => leavesOf(there.params)[i].download()),
    );
    const error = apart(read, flatten(here.params).leaves);
    assert.ok(error < 2e-5, `${name}: parameters ${error} apart`);
    assert.is((await (there.state.step as gpu.GpuTensor).download()).item(), 10);
    plan.dispose();
  });
}

/** The tensors on the GPU in a tree, depth first. */
function leavesOf(tree: Any): gpu.GpuTensor[] {
  if (tree instanceof gpu.GpuTensor) return [tree];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(leavesOf) : [];
}

test('gradients that have no square in f32, and tiny ones, move parameters as on the CPU', async () => {
  const all: optim.Optimizer<Any>[] = [
    optim.adam({ learningRate: 0.1 }),
    optim.adam({ learningRate: 0.1, epsilon: 0 }),
    optim.rmsprop({ centered: true }),
  ];
  for (const optimizer of all) {
    const p = tensor([1, 2, 3, 4], { dtype: 'f32' });
    const grads = [1e25, -3e-22, 1e-3, 0].map((scale) =>
      tensor([scale, -scale, 2 * scale, 1], { dtype: 'f32' }),
    );
    const plan = compile((params: Tensor, g: Tensor, state: Any) => optimizer.update(params, g, state), {
      device: 'gpu',
    });
    let there: Any = { params: p, state: optimizer.init(p) };
    let here: Any = { params: p, state: optimizer.init(p) };
    for (const g of grads) {
      there = await plan(there.params, g, there.state);
      here = optimizer.update(here.params, g, here.state);
    }
    const got = await there.params.download();
    assert.ok(
      apart([got], [here.params]) < 1e-5,
      `${optimizer.name}: ${got.data()}, on the CPU ${here.params.data()}`,
    );
    plan.dispose();
  }
});

test('a convolutional network with pooling and batch norm', async () => {
  const dice = random(5);
  const model = nn.sequential([
    nn.conv(4, [3, 3], { padding: 'same' }),
    nn.batchNorm(),
    nn.activation('relu'),
    nn.maxPool(2),
    nn.flatten(),
    nn.dense(3),
  ]);
  const params = model.init(dice, [1, 8, 8], { dtype: 'f32' });
  const [x, labels] = [dice.normal([6, 1, 8, 8], { dtype: 'f32' }), dice.integers([6], 0, 3)];
  const f = valueAndGrad((p: Any, images: Tensor, t: Tensor) =>
    nn.crossEntropy(
      model.forward ? (model.forward(p, images, { training: true }) as Any).y : model.apply(p, images),
      t,
    ),
  );
  const plan = compile(f, { device: 'gpu', download: true });
  const there = await plan(params, x, labels);
  const here = f(params, x, labels) as Any;
  assert.ok(Math.abs(there.value.item() - here.value.item()) < 1e-5);
  const error = apart(flatten(there.grad).leaves, flatten(here.grad).leaves);
  assert.ok(error < 5e-5, `gradients ${error} apart`);
  assert.ok(
    plan.report.every((unit) => unit.device === 'gpu'),
    String(plan),
  );
  plan.dispose();
});

test('784-256-128-10: one submission a step, and nothing is made', async () => {
  const dice = random(1);
  const model = nn.models.mlp([784, 256, 128, 10]);
  const optimizer = optim.adam();
  const params = model.init(dice, [784], { dtype: 'f32' });
  const [x, labels] = [dice.normal([32, 784], { dtype: 'f32' }), dice.integers([32], 0, 10)];
  const plan = compile(stepOf(model, optimizer), { device: 'gpu' });
  let at: Any = { params, state: optimizer.init(params) };
  for (let i = 0; i < 3; i++) at = await plan(at.params, at.state, x, labels);
  const { submissions, made } = await watched(async () => {
    for (let i = 0; i < 5; i++) at = await plan(at.params, at.state, x, labels);
  });
  assert.equal([submissions, made], [5, 0]);
  assert.is(plan.report.length, 1, String(plan));
  plan.dispose();
});

test('the same program on the CPU has the bits of the eager step', () => {
  for (const optimizer of Object.values(OPTIMIZERS))
    scope(() => {
      const dice = random(3);
      const [p, g] = [dice.normal([9]), dice.normal([9])];
      const plan = compile((params: Tensor, grad: Tensor, state: Any) =>
        optimizer.update(params, grad, state),
      );
      let there: Any = { params: p, state: optimizer.init(p) };
      let here: Any = { params: p, state: optimizer.init(p) };
      for (let k = 0; k < 3; k++) {
        there = plan(there.params, g, there.state);
        here = optimizer.update(here.params, g, here.state);
      }
      assert.equal([...there.params.data()], [...here.params.data()], optimizer.name);
      assert.is((there.state.step as unknown as Tensor).item(), 3);
      plan.dispose();
    });
});

test('a schedule runs on the CPU, and says so', async () => {
  const optimizer = optim.sgd({ learningRate: optim.schedules.cosine({ initial: 1, steps: 4 }) });
  const plan = compile((p: Tensor, g: Tensor, state: Any) => optimizer.update(p, g, state), {
    device: 'gpu',
  });
  const p = tensor([1, 2], { dtype: 'f32' });
  let [there, here]: Any[] = [
    { params: p, state: optimizer.init(p) },
    { params: p, state: optimizer.init(p) },
  ];
  for (let k = 0; k < 3; k++) {
    there = await plan(there.params, p, there.state);
    here = optimizer.update(here.params, p, here.state);
  }
  assert.equal([...(await there.params.download()).data()], [...here.params.data()]);
  assert.match(plan.report[0].reason, /no kernel for this sgdStep/);
  plan.dispose();
});

test.run();
