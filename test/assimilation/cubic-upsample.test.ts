// cubicUpsample: all variants against their definitions, one output at a time; what is observed of it; shifts, derivatives, edges, errors.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CubicVariant, cubicUpsample, subsample } from '#src/assimilation/index.js';
import {
  ArgumentError,
  add,
  DTypeError,
  jvp,
  random,
  reshape,
  roll,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  transpose,
  vjp,
  zeros,
} from '#src/index.js';
import { bitsOf, EPSILON, near, property, rejects, seed } from '../support/check.js';
import { refined } from '../support/cubic.js';
import { checkDerivatives, inner } from '../support/derivatives.js';
import { derivatives, type Subject, values, WAYS } from '../support/ways.js';

const VARIANTS: CubicVariant[] = ['aligned', 'halfPixel', 'published'];
const DTYPES = ['f64', 'f32'] as const;

function check(y: Tensor, factor: number, axes: number[], variant: CubicVariant): void {
  const data = [...y.toTypedArray()];
  let want = { shape: [...y.shape], data, sizes: data.map(Math.abs) };
  for (const axis of axes) want = refined(want, axis < 0 ? axis + y.ndim : axis, factor, variant);
  const got = cubicUpsample(y, factor, { axes, variant });
  assert.equal(got.shape, want.shape);
  assert.is(got.dtype, y.dtype);
  const epsilon = EPSILON[y.dtype as 'f64' | 'f32'];
  near(
    got.toTypedArray(),
    want.data,
    (i) => 12 * axes.length * epsilon * want.sizes[i] + 1e-300,
    `${variant} ${y.shape} x ${factor} along ${axes}`,
  );
}

test('the definition: any shape, factor, axes and dtype', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
  const inputs = shapes.chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.subarray([...shape.keys()], { minLength: 1, maxLength: Math.min(2, shape.length) }),
      fc.boolean(),
      fc.constantFrom(1, 2, 3, 4, 5, 16),
      fc.constantFrom(...VARIANTS),
      fc.constantFrom(...DTYPES),
      fc.integer({ min: 0, max: 1e6 }),
    ),
  );
  property(inputs, ([shape, some, fromEnd, factor, variant, dtype, from]) =>
    scope(() => {
      const axes = some.map((axis) => (fromEnd ? axis - shape.length : axis));
      check(random(from).normal(shape, { dtype }), factor, axes, variant);
    }),
  );
});

test('long axes, whose neighbours are gathered', () => {
  for (const variant of VARIANTS)
    for (const dtype of DTYPES)
      scope(() => {
        check(random(seed).normal([2, 131], { dtype }), 3, [-1], variant);
        check(random(seed).normal([128, 3], { dtype }), 2, [0], variant);
        check(random(seed).normal([127, 2], { dtype }), 2, [0], variant);
      });
});

test('values of another program', () => {
  const { cases } = JSON.parse(
    readFileSync(new URL('../../../test/fixtures/cubic-upsampling.json', import.meta.url), 'utf8'),
  ) as {
    cases: ({ factor: number; y: { shape: number[]; data: number[] } } & Record<CubicVariant, number[]>)[];
  };
  assert.is(cases.length, 2);
  for (const given of cases)
    scope(() => {
      const y = tensor(given.y.data, { shape: given.y.shape });
      const axes = [...given.y.shape.keys()];
      for (const variant of VARIANTS)
        near(cubicUpsample(y, given.factor, { axes, variant }).data(), given[variant], 1e-14, variant);
      near(cubicUpsample(y, given.factor, { axes }).data(), given.aligned, 1e-14, 'by default');
    });
});

test('aligned: what is observed of it is what was given, to the bit', () => {
  for (const n of [1, 2, 3, 5, 10, 130])
    for (const factor of [1, 2, 3, 4, 7])
      for (const dtype of DTYPES)
        scope(() => {
          const axes = [-2, -1];
          const y = random(seed + n).normal([2, n, 3], { dtype });
          const again = subsample(factor, { axes }).apply(cubicUpsample(y, factor, { axes }));
          assert.equal(bitsOf(again), bitsOf(y), `${n} x ${factor} [SEED=${seed}]`);
        });
});

test('shifts: refined and shifted is shifted and refined', () => {
  for (const variant of ['aligned', 'halfPixel'] as const)
    for (const n of [1, 4, 7, 129])
      scope(() => {
        const y = random(seed).normal([2, n]);
        const there = cubicUpsample(roll(y, 1, 1), 3, { variant });
        near(there.data(), roll(cubicUpsample(y, 3, { variant }), 3, 1).data(), 1e-14, `${variant} ${n}`);
        // Axes do not know of each other.
        const z = cubicUpsample(transpose(y), 3, { variant, axes: [0] });
        near(transpose(z).data(), cubicUpsample(y, 3, { variant }).data(), 1e-14, `${variant} axis 0`);
      });
});

test('constants stay, and quadratics are met away from the seam', () => {
  for (const variant of VARIANTS)
    scope(() => {
      near(cubicUpsample(tensor([2.5]), 4, { variant }).data(), [2.5, 2.5, 2.5, 2.5], 1e-15);
      const [n, factor] = [12, 5];
      const f = (s: number) => 0.3 * s * s - s + 2;
      const y = cubicUpsample(tensor(Array.from({ length: n }, (_, i) => f(i))), factor, { variant }).data();
      for (let o = 3 * factor; o < (n - 3) * factor; o++)
        near([y[o]], [f(variant === 'aligned' ? o / factor : (o + 0.5) / factor - 0.5)], 1e-13, variant);
    });
});

test('<F x, y> = <x, Fᵀ y>, and tangents are refined themselves', () => {
  for (const variant of VARIANTS)
    for (const [shape, axes] of [
      [[1], [0]],
      [[3, 5], [-1]],
      [
        [4, 3, 2],
        [0, 2],
      ],
      [[2, 133], [1]],
      [
        [2, 2, 3, 3],
        [-2, -1],
      ],
    ])
      scope(() => {
        const run = (x: Tensor) => cubicUpsample(x, 3, { axes, variant });
        const [x, v] = [random(seed).normal(shape), random(seed + 1).normal(shape)];
        const { value, pullback } = vjp(run, x);
        const u = random(seed + 2).normal([...value.shape]);
        const [there, again] = [inner([u], [run(v)]), inner([pullback(u)[0] as Tensor], [v])];
        const where = `${variant} ${shape} [SEED=${seed}]`;
        assert.ok(Math.abs(there.value - again.value) <= 1e-13 * (there.size + again.size), where);
        assert.equal(bitsOf(jvp(run, [x], [v]).tangent), bitsOf(run(v)), where);
      });
});

test('derivatives in every mix, and in every way of calling', () => {
  for (const variant of VARIANTS)
    scope(() => {
      const f = (x: Tensor) => reshape(cubicUpsample(x, 2, { axes: [0, 1], variant }), [-1]);
      checkDerivatives(f, [random(seed).normal([3, 2])]);
      const draw = (from: number, shape = [3, 2]) => random(seed + from).normal(shape);
      const [x, w] = [draw(1), draw(3, [24])];
      const subject: Subject = { f, x, other: draw(2), w, cotangent: add(w, f(x)), t: draw(5) };
      const want = { ...values(subject), ...derivatives(subject) };
      for (const [way, [quantity, run]] of Object.entries(WAYS)) {
        const right = want[quantity] as number[];
        const size = Math.max(...right.map(Math.abs));
        near(run(subject), right, (quantity === 'second' ? 1e-6 : 1e-12) * size, `${variant}, ${way}`);
      }
    });
});

test('nothing, and numbers that are not finite, huge or tiny', () =>
  scope(() => {
    assert.equal(cubicUpsample(zeros([0, 3]), 4).shape, [0, 12]);
    assert.equal(cubicUpsample(zeros([2, 0], { dtype: 'f32' }), 4).shape, [2, 0]);
    assert.equal(cubicUpsample(zeros([2, 3]), 4, { axes: [] }).shape, [2, 3]);
    for (const n of [5, 200])
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const y = new Float64Array(2 * n).fill(1);
        y[1] = bad;
        const x = cubicUpsample(tensor(y, { shape: [2, n] }), 2).data();
        // Not the other line, and where the sample has a weight.
        assert.ok(!Number.isFinite(x[2]) && !Number.isFinite(x[3]));
        near(x.slice(2 * n), new Float64Array(2 * n).fill(1), 1e-15);
      }
    for (const scale of [1e300, 1e-300]) {
      const y = random(seed).normal([5]);
      const x = cubicUpsample(tensor(y.data().map((v) => v * scale)), 3).data();
      near(
        x.map((v) => v / scale),
        cubicUpsample(y, 3).data(),
        1e-14,
      );
    }
  }));

test('errors', () =>
  scope(() => {
    const y = zeros([2, 3]);
    // biome-ignore lint/suspicious/noExplicitAny: wrong arguments of every kind
    const run = cubicUpsample as (...args: any[]) => unknown;
    for (const factor of [0, -1, 1.5, Number.NaN, '2', undefined, null])
      rejects(() => run(y, factor), ArgumentError, /^cubicUpsample: factor must be a whole number/);
    for (const variant of ['shifted', 1, null])
      rejects(() => run(y, 2, { variant }), ArgumentError, /^cubicUpsample: variant must be 'aligned'/);
    for (const axes of [[2], [-3], [0.5], [0, 0], [1, -1], 'x', null])
      rejects(() => run(y, 2, { axes }), ArgumentError, /^cubicUpsample: .*ax[ei]s/);
    rejects(() => run(y, 2, { axis: [0] }), ArgumentError, /^cubicUpsample: there is no option 'axis'/);
    rejects(() => run([1, 2], 2), ArgumentError, /^cubicUpsample: y must be a tensor/);
    const integers = zeros([3], { dtype: 'i32' });
    rejects(() => run(integers, 2), DTypeError, /^cubicUpsample/);
    rejects(() => run(y, 2 ** 30), ShapeError, /^cubicUpsample: every extent/);
  }));

test.run();
