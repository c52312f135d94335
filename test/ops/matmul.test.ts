// matmul: NumPy's shapes, transposes, batches, vectors, both types, the edges, and its errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, DTypeError, matmul, ShapeError, scope, tensor, zeros } from '#src/index.js';
import { EPSILON, near, numbers, property, rejects } from '../support/check.js';
import { rounded } from '../support/raw.js';
import * as twins from '../support/twins/index.js';

const size = (shape: readonly number[]) => shape.reduce((p, q) => p * q, 1);

const batched = fc.record({
  m: fc.integer({ min: 0, max: 9 }),
  n: fc.integer({ min: 0, max: 9 }),
  k: fc.integer({ min: 0, max: 9 }),
  batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
  ones: fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })),
  drop: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

for (const dtype of ['f64', 'f32'] as const) {
  test(`batches that broadcast, with and without transposes, in ${dtype}`, () =>
    property(
      batched,
      ({ m, n, k, batch, ones, drop, transposeA, transposeB }) => {
        const [ba, bb] = [0, 1].map((o) => batch.map((b, i) => ((ones[o] >> i) & 1 ? 1 : b)).slice(drop[o]));
        const rank = Math.max(ba.length, bb.length);
        const extent = (s: number[], i: number) => s[i - (rank - s.length)] ?? 1;
        const full = Array.from({ length: rank }, (_, i) => Math.max(extent(ba, i), extent(bb, i)));
        const A = rounded(dtype, numbers(size(ba) * m * k, 1));
        const B = rounded(dtype, numbers(size(bb) * k * n, 2));
        const want: number[] = [];
        for (let i = 0; i < size(full); i++) {
          const at = (s: number[]) => {
            let [rest, step, offset] = [i, 1, 0];
            for (let axis = rank - 1; axis >= 0; axis--) {
              const index = rest % full[axis];
              rest = Math.floor(rest / full[axis]);
              if (extent(s, axis) !== 1) offset += index * step;
              step *= extent(s, axis);
            }
            return offset;
          };
          const c = new Array<number>(m * n).fill(0);
          const a = {
            data: A,
            offset: at(ba) * m * k,
            rows: transposeA ? 1 : k,
            columns: transposeA ? m : 1,
          };
          const b = {
            data: B,
            offset: at(bb) * k * n,
            rows: transposeB ? 1 : n,
            columns: transposeB ? k : 1,
          };
          twins.gemm(m, n, k, 1, a, b, 0, { data: c, offset: 0, rows: n, columns: 1 });
          want.push(...c);
        }
        scope(() => {
          const a = tensor(A, { shape: [...ba, ...(transposeA ? [k, m] : [m, k])], dtype });
          const b = tensor(B, { shape: [...bb, ...(transposeB ? [n, k] : [k, n])], dtype });
          const c = matmul(a, b, { transposeA, transposeB });
          assert.equal(c.shape, [...full, m, n]);
          assert.is(c.dtype, dtype);
          near(c.data(), want, (k + 2) * EPSILON[dtype] * k);
        });
      },
      400,
    ));

  test(`vectors are rows on the left and columns on the right, in ${dtype}`, () =>
    scope(() => {
      const v = tensor([1, 2], { dtype });
      const m = tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { dtype },
      );
      assert.equal(matmul(v, m).toArray(), [7, 10]);
      assert.equal(matmul(m, v).toArray(), [5, 11]);
      assert.is(matmul(v, v).toArray(), 5);
      assert.equal(matmul(m, v, { transposeA: true }).toArray(), [7, 10]);
      const batch = tensor(
        [
          [
            [1, 2],
            [3, 4],
          ],
          [
            [5, 6],
            [7, 8],
          ],
        ],
        { dtype },
      );
      assert.equal(matmul(batch, v).toArray(), [
        [5, 11],
        [17, 23],
      ]);
      assert.equal(matmul(v, batch).toArray(), [
        [7, 10],
        [19, 22],
      ]);
    }));

  test(`sizes past every block, in ${dtype}`, () =>
    scope(() => {
      for (const [m, n, k] of [
        [130, 67, 300],
        [1, 500, 300],
        [500, 1, 300],
        [33, 1100, 5],
      ]) {
        const A = rounded(dtype, numbers(m * k, 3));
        const B = rounded(dtype, numbers(k * n, 4));
        const want = new Array<number>(m * n).fill(0);
        const row = (data: number[], columns: number) => ({ data, offset: 0, rows: columns, columns: 1 });
        twins.gemm(m, n, k, 1, row(A, k), row(B, n), 0, row(want, n));
        const c = matmul(tensor(A, { shape: [m, k], dtype }), tensor(B, { shape: [k, n], dtype }));
        near(c.data(), want, (k + 2) * EPSILON[dtype] * Math.sqrt(k) * 4);
      }
    }));
}

test('a product over no terms is zero; NaN and Inf propagate', () => {
  scope(() => {
    assert.equal(matmul(zeros([2, 0]), zeros([0, 3])).toArray(), [
      [0, 0, 0],
      [0, 0, 0],
    ]);
    assert.equal(matmul(zeros([0, 2]), zeros([2, 3])).shape, [0, 3]);
    const c = matmul(
      tensor([
        [Number.NaN, 0],
        [0, Number.POSITIVE_INFINITY],
      ]),
      tensor([
        [0, 1],
        [1, 1],
      ]),
    ).toArray();
    assert.equal(c, [
      [Number.NaN, Number.NaN],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ]);
  });
});

test('what does not fit is named', () => {
  scope(() => {
    const [m, scalar, left, right] = [zeros([2, 3]), zeros([]), zeros([2, 2, 3]), zeros([3, 3, 2])];
    const [single, integers] = [zeros([3, 2], { dtype: 'f32' }), zeros([2, 2], { dtype: 'i32' })];
    rejects(
      () => matmul(m, m),
      ShapeError,
      /matmul: shapes \[2, 3\] and \[2, 3\] do not fit: a has 3 columns, b has 2 rows/,
    );
    rejects(
      () => matmul(m, m, { transposeA: true, transposeB: true }),
      ShapeError,
      /with transposeA and transposeB/,
    );
    rejects(() => matmul(m, scalar), ShapeError, /scalar/);
    rejects(() => matmul(left, right), ShapeError, /do not broadcast/);
    rejects(() => matmul(m, single), DTypeError, /f64 and f32/);
    rejects(() => matmul(integers, integers), DTypeError, /i32/);
    rejects(() => matmul(m, 3 as never), ArgumentError, /matmul: b must be a tensor, got 3/);
    rejects(() => matmul([[1]] as never, m), ArgumentError, /matmul: a must be a tensor, got an array of 1/);
  });
});

test.run();
