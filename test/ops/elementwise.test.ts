// Functions of elements as their user calls them: values, numbers as operands, both dtypes, edges, errors, derivatives.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

type Unary = 'abs' | 'square' | 'sqrt' | 'rsqrt' | 'exp' | 'expm1' | 'log' | 'log1p' | 'sin' | 'cos' | 'tan';
type More = 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh' | 'tanh' | 'erf' | 'sigmoid' | 'softplus' | 'relu';
type Name = Unary | More | 'elu' | 'silu' | 'gelu';

/** Abramowitz and Stegun's 7.1.5, for |x| below 3. */
function erf(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** What each means, and the interval on which it is tried. */
const FUNCTIONS: [Name, (x: number) => number, low: number, high: number][] = [
  ['abs', Math.abs, -2, 2],
  ['square', (x) => x * x, -2, 2],
  ['sqrt', Math.sqrt, 0.1, 3],
  ['rsqrt', (x) => 1 / Math.sqrt(x), 0.3, 3],
  ['exp', Math.exp, -2, 2],
  ['expm1', Math.expm1, -2, 2],
  ['log', Math.log, 0.3, 3],
  ['log1p', Math.log1p, -0.7, 2],
  ['sin', Math.sin, -4, 4],
  ['cos', Math.cos, -4, 4],
  ['tan', Math.tan, -1.2, 1.2],
  ['asin', Math.asin, -0.8, 0.8],
  ['acos', Math.acos, -0.8, 0.8],
  ['atan', Math.atan, -3, 3],
  ['sinh', Math.sinh, -2, 2],
  ['cosh', Math.cosh, -2, 2],
  ['tanh', Math.tanh, -2, 2],
  ['erf', erf, -2, 2],
  ['sigmoid', (x) => 1 / (1 + Math.exp(-x)), -4, 4],
  ['softplus', (x) => Math.log1p(Math.exp(x)), -4, 4],
  ['relu', (x) => Math.max(x, 0), -2, 2],
  ['elu', (x) => (x > 0 ? x : Math.expm1(x)), -2, 2],
  ['silu', (x) => x / (1 + Math.exp(-x)), -4, 4],
  ['gelu', (x) => (x / 2) * (1 + erf(x * Math.SQRT1_2)), -2, 2],
];

/** Numbers between the ends, none of them within 0.01 of 0, where some have kinks. */
const between = (low: number, high: number, count: number, seed: number) =>
  numbers(count, seed).map((x) => {
    const y = low + ((high - low) * (x + 1)) / 2;
    return Math.abs(y) < 0.01 ? y + 0.05 : y;
  });

for (const [name, twin, low, high] of FUNCTIONS) {
  const f = ct[name];

  test(`${name}: values in both dtypes, of a number, of strided rows`, () =>
    ct.scope(() => {
      for (const dtype of ['f64', 'f32'] as const) {
        const x = ct.tensor(between(low, high, 35, 1), { shape: [5, 7], dtype });
        const want = Array.from(x.data(), twin);
        // The test of the kernels has the sharp bounds.
        const bound = (i: number) => 16 * EPSILON[dtype] * Math.max(Math.abs(want[i]), 0.5);
        const y = f(x);
        assert.is(y.dtype, dtype);
        assert.equal(y.shape, [5, 7]);
        near(y.data(), want, bound);
        assert.equal(ct.transpose(f(ct.transpose(x))).toArray(), y.toArray());
      }
      const one = f(0.5);
      assert.equal([one.dtype, one.shape], ['f64', []]);
      near([one.item()], [twin(0.5)], 1e-15);
      assert.equal(f(ct.zeros([0, 3])).shape, [0, 3]);
      assert.ok(Number.isNaN(f(Number.NaN).item()));
    }));

  test(`${name}: derivatives`, () =>
    ct.scope(() => {
      checkDerivatives(f, [ct.tensor(between(low, high, 7, 2))]);
      checkDerivatives(f, [ct.tensor(0.5)]);
      checkDerivatives(f, [ct.tensor([[0.7]])], { order: 1 });
      const single = ct.tensor(new Float32Array(between(low, high, 5, 3)));
      const [a, b] = [single, ct.astype(single, 'f64')].map(
        (x) => ct.grad((z) => ct.sum(f(z)))(x) as ct.Tensor,
      );
      assert.is(a.dtype, 'f32');
      near(a.data(), b.data(), (i) => 1e-5 * Math.max(1, Math.abs(b.data()[i])));
    }));
}

const BINARY: [string, (a: ct.Tensor, b: ct.Tensor) => ct.Tensor][] = [
  ['pow', (a, b) => ct.pow(ct.abs(a), b)],
  ['maximum', ct.maximum],
  ['minimum', ct.minimum],
  ['atan2', ct.atan2],
  ['where', (a, b) => ct.where(ct.greater(a, b), ct.mul(a, b), ct.square(a))],
  ['clip', (a, b) => ct.clip(a, ct.mul(0.5, b), 0.8)],
];

for (const [name, f] of BINARY) {
  test(`${name}: derivatives, broadcast either way`, () =>
    ct.scope(() => {
      const shapes = [[6], [1], [], [2, 1], [3]];
      for (const [p, q] of [
        [0, 0],
        [0, 1],
        [2, 0],
        [3, 4],
        [4, 3],
        [2, 2],
      ]) {
        const [a, b] = [p, q].map((k, i) => {
          const size = shapes[k].reduce((s, n) => s * n, 1);
          return ct.tensor(
            between(-2, 2, size, 5 + 10 * i + k).map((x) => x + Math.sign(x) * 0.2),
            { shape: shapes[k] },
          );
        });
        checkDerivatives(f, [a, b]);
      }
    }));
}

test('derivatives at kinks and ties are those that are documented', () =>
  ct.scope(() => {
    const at = (f: (...x: ct.Tensor[]) => ct.Tensor, ...x: number[]) =>
      (ct.grad((...z) => ct.sum(f(...z)), [...x.keys()])(...x.map((v) => ct.tensor(v))) as ct.Tensor[]).map(
        (g) => g.item(),
      );
    assert.equal(at(ct.relu, 0), [0]);
    assert.equal(at(ct.abs, 0), [0]);
    assert.equal(at(ct.elu, 0), [1]);
    assert.equal(at(ct.maximum, 2, 2), [0.5, 0.5]);
    assert.equal(at(ct.minimum, 2, 2), [0.5, 0.5]);
    assert.equal(at(ct.maximum, 3, 2), [1, 0]);
    assert.equal(at(ct.minimum, 3, 2), [0, 1]);
    for (const [x, lo, hi, want] of [
      [0, 0, 1, [1, 0, 0]],
      [1, 0, 1, [1, 0, 0]],
      [-1, 0, 1, [0, 1, 0]],
      [2, 0, 1, [0, 0, 1]],
      [2, 3, 1, [0, 0, 1]],
      [0, 3, 1, [0, 0, 1]],
    ] as const) {
      assert.equal(at(ct.clip, x, lo, hi), want);
    }
    assert.equal(at(ct.sign, 2), [0]);
    assert.equal(
      at((x) => ct.astype(ct.greater(x, 1), 'f64'), 2),
      [0],
    );
  }));

test('pow: powers of 0 and by 0 give no NaN', () =>
  ct.scope(() => {
    const [x, b] = [ct.tensor([0, 0, 0, 0, 2, 2, -2]), ct.tensor([0, 1, 2, 3, 0, 2, 2])];
    assert.equal(ct.pow(x, b).toArray(), [1, 0, 0, 0, 1, 4, 4]);
    const base = (z: ct.Tensor) => ct.sum(ct.pow(z, b));
    assert.equal((ct.grad(base)(x) as ct.Tensor).toArray(), [0, 1, 0, 0, 0, 4, -4]);
    assert.equal(ct.hvp(base, x, ct.ones([7])).toArray(), [0, 0, 2, 0, 0, 2, 2]);
    const both = ct.grad((z, e) => ct.sum(ct.pow(z, e)), [0, 1])(x, b) as ct.Tensor[];
    assert.equal(both[0].toArray(), [0, 1, 0, 0, 0, 4, -4]);
    near(both[1].data(), [0, 0, 0, 0, Math.LN2, 4 * Math.LN2, Number.NaN], 1e-15);
    // A number as exponent, through every derivative of x^3 at 0.
    const cube = (z: ct.Tensor) => ct.sum(ct.pow(z, 3));
    const third = ct.grad((z) => ct.grad((y) => ct.grad(cube)(y))(z))(ct.tensor(0)) as ct.Tensor;
    assert.is(third.item(), 6);
    for (const p of [0, 1, 2, 3, 0.5, -1])
      checkDerivatives((z) => ct.pow(z, p), [ct.tensor([0.3, 1.2, 2.5])]);
    assert.equal((ct.grad((z) => ct.sum(ct.pow(z, 0)))(ct.tensor([0, 2])) as ct.Tensor).toArray(), [0, 0]);
  }));

test('where: nothing of the branch that is not taken, not even NaN, to second order', () =>
  ct.scope(() => {
    const [x, bad] = [ct.tensor([1, 2]), ct.tensor([Number.NaN, Infinity])];
    const f = (a: ct.Tensor, b: ct.Tensor) => ct.sum(ct.where(ct.greater(x, 0), ct.square(a), b));
    const g = ct.grad(f, [0, 1])(x, bad) as ct.Tensor[];
    assert.equal(
      g.map((y) => y.toArray()),
      [
        [2, 4],
        [0, 0],
      ],
    );
    const { value, tangent } = ct.jvp(f, [x, bad], [ct.ones([2]), bad]);
    assert.equal([value.item(), tangent.item()], [5, 6]);
    assert.equal(ct.hvp((a) => f(a, bad), x, ct.ones([2])).toArray(), [2, 2]);
    const plain = ct.where(
      ct.tensor([1, 0], { dtype: 'i32' }),
      ct.tensor([1, Number.NaN]),
      ct.tensor([Number.NaN, 2]),
    );
    assert.equal(plain.toArray(), [1, 2]);
    // The safe form: what is not taken may have an infinite derivative of its own.
    const root = (z: ct.Tensor) =>
      ct.sum(ct.where(ct.equal(z, 0), 0, ct.sqrt(ct.where(ct.equal(z, 0), 1, z))));
    assert.equal((ct.grad(root)(ct.tensor([0, 4])) as ct.Tensor).toArray(), [0, 0.25]);
  }));

test('where takes any non-zero as true, numbers and booleans', () =>
  ct.scope(() => {
    const x = ct.tensor([1, 2, 3, 4]);
    assert.equal(ct.where(ct.tensor([0.5, 0, -0, Number.NaN]), x, 0).toArray(), [1, 0, 0, 4]);
    assert.equal(ct.where(ct.tensor([7, 0, -1, 0], { dtype: 'i32' }), 1, x).toArray(), [1, 2, 1, 4]);
    assert.equal(ct.where(true, x, 0).toArray(), [1, 2, 3, 4]);
    assert.equal(ct.where(0, x, ct.neg(x)).toArray(), [-1, -2, -3, -4]);
    const number = ct.where(ct.tensor([1, 0], { dtype: 'i32' }), 0.5, 2);
    assert.equal([number.dtype, number.toArray()], ['f64', [0.5, 2]]);
    assert.is(ct.where(1, ct.tensor(new Float32Array([1])), 0.1).dtype, 'f32');
    assert.equal(ct.where(ct.tensor([[1], [0]], { dtype: 'i32' }), x, 0).shape, [2, 4]);
  }));

test('clip: no bound, one bound, i32, numbers', () =>
  ct.scope(() => {
    const x = ct.tensor([-3, 0.5, 3]);
    assert.equal(ct.clip(x, -1, 1).toArray(), [-1, 0.5, 1]);
    assert.equal(ct.clip(x, undefined, 1).toArray(), [-3, 0.5, 1]);
    assert.equal(ct.clip(x, -1).toArray(), [-1, 0.5, 3]);
    assert.equal(ct.clip(ct.tensor([-5, 5], { dtype: 'i32' }), undefined, 2).toArray(), [-5, 2]);
    assert.is(ct.clip(7, 0, 1).item(), 1);
    assert.equal(ct.clip(x, ct.tensor([[-1], [0]]), 1).shape, [2, 3]);
    assert.equal(ct.clip(ct.tensor([-Infinity, Infinity]), -1, 1).toArray(), [-1, 1]);
  }));

test('comparisons give i32, which indexes, counts and multiplies', () =>
  ct.scope(() => {
    const x = ct.tensor([3, 1, 2]);
    const mask = ct.greaterEqual(x, 2);
    assert.equal([mask.dtype, mask.toArray(), ct.sum(mask).item()], ['i32', [1, 0, 1], 2]);
    assert.equal(ct.less(1, x).toArray(), [1, 0, 1]);
    assert.is(ct.equal(2, 2).item(), 1);
    assert.equal(ct.isNaN(ct.tensor([1, 2], { dtype: 'i32' })).toArray(), [0, 0]);
  }));

test('sigmoid, softplus and tanh at their ends: values and derivatives stay finite', () =>
  ct.scope(() => {
    const x = ct.tensor([-1000, 1000]);
    assert.equal(ct.sigmoid(x).toArray(), [0, 1]);
    assert.equal(ct.softplus(x).toArray(), [0, 1000]);
    for (const f of [ct.sigmoid, ct.softplus, ct.tanh, ct.silu, ct.gelu, ct.elu]) {
      const g = ct.grad((z) => ct.sum(f(z)))(x) as ct.Tensor;
      assert.ok(g.data().every(Number.isFinite), f.name);
    }
  }));

test('errors name the operation and its operands', () =>
  ct.scope(() => {
    const [x, pair, single, index] = [
      ct.zeros([2, 3]),
      ct.zeros([2]),
      ct.zeros([3], { dtype: 'f32' }),
      ct.zeros([3], { dtype: 'i32' }),
    ];
    rejects(() => ct.exp(index), ct.DTypeError, /exp: operands must be f64 or f32, got i32/);
    rejects(() => ct.tanh('1' as never), ct.ArgumentError, /tanh: x must be a tensor, got "1"/);
    rejects(() => ct.pow(index, 2), ct.DTypeError, /pow: .*i32/);
    rejects(
      () => ct.maximum(x, single),
      ct.DTypeError,
      /maximum: operands must have one dtype, got f64 and f32/,
    );
    rejects(() => ct.greater(x, pair), ct.ShapeError, /greater: shapes \[2, 3\] and \[2\] do not broadcast/);
    rejects(
      () => ct.equal(index, 0.5),
      ct.ArgumentError,
      /equal: b must be an integer beside an i32 tensor, got 0.5/,
    );
    rejects(() => ct.where(index, x, single), ct.DTypeError, /where: .*f64 and f32/);
    rejects(() => ct.where(index, pair, x), ct.ShapeError, /where: .*do not broadcast/);
    rejects(
      () => ct.where(index, index, 0.5),
      ct.ArgumentError,
      /where: b must be an integer beside an i32 tensor/,
    );
    rejects(
      () => ct.where('no' as never, x, 0),
      ct.ArgumentError,
      /where: condition must be a tensor, got "no"/,
    );
    rejects(
      () => ct.where(pair, x, undefined as never),
      ct.ArgumentError,
      /where: b must be a tensor, got undefined/,
    );
    rejects(() => ct.clip(x, single), ct.DTypeError, /clip: operands must have one dtype/);
    rejects(() => ct.clip(index, 0.5), ct.ArgumentError, /clip: lo must be an integer/);
    const gone = ct.zeros([2]);
    gone.dispose();
    rejects(() => ct.exp(gone), ct.DisposedError, /disposed/);
  }));

test.run();
