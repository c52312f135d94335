// Convolution against the definition, one product at a time: mixed paddings, strides and dilations in one to three dimensions.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  matmul,
  nn,
  ones,
  random,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

interface Axis {
  extent: number;
  kernel: number;
  stride: number;
  dilation: number;
  padding: nn.Padding;
}

/** How many outputs an axis has, and where the first window begins. */
function placed({ extent, kernel, stride, dilation, padding }: Axis): { size: number; start: number } {
  const span = (kernel - 1) * dilation + 1;
  if (padding === 'same' || padding === 'periodic') {
    const size = Math.ceil(extent / stride);
    // As many positions as are missing, the smaller half before.
    return { size, start: -Math.floor(Math.max(0, (size - 1) * stride + span - extent) / 2) };
  }
  const around = padding === 'valid' ? 0 : padding;
  return { size: Math.floor((extent + 2 * around - span) / stride) + 1, start: -around };
}

/** All index tuples below these extents, the last fastest. */
const tuples = (extents: number[]): number[][] =>
  extents.reduce<number[][]>(
    (list, n) => list.flatMap((t) => Array.from({ length: n }, (_, i) => [...t, i])),
    [[]],
  );

function slow(x: Tensor, weight: Tensor, bias: Tensor | undefined, axes: Axis[]): number[] {
  const [xs, ws] = [x.toTypedArray(), weight.toTypedArray()];
  const places = axes.map(placed);
  const flat = (index: number[], extents: readonly number[]) =>
    index.reduce((sum, i, a) => sum * extents[a] + i, 0);
  return tuples([x.shape[0], weight.shape[0], ...places.map((p) => p.size)]).map(([n, o, ...at]) => {
    let total = bias === undefined ? 0 : bias.toTypedArray()[o];
    for (const [c, ...k] of tuples(weight.shape.slice(1))) {
      const from = at.map((p, a) => places[a].start + p * axes[a].stride + k[a] * axes[a].dilation);
      const wrapped = from.map((i, a) => {
        const { extent, padding } = axes[a];
        return padding === 'periodic' ? ((i % extent) + extent) % extent : i;
      });
      if (wrapped.every((i, a) => i >= 0 && i < axes[a].extent))
        total += ws[flat([o, c, ...k], weight.shape)] * xs[flat([n, c, ...wrapped], x.shape)];
    }
    return total;
  });
}

const axis = fc
  .record({
    extent: fc.integer({ min: 1, max: 5 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    padding: fc.constantFrom<nn.Padding>('valid', 'same', 'periodic', 0, 1, 3),
  })
  .filter((a) => placed(a).size >= 1);

const options = (axes: Axis[]) => ({
  stride: axes.map((a) => a.stride),
  dilation: axes.map((a) => a.dilation),
  padding: axes.map((a) => a.padding),
});

const cases = fc.record({
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  n: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  out: fc.integer({ min: 1, max: 5 }),
  bias: fc.boolean(),
  seed: fc.nat(1000),
});

test('conv is its definition: even kernels, strides, dilations, a padding per axis, wraps beyond the extent; as rows, too', () => {
  property(
    cases,
    ({ axes, n, channels, out, bias, seed }) => {
      scope(() => {
        for (const dtype of ['f64', 'f32'] as const) {
          const kernel = axes.map((a) => a.kernel);
          const layer = nn.conv(out, kernel, { ...options(axes), bias });
          const extents = axes.map((a) => a.extent);
          const params = layer.init(random(seed), [channels, ...extents], { dtype });
          const x = random(seed + 1).normal([n, channels, ...extents], { dtype });
          const y = layer.apply(params, x);
          assert.equal(y.shape, [n, ...layer.outputShape([channels, ...extents])]);
          const [want, bound] = [slow(x, params.weight, params.bias, axes), dtype === 'f64' ? 1e-12 : 1e-4];
          near(y.data(), want, bound);
          // What layerwise steps see: y, row by row, is the product of the rows of x and the matrix.
          const form = layer.linear as nn.LinearForm<nn.ConvParams>;
          const rows = form.rows(x, params);
          const matrix = form.matrix({ weight: params.weight });
          const product = matmul(rows, matrix, { transposeB: true });
          const plain = slow(x, params.weight, undefined, axes);
          const wanted = form.outputRows(tensor(plain, { shape: [...y.shape], dtype }));
          near(product.data(), wanted.data(), bound);
        }
      });
    },
    150,
  );
});

test('derivatives of both orders in x, weight and bias', () => {
  scope(() => {
    const lists: Axis[][] = [
      [{ extent: 3, kernel: 4, stride: 2, dilation: 2, padding: 'periodic' }],
      [
        { extent: 3, kernel: 2, stride: 1, dilation: 1, padding: 'same' },
        { extent: 4, kernel: 3, stride: 2, dilation: 1, padding: 1 },
      ],
      [
        { extent: 2, kernel: 3, stride: 1, dilation: 1, padding: 'periodic' },
        { extent: 3, kernel: 2, stride: 1, dilation: 2, padding: 'same' },
        { extent: 2, kernel: 2, stride: 1, dilation: 1, padding: 'valid' },
      ],
    ];
    for (const axes of lists) {
      const kernel = axes.map((a) => a.kernel);
      const layer = nn.conv(2, kernel, options(axes));
      const shape = [1, 2, ...axes.map((a) => a.extent)];
      const params = layer.init(random(1), shape.slice(1), { dtype: 'f64' });
      checkDerivatives(
        (weight: Tensor, bias: Tensor, x: Tensor) => layer.apply({ weight, bias }, x),
        [params.weight, params.bias, random(2).normal(shape)],
      );
    }
  });
});

test('errors: kernels that do not fit, paddings that are none, lists of another length', () => {
  scope(() => {
    const params = { weight: zeros([1, 1, 3, 3]), bias: zeros([1]) };
    const [x, line] = [zeros([1, 1, 2, 2]), zeros([1, 1, 2])];
    const applied = (o: object) => () => nn.conv(1, [3, 3], o).apply(params, x);
    rejects(applied({}), ShapeError, /a kernel of 3 does not fit into extent 2 of axis 0/);
    rejects(
      applied({ padding: 'full' }),
      ArgumentError,
      /padding must be 'valid', 'same', 'periodic' or a count, got "full"/,
    );
    rejects(applied({ padding: -1 }), ArgumentError, /padding .* got -1/);
    rejects(applied({ padding: ['same'] }), ArgumentError, /padding must have 2 entries/);
    rejects(applied({ stride: 0 }), ArgumentError, /stride must be positive integers, got 0/);
    rejects(
      () => nn.conv(1, [3, 3]).apply(params, line),
      ShapeError,
      /x must be \[n, channels\] and 2 more axes/,
    );
    rejects(() => nn.conv(0, [3]), ArgumentError, /out must be a count/);
    rejects(() => nn.conv(1, [1, 1, 1, 1]), ArgumentError, /one to three extents/);
  });
});

test('strides and dilations without bounds', () =>
  scope(() => {
    const [weight, x] = [ones([1, 1, 3]), ones([1, 1, 5])];
    for (const padding of ['valid', 'same', 'periodic', 1] as const) {
      const apply = (stride: number) =>
        nn.conv(1, [3], { stride, bias: false, padding }).apply({ weight }, x);
      for (const stride of [5 + 2, 2 ** 31 - 1, 2 ** 32, 2 ** 40])
        assert.equal(apply(stride).toArray(), apply(7).toArray(), `${padding}, ${stride}`);
      const wide = nn.conv(1, [3], { dilation: 2 ** 40, bias: false, padding });
      rejects(() => wide.apply({ weight }, x), ArgumentError, /^conv: dilation must/);
    }
    const point = nn.conv(1, [1], { dilation: 2 ** 40, bias: false });
    assert.equal(point.apply({ weight: ones([1, 1, 1]) }, x).shape, [1, 1, 5]);
  }));

test.run();
