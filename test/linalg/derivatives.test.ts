// Derivatives of solves, inverses, determinants and factorizations: function x shape x dtype, against differences and each other.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  eye,
  grad,
  linalg,
  matmul,
  mul,
  type NestedArray,
  NotPositiveDefiniteError,
  SingularMatrixError,
  sum,
  type Tensor,
  tensor,
  transpose,
  valueAndGrad,
  vjp,
} from '#src/index.js';
import { near, numbers, rejects } from '../support/check.js';
import { checkDerivatives, checkSingle, type DerivativeOptions } from '../support/derivatives.js';

const T = (shape: number[], seed = 1) =>
  tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    { shape },
  );
/** Far from singular. */
const regular = (shape: number[], seed = 1) =>
  add(T(shape, seed), mul(eye(...(shape.slice(-2) as [number, number])), 2 + shape[shape.length - 1] / 2));
/** Symmetric and positive definite: the symmetric part of the above. */
const definite = (shape: number[], seed = 1) => {
  const a = regular(shape, seed);
  return mul(
    add(a, transpose(a, [...shape.keys()].slice(0, -2).concat(shape.length - 1, shape.length - 2))),
    0.5,
  );
};

type Case = [string, (...xs: Tensor[]) => unknown, () => Tensor[], DerivativeOptions?];

const SQUARE = [
  [1, 1],
  [2, 2],
  [5, 5],
  [2, 3, 3],
  [0, 2, 2],
  [0, 0],
];
const SYMMETRIC = { symmetric: [0] };

/** A matrix and right sides: vectors, columns, stacks, each side broadcast. */
const SYSTEMS = [
  [[1, 1], [1]],
  [[3, 3], [3]],
  [
    [3, 3],
    [3, 2],
  ],
  [[2, 3, 3], [3]],
  [
    [2, 3, 3],
    [3, 2],
  ],
  [
    [3, 3],
    [2, 3, 2],
  ],
  [
    [2, 1, 3, 3],
    [4, 3, 1],
  ],
  [
    [3, 3],
    [3, 0],
  ],
  [[0, 0], [0]],
];

const cases: Case[] = [
  ...SQUARE.flatMap((shape): Case[] => [
    [`inv ${shape}`, linalg.inv, () => [regular(shape)]],
    [`det ${shape}`, linalg.det, () => [regular(shape)]],
    [`logabsdet ${shape}`, (a) => linalg.slogdet(a).logabsdet, () => [regular(shape)]],
    [`cholesky ${shape}`, linalg.cholesky, () => [definite(shape)], SYMMETRIC],
  ]),
  ...SYSTEMS.flatMap(([a, b]): Case[] => [
    [`solve ${a} | ${b}`, (x, y) => linalg.solve(x, y), () => [regular(a), T(b, 2)]],
    [
      `solve, positive definite, ${a} | ${b}`,
      (x, y) => linalg.solve(x, y, { assume: 'positiveDefinite' }),
      () => [definite(a), T(b, 2)],
      SYMMETRIC,
    ],
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((bits): Case => {
      const options = { lower: !(bits & 1), transpose: !!(bits & 2), unitDiagonal: !!(bits & 4) };
      const name = `solveTriangular ${JSON.stringify(options)} ${a} | ${b}`;
      return [name, (x, y) => linalg.solveTriangular(x, y, options), () => [regular(a), T(b, 2)]];
    }),
  ]),
  ...[
    [1, 1],
    [4, 4],
    [5, 3],
    [3, 5],
    [2, 3, 3],
    [2, 4, 2],
    [2, 2, 4],
  ].flatMap((shape): Case[] => [
    [`lu ${shape}`, linalg.lu, () => [T(shape, 3)]],
    [`qr ${shape}`, (a) => linalg.qr(a), () => [regular(shape)]],
    [`qr with pivot ${shape}`, (a) => linalg.qr(a, { pivot: true }), () => [T(shape, 3)]],
    [
      `complete qr ${shape}`,
      (a) => {
        const [m, n] = a.shape.slice(-2);
        const { q, r } = linalg.qr(a, { mode: 'complete' });
        // Columns beyond those of a are one basis of many: their projection is what has a derivative.
        const rest = tensor(
          Array.from({ length: m }, (_, i) => (i < n ? 0 : 1)),
          { dtype: a.dtype },
        );
        return {
          q: mul(q, add(mul(rest, -1), 1)),
          r,
          projection: matmul(mul(q, rest), q, { transposeB: true }),
        };
      },
      () => [regular(shape)],
    ],
  ]),
];

for (const [name, f, make, options] of cases) {
  test(name, () => checkDerivatives(f, make(), options));

  test(`${name} in f32`, () => checkSingle((...xs) => totalOf(f(...xs)), make(), 1e-4));
}

/** Σ w y over all results, w different everywhere. */
function totalOf(value: unknown): Tensor {
  const parts =
    value instanceof Object && 'shape' in value ? [value as Tensor] : Object.values(value as object);
  return parts
    .filter((y: Tensor) => y.dtype !== 'i32')
    .map((y: Tensor, i) =>
      sum(mul(y, tensor(numbers(y.size, 50 + i), { shape: [...y.shape], dtype: y.dtype as 'f64' }))),
    )
    .reduce((a, b) => add(a, b));
}

test('what solves read of a matrix is what has a gradient: nothing of the other triangle, NaN included', () => {
  const a = tensor([
    [2, Number.NaN],
    [1, 4],
  ]);
  const g = grad((x) => sum(linalg.solveTriangular(x, tensor([2, 9]))))(a);
  assert.equal(g.toArray(), [
    [-0.375, 0],
    [-0.25, -0.5],
  ]);
});

test('the way back through a solve: Aᵀ b̄ = x̄, Ā = -b̄ xᵀ', () => {
  const a = regular([3, 3]);
  const { value, pullback } = vjp((x, b) => linalg.solve(x, b), a, tensor([1, 2, 3]));
  const [da, db] = pullback(tensor([1, 1, 1]));
  near(db.data(), linalg.solve(transpose(a), tensor([1, 1, 1])).data(), 1e-15);
  near(da.data(), outer(db, value), 1e-15);
});

/** -u vᵀ, row by row. */
const outer = (u: Tensor, v: Tensor) =>
  Array.from(u.data()).flatMap((x) => Array.from(v.data(), (y) => -x * y));

test('the determinant has its gradient where the matrix is singular: the cofactors', () => {
  const gradient = (a: NestedArray) => grad((x) => linalg.det(x))(tensor(a as number[][]));
  near(
    gradient([
      [1, 2],
      [2, 4],
    ]).data(),
    [4, -2, -2, 1],
    1e-14,
  );
  near(
    gradient([
      [0, 0],
      [0, 0],
    ]).data(),
    [0, 0, 0, 0],
    0,
  );
  near(
    gradient([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]).data(),
    [0, 0, 0, 0, 0, 0, 0, 0, 1],
    1e-14,
  );
  near(
    gradient([
      [1, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]).data(),
    new Array(9).fill(0),
    1e-14,
  );
  near(gradient([[-3]]).data(), [1], 1e-15);
});

test('its second derivative is there for any rank, the third for regular matrices with equal singular values', () => {
  for (const a of [
    tensor([
      [1, 2],
      [2, 4],
    ]),
    tensor([
      [0, 0],
      [0, 0],
    ]),
    T([3, 3]),
    eye(3),
    mul(eye(4), 0),
  ])
    checkDerivatives(linalg.det, [a], { order: 2 });
  checkDerivatives((x: Tensor) => grad((y: Tensor) => linalg.det(y))(x), [eye(3)]);
  checkDerivatives((x: Tensor) => grad((y: Tensor) => linalg.det(y))(x), [T([3, 3], 4)]);
});

test('errors of derivatives name the function that was called', () => {
  const singular = tensor([
    [1, 2],
    [2, 4],
  ]);
  const total = (f: (x: Tensor) => Tensor) => () => grad((x: Tensor) => sum(f(x)))(singular);
  rejects(total(linalg.inv), SingularMatrixError, /^inv: matrix is singular: pivot 1 is 0/);
  rejects(
    total((x) => linalg.slogdet(x).logabsdet),
    SingularMatrixError,
    /^slogdet: matrix is singular/,
  );
  rejects(
    total((x) => linalg.solve(x, tensor([1, 1]))),
    SingularMatrixError,
    /^solve: matrix is singular/,
  );
  rejects(
    total((x) => linalg.lu(x).l),
    SingularMatrixError,
    /^lu: matrix is singular/,
  );
  rejects(
    total((x) => linalg.qr(mul(x, 0)).q),
    SingularMatrixError,
    /^qr: matrix is singular/,
  );
  rejects(
    total((x) => linalg.cholesky(mul(x, -1))),
    NotPositiveDefiniteError,
    /^cholesky: matrix is not pos/,
  );
});

test('the log-density of a normal distribution: value and gradient through one factor', () => {
  const f = (a: Tensor) => {
    const l = linalg.cholesky(a);
    const z = linalg.solveTriangular(l, tensor([1, -1, 2]));
    return add(sum(mul(z, z)), linalg.slogdet(a).logabsdet);
  };
  const a = definite([3, 3]);
  const { grad: g } = valueAndGrad(f)(a);
  const y = linalg.solve(a, tensor([1, -1, 2]));
  const [inverse, outerProduct] = [linalg.inv(a).data(), outer(y, y)];
  near(
    g.data(),
    Array.from(inverse, (v, i) => v + outerProduct[i]),
    1e-14,
  );
});

test.run();
