// apply and toDense are the product written out: odd sizes, both dtypes, both sides, transposed, stacks, vectors, with and without P; columns do not
// touch each other; back and forth is nowhere.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  expandDims,
  givens,
  linalg,
  scope,
  stack,
  type Tensor,
  take,
  tensor,
  transpose,
  zeros,
} from '#src/index.js';
import { bitsOf, drawing, EPSILON, near, numbers, property } from '../support/check.js';
import {
  difference,
  identity,
  multiplied,
  productOf,
  rowsOf,
  tensorOf,
  transposed,
  zerosOf,
} from '../support/givens/dense.js';
import { randomOrder, rotations } from '../support/givens/matrices.js';

const SIZES = [1, 2, 3, 5, 8, 16, 17, 33, 65];
const WAYS = [{}, { transpose: true }, { side: 'right' }, { side: 'right', transpose: true }] as const;

/** Rotations, with P if it is asked for. */
function product(
  d: number,
  count: number,
  seed: number,
  ordered: boolean,
): ReturnType<typeof rotations> & { permutation?: number[]; signs?: number[] } {
  const bare = rotations(d, d < 2 ? 0 : count, seed);
  return ordered ? { ...bare, ...randomOrder(d, seed + 1) } : bare;
}

for (const dtype of ['f64', 'f32'] as const) {
  test(`every size and number of rotations, every way, in ${dtype}`, () => {
    let k = 0;
    for (const d of SIZES) {
      for (const m of SIZES) {
        // One of the numbers of rotations for each pair of sizes, in turn.
        const count = [0, 1, 7, 40, 101][k++ % 5];
        scope(() => {
          const f = product(d, count, 3 * k, k % 2 === 0);
          const g = productOf(d, f);
          const x = tensor(Float64Array.from(numbers(d * m, k)), { shape: [d, m], dtype });
          const bound = 4 * EPSILON[dtype] * (count + 8);
          const rows = rowsOf(x);
          const way = `d = ${d}, m = ${m}, ${count} rotations`;
          for (const options of WAYS) {
            const side = 'side' in options;
            const a = 'transpose' in options ? transposed(g) : g;
            const given = side ? transpose(x) : x;
            const got = givens.apply(f, given, options);
            assert.equal([got.dtype, ...got.shape], [dtype, ...given.shape]);
            const want = side ? multiplied(transposed(rows, m), a) : multiplied(a, rows);
            near(got.data(), want.flat(), bound, `${way} ${JSON.stringify(options)}`);
          }
        });
      }
    }
  });
}

const problem = fc.record({
  d: fc.integer({ min: 1, max: 12 }),
  m: fc.integer({ min: 0, max: 20 }),
  count: fc.integer({ min: 0, max: 30 }),
  batch: fc.constantFrom<number[]>([], [1], [3], [2, 2], [0], [2, 1, 3]),
  ordered: fc.boolean(),
  way: fc.integer({ min: 0, max: 3 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

test('stacks, vectors, tensors and typed arrays as arguments, and linalg.applyGivens', () =>
  property(problem, ({ d, m, count, batch, ordered, way, seed }) =>
    scope(() => {
      const f = product(d, count, seed, ordered);
      const options = WAYS[way];
      const right = 'side' in options;
      const shape = [...batch, ...(right ? [m, d] : [d, m])];
      const x = tensor(
        Float64Array.from(
          numbers(
            shape.reduce((p, q) => p * q, 1),
            seed,
          ),
        ),
        { shape },
      );
      const before = x.toTypedArray();
      const all = givens.apply(f, x, options);
      assert.equal(all.shape, shape);
      const matrices = batch.reduce((p, q) => p * q, 1);
      for (let b = 0; b < matrices; b++) {
        const part = tensor(x.toTypedArray().slice(b * d * m, (b + 1) * d * m), { shape: shape.slice(-2) });
        near(
          givens.apply(f, part, options).data(),
          all.data().slice(b * d * m, (b + 1) * d * m),
          0,
          'matrix by matrix',
        );
      }
      near(x.data(), before, 0, 'x must not change');
      if (!ordered)
        near(all.data(), linalg.applyGivens(x, f, options).data(), 1e-14 * (count + 1), 'applyGivens');
      const v = tensor(Float64Array.from(numbers(d, seed + 1)));
      const column = right ? expandDims(v, 0) : expandDims(v, 1);
      near(givens.apply(f, v, options).data(), givens.apply(f, column, options).data(), 0, 'vector');
      const { permutation, signs } = f;
      const order = permutation &&
        signs && { permutation: tensor(permutation, { dtype: 'i32' }), signs: tensor(signs) };
      const tensors = { i: tensor(f.i), j: tensor(f.j), angles: tensor(f.angles), ...order };
      near(givens.apply(tensors, v, options).data(), givens.apply(f, v, options).data(), 0, 'tensors');
      near(
        givens.apply({ ...f, angles: Array.from(f.angles), i: Array.from(f.i) }, v, options).data(),
        givens.apply(f, v, options).data(),
        0,
        'arrays',
      );
      const back =
        'transpose' in options ? { ...options, transpose: false } : { ...options, transpose: true };
      near(givens.apply(f, all, back).data(), before, 1e-14 * (count + 1), 'back and forth');
    }),
  ));

test('toDense is the product, orthogonal; d as given or known; f32 where the angles are', () =>
  scope(() => {
    for (const d of SIZES) {
      const f = product(d, 3 * d, d, true);
      const dense = rowsOf(givens.toDense(f));
      assert.ok(difference(dense, productOf(d, f)) < 1e-13);
      assert.ok(difference(multiplied(transposed(dense), dense), identity(d)) < 1e-13);
      const bare = { i: f.i, j: f.j, angles: f.angles };
      assert.ok(difference(rowsOf(givens.toDense(bare, { d })), productOf(d, bare)) < 1e-13);
    }
    assert.equal(givens.toDense({ i: [], j: [], angles: [] }, { d: 2 }).toArray(), [[1, 0], [0, 1]]); // biome-ignore format: short
    assert.equal(givens.toDense({ i: [], j: [], angles: [] }, { d: 0 }).shape, [0, 0]);
    assert.equal(givens.toDense({ i: [], j: [], angles: [], permutation: [1, 0], signs: [-1, 1] }).toArray(), [[0, 1], [-1, 0]]); // biome-ignore format: short
  }));

test('a column has the same bits whatever lies beside it', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const d = 13;
      const f = product(d, 50, 3, true);
      const x = tensor(Float64Array.from(numbers(d * 70, 5)), { shape: [d, 70], dtype });
      for (const options of WAYS.slice(0, 2)) {
        const all = givens.apply(f, x, options);
        for (const columns of [
          [0],
          [69],
          [3, 4],
          [10, 11, 12],
          [...Array(33).keys()],
          [...Array(37).keys()].map((c) => c + 20),
        ]) {
          const part = givens.apply(f, take(x, tensor(columns, { dtype: 'i32' }), 1), options);
          assert.ok(
            bitsOf(part).equals(bitsOf(take(all, tensor(columns, { dtype: 'i32' }), 1))),
            `${columns.length} columns`,
          );
        }
        assert.ok(bitsOf(all).equals(bitsOf(transpose(givens.apply(f, transpose(x), { side: 'right', transpose: !('transpose' in options) })))), 'rows'); // biome-ignore format: short
        const twice = givens.apply(f, stack([x, x], 0), options);
        assert.equal(twice.toTypedArray().slice(d * 70), all.toTypedArray());
      }
    }
  }));

test('large angles: as precise as small ones', () =>
  scope(() => {
    for (const size of [1e3, 1e6, 1e10, 1e22]) {
      const draw = drawing(2);
      const f = { ...rotations(5, 9, 1), angles: Array.from({ length: 9 }, () => size * draw()) };
      near(givens.toDense(f, { d: 5 }).data(), productOf(5, f).flat(), 1e-14, `angles of ${size}`);
    }
  }));

test('NaN and infinities stay within their columns, and within the rows that rotations reach', () =>
  scope(() => {
    const f = { i: [0, 1], j: [1, 2], angles: [0.4, 0.7] };
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const m of [1, 2, 9, 40]) {
        const rows = zerosOf(5, m).map((row, r) => row.map((_, c) => (r === 0 && c === m - 1 ? bad : r + c)));
        const got = rowsOf(givens.apply(f, tensorOf(rows), { transpose: true }));
        const clean = rowsOf(
          givens.apply(f, tensorOf(rows.map((row) => row.map((v) => (Number.isFinite(v) ? v : 0)))), {
            transpose: true,
          }),
        );
        got.forEach((row, r) => {
          row.forEach((v, c) => {
            if (c === m - 1 && r < 3) assert.not(Number.isFinite(v));
            else assert.is(v, clean[r][c], `(${r}, ${c})`);
          });
        });
      }
    }
    // An angle that is not finite spoils the rows of its plane only.
    const [a, b, c] = givens.apply({ i: [0], j: [1], angles: [Number.NaN] }, tensor([1, 2, 3])).data();
    assert.equal([a, b, c].map(Number.isNaN), [true, true, false]);
  }));

test('nothing at all: no rows, no columns, no rotations', () =>
  scope(() => {
    const none = { i: [], j: [], angles: [] };
    const shapes: [number[], Tensor][] = [[0], [0, 3], [3, 0], [2, 0, 3], [0, 3, 2]].map((shape) => [
      shape,
      givens.apply(none, zeros(shape)),
    ]);
    for (const [shape, y] of shapes) assert.equal(y.shape, shape);
    assert.equal(givens.apply({ i: [0], j: [1], angles: [1] }, zeros([2, 0])).shape, [2, 0]);
    assert.equal(
      givens.apply({ i: [0], j: [1], angles: [1] }, zeros([0, 2]), { side: 'right' }).shape,
      [0, 2],
    );
    assert.equal(givens.apply({ ...none, permutation: [], signs: [] }, zeros([0])).shape, [0]);
  }));

test.run();
