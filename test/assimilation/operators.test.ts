// linear, identity, observe: against sums, one state after the other; noise; errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  assimilation,
  DTypeError,
  memory,
  mul,
  random,
  reshape,
  ShapeError,
  scope,
  slice,
  square,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, rejects, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { rowsOf, times } from '../support/linear-window.js';

const { covariance, identity, linear, observe, subsample } = assimilation;
const T = (shape: number[], from = 0) => random(seed + from).normal(shape);

test('linear: A vec(x), of states with any axes', () =>
  scope(() => {
    const A = T([3, 6], 1);
    const matrix = rowsOf(A.toTypedArray(), 6);
    for (const [shape, stateAxes] of [
      [[6], 1],
      [[4, 6], 1],
      [[2, 4, 6], 1],
      [[2, 3], 2],
      [[5, 3, 2], 2],
      [[2, 5, 1, 6, 1], 3],
    ] as const) {
      // biome-ignore format: short
      const x = T([...shape], 2);
      const y = linear(A, { stateAxes }).apply(x);
      assert.equal(y.shape, [...shape.slice(0, shape.length - stateAxes), 3]);
      near(y.data(), rowsOf(x.toTypedArray(), 6).flatMap((row) => times(matrix, row)), 1e-14); // biome-ignore format: short
    }
    assert.equal(linear(T([2, 1]), { stateAxes: 0 }).apply(T([4])).shape, [4, 2]);
    checkDerivatives((x: Tensor) => square(linear(A).apply(x)), [T([2, 6])]);
    checkDerivatives((M: Tensor) => square(linear(M).apply(T([2, 6]))), [A]);
  }));

test('identity gives a tensor of its own', () => {
  const x = T([3]);
  const before = memory();
  const y = identity().apply(x);
  assert.is.not(y, x);
  near(y.data(), x.data(), 0);
  y.dispose();
  assert.equal(memory().tensors, before.tensors);
  assert.ok(!x.isDisposed);
  x.dispose();
});

test('observe: every state; a function gets them one by one with their number', () =>
  scope(() => {
    const X = T([2, 5, 8], 3);
    for (const operator of [subsample(3, { offset: 1 }), linear(T([2, 8], 4)), identity()]) {
      const seen = observe(operator, X, { stateAxes: 1 });
      near(seen.data(), operator.apply(X).data(), 0);
      const one = observe((x) => operator.apply(x), X, { stateAxes: 1 });
      assert.equal(one.shape, seen.shape);
      near(one.data(), seen.data(), 1e-15);
    }
    const steps: number[] = [];
    const weighed = observe(
      (x, step) => {
        steps.push(step);
        assert.equal(x.shape, [2, 8]);
        return mul(x, step);
      },
      X,
      { stateAxes: 1 },
    );
    assert.equal(steps, [0, 1, 2, 3, 4]);
    near(weighed.data(), mul(X, reshape(tensor([0, 1, 2, 3, 4]), [5, 1])).data(), 0);
    // An axis counted from the front is that of one state.
    const path = reshape(slice(X, [0], [1]), [5, 8]);
    const front = observe(subsample(2, { axes: [0] }), path, { stateAxes: 1 });
    near(front.data(), subsample(2).apply(path).data(), 0);
  }));

test('noise of the covariance R, the same for a seed', () =>
  scope(() => {
    const S = [[2, 0.8], [0.8, 1]]; // biome-ignore format: short
    const R = covariance.dense(tensor(S.flat(), { shape: [2, 2] }));
    const zero = zeros([200, 100, 2]);
    const noise = (from: number) => observe(identity(), zero, { stateAxes: 1, R, generator: random(from) });
    const C = assimilation.sampleCovariance(reshape(noise(11), [20_000, 2]));
    near(C.data(), S.flat(), 0.1, 'of seed 11');
    near(noise(3).toTypedArray(), noise(3).toTypedArray(), 0);
    assert.is.not(noise(3).data()[0], noise(4).data()[0]);
    const X = T([3, 2]);
    const both = observe(identity(), X, { stateAxes: 1, R, generator: random(3) });
    near(
      both.data(),
      add(X, observe(identity(), zeros([3, 2]), { stateAxes: 1, R, generator: random(3) })).data(),
      0,
    );
    const single = observe(identity(), zeros([3, 2], { dtype: 'f32' }), {
      ...{ stateAxes: 1, R: covariance.diagonal(1), generator: random(3) },
    });
    assert.is(single.dtype, 'f32');
  }));

test('errors', () =>
  scope(() => {
    const [A, x, i32, f32] = [T([3, 6]), T([5]), zeros([6], { dtype: 'i32' }), zeros([6], { dtype: 'f32' })];
    rejects(() => linear(x), ShapeError, /linear: A must be a matrix/);
    rejects(() => linear(i32), DTypeError, /A must be f64 or f32/);
    rejects(() => linear(A, { stateAxes: -1 }), ArgumentError, /stateAxes must be a whole number/);
    rejects(() => linear(A, { axes: 1 } as never), ArgumentError, /no option 'axes'/);
    rejects(() => linear(A).apply(x), ShapeError, /must hold the 6 numbers of a state, got shape \[5\]/);
    rejects(() => linear(A, { stateAxes: 2 }).apply(x), ShapeError, /last 2 axes/);
    rejects(() => linear(A).apply(f32), DTypeError, /x must be f64, as A is, got f32/);
    rejects(() => identity().apply(3 as never), ArgumentError, /x must be a tensor/);
    const [generator, R, one] = [random(1), covariance.diagonal(1), T([4])];
    const f = (X: Tensor) => X;
    rejects(
      () => observe('h' as never, A, { stateAxes: 1 }),
      ArgumentError,
      /operator must be a function .* or an object with apply, got "h"/,
    );
    rejects(() => observe(f, one, { stateAxes: 1 }), ShapeError, /must have a time axis/);
    rejects(() => observe(f, A, {} as never), ArgumentError, /stateAxes/);
    const never = zeros([0, 4]);
    rejects(
      () => observe(f, never, { stateAxes: 1 }),
      ShapeError,
      /observe: trajectory must have a state .*got shape \[0, 4\]/,
    );
    assert.equal(observe(assimilation.subsample(2), never, { stateAxes: 1 }).shape, [0, 2]);
    rejects(
      () => observe(f, A, { stateAxes: 1, R }),
      ArgumentError,
      /R and generator belong together, got R alone/,
    );
    rejects(() => observe(f, A, { stateAxes: 1, generator }), ArgumentError, /got generator alone/);
    rejects(
      () => observe(f, A, { stateAxes: 1, R, generator: 3 as never }),
      ArgumentError,
      /generator must be a generator/,
    );
    rejects(
      () => observe(f, A, { stateAxes: 1, R: 2 as never, generator }),
      ArgumentError,
      /R must be a covariance/,
    );
    rejects(
      () => observe(() => 1 as never, A, { stateAxes: 1 }),
      ArgumentError,
      /operator must return a tensor, got 1/,
    );
    const two = covariance.diagonal(tensor([1, 2]));
    rejects(
      () => observe(f, A, { stateAxes: 1, R: two, generator }),
      ShapeError,
      /R must be vectors to which variances/,
    );
  }));

test.run();
