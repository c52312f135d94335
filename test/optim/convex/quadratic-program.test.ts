// Quadratic and linear programs: golden values, KKT conditions and certificates on random programs of every kind, by both methods.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConvergenceError, CotangentError, eye, memory, optim, scope, tensor, zeros } from '#src/index.js';
import { near, property, rejects } from '../../support/check.js';
import {
  contradictory,
  DEFECTS,
  falling,
  KINDS,
  missedContradiction,
  missedRay,
  solvable,
  tensors,
} from './programs.js';

const METHODS = [optim.interiorPoint(), optim.operatorSplitting()];
const load = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../test/fixtures/${name}.json`, import.meta.url), 'utf8'));
const size = fc.integer({ min: 0, max: 14 });
const seed = fc.integer({ min: 1, max: 1e9 });
const any = fc.record({
  ...{ seed, n: fc.integer({ min: 1, max: 10 }), m: size, p: size },
  ...{ kind: fc.constantFrom(...KINDS), defect: fc.constantFrom(...DEFECTS) },
});

test('golden programs: x, multipliers, value, and the active set', () => {
  for (const method of METHODS) {
    for (const { P, q, G, h, A, b, y, lam, nu, objective } of load('quadratic-programs').cases) {
      scope(() => {
        const problem = {
          ...{
            P: tensor(P.data, { shape: P.shape }),
            q: tensor(q),
            h: tensor(h),
            b: tensor(b, { dtype: 'f64' }),
          },
          ...{ G: tensor(G.data, { shape: G.shape }), A: tensor(A.data, { shape: A.shape, dtype: 'f64' }) },
        };
        const s = optim.quadraticProgram(problem, { method });
        near(s.x.data(), y, 1e-13, 'x');
        near(s.lambda.data(), lam, 1e-12, 'lambda');
        near(s.nu.data(), nu, 1e-12, 'nu');
        near([s.value], [objective], 1e-13 * Math.abs(objective), 'value');
        assert.equal(
          s.active,
          lam.flatMap((l: number, i: number) => (l > 1e-6 ? [i] : [])),
        );
      });
    }
  }
});

test('every kind of program with a solution: KKT residuals below 1e-9, and both methods find one value', () =>
  property(
    any,
    ({ seed, kind, defect, n, m, p }) =>
      scope(() => {
        const program = solvable(seed, kind, defect, n, m, Math.min(p, n));
        const problem = tensors(program);
        const [a, b] = METHODS.map((method) => optim.quadraticProgram(problem, { method }));
        for (const s of [a, b]) {
          const { stationarity, primal, dual, complementarity } = optim.kktResiduals(problem, s);
          // Violations come in units of the terms that cancel, which are large where columns are scaled.
          const most = Math.max(
            1,
            ...[s.x, s.lambda, s.nu].flatMap((part) => [...part.data().map(Math.abs)]),
          );
          const scale = defect === 'scaled' ? 1e3 * most : 1;
          assert.ok(Math.max(stationarity, primal, dual, complementarity) < 1e-9 * scale, s.message);
          assert.ok(Math.abs(s.gap) < 1e-8 * scale * (1 + Math.abs(s.value)));
          assert.ok(s.iterations <= 30 || s === b, `${s.iterations} iterations`);
        }
        near([a.value], [b.value], 1e-9 * (1 + Math.abs(a.value)), 'values');
      }),
    250,
  ));

test('a program on which predictor and corrector alone go round in circles', () =>
  scope(() => {
    const program = solvable(8, 'definite', 'none', 2, 9, 1);
    program.h = program.h.map((value) => value + 0.1);
    assert.ok(optim.quadraticProgram(tensors(program)).iterations < 25);
  }));

test('no feasible point: the status, and multipliers that prove it', () =>
  property(
    any,
    ({ seed, kind, n, m, p }) =>
      scope(() => {
        const program = contradictory(seed, kind, n, m + 2, Math.min(p, n - 1));
        for (const method of METHODS) {
          const s = optim.quadraticProgram(tensors(program), { method, throws: false });
          assert.is(s.status, 'infeasible', s.message);
          assert.not(s.converged);
          const { lambda, nu } = s.certificate as { lambda: typeof s.lambda; nu: typeof s.nu };
          assert.ok(missedContradiction(program, lambda.data(), nu.data()) < 1e-8);
        }
      }),
    60,
  ));

test('no lower bound: the status, and a ray that proves it', () =>
  property(
    any,
    ({ seed, kind, n, m, p }) =>
      scope(() => {
        const program = falling(seed, kind, n + 1, m, Math.min(p, n));
        for (const method of METHODS) {
          const s = optim.quadraticProgram(tensors(program), { method, throws: false });
          assert.is(s.status, 'unbounded', s.message);
          assert.ok(missedRay(program, (s.certificate?.x ?? s.x).data()) < 1e-8);
        }
      }),
    60,
  ));

test('infeasible and falling at once is infeasible', () =>
  scope(() => {
    const [c, G, h] = [
      tensor([1, 0]),
      tensor([
        [0, 1],
        [0, -1],
      ]),
      tensor([-1, -1]),
    ];
    for (const method of METHODS)
      assert.is(optim.linearProgram({ c, G, h }, { method, throws: false }).status, 'infeasible');
  }));

test('linear programs as HiGHS solves them', () =>
  scope(() => {
    const rows = (M: number[][], n: number) => tensor(M.flat(), { shape: [M.length, n], dtype: 'f64' });
    for (const { name, c, G, h, A, b, status, value } of load('linear-programs').cases) {
      const n = c.length;
      const right = (v: number[]) => tensor(v, { shape: [v.length], dtype: 'f64' });
      const problem = { c: tensor(c), G: rows(G, n), h: right(h), A: rows(A, n), b: right(b) };
      const s = optim.linearProgram(problem, { throws: false });
      assert.is(s.status, status, `${name}: ${s.message}`);
      if (value !== undefined) near([s.value], [value], 1e-8 * (1 + Math.abs(value)), name);
    }
  }));

test('200 variables and 400 inequalities take fewer than 30 factorizations, and no more tensors than one solution', () =>
  scope(() => {
    for (const kind of KINDS) {
      const problem = tensors(solvable(5, kind, 'none', 200, 400, 20));
      const before = memory().tensors;
      const { factorizations, converged } = optim.quadraticProgram(problem);
      assert.ok(converged);
      assert.ok(factorizations < 30, `${factorizations}`);
      assert.is(memory().tensors, before + 3);
    }
  }));

test('points without an interior, free variables, infinite right sides, nothing at all', () =>
  scope(() => {
    const run = (problem: Parameters<typeof optim.quadraticProgram>[0]) =>
      METHODS.map((method) => optim.quadraticProgram(problem, { method }));
    const pair = tensor([1, 1, -1, -1], { shape: [2, 2] });
    for (const { x } of run({ P: eye(2), q: tensor([1, 1]), G: pair, h: tensor([1, -1]) }))
      near(x.data(), [0.5, 0.5], 1e-12);
    for (const { x } of run({ P: eye(2), q: tensor([1, -4]) })) near(x.data(), [-1, 4], 1e-15);
    const h = tensor([Number.POSITIVE_INFINITY, -3]);
    for (const { x, lambda } of run({ P: eye(2), q: tensor([1, 1]), G: eye(2), h })) {
      near(x.data(), [-1, -3], 1e-15);
      near(lambda.data(), [0, 2], 1e-15);
    }
    for (const { x } of run({ P: tensor([[2]]), q: tensor([0]), G: tensor([[1]]), h: tensor([0]) }))
      near(x.data(), [0], 0);
    for (const { x } of run({ P: zeros([0, 0]), q: zeros([0]) })) assert.is(x.size, 0);
    for (const { x } of run({ P: eye(1), q: tensor([1]), G: zeros([0, 1]), h: zeros([0]) }))
      near(x.data(), [-1], 0);
  }));

test('f32 in, f32 out, exact to its rounding', () =>
  property(
    any,
    ({ seed, n, m, p }) =>
      scope(() => {
        const program = solvable(seed, 'definite', 'none', n, m, Math.min(p, n - 1));
        for (const key of ['P', 'q', 'G', 'h', 'A', 'b'] as const)
          program[key] = program[key].map(Math.fround);
        // Rounding may leave a solution without an interior, and a row of A without one: those are not asked for.
        program.h = program.h.map((value) => Math.fround(value + 0.01));
        const [single, double] = [tensors(program, 'f32'), tensors(program)];
        const [a, b] = [optim.quadraticProgram(single), optim.quadraticProgram(double)];
        assert.is(a.x.dtype, 'f32');
        near(a.x.data(), b.x.data().map(Math.fround), 0);
        near(a.lambda.data(), b.lambda.data().map(Math.fround), 0);
      }),
    30,
  ));

test('a warm start at the solution of a similar program needs fewer iterations', () =>
  scope(() => {
    const problem = tensors(solvable(11, 'definite', 'none', 30, 60, 5));
    const first = optim.quadraticProgram(problem, { method: optim.operatorSplitting({ checkEvery: 5 }) });
    const near2 = optim.operatorSplitting({ checkEvery: 5, warmStart: first });
    const second = optim.quadraticProgram(
      { ...problem, q: tensor(problem.q.data().map((v) => v + 1e-3)) },
      { method: near2 },
    );
    assert.ok(second.iterations < first.iterations, `${second.iterations} of ${first.iterations}`);
  }));

test('wrong arguments are named, and nothing leaks', () =>
  scope(() => {
    const [P, q, G, h] = [eye(2), tensor([1, 1]), tensor([[1, 1]]), tensor([1])];
    const [P3, scalar, single, nan] = [
      eye(3),
      tensor(1),
      tensor([1], { dtype: 'f32' }),
      tensor([1, Number.NaN]),
    ];
    const [infinite, saddle] = [tensor([Number.POSITIVE_INFINITY]), tensor([1, 2, 2, 1], { shape: [2, 2] })];
    const run = (problem: object, options?: object) => optim.quadraticProgram(problem as never, options);
    rejects(() => run(3 as never), CotangentError, /problem must be an object/);
    rejects(() => run({ q }), CotangentError, /P must be a tensor/);
    rejects(() => run({ P: P3, q }), CotangentError, /P must have shape \[2, 2\], got \[3, 3\]/);
    rejects(() => run({ P, q, G }), CotangentError, /h must be given with G/);
    rejects(() => run({ P, q, h }), CotangentError, /G must be given with h/);
    rejects(() => run({ P, q, G: P3, h }), CotangentError, /G must have shape \[3, 2\]/);
    rejects(() => run({ P, q, G, h: q }), CotangentError, /h must have shape \[1\]/);
    rejects(() => run({ P, q, A: G, b: scalar }), CotangentError, /b must have shape \[1\]/);
    rejects(() => run({ P, q, G, h: single }), CotangentError, /h must have the dtype/);
    rejects(() => run({ P, q: nan }), CotangentError, /q must hold finite.*NaN at element 1/);
    rejects(() => run({ P, q, A: G, b: infinite }), CotangentError, /b must hold finite/);
    rejects(() => run({ P: saddle, q }), CotangentError, /semidefinite.*-1/);
    rejects(() => run({ P, q }, { method: optim.interiorPoint }), CotangentError, /call it/);
    rejects(() => run({ P, q }, { maxIterations: -1 }), CotangentError, /maxIterations/);
    rejects(
      () => optim.linearProgram(undefined as never),
      CotangentError,
      /linearProgram: problem must be an object/,
    );
    rejects(() => optim.interiorPoint({ stepFraction: 1 }), CotangentError, /stepFraction/);
    rejects(() => optim.operatorSplitting({ rho: 0 }), CotangentError, /rho/);
    rejects(() => optim.operatorSplitting({ alpha: 2 }), CotangentError, /alpha/);
    rejects(() => optim.operatorSplitting({ warmStart: { x: [1] as never } }), CotangentError, /warmStart.x/);
  }));

test('what is not solved is thrown with its solution, unless it is asked for', () =>
  scope(() => {
    const problem = { P: eye(1), q: tensor([0]), G: tensor([[1], [-1]]), h: tensor([-1, -1]) };
    let caught: unknown;
    try {
      optim.quadraticProgram(problem);
    } catch (error) {
      caught = error;
    }
    assert.instance(caught, ConvergenceError);
    const { status } = (caught as ConvergenceError).solution as { status: string };
    assert.is(status, 'infeasible');
    const program = tensors(solvable(3, 'definite', 'none', 8, 12, 2));
    const limited = optim.quadraticProgram(program, { maxIterations: 2, trace: true });
    assert.is(limited.status, 'maxIterations');
    assert.is(limited.trace?.length, 3);
    const stopped = optim.quadraticProgram(program, {
      onIteration: ({ iteration, x }) => iteration === 2 && x.size === 8,
    });
    assert.is(stopped.status, 'stopped');
  }));

test.run();
