// The Gram matrix of windows: the product of the rows that a convolution sees, with and without a bias; its derivatives; its memory.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, concat, matmul, nn, ones, random, scope, type Tensor } from '#src/index.js';
import { geometryOf } from '#src/ops/conv/geometry.js';
import { windowGram } from '#src/ops/conv/window-gram.js';
import { EPSILON, near, property } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const axis = fc.record({
  extent: fc.integer({ min: 1, max: 9 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 2 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  padding: fc.constantFrom<nn.Padding>('same', 'periodic', 6),
});

test('it is the product of the rows with themselves, symmetric to the bit; beyond the blocks, too', () => {
  property(
    fc.record({
      axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
      n: fc.integer({ min: 0, max: 3 }),
      channels: fc.constantFrom(0, 1, 2, 3, 21),
    }),
    ({ axes, n, channels }) => {
      scope(() => {
        for (const dtype of ['f64', 'f32'] as const) {
          const list = <K extends keyof (typeof axes)[0]>(key: K) => axes.map((a) => a[key]);
          const options = { stride: list('stride'), dilation: list('dilation'), padding: list('padding') };
          const layer = nn.conv(1, list('kernel'), options);
          const x = random(1).normal([n, channels, ...list('extent')], { dtype });
          const params = layer.init(random(2), [channels, ...list('extent')], { dtype });
          const a = (layer.linear as nn.LinearForm<nn.ConvParams>).rows(x, params);
          const g = geometryOf('test', list('extent'), list('kernel'), options);
          for (const hasBias of [false, true]) {
            const rows = hasBias ? concat([a, ones([a.shape[0], 1], { dtype })], 1) : a;
            const want = matmul(rows, rows, { transposeA: true });
            const got = windowGram(x, g, hasBias);
            assert.equal(got.shape, want.shape);
            near(got.data(), want.data(), 40 * EPSILON[dtype] * (a.shape[0] + 1));
            const [values, k] = [got.data(), got.shape[0]];
            for (let i = 0; i < k; i++)
              for (let j = 0; j < i; j++) assert.is(values[i * k + j], values[j * k + i]);
          }
        }
      });
    },
    40,
  );
});

test('derivatives of both orders', () => {
  scope(() => {
    const g = geometryOf('test', [4, 3], [2, 2], { stride: [1, 2], padding: ['periodic', 1] });
    checkDerivatives((x: Tensor) => windowGram(x, g, true), [random(3).normal([2, 2, 4, 3])]);
  });
});

test('no matrix of windows is held', () => {
  scope(() => {
    const g = geometryOf('test', [32, 32], [5, 5], { padding: 'same' });
    const x = random(1).normal([20, 4, 32, 32], { dtype: 'f32' });
    const plan = compile((z: Tensor) => windowGram(z, g, true));
    plan(x);
    assert.ok(plan.bytes < 4 * 20 * 25 * 4 * 1024 * 0.2);
  });
});

test.run();
