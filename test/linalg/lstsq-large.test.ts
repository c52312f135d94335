// pinv and lstsq where the bidiagonal matrix is cut in halves: the Penrose conditions, deflation, many right sides, broadcast stacks.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  eye,
  linalg,
  matmul,
  mul,
  reshape,
  scope,
  slice,
  sub,
  type Tensor,
  tensor,
  transpose,
} from '#src/index.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';

const largest = (x: Tensor) => Array.from(x.data()).reduce((high, v) => Math.max(high, Math.abs(v)), 0);

/** A matrix of this rank with singular values from 1 to 1 / 4, some of them equal. */
function ofRank(m: number, n: number, rank: number, dtype: 'f64' | 'f32'): Tensor {
  const [q, p] = [m, n].map(
    (rows) => linalg.qr(tensor(numbers(rows * rank, rows), { shape: [rows, rank], dtype })).q,
  );
  const s = tensor(
    Float64Array.from({ length: rank }, (_, i) => (i % 3 === 0 ? 1 : 1 - (0.75 * i) / rank)),
    { shape: [1, rank], dtype },
  );
  return matmul(mul(q, s), p, { transposeB: true });
}

for (const dtype of ['f64', 'f32'] as const) {
  const eps = EPSILON[dtype];

  test(`in ${dtype}: A P A = A, P A P = P, A P and P A symmetric; lstsq gives P b and the rank`, () => {
    for (const [m, n, rank] of [
      [26, 26, 26],
      [27, 27, 9],
      [70, 50, 50],
      [50, 70, 20],
      [140, 140, 140],
      [200, 60, 60],
      [60, 200, 31],
      [210, 190, 100],
    ]) {
      scope(() => {
        const a = ofRank(m, n, rank, dtype);
        const p = linalg.pinv(a);
        const [ap, pa] = [matmul(a, p), matmul(p, a)];
        const what = `${m} x ${n} of rank ${rank}`;
        const zero = (x: Tensor) =>
          assert.ok(largest(x) < 40 * eps * Math.sqrt(m + n), `${what}: ${largest(x) / eps}`);
        zero(sub(matmul(ap, a), a));
        zero(sub(matmul(pa, p), p));
        zero(sub(ap, transpose(ap)));
        zero(sub(pa, transpose(pa)));
        for (const k of [1, 7, 600]) {
          const b = tensor(numbers(m * k, k), { shape: [m, k], dtype });
          const { x, rank: found, singularValues } = linalg.lstsq(a, b);
          assert.is(found, rank, what);
          const product = matmul(p, b);
          assert.ok(
            largest(sub(x, product)) < 100 * eps * largest(b) * Math.sqrt(m + n),
            `${what}, ${k} right sides`,
          );
          near((singularValues as Tensor).data(), linalg.svdvals(a).data(), 100 * eps);
        }
      });
    }
  });
}

test('A = I and A = 0, whose values are all equal', () =>
  scope(() => {
    for (const [m, n] of [
      [40, 40],
      [60, 30],
      [30, 60],
    ]) {
      near(linalg.pinv(eye(m, n)).data(), eye(n, m).data(), 1e-15);
      const zero = mul(eye(m, n), 0);
      assert.is(largest(linalg.pinv(zero)), 0);
      const { x, rank } = linalg.lstsq(zero, tensor(numbers(m, 1)));
      assert.equal([rank, largest(x)], [0, 0]);
    }
  }));

test('entries near the ends of the range', () =>
  scope(() => {
    for (const size of [1e-300, 1e300]) {
      const unit = tensor(numbers(40 * 30, 5), { shape: [40, 30] });
      const a = mul(unit, size);
      const b = tensor(numbers(40, 6));
      near(mul(linalg.pinv(a), size).data(), linalg.pinv(unit).data(), 1e-12);
      near(mul(linalg.lstsq(a, b).x, size).data(), linalg.lstsq(unit, b).x.data(), 1e-12);
    }
  }));

test('matrices and right sides that broadcast along different axes, by both methods', () =>
  scope(() => {
    const [m, n] = [6, 4];
    const a = tensor(numbers(2 * 3 * m * n, 1), { shape: [2, 1, 3, m, n] });
    const b = tensor(numbers(5 * m * 2, 2), { shape: [5, 1, m, 2] });
    for (const method of ['svd', 'qr'] as const) {
      const { x, rank } = linalg.lstsq(a, b, { method });
      assert.equal(
        [x.shape, (rank as Tensor).shape],
        [
          [2, 5, 3, n, 2],
          [2, 1, 3],
        ],
      );
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 5; j++) {
          for (let l = 0; l < 3; l++) {
            const one = reshape(slice(a, [i, 0, l, 0, 0], [i + 1, 1, l + 1, m, n]), [m, n]);
            const side = reshape(slice(b, [j, 0, 0, 0], [j + 1, 1, m, 2]), [m, 2]);
            const want = matmul(linalg.pinv(one), side);
            const got = slice(x, [i, j, l, 0, 0], [i + 1, j + 1, l + 1, n, 2]);
            near(got.data(), want.data(), 1e-11, `${method} ${i} ${j} ${l}`);
          }
        }
      }
    }
  }));

test('one matrix of a stack with a NaN is named, and nothing is left behind', () =>
  scope(() => {
    const data = numbers(2 * 30 * 30, 1);
    data[30 * 30 + 77] = Number.NaN;
    const a = tensor(data, { shape: [2, 30, 30] });
    const b = tensor(numbers(30, 1), { shape: [30, 1] });
    rejects(() => linalg.pinv(a), ArgumentError, /pinv: a \[1\] must be finite/);
    rejects(() => linalg.lstsq(a, b), ArgumentError, /lstsq: a \[1\] must be finite/);
  }));

test.run();
