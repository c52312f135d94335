// maxPool: every window's largest, at any size and stride; the derivative to the first of equals; derivatives of both orders.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  grad,
  jvp,
  mul,
  nn,
  random,
  ShapeError,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { property, rejects } from '../support/check.js';
import { checkDerivatives, checkSingle } from '../support/derivatives.js';
import { product, source } from '../support/windows.js';

const axis = fc
  .record({
    extent: fc.integer({ min: 1, max: 17 }),
    size: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 5 }),
  })
  .filter(({ extent, size }) => size <= extent);

test('every value is the largest of its window, in one to three dimensions; what is left over is dropped', () => {
  property(
    fc.record({
      axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
      n: fc.integer({ min: 0, max: 2 }),
      channels: fc.integer({ min: 0, max: 3 }),
    }),
    ({ axes, n, channels }) => {
      const extents = axes.map((a) => a.extent);
      const layer = nn.maxPool(
        axes.map((a) => a.size),
        { stride: axes.map((a) => a.stride) },
      );
      const three = (list: number[], fill: number) => [...new Array(3 - axes.length).fill(fill), ...list];
      const output = axes.map(({ extent, size, stride }) => Math.floor((extent - size) / stride) + 1);
      const g = {
        extents: three(extents, 1),
        kernel: three(
          axes.map((a) => a.size),
          1,
        ),
        output: three(output, 1),
        stride: three(
          axes.map((a) => a.stride),
          1,
        ),
        dilation: [1, 1, 1],
        before: [0, 0, 0],
        periodic: [false, false, false],
      };
      scope(() => {
        for (const dtype of ['f64', 'f32'] as const) {
          const x = random(7).normal([n, channels, ...extents], { dtype });
          const y = layer.apply({}, x);
          assert.equal(y.shape, [n, channels, ...output]);
          assert.equal(y.shape.slice(1), layer.outputShape([channels, ...extents]));
          const data = x.toTypedArray();
          const want = Array.from({ length: y.size }, (_, i) => {
            const from = Math.floor(i / product(output)) * product(extents);
            const window = Array.from({ length: product(g.kernel) }, (_, k) =>
              source(g, i % product(output), k),
            );
            return Math.max(...window.map((at) => data[from + at]));
          });
          assert.equal([...y.toTypedArray()], want);
        }
      });
    },
  );
});

test('derivatives of both orders, windows apart, overlapping and with gaps; f32', () => {
  scope(() => {
    for (const [size, stride, shape] of [
      [2, 2, [2, 2, 4, 5]],
      [3, 1, [1, 2, 7]],
      [
        [2, 1, 2],
        [1, 2, 3],
        [1, 1, 3, 4, 6],
      ],
    ] as const) {
      const layer = nn.maxPool(size, { stride });
      const f = (x: Tensor) => square(layer.apply({}, x));
      checkDerivatives(f, [random(3).normal([...shape])]);
      checkSingle((x) => sum(f(x)), [random(3).normal([...shape])], 1e-5);
    }
  });
});

test('of equals the first has the derivative, forward and backward; NaN is the largest', () => {
  scope(() => {
    const x = tensor([[[0, 0, 0, 0, 2, 2, 1, Number.NaN]]]);
    const layer = nn.maxPool(2);
    const gradient = grad((z: Tensor) => sum(mul(layer.apply({}, z), tensor([1, 2, 3, 4]))))(x) as Tensor;
    assert.equal([...gradient.data()], [1, 0, 2, 0, 3, 0, 0, 4]);
    const tangents = [tensor([[[1, 2, 3, 4, 5, 6, 7, 8]]])];
    const { value, tangent } = jvp((z: Tensor) => layer.apply({}, z), [x], tangents);
    assert.equal([...(value as Tensor).data()], [0, 0, 2, Number.NaN]);
    assert.equal([...(tangent as Tensor).data()], [1, 3, 5, 8]);
  });
});

test('compiled, the gradient is the eager one', () => {
  scope(() => {
    const layer = nn.maxPool([2, 3], { stride: 1 });
    const g = grad((x: Tensor) => sum(square(layer.apply({}, x))));
    const x = random(1).normal([2, 3, 6, 9], { dtype: 'f32' });
    assert.equal((compile(g)(x) as Tensor).toTypedArray(), (g(x) as Tensor).toTypedArray());
  });
});

test('errors: sizes that are none, too large, of another length; x without images', () => {
  scope(() => {
    const [x, flat] = [zeros([1, 1, 3, 3]), zeros([3, 3])];
    rejects(() => nn.maxPool('2' as unknown as number), ArgumentError, /size must be a number or a list/);
    rejects(() => nn.maxPool(0).apply({}, x), ArgumentError, /kernel must be positive integers, got 0/);
    rejects(() => nn.maxPool(2, { stride: 0.5 }).apply({}, x), ArgumentError, /stride .* got 0.5/);
    rejects(() => nn.maxPool(4).apply({}, x), ShapeError, /a kernel of 4 does not fit into extent 3/);
    rejects(() => nn.maxPool([2]).apply({}, x), ShapeError, /x must be/);
    rejects(() => nn.maxPool(2).apply({}, flat), ShapeError, /one to three axes, got \[3, 3\]/);
  });
});

test.run();
