// Least squares: the normal equations hold, x has minimum norm, both methods agree, golden values, stacks, and errors.
// It defines the kernels gelsf_T and gelss_T (factor, apply) with their workspace gelsd_T_work.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  linalg,
  matmul,
  ShapeError,
  SingularMatrixError,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';
import { dense, gallery, norm1, product, SIZES } from '../support/residuals.js';

for (const dtype of ['f64', 'f32'] as const) {
  const eps = EPSILON[dtype];

  test(`in ${dtype}: the residual is orthogonal to the columns of A, and 'qr' agrees with 'svd'`, () => {
    for (const [m, n] of [
      [1, 1],
      [5, 3],
      [20, 20],
      [50, 7],
      [130, 33],
      [3, 5],
      [7, 50],
    ]) {
      scope(() => {
        const a = tensor(numbers(m * n, 1), { shape: [m, n], dtype });
        const b = tensor(numbers(m * 2, 2), { shape: [m, 2], dtype });
        const { x, rank, singularValues, residuals } = linalg.lstsq(a, b);
        assert.equal(
          [x.shape, rank, singularValues?.shape, residuals.shape],
          [[n, 2], Math.min(m, n), [Math.min(m, n)], [2]],
        );
        const gradient = matmul(a, sub(matmul(a, x), b), { transposeA: true });
        const scale = Math.max(...x.data().map(Math.abs), 1) * m * n;
        near(gradient.data(), new Array(2 * n).fill(0), 40 * eps * scale, `${m} x ${n}`);
        // Minimum norm: x lies in the row space, so it does not change under the projection A⁺ A.
        const projected = matmul(linalg.pinv(a), matmul(a, x));
        near(projected.data(), x.data(), 2e3 * eps * scale, `${m} x ${n}`);
        if (m >= n) {
          const fast = linalg.lstsq(a, b, { method: 'qr' });
          near(fast.x.data(), x.data(), 2e3 * eps * scale, `${m} x ${n}`);
          near(fast.residuals.data(), residuals.data(), 200 * eps * scale);
        }
      });
    }
  });

  test(`in ${dtype}: at every size ||Aᵀ (b - A x)|| is small, and the rank counts singular values`, () => {
    for (const n of SIZES.filter((size) => size > 0)) {
      const whole = n <= 16 || n % 32 === 0;
      for (const [name, data] of whole ? gallery(n, dtype) : [['random', numbers(n * n, n + 1)] as const]) {
        scope(() => {
          const a = tensor(data, { shape: [n, n], dtype });
          const b = tensor(numbers(2 * n, 2), { shape: [n, 2], dtype });
          const { x, rank, singularValues } = linalg.lstsq(a, b);
          const s = (singularValues as Tensor).data();
          const above = s.filter((v) => v > 2 * eps * n * s[0]).length;
          assert.is(rank, above, `${name}, n = ${n}`);
          const A = dense(n, n, a.data());
          const [X, B] = [dense(n, 2, x.data()), dense(n, 2, b.data())];
          const { data: back } = product(A, X);
          const r = dense(
            n,
            2,
            Float64Array.from(B.data, (v, i) => v - back[i]),
          );
          const scale = 2 * eps * n * norm1(A) * (norm1(A) * norm1(X) + norm1(B));
          const value = norm1(product(A, r, true)) / (scale || 1);
          assert.ok(value < 10, `${name}, n = ${n}: ${value}`);
        });
      }
    }
  });

  test(`in ${dtype}: rank-deficient matrices, whose rank is found`, () =>
    scope(() => {
      const [m, n, r] = [12, 8, 3];
      const a = tensor(
        Array.from(product(dense(m, r, numbers(m * r, 1)), dense(r, n, numbers(r * n, 2))).data),
        { shape: [m, n], dtype },
      );
      const b = tensor(numbers(m, 3), { dtype });
      const { x, rank, residuals } = linalg.lstsq(a, b);
      assert.equal([rank, x.shape, residuals.shape], [r, [n], []]);
      const difference = Array.from(sub(matmul(a, x), b).data());
      near([residuals.item()], [difference.reduce((s, d) => s + d * d, 0)], 50 * eps);
      rejects(() => linalg.lstsq(a, b, { method: 'qr' }), SingularMatrixError, /no full column rank/);
    }));
}

test('stacks, and an empty one', () =>
  scope(() => {
    const a = tensor(numbers(2 * 6 * 3, 1), { shape: [2, 6, 3] });
    const b = tensor(numbers(2 * 6 * 2, 2), { shape: [2, 6, 2] });
    const { x, rank, residuals } = linalg.lstsq(a, b);
    assert.equal(
      [x.shape, residuals.shape],
      [
        [2, 3, 2],
        [2, 2],
      ],
    );
    assert.equal(typeof rank === 'number' ? rank : rank.toArray(), [3, 3]);
    for (let i = 0; i < 2; i++) {
      const one = linalg.lstsq(
        tensor(a.data().slice(i * 18, (i + 1) * 18), { shape: [6, 3] }),
        tensor(b.data().slice(i * 12, (i + 1) * 12), { shape: [6, 2] }),
      );
      near(x.data().slice(i * 6, (i + 1) * 6), one.x.data(), 1e-13);
    }
    assert.equal(linalg.lstsq(zeros([0, 3]), zeros([0, 2])).x.toArray(), [
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    assert.is(sum(linalg.lstsq(zeros([4, 3]), zeros([4])).x).item(), 0);
  }));

test('golden values', () => {
  interface Golden {
    name: string;
    A: { shape: number[]; data: number[] };
    b: { shape: number[]; data: number[] } | number[];
    rank: number;
    cond2: number | null;
    x_lstsq?: { data: number[] } | number[] | null;
    residual_norm?: number | null;
  }
  const flat = (x: { data: number[] } | number[]) => (Array.isArray(x) ? x : x.data);
  const { matrices } = JSON.parse(
    readFileSync(new URL('../../../test/fixtures/linalg.json', import.meta.url), 'utf8'),
  ) as { matrices: Golden[] };
  let checked = 0;
  for (const g of matrices) {
    if (!g.x_lstsq) continue;
    scope(() => {
      const want = flat(g.x_lstsq ?? []);
      const b = tensor(flat(g.b));
      const { x, rank, residuals } = linalg.lstsq(tensor(g.A.data, { shape: g.A.shape }), b);
      assert.is(rank, g.rank, g.name);
      const tolerance = Math.max(1e-12, 200 * 2 ** -52 * (g.cond2 ?? 1e3)) * 10;
      near(x.data(), want, tolerance * Math.max(...want.map(Math.abs)), g.name);
      if (g.residual_norm != null && g.residual_norm > 1e-8)
        near([Math.sqrt(residuals.item())], [g.residual_norm], 1e-10 * g.residual_norm, g.name);
      checked++;
    });
  }
  assert.ok(checked >= 10, `only ${checked}`);
});

test('bad arguments', () =>
  scope(() => {
    const [a, b, wide, short] = [zeros([3, 2]), zeros([3]), zeros([2, 3]), zeros([2])];
    rejects(() => linalg.lstsq(a, short), ShapeError, /lstsq: b must have 3 rows, got shape \[2\]/);
    rejects(() => linalg.lstsq(a, b, { rcond: -1 }), ArgumentError, /rcond must be at least 0/);
    rejects(() => linalg.lstsq(a, b, { method: 'lu' as never }), ArgumentError, /method must be/);
    rejects(() => linalg.lstsq(wide, short, { method: 'qr' }), ShapeError, /at least as many rows/);
    rejects(() => linalg.lstsq(a, b, { method: 'qr' }), SingularMatrixError, /singular/);
  }));

test.run();
