// subsample and averageInitial: entry by entry, in any batch, to the bit; adjoints; errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { averageInitial, subsample } from '#src/assimilation/index.js';
import {
  ArgumentError,
  compile,
  DTypeError,
  grad,
  mul,
  random,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { bitsOf, near, property, rejects, seed } from '../support/check.js';
import { checkDerivatives, inner } from '../support/derivatives.js';

/** The multi-index of a position. */
function indexOf(position: number, shape: readonly number[]): number[] {
  let rest = position;
  return [...shape]
    .reverse()
    .map((extent) => {
      const at = rest % extent;
      rest = Math.floor(rest / extent);
      return at;
    })
    .reverse();
}
const positionOf = (index: readonly number[], shape: readonly number[]) =>
  index.reduce((at, i, axis) => at * shape[axis] + i, 0);

const states = fc
  .array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 })
  .chain((state) =>
    fc.tuple(
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      fc.constant(state),
      fc.subarray([...state.keys()]),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: Math.min(...state) - 1 }),
      fc.constantFrom('f64' as const, 'f32' as const),
      fc.integer({ min: 0, max: 1e6 }),
    ),
  );

test('x[offset::every], and its points replaced in a mean', () => {
  property(states, ([batch, state, some, every, offset, dtype, from]) =>
    scope(() => {
      const shape = [...batch, ...state];
      const axes = some.map((axis) => axis - state.length);
      const H = subsample(every, { axes, offset });
      assert.equal([H.every, [...H.axes], H.offset], [every, axes, offset]);
      const x = random(from).normal(shape, { dtype });
      const y = H.apply(x);
      const from0 = x.toTypedArray();
      const read = (axis: number, i: number) => (some.includes(axis - batch.length) ? offset + every * i : i);
      const got = y.toTypedArray();
      got.forEach((v, k) => {
        const at = indexOf(k, y.shape).map((i, axis) => read(axis, i));
        assert.is(v, from0[positionOf(at, shape)]);
      });
      // The next one along each axis would lie outside.
      for (const axis of some) assert.ok(offset + every * y.shape[axis + batch.length] >= state[axis]);

      const mean = random(from + 1).normal(state, { dtype });
      const start = averageInitial(H, y, mean);
      assert.equal(start.shape, shape);
      assert.is(start.dtype, dtype);
      const means = mean.toTypedArray();
      start.toTypedArray().forEach((v, k) => {
        const index = indexOf(k, shape);
        const own = index.slice(batch.length);
        const isSeen = some.every((axis) => own[axis] >= offset && (own[axis] - offset) % every === 0);
        assert.is(v, isSeen ? from0[k] : means[positionOf(own, state)]);
      });
    }),
  );
});

test('zeros keep their sign, and a NaN of the mean is covered by what was observed', () =>
  scope(() => {
    const mean = tensor([Number.NaN, 1, Number.POSITIVE_INFINITY, -0]);
    const H = subsample(2);
    assert.equal([...averageInitial(H, tensor([-0, 5]), mean).data()], [-0, 1, 5, -0]);
    assert.equal([...averageInitial(H, tensor([Number.NaN, 5]), mean).data()], [Number.NaN, 1, 5, -0]);
  }));

test('any dtype, any number of batches, none', () =>
  scope(() => {
    assert.equal(
      [
        ...subsample(2, { offset: 1 })
          .apply(tensor([1, 2, 3, 4, 5], { dtype: 'i32' }))
          .data(),
      ],
      [2, 4],
    );
    assert.equal(subsample(4).apply(zeros([0, 40])).shape, [0, 10]);
    assert.equal(subsample(4).apply(zeros([3, 0])).shape, [3, 0]);
    assert.equal(averageInitial(subsample(4), zeros([0, 10]), zeros([40])).shape, [0, 40]);
    // Axes from the front are those of what is given.
    assert.equal(subsample(2, { axes: [0] }).apply(zeros([5, 4])).shape, [3, 4]);
    assert.equal(
      averageInitial(subsample(2, { axes: [0] }), zeros([7, 3, 4]), zeros([5, 4])).shape,
      [7, 5, 4],
    );
  }));

test('<H x, y> = <x, Hᵀ y>, derivatives, compiled', () => {
  for (const [shape, options] of [
    [[7], {}],
    [[2, 9], { offset: 2 }],
    [[3, 5, 4], { axes: [-2, -1], offset: 1 }],
  ] as const)
    scope(() => {
      const H = subsample(3, options);
      const [x, v] = [random(seed).normal(shape), random(seed + 1).normal(shape)];
      const { value, pullback } = vjp((s: Tensor) => H.apply(s), x);
      const u = random(seed + 2).normal([...value.shape]);
      const [there, again] = [inner([u], [H.apply(v)]), inner([pullback(u)[0] as Tensor], [v])];
      assert.ok(Math.abs(there.value - again.value) <= 1e-14 * there.size, `${shape} [SEED=${seed}]`);
      checkDerivatives((s: Tensor) => H.apply(s), [x]);
      checkDerivatives((y: Tensor, mean: Tensor) => averageInitial(H, y, mean), [value, v]);
      const batch = random(seed + 3).normal([2, ...value.shape]);
      const weights = random(seed + 4).normal([2, ...shape]);
      const loss = (y: Tensor, mean: Tensor) => sum(mul(weights, averageInitial(H, y, mean)));
      const plan = compile(grad(loss, [0, 1]));
      const both = grad(loss, [0, 1])(batch, v) as Tensor[];
      (plan(batch, v) as Tensor[]).forEach((g, i) => void near(g.data(), both[i].data(), 1e-14));
      assert.equal(
        bitsOf(both[0]),
        bitsOf(H.apply(weights)),
        'the gradient in y0 is what is observed of the weights',
      );
      plan.dispose();
    });
});

test('errors', () =>
  scope(() => {
    // biome-ignore lint/suspicious/noExplicitAny: wrong arguments of every kind
    const [make, start] = [subsample, averageInitial] as ((...args: any[]) => any)[];
    for (const every of [0, -4, 1.5, Number.NaN, '4', undefined])
      rejects(() => make(every), ArgumentError, /^subsample: every must be a whole number/);
    for (const offset of [-1, 0.5, null, '1'])
      rejects(() => make(2, { offset }), ArgumentError, /^subsample: offset must be/);
    for (const axes of [1, [0.5], ['x'], null])
      rejects(() => make(2, { axes }), ArgumentError, /^subsample: axes must be an array of integers/);
    rejects(() => make(2, { axes: [-1, -1] }), ArgumentError, /^subsample: axes must be distinct/);
    rejects(() => make(2, { axis: [0] }), ArgumentError, /^subsample: there is no option 'axis'/);
    const H = subsample(4);
    const [x, scalar, y, mean] = [zeros([3, 40]), zeros([]), zeros([3, 10]), zeros([40])];
    rejects(() => H.apply(scalar), ArgumentError, /^subsample: axis/);
    rejects(() => H.apply([1, 2] as never), ArgumentError, /^subsample: x must be a tensor/);
    rejects(
      () => subsample(2, { axes: [-1, 1] }).apply(x),
      ArgumentError,
      /^subsample: axis 1 is named twice/,
    );
    rejects(() => subsample(2, { offset: 40 }).apply(x), ShapeError, /^subsample: offset 40 lies beyond/);
    const [nine, six] = [zeros([9]), zeros([2, 3, 40])];
    rejects(() => start(H, nine, mean), ShapeError, /^averageInitial: y0 must end in/);
    rejects(() => start(H, y, six), ShapeError, /^averageInitial: y0 must end in/);
    const [f32, i32] = [zeros([10], { dtype: 'f32' }), zeros([10], { dtype: 'i32' })];
    rejects(() => start(H, f32, mean), DTypeError, /^averageInitial: y0 and mean/);
    rejects(() => start(H, i32, mean), DTypeError, /^averageInitial/);
    rejects(() => start((z: unknown) => z, y, mean), ArgumentError, /^averageInitial: operator must be/);
    rejects(() => start({ apply: H.apply }, y, mean), ArgumentError, /^averageInitial: operator must be/);
    rejects(() => start(H, 1, mean), ArgumentError, /^averageInitial: y0 must be a tensor/);
    rejects(() => start(H, y, [1]), ArgumentError, /^averageInitial: mean must be a tensor/);
  }));

test.run();
