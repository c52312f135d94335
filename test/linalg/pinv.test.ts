// pinv, matrixRank, cond: the Penrose conditions, known values, golden values.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, ShapeError, scope, type Tensor, tensor } from '#src/index.js';
import { cond, matrixRank, pinv } from '#src/linalg/dense/pinv.js';
import { svdvals } from '#src/linalg/dense/svd.js';
import { matmul } from '#src/ops/index.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';

for (const dtype of ['f64', 'f32'] as const) {
  test(`pinv and matrixRank in ${dtype}: the Penrose conditions`, () => {
    for (const [m, n, r] of [
      [6, 6, 6],
      [9, 4, 4],
      [4, 9, 2],
      [30, 20, 7],
      [5, 5, 0],
    ]) {
      scope(() => {
        const [x, y] = [numbers(m * r, m), numbers(n * r, n + 9)];
        const data = Array.from({ length: m * n }, (_, at) => {
          let sum = 0;
          for (let l = 0; l < r; l++) sum += x[Math.floor(at / n) * r + l] * y[(at % n) * r + l];
          return sum;
        });
        const a = tensor(data, { shape: [m, n], dtype });
        assert.is(matrixRank(a), r);
        const p = pinv(a);
        assert.equal(p.shape, [n, m]);
        const scale = r === 0 ? 1 : Number(svdvals(a).data()[0] / svdvals(a).data()[r - 1]);
        const pa = matmul(p, a);
        const ap = matmul(a, p);
        const bound = 200 * EPSILON[dtype] * scale;
        near(matmul(a, pa).data(), a.toTypedArray(), bound * Math.max(m, n), 'A P A');
        near(matmul(ap, ap).data(), ap.toTypedArray(), bound, 'A P');
        near(
          pa.data(),
          Array.from({ length: n * n }, (_, at) => pa.data()[(at % n) * n + Math.floor(at / n)]),
          bound,
          'symmetric',
        );
      });
    }
  });
}

test('cond: of a diagonal, of a singular matrix, in other norms', () =>
  scope(() => {
    const d = tensor([
      [4, 0],
      [0, -0.5],
    ]);
    assert.is(cond(d).item(), 8);
    assert.equal(cond(d).shape, []);
    assert.is(cond(d, -2).item(), 1 / 8);
    near([cond(d, 'fro').item()], [Math.hypot(4, 0.5) * Math.hypot(1 / 4, 2)], 1e-14);
    assert.is(
      cond(
        tensor([
          [1, 0],
          [0, 0],
        ]),
      ).item(),
      Number.POSITIVE_INFINITY,
    );
    assert.is(matrixRank(d, { tolerance: 1 }), 1);
    near(pinv(d, { rcond: 0.5 }).data(), [0.25, 0, 0, 0], 1e-16);
  }));

test('stacks and empty matrices', () =>
  scope(() => {
    const a = tensor(numbers(2 * 3 * 5 * 4, 1), { shape: [2, 3, 5, 4] });
    const ranks = matrixRank(a) as Tensor;
    assert.equal([ranks.dtype, ranks.shape, Array.from(ranks.data())], ['i32', [2, 3], Array(6).fill(4)]);
    assert.equal(cond(a).shape, [2, 3]);
    assert.equal(pinv(a).shape, [2, 3, 4, 5]);
    const empty = tensor([], { shape: [0, 3] });
    assert.equal(pinv(empty).shape, [3, 0]);
    assert.is(matrixRank(empty), 0);
  }));

test('golden values', () => {
  interface Golden {
    name: string;
    A: { shape: number[]; data: number[] };
    rank: number;
    cond2: number | null;
    singular_values: number[];
    pinv?: { data: number[] };
  }
  const url = new URL('../../../test/fixtures/linalg.json', import.meta.url);
  const { matrices } = JSON.parse(readFileSync(url, 'utf8')) as { matrices: Golden[] };
  for (const { name, A, rank, cond2, singular_values: s, pinv: inverse } of matrices) {
    scope(() => {
      const a = tensor(A.data, { shape: A.shape });
      assert.is(matrixRank(a), rank, `${name}: rank`);
      // The smallest value is right to 1e-13 of the largest.
      if (cond2 !== null)
        near([cond(a).item()], [cond2], 1e-13 * cond2 * Math.max(10, cond2), `${name}: cond`);
      if (!inverse) return;
      const want = inverse.data;
      const largest = want.reduce((x, y) => Math.max(x, Math.abs(y)), 0);
      const kept = s[0] / (s[rank - 1] ?? 1);
      const relative = Math.max(1e-12, 200 * 2 ** -52 * (cond2 ?? kept));
      near(pinv(a).data(), want, relative * largest, `${name}: pinv`);
    });
  }
});

test('what is not finite or does not fit is said, and nothing is left behind', () => {
  using stack = tensor([[[1]], [[Number.NaN]]]);
  rejects(() => cond(stack), ArgumentError, /cond: a \[1\] must be finite/);
  rejects(() => matrixRank(stack), ArgumentError, /matrixRank: a \[1\] must be finite/);
  rejects(() => pinv(stack), ArgumentError, /pinv: a \[1\] must be finite/);
  using empty = tensor([], { shape: [0, 2] });
  rejects(() => cond(empty), ShapeError, /cond: a must not be empty/);
  using one = tensor([[1]]);
  rejects(() => cond(one, 1 as 2), ArgumentError, /ord must be/);
  rejects(() => pinv(one, { rcond: -1 }), ArgumentError, /rcond must be/);
  rejects(() => matrixRank(one, { tolerance: Number.NaN }), ArgumentError, /tolerance must be/);
});

test.run();
