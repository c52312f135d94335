// minimizeEquality, minimizeBarrier and kktResiduals: closed forms, starts of every kind, both dtypes, trees, certificates.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  ConvergenceError,
  CotangentError,
  concat,
  dot,
  exp,
  linalg,
  log,
  matmul,
  memory,
  mul,
  neg,
  ones,
  optim,
  scope,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../../support/check.js';
import { solvable, tensors } from './programs.js';

const entropy = (x: Tensor) => sum(mul(x, log(x)));
const seed = fc.integer({ min: 1, max: 1e9 });
const quadratic = (P: Tensor, q: Tensor) => (x: Tensor) => add(mul(0.5, dot(x, matmul(P, x))), dot(q, x));

test('quadratics with equalities: one step to the solution of the KKT system, from anywhere', () =>
  property(fc.tuple(seed, fc.integer({ min: 1, max: 8 }), fc.nat(5)), ([seed, n, most]) =>
    scope(() => {
      const p = Math.min(n, most);
      const { P, q, A, b } = tensors(solvable(seed, 'definite', 'none', n, 0, p));
      const s = optim.minimizeEquality(quadratic(P, q), ones([n]), { A, b });
      assert.is(s.iterations, 1);
      const kkt = concat([concat([P, transposed(A)], 1), concat([A, zeros([p, p])], 1)]);
      const [ours, sides] = [concat([s.x, s.nu]), concat([neg(q), b])];
      // The equations to rounding; the solution to as much as their condition leaves of that.
      const size = Math.max(1, ...ours.data().map(Math.abs));
      const entries = Math.max(...kkt.data().map(Math.abs));
      near(matmul(kkt, ours).data(), sides.data(), 1e-14 * (n + p) * entries * size);
      const condition = linalg.cond(kkt).item();
      near(ours.data(), linalg.solve(kkt, sides).data(), 1e-14 * condition * size);
    }),
  ));

/** Aᵀ. */
function transposed(A: Tensor): Tensor {
  const [p, n] = A.shape;
  const data = A.data();
  return tensor(
    Array.from({ length: n * p }, (_, k) => data[(k % p) * n + Math.floor(k / p)]),
    { shape: [n, p], dtype: 'f64' },
  );
}

test('the largest entropy on the simplex is uniform: feasible and infeasible starts, f32, and a tree', () =>
  scope(() => {
    const simplex = { A: ones([1, 4]), b: tensor([1]) };
    for (const x0 of [tensor([0.1, 0.2, 0.3, 0.4]), tensor([9, 2, 1, 1e-3])]) {
      const s = optim.minimizeEquality(entropy, x0, simplex, { gradientTolerance: 1e-12 });
      near(s.x.data(), [0.25, 0.25, 0.25, 0.25], 1e-12);
      near(s.nu.data(), [Math.log(4) - 1], 1e-12);
      assert.ok(s.gradientNorm <= 1e-12);
    }
    const single = { A: ones([1, 4], { dtype: 'f32' }), b: tensor([1], { dtype: 'f32' }) };
    const rough = optim.minimizeEquality(entropy, tensor([9, 2, 1, 1], { dtype: 'f32' }), single);
    assert.is(rough.x.dtype, 'f32');
    near(rough.x.data(), [0.25, 0.25, 0.25, 0.25], 1e-3);
    const tree = { a: tensor([[0.5, 0.2]]), b: [tensor(0.2), tensor([0.1])] };
    const f = ({ a, b }: typeof tree) => add(entropy(a), add(entropy(b[0]), entropy(b[1])));
    const { x } = optim.minimizeEquality(f, tree, simplex);
    near([...x.a.data(), x.b[0].item(), ...x.b[1].data()], [0.25, 0.25, 0.25, 0.25], 1e-6);
  }));

test('dependent rows do no harm; rows that contradict each other are shown', () =>
  scope(() => {
    const A = tensor([[1, 1, 1], [2, 2, 2], [0, 0, 0]]); // biome-ignore format: a matrix
    const { x, nu } = optim.minimizeEquality(entropy, ones([3]), { A, b: tensor([1, 2, 0]) });
    near(x.data(), [1 / 3, 1 / 3, 1 / 3], 1e-9);
    assert.is(nu.data().filter((value) => value !== 0).length, 1);
    for (const b of [
      [1, 3, 0],
      [1, 2, 1],
    ]) {
      // biome-ignore format: a matrix
      const s = optim.minimizeEquality(entropy, ones([3]), { A, b: tensor(b) }, { throws: false });
      assert.is(s.status, 'infeasible');
      const proof = s.certificate!.nu;
      near(matmul(proof, A).data(), [0, 0, 0], 1e-14);
      near([dot(proof, tensor(b)).item()], [-1], 1e-14);
    }
  }));

test('a saddle with a minimum on the constraint, and one without', () =>
  scope(() => {
    const saddle = (x: Tensor) => sum(mul(square(x), tensor([1, -2])));
    const s = optim.minimizeEquality(saddle, tensor([1, 2]), { A: tensor([[0, 1]]), b: tensor([3]) });
    near(s.x.data(), [0, 3], 1e-12);
    near(s.nu.data(), [12], 1e-12);
    const fall = optim.minimizeEquality(
      saddle,
      tensor([1, 2]),
      { A: tensor([[1, 0]]), b: tensor([3]) },
      { throws: false },
    );
    assert.not(fall.converged);
    const outside = optim.minimizeEquality(
      entropy,
      tensor([-1, 2]),
      { A: ones([1, 2]), b: tensor([1]) },
      { throws: false },
    );
    assert.is(outside.status, 'notFinite');
  }));

test('linear over a disk: x, multiplier and gap, from inside, from outside, in f32', () =>
  scope(() => {
    const disk = { inequalities: (x: Tensor) => sub(sum(square(x)), 2) };
    for (const x0 of [zeros([2]), tensor([5, 9]), tensor([-300, 1])]) {
      const s = optim.minimizeBarrier((x: Tensor) => sum(x), x0, disk);
      near(s.x.data(), [-1, -1], 2e-8);
      near(s.lambda.data(), [0.5], 1e-7);
      assert.ok(s.gap <= 2e-8 && s.value + 2 <= s.gap * 1.01, s.message);
    }
    const rough = optim.minimizeBarrier((x: Tensor) => sum(x), tensor([5, 9], { dtype: 'f32' }), disk);
    assert.is(rough.x.dtype, 'f32');
    near(rough.x.data(), [-1, -1], 1e-3);
  }));

test('quadratic programs: the barrier method finds what the interior-point method finds', () =>
  property(
    fc.tuple(seed, fc.integer({ min: 2, max: 7 }), fc.integer({ min: 1, max: 10 }), fc.nat(1)),
    ([seed, n, m, p]) =>
      scope(() => {
        const program = solvable(seed, 'definite', 'none', n, m, p);
        program.h = program.h.map((value) => value + 0.1);
        const { P, q, G, h, A, b } = tensors(program);
        const inequalities = (x: Tensor) => sub(matmul(G, x), h);
        const f = quadratic(P, q);
        const want = optim.quadraticProgram({ P, q, G, h, A, b });
        const got = optim.minimizeBarrier(f, zeros([n]), { inequalities, A, b });
        assert.ok(got.converged);
        const scale = 1 + Math.abs(want.value);
        near([got.value], [want.value], 2e-8 * scale);
        near(got.x.data(), want.x.data(), 1e-3 * scale);
        const residuals = optim.kktResiduals({ f, inequalities, A, b }, got);
        assert.ok(Math.max(residuals.stationarity, residuals.complementarity) < 1e-5 * scale);
        assert.is(Math.max(residuals.dual, residuals.primal - 1e-12 * scale, 0), 0);
        const [one, two] = [
          optim.kktResiduals({ f, inequalities, A, b }, want),
          optim.kktResiduals({ P, q, G, h, A, b }, want),
        ];
        for (const key of ['stationarity', 'primal', 'dual', 'complementarity'] as const)
          near([one[key]], [two[key]], 1e-11 * scale, key);
      }),
    40,
  ));

test('a geometric program on a tree, against its closed form', () =>
  scope(() => {
    // min x + y with x y >= 4, in logarithms: e^u + e^v, log 4 - u - v <= 0; x = y = 2.
    const x0 = { u: tensor(-1), v: tensor(3) };
    const f = ({ u, v }: typeof x0) => add(exp(u), exp(v));
    const { x, lambda } = optim.minimizeBarrier(f, x0, {
      inequalities: ({ u, v }) => sub(Math.log(4), add(u, v)),
    });
    near([x.u.item(), x.v.item()], [Math.LN2, Math.LN2], 1e-7);
    near(lambda.data(), [2], 1e-6);
  }));

test('without a point inside: the one point, or infeasible, with multipliers whose bound is positive, where there is none', () =>
  scope(() => {
    const between = (low: number, high: number) => (x: Tensor) => concat([sub(low, x), sub(x, high)]);
    const run = (low: number, high: number) =>
      optim.minimizeBarrier(
        (x: Tensor) => sum(square(x)),
        tensor([5]),
        { inequalities: between(low, high) },
        { throws: false },
      );
    const none = run(2, 1);
    assert.is(none.status, 'infeasible');
    const { lambda, bound } = none.certificate!;
    // λ_0 (2 - x) + λ_1 (x - 1) >= bound for every x wants equal multipliers of sum 1.
    near(lambda.data(), [0.5, 0.5], 0.05);
    assert.ok(bound > 0 && bound <= 0.5);
    const point = run(1, 1);
    assert.is(point.status, 'converged');
    near(point.x.data(), [1], 1e-7);
    assert.is(run(1, 2).status, 'converged');
  }));

test('a problem without a bound is said to be one', () =>
  scope(() => {
    const s = optim.minimizeBarrier(
      (x: Tensor) => sum(x),
      tensor([-5]),
      { inequalities: (x: Tensor) => sub(x, 1) },
      { throws: false },
    );
    assert.is(s.status, 'unbounded');
  }));

test('kktResiduals measures each condition by itself', () =>
  scope(() => {
    const problem = { P: tensor([[2]]), q: tensor([-4]), G: tensor([[1]]), h: tensor([1]) };
    const at = (x: number, lambda: number) =>
      optim.kktResiduals(problem, { x: tensor([x]), lambda: tensor([lambda]) });
    assert.equal(at(1, 2), { stationarity: 0, primal: 0, dual: 0, complementarity: 0 });
    assert.equal(at(3, -2), { stationarity: 0, primal: 2, dual: 2, complementarity: 4 });
    assert.equal(at(1, 0), { stationarity: 2, primal: 0, dual: 0, complementarity: 0 });
    const f = (x: Tensor) => sum(square(x));
    const ball = { f, inequalities: (x: Tensor) => sub(sum(square(x)), 2) };
    const outside = optim.kktResiduals(ball, { x: tensor([1, 2]), lambda: tensor([-1]) });
    assert.equal(outside, { stationarity: 0, primal: 3, dual: 1, complementarity: 3 });
    const rows = { f, equalities: (x: Tensor) => sub(slice(x, [0], [1]), 3) };
    const nu = tensor([-6]);
    assert.equal(optim.kktResiduals(rows, { x: tensor([3, 0]), nu }), {
      stationarity: 0,
      primal: 0,
      dual: 0,
      complementarity: 0,
    });
    assert.is(optim.kktResiduals(rows, { x: tensor([1, 0]), nu }).stationarity, 4);
    assert.is(optim.kktResiduals(rows, { x: tensor([1, 0]), nu }).primal, 2);
  }));

test('limits and callbacks', () =>
  scope(() => {
    const simplex = { A: ones([1, 2]), b: tensor([1]) };
    const limited = optim.minimizeEquality(entropy, tensor([7, 1]), simplex, {
      maxIterations: 2,
      trace: true,
    });
    assert.equal([limited.status, limited.trace?.length], ['maxIterations', 3]);
    const disk = { inequalities: (x: Tensor) => sub(sum(square(x)), 2) };
    const stopped = optim.minimizeBarrier((x: Tensor) => sum(x), zeros([2]), disk, {
      onIteration: ({ iteration }) => iteration === 3,
    });
    assert.equal([stopped.status, stopped.iterations], ['stopped', 3]);
  }));

test('wrong arguments are named, and nothing leaks', () => {
  scope(() => {
    const [x0, A, b, single, long] = [
      ones([2]),
      ones([1, 2]),
      tensor([1]),
      ones([1, 2], { dtype: 'f32' }),
      ones([1, 3]),
    ];
    const nan = tensor([Number.NaN]);
    const equal = (constraints: unknown, f: unknown = entropy) =>
      optim.minimizeEquality(f as never, x0, constraints as never);
    rejects(() => equal({ A, b }, 3), CotangentError, /f must be a function/);
    rejects(() => equal(undefined), CotangentError, /constraints must be/);
    rejects(() => equal({ A }), CotangentError, /b must be given with A/);
    rejects(() => equal({ A: long, b }), CotangentError, /A must have shape \[rows, 2\]/);
    rejects(() => equal({ A: single, b }), CotangentError, /A must have the dtype of x0/);
    rejects(() => equal({ A, b: x0 }), CotangentError, /b must have shape \[1\]/);
    rejects(() => equal({ A, b: nan }), CotangentError, /b must hold finite/);
    const barrier = (inequalities: unknown, options?: object) =>
      optim.minimizeBarrier(entropy, x0, { inequalities } as never, options);
    rejects(() => barrier(undefined), CotangentError, /inequalities must be a function/);
    rejects(() => barrier(() => 3), CotangentError, /inequalities must return a tensor/);
    rejects(() => barrier((x: Tensor) => sub(x, 2), { mu: 1 }), CotangentError, /mu/);
    rejects(() => barrier((x: Tensor) => sub(x, 2), { t0: -1 }), CotangentError, /t0/);
    rejects(() => barrier((x: Tensor) => sub(x, 2), { gapTolerance: 'a' }), CotangentError, /gapTolerance/);
    const kkt = (problem: unknown, point: unknown) => optim.kktResiduals(problem as never, point as never);
    rejects(() => kkt(3, { x: x0 }), CotangentError, /problem must be/);
    rejects(() => kkt({ f: entropy }, {}), CotangentError, /point must be/);
    rejects(() => kkt({ f: entropy }, { x: x0, lambda: b }), CotangentError, /lambda must have shape \[0\]/);
    rejects(() => kkt({ f: entropy, A, b }, { x: x0, nu: x0 }), CotangentError, /nu must have shape \[1\]/);
  });
  const before = memory().tensors;
  const s = optim.minimizeEquality(entropy, ones([2]), { A: ones([1, 2]), b: tensor([1]) });
  assert.is(memory().tensors, before + 5);
  for (const part of [s.x, s.nu]) part.dispose();
  let caught: unknown;
  try {
    optim.minimizeEquality(entropy, ones([2]), { A: ones([2, 2]), b: tensor([1, 2]) });
  } catch (error) {
    caught = error;
  }
  assert.instance(caught, ConvergenceError);
});

test.run();
