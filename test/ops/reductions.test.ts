// Reductions as their user calls them: derivatives over any axes, ties and zeros, empty axes, scalars, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { near, numbers, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

type Options = { axis?: number | number[]; keepDims?: boolean };
type Reduction = (x: ct.Tensor, options?: Options) => ct.Tensor;

const REDUCTIONS: Record<string, Reduction> = {
  sum: ct.sum,
  mean: ct.mean,
  prod: ct.prod,
  max: ct.max,
  min: ct.min,
  logsumexp: ct.logsumexp,
  norm: ct.norm,
  variance: ct.variance,
  'variance of a sample': (x, options) => ct.variance(x, { ...options, ddof: 1 }),
};

const of = (shape: number[], seed: number) =>
  ct.tensor(
    numbers(
      shape.reduce((p, q) => p * q, 1),
      seed,
    ).map((v) => 2 * v),
    { shape },
  );

for (const [name, f] of Object.entries(REDUCTIONS)) {
  test(`${name}: derivatives over every choice of axes`, () =>
    ct.scope(() => {
      const x = of([3, 2, 4], 1);
      for (const axis of [undefined, 0, 1, -1, [0, 1], [0, 2], [1, 2], [0, 1, 2]])
        checkDerivatives((z) => f(z, { axis }), [x]);
      checkDerivatives((z) => ct.square(f(z, { axis: [2, 0], keepDims: true })), [x], { order: 1 });
      if (name !== 'variance of a sample') {
        checkDerivatives((z) => f(z, { axis: [1] }), [of([3, 1], 2)], { order: 1 });
        checkDerivatives((z) => f(z), [ct.tensor(1.3)], { order: 1 });
        checkDerivatives((z) => f(z, { axis: [] }), [of([3], 3)], { order: 1 });
      }
    }));
}

for (const [name, f] of Object.entries({
  softmax: ct.softmax,
  logSoftmax: ct.logSoftmax,
  cumsum: ct.cumsum,
})) {
  test(`${name}: derivatives along every axis`, () =>
    ct.scope(() => {
      for (const axis of [undefined, 0, 1, -1]) checkDerivatives((z) => f(z, { axis }), [of([3, 2, 4], 4)]);
      checkDerivatives((z) => f(z), [ct.tensor(0.3)], { order: 1 });
      checkDerivatives((z) => f(z), [of([3, 1], 5)], { order: 1 });
    }));
}

test('cumsum in reverse: derivatives', () =>
  ct.scope(() => checkDerivatives((z) => ct.cumsum(z, { axis: 0, reverse: true }), [of([5, 2], 6)])));

test('f32: gradients are those of f64 to rounding, and f32', () =>
  ct.scope(() => {
    const all = { ...REDUCTIONS, softmax: ct.softmax, logSoftmax: ct.logSoftmax, cumsum: ct.cumsum };
    for (const [name, f] of Object.entries(all)) {
      const x = of([4, 5], 7);
      const g = (z: ct.Tensor) =>
        ct.grad((w) => ct.sum(ct.square((f as Reduction)(w, { axis: 1 }))))(z) as ct.Tensor;
      const [a, b] = [g(ct.astype(x, 'f32')), g(x)];
      assert.is(a.dtype, 'f32');
      near(a.data(), b.data(), 2e-5 * Math.max(...b.data().map(Math.abs)), name);
    }
  }));

test('max and min share their derivative equally among ties', () =>
  ct.scope(() => {
    const x = ct.tensor([
      [3, 1, 3],
      [2, 2, 2],
    ]);
    const g = (f: (z: ct.Tensor) => ct.Tensor) => (ct.grad((z) => ct.sum(f(z)))(x) as ct.Tensor).toArray();
    assert.equal(
      g((z) => ct.max(z, { axis: 1 })),
      [
        [0.5, 0, 0.5],
        [1 / 3, 1 / 3, 1 / 3],
      ],
    );
    assert.equal(g(ct.min), [
      [0, 1, 0],
      [0, 0, 0],
    ]);
    assert.equal(
      ct
        .jvp(
          ct.max,
          [x],
          [
            ct.tensor([
              [4, 9, 2],
              [9, 9, 9],
            ]),
          ],
        )
        .tangent.item(),
      3,
    );
  }));

test('prod: derivatives with zeros, to third order', () =>
  ct.scope(() => {
    for (const zeros of [[1], [1, 3], [0, 2, 4], []]) {
      const x = ct.tensor([2, 3, 5, 7, 11].map((v, i) => (zeros.includes(i) ? 0 : v / 4)));
      checkDerivatives(ct.prod, [x]);
      checkDerivatives((z) => ct.prod(ct.reshape(ct.concat([z, z]), [2, 5]), { axis: 1 }), [x]);
    }
    const third = (z: ct.Tensor) => ct.grad((y) => ct.sum(ct.grad((w) => ct.prod(w))(y)))(z) as ct.Tensor;
    // Σ over pairs: of 0, 0, 3 that is x_k for the pair without it, twice each.
    assert.equal(third(ct.tensor([0, 0, 3])).toArray(), [3, 3, 0]);
    assert.equal(
      ct.hvp((z) => ct.sum(ct.grad(ct.prod)(z)), ct.tensor([0, 0, 3]), ct.ones([3])).toArray(),
      [2, 2, 2],
    );
  }));

test('norm: the derivative at 0 is 0, and is finite where squares are not', () =>
  ct.scope(() => {
    const x = ct.tensor([
      [0, 0],
      [3e200, 4e200],
      [3e-200, 4e-200],
    ]);
    const g = ct.grad((z) => ct.sum(ct.norm(z, { axis: 1 })))(x) as ct.Tensor;
    near(g.data(), [0, 0, 0.6, 0.8, 0.6, 0.8], 1e-15);
  }));

test('logsumexp and softmax: derivatives far out are those at home', () =>
  ct.scope(() => {
    const x = of([2, 5], 8);
    const far = ct.add(x, 2 ** 20);
    const g = (f: Reduction) => (z: ct.Tensor) =>
      ct.grad((w) => ct.sum(ct.square(f(w, { axis: 1 }))))(z) as ct.Tensor;
    near(g(ct.softmax as Reduction)(far).data(), g(ct.softmax as Reduction)(x).data(), 1e-9);
    const p = ct.grad((w) => ct.sum(ct.logsumexp(w, { axis: 1 })))(
      ct.tensor([[1e300, 0, -Infinity]]),
    ) as ct.Tensor;
    assert.equal(p.toArray(), [[1, 0, 0]]);
  }));

test('nothing: empty axes, empty tensors', () =>
  ct.scope(() => {
    const empty = ct.zeros([0, 3]);
    assert.equal(ct.prod(empty, { axis: 0 }).toArray(), [1, 1, 1]);
    assert.equal(ct.mean(empty, { axis: 0 }).toArray(), [Number.NaN, Number.NaN, Number.NaN]);
    assert.ok(Number.isNaN(ct.mean(empty).item()));
    assert.ok(Number.isNaN(ct.variance(empty).item()));
    assert.equal(ct.norm(empty, { axis: 0 }).toArray(), [0, 0, 0]);
    assert.equal(ct.logsumexp(empty, { axis: 0 }).toArray(), [-Infinity, -Infinity, -Infinity]);
    for (const f of [ct.max, ct.min, ct.argmax, ct.argmin]) assert.equal(f(empty, { axis: 1 }).shape, [0]);
    for (const f of [ct.softmax, ct.logSoftmax, ct.cumsum]) {
      assert.equal(f(empty).shape, [0, 3]);
      assert.equal(f(empty, { axis: 0 }).shape, [0, 3]);
    }
    for (const f of [ct.prod, ct.sum, ct.norm, ct.logsumexp])
      assert.equal((ct.grad((z) => ct.sum(f(z)))(empty) as ct.Tensor).shape, [0, 3]);
    assert.equal(ct.max(ct.tensor([3, 1]), { axis: [] }).toArray(), [3, 1]);
    assert.equal(ct.norm(ct.tensor([-3, 1]), { axis: [] }).toArray(), [3, 1]);
    assert.equal(ct.argmax(ct.tensor([3, 1]), { axis: [] }).toArray(), [0, 0]);
  }));

test('scalars', () =>
  ct.scope(() => {
    const x = ct.tensor(-2);
    for (const f of [ct.prod, ct.max, ct.min, ct.mean, ct.logsumexp, ct.cumsum]) assert.is(f(x).item(), -2);
    assert.is(ct.norm(x).item(), 2);
    assert.is(ct.argmax(x).item(), 0);
    assert.is(ct.softmax(x).item(), 1);
    assert.is(ct.logSoftmax(x).item(), 0);
    assert.is(ct.variance(x).item(), 0);
  }));

test('argmax and argmin: first of ties, over several axes the index counts row-major', () =>
  ct.scope(() => {
    const x = ct.tensor([1, 7, 7, 0, 0, 3, 9, 2, 9, 4, 5, 6], { shape: [2, 3, 2] });
    assert.is(ct.argmax(x).item(), 6);
    assert.is(ct.argmin(x).item(), 3);
    assert.equal(ct.argmax(x, { axis: [0, 2] }).toArray(), [2, 2, 3]);
    assert.equal(ct.argmin(x, { axis: [0, 2], keepDims: true }).shape, [1, 3, 1]);
    const index = ct.argmax(x, { axis: 1 });
    assert.equal(
      [index.dtype, index.toArray()],
      [
        'i32',
        [
          [1, 0],
          [0, 2],
        ],
      ],
    );
  }));

test('variance of what has a large mean', () =>
  ct.scope(() => {
    const x = ct.tensor([1e9 + 1, 1e9 + 2, 1e9 + 3]);
    near([ct.variance(x).item()], [2 / 3], 1e-15);
    assert.is(ct.variance(x, { ddof: 1 }).item(), 1);
    assert.ok(Number.isNaN(ct.variance(ct.tensor([1]), { ddof: 1 }).item()));
  }));

test('errors name the function', () =>
  ct.scope(() => {
    const [x, index, empty] = [ct.zeros([2, 3]), ct.zeros([2], { dtype: 'i32' }), ct.zeros([2, 0])];
    rejects(
      () => ct.max(empty),
      ct.ShapeError,
      /max: there is nothing to compare along \[0, 1\] of shape \[2, 0\]/,
    );
    rejects(
      () => ct.argmin(empty, { axis: 1 }),
      ct.ShapeError,
      /argmin: there is nothing to compare along \[1\]/,
    );
    for (const name of [
      'prod',
      'max',
      'min',
      'argmax',
      'argmin',
      'logsumexp',
      'norm',
      'mean',
      'variance',
    ] as const) {
      rejects(
        () => ct[name](x, { axis: 2 }),
        ct.ArgumentError,
        new RegExp(`${name}: axis must be an integer from -2 to 1`),
      );
      rejects(
        () => ct[name](x, { axis: [0, -2] }),
        ct.ArgumentError,
        new RegExp(`${name}: axis 0 is named twice`),
      );
      rejects(() => ct[name](3 as never), ct.ArgumentError, new RegExp(`${name}: x must be a tensor, got 3`));
    }
    for (const name of ['softmax', 'logSoftmax', 'cumsum'] as const)
      rejects(
        () => ct[name](x, { axis: -3 }),
        ct.ArgumentError,
        new RegExp(`${name}: axis must be an integer`),
      );
    for (const name of ['mean', 'variance', 'logsumexp', 'norm', 'softmax', 'logSoftmax'] as const)
      rejects(
        () => ct[name](index),
        ct.DTypeError,
        new RegExp(`${name}: operands must be f64 or f32, got i32`),
      );
    rejects(
      () => ct.variance(x, { ddof: 'n' as never }),
      ct.ArgumentError,
      /variance: ddof must be a number, got "n"/,
    );
  }));

test('what is made on the way is freed, outside of any scope', () => {
  const x = of([3, 4], 9);
  const before = ct.memory();
  for (const y of [
    ct.mean(x),
    ct.variance(x, { axis: 0 }),
    ct.where(
      ct.scope(() => ct.greater(x, 0)),
      x,
      0,
    ),
    ct.where(x, 1, 2),
    ct.clip(x, 0, 1),
    ct.pow(x, 2),
    ct.argmax(x, { axis: [0, 1] }),
  ])
    y.dispose();
  const after = ct.memory();
  // The condition of the third is the caller's own.
  assert.equal([after.tensors - before.tensors, after.bytes - before.bytes], [1, 48]);
  x.dispose();
});

test.run();
