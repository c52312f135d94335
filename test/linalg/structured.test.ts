// Tridiagonal, banded, diagonal and block-diagonal systems: residuals at every small size, pivoting, stacks, singular ones.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  DTypeError,
  ShapeError,
  SingularMatrixError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { solveBanded } from '#src/linalg/structured/banded.js';
import { solveBlockDiagonal, solveDiagonal } from '#src/linalg/structured/diagonal.js';
import { solveTridiagonal } from '#src/linalg/structured/tridiagonal.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';

type Float = 'f64' | 'f32';
const SIZES = [...Array.from({ length: 41 }, (_, n) => n), 64, 65, 100, 128, 130, 255, 257, 513, 1030];

const make = (values: ArrayLike<number>, shape: number[], dtype: Float) =>
  tensor(Float64Array.from(values), { shape, dtype });

/** max |b - A x| over (‖A‖ ‖x‖ + ‖b‖) n eps for A given by its rows, in the infinity norm. */
function ratio(
  n: number,
  row: (i: number) => [number, number][],
  x: ArrayLike<number>,
  b: ArrayLike<number>,
  columns: number,
  eps: number,
): number {
  let [residual, norm, largest] = [0, 0, 0];
  for (let i = 0; i < n * columns; i++) largest = Math.max(largest, Math.abs(x[i]));
  for (let i = 0; i < n; i++) {
    const entries = row(i);
    norm = Math.max(
      norm,
      entries.reduce((s, [, v]) => s + Math.abs(v), 0),
    );
    for (let c = 0; c < columns; c++) {
      const sum = entries.reduce((s, [j, v]) => s + v * x[j * columns + c], 0);
      residual = Math.max(residual, Math.abs(b[i * columns + c] - sum));
    }
  }
  return n === 0 ? 0 : residual / (norm * largest * eps * n);
}

const KINDS: Record<string, (v: number, i: number, dtype: Float) => number> = {
  random: (v) => v,
  'small diagonal, so that rows are exchanged': (v, i) => (i % 3 === 1 ? v * 1e-3 : v),
  tiny: (v, _, dtype) => v * (dtype === 'f64' ? 1e-160 : 1e-25),
  huge: (v, _, dtype) => v * (dtype === 'f64' ? 1e150 : 1e18),
};

for (const dtype of ['f64', 'f32'] as const) {
  for (const [kind, change] of Object.entries(KINDS)) {
    test(`solveTridiagonal and solveBanded, ${kind}, in ${dtype}: small residuals at every size`, () => {
      for (const n of SIZES) {
        scope(() => {
          const part = (m: number, seed: number, which: number) =>
            make(
              numbers(m, seed + n).map((v) => change(v, which, dtype)),
              [m],
              dtype,
            );
          const [lower, upper] = [part(Math.max(0, n - 1), 1, 0), part(Math.max(0, n - 1), 2, 2)];
          const diagonal = part(n, 3, 1);
          const [l, d, u] = [lower.toTypedArray(), diagonal.toTypedArray(), upper.toTypedArray()];
          const row = (i: number): [number, number][] => {
            const entries: [number, number][] = [[i, d[i]]];
            if (i > 0) entries.push([i - 1, l[i - 1]]);
            if (i < n - 1) entries.push([i + 1, u[i]]);
            return entries;
          };
          for (const columns of [1, 5]) {
            const b = make(numbers(n * columns, 4), columns === 1 ? [n] : [n, columns], dtype);
            const x = solveTridiagonal(lower, diagonal, upper, b);
            assert.equal(x.shape, b.shape);
            const limit = 10;
            const r = ratio(n, row, x.data(), b.data(), columns, EPSILON[dtype]);
            assert.ok(r < limit, `tridiagonal ${n} x ${columns}: ratio ${r}`);
            if (n === 0) continue;
            const bands = make([0, ...u, ...d, ...l, 0], [3, n], dtype);
            const y = solveBanded(bands, { lower: 1, upper: 1 }, b);
            const s = ratio(n, row, y.data(), b.data(), columns, EPSILON[dtype]);
            assert.ok(s < limit, `banded ${n} x ${columns}: ratio ${s}`);
          }
          near(diagonal.data(), d, 0, 'the diagonal must not change');
        });
      }
    });
  }

  test(`solveBanded with any number of diagonals, more than the matrix has among them, in ${dtype}`, () => {
    for (const n of [1, 2, 3, 5, 8, 13, 40, 130, 300]) {
      for (const [kl, ku] of [
        [0, 0],
        [0, 3],
        [2, 0],
        [1, 2],
        [4, 3],
        [7, 11],
        [33, 20],
      ]) {
        for (const columns of [1, 3, 8]) {
          scope(() => {
            const bands = make(numbers((kl + ku + 1) * n, n), [kl + ku + 1, n], dtype);
            // A triangular matrix of random numbers is hopelessly conditioned: give those a diagonal.
            if (kl === 0 || ku === 0) bands.data().fill(3, ku * n, (ku + 1) * n);
            const data = bands.toTypedArray();
            const row = (i: number) => {
              const entries: [number, number][] = [];
              for (let j = Math.max(0, i - kl); j <= Math.min(n - 1, i + ku); j++)
                entries.push([j, data[(ku + i - j) * n + j]]);
              return entries;
            };
            const b = make(numbers(n * columns, 9), [n, columns], dtype);
            const x = solveBanded(bands, { lower: kl, upper: ku }, b);
            const r = ratio(n, row, x.data(), b.data(), columns, EPSILON[dtype]);
            assert.ok(r < 10, `n ${n}, kl ${kl}, ku ${ku}: ratio ${r}`);
          });
        }
      }
    }
  });

  test(`stacks broadcast with their right sides in ${dtype}`, () =>
    scope(() => {
      const [k, n] = [3, 6];
      const [l, d, u] = [numbers(k * (n - 1), 1), numbers(k * n, 2), numbers(k * (n - 1), 3)];
      const lower = make(l, [k, n - 1], dtype);
      const diagonal = make(d, [k, n], dtype);
      const upper = make(u, [k, n - 1], dtype);
      const b = make(numbers(2 * k * n * 2, 4), [2, k, n, 2], dtype);
      const x = solveTridiagonal(lower, diagonal, upper, b);
      assert.equal(x.shape, [2, k, n, 2]);
      const one = (t: Tensor, i: number, size: number, shape: number[]) =>
        make(t.data().slice(i * size, (i + 1) * size), shape, dtype);
      for (let i = 0; i < 2 * k; i++) {
        const [a, c, e] = [lower, diagonal, upper].map((t, which) =>
          one(t, i % k, which === 1 ? n : n - 1, [which === 1 ? n : n - 1]),
        );
        const side = one(b, i, n * 2, [n, 2]);
        near(x.data().slice(i * n * 2, (i + 1) * n * 2), solveTridiagonal(a, c, e, side).data(), 0, `${i}`);
      }
      const bands = make(numbers(k * 3 * n, 5), [k, 3, n], dtype);
      const v = make(numbers(n, 6), [n], dtype);
      const y = solveBanded(bands, { lower: 1, upper: 1 }, v);
      assert.equal(y.shape, [k, n]);
      for (let i = 0; i < k; i++) {
        const single = solveBanded(one(bands, i, 3 * n, [3, n]), { lower: 1, upper: 1 }, v);
        near(y.data().slice(i * n, (i + 1) * n), single.data(), 0);
      }
      // One matrix, many right sides in a stack.
      const many = solveBanded(one(bands, 0, 3 * n, [3, n]), { lower: 1, upper: 1 }, b);
      assert.equal(many.shape, b.shape);
    }));

  test(`diagonal and block-diagonal systems in ${dtype}`, () =>
    scope(() => {
      const d = make([2, -4], [2], dtype);
      assert.equal(solveDiagonal(d, make([1, 1], [2], dtype)).toArray(), [0.5, -0.25]);
      assert.equal(
        solveDiagonal(make([1, 2, 4, 8], [2, 2], dtype), make([8, 16, 8, 8], [2, 2], dtype)).toArray(),
        [
          [
            [8, 16],
            [4, 4],
          ],
          [
            [2, 4],
            [1, 1],
          ],
        ],
      );
      const blocks = make([2, 0, 0, 4, 0, 1, 1, 0], [2, 2, 2], dtype);
      assert.equal(solveBlockDiagonal(blocks, make([2, 4, 5, 6], [4], dtype)).toArray(), [1, 1, 6, 5]);
      assert.equal(solveBlockDiagonal(blocks, make([2, 4, 4, 8, 5, 6, 7, 8], [4, 2], dtype)).toArray(), [
        [1, 2],
        [1, 2],
        [7, 8],
        [5, 6],
      ]);
    }));
}

test('singular systems name the pivot, and the matrix of a stack', () =>
  scope(() => {
    const [two, three] = [zeros([2]), zeros([3])];
    rejects(
      () => solveTridiagonal(two, three, two, three),
      SingularMatrixError,
      /matrix is singular: pivot 0 is 0/,
    );
    const last = tensor([1, 1, 0]);
    let caught: unknown;
    try {
      solveTridiagonal(two, last, two, three);
    } catch (error) {
      caught = error;
    }
    assert.is((caught as SingularMatrixError).index, 2);
    const stack = tensor([
      [1, 1],
      [1, 0],
    ]);
    const off = zeros([2, 1]);
    rejects(
      () => solveTridiagonal(off, stack, off, two),
      SingularMatrixError,
      /matrix \[1\] is singular: pivot 1 is 0/,
    );
    const bands = zeros([3, 3]);
    rejects(() => solveBanded(bands, { lower: 1, upper: 1 }, three), SingularMatrixError, /pivot 0/);
    rejects(() => solveDiagonal(last, three), SingularMatrixError, /entry 2 is 0/);
  }));

test('NaN and Infinity end, as NaN', () =>
  scope(() => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const d = tensor([2, bad, 2, 2]);
      const off = tensor([1, 1, 1]);
      const b = tensor([1, 1, 1, 1]);
      const x = solveTridiagonal(off, d, off, b).data();
      if (Number.isNaN(bad)) assert.ok(x.some(Number.isNaN));
      const bands = tensor([0, 1, 1, 1, 2, bad, 2, 2, 1, 1, 1, 0], { shape: [3, 4] });
      const y = solveBanded(bands, { lower: 1, upper: 1 }, b).data();
      if (Number.isNaN(bad)) assert.ok(y.some(Number.isNaN));
    }
  }));

test('structured solvers: errors', () =>
  scope(() => {
    const [two, three, single, bands] = [zeros([2]), zeros([3]), zeros([3], { dtype: 'f32' }), zeros([3, 3])];
    rejects(
      () => solveTridiagonal(three, three, two, three),
      ShapeError,
      /lower must have shape \[2\] beside/,
    );
    rejects(
      () => solveTridiagonal(two, three, three, three),
      ShapeError,
      /upper must have shape \[2\] beside/,
    );
    rejects(() => solveTridiagonal(two, three, two, two), ShapeError, /b must have 3 rows/);
    rejects(() => solveTridiagonal(two, single, two, three), DTypeError, /one dtype/);
    rejects(() => solveBanded(bands, { lower: 1, upper: 2 }, three), ShapeError, /bands must have 4 rows/);
    rejects(() => solveBanded(bands, { lower: -1, upper: 2 }, three), ArgumentError, /lower must be a count/);
    rejects(() => solveBlockDiagonal(bands, three), ShapeError, /blocks must have shape \[k, m, m\]/);
    rejects(() => solveDiagonal([1] as never, three), ArgumentError, /d must be a tensor/);
  }));

test.run();
