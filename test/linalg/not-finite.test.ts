// NaN and Infinity in matrices: what depends on a NaN is NaN or the documented error, and never 'singular'. The oracle is the function
// itself at finite numbers in the NaN's place: where its results differ, they depend on it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cotangent from '#src/index.js';
import {
  ArgumentError,
  grad,
  hessian,
  linalg,
  matmul,
  NotPositiveDefiniteError,
  ones,
  reshape,
  SingularMatrixError,
  scope,
  slice,
  sum,
  type Tensor,
  take,
  tensor,
  vjp,
} from '#src/index.js';
import { near, numbers, rejects, seed } from '../support/check.js';

type Call = (a: Tensor, b: Tensor) => Tensor[];

const row = (a: Tensor, i: number, n: number) => reshape(slice(a, [i, 0], [i + 1, n]), [n]);
const number = (x: number | Tensor) => [tensor(x as number)];

const KINDS = ['lu', 'qr', 'ldlt', 'cholesky'] as const;

/** Functions of a square matrix and right sides. */
const calls: Record<string, Call> = {
  det: (a) => [linalg.det(a)],
  slogdet: (a) => Object.values(linalg.slogdet(a)),
  inv: (a) => [linalg.inv(a)],
  solve: (a, b) => [linalg.solve(a, b)],
  'solve, positive definite': (a, b) => [linalg.solve(a, b, { assume: 'positiveDefinite' })],
  lower: (a, b) => [linalg.solveTriangular(a, b)],
  'lower, transposed': (a, b) => [linalg.solveTriangular(a, b, { transpose: true })],
  upper: (a, b) => [linalg.solveTriangular(a, b, { lower: false })],
  banded: (a, b) => [linalg.solveBanded(slice(a, [0, 0], [3, b.shape[0]]), { lower: 1, upper: 1 }, b)],
  'banded, two below': (a, b) => [
    linalg.solveBanded(slice(a, [0, 0], [3, b.shape[0]]), { lower: 2, upper: 0 }, b),
  ],
  tridiagonal: (a, b) => {
    const n = b.shape[0];
    return [linalg.solveTridiagonal(row(a, 0, n - 1), row(a, 1, n), row(a, 2, n - 1), b)];
  },
  diagonal: (a, b) => [linalg.solveDiagonal(row(a, 0, b.shape[0]), b)],
  rcond: (a) => number(linalg.rcond(a)),
  cond: (a) => number(linalg.cond(a)),
  matrixRank: (a) => number(linalg.matrixRank(a)),
  lstsq: (a, b) => [linalg.lstsq(a, b).x],
  'lstsq, qr': (a, b) => [linalg.lstsq(a, b, { method: 'qr' }).x],
  pinv: (a) => [linalg.pinv(a)],
  svdvals: (a) => [linalg.svdvals(a)],
  eigvalsh: (a) => [linalg.eigvalsh(a)],
  expm: (a) => [linalg.expm(a)],
  trace: (a) => [linalg.trace(a)],
  norms: (a) => (['fro', 1, 2, Infinity, 'max', 'nuc'] as const).map((order) => linalg.norm(a, order)),
  'qr, multiplied': (a) => {
    const { q, r } = linalg.qr(a);
    return [matmul(q, r)];
  },
  'pivoted qr, multiplied': (a) => {
    const { q, r, p } = linalg.qr(a, { pivot: true });
    const order = Array.from(p.data());
    const back = order.map((_, j) => order.indexOf(j));
    return [take(matmul(q, r), tensor(back, { dtype: 'i32' }), 1)];
  },
  'lu, multiplied': (a) => {
    const { l, u, p } = linalg.lu(a);
    return [matmul(p, matmul(l, u), { transposeA: true })];
  },
  ...Object.fromEntries(
    KINDS.flatMap((kind) => [
      ...(['det', 'logAbsDet', 'signDet', 'inverse', 'reconstruct', 'rcond'] as const).map((verb) => [
        `${kind}.${verb}`,
        (a: Tensor) => [linalg.factor(a, { kind })[verb]()],
      ]),
      [
        `${kind}.solve`,
        (a: Tensor, b: Tensor) => {
          const f = linalg.factor(a, { kind });
          return [f.solve(b), f.solveTranspose(b)];
        },
      ],
    ]),
  ),
  'ldlt.inertia': (a) => Object.values(linalg.ldlt(a).inertia()).flatMap(number),
};

/** Numbers, or the error. */
function outcome(call: Call, a: Tensor, b: Tensor): number[] | Error {
  try {
    return scope(() => call(a, b).flatMap((x) => Array.from(x.toTypedArray())));
  } catch (error) {
    return error as Error;
  }
}

/** Replaces a NaN, at which everything is finite. */
const STAND_INS = [0.7, -3.3, 11];

/** What is wrong with the outcome at NaN, given those at the stand-ins. */
function complaint(got: number[] | Error, others: (number[] | Error)[]): string | undefined {
  if (got instanceof Error) {
    if (!(got instanceof cotangent.CotangentError)) return `raw error: ${got}`;
    const isSingular = (x: unknown) => x instanceof SingularMatrixError;
    return isSingular(got) && others.some((x) => !isSingular(x)) ? `${got}` : undefined;
  }
  const values = others.filter((x): x is number[] => Array.isArray(x));
  if (values.length < others.length) return undefined;
  const size = Math.max(1, ...values.flat().filter(Number.isFinite).map(Math.abs));
  const wrong = got.findIndex((x, i) => {
    const some = values.map((list) => list[i]);
    const spread = Math.max(...some) - Math.min(...some);
    return !Number.isNaN(x) && some.every(Number.isFinite) && spread > 1e-4 * size;
  });
  return wrong < 0
    ? undefined
    : `element ${wrong} is ${got[wrong]}, but elsewhere ${values.map((x) => x[wrong])}`;
}

for (const dtype of ['f64', 'f32'] as const) {
  test(`what depends on a NaN is NaN or an error that is not 'singular', in ${dtype} (seed ${seed})`, () => {
    for (let round = 0; round < 250; round++) {
      const draw = numbers(4000, seed + round);
      let next = 0;
      const random = (count: number) => Math.floor(((draw[next++] + 1) / 2) * count);
      // Small, and now and then past the blocks of LU, LDLᵀ and QR.
      const n = round % 50 === 7 ? 33 + random(17) : 3 + random(4);
      const share = [2, 4, 7, 10][random(4)];
      const value = () => (random(10) < share ? random(9) - 4 : 0);
      const a = Array.from({ length: n * n }, value);
      const isSymmetric = round % 3 === 0;
      if (isSymmetric) for (let t = 0; t < n * n; t++) a[t] = a[Math.max(t, (t % n) * n + Math.floor(t / n))];
      const columns = round % 2 === 0 ? 1 : 3;
      const b = Array.from({ length: n * columns }, value);
      const [p, q, inB] = [random(n), random(n), random(8) === 0];
      const at = (x: number): [Tensor, Tensor] => {
        const [first, second] = [[...a], [...b]];
        if (inB) second[p] = x;
        else first[p * n + q] = x;
        if (!inB && isSymmetric) first[q * n + p] = x;
        return [
          tensor(first, { shape: [n, n], dtype }),
          tensor(second, { shape: columns === 1 ? [n] : [n, columns], dtype }),
        ];
      };
      scope(() => {
        for (const [name, call] of Object.entries(calls)) {
          const others = STAND_INS.map((x) => outcome(call, ...at(x)));
          const wrong = complaint(outcome(call, ...at(Number.NaN)), others);
          assert.ok(
            wrong === undefined,
            `${name}, round ${round}, SEED=${seed}: NaN at ${inB ? `b ${p}` : [p, q]} of ${n <= 6 ? a : n}: ${wrong}`,
          );
          for (const bad of [Infinity, -Infinity]) {
            const got = outcome(call, ...at(bad));
            // In the limit, 1 / Infinity being 0, a matrix may be singular.
            const isRaw = got instanceof Error && !(got instanceof cotangent.CotangentError);
            assert.not.ok(isRaw, `${name}, SEED=${seed}: ${bad} at ${[p, q]} of ${a}: ${got}`);
          }
        }
      });
    }
  });
}

test('a NaN as a pivot, at every place of the base cases and in one matrix of a stack', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const nan = tensor(
        [
          [Number.NaN, 0],
          [0, 1],
        ],
        { dtype },
      );
      const b = tensor([1, 1], { dtype });
      assert.ok(Number.isNaN(linalg.det(nan).item()));
      assert.ok(Object.values(linalg.slogdet(nan)).every((x) => Number.isNaN(x.item())));
      assert.ok(Number.isNaN(linalg.solve(nan, b).data()[0]));
      assert.ok(Number.isNaN(linalg.inv(nan).data()[0]));
      assert.ok(
        Number.isNaN(
          linalg
            .solveBanded(
              tensor(
                [
                  [0, 0],
                  [Number.NaN, 1],
                  [0, 0],
                ],
                { dtype },
              ),
              { lower: 1, upper: 1 },
              b,
            )
            .data()[0],
        ),
      );
      for (const n of [1, 2, 3, 5, 16, 17, 33, 70]) {
        for (const at of [0, 1, 2, 5, 15, 16, 32, 69]) {
          if (at >= n) continue;
          // Zeros but for the diagonal: passing over the NaN would leave nothing but zeros to choose from.
          const values: number[] = Array.from({ length: 2 * n * n }, (_, t) =>
            Math.floor((t % (n * n)) / n) === t % n ? 2 : 0,
          );
          values[n * n + at * (n + 1)] = Number.NaN;
          const stack = tensor(values, { shape: [2, n, n], dtype });
          const [whole, spoilt] = linalg.det(stack).data();
          assert.is(whole, 2 ** n, `n = ${n}`);
          assert.ok(Number.isNaN(spoilt), `n = ${n}, at ${at}`);
          const side = tensor(numbers(n, 1), { dtype });
          for (const kind of ['lu', 'qr', 'ldlt'] as const) {
            const x = linalg.factor(stack, { kind }).solve(side).toTypedArray();
            assert.ok(
              x.subarray(0, n).every((v, i) => v === side.data()[i] / 2),
              kind,
            );
            assert.ok(Number.isNaN(x[n + at]), kind);
          }
        }
      }
    }
  }));

test('routines that refuse NaN and Infinity say so, least squares by QR too', () =>
  scope(() => {
    for (const bad of [Number.NaN, Infinity]) {
      for (const place of [0, 1, 2, 3, 4, 5]) {
        const values = [1, 2, 3, 4, 5, 7];
        values[place] = bad;
        const [a, b] = [tensor(values, { shape: [3, 2] }), tensor([1, 2, 3])];
        for (const method of ['svd', 'qr'] as const)
          rejects(
            () => linalg.lstsq(a, b, { method }),
            ArgumentError,
            /lstsq: a must be finite, got NaN or Inf/,
          );
      }
    }
    const nan = tensor([
      [1, 0],
      [Number.NaN, 1],
    ]);
    rejects(() => linalg.cholesky(nan), NotPositiveDefiniteError, /pivot 1 is NaN/);
    assert.equal(
      linalg
        .ldlt(
          tensor([
            [0, 0],
            [Number.NaN, 1],
          ]),
        )
        .inertia(),
      { positive: Number.NaN, negative: Number.NaN, zero: Number.NaN },
    );
  }));

test('gradients at a NaN: NaN in its matrix, those of the others as they are', () =>
  scope(() => {
    const stack = tensor([Number.NaN, 0, 0, 1, 2, 1, 1, 3], { shape: [2, 2, 2] });
    for (const f of [linalg.det, (a: Tensor) => linalg.slogdet(a).logabsdet, linalg.inv]) {
      const [spoilt] = vjp(f, stack).pullback(ones(f(stack).shape));
      const whole = slice(stack, [1, 0, 0], [2, 2, 2]);
      const [right] = vjp(f, whole).pullback(ones(f(whole).shape));
      const [first, second] = [spoilt.data().slice(0, 4), spoilt.data().slice(4)];
      assert.ok(first.some(Number.isNaN));
      near(second, right.data(), 1e-15);
    }
    const second = hessian((a: Tensor) => sum(linalg.det(a)))(stack).data();
    assert.ok(second.slice(0, 4).every(Number.isNaN) && second.slice(4).some(Number.isFinite));
    for (const order of [1, Infinity, 'max'] as const) {
      const gradient = grad((a: Tensor) => sum(linalg.norm(a, order)))(stack) as Tensor;
      assert.ok(gradient.data().slice(0, 4).every(Number.isNaN), String(order));
      assert.ok(gradient.data().slice(4).every(Number.isFinite), String(order));
    }
  }));

test.run();
