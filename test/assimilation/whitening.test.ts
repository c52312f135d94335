// whitening and sampleCovariance: roots and floors, whitened samples, against sums in plain numbers; large means; blocks; errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  assimilation,
  astype,
  compile,
  DisposedError,
  DTypeError,
  div,
  matmul,
  memory,
  mul,
  random,
  reshape,
  ShapeError,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, rejects, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { heapUse } from '../support/heap.js';
import { identityOf, product, rowsOf, transposeOf } from '../support/linear-window.js';

const { sampleCovariance, whitening } = assimilation;
const T = (shape: number[], from = 0) => random(seed + from).normal(shape);
const matrixOf = (x: Tensor) => rowsOf(x.toTypedArray(), x.shape[x.ndim - 1]);
const square = (rows: number[][]) => tensor(rows.flat(), { shape: [rows.length, rows.length] });
const at = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Q diag(values) Qᵀ for a random orthonormal Q. */
function withEigenvalues(values: number[]): { C: Tensor; Q: number[][] } {
  const n = values.length;
  const Q: number[][] = [];
  for (const row of matrixOf(T([n, n], 3))) {
    let v = row;
    for (const q of Q) {
      const along = v.reduce((s, a, i) => s + a * q[i], 0);
      v = v.map((a, i) => a - along * q[i]);
    }
    const length = Math.sqrt(v.reduce((s, a) => s + a * a, 0));
    Q.push(v.map((a) => a / length));
  }
  const C = product(transposeOf(Q), Q.map((q, i) => q.map((a) => a * values[i]))); // biome-ignore format: short
  return { C: square(C), Q };
}

test('roots, inverse roots and raised eigenvalues', () =>
  scope(() => {
    for (const [values, floor] of [
      [[4, 1, 0.25], 1e-6],
      [[2, 1e-9, 0], 1e-6],
      [[9, 4, -1, 0.5], 0.1],
      [[5], 0],
      [[1, 1, 3], 2],
    ] as const) {
      // biome-ignore format: short
      const { C, Q } = withEigenvalues([...values]);
      const W = whitening(C, { floor });
      const raised = values.map((v) => Math.max(v, floor));
      const want = (f: (v: number) => number) =>
        product(transposeOf(Q), Q.map((q, i) => q.map((a) => a * f(raised[i])))).flat(); // biome-ignore format: short
      near(W.eigenvalues.data(), raised.toSorted((a, b) => a - b), 1e-12); // biome-ignore format: short
      near(W.covariance.data(), want((v) => v), 1e-12); // biome-ignore format: short
      near(W.sqrt.data(), want(Math.sqrt), 1e-7);
      const largest = 1 / Math.sqrt(Math.min(...raised));
      near(W.inverseSqrt.data(), want((v) => 1 / Math.sqrt(v)), 1e-7 * largest); // biome-ignore format: short
      near(product(matrixOf(W.sqrt), matrixOf(W.inverseSqrt)).flat(), identityOf(values.length).flat(), 1e-8);
      const x = T([2, 3, values.length], 8);
      near(W.unwhiten(W.whiten(x)).data(), x.data(), 1e-8 * largest);
      near(W.unwhiten(x).data(), matmul(x, W.sqrt).data(), 1e-13);
    }
  }));

test('whitened samples have the covariance I; states with several axes', () =>
  scope(() => {
    const samples = matmul(T([400, 6]), T([6, 6], 2));
    const W = whitening(sampleCovariance(samples));
    near(sampleCovariance(W.whiten(samples)).data(), identityOf(6).flat(), 1e-10);
    near(W.whiten(reshape(samples, [400, 2, 3])).data(), W.whiten(samples).data(), 1e-14);
    near(sampleCovariance(reshape(samples, [400, 3, 1, 2])).data(), sampleCovariance(samples).data(), 1e-14);
    checkDerivatives((x: Tensor) => W.unwhiten(W.whiten(mul(x, x))), [T([2, 6], 5)]);
    const plan = compile((x: Tensor) => W.unwhiten(x));
    near(plan(T([3, 6], 7)).data(), W.unwhiten(T([3, 6], 7)).data(), 1e-14);
    plan.dispose();
  }));

test('sampleCovariance: sums in plain numbers, every ddof, in blocks, with means far from 0', () =>
  scope(() => {
    for (const [count, m] of [[2, 1], [7, 3], [50, 4]]) // biome-ignore format: short
      for (const ddof of [0, 1, 1.5])
        for (const shift of [0, 1e8]) {
          const x = add(T([count, m]), shift);
          const rows = matrixOf(x);
          const mean = at(m).map((j) => rows.reduce((s, row) => s + (row[j] - shift), 0) / count);
          const off = rows.map((row) => row.map((v, j) => v - shift - mean[j]));
          const want = product(transposeOf(off), off).flat().map((v) => v / (count - ddof)); // biome-ignore format: short
          near(
            sampleCovariance(x, { ddof }).data(),
            want,
            1e-12 * count,
            `${count} x ${m}, ddof ${ddof}, shift ${shift}`,
          );
        }
    // More rows than a block has; f32.
    const x = T([90_000, 50]);
    const C = sampleCovariance(x);
    const halves = sampleCovariance(reshape(x, [90_000, 5, 10]));
    near(C.data(), halves.data(), 0);
    const centred = sub(x, div(sum(x, { axis: 0 }), 90_000));
    near(C.data(), div(matmul(centred, centred, { transposeA: true }), 89_999).data(), 1e-12);
    near(C.data(), matrixOf(C).flatMap((_, i) => matrixOf(C).map((row) => row[i])), 1e-14); // biome-ignore format: short
    assert.is(sampleCovariance(astype(T([5, 2]), 'f32')).dtype, 'f32');
    checkDerivatives((y: Tensor) => sampleCovariance(y), [T([4, 3])]);
  }));

test('sampleCovariance in bounded memory', () =>
  scope(() => {
    const many = T([100_000, 40]);
    const use = heapUse(() => sampleCovariance(many));
    assert.ok(use.peak < 80e6, `${use.peak} bytes for 32 MB of samples`);
    const wide = T([100, 2048]);
    const large = heapUse(() => sampleCovariance(wide));
    assert.ok(large.peak < 4.5 * 2048 * 2048 * 8, `${large.peak} bytes for a result of 34 MB`);
  }));

test('they own what they hold', () => {
  const C = scope(() => sampleCovariance(T([9, 4])));
  const before = memory();
  const W = scope(() => whitening(C));
  const x = scope(() => W.whiten(zeros([4])));
  x.dispose();
  W.dispose();
  W.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  const y = zeros([4]);
  rejects(() => W.unwhiten(y), DisposedError, /the whitening has been disposed/);
  y.dispose();
  C.dispose();
});

test('errors', () =>
  scope(() => {
    const [wide, C, f32, five, many, nan] = [
      ...[zeros([2, 3]), square(identityOf(4)), zeros([4], { dtype: 'f32' }), zeros([5]), zeros([2, 2, 2])],
      tensor([[Number.NaN]]),
    ];
    rejects(() => whitening(wide), ShapeError, /whitening: C must be square/);
    rejects(() => whitening(many), ShapeError, /C must be a matrix/);
    rejects(() => whitening(C, { floor: -1e-9 }), ArgumentError, /floor must be a number of at least 0/);
    rejects(() => whitening(C, { threshold: 1 } as never), ArgumentError, /no option 'threshold'/);
    rejects(() => whitening(nan), ArgumentError, /NaN/);
    const singular = zeros([2, 2]);
    rejects(() => whitening(singular, { floor: 0 }), ArgumentError, /an eigenvalue of C is 0/);
    const W = whitening(C);
    rejects(() => W.whiten(five), ShapeError, /whiten: x must end in the 4 numbers/);
    rejects(() => W.unwhiten(f32), DTypeError, /must be f64/);
    const [one, scalar, i32] = [zeros([1, 3]), tensor(1), zeros([3, 2], { dtype: 'i32' })];
    rejects(
      () => sampleCovariance(one),
      ArgumentError,
      /ddof must be at least 0 and less than the 1 samples/,
    );
    rejects(() => sampleCovariance(wide, { ddof: -1 }), ArgumentError, /ddof/);
    rejects(
      () => sampleCovariance(wide, { ddof: '1' as never }),
      ArgumentError,
      /ddof must be a finite number/,
    );
    rejects(() => sampleCovariance(scalar), ShapeError, /\[count, \.\.\.state\]/);
    rejects(() => sampleCovariance(i32), DTypeError, /i32/);
  }));

test.run();
