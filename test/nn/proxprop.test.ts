// proxprop against test/fixtures/proxprop.json: directions and trajectories in f64 by an independent program (numpy and PyTorch 1.13).
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  matmul,
  memory,
  nn,
  optim,
  random,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  vjp,
} from '#src/index.js';
import { conjugateGradientStep, type Form } from '#src/nn/proximal/conjugate-gradient-step.js';
import { near, property, rejects } from '../support/check.js';

interface Array64 {
  shape: number[];
  data: number[];
}
interface Pair {
  W: Array64;
  b: number[];
}
interface Golden {
  sizes: number[];
  X: Array64;
  y: number[];
  params: Pair[];
  cases: {
    activation: 'tanh' | 'relu';
    loss: number;
    directions: { tau_theta: number; M_scale: string; mode: string; d: Pair[] }[];
    steps: { tau_theta: number; mode: string; optimizer: string; losses: number[]; params: Pair[] }[];
  }[];
  conv: {
    x: Array64;
    y: number[];
    conv_W: Array64;
    conv_b: number[];
    fc_W: Array64;
    fc_b: number[];
    loss: number;
    plain_gradient: Pair;
    directions: { tau_theta: number; mode: string; W: Array64; b: number[] }[];
  };
}

type Dense = { weight: Tensor; bias?: Tensor };

const golden = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/proxprop.json', import.meta.url), 'utf8'),
) as Golden;
const T = ({ data, shape }: Array64, dtype: 'f64' | 'f32' = 'f64') => tensor(data, { shape, dtype });
const size = (v: readonly number[]) => Math.max(...v.map(Math.abs));

function modeOf(mode: string): nn.ProxpropOptions['mode'] {
  if (mode === 'exact') return 'exact';
  const [, kind, steps] = /^cg(col|flat|)(\d+)$/.exec(mode) ?? [];
  return { cg: Number(steps), ...(kind !== '' && { perUnit: kind === 'col' }) };
}

function mlp(activation: 'tanh' | 'relu') {
  const layers = golden.params.flatMap((_, l) => [
    nn.dense(golden.sizes[l + 1]),
    ...(l < golden.params.length - 1 ? [nn.activation(activation)] : []),
  ]);
  return nn.sequential(layers as nn.Layer<never>[]);
}

const fresh = (dtype: 'f64' | 'f32' = 'f64'): unknown[] =>
  golden.params.flatMap(({ W, b }) => [{ weight: T(W, dtype), bias: tensor(b, { dtype }) }, {}]).slice(0, -1);

/** Compares the dense layers of a tree with a list of pairs, relative to the largest entry. */
function same(tree: readonly unknown[], want: readonly Pair[], tolerance: number, what: string): void {
  want.forEach(({ W, b }, l) => {
    const { weight, bias } = tree[2 * l] as Dense;
    near(weight.data(), W.data, tolerance * size(W.data), `${what} W${l}`);
    near((bias as Tensor).data(), b, tolerance * size(b), `${what} b${l}`);
  });
}

const x = T(golden.X);
const labels = tensor(golden.y, { dtype: 'i32' });

for (const { activation, loss, directions, steps } of golden.cases) {
  for (const { mode, tau_theta: tauTheta, M_scale, d } of directions) {
    if (M_scale !== 'sum') continue;
    test(`${activation}, ${mode}, tau_theta ${tauTheta}: the reference's direction, eagerly too, and in f32`, () => {
      const model = mlp(activation);
      const oracle = nn.proxprop(model, { mode: modeOf(mode), tauTheta });
      const result = oracle.direction(fresh(), x, labels);
      near([result.loss], [loss], 1e-13);
      same(result.direction, d, 1e-10, 'compiled');
      same(oracle.directionOf(fresh(), x, labels).direction, d, 1e-10, 'eager');
      // In f32 ten steps in systems of six to eight unknowns run on beyond what they can still correct.
      const single = oracle.direction(fresh('f32'), T(golden.X, 'f32'), labels);
      assert.is((single.direction[0] as Dense).weight.dtype, 'f32');
      same(single.direction, d, mode.endsWith('10') ? 1e-3 : 2e-4, 'f32');
      oracle.dispose();
    });
  }
  for (const { mode, tau_theta: tauTheta, optimizer, losses, params } of steps) {
    if (mode === 'plain_gradient') continue;
    test(`${activation}, ${mode}, ${optimizer}, tau_theta ${tauTheta}: five steps of an optimizer that knows nothing of it`, () => {
      const oracle = nn.proxprop(mlp(activation), { mode: modeOf(mode), tauTheta });
      const method =
        optimizer === 'adam'
          ? optim.adam({ learningRate: 1e-3 })
          : optim.sgd({
              learningRate: 1,
              ...(optimizer === 'nesterov' && { momentum: 0.95, nesterov: true }),
            });
      const p = fresh();
      const state = method.init(p);
      for (let k = 0; k < 5; k++) {
        const { loss: value, direction } = oracle.direction(p, x, labels);
        near([value], [losses[k]], 1e-9);
        (method as optim.Optimizer).step(p, direction, state);
      }
      same(p, params, 1e-8, 'parameters');
      oracle.dispose();
    });
  }
}

const { conv } = golden;
const convNet = nn.sequential([
  nn.conv(3, [3, 3], { padding: 1 }),
  nn.activation('tanh'),
  nn.flatten(),
  nn.dense(4),
]);
const convParams = () => [
  { weight: T(conv.conv_W), bias: tensor(conv.conv_b) },
  {},
  {},
  { weight: T(conv.fc_W), bias: tensor(conv.fc_b) },
];
const convLabels = tensor(conv.y, { dtype: 'i32' });

for (const { mode, tau_theta: tauTheta, W, b } of conv.directions) {
  test(`convolution, ${mode}, tau_theta ${tauTheta}: the reference's direction over examples and positions`, () => {
    const oracle = nn.proxprop(convNet, { mode: modeOf(mode), tauTheta });
    const { loss, direction } = oracle.direction(convParams(), T(conv.x), convLabels);
    near([loss], [conv.loss], 1e-13);
    const { weight, bias } = direction[0] as Dense;
    near(weight.data(), W.data, 1e-10 * size(W.data), 'W');
    near((bias as Tensor).data(), b, 1e-10 * size(b), 'b');
    oracle.dispose();
  });
}

/** A dense layer of `out` outputs at n random rows of k inputs, with a random cotangent. */
function randomStep(seed: number, n: number, k: number, out: number, bias: boolean): nn.LayerStep {
  const generator = random(seed);
  const layer = nn.dense(out, { bias });
  const params = layer.init(generator, [k], { dtype: 'f64' });
  const [input, cotangent] = [generator.normal([n, k], { std: 2 }), generator.normal([n, out])];
  const forward = (p: nn.DenseParams) => layer.apply(p, input);
  const adjoint = (ct: Tensor) => vjp(forward, params).pullback(ct)[0] as nn.DenseParams;
  const linear = layer.linear as nn.LinearForm<nn.DenseParams>;
  return {
    layer,
    linear,
    params,
    input,
    cotangent,
    gradient: adjoint(cotangent),
    forward,
    adjoint,
  } as nn.LayerStep;
}

test('conjugate gradients are the same iterates in every form of the system', () => {
  const shape = fc.record({
    seed: fc.nat(1e6),
    n: fc.integer({ min: 1, max: 12 }),
    k: fc.integer({ min: 1, max: 12 }),
    out: fc.integer({ min: 1, max: 5 }),
    bias: fc.boolean(),
    perUnit: fc.boolean(),
    steps: fc.integer({ min: 1, max: 4 }),
    tau: fc.constantFrom(1e-3, 0.05, 1, 30),
  });
  property(
    shape,
    ({ seed, n, k, out, bias, perUnit, steps, tau }) =>
      scope(() => {
        const step = randomStep(seed, n, k, out, bias);
        const by = (form: Form) =>
          (conjugateGradientStep({ steps, perUnit, tau, form })(step) as Dense).weight.toTypedArray();
        const layer = by('layer');
        // Beyond convergence a residual is rounding alone, and so is what it adds: within the condition of M.
        const bound = 1e-8 * size([...layer]);
        near(by('inner'), layer, bound, 'inner');
        near(by('spectral'), layer, bound, 'spectral');
      }),
    60,
  );
});

test('as many steps as unknowns give the exact step, with and without a bias', () => {
  for (const [n, k, bias] of [
    [3, 6, true],
    [9, 4, false],
    [7, 5, true],
  ] as const) {
    const layers = [nn.dense(4, { bias }), nn.activation('tanh'), nn.dense(3)];
    const model = nn.sequential(layers as nn.Layer<never>[]);
    const params = model.init(random(n), [k], { dtype: 'f64' });
    const [input, target] = [random(5).normal([n, k]), random(6).integers([n], 0, 3)];
    const of = (mode: nn.ProxpropOptions['mode']) =>
      (nn.proxprop(model, { mode, tauTheta: 0.5 }).directionOf(params, input, target).direction[0] as Dense)
        .weight;
    const exact = of('exact').toTypedArray();
    near(of({ cg: k + 1 }).data(), exact, 1e-8 * size([...exact]), `${n} rows of ${k}`);
  }
});

test('nested models, batch normalisation, pooling and dropout: layers of other kinds take their gradient', () => {
  const model = nn.sequential([
    nn.sequential([nn.conv(3, [3, 3], { padding: 'same' }), nn.batchNorm(), nn.activation('relu')]),
    nn.maxPool(2),
    nn.flatten(),
    nn.sequential([nn.dense(6), nn.dropout(0.3), nn.activation('tanh')]),
    nn.dense(4),
  ] as nn.Layer<never>[]);
  const params = model.init(random(1), [2, 6, 6], { dtype: 'f64' });
  const [input, target] = [random(2).normal([5, 2, 6, 6]), random(3).integers([5], 0, 4)];
  const key = tensor([3, 4], { dtype: 'i32' });
  const oracle = nn.proxprop(model, { mode: { cg: 2 } });
  const {
    loss,
    direction,
    params: moved,
  } = oracle.direction(params, input, target, nn.crossEntropy, { key });
  const plain = nn.layerwise(model, ({ gradient }) => gradient);
  const reference = plain.direction(params, input, target, nn.crossEntropy, { key });
  assert.is(loss, reference.loss);
  const parts = (tree: unknown) => tree as [[Dense, Dense, unknown], unknown, unknown, [Dense], Dense];
  const [ours, theirs] = [parts(direction), parts(reference.direction)];
  for (const key of ['weight', 'bias'] as const) {
    near(ours[0][1][key]?.data() ?? [], theirs[0][1][key]?.data() ?? [1], 1e-12, `batchNorm ${key}`);
    near(ours[4][key]?.data() ?? [], theirs[4][key]?.data() ?? [1], 1e-12, `last ${key}`);
  }
  for (const [mine, gradient] of [
    [ours[0][0], theirs[0][0]],
    [ours[3][0], theirs[3][0]],
  ])
    assert.ok(size([...mine.weight.data()].map((v, i) => v - gradient.weight.data()[i])) > 1e-4);
  const running = ((moved as unknown[][])[0][1] as { runningMean: Tensor }).runningMean.toArray();
  assert.not.equal(running, [0, 0, 0], 'running statistics move on');
  oracle.dispose();
  plain.dispose();
});

test('the step size at which gradient descent diverges trains the network by ProxProp (section 5.2)', () => {
  const hidden = () => [nn.dense(40), nn.activation('relu')];
  const model = nn.sequential([...hidden(), ...hidden(), ...hidden(), nn.dense(3)] as nn.Layer<never>[]);
  const input = random(1).normal([60, 20], { std: 5, dtype: 'f32' });
  const target = random(2).integers([60], 0, 3);
  const run = (oracle: nn.Layerwise<unknown[]>) => {
    const params = model.init(random(3), [20]);
    const optimizer = optim.sgd({ learningRate: 3 });
    const state = optimizer.init(params);
    let last = Number.NaN;
    for (let i = 0; i < 40; i++) {
      const { loss, direction } = oracle.direction(params, input, target);
      optimizer.step(params, direction, state);
      last = loss;
    }
    oracle.dispose();
    return last;
  };
  const plain = run(nn.layerwise(model, ({ gradient }) => gradient));
  assert.ok(!(plain < 1e6), `gradient descent gives ${plain}`);
  for (const mode of ['exact', { cg: 3 }] as const) {
    const ours = run(nn.proxprop(model, { mode }));
    assert.ok(ours < 0.2, `ProxProp gives ${ours}`);
  }
});

test('the system of an exact step is as small as the batch or the layer, whichever is less', () => {
  for (const [n, k] of [
    [5, 700],
    [700, 5],
  ]) {
    const model = nn.sequential([nn.dense(3), nn.dense(2)] as nn.Layer<never>[]);
    const params = model.init(random(1), [k], { dtype: 'f64' });
    const oracle = nn.proxprop(model, { mode: 'exact' });
    scope(() => void oracle.direction(params, random(2).normal([n, k]), random(3).integers([n], 0, 2)));
    assert.ok(oracle.bytes < 700 * 700, `${n} rows of ${k}: ${oracle.bytes} bytes`);
    oracle.dispose();
  }
});

test('in f32 the exact step stays a finite one of descent where 1/tau is lost in the rounding of the sums', () => {
  for (const [n, k] of [
    [20, 50],
    [50, 20],
  ]) {
    const model = nn.sequential([nn.dense(6), nn.dense(3)] as nn.Layer<never>[]);
    const params = model.init(random(1), [k]);
    // Rows that repeat, so that the sums are singular but for the 1/tau.
    const row = random(2).normal([n, 1], { dtype: 'f32', std: 1e3 });
    const input = matmul(row, random(3).normal([1, k], { dtype: 'f32' }));
    const target = random(4).integers([n], 0, 3);
    const { direction } = nn
      .proxprop(model, { mode: 'exact', tauTheta: 1e6 })
      .directionOf(params, input, target);
    const plain = nn.layerwise(model, ({ gradient }) => gradient).directionOf(params, input, target);
    const [d, g] = [direction, plain.direction].map((tree) => [...(tree[0] as Dense).weight.data()]);
    assert.ok(d.every(Number.isFinite));
    assert.ok(d.reduce((s, v, i) => s + v * g[i], 0) > 0, `${n} rows of ${k}`);
  }
});

test('values that are not finite come out as such, in every form, and never loop or throw', () => {
  for (const [n, k] of [
    [4, 40],
    [40, 4],
  ]) {
    const model = nn.sequential([nn.dense(30), nn.activation('tanh'), nn.dense(3)] as nn.Layer<never>[]);
    const params = model.init(random(1), [k], { dtype: 'f64' });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e200]) {
      const broken = tensor(
        Array.from({ length: n * k }, (_, i) => (i === 3 ? value : i % 7)),
        { shape: [n, k] },
      );
      for (const mode of ['exact', { cg: 1 }, { cg: 20 }] as const) {
        const oracle = nn.proxprop(model, { mode });
        const { direction } = oracle.direction(params, broken, random(2).integers([n], 0, 3));
        // Of 1e200 the squares alone overflow: a step of conjugate gradients may come out as short as zero.
        if (value !== 1e200)
          assert.ok(
            (direction[0] as Dense).weight.toTypedArray().some((v) => !Number.isFinite(v)),
            `${n} ${value} ${JSON.stringify(mode)}`,
          );
        oracle.dispose();
      }
    }
  }
});

test('directions are the caller’s, nothing else stays, and errors leave nothing', () => {
  const model = mlp('tanh');
  const params = fresh();
  const before = memory();
  const oracle = nn.proxprop(model, { mode: 'exact', tauTheta: 0.05 });
  const first = scope(() => {
    const { direction } = oracle.direction(params, x, labels);
    const kept = (direction[0] as Dense).weight.toTypedArray();
    const other = oracle.direction(
      params,
      tensor(
        golden.X.data.map((v) => 2 * v),
        { shape: golden.X.shape },
      ),
      labels,
    );
    assert.not.equal((other.direction[0] as Dense).weight.toTypedArray(), kept);
    assert.equal((direction[0] as Dense).weight.toTypedArray(), kept, 'a later call changes nothing');
    return kept;
  });
  assert.ok(first.length > 0 && oracle.bytes > 0);
  oracle.dispose();
  assert.is(oracle.bytes, 0);
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
  rejects(() => nn.proxprop(model, { mode: { cg: 0 } }), ArgumentError, /cg: a positive integer.*cg: 0/);
  rejects(() => nn.proxprop(model, { mode: 'inexact' as never }), ArgumentError, /got "inexact"/);
  rejects(() => nn.proxprop(model, undefined as never), ArgumentError, /options must be/);
  rejects(
    () => nn.proxprop(model, { mode: 'exact', tauTheta: 0 }),
    ArgumentError,
    /tauTheta must be a positive number, got 0/,
  );
  rejects(() => nn.proxprop(model, { mode: { cg: 1, perUnit: 1 as never } }), ArgumentError, /perUnit/);
  rejects(() => nn.proxprop({} as never, { mode: 'exact' }), ArgumentError, /model must be a layer/);
  rejects(() => oracle.direction([], x, labels), ShapeError, /params must be an array of 7/);
});

test.run();
