// Layers and losses, values and both derivatives, against independent ones (fixtures/ad.json: torch in double).
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jvp, nn, scope, type Tensor, tensor, vjp, zeros } from '#src/index.js';
import { near } from '../support/check.js';

interface Values {
  shape: number[];
  data: number[];
}
interface Case {
  name: string;
  inputs: Record<string, Values>;
  output: Values | number;
  v: Values | number;
  vjp: Record<string, Values>;
  tangents: Record<string, Values>;
  jvp: Values | number;
}

const { ops } = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/ad.json', import.meta.url), 'utf8'),
) as { ops: Case[] };

const labels = [2, 0, 1, 4];
const conv = (options: nn.ConvOptions) => (x: Tensor, weight: Tensor, bias?: Tensor) =>
  nn.conv(weight.shape[0], weight.shape.slice(2), options).apply({ weight, bias }, x);
const batchNorm = (x: Tensor, weight: Tensor, bias: Tensor) => {
  const running = { runningMean: zeros(weight.shape), runningVariance: zeros(weight.shape) };
  return nn.batchNorm().apply({ weight, bias, ...running }, x, { training: true });
};

const FUNCTIONS: Record<string, (...xs: Tensor[]) => Tensor> = {
  batchnorm1d_train: batchNorm as (...xs: Tensor[]) => Tensor,
  conv2d_pad1_stride1: conv({ padding: 1 }) as (...xs: Tensor[]) => Tensor,
  conv2d_dilation2: conv({ padding: 2, dilation: 2 }) as (...xs: Tensor[]) => Tensor,
  conv2d_periodic_pad1: conv({ padding: 'periodic' }) as (...xs: Tensor[]) => Tensor,
  maxpool2d_2: (x) => nn.maxPool(2).apply({}, x),
  cross_entropy_mean: (x) => nn.crossEntropy(x, tensor(labels, { dtype: 'i32' })),
  mse_mean: nn.mse,
  'leaky_relu_0.01': (x) => nn.activation('leakyRelu').apply({}, x),
};

const make = (x: Values | number) => (typeof x === 'number' ? tensor(x) : tensor(x.data, { shape: x.shape }));
const data = (x: Values | number) => (typeof x === 'number' ? [x] : x.data);

for (const [name, f] of Object.entries(FUNCTIONS)) {
  test(name, () => {
    const known = ops.find((op) => op.name === name);
    assert.ok(known, 'in the fixtures');
    scope(() => {
      const close = (got: Tensor, want: Values | number, what: string) => {
        const size = Math.max(1, ...data(want).map(Math.abs));
        near(got.data(), data(want), 1e-11 * size, what);
      };
      const xs = Object.values(known.inputs).map(make);
      const { value, pullback } = vjp(f, ...xs);
      close(value, known.output, 'value');
      // The fixtures have scalars as vectors of one.
      const cotangents = pullback(tensor(data(known.v), { shape: [...value.shape] }));
      Object.values(known.vjp).forEach((want, i) => {
        close(cotangents[i] as Tensor, want, `vjp ${i}`);
      });
      const { tangent } = jvp(f, xs, Object.values(known.tangents).map(make));
      close(tangent, known.jvp, 'jvp');
    });
  });
}

test.run();
