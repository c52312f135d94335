// Proximal gradient descent: the lasso against coordinate descent, constraints, trees, both dtypes, ends that are not minima.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  CotangentError,
  log,
  matmul,
  memory,
  mul,
  optim,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, numbers, property, rejects } from '../support/check.js';

/** argmin ‖A x - b‖² / 2 + λ ‖x‖₁ by coordinate descent. */
export function lassoByCoordinates(A: number[][], b: number[], lambda: number): number[] {
  const n = A[0].length;
  const x = Array<number>(n).fill(0);
  const r = b.slice();
  for (let sweep = 0; sweep < 20_000; sweep++) {
    let most = 0;
    for (let j = 0; j < n; j++) {
      let [square2, product] = [0, 0];
      for (let i = 0; i < b.length; i++) {
        square2 += A[i][j] ** 2;
        product += A[i][j] * r[i];
      }
      const z = product + square2 * x[j];
      const next = (Math.sign(z) * Math.max(Math.abs(z) - lambda, 0)) / square2;
      for (let i = 0; i < b.length; i++) r[i] -= A[i][j] * (next - x[j]);
      most = Math.max(most, Math.abs(next - x[j]));
      x[j] = next;
    }
    if (most < 1e-15) break;
  }
  return x;
}

/** m random rows, and those of the identity, so that no curvature is below 1. */
function problem(m: number, n: number, seed: number) {
  const rows = Array.from({ length: m + n }, (_, i) =>
    i < m ? numbers(n, seed + i) : Array.from({ length: n }, (_, j) => Number(i - m === j)),
  );
  return { rows, b: numbers(m + n, seed + 1000) };
}

const squares = (A: Tensor, b: Tensor) => (x: Tensor) => mul(sum(square(sub(matmul(A, x), b))), 0.5);

test('the lasso is that of coordinate descent, with momentum and without', () => {
  property(
    fc.tuple(
      fc.integer({ min: 3, max: 12 }),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(1e6),
      fc.constantFrom(0.05, 0.5),
    ),
    ([m, n, seed, lambda]) =>
      scope(() => {
        const { rows, b } = problem(m, n, seed);
        const f = squares(tensor(rows), tensor(b));
        const want = lassoByCoordinates(rows, b, lambda);
        for (const acceleration of ['fista', 'none'] as const) {
          const solution = optim.proximalGradient(f, optim.penalty.l1(lambda), zeros([n]), {
            acceleration,
            gradientTolerance: 1e-9,
            maxIterations: 50_000,
          });
          assert.ok(solution.gradientNorm <= 1e-9, solution.message);
          const cost = (x: ArrayLike<number>) =>
            rows.reduce((s, row, i) => s + 0.5 * (row.reduce((p, v, j) => p + v * x[j], 0) - b[i]) ** 2, 0) +
            lambda * Array.from(x).reduce((s, v) => s + Math.abs(v), 0);
          near([solution.value], [cost(want)], 1e-12, acceleration);
          near([solution.value], [cost(solution.x.data())], 1e-14);
          near(solution.x.data(), want, 1e-8, acceleration);
        }
      }),
    40,
  );
});

test('on an ill-conditioned problem momentum with restarts needs far fewer iterations than none, or than momentum alone', () =>
  scope(() => {
    const n = 30;
    const scales = tensor(Array.from({ length: n }, (_, i) => 10 ** ((3 * i) / (n - 1))));
    const f = (x: Tensor) => mul(sum(mul(scales, square(sub(x, 1)))), 0.5);
    const run = (options: object) =>
      optim.proximalGradient(f, optim.penalty.l1(0.01), zeros([n]), {
        gradientTolerance: 1e-5,
        maxIterations: 50_000,
        ...options,
      }).iterations;
    const [plain, fista, restarted] = [
      run({ acceleration: 'none' }),
      run({ restart: 'none' }),
      run({ acceleration: 'fista' }),
    ];
    if (process.env.VERBOSE) console.log({ plain, fista, restarted });
    assert.ok(restarted < plain / 4 && restarted < fista / 4);
  }));

test('indicators: least squares on the simplex and on a box meet the conditions of optimality', () =>
  scope(() => {
    const { rows, b } = problem(10, 6, 3);
    const f = squares(tensor(rows), tensor(b));
    const gradientAt = (x: Tensor) => {
      const r = rows.map((row, i) => row.reduce((s, v, j) => s + v * x.data()[j], 0) - b[i]);
      return Array.from({ length: 6 }, (_, j) => r.reduce((s, v, i) => s + v * rows[i][j], 0));
    };
    const options = { gradientTolerance: 1e-10 };
    const simplex = optim.proximalGradient(
      f,
      optim.penalty.indicator(optim.project.simplex),
      zeros([6]),
      options,
    ).x;
    const g = gradientAt(simplex);
    const least = Math.min(...g);
    near([Array.from(simplex.data()).reduce((s, v) => s + v, 0)], [1], 1e-14);
    for (const [i, v] of Array.from(simplex.data()).entries()) assert.ok(v === 0 || g[i] - least < 1e-8);
    const box = optim.proximalGradient(f, (x: Tensor) => optim.project.box(x, 0, 0.2), zeros([6]), options).x;
    for (const [i, gi] of gradientAt(box).entries()) {
      const v = box.data()[i];
      assert.ok(v === 0 ? gi >= -1e-8 : v === 0.2 ? gi <= 1e-8 : Math.abs(gi) < 1e-8);
    }
  }));

test('trees, f32, and a regulariser of one part only', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const x0 = { w: zeros([2], { dtype }), b: zeros([], { dtype }) };
      const f = ({ w, b }: typeof x0) => mul(add(sum(square(sub(w, 2))), sum(square(sub(b, 3)))), 0.5);
      const g = {
        prox: ({ w, b }: typeof x0, t: number) => ({ w: optim.prox.l1(w, t), b }),
        value: ({ w }: typeof x0) => optim.penalty.l1().value(w),
      };
      const { x, value } = optim.proximalGradient(f, g, x0);
      assert.is(x.w.dtype, dtype);
      near([...x.w.data(), x.b.item()], [1, 1, 3], dtype === 'f64' ? 1e-6 : 1e-3);
      near([value], [3], 1e-5);
      const all = optim.proximalGradient(f, optim.penalty.l1(), x0);
      near([...all.x.w.data(), all.x.b.item()], [1, 1, 2], dtype === 'f64' ? 1e-6 : 1e-3);
    }
  }));

test('f that is infinite or NaN somewhere shortens the step; without a bound below, that is said', () =>
  scope(() => {
    const barrier = (x: Tensor) => sub(mul(x, 10), log(x));
    const none = (x: Tensor) => x;
    near([optim.proximalGradient(barrier, none, tensor(1)).x.item()], [0.1], 1e-6);
    const quiet = { throws: false };
    assert.is(optim.proximalGradient((x: Tensor) => log(x), none, tensor(-1), quiet).status, 'notFinite');
    const fall = optim.proximalGradient((x: Tensor) => mul(x, square(x)), none, tensor(-1), quiet);
    assert.is(fall.status, 'unbounded');
    const wrong = optim.proximalGradient(barrier, (x: Tensor) => mul(x, Number.NaN), tensor(1), quiet);
    assert.is(wrong.status, 'notFinite');
    near([wrong.x.item()], [1], 0);
  }));

test('a tolerance below rounding ends as stalled or at the limit, and never as met', () => {
  property(
    fc.tuple(fc.nat(1e6), fc.constantFrom('f64' as const, 'f32' as const)),
    ([seed, dtype]) =>
      scope(() => {
        const { rows, b } = problem(8, 5, seed);
        const f = squares(tensor(rows, { dtype }), tensor(b, { dtype }));
        const { status, gradientNorm, x } = optim.proximalGradient(
          f,
          optim.penalty.squaredL2(0.1),
          zeros([5], { dtype }),
          { gradientTolerance: 0, maxIterations: 3000, throws: false },
        );
        assert.ok(status === 'stalled' || status === 'maxIterations' || gradientNorm === 0, status);
        const close = optim.proximalGradient(f, optim.penalty.squaredL2(0.1), zeros([5], { dtype })).x;
        near(x.data(), close.data(), dtype === 'f64' ? 1e-5 : 1e-2);
      }),
    30,
  );
});

test('limits, stops, traces; wrong arguments are named; nothing leaks', () => {
  scope(() => {
    const f = (x: Tensor) => sum(mul(square(sub(x, 1)), tensor([1, 1000])));
    const x0 = zeros([2]);
    const g = optim.penalty.l1(0.1);
    const limited = optim.proximalGradient(f, g, x0, { maxIterations: 3, trace: true });
    assert.equal([limited.status, limited.trace?.length], ['maxIterations', 4]);
    const stopped = optim.proximalGradient(f, g, x0, { onIteration: ({ iteration }) => iteration === 2 });
    assert.equal([stopped.status, stopped.iterations], ['stopped', 2]);
    const run = (h: unknown, options: object, start: unknown = x0) =>
      optim.proximalGradient(f, h as never, start as never, options);
    rejects(() => run(3, {}), CotangentError, /g must be a regulariser/);
    rejects(() => run(g, { acceleration: 'more' }), CotangentError, /acceleration/);
    rejects(() => run(g, { restart: true }), CotangentError, /restart/);
    rejects(() => run(g, { shrink: 2 }), CotangentError, /shrink/);
    rejects(() => run(g, { initialStep: 0 }), CotangentError, /initialStep/);
    rejects(() => run(g, {}, 3), CotangentError, /x0 must be a tensor or a tree/);
    const three = zeros([3]);
    rejects(() => run(() => three, {}), CotangentError, /what prox gives must match/);
  });
  const before = memory();
  optim.proximalGradient((x: Tensor) => sum(square(x)), optim.penalty.l1(), tensor([1])).x.dispose();
  assert.is(memory().tensors, before.tensors + 1);
});

test.run();
