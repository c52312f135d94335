// Derivatives of spectra and what follows from them: eigh, svd, pinv, lstsq, expm, norms; also where values meet.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  checkGradients,
  eye,
  grad,
  jvp,
  linalg,
  matmul,
  mul,
  slice,
  sum,
  type Tensor,
  tensor,
  transpose,
} from '#src/index.js';
import { near, numbers } from '../support/check.js';
import { checkDerivatives, checkSingle, type DerivativeOptions } from '../support/derivatives.js';

const T = (shape: readonly number[], seed = 1) =>
  tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    { shape: [...shape] },
  );
const swap = (a: Tensor) => transpose(a, [...a.shape.keys()].slice(0, -2).concat(a.ndim - 1, a.ndim - 2));
/** Symmetric, with eigenvalues that are well apart. */
const symmetric = (shape: number[]) => {
  const a = T(shape, 5);
  const n = shape[shape.length - 1];
  return add(mul(add(a, swap(a)), 0.25), mul(eye(n), tensor(Array.from({ length: n }, (_, i) => 2 * i))));
};
/** Singular values well apart from each other and from 0. */
const apart = (shape: number[]) => {
  const [m, n] = shape.slice(-2);
  return add(mul(T(shape, 6), 0.3), mul(eye(m, n), tensor(Array.from({ length: n }, (_, i) => 1 + i))));
};

type Case = [string, (...xs: Tensor[]) => unknown, () => Tensor[], DerivativeOptions?];
const SYMMETRIC = { symmetric: true };
const RECTANGLES = [
  [1, 1],
  [4, 4],
  [5, 3],
  [3, 5],
  [2, 3, 3],
  [2, 4, 2],
  [2, 2, 4],
  [0, 3, 2],
];

const cases: Case[] = [
  ...[
    [1, 1],
    [2, 2],
    [5, 5],
    [2, 3, 3],
    [0, 2, 2],
    [0, 0],
  ].flatMap((shape): Case[] => [
    [`eigh ${shape}`, (a) => linalg.eigh(a), () => [symmetric(shape)], SYMMETRIC],
    [
      `eigh by Jacobi ${shape}`,
      (a) => linalg.eigh(a, { method: 'jacobi' }).vectors,
      () => [symmetric(shape)],
      SYMMETRIC,
    ],
    [`eigvalsh ${shape}`, linalg.eigvalsh, () => [symmetric(shape)], SYMMETRIC],
    [`expm ${shape}`, linalg.expm, () => [T(shape, 7)]],
  ]),
  ...RECTANGLES.flatMap((shape): Case[] => [
    [`svd ${shape}`, (a) => linalg.svd(a), () => [apart(shape)]],
    [`svd: s ${shape}`, (a) => linalg.svd(a).s, () => [apart(shape)]],
    [`svd: u ${shape}`, (a) => linalg.svd(a).u, () => [apart(shape)]],
    [`svd: vt ${shape}`, (a) => linalg.svd(a).vt, () => [apart(shape)]],
    [`full svd ${shape}`, fullSvd, () => [apart(shape)]],
    [`svdvals ${shape}`, (a) => linalg.svdvals(a), () => [apart(shape)]],
    [`pinv ${shape}`, (a) => linalg.pinv(a), () => [apart(shape)]],
    [`norm ${shape}`, (a) => linalg.norm(a), () => [apart(shape)]],
    [`1-norm ${shape}`, (a) => linalg.norm(a, 1), () => [apart(shape)]],
    [`infinity norm ${shape}`, (a) => linalg.norm(a, Infinity), () => [apart(shape)]],
    [`largest entry ${shape}`, (a) => linalg.norm(a, 'max'), () => [apart(shape)]],
    [`spectral norm ${shape}`, (a) => linalg.norm(a, 'spectral'), () => [apart(shape)]],
    [`nuclear norm ${shape}`, (a) => linalg.norm(a, 'nuc'), () => [apart(shape)]],
    [`trace ${shape}`, linalg.trace, () => [T(shape)]],
    ...([2, -2, 'fro'] as const).map(
      (ord): Case => [`cond ${ord} ${shape}`, (a) => linalg.cond(a, ord), () => [apart(shape)]],
    ),
  ]),
  ...[
    [[4, 2], [4]],
    [
      [4, 2],
      [4, 3],
    ],
    [[2, 4], [2]],
    [
      [3, 3],
      [3, 2],
    ],
    [[2, 4, 2], [4]],
    [
      [4, 2],
      [3, 4, 2],
    ],
    [
      [2, 2, 3],
      [2, 2, 1],
    ],
    [
      [4, 2],
      [4, 0],
    ],
  ].flatMap(([a, b]): Case[] => [
    [
      `lstsq ${a} | ${b}`,
      (x, y) => {
        const { x: solution, residuals, singularValues } = linalg.lstsq(x, y);
        return { solution, residuals, singularValues };
      },
      () => [apart(a), T(b, 8)],
    ],
    ...(a[a.length - 2] < a[a.length - 1]
      ? []
      : [
          [
            `lstsq by QR ${a} | ${b}`,
            (x, y) => linalg.lstsq(x, y, { method: 'qr' }).x,
            () => [apart(a), T(b, 8)],
          ] as Case,
        ]),
  ]),
];

/** Full vectors as far as they have derivatives: those that complete a basis by their projection. */
function fullSvd(a: Tensor): Record<string, Tensor> {
  const { u, s, vt } = linalg.svd(a, { full: true });
  const k = Math.min(...a.shape.slice(-2));
  const flags = (n: number, first: number) =>
    tensor(
      Array.from({ length: n }, (_, i) => (i < k ? first : 1 - first)),
      { dtype: a.dtype },
    );
  const [m, n] = a.shape.slice(-2);
  const v = swap(vt);
  const projection = (x: Tensor, size: number) => matmul(mul(x, flags(size, 0)), x, { transposeB: true });
  return { u: mul(u, flags(m, 1)), s, v: mul(v, flags(n, 1)), p: projection(u, m), q: projection(v, n) };
}

for (const [name, f, make, options] of cases) {
  test(name, () => checkDerivatives(f, make(), options));

  test(`${name} in f32`, () => checkSingle((...xs) => totalOf(f(...xs)), make(), 1e-3));
}

/** Σ w y² over all results, w different everywhere; squares do not see signs that are free. */
function totalOf(value: unknown): Tensor {
  const parts =
    value instanceof Object && 'shape' in value ? [value as Tensor] : Object.values(value as object);
  return parts
    .map((y: Tensor, i) => {
      const weights = tensor(numbers(y.size, 50 + i), { shape: [...y.shape], dtype: y.dtype as 'f64' });
      return sum(mul(mul(y, y), weights));
    })
    .reduce((a, b) => add(a, b));
}

test('equal eigenvalues: right for symmetric functions of them and projections onto their space', () => {
  const q = linalg.qr(T([4, 4], 9)).q;
  const a = matmul(mul(q, tensor([1, 1, 1, 3])), q, { transposeB: true });
  const exact = mul(add(a, swap(a)), 0.5);
  for (const matrix of [exact, eye(4), mul(eye(4), 0)]) {
    // Σ λ² = ‖A‖².
    const g = grad((x) => sum(mul(linalg.eigh(x).values, linalg.eigh(x).values)))(matrix);
    near(g.data(), mul(matrix, 2).data(), 1e-13);
  }
  const onto = (from: number, to: number) => (x: Tensor) => {
    const v = slice(linalg.eigh(x).vectors, [0, from], [4, to]);
    return matmul(v, v, { transposeB: true });
  };
  // The projection onto the space of the largest eigenvalue, against differences.
  checkDerivatives(onto(3, 4), [exact], { symmetric: true, order: 1 });
  // The one onto the space of the three equal ones is what is left; forward mode does not know that no vector matters.
  const others = (x: Tensor) => sum(mul(onto(0, 3)(x), T([4, 4], 3)));
  checkGradients((x: Tensor) => others(mul(add(x, swap(x)), 0.5)), [exact], { order: 1, modes: ['vjp'] });
});

test('equal and vanishing singular values: right for what does not see the choice of vectors', () => {
  for (const matrix of [
    eye(3),
    eye(4, 3),
    eye(3, 4),
    mul(eye(3), 0),
    tensor([
      [1, 2],
      [2, 4],
      [3, 6],
    ]),
  ]) {
    const { u, vt } = linalg.svd(matrix);
    near(
      grad((x) => sum(mul(linalg.svd(x).s, linalg.svd(x).s)))(matrix).data(),
      mul(matrix, 2).data(),
      1e-13,
    );
    near(grad((x) => sum(linalg.svdvals(x)))(matrix).data(), matmul(u, vt).data(), 1e-13);
  }
});

test('pinv and lstsq of less than full rank: the derivative for constant rank', () => {
  // Rank two in both, along changes that keep it.
  const [left, right] = [T([5, 2], 1), T([2, 4], 2)];
  checkDerivatives((x: Tensor, y: Tensor) => linalg.pinv(matmul(x, y), { rcond: 1e-6 }), [left, right], {
    order: 1,
  });
  checkDerivatives(
    (x: Tensor, y: Tensor, b: Tensor) => linalg.lstsq(matmul(x, y), b, { rcond: 1e-6 }).x,
    [left, right, T([5], 3)],
    { order: 1 },
  );
});

test('the rank is there beside a differentiated solution', () => {
  const ranks: unknown[] = [];
  grad((x) => {
    const result = linalg.lstsq(x, tensor([1, 2, 3]));
    ranks.push(result.rank);
    return sum(result.x);
  })(apart([3, 2]));
  assert.equal(ranks, [2]);
});

test('norms at zero have the derivative zero', () => {
  for (const order of ['fro', 1, Infinity, 'max'] as const)
    assert.equal(
      grad((x) => linalg.norm(x, order))(mul(eye(2), 0)).toTypedArray(),
      new Float64Array(4),
      `${order}`,
    );
});

test('expm: derivatives along large and small directions are linear in them', () => {
  const a = T([4, 4]);
  const e = T([4, 4], 2);
  const { tangent } = jvp(linalg.expm, [a], [e]);
  for (const size of [1e-200, 1e-8, 1e8, 1e200]) {
    const { tangent: scaled } = jvp(linalg.expm, [a], [mul(e, size)]);
    near(mul(scaled, 1 / size).data(), tangent.data(), 1e-13);
  }
});

test('third derivatives of expm, and of what eigenvalues give', () => {
  checkDerivatives(
    (x: Tensor) => grad((y: Tensor) => sum(mul(linalg.expm(y), T([3, 3], 3))))(x),
    [T([3, 3])],
  );
  const cube = (x: Tensor) => sum(mul(mul(linalg.eigvalsh(x), linalg.eigvalsh(x)), linalg.eigvalsh(x)));
  checkDerivatives((x: Tensor) => grad(cube)(x), [symmetric([3, 3])], { symmetric: true });
});

test.run();
