// Views, joins, cuts, pads, flips and rolls: each element stands where NumPy puts it, and derivatives go the way back.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  concat,
  DTypeError,
  expandDims,
  flip,
  grad,
  memory,
  mul,
  type PadMode,
  pad,
  roll,
  ShapeError,
  scope,
  split,
  squeeze,
  stack,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { at, isFunction, sample } from '../support/indices.js';

const DTYPES = ['f64', 'f32', 'i32'] as const;
const dtypes = fc.constantFrom(...DTYPES);
const shapes = fc.array(fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(1)), {
  minLength: 1,
  maxLength: 4,
});
const mod = (i: number, n: number) => ((i % n) + n) % n;

test('expandDims and squeeze are views of the same elements, and undo each other', () =>
  property(fc.record({ shape: shapes, axis: fc.nat(4) }), ({ shape, axis }) =>
    scope(() => {
      const x = sample(shape);
      const place = Math.min(axis, shape.length);
      const wide = expandDims(x, place);
      assert.equal([...wide.shape], [...shape.slice(0, place), 1, ...shape.slice(place)]);
      assert.is(wide.address, x.address);
      assert.equal([...squeeze(wide, place - wide.ndim).shape], shape);
      assert.equal(
        [...squeeze(wide).shape],
        shape.filter((n) => n !== 1),
      );
      assert.equal([...expandDims(x, [0, -1]).shape], [1, ...shape, 1]);
    }),
  ));

test('concat and stack put the inputs one after the other, split takes them apart', () =>
  property(
    fc.record({
      shape: shapes,
      axis: fc.nat(3),
      sizes: fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }),
      dtype: dtypes,
    }),
    ({ shape, axis, sizes, dtype }) =>
      scope(() => {
        const along = axis % shape.length;
        const parts = sizes.map((n, k) => sample(shape.with(along, n), dtype, k));
        const whole = concat(parts, along - shape.length);
        const total = sizes.reduce((p, q) => p + q, 0);
        isFunction(whole, shape.with(along, total), dtype, (index) => {
          let [k, i] = [0, index[along]];
          while (i >= sizes[k]) i -= sizes[k++];
          return at(parts[k], index.with(along, i));
        });
        split(whole, sizes, along).forEach((part, k) => {
          isFunction(part, parts[k].shape, dtype, (index) => at(parts[k], index));
        });
        const equal = sizes.map((_, k) => sample(shape, dtype, k));
        const stacked = stack(equal, along);
        isFunction(stacked, shape.toSpliced(along, 0, sizes.length), dtype, (index) =>
          at(equal[index[along]], index.toSpliced(along, 1)),
        );
        for (const part of split(stacked, sizes.length, along))
          assert.equal([...part.shape], shape.toSpliced(along, 0, 1));
        assert.equal([...stack(equal, -1).shape], [...shape, sizes.length]);
      }),
  ));

const source: Record<Exclude<PadMode, 'constant'>, (i: number, n: number) => number> = {
  periodic: mod,
  edge: (i, n) => Math.min(n - 1, Math.max(0, i)),
  // Back and forth, step by step.
  reflect(i, n) {
    let [at, step] = [0, i < 0 ? -1 : 1];
    if (n === 1) return 0;
    for (let k = 0; k < Math.abs(i); k++) {
      if (at + step < 0 || at + step >= n) step = -step;
      at += step;
    }
    return at;
  },
};

for (const mode of ['constant', 'periodic', 'edge', 'reflect'] as const) {
  test(`pad, ${mode}: any widths, more than the extent too`, () =>
    property(
      fc.record({
        shape: shapes,
        widths: fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { minLength: 4, maxLength: 4 }),
        value: fc.constantFrom(0, -3),
        dtype: dtypes,
      }),
      ({ shape, widths, value, dtype }) =>
        scope(() => {
          const used = shape.map((n, i) => (n === 0 && mode !== 'constant' ? [0, 0] : widths[i])) as [
            number,
            number,
          ][];
          const x = sample(shape, dtype);
          const padded = shape.map((n, i) => n + used[i][0] + used[i][1]);
          isFunction(pad(x, used, { mode, value }), padded, dtype, (index) => {
            const from = index.map((i, axis) => i - used[axis][0]);
            if (mode !== 'constant')
              return at(
                x,
                from.map((i, axis) => source[mode](i, shape[axis])),
              );
            return from.every((i, axis) => i >= 0 && i < shape[axis]) ? at(x, from) : value;
          });
        }),
    ));
}

test('pad takes its value from a scalar tensor, to which derivatives go', () =>
  scope(() => {
    const value = tensor(Number.NEGATIVE_INFINITY);
    assert.equal(pad(tensor([1]), [[1, 0]], { value }).toArray(), [Number.NEGATIVE_INFINITY, 1]);
    checkDerivatives(
      (x: Tensor, v: Tensor) => {
        const y = pad(
          x,
          [
            [1, 2],
            [0, 1],
          ],
          { value: mul(v, v) },
        );
        return mul(y, y);
      },
      [sample([2, 3]), tensor(1.5)],
    );
  }));

test('flip and roll: any axes, any shift', () =>
  property(
    fc.record({
      shape: shapes,
      axes: fc.uniqueArray(fc.nat(3), { maxLength: 4 }),
      shift: fc.integer({ min: -13, max: 13 }),
      dtype: dtypes,
    }),
    ({ shape, axes, shift, dtype }) =>
      scope(() => {
        const named = axes.filter((axis) => axis < shape.length);
        const x = sample(shape, dtype);
        isFunction(flip(x, named), shape, dtype, (index) =>
          at(
            x,
            index.map((i, axis) => (named.includes(axis) ? shape[axis] - 1 - i : i)),
          ),
        );
        isFunction(roll(x, shift, named), shape, dtype, (index) =>
          at(
            x,
            index.map((i, axis) => (named.includes(axis) ? mod(i - shift, shape[axis]) : i)),
          ),
        );
        const flat = Array.from(x.data());
        assert.equal(
          Array.from(roll(x, shift).data()),
          flat.map((_, i) => flat[mod(i - shift, flat.length)]),
        );
        assert.equal(Array.from(flip(x).data()), flat.reverse());
      }),
  ));

test('roll takes a shift per axis, and both of an axis that is named twice; scalars stay', () =>
  scope(() => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.equal(roll(x, [1, -1], [0, 1]).toArray(), [
      [5, 6, 4],
      [2, 3, 1],
    ]);
    assert.equal(roll(x, [1, 1], [1, -1]).toArray(), [
      [2, 3, 1],
      [5, 6, 4],
    ]);
    assert.is(roll(tensor(3), 5).item(), 3);
    assert.is(roll(tensor(3), [], []).item(), 3);
    assert.is(flip(tensor(3)).item(), 3);
    assert.is(squeeze(expandDims(tensor(3), 0)).item(), 3);
  }));

// Linear operations: on x² their second derivatives are not zero.
const LINEAR: [string, (x: Tensor) => Tensor | Tensor[]][] = [
  ['expandDims', (x) => expandDims(x, 1)],
  ['squeeze', (x) => squeeze(expandDims(x, 0))],
  ['concat', (x) => concat([x, mul(x, 3), x], 1)],
  ['stack', (x) => stack([x, mul(x, x)], -1)],
  ['split', (x) => split(x, [1, 0, 2], 1)],
  ['one part of a split', (x) => split(x, 3, 1)[1]],
  [
    'pad, constant',
    (x) =>
      pad(x, [
        [1, 0],
        [0, 2],
      ]),
  ],
  [
    'pad, periodic',
    (x) =>
      pad(
        x,
        [
          [3, 1],
          [1, 5],
        ],
        { mode: 'periodic' },
      ),
  ],
  [
    'pad, edge',
    (x) =>
      pad(
        x,
        [
          [3, 1],
          [1, 5],
        ],
        { mode: 'edge' },
      ),
  ],
  [
    'pad, reflect',
    (x) =>
      pad(
        x,
        [
          [3, 1],
          [1, 5],
        ],
        { mode: 'reflect' },
      ),
  ],
  ['flip', (x) => flip(x, 1)],
  ['roll', (x) => roll(x, [1, -1], [0, 1])],
  ['roll of all', (x) => roll(x, 2)],
];
for (const [name, f] of LINEAR) {
  test(`${name}: derivatives of both modes, first and second order`, () =>
    scope(() => {
      checkDerivatives((x: Tensor) => f(mul(x, x)), [sample([2, 3])]);
      if (!/periodic|edge|reflect/.test(name))
        checkDerivatives((x: Tensor) => f(mul(x, x)), [sample([0, 3])]);
    }));
}

test('only the inputs of concat that are asked for get a cotangent', () =>
  scope(() => {
    checkDerivatives((x: Tensor) => concat([sample([2, 2]), mul(x, x), sample([1, 2])]), [sample([3, 2])]);
    const x = tensor([1, 2], { dtype: 'f32' });
    const g = grad((y) => sum(mul(concat([y, x]), tensor([1, 2, 3, 4], { dtype: 'f32' }))))(x);
    assert.equal([g.dtype, g.toArray()], ['f32', [1, 2]]);
  }));

test('a hundred inputs are joined and cut without a leak', () => {
  const before = memory();
  scope(() => {
    const x = sample([1, 3]);
    const g = grad((y) => sum(concat(Array.from({ length: 700 }, () => mul(y, y)))))(x);
    assert.equal(g.toArray(), mul(x, 1400).toArray());
  });
  assert.equal(memory().bytes, before.bytes);
});

test('errors name the operation, what it got and what it wants', () => {
  scope(() => {
    const [x, row] = [zeros([2, 3]), zeros([3])];
    const [wide, single, scalar, empty] = [
      zeros([2, 4]),
      zeros([2, 3], { dtype: 'f32' }),
      zeros([]),
      zeros([0]),
    ];
    const integer = zeros([1], { dtype: 'i32' });
    rejects(() => expandDims(x, 3), ArgumentError, /expandDims: axis must be an integer from -3 to 2, got 3/);
    rejects(() => squeeze(x, 0), ShapeError, /squeeze: axis 0 must have extent 1, got 2 in shape \[2, 3\]/);
    rejects(() => concat([]), ArgumentError, /concat: xs must be an array of at least one tensor/);
    rejects(() => concat([x, row]), ShapeError, /concat: .*\[2, 3\] and \[3\] at position 1/);
    rejects(() => concat([x, wide]), ShapeError, /all axes but axis 0/);
    rejects(() => concat([x, single]), DTypeError, /concat: .*f64 and f32/);
    rejects(() => concat([scalar]), ShapeError, /concat: a scalar has no axis.*stack/);
    rejects(() => concat([x], 2), ArgumentError, /concat: axis must be an integer from -2 to 1, got 2/);
    rejects(() => concat([x, 1 as never]), ArgumentError, /concat: xs\[1\] must be a tensor, got 1/);
    rejects(() => stack([x, row]), ShapeError, /stack: tensors must have one shape, got \[2, 3\] and \[3\]/);
    rejects(() => stack([x], -4), ArgumentError, /stack: axis must be an integer from -3 to 2/);
    rejects(() => split(x, 2, 1), ShapeError, /split: an extent of 3 at axis 1 does not divide into 2/);
    rejects(() => split(x, [1, 1], 1), ShapeError, /split: sizes must add up to the extent 3 .*which is 2/);
    rejects(() => split(x, 0), ArgumentError, /split: parts must be a positive integer/);
    rejects(() => split(x, [-1, 3]), ArgumentError, /split: parts must be .*got \[-1, 3\]/);
    rejects(() => pad(x, [[1, 1]]), ArgumentError, /pad: widths must be .*2 axes, got an array of 1/);
    rejects(
      () =>
        pad(x, [
          [1, 1],
          [0, -1],
        ]),
      ArgumentError,
      /pad: widths/,
    );
    rejects(
      () => pad(row, [[1, 1]], { mode: 'mirror' as never }),
      ArgumentError,
      /mode must be .*'reflect', got "mirror"/,
    );
    rejects(() => pad(empty, [[1, 1]], { mode: 'edge' }), ShapeError, /pad: axis 0 has no elements/);
    rejects(() => pad(integer, [[1, 1]], { value: 0.5 }), ArgumentError, /integer/);
    rejects(() => pad(row, [[1, 1]], { value: row }), ShapeError, /pad: value must be .*\[3\]/);
    rejects(() => pad(row, [[2 ** 31, 1]]), ShapeError, /pad: every extent/);
    rejects(() => flip(x, 2), ArgumentError, /flip: axis/);
    rejects(() => flip(x, [0, -2]), ArgumentError, /flip: axis 0 is named twice/);
    rejects(() => roll(x, 0.5), ArgumentError, /roll: shift must be an integer, got 0.5/);
    rejects(() => roll(x, [1, 2], 0), ArgumentError, /roll: shift must be .*1 axes/);
    rejects(() => roll(x, [1, 2]), ArgumentError, /roll: shift must be one integer/);
    rejects(() => roll(x, 1, 2), ArgumentError, /roll: axis/);
  });
});

test.run();
