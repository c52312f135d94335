// lorenz96Inverse and kolmogorovInverse: against the whole network written out in loops, in training and outside; counts, shifts, batches,
// published variants, derivatives, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type InverseLayer,
  type InverseOptions,
  type InverseParams,
  kolmogorovInverse,
  lorenz96Inverse,
} from '#src/assimilation/index.js';
import { flatten } from '#src/core/tree.js';
import {
  ArgumentError,
  compile,
  DTypeError,
  grad,
  memory,
  mul,
  nn,
  random,
  reshape,
  roll,
  ShapeError,
  scope,
  slice,
  sum,
  type Tensor,
  tensor,
  trace,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { bitsOf, near, rejects, seed } from '../support/check.js';
import type { Field } from '../support/cubic.js';
import { checkDerivatives } from '../support/derivatives.js';
import { indices, list, network, positionOf, product } from '../support/inverse-network.js';

/** Parameters that are not those of a new network: statistics and scales, too. */
function stirred(params: InverseParams): InverseParams {
  const g = random(seed + 77);
  const draw = (x: Tensor, low: number, high: number) =>
    g.uniform(x.shape, { low, high, dtype: x.dtype as 'f64' });
  return {
    output: params.output,
    blocks: params.blocks.map(({ conv, norm }) => ({
      conv,
      norm: {
        weight: draw(norm.weight, 0.5, 1.5),
        bias: draw(norm.bias, -0.5, 0.5),
        runningMean: draw(norm.runningMean, -0.3, 0.3),
        runningVariance: draw(norm.runningVariance, 0.2, 1),
      },
    })),
  };
}

interface Case {
  name: string;
  make: (options?: InverseOptions) => InverseLayer;
  steps: number;
  /** Observations of one sample. */
  shape: number[];
}
const CASES: Case[] = [
  { name: 'lorenz96', make: (o) => lorenz96Inverse({ channels: [4, 3, 2, 2], ...o }), steps: 2, shape: [3, 5] },
  { name: 'lorenz96, factor 1', make: (o) => lorenz96Inverse({ channels: [3], factor: 1, ...o }), steps: 0, shape: [2, 7] },
  { name: 'lorenz96, as few as possible', make: (o) => lorenz96Inverse({ channels: [3, 2], ...o }), steps: 2, shape: [4, 1] },
  { name: 'kolmogorov', make: (o) => kolmogorovInverse({ channels: 4, factor: 4, ...o }), steps: 2, shape: [2, 2, 3, 2] },
  { name: 'kolmogorov, one time', make: (o) => kolmogorovInverse({ channels: 3, factor: 2, ...o }), steps: 1, shape: [1, 2, 1, 4] },
]; // biome-ignore format: a table

const OPTIONS: InverseOptions[] = [
  {},
  { kernel: 1 },
  { kernel: 2 },
  { kernel: 5 },
  { upsampling: 'halfPixel' },
  { upsampling: 'published', statistics: 'sample' },
];

for (const { name, make, steps, shape } of CASES) {
  test(`${name}: the network in loops`, () => {
    for (const options of OPTIONS)
      for (const dtype of ['f64', 'f32'] as const)
        for (const training of [false, true]) {
          if (dtype === 'f32' && options.kernel !== undefined) continue;
          scope(() => {
            const model = make(options);
            const params = stirred(model.init(random(seed), shape, { dtype }));
            const x = random(seed + 1).normal([2, ...shape], { dtype });
            const { y, params: moved } = model.forward(params, x, { training });
            const outside = options.statistics ?? 'running';
            const flow = shape.length === 4;
            // Channels before the time.
            const data = list(x);
            const given: Field = flow
              ? { shape: [2, 2, shape[0], ...shape.slice(2)], data: [], sizes: [] }
              : { shape: [2, 1, ...shape], data, sizes: data };
            if (flow)
              given.data = indices(given.shape).map(([i, c, t, ...at]) => data[positionOf([i, t, c, ...at], x.shape)]); // biome-ignore format: short
            const want = network(params, given, steps, training ? 'batch' : outside, options.upsampling ?? 'aligned'); // biome-ignore format: short
            const expected = flow
              ? indices(y.shape).map(([i, t, c, ...at]) => want.y.data[positionOf([i, c, t, ...at], want.y.shape)]) // biome-ignore format: short
              : want.y.data;
            const what = `${name} ${JSON.stringify(options)} ${dtype} training ${training} [SEED=${seed}]`;
            assert.equal(y.shape, [2, ...model.outputShape(shape)], what);
            assert.is(y.dtype, dtype);
            const bound = dtype === 'f64' ? 1e-11 : 3e-3;
            near(y.toTypedArray(), expected, bound, what);
            moved.blocks.forEach(({ norm }, i) => {
              near(norm.runningMean.toTypedArray(), want.moved[i].mean, bound, `${what}, mean ${i}`);
              near(
                norm.runningVariance.toTypedArray(),
                want.moved[i].variance,
                bound,
                `${what}, variance ${i}`,
              );
            });
            assert.equal(bitsOf(model.apply(params, x, { training })), bitsOf(y), what);
          });
        }
  });

  test(`${name}: any number of batch axes, none; parameters for every size`, () =>
    scope(() => {
      const model = make();
      const params = stirred(model.init(random(seed), shape, { dtype: 'f64' }));
      const out = model.outputShape(shape);
      const x = random(seed + 1).normal([2, 3, ...shape]);
      const y = model.apply(params, x);
      assert.equal(y.shape, [2, 3, ...out]);
      const flat = model.apply(params, reshape(x, [6, ...shape]));
      assert.equal(list(y), list(flat));
      const one = model.apply(params, reshape(slice(x, [0, 1], [1, 2]), shape));
      assert.equal(one.shape, out);
      near(list(one), list(y).slice(product(out), 2 * product(out)), 1e-13);
      assert.equal(model.apply(params, zeros([0, ...shape])).shape, [0, ...out]);
      const longer = [shape[0] + 2, ...shape.slice(1)];
      assert.equal(model.apply(params, zeros(longer)).shape, [out[0] + 2, ...out.slice(1)]);
    }));

  test(`${name}: derivatives in parameters and observations`, () =>
    scope(() => {
      const model = make({ kernel: 2 });
      const params = stirred(model.init(random(seed), shape, { dtype: 'f64' }));
      const x = random(seed + 1).normal([2, ...shape]);
      for (const training of [false, true]) {
        const f = (p: InverseParams, z: Tensor) => model.apply(p, z, { training });
        // Every number is changed by itself.
        if (training && nn.parameterCount(params) < 150)
          checkDerivatives(f, [params, x], { order: 1, tolerance: 1e-5 });
        else checkDerivatives((z: Tensor) => f(params, z), [x], { order: 1, tolerance: 1e-5 });
        const weights = random(seed + 2).normal([2, ...model.outputShape(shape)]);
        const loss = (p: InverseParams, z: Tensor) => sum(mul(weights, f(p, z)));
        const eager = valueAndGrad(loss, [0, 1])(params, x);
        const plan = compile(valueAndGrad(loss, [0, 1]));
        const planned = plan(params, x);
        const graph = trace(grad(loss, [0, 1]), params, x);
        const traced = graph.run(params, x);
        const want = flatten(eager.grad).leaves;
        for (const got of [planned.grad, traced])
          flatten(got).leaves.forEach((g, i) => {
            const size = 1e-11 * Math.max(1, ...list(want[i]).map(Math.abs));
            near(list(g), list(want[i]), size, `gradient ${i}`);
          });
        plan.dispose();
        graph.dispose();
      }
    }));
}

test('Tables 1 and 2: as many numbers, of these shapes', () =>
  scope(() => {
    const one = lorenz96Inverse();
    const params = one.init(random(1), [10, 10]);
    assert.is(nn.parameterCount(params), 98_785);
    assert.equal(one.outputShape([10, 10]), [10, 40]);
    assert.equal(params.blocks.map(({ conv }) => conv.weight.shape), [[128, 1, 3, 3], [64, 128, 3, 3], [32, 64, 3, 3], [16, 32, 3, 3]]); // biome-ignore format: a table
    assert.equal(params.output.weight.shape, [1, 16, 3, 3]);
    assert.is(params.output.weight.dtype, 'f32');
    const two = kolmogorovInverse();
    const other = two.init(random(1), [10, 2, 4, 4]);
    assert.is(nn.parameterCount(other), 77_486);
    assert.equal(two.outputShape([10, 2, 4, 4]), [10, 2, 64, 64]);
    assert.equal(other.blocks.map(({ conv }) => conv.weight.shape.slice(0, 2)), [[64, 2], [32, 64], [16, 32], [8, 16], [4, 8]]); // biome-ignore format: a table
    assert.equal(other.output.weight.shape, [2, 4, 3, 3, 3]);
    // Halved, but not below 2.
    const small = kolmogorovInverse({ channels: 5, factor: 8 }).init(random(1), [1, 2, 1, 1]);
    assert.equal(
      small.blocks.map(({ conv }) => conv.weight.shape[0]),
      [5, 2, 2, 2],
    );
  }));

test('a shift of the observed grid shifts the states by the factor; times see each other, and no further than the kernels', () => {
  for (const kernel of [2, 3])
    scope(() => {
      const model = lorenz96Inverse({ channels: [4, 3, 2], kernel });
      const params = stirred(model.init(random(seed), [9, 5], { dtype: 'f64' }));
      const x = random(seed + 1).normal([2, 9, 5]);
      const y = model.apply(params, x);
      near(list(model.apply(params, roll(x, 2, 2))), list(roll(y, 8, 2)), 1e-12);
      // The last time alone is another: four convolutions with a kernel of 3 reach four times back.
      const changed = tensor(
        x.data().map((v, i) => (i % 45 >= 40 ? v + 1 : v)),
        { shape: [2, 9, 5] },
      );
      const [before, behind] = [list(y), list(model.apply(params, changed))];
      for (let t = 0; t < 9; t++) {
        const isSame = before.slice(20 * t, 20 * t + 20).every((v, i) => v === behind[20 * t + i]);
        assert.is(isSame, t < 4, `kernel ${kernel}, time ${t} [SEED=${seed}]`);
      }
      const flow = kolmogorovInverse({ channels: 3, factor: 4, kernel });
      const own = stirred(flow.init(random(seed), [2, 2, 3, 4], { dtype: 'f64' }));
      const u = random(seed + 1).normal([1, 2, 2, 3, 4]);
      const v = flow.apply(own, u);
      for (const axis of [3, 4])
        near(list(flow.apply(own, roll(u, 1, axis))), list(roll(v, 4, axis)), 1e-12, `axis ${axis}`);
    });
});

test("statistics 'sample': every sample as training on it alone would see it, whatever is beside it", () =>
  scope(() => {
    const each = lorenz96Inverse({ channels: [4, 3], statistics: 'sample' });
    const usual = lorenz96Inverse({ channels: [4, 3] });
    const params = stirred(each.init(random(seed), [3, 5], { dtype: 'f64' }));
    const x = random(seed + 1).normal([4, 3, 5]);
    const y = list(each.apply(params, x));
    for (let i = 0; i < 4; i++) {
      const alone = slice(x, [i], [i + 1]);
      near(y.slice(60 * i, 60 * i + 60), list(usual.apply(params, alone, { training: true })), 1e-12);
    }
    // In training, batches, and running statistics that move.
    const [a, b] = [each, usual].map((model) => model.forward(params, x, { training: true }));
    assert.equal(list(a.y), list(b.y));
    const means = [a, b].map((r) => list(r.params.blocks[0].norm.runningMean));
    assert.equal(means[0], means[1]);
    assert.is(each.forward(params, x).params.blocks[0], params.blocks[0]);
  }));

test('nothing is left behind', () => {
  const model = kolmogorovInverse({ channels: 3, factor: 2 });
  const params = model.init(random(1), [2, 2, 2, 2]);
  const x = zeros([2, 2, 2, 2, 2], { dtype: 'f32' });
  const { tensors } = memory();
  model.apply(params, x).dispose();
  model.apply(params, x, { training: true }).dispose();
  assert.is(memory().tensors, tensors);
});

test('errors', () =>
  scope(() => {
    // biome-ignore lint/suspicious/noExplicitAny: wrong arguments of every kind
    const [one, two] = [lorenz96Inverse, kolmogorovInverse] as ((...args: any[]) => InverseLayer)[];
    for (const [make, name] of [
      [one, 'lorenz96Inverse'],
      [two, 'kolmogorovInverse'],
    ] as const) {
      // biome-ignore format: short
      const refuses = (options: object, words: string) =>
        rejects(() => make(options), ArgumentError, new RegExp(`^${name}: ${words}`));
      for (const factor of [0, -2, 1.5, Number.NaN, '4', null]) refuses({ factor }, 'factor must be a whole');
      for (const factor of [3, 6, 12]) refuses({ factor }, 'factor must be a power of two');
      for (const kernel of [0, 1.5, null, [3]]) refuses({ kernel }, 'kernel must be');
      refuses({ upsampling: 'linear' }, "upsampling must be 'aligned'");
      refuses({ statistics: 'batch' }, "statistics must be 'running' or 'sample'");
      refuses({ kernels: 3 }, "there is no option 'kernels'");
      for (const channels of [0, '8', null, [], [4, 0.5]]) refuses({ channels }, 'channels must');
    }
    rejects(() => one({ channels: [4] }), ArgumentError, /^lorenz96Inverse: channels must name at least 2/);
    const [line, flow] = [one({ channels: [2, 2] }), two({ channels: 2, factor: 2 })];
    for (const shape of [[], [3], [1, 2, 3]])
      rejects(() => line.init(random(1), shape), ShapeError, /^lorenz96Inverse: inputShape must be \[T, k\]/);
    for (const shape of [[2, 4, 4], [3, 3, 4, 4], [1, 2, 2, 4, 4]]) // biome-ignore format: short
      rejects(() => flow.outputShape(shape), ShapeError, /^kolmogorovInverse: inputShape must be \[T, 2, k, k\]/); // biome-ignore format: short
    const [params, other] = [line.init(random(1), [3, 5]), flow.init(random(1), [2, 2, 4, 4])];
    const [row, plane, f64, i32] = [zeros([5], { dtype: 'f32' }), zeros([2, 3, 4, 4], { dtype: 'f32' }), zeros([3, 5]), zeros([3, 5], { dtype: 'i32' })]; // biome-ignore format: short
    rejects(() => line.apply(params, row), ShapeError, /^lorenz96Inverse: x must be \[T, k\]/);
    rejects(() => flow.apply(other, plane), ShapeError, /^kolmogorovInverse: x must be/);
    rejects(() => line.apply(params, f64), DTypeError, /f64/);
    rejects(() => line.apply(params, i32), DTypeError, /i32/);
    rejects(() => line.apply(params, [1] as never), ArgumentError, /^lorenz96Inverse: x must be a tensor/);
    rejects(() => line.apply(undefined as never, f64), ArgumentError, /^lorenz96Inverse: params must be/);
    rejects(() => line.apply({ ...params, blocks: [] }, f64), ShapeError, /^lorenz96Inverse: params.blocks/);
    rejects(() => line.apply({ blocks: 1 } as never, f64), ArgumentError, /^lorenz96Inverse: params.blocks/);
    rejects(() => line.apply({ blocks: [1, 2] } as never, f64), ArgumentError, /^lorenz96Inverse: params.blocks\[0\]/); // biome-ignore format: short
  }));

test.run();
