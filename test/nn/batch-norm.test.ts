// Batch normalisation: the formula, channel by channel; running statistics; derivatives; compiled.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  DTypeError,
  grad,
  mul,
  nn,
  random,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { near, numbers, property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

/** Values of each channel of x, and where they lie. */
function channels(x: Tensor): number[][] {
  const [n, c] = x.shape;
  const inner = x.size / Math.max(1, n * c);
  return Array.from({ length: c }, (_, k) =>
    Array.from({ length: n * inner }, (_, j) => (Math.floor(j / inner) * c + k) * inner + (j % inner)),
  );
}

/** The definition, one channel at a time. */
function slow(x: Tensor, weight: ArrayLike<number>, bias: ArrayLike<number>, epsilon: number) {
  const data = x.toTypedArray();
  const y = new Array<number>(x.size);
  const [means, variances] = [[] as number[], [] as number[]];
  channels(x).forEach((places, k) => {
    const mean = places.reduce((s, i) => s + data[i], 0) / places.length;
    const variance = places.reduce((s, i) => s + (data[i] - mean) ** 2, 0) / places.length;
    for (const i of places) y[i] = (weight[k] * (data[i] - mean)) / Math.sqrt(variance + epsilon) + bias[k];
    means.push(mean);
    variances.push(variance);
  });
  return { y, means, variances };
}

const paramsOf = (c: number, seed: number, dtype: 'f64' | 'f32' = 'f64') => ({
  weight: random(seed).uniform([c], { low: 0.5, high: 2, dtype }),
  bias: random(seed + 1).normal([c], { dtype }),
  runningMean: random(seed + 2).normal([c], { dtype }),
  runningVariance: random(seed + 3).uniform([c], { low: 0.5, high: 2, dtype }),
});

const shapes = fc.tuple(
  fc.integer({ min: 2, max: 5 }),
  fc.integer({ min: 1, max: 4 }),
  fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
);

test('training normalises each channel by its batch, and moves the statistics as PyTorch does', () => {
  property(fc.tuple(shapes, fc.nat(1000)), ([[n, c, extents], seed]) => {
    scope(() => {
      const x = random(seed).normal([n, c, ...extents], { mean: 3 });
      const params = paramsOf(c, seed);
      const layer = nn.batchNorm({ momentum: 0.3, epsilon: 1e-4 });
      const want = slow(x, params.weight.data(), params.bias.data(), 1e-4);
      const { y, params: moved } = layer.forward(params, x, { training: true });
      near(y.data(), want.y, 1e-10);
      near(layer.apply(params, x, { training: true }).data(), y.data(), 0);
      const count = x.size / c;
      const old = [params.runningMean.data(), params.runningVariance.data()];
      near(
        moved.runningMean.data(),
        want.means.map((v, k) => 0.7 * old[0][k] + 0.3 * v),
        1e-12,
      );
      near(
        moved.runningVariance.data(),
        want.variances.map((v, k) => 0.7 * old[1][k] + (0.3 * v * count) / (count - 1)),
        1e-12,
      );
      assert.is(moved.weight, params.weight);
    });
  });
});

test('inference uses the running statistics and gives the parameters back as they are', () => {
  scope(() => {
    const params = paramsOf(3, 5);
    const x = random(1).normal([4, 3, 2]);
    const [w, b, m, v] = Object.values(params).map((p) => p.data());
    const want: number[] = [];
    channels(x).forEach((places, k) => {
      for (const i of places) want[i] = (w[k] * (x.data()[i] - m[k])) / Math.sqrt(v[k] + 1e-5) + b[k];
    });
    const layer = nn.batchNorm();
    near(layer.apply(params, x).data(), want, 1e-12);
    const result = layer.forward(params, x);
    assert.is(result.params, params);
  });
});

test('fresh parameters, a batch of one value per channel, empty batches', () => {
  scope(() => {
    const layer = nn.batchNorm();
    const params = layer.init(random(1), [3, 4]);
    assert.equal(
      Object.values(params).map((p) => [p.dtype, p.toArray()]),
      [1, 0, 0, 1].map((v) => ['f32', [v, v, v]]),
    );
    assert.is(nn.parameterCount(params), 6);
    const own = paramsOf(3, 1);
    const single = layer.forward(own, random(1).normal([1, 3]), { training: true });
    near(single.y.data(), own.bias.data(), 1e-15);
    assert.is(single.params, own);
    assert.equal(layer.apply(own, zeros([0, 3, 2]), { training: true }).shape, [0, 3, 2]);
    assert.equal(layer.apply(layer.init(random(1), [0]), zeros([2, 0], { dtype: 'f32' })).shape, [2, 0]);
  });
});

test('derivatives of both orders in x, weight and bias, in training and inference', () => {
  scope(() => {
    const layer = nn.batchNorm();
    for (const shape of [
      [4, 2],
      [3, 2, 2, 2],
    ]) {
      const params = paramsOf(2, 3);
      const x = tensor(
        numbers(
          shape.reduce((a, b) => a * b),
          2,
        ),
        { shape },
      );
      for (const training of [true, false])
        checkDerivatives(
          (weight: Tensor, bias: Tensor, v: Tensor) =>
            layer.apply({ ...params, weight, bias }, v, { training }),
          [params.weight, params.bias, x],
        );
    }
  });
});

test('in a network: compiled equals eager, statistics move, no gradient goes through them', () => {
  scope(() => {
    const model = nn.sequential([
      nn.conv(3, [3], { padding: 'same' }),
      nn.batchNorm(),
      nn.activation('silu'),
      nn.sequential([nn.batchNorm()]),
    ]);
    const params = model.init(random(1), [2, 6], { dtype: 'f64' });
    const [x, c] = [random(2).normal([4, 2, 6]), random(3).normal([4, 3, 6])];
    const forward = (p: unknown[]) =>
      model.forward?.(p, x, { training: true }) as { y: Tensor; params: unknown[] };
    const step = compile(
      valueAndGrad(
        (p: unknown[]) => {
          const { y, params: moved } = forward(p);
          return [sum(mul(y, c)), moved] as const;
        },
        0,
        { aux: true },
      ),
    );
    const { aux } = step(params) as unknown as { aux: { runningMean: Tensor }[] };
    const want = forward(params).params as { runningMean: Tensor }[];
    near(aux[1].runningMean.data(), want[1].runningMean.data(), 1e-14);
    step.dispose();
    const through = grad((p: unknown[]) =>
      sum(mul((forward(p).params as { runningMean: Tensor }[])[1].runningMean, 2)),
    )(params) as { weight: Tensor }[];
    assert.ok(through[0].weight.data().every((v) => v === 0));
  });
});

test('f32 within its rounding', () => {
  scope(() => {
    const x = random(4).normal([8, 3, 5], { mean: 100, dtype: 'f32' });
    const params = paramsOf(3, 5, 'f32');
    const want = slow(x, params.weight.data(), params.bias.data(), 1e-5);
    near(nn.batchNorm().apply(params, x, { training: true }).data(), want.y, 1e-4);
  });
});

test('errors: options, shapes, dtypes', () => {
  scope(() => {
    rejects(() => nn.batchNorm({ epsilon: -1 }), ArgumentError, /batchNorm: epsilon/);
    rejects(
      () => nn.batchNorm({ momentum: 2 }),
      ArgumentError,
      /batchNorm: momentum must be from 0 to 1, got 2/,
    );
    const [layer, params] = [nn.batchNorm(), paramsOf(3, 1)];
    const [flat, wide, single] = [zeros([3]), zeros([2, 4]), zeros([2, 3], { dtype: 'f32' })];
    rejects(() => layer.apply(params, flat), ShapeError, /x must be \[n, channels, …\], got \[3\]/);
    rejects(() => layer.apply(params, wide), ShapeError, /weight must be \[4\] for x of shape \[2, 4\]/);
    rejects(() => layer.apply(params, single), DTypeError, /of x's dtype, f32, got f64/);
    const generator = random(1);
    rejects(() => layer.init(generator, []), ShapeError, /inputShape/);
  });
});

test.run();
