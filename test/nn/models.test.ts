// Models by name, the variational autoencoder, and how many parameters there are.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  grad,
  matmul,
  memory,
  mul,
  nn,
  random,
  relu,
  ShapeError,
  scope,
  sub,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

test('mlp: the network of the paper has its 20.3 million parameters; apply is dense, relu, dense', () => {
  scope(() => {
    const sizes = [3072, 4000, 1000, 4000, 10];
    const paper = nn.models.mlp(sizes);
    assert.equal(
      [paper.layers.map(({ name }) => name), paper.outputShape([3072])],
      [['dense', 'relu', 'dense', 'relu', 'dense', 'relu', 'dense'], [10]],
    );
    const model = nn.models.mlp([3, 4, 2], { activation: 'relu', init: 'he', bias: false });
    const params = model.init(random(1), [3], { dtype: 'f64' });
    assert.is(nn.parameterCount(params), 3 * 4 + 4 * 2);
    const x = random(2).normal([5, 3]);
    const [first, , second] = params as { weight: Tensor }[];
    const hidden = relu(matmul(x, first.weight, { transposeB: true }));
    near(model.apply(params, x).data(), matmul(hidden, second.weight, { transposeB: true }).data(), 0);
    const blank = nn.models.mlp(sizes, { init: (_, shape, __, ___, dtype) => zeros(shape, { dtype }) });
    assert.is(nn.parameterCount(blank.init(random(1), [3072])), 20_337_010);
  });
});

test('proxpropConvNet: [3, 32, 32] to ten classes', () => {
  scope(() => {
    const model = nn.models.proxpropConvNet();
    const params = model.init(random(1), [3, 32, 32]);
    const want = 16 * 75 + 16 + 20 * 400 + 20 + 20 * 500 + 20 + 10 * 320 + 10;
    assert.is(nn.parameterCount(params), want);
    assert.equal(model.outputShape([3, 32, 32]), [10]);
    assert.equal(model.apply(params, zeros([2, 3, 32, 32], { dtype: 'f32' })).shape, [2, 10]);
    const generator = random(1);
    rejects(() => model.init(generator, [3, 28, 28]), ShapeError, /inputShape must be \[3, 32, 32\]/);
  });
});

const small = (options: object = {}) =>
  nn.models.vae({
    encoder: nn.sequential([nn.dense(5), nn.activation('tanh'), nn.dense(4)]),
    decoder: nn.sequential([nn.dense(5), nn.activation('tanh'), nn.dense(6)]),
    latent: 2,
    ...options,
  });

test('the ELBO: its parts from the codes, both likelihoods, the weight of the divergence', () => {
  scope(() => {
    for (const likelihood of ['bernoulli', 'gaussian'] as const) {
      const model = small({ likelihood, beta: 3, variance: 0.5 });
      const params = model.init(random(1), [6], { dtype: 'f64' });
      const [x, noise] = [random(2).uniform([4, 6]), random(3).normal([4, 2])];
      const { mean, logVariance } = model.encode(params, x);
      const z = tensor(
        mean.data().map((m, i) => m + Math.exp(logVariance.data()[i] / 2) * noise.data()[i]),
        { shape: [4, 2] },
      );
      const y = model.decode(params, z).data();
      const terms = [...x.data()].map((v, i) =>
        likelihood === 'bernoulli' ? -(v * Math.log(y[i]) + (1 - v) * Math.log(1 - y[i])) : (v - y[i]) ** 2,
      );
      const { loss, reconstruction, kl } = model.elbo(params, x, noise);
      near([reconstruction.item()], [terms.reduce((a, b) => a + b) / 4], 1e-12);
      near([kl.item()], [nn.gaussianKl(mean, logVariance).item()], 1e-15);
      near([loss.item()], [reconstruction.item() + 3 * kl.item()], 1e-13);
      near([model.loss(params, x, noise).item()], [loss.item()], 0);
      near(model.apply(params, x).data(), model.decode(params, mean).data(), 0);
    }
  });
});

test('the gradient of the loss goes through the draw of the codes; compiled and eager agree; nothing leaks', () => {
  scope(() => {
    const model = small();
    const params = model.init(random(1), [6], { dtype: 'f64' });
    const [x, noise] = [random(2).uniform([3, 6]), random(3).normal([3, 2])];
    checkDerivatives((p: typeof params) => model.loss(p, x, noise), [params], { order: 1 });
    checkDerivatives((n: Tensor) => model.loss(params, x, n), [noise]);
    const step = compile(valueAndGrad(model.loss));
    const [fast, slow] = [step(params, x, noise), valueAndGrad(model.loss)(params, x, noise)];
    near([fast.value.item()], [slow.value.item()], 1e-14);
    step.dispose();
    const before = memory();
    for (let i = 0; i < 3; i++) {
      model.apply(params, x).dispose();
      model.loss(params, x, noise).dispose();
    }
    assert.equal(memory().tensors, before.tensors);
  });
});

test('a VAE learns: the loss of 40 steps of gradient descent falls by a fifth', () => {
  scope(() => {
    const model = small({ likelihood: 'gaussian', variance: 0.1 });
    let params = model.init(random(1), [6]);
    const [codes, mixing] = [
      random(5).normal([50, 2], { dtype: 'f32' }),
      random(6).normal([2, 6], { dtype: 'f32' }),
    ];
    const x = matmul(codes, mixing);
    const noise = random(7).normal([50, 2], { dtype: 'f32' });
    const first = model.loss(params, x, noise).item();
    const slope = grad(model.loss);
    for (let i = 0; i < 40; i++) {
      const g = slope(params, x, noise);
      const walk = (p: unknown, d: unknown): unknown => {
        if (Array.isArray(p)) return p.map((v, k) => walk(v, (d as unknown[])[k]));
        const [a, b] = [p as Record<string, Tensor>, d as Record<string, Tensor>];
        return Object.fromEntries(Object.keys(a).map((k) => [k, sub(a[k], mul(0.01, b[k]))]));
      };
      params = {
        encoder: walk(params.encoder, g.encoder),
        decoder: walk(params.decoder, g.decoder),
      } as never;
    }
    const last = model.loss(params, x, noise).item();
    assert.ok(last < 0.8 * first, `${first} to ${last}`);
  });
});

test('batch normalisation inside a VAE moves its statistics, dropout inside takes keys of its own', () => {
  scope(() => {
    const half = (out: number) =>
      nn.sequential([nn.dense(4), nn.batchNorm(), nn.dropout(0.5), nn.dense(out)]);
    const model = nn.models.vae({ encoder: half(4), decoder: half(6), latent: 2 });
    const params = model.init(random(1), [6]);
    const [x, noise] = [
      random(2).uniform([8, 6], { dtype: 'f32' }),
      random(3).normal([8, 2], { dtype: 'f32' }),
    ];
    const key = tensor([1, 2], { dtype: 'i32' });
    const { params: moved } = model.elbo(params, x, noise, { training: true, key });
    const keys: string[] = [];
    const seen = (out: number): nn.Layer => ({
      name: 'seen',
      init: () => ({}),
      outputShape: () => [out],
      apply(_, v, options) {
        keys.push(String(options?.key?.data()));
        return zeros([v.shape[0], out], { dtype: 'f32' });
      },
    });
    const watched = nn.models.vae({ encoder: seen(4), decoder: seen(6), latent: 2 });
    watched.loss({ encoder: {}, decoder: {} }, x, noise, { training: true, key });
    assert.is(new Set([...keys, String(key.data())]).size, 3);
    for (const part of ['encoder', 'decoder'] as const) {
      const [old, now] = [params[part][1], moved[part][1]] as { runningMean: Tensor }[];
      assert.ok(
        now.runningMean.data().some((v, i) => v !== old.runningMean.data()[i]),
        part,
      );
    }
  });
});

test('errors of models, and of what is counted', () => {
  const generator = random(1);
  for (const sizes of [[3], [3, 0], [3, 1.5], 'x'])
    rejects(() => nn.models.mlp(sizes as number[]), ArgumentError, /mlp: sizes must be two or more positive/);
  rejects(
    () => nn.models.mlp([3, 2]).init(generator, [4]),
    ShapeError,
    /mlp: inputShape must be \[3\], got \[4\]/,
  );
  rejects(() => small({ latent: 0 }), ArgumentError, /vae: latent/);
  rejects(() => small({ encoder: 1 }), ArgumentError, /vae: encoder must be a layer/);
  rejects(() => small({ likelihood: 'poisson' }), ArgumentError, /vae: likelihood/);
  rejects(() => small({ variance: 0 }), ArgumentError, /vae: variance/);
  rejects(() => small({ beta: -1 }), ArgumentError, /vae: beta/);
  rejects(() => small({ latent: 3 }).init(generator, [6]), ShapeError, /encoder must give \[6\].*dense\(6\)/);
  scope(() => {
    const model = small();
    const params = model.init(generator, [6]);
    const [x, noise] = [zeros([2, 6], { dtype: 'f32' }), zeros([2, 3], { dtype: 'f32' })];
    rejects(() => model.loss(params, x, noise), ShapeError, /vae: noise must be \[2, 2\], got \[2, 3\]/);
  });
  rejects(
    () => nn.parameterCount([1]),
    ArgumentError,
    /parameterCount: params must be a tree of tensors, got 1/,
  );
});

test.run();
