// What holds for every layer: shapes as announced, dtypes kept, nothing left behind, compiled as eager, empty batches, any order.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flatten } from '#src/core/tree.js';
import {
  compile,
  grad,
  memory,
  mul,
  nn,
  random,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const LAYERS: Record<string, [nn.Layer, number[]]> = {
  dense: [nn.dense(3), [4]],
  'dense without bias': [nn.dense(3, { bias: false }), [4]],
  'conv in 1': [nn.conv(3, [3], { padding: 'same', stride: 2 }), [2, 5]],
  'conv in 2': [nn.conv(3, [2, 3], { padding: ['periodic', 1] }), [2, 4, 3]],
  'conv in 3': [nn.conv(2, [2, 1, 2], { dilation: 2, bias: false }), [1, 3, 2, 4]],
  maxPool: [nn.maxPool(2), [2, 4, 5]],
  batchNorm: [nn.batchNorm(), [3, 2, 2]],
  'upsample nearest': [nn.upsample([2, 3]), [2, 2, 3]],
  'upsample linear': [nn.upsample(2, { kind: 'linear' }), [2, 3]],
  'upsample cubic': [nn.upsample(2, { kind: 'cubic', periodic: true }), [1, 2, 3, 2]],
  activation: [nn.activation('leakyRelu'), [5]],
  flatten: [nn.flatten(), [2, 3]],
  dropout: [nn.dropout(0.3), [6]],
  sequential: [
    nn.sequential([
      nn.conv(2, [3], { padding: 'same' }),
      nn.sequential([nn.batchNorm(), nn.activation('silu'), nn.dropout(0.5)]),
      nn.flatten(),
      nn.dense(2),
    ]),
    [2, 4],
  ],
  mlp: [nn.models.mlp([4, 3, 2], { activation: 'tanh' }), [4]],
};

const training = () => ({ training: true, key: tensor([5, 6], { dtype: 'i32' }) });

for (const [name, [layer, shape]] of Object.entries(LAYERS)) {
  for (const dtype of ['f64', 'f32'] as const) {
    test(`${name}, ${dtype}: shape and dtype as announced; one tensor is left of a call; compiled as eager`, () => {
      scope(() => {
        const params = layer.init(random(1), shape, { dtype });
        const x = random(2).normal([3, ...shape], { dtype });
        for (const options of [{}, training()]) {
          const before = memory().tensors;
          const y = layer.apply(params, x, options);
          assert.is(memory().tensors, before + 1, 'a call leaves its result and nothing else');
          assert.equal([y.shape, y.dtype], [[3, ...layer.outputShape(shape)], dtype]);
          const plan = compile((p: unknown, v: Tensor) => layer.apply(p, v, options));
          near(plan(params, x).data(), y.data(), dtype === 'f64' ? 1e-13 : 1e-5);
          plan.dispose();
          const empty = layer.apply(params, zeros([0, ...shape], { dtype }), options);
          assert.equal(empty.shape, [0, ...layer.outputShape(shape)]);
        }
      });
    });
  }

  test(`${name}: derivatives of both orders by x and the parameters, in training and inference`, () => {
    scope(() => {
      const params = layer.init(random(1), shape, { dtype: 'f64' });
      const x = random(3).normal([2, ...shape]);
      for (const options of [{}, training()])
        checkDerivatives((v: Tensor) => layer.apply(params, v, options), [x], { tolerance: 1e-5 });
      const c = random(4).normal([2, ...layer.outputShape(shape)]);
      const loss = ({ p, v }: { p: unknown; v: Tensor }) => sum(mul(layer.apply(p, v, training()), c));
      const plan = compile(grad(loss));
      const [eager, compiled] = [grad(loss), plan].map((f) => flatten(f({ p: params, v: x })).leaves);
      eager.forEach((g, i) => {
        near(compiled[i].data(), g.data(), 1e-12);
      });
      plan.dispose();
    });
  });
}

test.run();
