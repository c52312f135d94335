// The convolution and its adjoints as operations: one trilinear form, the windows' product, derivatives of any order, memory.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  grad,
  hvp,
  matmul,
  nn,
  random,
  reshape,
  ShapeError,
  scope,
  slice,
  square,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { convolveInputOp, convolveOp, convolveWeightOp } from '#src/ops/conv/convolve.js';
import { geometryOf } from '#src/ops/conv/geometry.js';
import { filteringGeometry } from '#src/ops/conv/minimal-filtering.js';
import { im2colOp } from '#src/ops/conv/windows.js';
import { apply } from '#src/ops/op.js';
import { EPSILON, near, property, rejects } from '../support/check.js';
import { checkDerivatives, checkSingle, inner } from '../support/derivatives.js';

const axis = fc.record({
  extent: fc.integer({ min: 0, max: 12 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  padding: fc.constantFrom<nn.Padding>('same', 'periodic', 5, 6),
});
const cases = fc.record({
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  n: fc.integer({ min: 0, max: 4 }),
  channels: fc.integer({ min: 0, max: 4 }),
  out: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(1000),
});

test('<y, x * w> = <adjoint in x, x> = <adjoint in w, w>, and x * w is the product with the windows; also of nothing', () => {
  property(cases, ({ axes, n, channels, out, seed }) => {
    const list = <K extends keyof (typeof axes)[0]>(key: K) => axes.map((a) => a[key]);
    const g = geometryOf('test', list('extent'), list('kernel'), {
      stride: list('stride'),
      dilation: list('dilation'),
      padding: list('padding'),
    });
    scope(() => {
      for (const dtype of ['f64', 'f32'] as const) {
        const normal = (shape: number[], i: number) => random(seed + i).normal(shape, { dtype });
        const x = normal([n, channels, ...g.extents], 0);
        const w = normal([out, channels, ...g.kernel], 1);
        const y = normal([n, out, ...g.output], 2);
        const results = [
          [apply(convolveOp, [x, w], g), y],
          [apply(convolveInputOp, [y, w], g), x],
          [apply(convolveWeightOp, [y, x], g), w],
        ];
        const forms = results.map(([got, like]) => {
          assert.equal(got.shape, like.shape);
          return inner([got], [like]);
        });
        const bound = 300 * EPSILON[dtype] * forms[0].size;
        for (const { value } of forms) near([value], [forms[0].value], bound);
        const columns = apply(im2colOp, [x], g);
        const product = matmul(reshape(w, [out, columns.shape[1]]), columns);
        near(results[0][0].data(), product.data(), 2000 * EPSILON[dtype]);
      }
    });
  });
});

test('each of the three is differentiable twice in both its inputs, strided, dilated, wrapped; in f32 as well', () => {
  scope(() => {
    const g = geometryOf('test', [5, 4], [2, 3], {
      stride: [2, 1],
      dilation: [1, 2],
      padding: [1, 'periodic'],
    });
    const [x, w, y] = [
      [2, 2, 5, 4],
      [3, 2, 2, 3],
      [2, 3, ...g.output],
    ].map((shape, i) => random(i).normal(shape));
    const tries = [
      { op: convolveOp, args: [x, w] },
      { op: convolveInputOp, args: [y, w] },
      { op: convolveWeightOp, args: [y, x] },
    ];
    for (const { op, args } of tries) {
      checkDerivatives((a: Tensor, b: Tensor) => square(apply(op, [a, b], g)), args);
      checkSingle((a, b) => sum(square(apply(op, [a, b], g))), args, 1e-5);
    }
  });
});

/** Layers whose convolution takes fewer multiplications: one to three axes, kernels of one block of taps and of two, wrapped axes. */
const filtered: { kernel: number[]; extents: number[]; padding: nn.Padding | nn.Padding[] }[] = [
  { kernel: [3], extents: [37], padding: 'same' },
  { kernel: [7], extents: [41], padding: 'valid' },
  { kernel: [3, 5], extents: [9, 13], padding: 'same' },
  { kernel: [4, 4], extents: [9, 11], padding: 'periodic' },
  { kernel: [3, 3], extents: [8, 10], padding: 4 },
  { kernel: [2, 3, 3], extents: [4, 6, 9], padding: ['same', 'periodic', 1] },
];

test('with fewer multiplications all three operations, and their derivatives, are the direct ones', () => {
  for (const { kernel, extents, padding } of filtered) {
    const [auto, direct] = (['auto', 'direct'] as const).map((algorithm) =>
      geometryOf('test', extents, kernel, { padding, algorithm }),
    );
    for (const adjoint of [false, true]) assert.ok(filteringGeometry(auto, adjoint ? 17 : 18, adjoint));
    for (const dtype of ['f64', 'f32'] as const) {
      scope(() => {
        const normal = (shape: number[], i: number) => random(i).normal(shape, { dtype });
        const [x, w, y] = [
          [3, 18, ...extents],
          [17, 18, ...kernel],
          [3, 17, ...auto.output],
        ].map(normal);
        const bound = 1e4 * EPSILON[dtype];
        for (const [op, args] of [
          [convolveOp, [x, w]],
          [convolveInputOp, [y, w]],
          [convolveWeightOp, [y, x]],
        ] as const) {
          const [got, want] = [auto, direct].map((g) => Array.from<number>(apply(op, args, g).data()));
          const largest = want.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
          assert.ok(
            op === convolveWeightOp ? got.every((v, i) => v === want[i]) : got.some((v, i) => v !== want[i]),
          );
          near(got, want, bound * largest, op.name);
        }
        const forward = inner([apply(convolveOp, [x, w], auto)], [y]);
        const adjoint = inner([x], [apply(convolveInputOp, [y, w], auto)]);
        near([adjoint.value], [forward.value], bound * forward.size);
      });
    }
  }
});

test('with fewer multiplications derivatives of first and second order are those of differences', () => {
  scope(() => {
    const g = geometryOf('test', [3, 16], [3, 3], { padding: ['same', 1] });
    const [x, w, y] = [
      [1, 6, 3, 16],
      [5, 6, 3, 3],
      [1, 5, ...g.output],
    ].map((shape, i) => random(i).normal(shape));
    assert.ok(filteringGeometry(g, 6, false) && filteringGeometry(g, 5, true));
    for (const [op, args] of [
      [convolveOp, [x, w]],
      [convolveInputOp, [y, w]],
      [convolveWeightOp, [y, x]],
    ] as const) {
      checkDerivatives((a: Tensor, b: Tensor) => square(apply(op, [a, b], g)), args);
      checkSingle((a, b) => sum(square(apply(op, [a, b], g))), args, 1e-5);
    }
  });
});

test('which algorithm runs depends on the layer and its image alone, and a NaN spreads within its tiles, directly not at all', () => {
  scope(() => {
    const layer = nn.conv(8, [3, 3], { padding: 'same', bias: false });
    const direct = nn.conv(8, [3, 3], { padding: 'same', bias: false, algorithm: 'direct' });
    const params = layer.init(random(1), [8, 12, 12]);
    const x = random(2).normal([5, 8, 12, 12], { dtype: 'f32' });
    const all = layer.apply(params, x).toTypedArray();
    for (let i = 0; i < 5; i++) {
      const alone = layer.apply(params, slice(x, [i], [i + 1])).toTypedArray();
      assert.equal(alone, all.slice(i * alone.length, (i + 1) * alone.length));
    }
    const values = x.toTypedArray().slice();
    // In the middle of the first image: row 6, column 5 of channel 0.
    values[6 * 12 + 5] = Number.POSITIVE_INFINITY;
    const bad = tensor(values as Float32Array, { shape: x.shape });
    const spread = (l: typeof layer) => {
      const y = l.apply(params, bad).toTypedArray();
      return Array.from({ length: 144 }, (_, p) => p).filter((p) => !Number.isFinite(y[p]));
    };
    const windows = [5, 6, 7].flatMap((row) => [4, 5, 6].map((column) => row * 12 + column));
    assert.equal(spread(direct), windows);
    // The tile of columns 4 to 7 holds all of them.
    assert.equal(
      spread(layer),
      [5, 6, 7].flatMap((row) => [4, 5, 6, 7].map((column) => row * 12 + column)),
    );
    rejects(
      () => nn.conv(8, [3, 3], { algorithm: 'fast' as 'auto' }).apply(params, x),
      ArgumentError,
      /algorithm must be 'auto' or 'direct', got "fast"/,
    );
  });
});

test('compiled gradients and Hessian-vector products of a layer are the eager ones', () => {
  scope(() => {
    const layer = nn.conv(4, [3, 3], { padding: 'same', stride: [1, 2] });
    const params = layer.init(random(1), [3, 6, 7], { dtype: 'f64' });
    const x = random(2).normal([5, 3, 6, 7]);
    const loss = (p: nn.ConvParams) => sum(square(square(layer.apply(p, x))));
    for (const f of [grad(loss), (p: nn.ConvParams) => hvp(loss, p, params)]) {
      const [eager, planned] = [f(params), compile(f)(params)] as nn.ConvParams[];
      near(planned.weight.data(), eager.weight.data(), 1e-10);
      near((planned.bias as Tensor).data(), (eager.bias as Tensor).data(), 1e-10);
    }
  });
});

test('forward and backward hold less than the windows of two images beside what they give', () => {
  scope(() => {
    const layer = nn.conv(32, [5, 5], { padding: 'same' });
    const params = layer.init(random(1), [16, 32, 32]);
    const x = random(2).normal([32, 16, 32, 32], { dtype: 'f32' });
    const windows = 4 * 25 * 16 * 32 * 32;
    const step = compile((p: nn.ConvParams, image: Tensor) => {
      const { value, pullback } = vjp((q, z) => layer.apply(q as nn.ConvParams, z as Tensor), p, image);
      return pullback(value);
    });
    const given = (step(params, x) as [nn.ConvParams, Tensor])[1].size * 4;
    if (process.env.VERBOSE) console.log(step.bytes, given, windows);
    assert.ok(step.bytes < 3 * given + 2 * windows);
  });
});

test('errors name what does not fit', () => {
  scope(() => {
    const g = geometryOf('test', [4], [2], {});
    const [x, w, y] = [zeros([1, 2, 4]), zeros([3, 2, 2]), zeros([1, 3, 3])];
    const [thin, two] = [zeros([3, 1, 2]), zeros([2, 2, 4])];
    rejects(() => apply(convolveOp, [x, y], g), ShapeError, /w must be \[any, any, 2\], got \[1, 3, 3\]/);
    rejects(() => apply(convolveOp, [x, thin], g), ShapeError, /channels .* got 2 and 1/);
    rejects(() => apply(convolveInputOp, [x, w], g), ShapeError, /y must be \[any, any, 3\]/);
    rejects(() => apply(convolveWeightOp, [y, two], g), ShapeError, /images .* got 1 and 2/);
  });
});

test.run();
