// Derivatives of structured systems, of rotations in their angles, of updated and kept factors, of iterative solves.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  eye,
  grad,
  jvp,
  linalg,
  matmul,
  mul,
  SingularMatrixError,
  scope,
  sum,
  type Tensor,
  tensor,
  transpose,
  tril,
} from '#src/index.js';
import { near, numbers, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const T = (shape: readonly number[], seed = 1) =>
  tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    { shape: [...shape] },
  );
const away = (shape: readonly number[], seed = 1) => add(T(shape, seed), 4);

const SYSTEMS = [
  [[1], [1]],
  [[4], [4]],
  [[4], [4, 2]],
  [[2, 4], [4]],
  [
    [2, 4],
    [4, 3],
  ],
  [[4], [3, 4, 2]],
  [
    [2, 1, 3],
    [4, 3, 1],
  ],
  [[4], [4, 0]],
  [[0], [0]],
];

for (const [d, b] of SYSTEMS) {
  const off = [...d.slice(0, -1), Math.max(0, d[d.length - 1] - 1)];
  test(`solveDiagonal ${d} | ${b}`, () =>
    checkDerivatives((x: Tensor, y: Tensor) => linalg.solveDiagonal(x, y), [away(d), T(b, 2)]));

  test(`solveTridiagonal ${d} | ${b}`, () =>
    checkDerivatives(
      (l: Tensor, x: Tensor, u: Tensor, y: Tensor) => linalg.solveTridiagonal(l, x, u, y),
      [T(off, 3), away(d), T(off, 4), T(b, 2)],
    ));

  for (const [lower, upper] of [
    [0, 0],
    [1, 0],
    [1, 2],
    [3, 1],
  ]) {
    test(`solveBanded ${lower} ${upper} ${d} | ${b}`, () => {
      const shape = [...d.slice(0, -1), lower + upper + 1, d[d.length - 1]];
      const main = mul(
        tensor(Array.from({ length: lower + upper + 1 }, (_, r) => [r === upper ? 5 : 0])),
        tensor(new Array(shape[shape.length - 1]).fill(1), { shape: [1, shape[shape.length - 1]] }),
      );
      checkDerivatives(
        (x: Tensor, y: Tensor) => linalg.solveBanded(x, { lower, upper }, y),
        [add(T(shape, 3), main), T(b, 2)],
      );
    });
  }
}

test('solveBlockDiagonal', () =>
  checkDerivatives(
    (x: Tensor, y: Tensor) => linalg.solveBlockDiagonal(x, y),
    [add(T([2, 3, 3]), mul(eye(3), 3)), T([6, 2], 2)],
  ));

test('bands outside of the matrix have no gradient, whatever stands there', () => {
  const bands = tensor([
    [Number.NaN, 1, 1],
    [4, 5, 6],
    [1, 1, Number.NaN],
  ]);
  const g = grad((x) => sum(linalg.solveBanded(x, { lower: 1, upper: 1 }, tensor([1, 2, 3]))))(bands);
  const { tangent } = jvp(
    (x: Tensor) => linalg.solveBanded(x, { lower: 1, upper: 1 }, tensor([1, 2, 3])),
    [bands],
    [bands],
  );
  assert.ok(g.data().every(Number.isFinite));
  assert.is(g.data()[0], 0);
  assert.is(g.data()[8], 0);
  assert.ok(tangent.data().every(Number.isFinite));
});

const i = [0, 1, 0, 2, 3, 1];
const j = [1, 2, 3, 0, 2, 3];
for (const side of ['left', 'right'] as const) {
  for (const transposed of [false, true]) {
    const options = { side, transpose: transposed };
    for (const shape of [[4], [4, 4], [2, 4, 4], [0, 4, 4]]) {
      test(`applyGivens ${side} ${transposed} ${shape}`, () => {
        const f = (x: Tensor, angles: Tensor) => linalg.applyGivens(x, { i, j, angles }, options);
        checkDerivatives(f, [T(shape), T([6], 2)]);
      });
    }
    test(`applyGivens, third order, ${side} ${transposed}`, () => {
      const f = (x: Tensor, angles: Tensor) =>
        sum(mul(linalg.applyGivens(x, { i, j, angles }, options), T([4, 4], 5)));
      checkDerivatives((x: Tensor, a: Tensor) => grad(f, [0, 1])(x, a), [T([4, 4]), T([6], 2)]);
      checkDerivatives(
        (a: Tensor) => jvp((b: Tensor) => f(T([4, 4]), b), [a], [T([6], 3)]).tangent,
        [T([6], 2)],
      );
    });
  }
}

test('angles in a precision of their own have their gradient in it', () => {
  const angles = tensor([0.3], { dtype: 'f32' });
  const g = grad((a) => sum(linalg.applyGivens(tensor([1, 2]), { i: [0], j: [1], angles: a })))(angles);
  assert.is(g.dtype, 'f32');
  // d/dα of c + 2 s - s + 2 c.
  near(g.data(), [-3 * Math.sin(0.3) + Math.cos(0.3)], 1e-6);
});

test('choleskyUpdate and -downdate', () => {
  const a = matmul(T([4, 4]), T([4, 4]), { transposeB: true });
  const l = linalg.cholesky(add(a, mul(eye(4), 4)));
  for (const downdate of [false, true])
    checkDerivatives(
      (x: Tensor, v: Tensor) => linalg.choleskyUpdate(tril(x), v, { downdate }),
      [l, mul(T([4], 2), 0.5)],
    );
});

test('a kept factor solves in derivatives, too', () => {
  const a = add(matmul(T([2, 3, 3]), T([2, 3, 3]), { transposeB: true }), mul(eye(3), 3));
  for (const kind of ['cholesky', 'lu', 'qr', 'ldlt'] as const) {
    const f = linalg.factor(a, { kind });
    for (const shape of [[3], [3, 2], [4, 1, 3, 1]]) {
      checkDerivatives((b: Tensor) => f.solve(b), [T(shape, 2)]);
      checkDerivatives((b: Tensor) => f.solveTranspose(b), [T(shape, 2)]);
    }
    f.dispose();
  }
});

const TIGHT = { tolerance: 1e-15, throws: false };
test('iterative solves: derivatives by another solve, in the right side and in a matrix', () => {
  const a = add(T([4, 4], 3), mul(eye(4), 5));
  const definite = mul(add(a, transpose(a)), 0.5);
  for (const b of [T([4], 2), T([4, 2], 2)]) {
    for (const solve of [linalg.cg, linalg.minres]) {
      checkDerivatives((A: Tensor, y: Tensor) => solve(A, y, TIGHT).x, [definite, b], {
        symmetric: [0],
        tolerance: 1e-5,
      });
      checkDerivatives((y: Tensor) => solve((x) => matmul(definite, x), y, TIGHT).x, [b], {
        tolerance: 1e-5,
      });
    }
    checkDerivatives((A: Tensor, y: Tensor) => linalg.gmres(A, y, TIGHT).x, [a, b], { tolerance: 1e-5 });
  }
  const result = (
    jvp((y: Tensor) => linalg.cg(definite, y).x, [T([4], 2)], [T([4], 3)]).tangent as Tensor
  ).data();
  near(result, linalg.solve(definite, T([4], 3)).data(), 1e-8);
});

test('a singular diagonal says so; operators that are functions have derivatives', () =>
  scope(() => {
    const d = tensor([1, 0]);
    rejects(
      () => grad((x) => sum(linalg.solveDiagonal(x, d)))(d),
      SingularMatrixError,
      /^solveDiagonal: .*entry 1 is 0/,
    );
    // The sum of b / s, and of b / 2.
    const f = (s: Tensor) => sum(linalg.cg((x) => mul(s, x), tensor([1, 2])).x);
    near([(grad(f)(tensor(2)) as Tensor).item()], [-0.75], 1e-12);
    const g = (b: Tensor) => sum(linalg.gmres((x) => mul(2, x), b).x);
    near((grad(g)(d) as Tensor).data(), [0.5, 0.5], 1e-12);
  }));

test.run();
