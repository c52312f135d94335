// Activations by name: values, derivatives, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, grad, nn, random, scope, square, sum, type Tensor, tensor } from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

/** erf by its series, for |x| < 3. */
function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const MEANINGS: Partial<Record<nn.Activation, (x: number) => number>> = {
  relu: (x) => Math.max(0, x),
  leakyRelu: (x) => (x > 0 ? x : 0.01 * x),
  elu: (x) => (x > 0 ? x : Math.exp(x) - 1),
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
  softplus: (x) => Math.log(1 + Math.exp(x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  softsign: (x) => x / (1 + Math.abs(x)),
  sin: Math.sin,
  identity: (x) => x,
};

test('values are those of the formulas, and derivatives of both orders fit', () => {
  scope(() => {
    const x = tensor([-2.5, -1, -0.25, 0.5, 1.25, 3], { shape: [2, 3] });
    for (const [name, f] of Object.entries(MEANINGS)) {
      const layer = nn.activation(name as nn.Activation);
      near(layer.apply({}, x).data(), [...x.data()].map(f), 1e-14, name);
      checkDerivatives((v: Tensor) => layer.apply({}, v), [x]);
    }
  });
});

test('softmax and logSoftmax run over the channels', () => {
  scope(() => {
    const x = random(1).normal([2, 3, 4]);
    const y = nn.activation('softmax').apply({}, x);
    near(sum(y, { axis: 1 }).data(), new Float64Array(8).fill(1), 1e-15);
    near(nn.activation('logSoftmax').apply({}, x).data(), y.data().map(Math.log), 1e-13);
    checkDerivatives((v: Tensor) => nn.activation('softmax').apply({}, v), [x]);
  });
});

test('the slope of leakyRelu, its derivative at 0, and a function of one’s own', () => {
  scope(() => {
    const leaky = nn.activation('leakyRelu', { slope: 0.2 });
    assert.equal(leaky.apply({}, tensor([-10, 5])).toArray(), [-2, 5]);
    assert.equal(grad((x: Tensor) => sum(leaky.apply({}, x)))(tensor([0, 1])).toArray(), [0.2, 1]);
    const own = nn.activation((x) => square(x));
    assert.equal(own.apply({}, tensor([3])).toArray(), [9]);
    assert.equal([own.name, leaky.name, own.outputShape([4, 5])], ['activation', 'leakyRelu', [4, 5]]);
  });
});

test('errors name the activations', () => {
  rejects(() => nn.activation('step' as never), ArgumentError, /one of relu, leakyRelu, .* got "step"/);
  rejects(() => nn.activation('toString' as never), ArgumentError, /got "toString"/);
  rejects(() => nn.activation('leakyRelu', { slope: Number.NaN }), ArgumentError, /slope/);
});

test.run();
