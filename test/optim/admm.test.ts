// ADMM: the lasso, consensus of two sets, total variation by a difference matrix, a linear constraint; the conditions of optimality.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CotangentError,
  matmul,
  memory,
  mul,
  neg,
  optim,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '#src/index.js';
import { near, numbers, property, rejects } from '../support/check.js';

const squares = (A: Tensor, b: Tensor) => ({
  P: matmul(transpose(A), A),
  q: neg(matmul(transpose(A), b)),
});
const options = { absoluteTolerance: 1e-11, relativeTolerance: 1e-11, maxIterations: 20_000, throws: false };

test('the lasso is that of proximal gradient descent, whatever rho and relaxation', () => {
  property(
    fc.tuple(
      fc.integer({ min: 2, max: 8 }),
      fc.nat(1e6),
      fc.constantFrom(0.05, 0.5),
      fc.constantFrom(0.01, 1, 100),
      fc.constantFrom(1, 1.6),
    ),
    ([n, seed, lambda, rho, relaxation]) =>
      scope(() => {
        const A = tensor(Array.from({ length: n + 3 }, (_, i) => numbers(n, seed + i)));
        const b = tensor(numbers(n + 3, seed + 100));
        const g = optim.penalty.l1(lambda);
        const solution = optim.admm({ f: squares(A, b), g }, zeros([n]), { ...options, rho, relaxation });
        assert.ok(solution.converged, solution.message);
        const cost = (x: Tensor) => mul(sum(square(sub(matmul(A, x), b))), 0.5);
        const other = optim.proximalGradient(cost, g, zeros([n]), {
          gradientTolerance: 1e-10,
          throws: false,
        });
        const z = solution.z as Tensor;
        near([cost(z).item() + g.value(z)], [other.value], 1e-9);
        near(z.data(), other.x.data(), 1e-4);
        // The multiplier: -y is the gradient of f, and y lies in the subdifferential of λ ‖·‖₁.
        const gradient = matmul(transpose(A), sub(matmul(A, solution.x), b)).data();
        near(gradient, neg(solution.dual).data(), 1e-7);
        solution.dual.data().forEach((y, i) => {
          const v = z.data()[i];
          assert.ok(v === 0 ? Math.abs(y) <= lambda + 1e-7 : Math.abs(y - lambda * Math.sign(v)) < 1e-7);
        });
      }),
    40,
  );
});

test('ADMM, proximal gradient descent and the quadratic program agree on the lasso', () =>
  scope(() => {
    const [m, n, lambda] = [9, 5, 0.3];
    const rows = Array.from({ length: m }, (_, i) => numbers(n, 40 + i));
    const [A, b] = [tensor(rows), tensor(numbers(m, 60))];
    const { P, q } = squares(A, b);
    const g = optim.penalty.l1(lambda);
    // x = u - v, u and v at least 0, ‖x‖₁ = Σ (u + v).
    const [p, c] = [P.data(), q.data()];
    const sign = (i: number) => (i < n ? 1 : -1);
    const twice = Array.from({ length: 2 * n }, (_, i) => i);
    const program = optim.quadraticProgram({
      P: tensor(twice.map((i) => twice.map((j) => sign(i) * sign(j) * p[(i % n) * n + (j % n)]))),
      q: tensor(twice.map((i) => sign(i) * c[i % n] + lambda)),
      G: tensor(twice.map((i) => twice.map((j) => (i === j ? -1 : 0)))),
      h: zeros([2 * n]),
    });
    const u = (program.x as Tensor).data();
    const want = Array.from({ length: n }, (_, i) => u[i] - u[n + i]);
    near(optim.admm({ f: { P, q }, g }, zeros([n]), options).x.data(), want, 1e-6);
    const f = (x: Tensor) => mul(sum(square(sub(matmul(A, x), b))), 0.5);
    const proximal = optim.proximalGradient(f, g, zeros([n]), { gradientTolerance: 1e-10 });
    near(proximal.x.data(), want, 1e-6);
  }));

test('where rho changes the multiplier does not', () =>
  scope(() => {
    const A = tensor(Array.from({ length: 5 }, (_, i) => numbers(3, i)));
    const f = squares(A, tensor(numbers(5, 9)));
    const at = (adaptRho: boolean) =>
      optim.admm({ f, g: optim.penalty.l1(0.1) }, zeros([3]), { rho: 1e3, adaptRho, maxIterations: 10 });
    const [fixed, adapted] = [at(false), at(true)];
    assert.equal([fixed.rho, adapted.rho], [1000, 500]);
    near(adapted.dual.data(), fixed.dual.data(), 1e-13);
  }));

test('consensus: a point of two sets, in trees and f32', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const x0 = { a: tensor([3, 4], { dtype }), b: tensor([[-5]], { dtype }) };
      const f = optim.penalty.indicator((x) => optim.project.box(x, 1, 2));
      const near0 = (v: typeof x0, t: number) => ({
        a: optim.prox.squaredL2(v.a, t),
        b: optim.prox.squaredL2(v.b, t),
      });
      const solution = optim.admm({ f, g: near0 }, x0);
      assert.is(solution.x.a.dtype, dtype);
      assert.equal(solution.x.b.shape, [1, 1]);
      const e = dtype === 'f64' ? 1e-5 : 1e-3;
      near([...solution.x.a.data(), solution.x.b.data()[0]], [1, 1, 1], e);
      near((solution.z as typeof x0).a.data(), [1, 1], e);
    }
  }));

test('total variation: with A the differences, y lies in the dual ball and the pieces are means', () =>
  scope(() => {
    const y = [1, 1.2, 0.9, 5, 5.3, 4.8, 5.1, -1, -1.1];
    const n = y.length;
    const D = tensor(
      Array.from({ length: n - 1 }, (_, i) =>
        Array.from({ length: n }, (_, j) => (j === i ? -1 : j === i + 1 ? 1 : 0)),
      ),
    );
    const eye = tensor(
      Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j))),
    );
    const lambda = 0.5;
    const { x, dual, converged } = optim.admm(
      { f: { P: eye, q: tensor(y.map((v) => -v)) }, g: optim.penalty.l1(lambda), A: D },
      zeros([n]),
      options,
    );
    assert.ok(converged);
    for (const v of dual.data()) assert.ok(Math.abs(v) <= lambda + 1e-8);
    // Each piece: its mean, moved by λ per jump at its ends over its length.
    const mean = (from: number, to: number) => y.slice(from, to).reduce((s, v) => s + v, 0) / (to - from);
    const pieces = [mean(0, 3) + lambda / 3, mean(3, 7) - (2 * lambda) / 4, mean(7, 9) + lambda / 2];
    near(
      x.data(),
      [0, 0, 0, 1, 1, 1, 1, 2, 2].map((k) => pieces[k]),
      1e-8,
    );
  }));

test('A x + B z = c with both matrices: the solution of the quadratic program that it is', () => {
  property(
    fc.tuple(fc.nat(1e6), fc.integer({ min: 1, max: 4 })),
    ([seed, m]) =>
      scope(() => {
        const [n, p] = [4, 5];
        const matrix = (rows: number, columns: number, at: number) =>
          tensor(numbers(rows * columns, seed + at), { shape: [rows, columns] });
        const [A, B, c] = [matrix(m, n, 1), matrix(m, p, 2), tensor(numbers(m, seed + 3))];
        const definite = (k: number, at: number) => {
          const g = matrix(k + 2, k, at);
          const P = matmul(transpose(g), g);
          for (let i = 0; i < k; i++) P.data()[i * (k + 1)] += 0.1;
          return P;
        };
        const [f, g] = [
          { P: definite(n, 4), q: tensor(numbers(n, seed + 5)) },
          { P: definite(p, 6), q: tensor(numbers(p, seed + 7)) },
        ];
        const { x, z, dual, value, converged, message } = optim.admm({ f, g, A, B, c }, zeros([n]), options);
        assert.ok(converged, message);
        // P x + q + Aᵀy = 0, the same for z, and A x + B z = c.
        const left = (t: typeof f, M: Tensor, v: Tensor) => {
          const [a, b] = [matmul(t.P, v).data(), matmul(transpose(M), dual).data()];
          return Array.from(t.q.data(), (q, i) => q + a[i] + b[i]);
        };
        near(left(f, A, x), Array(n).fill(0), 1e-6);
        near(left(g, B, z as Tensor), Array(p).fill(0), 1e-6);
        const [ax, bz] = [matmul(A, x).data(), matmul(B, z as Tensor).data()];
        near(
          Array.from(ax, (v, i) => v + bz[i]),
          c.data(),
          1e-7,
        );
        const cost = (t: typeof f, v: Tensor) =>
          mul(sum(mul(v, matmul(t.P, v))), 0.5).item() + sum(mul(t.q, v)).item();
        near([value], [cost(f, x) + cost(g, z as Tensor)], 1e-10 * (1 + Math.abs(value)));
      }),
    30,
  );
});

test('a minimiser of one’s own is the quadratic term that it stands for', () =>
  scope(() => {
    const A = tensor([
      [1, 2],
      [0, 1],
      [3, -1],
    ]);
    // f = 0: argmin ‖A x - v‖² is least squares, of full rank here.
    const [p, q, r] = [10, -1, 6];
    const f = {
      minimiser(v: Tensor) {
        const s = matmul(transpose(A), v).data();
        const d = p * r - q * q;
        return tensor([(r * s[0] - q * s[1]) / d, (p * s[1] - q * s[0]) / d]);
      },
    };
    const g = (v: Tensor, t: number) => optim.prox.squaredL2(sub(v, 1), t);
    const shifted = (v: Tensor, t: number) => mul(neg(sub(neg(g(v, t)), 1)), 1);
    const own = optim.admm({ f, g: shifted, A }, zeros([2]), options);
    const same = optim.admm({ f: { P: zeros([2, 2]) }, g: shifted, A }, zeros([2]), options);
    assert.ok(own.converged);
    near(own.x.data(), same.x.data(), 1e-9);
  }));

test('a singular system and values that are not finite are said, limits and stops are no errors', () =>
  scope(() => {
    const A = tensor([[1, 0]]);
    const g = optim.penalty.l1(1);
    const quiet = { throws: false };
    assert.is(optim.admm({ f: { P: zeros([2, 2]) }, g, A }, zeros([2]), quiet).status, 'singular');
    const nan = (v: Tensor) => mul(v, Number.NaN);
    assert.is(optim.admm({ f: nan, g }, zeros([2]), quiet).status, 'notFinite');
    const apart = {
      f: optim.penalty.indicator((x) => optim.project.box(x, 0, 1)),
      g: optim.penalty.indicator((x) => optim.project.box(x, 2, 3)),
    };
    const none = optim.admm(apart, zeros([1]), { maxIterations: 20, trace: true });
    assert.equal([none.status, none.iterations, none.trace?.length], ['maxIterations', 20, 21]);
    near([none.primalResidual], [1], 1e-12);
    const stopped = optim.admm(apart, zeros([1]), { onIteration: ({ iteration }) => iteration === 2 });
    assert.equal([stopped.status, stopped.iterations], ['stopped', 2]);
  }));

test('wrong arguments are named, and nothing leaks', () => {
  scope(() => {
    const [x0, A, three] = [zeros([2]), zeros([3, 2]), zeros([3])];
    const g = optim.penalty.l1(1);
    const run = (problem: object, start: unknown = x0, more: object = {}) =>
      optim.admm(problem as never, start as never, more);
    const f = { P: zeros([2, 2]) };
    rejects(() => optim.admm(3 as never, x0), CotangentError, /problem must be/);
    rejects(() => run({ f: 3, g }), CotangentError, /f must be a prox, a regulariser/);
    rejects(() => run({ f: g, g, A }), CotangentError, /f has a matrix before its variable/);
    rejects(() => run({ f, g, A: three }), CotangentError, /A must be a matrix \[any, 2\]/);
    rejects(() => run({ f, g, A, B: f.P }), CotangentError, /B must be a matrix \[3, any\]/);
    rejects(() => run({ f, g, A, c: x0 }), CotangentError, /c must be a vector \[3\]/);
    rejects(() => run({ f: { P: A }, g }), CotangentError, /f\.P must be a matrix \[2, 2\]/);
    rejects(() => run({ f: { P: f.P, q: three }, g }), CotangentError, /f\.q must be a vector \[2\]/);
    rejects(() => run({ f: () => three, g }), CotangentError, /what the prox of f gives/);
    rejects(() => run({ f, g }, x0, { rho: 0 }), CotangentError, /rho/);
    rejects(() => run({ f, g }, x0, { relaxation: 2 }), CotangentError, /relaxation/);
    rejects(() => run({ f, g }, 3), CotangentError, /x0 must be a tensor or a tree/);
    const before = memory();
    scope(() => void run({ f, g }));
    assert.equal(memory(), before);
  });
});

test.run();
