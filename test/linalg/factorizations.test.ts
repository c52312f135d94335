// Cholesky, LU and QR: LAPACK's test ratios on matrices that find factorizations out, at sizes across every block.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linalg, NotPositiveDefiniteError, ShapeError, scope, take, tensor, zeros } from '#src/index.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';
import {
  cases,
  dense,
  orthogonality,
  positiveDefinite,
  product,
  ratio,
  SIZES,
} from '../support/residuals.js';

const DTYPES = ['f64', 'f32'] as const;
/** What the issue of accuracy allows; well-behaved code stays near 1. */
const LIMIT = 10;

for (const dtype of DTYPES) {
  const eps = 2 * EPSILON[dtype];

  test(`cholesky in ${dtype}: L Lᵀ = A, zeros above, nothing above the diagonal is read`, () => {
    for (const n of SIZES) {
      scope(() => {
        const data = positiveDefinite(n, dtype);
        const spoiled = data.map((x, i) => (i % n > Math.floor(i / n) ? Number.NaN : x));
        const l = linalg.cholesky(tensor(spoiled, { shape: [n, n], dtype }));
        const L = dense(n, n, l.data());
        assert.ok(ratio(dense(n, n, data), product(L, L, false, true), eps) < LIMIT, `n = ${n}`);
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) assert.is(L.data[i * n + j], 0);
      });
    }
  });

  test(`lu in ${dtype}: P A = L U on the gallery, multipliers at most 1, shapes tall and wide`, () => {
    for (const { n, name, data } of cases(dtype)) {
      scope(() => {
        const a = tensor(data, { shape: [n, n], dtype });
        const { l, u, p } = linalg.lu(a);
        const permuted = dense(n, n, take(a, p).data());
        const back = product(dense(n, n, l.data()), dense(n, n, u.data()));
        assert.ok(ratio(permuted, back, eps) < LIMIT, `${name}, n = ${n}`);
        assert.ok(
          l.data().every((x) => Math.abs(x) <= 1),
          `${name}, n = ${n}`,
        );
        assert.equal(
          [...p.data()].sort((x, y) => x - y),
          Array.from({ length: n }, (_, i) => i),
        );
      });
    }
    for (const [m, n] of [
      [40, 7],
      [7, 40],
      [130, 33],
      [33, 130],
      [1, 5],
      [5, 1],
      [0, 3],
      [3, 0],
    ]) {
      scope(() => {
        const a = tensor(numbers(m * n, 5), { shape: [m, n], dtype });
        const { l, u, p } = linalg.lu(a);
        const k = Math.min(m, n);
        assert.equal([l.shape, u.shape, p.shape], [[m, k], [k, n], [m]]);
        const back = product(dense(m, k, l.data()), dense(k, n, u.data()));
        assert.ok(ratio(dense(m, n, take(a, p).data()), back, eps) < LIMIT, `${m} x ${n}`);
      });
    }
  });

  test(`qr in ${dtype}: Q R = A and QᵀQ = I on the gallery, the diagonal of R not negative`, () => {
    for (const { n, name, data } of cases(dtype)) {
      scope(() => {
        const { q, r } = linalg.qr(tensor(data, { shape: [n, n], dtype }));
        const [Q, R] = [dense(n, n, q.data()), dense(n, n, r.data())];
        assert.ok(ratio(dense(n, n, data), product(Q, R), eps) < LIMIT, `${name}, n = ${n}`);
        assert.ok(orthogonality(Q, eps) < LIMIT, `${name}, n = ${n}`);
        for (let i = 0; i < n; i++) {
          assert.ok(R.data[i * (n + 1)] >= 0, `${name}, n = ${n}`);
          for (let j = 0; j < i; j++) assert.is(R.data[i * n + j], 0);
        }
      });
    }
    for (const mode of ['reduced', 'complete'] as const) {
      for (const [m, n] of [
        [40, 7],
        [7, 40],
        [130, 33],
        [33, 130],
        [1, 5],
        [5, 1],
        [0, 3],
        [3, 0],
      ]) {
        scope(() => {
          const data = tensor(numbers(m * n, 6), { shape: [m, n], dtype });
          const { q, r } = linalg.qr(data, { mode });
          const k = mode === 'complete' ? m : Math.min(m, n);
          assert.equal(
            [q.shape, r.shape],
            [
              [m, k],
              [k, n],
            ],
          );
          const back = product(dense(m, k, q.data()), dense(k, n, r.data()));
          assert.ok(ratio(dense(m, n, data.data()), back, eps) < LIMIT, `${m} x ${n} ${mode}`);
          assert.ok(orthogonality(dense(m, k, q.data()), eps) < LIMIT, `${m} x ${n} ${mode}`);
        });
      }
    }
  });

  test(`stacks in ${dtype} are their matrices one by one`, () =>
    scope(() => {
      const n = 9;
      const blocks = [1, 2, 3, 4, 5, 6].map((seed) => positiveDefinite(n, dtype, seed));
      const stack = tensor(blocks.flat(), { shape: [2, 3, n, n], dtype });
      const all = { ...linalg.lu(stack), ...linalg.qr(stack), c: linalg.cholesky(stack) };
      blocks.forEach((block, i) => {
        const a = tensor(block, { shape: [n, n], dtype });
        const one = { ...linalg.lu(a), ...linalg.qr(a), c: linalg.cholesky(a) };
        for (const key of ['l', 'u', 'p', 'q', 'r', 'c'] as const) {
          const part = all[key].data().slice(i * one[key].size, (i + 1) * one[key].size);
          assert.equal(Array.from(part), Array.from(one[key].data()), key);
        }
      });
      assert.equal(linalg.cholesky(zeros([0, 3, 3], { dtype })).shape, [0, 3, 3]);
    }));

  test(`NaN and Inf in ${dtype}: a typed error from cholesky, NaN out of lu and qr, and an end`, () =>
    scope(() => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        for (const n of [1, 5, 40]) {
          const data = positiveDefinite(n, dtype);
          data[n * n - 1] = bad;
          const a = tensor(data, { shape: [n, n], dtype });
          rejects(() => linalg.cholesky(a), NotPositiveDefiniteError, /is not positive definite: pivot/);
          linalg.lu(a);
          linalg.qr(a);
        }
      }
    }));
}

for (const dtype of DTYPES) {
  const eps = 2 * EPSILON[dtype];

  test(`qr with pivoting in ${dtype}: the columns p of A are Q R, and the diagonal of R falls and shows the rank`, () => {
    for (const [m, n] of [
      [1, 1],
      [5, 5],
      [30, 30],
      [40, 17],
      [17, 40],
      [130, 33],
    ]) {
      for (const rank of [Math.min(m, n), Math.min(m, n, 3)]) {
        scope(() => {
          const left = dense(m, rank, numbers(m * rank, 1));
          const data = tensor(Array.from(product(left, dense(rank, n, numbers(rank * n, 2))).data), {
            shape: [m, n],
            dtype,
          });
          const { q, r, p } = linalg.qr(data, { pivot: true });
          const k = Math.min(m, n);
          const back = product(dense(m, k, q.data()), dense(k, n, r.data()));
          const permuted = take(data, p, 1);
          assert.ok(ratio(dense(m, n, permuted.data()), back, eps) < LIMIT, `${m} x ${n}`);
          assert.ok(orthogonality(dense(m, k, q.data()), eps) < LIMIT, `${m} x ${n}`);
          const diagonal = Array.from({ length: k }, (_, i) => r.data()[i * (n + 1)]);
          for (let i = 1; i < k; i++)
            assert.ok(diagonal[i] <= diagonal[i - 1] * (1 + 100 * eps), `${m} x ${n}`);
          assert.is(diagonal.filter((d) => d > 1000 * eps * diagonal[0]).length, rank);
        });
      }
    }
  });

  test(`qr with pivoting in ${dtype}: ratios on the gallery, and a diagonal that falls`, () => {
    for (const { n, name, data } of cases(dtype)) {
      scope(() => {
        const a = tensor(data, { shape: [n, n], dtype });
        const { q, r, p } = linalg.qr(a, { pivot: true });
        const [Q, R] = [dense(n, n, q.data()), dense(n, n, r.data())];
        const permuted = dense(n, n, take(a, p, 1).data());
        assert.ok(ratio(permuted, product(Q, R), eps) < LIMIT, `${name}, n = ${n}`);
        assert.ok(orthogonality(Q, eps) < LIMIT, `${name}, n = ${n}`);
        // Column norms are downdated, and right to rounding of the whole.
        const slack = 10 * n * eps * R.data[0];
        for (let i = 1; i < n; i++)
          assert.ok(R.data[i * (n + 1)] <= R.data[(i - 1) * (n + 1)] + slack, `${name}, n = ${n}, row ${i}`);
      });
    }
  });

  test(`ldlt in ${dtype}: Pᵀ L D Lᵀ P = A on the symmetric matrices of the gallery and on indefinite ones`, () => {
    for (const { n, name, data: matrix } of cases(dtype)) {
      scope(() => {
        // Only the lower triangle is read: of any matrix it is that of a symmetric one.
        const data = matrix.map((x, i) =>
          i % n <= Math.floor(i / n) ? x : matrix[(i % n) * n + Math.floor(i / n)],
        );
        using f = linalg.ldlt(tensor(matrix, { shape: [n, n], dtype }));
        const back = dense(n, n, f.reconstruct().data());
        const r = ratio(dense(n, n, data), back, eps);
        assert.ok(r < LIMIT, `${name}, n = ${n}: ${r}`);
      });
    }
  });

  test(`choleskyUpdate in ${dtype}: update and downdate are those of the matrix`, () => {
    for (const n of [1, 2, 7, 40]) {
      scope(() => {
        const A = positiveDefinite(n, dtype);
        const x = numbers(n, 8);
        const l = linalg.cholesky(tensor(A, { shape: [n, n], dtype }));
        const vector = tensor(x, { dtype });
        const up = linalg.choleskyUpdate(l, vector);
        const plus = dense(
          n,
          n,
          A.map((v, i) => v + x[Math.floor(i / n)] * x[i % n]),
        );
        const U = dense(n, n, up.data());
        assert.ok(ratio(plus, product(U, U, false, true), eps) < LIMIT);
        const D = dense(n, n, linalg.choleskyUpdate(up, vector, { downdate: true }).data());
        assert.ok(ratio(dense(n, n, A), product(D, D, false, true), eps) < 10 * LIMIT);
        const large = tensor(
          x.map(() => 1e3),
          { dtype },
        );
        rejects(
          () => linalg.choleskyUpdate(l, large, { downdate: true }),
          NotPositiveDefiniteError,
          /pivot \d+ vanishes/,
        );
      });
    }
  });
}

test('qr with pivoting takes columns of zeros last', () =>
  scope(() => {
    const n = 9;
    const a = tensor(
      numbers(n * n, 3).map((x, i) => (i % n < 5 && i % n > 0 ? 0 : x)),
      { shape: [n, n] },
    );
    const { r, p } = linalg.qr(a, { pivot: true });
    assert.equal(
      Array.from({ length: n }, (_, i) => r.data()[i * (n + 1)] > 0),
      [...Array(5).fill(true), ...Array(4).fill(false)],
    );
    assert.equal(Array.from(p.data().slice(5)).sort(), [1, 2, 3, 4]);
  }));

test('lu divides by a pivot whose reciprocal overflows', () =>
  scope(() => {
    for (const [dtype, unit] of [
      ['f64', 2 ** -1060],
      ['f32', 2 ** -140],
    ] as const) {
      const a = tensor(
        [4, 8, 1, 6].map((x) => x * unit),
        { shape: [2, 2], dtype },
      );
      const { l, u } = linalg.lu(a);
      assert.equal(l.toArray(), [
        [1, 0],
        [0.25, 1],
      ]);
      assert.equal(Array.from(u.data()), [4 * unit, 8 * unit, 0, 4 * unit]);
    }
  }));

test('ldlt takes one row where its two would make a singular pivot, and the determinant of two does not overflow', () =>
  scope(() => {
    // Rows 0 and 1 are [1 2; 2 4] in their own plane; what row 1 has beside it lets row 0 stand alone.
    const a = tensor([
      [1, 2, 0],
      [2, 4, 100],
      [0, 100, 0],
    ]);
    using f = linalg.ldlt(a);
    near(f.solve(tensor([1, 2, 3])).data(), [0.94, 0.03, 0], 1e-14);
    near(f.reconstruct().data(), a.data(), 1e-13);
    using pair = linalg.ldlt(
      tensor([
        [1e200, 1e300],
        [1e300, 1e200],
      ]),
    );
    near([pair.logAbsDet().item()], [600 * Math.log(10)], 1e-10);
  }));

test('rcond is within a factor of three of the truth, and 0 for a singular matrix', () =>
  scope(() => {
    for (const n of [1, 2, 5, 12, 40]) {
      const a = tensor(numbers(n * n, n + 40), { shape: [n, n] });
      const exact = 1 / (linalg.norm(a, 1).item() * linalg.norm(linalg.inv(a), 1).item());
      const estimate = linalg.rcond(a) as number;
      assert.ok(estimate >= exact * 0.999999 && estimate < 3 * exact, `n = ${n}: ${estimate}, ${exact}`);
    }
    assert.is(
      linalg.rcond(
        tensor([
          [1, 2],
          [2, 4],
        ]),
      ),
      0,
    );
    assert.ok(Number.isNaN(linalg.rcond(tensor([[Number.NaN]]))));
  }));

test('not positive definite: the index of the pivot, the place in the stack, and nothing left behind', () => {
  scope(() => {
    const bad = tensor([
      [1, 2],
      [2, 1],
    ]);
    rejects(
      () => linalg.cholesky(bad),
      NotPositiveDefiniteError,
      /matrix is not positive definite: pivot 1 is -3 /,
    );
    const stack = tensor([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [-2, 0],
        [0, 1],
      ],
    ]);
    rejects(
      () => linalg.cholesky(stack),
      NotPositiveDefiniteError,
      /matrix \[1\] is not positive definite: pivot 0 is -2 /,
    );
    const large = tensor(
      positiveDefinite(70, 'f64').map((x, i) => (i === 50 * 71 ? -1 : x)),
      { shape: [70, 70] },
    );
    let error: unknown;
    try {
      linalg.cholesky(large);
    } catch (e) {
      error = e;
    }
    assert.is((error as NotPositiveDefiniteError).index, 50);
    const wide = zeros([2, 3]);
    const line = zeros([3]);
    rejects(() => linalg.cholesky(wide), ShapeError, /cholesky: a must be square, got 2 x 3/);
    rejects(() => linalg.lu(line), ShapeError, /lu: a must be a matrix or a stack of them, got shape \[3\]/);
  });
});

test.run();
