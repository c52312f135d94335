// errorScale against all pairs, one by one; relativeError against its formula; what is known of both; errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorScale, relativeError } from '#src/assimilation/index.js';
import {
  ArgumentError,
  add,
  CotangentError,
  compile,
  DTypeError,
  grad,
  memory,
  mul,
  random,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, property, rejects, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

/** The mean over all ordered pairs of different samples. */
function byPairs(x: Tensor): number {
  const [count, size] = [x.shape[0], x.size / x.shape[0]];
  const data = x.toTypedArray();
  let total = 0;
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++)
      for (let k = 0; k < size; k++) total += Math.abs(data[i * size + k] - data[j * size + k]);
  return total / (count * (count - 1));
}

test('the mean over all pairs', () => {
  const inputs = fc.tuple(
    fc.integer({ min: 2, max: 12 }),
    fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
    fc.constantFrom('f64' as const, 'f32' as const),
    fc.constantFrom(0, 1e6),
    fc.integer({ min: 0, max: 1e6 }),
  );
  property(inputs, ([count, state, dtype, shift, from]) =>
    scope(() => {
      const x = add(random(from).normal([count, ...state], { dtype }), shift);
      near([errorScale(x)], [byPairs(x)], 1e-13 * byPairs(x), `${count} x ${state}`);
    }),
  );
});

test('equal numbers, two samples, no components, huge and tiny ones', () =>
  scope(() => {
    assert.is(errorScale(tensor([[1], [1], [1]])), 0);
    assert.is(errorScale(tensor([1, 1, 4])), 2);
    assert.is(errorScale(tensor([[1, 2], [4, -2]])), 7); // biome-ignore format: short
    assert.is(errorScale(zeros([3, 0])), 0);
    near([errorScale(tensor([1e308, 1.5e308, 1e308]))], [1e308 / 3], 1e294);
    assert.is(errorScale(tensor([5e-324, 0])), 5e-324);
  }));

test('of normal numbers: 2/√π in each component', () =>
  scope(() => {
    const gamma = errorScale(random(7).normal([2000, 10]));
    near([gamma / 10], [2 / Math.sqrt(Math.PI)], 0.02);
  }));

test('the formula, with broadcasting', () =>
  scope(() => {
    const [a, b] = [random(seed).normal([2, 3, 4]), random(seed + 1).normal([3, 4])];
    const [p, q] = [a.data(), b.data()];
    const rows = Array.from({ length: 6 }, (_, r) =>
      [0, 1, 2, 3].reduce((s, k) => s + Math.abs(p[4 * r + k] - q[(4 * r + k) % 12]), 0),
    );
    const got = relativeError(a, b, 2.5);
    assert.equal(got.shape, [2, 3]);
    near(
      got.data(),
      rows.map((v) => v / 2.5),
      1e-15 * 20,
    );
    const planes = relativeError(a, b, 2.5, { stateAxes: 2 });
    assert.equal(planes.shape, [2]);
    near(
      planes.data(),
      [0, 1].map((i) => rows.slice(3 * i, 3 * i + 3).reduce((s, v) => s + v) / 2.5),
      1e-14,
    );
    assert.equal(relativeError(a, b, 1, { stateAxes: 3 }).shape, []);
    assert.equal([...relativeError(a, a, 1).data()], [0, 0, 0, 0, 0, 0]);
    assert.is(relativeError(zeros([3], { dtype: 'f32' }), zeros([3], { dtype: 'f32' }), 1).dtype, 'f32');
    assert.equal(relativeError(zeros([0, 3]), zeros([3]), 1).shape, [0]);
    // Among independent samples its mean is 1.
    const samples = random(seed).normal([30, 5]);
    const gamma = errorScale(samples);
    let total = 0;
    for (let i = 0; i < 30; i++) {
      const own = tensor(samples.data().slice(5 * i, 5 * i + 5));
      total += sum(relativeError(samples, own, gamma)).item();
    }
    near([total / (30 * 29)], [1], 1e-13);
  }));

test('derivatives, compiled', () =>
  scope(() => {
    const [a, b] = [random(seed).normal([3, 4]), random(seed + 1).normal([3, 4])];
    const f = (x: Tensor, y: Tensor) => relativeError(x, y, 3, { stateAxes: 1 });
    checkDerivatives(f, [a, b]);
    const loss = (x: Tensor, y: Tensor) => sum(mul(f(x, y), tensor([1, -2, 3])));
    const plan = compile(grad(loss));
    near((plan(a, b) as Tensor).data(), (grad(loss)(a, b) as Tensor).data(), 1e-15);
    plan.dispose();
    assert.equal([...(grad(loss)(a, a) as Tensor).data()], new Array(12).fill(0));
  }));

test('errors', () =>
  scope(() => {
    // biome-ignore lint/suspicious/noExplicitAny: wrong arguments of every kind
    const [scale, error] = [errorScale, relativeError] as ((...args: any[]) => any)[];
    const [x, i32, nan, infinite] = [zeros([2, 3]), zeros([3], { dtype: 'i32' }), tensor([1, Number.NaN]), tensor([[1, Number.NEGATIVE_INFINITY], [1, 2]])]; // biome-ignore format: short
    for (const junk of [3, null, undefined, [1, 2]])
      rejects(() => scale(junk), ArgumentError, /^errorScale: samples must be a tensor/);
    for (const few of [zeros([]), zeros([0, 3]), zeros([1, 3])])
      rejects(() => scale(few), ShapeError, /^errorScale: samples must be/);
    rejects(() => scale(i32), DTypeError, /^errorScale/);
    rejects(() => scale(nan), ArgumentError, /^errorScale: samples must be finite, got NaN/);
    rejects(() => scale(infinite), ArgumentError, /^errorScale: samples must be finite, got -Infinity/);
    rejects(
      () => grad((s: Tensor) => mul(sum(s), errorScale(s)))(x),
      ArgumentError,
      /^errorScale: samples is differentiated/,
    );
    const before = memory();
    assert.throws(
      () => compile((s: Tensor) => mul(sum(s), errorScale(s)))(x),
      (e: Error) => e instanceof CotangentError && /errorScale/.test(e.message),
    );
    assert.equal(memory().tensors, before.tensors);
    for (const gamma of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1', undefined, x])
      rejects(() => error(x, x, gamma), ArgumentError, /^relativeError: gamma must be a positive number/);
    for (const stateAxes of [0, 1.5, -1, null])
      rejects(() => error(x, x, 1, { stateAxes }), ArgumentError, /^relativeError: stateAxes/);
    rejects(() => error(x, x, 1, { stateAxes: 3 }), ShapeError, /^relativeError: .*3 axes/);
    rejects(() => error(x, x, 1, { axes: 1 }), ArgumentError, /^relativeError: there is no option/);
    const [other, single] = [zeros([2, 4]), zeros([3], { dtype: 'f32' })];
    rejects(() => error(x, other, 1), ShapeError, /^relativeError/);
    rejects(() => error(x, single, 1), DTypeError, /^relativeError/);
    rejects(() => error(i32, i32, 1), DTypeError, /^relativeError/);
    rejects(() => error([1], x, 1), ArgumentError, /^relativeError: a must be a tensor/);
    rejects(() => error(x, 1, 1), ArgumentError, /^relativeError: b must be a tensor/);
  }));

test.run();
