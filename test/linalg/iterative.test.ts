// Iterative solvers: the textbook's iterates, true residuals, many right sides, and every way to stop or to fail.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  ConvergenceError,
  DTypeError,
  div,
  eye,
  matmul,
  memory,
  mul,
  ShapeError,
  scope,
  sub,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { cg } from '#src/linalg/iterative/cg.js';
import { gmres } from '#src/linalg/iterative/gmres.js';
import { lsmr } from '#src/linalg/iterative/lsmr.js';
import { minres } from '#src/linalg/iterative/minres.js';
import { near, numbers, rejects } from '../support/check.js';

type Float = 'f64' | 'f32';
const golden = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/conjugate-gradient.json', import.meta.url), 'utf8'),
);

const make = (values: ArrayLike<number>, shape: number[], dtype: Float) =>
  tensor(Float64Array.from(values), { shape, dtype });
const random = (shape: number[], seed: number, dtype: Float) =>
  make(
    numbers(
      shape.reduce((p, q) => p * q, 1),
      seed,
    ),
    shape,
    dtype,
  );

/** B Bᵀ / n + shift I: symmetric, and definite for a shift above 0. */
function symmetric(n: number, shift: number, seed: number, dtype: Float): Tensor {
  const b = random([n, n], seed, dtype);
  return add(div(matmul(b, b, { transposeB: true }), Math.max(1, n)), mul(eye(n, n, { dtype }), shift));
}

const length = (x: ArrayLike<number>) => Math.hypot(...Array.from(x));
/** ‖b - A x‖ / ‖b‖. */
const residualOf = (a: Tensor, x: Tensor, b: Tensor) =>
  length(sub(b, matmul(a, x)).data()) / (length(b.data()) || 1);

test('cg: iterates are the textbook’s, from 0 and from each other', () =>
  scope(() => {
    const a = make(golden.A.data, golden.A.shape, 'f64');
    const b = tensor(golden.b);
    const [rows, n] = golden.iterates.shape;
    for (let k = 0; k < rows; k++) {
      const { x, iterations, converged } = cg(a, b, { maxIterations: k, tolerance: 0 });
      near(x.data(), golden.iterates.data.slice(k * n, (k + 1) * n), 1e-11, `iterate ${k}`);
      assert.is(iterations, k);
      assert.not(converged);
    }
    const solved = cg(a, b, { tolerance: 1e-12 });
    near(solved.x.data(), golden.solution, 1e-11);
    assert.ok(solved.converged && solved.iterations <= 5);
    const again = cg(a, b, { x0: solved.x, tolerance: 1e-11 });
    assert.is(again.iterations, 0, 'a warm start at the solution has nothing to do');
    near(again.x.data(), solved.x.data(), 0);
  }));

for (const dtype of ['f64', 'f32'] as const) {
  const tolerance = dtype === 'f64' ? 1e-10 : 1e-5;
  const sizes = [0, 1, 2, 3, 5, 10, 33, 64, 100, 130];

  test(`cg, minres, gmres: the residual is what they say, at every size, in ${dtype}`, () => {
    for (const n of sizes) {
      for (const columns of [0, 1, 4]) {
        scope(() => {
          const a = symmetric(n, 0.5, 10 + n, dtype);
          const b = random(columns === 0 ? [n] : [n, columns], n, dtype);
          for (const solve of [cg, minres, gmres]) {
            for (const A of [a, (x: Tensor) => matmul(a, x)]) {
              const { x, residual, converged, status } = solve(A, b, { tolerance });
              assert.equal(x.shape, b.shape);
              assert.ok(converged && status === 'converged' && residual <= tolerance, `${solve.name} ${n}`);
              assert.ok(residualOf(a, x, b) <= 5 * tolerance, `${solve.name} ${n}: ${residualOf(a, x, b)}`);
            }
          }
        });
      }
    }
  });

  test(`minres and gmres on indefinite, gmres on nonsymmetric matrices in ${dtype}`, () =>
    scope(() => {
      for (const n of [2, 7, 40]) {
        const d = Array.from({ length: n * n }, (_, t) =>
          t % (n + 1) === 0 ? ((t / (n + 1)) % 2 ? -1 : 1) * (1 + (t / (n + 1)) * 0.1) : 0,
        );
        const noise = mul(symmetric(n, 0, n, dtype), 0.3);
        const indefinite = add(make(d, [n, n], dtype), noise);
        const b = random([n], 3, dtype);
        for (const solve of [minres, gmres]) {
          const { x } = solve(indefinite, b, { tolerance });
          assert.ok(residualOf(indefinite, x, b) <= 5 * tolerance, `${solve.name} ${n}`);
        }
        const skew = add(random([n, n], 5, dtype), mul(eye(n, n, { dtype }), Math.sqrt(n) + 1));
        for (const restart of [3, 30]) {
          const { x } = gmres(skew, b, { tolerance, restart });
          assert.ok(residualOf(skew, x, b) <= 5 * tolerance, `gmres(${restart}) ${n}`);
        }
      }
    }));

  test(`lsmr: normal equations hold for tall, wide, deficient and damped problems in ${dtype}`, () =>
    scope(() => {
      for (const [m, n, rank, damping] of [
        [1, 1, 1, 0],
        [20, 7, 7, 0],
        [7, 20, 7, 0],
        [30, 30, 30, 0.1],
        [40, 12, 5, 0],
        [25, 10, 10, 0.7],
      ]) {
        const a =
          rank === Math.min(m, n)
            ? random([m, n], m, dtype)
            : matmul(random([m, rank], m, dtype), random([rank, n], n, dtype));
        const operator = {
          apply: (x: Tensor) => matmul(a, x),
          applyTranspose: (y: Tensor) => matmul(a, y, { transposeA: true }),
        };
        for (const columns of [0, 2]) {
          const b = random(columns ? [m, columns] : [m], 9, dtype);
          for (const A of [a, operator]) {
            const { x, converged } = lsmr(A, b, { tolerance, damping });
            assert.ok(converged);
            assert.equal(x.shape, columns ? [n, columns] : [n]);
            const r = sub(b, matmul(a, x));
            const gradient = sub(matmul(a, r, { transposeA: true }), mul(x, damping * damping));
            const scale = length(a.data()) * length(b.data());
            assert.ok(
              length(gradient.data()) <= 20 * tolerance * scale,
              `${m} x ${n}: ${length(gradient.data())}`,
            );
          }
        }
      }
      // The smallest of all solutions lies in the range of Aᵀ.
      const flat = make([1, 1, 0, 0, 0, 1], [2, 3], dtype);
      near(lsmr(flat, make([2, 3], [2], dtype), { tolerance }).x.data(), [1, 1, 3], 100 * tolerance);
      const started = lsmr(flat, make([2, 3], [2], dtype), { tolerance, x0: make([3, 0, 0], [3], dtype) });
      near(matmul(flat, started.x).data(), [2, 3], 100 * tolerance);
    }));

  test(`magnitudes far from 1 in ${dtype}`, () =>
    scope(() => {
      const [small, large] = dtype === 'f64' ? [1e-160, 1e150] : [1e-25, 1e18];
      const a = symmetric(12, 0.5, 4, dtype);
      const b = random([12], 5, dtype);
      for (const solve of [cg, minres, gmres, lsmr]) {
        const { x } = solve(a as never, b, { tolerance });
        for (const [sa, sb] of [
          [1, small],
          [1, large],
          [large, 1],
          [small, small],
          [large, large],
        ]) {
          const scaled = solve(mul(a, sa) as never, mul(b, sb), { tolerance });
          assert.ok(scaled.converged, `${solve.name} ${sa} ${sb}`);
          near(div(mul(scaled.x, sa), sb).data(), x.data(), 1e3 * tolerance, `${solve.name} ${sa} ${sb}`);
        }
      }
    }));

  test(`a preconditioner that is the inverse needs one iteration; a diagonal one helps; in ${dtype}`, () =>
    scope(() => {
      const n = 50;
      const d = Array.from({ length: n }, (_, i) => 1 + i * i);
      const off = mul(symmetric(n, 0, 3, dtype), 0.5);
      const a = add(
        make(
          Array.from({ length: n * n }, (_, t) => (t % (n + 1) ? 0 : d[t / (n + 1)])),
          [n, n],
          dtype,
        ),
        off,
      );
      const b = random([n], 4, dtype);
      const diagonal = make(d, [n], dtype);
      const loose = dtype === 'f64' ? 1e-9 : 1e-4;
      for (const solve of [cg, minres, gmres]) {
        const plain = solve(a, b, { tolerance: loose, ...(solve === gmres && { restart: n }) });
        const helped = solve(a, b, { tolerance: loose, preconditioner: (r) => div(r, diagonal) });
        assert.ok(helped.iterations < plain.iterations / 2, `${solve.name}: ${helped.iterations}`);
        assert.ok(residualOf(a, helped.x, b) < 1e3 * loose);
        const two = mul(eye(n, n, { dtype }), 2);
        const half = mul(eye(n, n, { dtype }), 0.5);
        assert.ok(solve(two, b, { tolerance: loose, preconditioner: half }).iterations <= 1);
      }
    }));
}

test('cg: columns stop each on its own, those of zeros at once, and a broken one spoils no other', () =>
  scope(() => {
    const a = symmetric(20, 0.1, 6, 'f64');
    const b = random([20, 3], 7, 'f64');
    const data = b.data();
    for (let i = 0; i < 20; i++) data[3 * i + 1] = 0;
    data[2] = Number.NaN;
    const x0 = random([20, 3], 8, 'f64');
    const { x, converged, status } = cg(a, b, { throws: false, x0 });
    assert.not(converged);
    assert.is(status, 'notFinite');
    const columns = [0, 1, 2].map((c) => x.data().filter((_, i) => i % 3 === c));
    near(columns[1], new Float64Array(20), 0, 'the solution for 0 is 0');
    const first = tensor(b.data().filter((_, i) => i % 3 === 0));
    assert.ok(residualOf(a, tensor(columns[0]), first) < 1e-7);
    for (const solve of [minres, gmres, cg]) {
      const none = solve(a, zeros([20]), { x0: tensor(numbers(20, 3)) });
      near(none.x.data(), new Float64Array(20), 0);
      assert.is(none.iterations, 0);
    }
  }));

test('why a solver stops: indefinite, singular, stagnation, NaN, the limit', () =>
  scope(() => {
    const indefinite = tensor([
      [1, 0],
      [0, -1],
    ]);
    const b = tensor([1, 1]);
    rejects(
      () => cg(indefinite, b),
      ConvergenceError,
      /cg: not converged after 0 iterations.*not positive definite/,
    );
    assert.is(cg(indefinite, b, { throws: false }).status, 'indefinite');
    const negative = { preconditioner: (r: Tensor) => mul(r, -1) };
    rejects(() => cg(indefinite, b, negative), ConvergenceError, /preconditioner is not positive/);
    rejects(() => minres(indefinite, b, negative), ConvergenceError, /not positive definite|NaN/);

    const singular = tensor([
      [1, 0, 0],
      [0, 2, 0],
      [0, 0, 0],
    ]);
    const outside = tensor([1, 1, 1]);
    const best = minres(singular, outside, { throws: false });
    assert.is(best.status, 'singular');
    near(best.x.data().slice(0, 2), [1, 0.5], 1e-12);
    rejects(() => minres(singular, outside), ConvergenceError, /singular, and b is not in its range/);
    assert.not(gmres(singular, outside, { throws: false }).converged);
    rejects(() => gmres(singular, outside), ConvergenceError, /gmres: not converged/);
    const inside = tensor([1, 1, 0]);
    for (const solve of [cg, minres, gmres]) near(solve(singular, inside).x.data(), [1, 0.5, 0], 1e-12);
    for (const solve of [minres, gmres]) assert.not(solve(zeros([2, 2]), b, { throws: false }).converged);

    // A cycle of four gains nothing until the whole space is there.
    const cycle = tensor([
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
      [1, 0, 0, 0],
    ]);
    const start = tensor([1, 0, 0, 0]);
    assert.is(gmres(cycle, start, { restart: 2, throws: false }).status, 'stagnation');
    near(gmres(cycle, start).x.data(), [0, 1, 0, 0], 1e-12);

    const a = symmetric(30, 1e-3, 2, 'f64');
    const right = random([30], 1, 'f64');
    for (const solve of [cg, minres, gmres, lsmr]) {
      const name = solve.name;
      const few = solve(a as never, right, { maxIterations: 2 });
      assert.equal([few.iterations, few.converged, few.status], [2, false, 'maxIterations'], name);
      rejects(
        () => solve(a as never, right, { maxIterations: 2, throws: true }),
        ConvergenceError,
        /limit is reached/,
      );
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const spoilt = tensor(right.data());
        spoilt.data()[3] = bad;
        rejects(() => solve(a as never, spoilt), ConvergenceError, /NaN or an Infinity/);
        const matrix = tensor(a.data(), { shape: [30, 30] });
        matrix.data()[7] = bad;
        const { converged, iterations } = solve(matrix as never, right, { throws: false });
        assert.ok(!converged && iterations <= 300, `${name} ${bad}`);
      }
      // A tolerance that cannot be met ends too.
      const { iterations } = solve(a as never, right, { tolerance: 0, throws: false });
      assert.ok(iterations <= 300, name);
    }
  }));

test('operators that misbehave are errors, and leave nothing behind', () =>
  scope(() => {
    const [b, wrong, single] = [tensor([1, 2]), zeros([3]), zeros([2], { dtype: 'f32' })];
    const [square, tall, tensorOfThree] = [zeros([3, 3]), zeros([3, 2]), tensor([1, 2, 3])];
    class Mine extends ArgumentError {}
    for (const solve of [cg, minres, gmres]) {
      const name = solve.name;
      let calls = 0;
      const late = (x: Tensor) => {
        const y = mul(x, 2);
        if (++calls > 1 || name !== 'never') throw new Mine('mine');
        return y;
      };
      rejects(() => solve(late, b), Mine, /mine/);
      rejects(
        () => solve(() => zeros([3]), b),
        ShapeError,
        new RegExp(`${name}: A must give back shape \\[2\\], got \\[3\\]`),
      );
      rejects(
        () => solve(() => zeros([2], { dtype: 'f32' }), b),
        DTypeError,
        /A must give back f64, got f32/,
      );
      rejects(
        () => solve(() => undefined as never, b),
        ArgumentError,
        /A must give back a tensor, got undefined/,
      );
      rejects(() => solve(square, b), ShapeError, /A must have shape \[2, 2\], got \[3, 3\]/);
      rejects(() => solve('A' as never, b), ArgumentError, /A must be a tensor or a function/);
      rejects(() => solve(square, single), ShapeError, /must have shape/);
      rejects(() => solve((x) => x, b, { x0: wrong }), ShapeError, /x0 must have shape \[2\], got \[3\]/);
      rejects(() => solve((x) => x, b, { x0: single }), DTypeError, /x0 must be f64/);
      rejects(() => solve((x) => x, b, { tolerance: -1 }), ArgumentError, /tolerance must be at least 0/);
      rejects(
        () => solve((x) => x, b, { maxIterations: 1.5 }),
        ArgumentError,
        /maxIterations must be a count/,
      );
      rejects(
        () => solve((x) => x, b, { preconditioner: () => zeros([3]) }),
        ShapeError,
        /preconditioner must give/,
      );
      // An operator may give back what it got.
      near(solve((x) => x, b).x.data(), [1, 2], 1e-15);
    }
    rejects(() => gmres((x) => x, b, { restart: 0 }), ArgumentError, /restart must be at least 1/);
    rejects(() => lsmr(tall, b), ShapeError, /A must have shape \[2, 2\], got \[3, 2\]/);
    rejects(
      () => lsmr({ apply: (x: Tensor) => x } as never, b),
      ArgumentError,
      /\{ apply, applyTranspose \}/,
    );
    rejects(() => lsmr(tall, wrong, { damping: -1 }), ArgumentError, /damping/);
    const operator = { apply: () => zeros([2]), applyTranspose: (y: Tensor) => mul(y, 2) };
    rejects(() => lsmr(operator, tensorOfThree), ShapeError, /A.apply must give back shape \[3\]/);
  }));

test('a solver leaves its solution and nothing else', () => {
  const [a, b] = [symmetric(9, 1, 1, 'f64'), zeros([9, 2])];
  b.data().set(numbers(18, 5));
  for (const solve of [cg, minres, gmres, lsmr]) {
    const before = memory();
    const { x } = solve(a as never, b);
    assert.is(memory().tensors, before.tensors + 1);
    x.dispose();
    assert.is(memory().bytes, before.bytes);
  }
  for (const t of [a, b]) t.dispose();
});

test.run();
