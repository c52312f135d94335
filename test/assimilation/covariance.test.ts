// Covariances: solve, roots and products against matrices written out, of vectors with any axes and batches; derivatives; errors; what they hold.
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
  grad,
  matmul,
  memory,
  mul,
  NotPositiveDefiniteError,
  random,
  reshape,
  ShapeError,
  scope,
  sin,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, rejects, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import {
  diagonalOf,
  inverseOf,
  type Matrix,
  plus,
  product,
  rowsOf,
  times,
  transposeOf,
} from '../support/linear-window.js';

const { covariance } = assimilation;
type Covariance = assimilation.Covariance;
const T = (shape: number[], from = 0) => random(seed + from).normal(shape);
const positive = (shape: number[], from = 0) => random(seed + from).uniform(shape, { low: 0.2, high: 3 });
const matrixOf = (x: Tensor) => rowsOf(x.toTypedArray(), x.shape[x.ndim - 1]);

/** A positive definite matrix. */
function definite(m: number, from = 5): Tensor {
  const a = T([m, m], from);
  return add(
    matmul(a, a, { transposeB: true }),
    tensor(diagonalOf(new Array(m).fill(0.5)).flat(), { shape: [m, m] }),
  );
}

/** Each kind, for vectors of m numbers, with its matrix. */
function kinds(m: number): [name: string, C: Covariance, matrix: Matrix][] {
  const [v, U, S] = [positive([m], 1), T([m, 3], 2), definite(m)];
  const low = product(matrixOf(U), transposeOf(matrixOf(U)));
  const inverse = tensor(inverseOf(matrixOf(S)).flat(), { shape: [m, m] });
  const flat = (f: (rows: Tensor) => Tensor) => (x: Tensor) =>
    reshape(f(reshape(x, [x.size / m, m])), x.shape);
  return [
    ['a number', covariance.diagonal(0.7), diagonalOf(new Array(m).fill(0.7))],
    ['diagonal', covariance.diagonal(v), diagonalOf([...v.data()])],
    ['dense', covariance.dense(S), matrixOf(S)],
    ['low rank', covariance.lowRank(U, v), plus(low, diagonalOf([...v.data()]))],
    ['low rank and a number', covariance.lowRank(U, 0.3), plus(low, diagonalOf(new Array(m).fill(0.3)))],
    [
      'low rank and one variance',
      covariance.lowRank(U, tensor([0.3])),
      plus(low, diagonalOf(new Array(m).fill(0.3))),
    ],
    [
      'operators',
      covariance.operators({
        solve: flat((x) => matmul(x, inverse)),
        sqrt: flat((x) => mul(x, 2)),
        sqrtTranspose: flat((x) => mul(x, 2)),
        apply: flat((x) => matmul(x, S)),
      }),
      matrixOf(S),
    ],
  ];
}

test('C⁻¹x, C x, and roots with L Lᵀ = C, of one vector and of batches', () =>
  scope(() => {
    for (const m of [1, 2, 5, 9])
      for (const [name, C, matrix] of kinds(m))
        for (const batch of [[], [1], [3], [2, 4]]) {
          const x = T([...batch, m], 7);
          const rows = rowsOf(x.toTypedArray(), m);
          const want = (A: Matrix) => rows.flatMap((row) => times(A, row));
          const what = `${name}, m = ${m}, batch [${batch}] [SEED=${seed}]`;
          const inverse = inverseOf(matrix);
          const size = Math.max(...inverse.flat().map(Math.abs)) * 10 * m;
          near(C.solve(x).data(), want(inverse), 1e-13 * size * 10, `solve, ${what}`);
          near(C.apply(x).data(), want(matrix), 1e-12, `apply, ${what}`);
          assert.equal(C.solve(x).shape, x.shape);
          if (name === 'operators') continue;
          near(C.sqrt(C.sqrtTranspose(x)).data(), want(matrix), 1e-12, `roots, ${what}`);
          near(C.sqrtTranspose(C.solve(C.sqrt(x))).data(), x.data(), 1e-11, `Lᵀ C⁻¹ L = I, ${what}`);
          // <L x, y> = <x, Lᵀ y>.
          const y = T([...batch, m], 8);
          const [a, b] = [sum(mul(C.sqrt(x), y)).item(), sum(mul(x, C.sqrtTranspose(y))).item()];
          assert.ok(Math.abs(a - b) <= 1e-12 * (1 + Math.abs(a)), `adjoint root, ${what}`);
        }
  }));

test('vectors with several axes are taken row by row', () =>
  scope(() => {
    for (const [name, C] of kinds(6)) {
      if (name === 'diagonal' || name === 'operators') continue;
      const x = T([4, 6], 3);
      for (const what of ['solve', 'sqrt', 'sqrtTranspose', 'apply'] as const)
        for (const shape of [[4, 2, 3], [2, 2, 6], [4, 1, 6, 1], [4, 3, 1, 2]]) // biome-ignore format: short
          near(C[what](reshape(x, shape)).data(), C[what](x).data(), 1e-14, `${name}, ${what} of ${shape}`);
    }
    const v = positive([2, 1, 1]);
    near(
      covariance
        .diagonal(v)
        .solve(T([5, 2, 3, 3]))
        .data(),
      div(T([5, 2, 3, 3]), v).data(),
      1e-14,
    );
  }));

test('f32 and large and small variances', () =>
  scope(() => {
    const S = astype(definite(5), 'f32');
    const x = astype(T([3, 5]), 'f32');
    assert.is(covariance.dense(S).solve(x).dtype, 'f32');
    near(
      covariance.dense(S).solve(x).data(),
      rowsOf(x.toTypedArray(), 5).flatMap((row) => times(inverseOf(matrixOf(S)), row)),
      1e-3,
    );
    assert.is(covariance.diagonal(2).sqrt(x).dtype, 'f32');
    near(
      covariance
        .diagonal(1e-300)
        .sqrt(T([2]))
        .data(),
      mul(T([2]), 1e-150).data(),
      1e-165,
    );
    // A spread far above the rest: the direction of U keeps its small precision to the rounding of 1.
    const U = mul(tensor([1, 1, 1]), 1e6);
    const C = covariance.lowRank(reshape(U, [3, 1]), 1);
    near(C.solve(tensor([1, -1, 0])).data(), [1, -1, 0], 1e-9);
    near(C.sqrt(C.sqrtTranspose(tensor([1, 0, 0]))).data(), [1e12 + 1, 1e12, 1e12], 1e-2);
  }));

test('derivatives in x, and in what the covariance is made of', () =>
  scope(() => {
    for (const [, C] of kinds(4))
      for (const what of ['solve', 'sqrt', 'sqrtTranspose', 'apply'] as const)
        checkDerivatives((x: Tensor) => sin(C[what](x)), [T([2, 4], 4)], {
          order: what === 'solve' ? 2 : 1,
        });
    const x = T([3, 4], 6);
    checkDerivatives((v: Tensor) => sin(covariance.diagonal(v).solve(x)), [positive([4])]);
    checkDerivatives((v: Tensor) => sin(covariance.diagonal(v).sqrt(x)), [positive([4])]);
    checkDerivatives((S: Tensor) => sin(covariance.dense(S).solve(x)), [definite(4)], { symmetric: true });
    checkDerivatives((U: Tensor) => sin(covariance.lowRank(U, 0.5).solve(x)), [T([4, 2])]);
  }));

test('inside compile', () =>
  scope(() => {
    const x = T([3, 4], 6);
    for (const [name, C] of kinds(4)) {
      const f = (z: Tensor) => sum(mul(C.solve(z), C.sqrt(z)));
      const plan = compile(grad(f));
      for (const at of [x, T([3, 4], 9)]) near(plan(at).data(), grad(f)(at).data(), 1e-12, name);
      plan.dispose();
    }
    // Made inside: the matrix is an argument.
    const S = definite(4);
    const plan = compile((A: Tensor, z: Tensor) => covariance.dense(A).solve(z));
    near(plan(S, x).data(), covariance.dense(S).solve(x).data(), 1e-13);
    near(plan(mul(S, 2), x).data(), covariance.dense(mul(S, 2)).solve(x).data(), 1e-13);
    plan.dispose();
  }));

test('matrices are copied, kept by scope, and freed once', () => {
  const before = memory();
  const made: (() => Covariance)[] = [
    () => covariance.diagonal(2),
    () => scope(() => covariance.diagonal(positive([3]))),
    () => scope(() => covariance.dense(definite(3))),
    () => scope(() => covariance.lowRank(T([3, 2]), positive([3]))),
    () => scope(() => covariance.lowRank(T([3, 2]), 1)),
  ];
  const x = T([3]);
  for (const make of made) {
    const C = make();
    const y = C.solve(x);
    assert.ok(y.data().every(Number.isFinite));
    y.dispose();
    C.dispose();
    C.dispose();
    assert.is(typeof C[Symbol.dispose], 'function');
  }
  x.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  const C = scope(() => covariance.dense(definite(3)));
  C.dispose();
  const v = T([3]);
  rejects(() => C.solve(v), DisposedError, /covariance\.dense.*disposed/);
  v.dispose();
});

test('errors', () =>
  scope(() => {
    const [x4, f32, i32] = [T([2, 4]), astype(T([3]), 'f32'), zeros([3], { dtype: 'i32' })];
    for (const v of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      rejects(() => covariance.diagonal(v), ArgumentError, /diagonal: variances must be positive and finite/);
    const [zero, nan, text] = [tensor([1, 0, 2]), tensor([1, Number.NaN]), 'one' as never];
    rejects(() => covariance.diagonal(zero), ArgumentError, /got 0 at position 1/);
    rejects(() => covariance.diagonal(nan), ArgumentError, /got NaN at position 1/);
    rejects(
      () => covariance.diagonal(text),
      ArgumentError,
      /variances must be a number or a tensor, got "one"/,
    );
    rejects(() => covariance.diagonal(i32), DTypeError, /variances/);
    const D = covariance.diagonal(positive([3]));
    rejects(
      () => D.solve(x4),
      ShapeError,
      /diagonal\.solve: x must be vectors to which variances of shape \[3\] broadcast/,
    );
    rejects(() => D.apply(f32), DTypeError, /must be f64/);
    rejects(() => D.solve(3 as never), ArgumentError, /x must be a tensor, got 3/);
    const [bad, wide, many] = [tensor([[1, 2], [2, 1]]), zeros([2, 3]), zeros([2, 3, 3])]; // biome-ignore format: short
    rejects(() => covariance.dense(bad), NotPositiveDefiniteError, /covariance\.dense: .*pivot/);
    rejects(() => covariance.dense(wide), ShapeError, /C must be square/);
    rejects(() => covariance.dense(many), ShapeError, /C must be a matrix/);
    const S = covariance.dense(definite(3));
    rejects(() => S.solve(x4), ShapeError, /must end in the 3 numbers of a vector/);
    rejects(() => S.sqrt(f32), DTypeError, /f64/);
    const [U, none, long, infinite] = [
      T([3, 2]),
      zeros([3, 0]),
      positive([4]),
      tensor([[Number.POSITIVE_INFINITY]]),
    ];
    rejects(() => covariance.lowRank(U, -1), ArgumentError, /positive/);
    rejects(() => covariance.lowRank(U, long), ShapeError, /one entry, or the 3 of a vector/);
    rejects(() => covariance.lowRank(none, 1), ShapeError, /at least one column/);
    rejects(() => covariance.lowRank(f32, 1), ShapeError, /U must be a matrix/);
    rejects(() => covariance.lowRank(infinite, 1), ArgumentError, /U must be finite/);
    const [single, tall] = [astype(long, 'f32'), T([4, 1])];
    rejects(() => covariance.lowRank(tall, single), DTypeError, /variances must be f64/);
    const solve = (x: Tensor) => mul(x, 1);
    rejects(() => covariance.operators({} as never), ArgumentError, /solve must be a function/);
    rejects(() => covariance.operators({ solve, root: solve } as never), ArgumentError, /no option 'root'/);
    rejects(
      () => covariance.operators({ solve, sqrt: 1 as never }),
      ArgumentError,
      /sqrt must be a function/,
    );
    rejects(() => covariance.operators(solve as never), ArgumentError, /functions must be an object/);
    const O = covariance.operators({ solve, apply: (x) => sum(x), sqrtTranspose: (x) => astype(x, 'f32') });
    rejects(() => O.sqrt(x4), ArgumentError, /sqrt is wanted here, and is not given/);
    rejects(() => O.apply(x4), ShapeError, /apply must return the shape of x/);
    rejects(() => O.sqrtTranspose(x4), DTypeError, /sqrtTranspose must return the dtype of x/);
    const L = covariance.operators({ solve, sqrt: (x) => mul(x, 3), sqrtTranspose: (x) => mul(x, 3) });
    near(L.apply(x4).data(), mul(x4, 9).data(), 1e-14, 'the product of the roots');
  }));

test.run();
