// Training in the deterministic build gives the same losses to the bit, on every machine and engine: those written down here.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { program } from '../support/program.js';

/** Losses of eight steps each, digested: in the build without fused multiply-add. */
const DIGESTS = {
  'dense, Nesterov': -26042202,
  'dense, cg3 and Adam': 163552102,
  'dense, exact': -2025534915,
  'convolution, batch normalisation, dropout': 632031588,
};

test('networks of every kind of layer, plain and proximal: the losses when this was written', () => {
  const digests = program<Record<string, number>>(`
    const { nn, optim, slice, take } = cotangent;
    await init({ deterministic: true });
    const losses = (layers, oracleOf, optimizer, shape) => scope(() => {
      const { images, labels } = nn.syntheticImages(random(1), { count: 120, shape: [3, 8, 8] });
      const model = nn.sequential(layers);
      const params = model.init(random(2), [3, 8, 8]);
      const oracle = oracleOf(model);
      const state = optimizer.init(params);
      const shuffle = random(3);
      const found = [];
      for (let step = 0; step < 8; step++) {
        const rows = slice(shuffle.permutation(120), [0], [60]);
        const key = tensor([5, step], { dtype: 'i32' });
        const { loss, direction } = oracle.direction(params, take(images, rows, 0), take(labels, rows, 0), nn.crossEntropy, { key });
        optimizer.step(params, direction, state);
        found.push(loss);
      }
      oracle.dispose();
      if (!(found[7] < found[0])) throw new Error(String(found));
      return new Int32Array(new Float64Array(found).buffer).reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
    });
    const dense = () => [nn.flatten(), nn.dense(24), nn.activation('tanh'), nn.dense(16), nn.activation('silu'), nn.dense(10)];
    const conv = () => [
      nn.conv(6, [3, 3], { padding: 'same' }), nn.batchNorm(), nn.activation('elu'), nn.maxPool(2),
      nn.conv(8, [3, 3], { padding: 'periodic' }), nn.activation('relu'), nn.upsample(2, { kind: 'linear' }),
      nn.flatten(), nn.dropout(0.2), nn.dense(10),
    ];
    const plain = (model) => nn.layerwise(model, ({ gradient }) => gradient);
    const proximal = (mode) => (model) => nn.proxprop(model, { mode });
    const nesterov = (learningRate) => optim.sgd({ learningRate, momentum: 0.9, nesterov: true });
    report({
      'dense, Nesterov': losses(dense(), plain, nesterov(0.05)),
      'dense, cg3 and Adam': losses(dense(), proximal({ cg: 3 }), optim.adam({ learningRate: 0.01 })),
      'dense, exact': losses(dense(), proximal('exact'), nesterov(1)),
      'convolution, batch normalisation, dropout': losses(conv(), plain, nesterov(0.02)),
    });`);
  assert.equal(digests, DIGESTS);
});

test.run();
