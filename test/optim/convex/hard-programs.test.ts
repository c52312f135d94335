// Programs on which solvers fail: found among some hundred thousand random ones, or known for it.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { optim, scope, type Tensor, tensor } from '#src/index.js';
import { near, property } from '../../support/check.js';
import {
  contradictory,
  DEFECTS,
  falling,
  inUnits,
  KINDS,
  kleeMinty,
  missedContradiction,
  missedRay,
  solvable,
  tensors,
} from './programs.js';

const METHODS = [optim.interiorPoint(), optim.operatorSplitting()];

test('rays that were not accurate in the units of the user, or not found', () => {
  for (const [seed, kind, n, m, p] of [
    [11, 'definite', 9, 2, 0],
    [11, 'definite', 9, 2, 6],
    [8, 'semidefinite', 6, 2, 2],
    [11, 'linear', 9, 14, 4],
  ] as const) {
    scope(() => {
      const program = falling(seed, kind, n, m, p);
      for (const method of METHODS) {
        const s = optim.quadraticProgram(tensors(program), { method, throws: false });
        assert.is(s.status, 'unbounded', s.message);
        assert.ok(missedRay(program, (s.certificate?.x ?? s.x).data()) < 1e-10);
      }
    });
  }
});

test('contradictions that operator splitting comes to too slowly, as a row is nearly a combination of others', () => {
  for (const [seed, kind, n, m, p] of [
    [12, 'linear', 8, 10, 2],
    [8, 'linear', 7, 15, 2],
    [9, 'linear', 8, 16, 1],
    [13, 'semidefinite', 4, 4, 3],
    [222731123, 'semidefinite', 8, 4, 6],
    [575022052, 'definite', 9, 4, 8],
  ] as const) {
    scope(() => {
      const program = contradictory(seed, kind, n, m, p);
      for (const method of METHODS) {
        const s = optim.quadraticProgram(tensors(program), { method, throws: false });
        assert.is(s.status, 'infeasible', s.message);
        assert.ok(s.iterations < 1000, `${s.iterations} iterations`);
        const { lambda, nu } = s.certificate as { lambda: typeof s.lambda; nu: typeof s.nu };
        assert.ok(missedContradiction(program, lambda.data(), nu.data()) < 1e-10);
      }
    });
  }
});

test('programs on which the interior point went round in circles', () => {
  for (const [seed, kind, defect, n, m, p] of [
    [378861588, 'definite', 'none', 9, 3, 7],
    [663554211, 'definite', 'duplicated', 9, 4, 0],
  ] as const) {
    scope(() => {
      const s = optim.quadraticProgram(tensors(solvable(seed, kind, defect, n, m, p)));
      assert.ok(s.iterations < 20, `${s.iterations} iterations`);
    });
  }
});

test('a point within the tolerance whose active constraints are not yet clear is not the last', () => {
  for (const [seed, kind, defect, n, m, p] of [
    [591244633, 'definite', 'zero rows', 8, 5, 8],
    [895476068, 'semidefinite', 'zero rows', 6, 11, 6],
    [124384875, 'semidefinite', 'none', 10, 3, 3],
  ] as const) {
    scope(() => {
      const problem = tensors(solvable(seed, kind, defect, n, m, p));
      const { stationarity, primal, complementarity } = optim.kktResiduals(
        problem,
        optim.quadraticProgram(problem),
      );
      assert.ok(Math.max(stationarity, primal, complementarity) < 1e-9);
    });
  }
});

test('both methods find the value where P is much larger than what q asks for', () =>
  scope(() => {
    for (const [seed, kind, n, m, p] of [
      [133629377, 'definite', 7, 14, 2],
      [241787012, 'semidefinite', 8, 12, 1],
    ] as const) {
      const problem = tensors(solvable(seed, kind, 'scaled', n, m, p));
      const [a, b] = METHODS.map((method) => optim.quadraticProgram(problem, { method }).value);
      near([a], [b], 1e-9 * Math.abs(a));
    }
  }));

test('Klee and Minty: right sides from 1 to 100^(n-1), solved to rounding up to n = 15', () =>
  scope(() => {
    for (let n = 1; n <= 15; n++) {
      const { P: _, q, ...constraints } = tensors(kleeMinty(n));
      const s = optim.linearProgram({ c: q, ...constraints });
      const want = new Array<number>(n).fill(0);
      want[n - 1] = 100 ** (n - 1);
      near(s.x.data(), want, 1e-12 * want[n - 1]);
      near([s.value], [-want[n - 1]], 1e-12 * want[n - 1]);
      assert.ok(s.iterations < 50, `${s.iterations} iterations`);
    }
  }));

test('units do not matter: the same status whatever those of variables, rows and objective are', () =>
  property(
    fc.record({
      ...{ seed: fc.integer({ min: 1, max: 1e9 }), n: fc.integer({ min: 2, max: 10 }) },
      ...{ m: fc.integer({ min: 2, max: 14 }), p: fc.integer({ min: 0, max: 8 }) },
      ...{ kind: fc.constantFrom(...KINDS), defect: fc.constantFrom(...DEFECTS) },
    }),
    ({ seed, n, m, p, kind, defect }) =>
      scope(() => {
        const most = Math.min(p, n - 1);
        for (const [want, program] of [
          ['converged', solvable(seed, kind, defect, n, m, most)],
          ['infeasible', contradictory(seed, kind, n, m, most)],
          ['unbounded', falling(seed, kind, n, m, most)],
        ] as const) {
          const s = optim.quadraticProgram(tensors(inUnits(program, seed)), { throws: false });
          assert.is(s.status, want, s.message);
        }
      }),
    60,
  ));

test('a solution is small where q is, and no right side says of which size x is', () =>
  scope(() => {
    for (const size of [1e-12, 1e12]) {
      const problem = { P: tensor([[2]]), q: tensor([-2 * size]), G: tensor([[-1]]), h: tensor([0]) };
      const { G: _, h: __, ...free } = problem;
      for (const method of METHODS) {
        near(optim.quadraticProgram(problem, { method }).x.data(), [size], 1e-14 * size);
        near(optim.quadraticProgram(free, { method }).x.data(), [size], 1e-14 * size);
      }
    }
  }));

test('in f32 as in f64: the status, and certificates that are those of f64, rounded', () =>
  scope(() => {
    for (const [status, program] of [
      ['infeasible', contradictory(21, 'linear', 6, 9, 2)],
      ['unbounded', falling(21, 'definite', 6, 9, 2)],
    ] as const) {
      for (const key of ['P', 'q', 'G', 'h', 'A', 'b'] as const) program[key] = program[key].map(Math.fround);
      for (const method of METHODS) {
        const [single, double] = (['f32', 'f64'] as const).map((dtype) =>
          optim.quadraticProgram(tensors(program, dtype), { method, throws: false }),
        );
        assert.is(single.status, status);
        for (const key of ['x', 'lambda', 'nu'] as const) {
          const [a, b] = [single, double].map(
            ({ certificate }) => (certificate as unknown as Record<string, Tensor>)[key],
          );
          assert.is(a?.dtype, b && 'f32');
          if (a && b) near(a.data(), b.data().map(Math.fround), 0, key);
        }
      }
    }
  }));

test('what cannot be told from feasible is not called a contradiction', () =>
  scope(() => {
    // x = -1.7e8 is the only point; A ν is below 1e-8 for the multiplier with bᵀν = -1.
    const problem = {
      ...{ c: tensor([715700.878792799]), G: tensor([[0.00025220974890971634]]) },
      ...{ h: tensor([-43462.35386638057]), A: tensor([[0.0011376488436771288]]) },
      b: tensor([-196046.73028429938]),
    };
    for (const method of METHODS) assert.ok(optim.linearProgram(problem, { method }).converged);
  }));

test.run();
