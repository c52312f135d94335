// Programs whose solution is 0, or has zeros, with right sides that are 0: all terms of a residual vanish there together. In
// every unit, against the KKT conditions in the units in which a program was made, and against all active sets.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { concat, eye, neg, optim, scope, tensor, zeros } from '#src/index.js';
import { near, property } from '../../support/check.js';
import { contradictory, falling, generator, KINDS, type Numbers, tensors } from './programs.js';

const METHODS = [optim.interiorPoint(), optim.operatorSplitting()];

type Family = (uniform: () => number) => Numbers;

const list = (count: number, of: (i: number) => number) => Array.from({ length: count }, (_, i) => of(i));
const normals = (uniform: () => number) => () => uniform() + uniform() + uniform() - 1.5;
const upTo = (uniform: () => number, least: number, most: number) =>
  least + Math.floor(uniform() * (most - least + 1));

function empty(n: number, m: number, p: number): Numbers {
  const none = (count: number) => new Array<number>(count).fill(0);
  return { n, m, p, P: none(n * n), q: none(n), G: none(m * n), h: none(m), A: none(p * n), b: none(p) };
}

function addGram(program: Numbers, rank: number, uniform: () => number): Numbers {
  const { n, P } = program;
  for (let k = 0; k < rank; k++) {
    const row = list(n, normals(uniform));
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) P[i * n + j] += row[i] * row[j];
  }
  return program;
}

/** x >= 0, and with `upper` x <= that. */
function orthant(n: number, upper?: number[]): Numbers {
  const program = empty(n, upper === undefined ? n : 2 * n, 0);
  for (let i = 0; i < n; i++) {
    program.G[i * n + i] = -1;
    if (upper === undefined) continue;
    program.G[(n + i) * n + i] = 1;
    program.h[n + i] = upper[i];
  }
  return program;
}

/** G x <= 0 with q = -Gᵀλ for a λ >= 0: the value is bounded. */
function cone(uniform: () => number, most: number): Numbers {
  const n = upTo(uniform, 1, 6);
  const program = empty(n, n + upTo(uniform, 0, most), 0);
  program.G = list(program.G.length, normals(uniform));
  const lambda = list(program.m, () => (uniform() < 0.6 ? uniform() : 0));
  program.q = list(n, (j) => lambda.reduce((sum, l, i) => sum - l * program.G[i * n + j], 0));
  return program;
}

const positive = (uniform: () => number) => () => uniform() + 0.01;

const FAMILIES: Record<string, Family> = {
  'nonnegative least squares, 0 by q > 0'(uniform) {
    const program = orthant(upTo(uniform, 1, 8));
    program.q = list(program.n, positive(uniform));
    return addGram(program, program.n + 1, uniform);
  },
  'nonnegative least squares'(uniform) {
    const program = orthant(upTo(uniform, 1, 8));
    program.q = list(program.n, normals(uniform));
    return addGram(program, program.n + 1, uniform);
  },
  'a box at its lower bound'(uniform) {
    const n = upTo(uniform, 1, 8);
    const program = orthant(n, new Array(n).fill(1));
    program.q = list(n, positive(uniform));
    return addGram(program, n + 1, uniform);
  },
  'a box at both bounds'(uniform) {
    const n = upTo(uniform, 1, 8);
    const program = orthant(n, new Array(n).fill(1));
    program.q = list(n, () => 10 * normals(uniform)());
    return addGram(program, n + 1, uniform);
  },
  'a box with bounds far away'(uniform) {
    const n = upTo(uniform, 1, 8);
    const program = orthant(
      n,
      list(n, () => 10 ** (10 * uniform())),
    );
    program.q = list(n, positive(uniform));
    return addGram(program, n + 1, uniform);
  },
  'a linear objective on an ordered cone'(uniform) {
    const n = upTo(uniform, 2, 8);
    const program = empty(n, 2 * n - 1, 0);
    program.q = list(n, positive(uniform));
    for (let i = 0; i < n; i++) program.G[i * n + i] = -1;
    for (let i = 1; i < n; i++) {
      program.G[(n + i - 1) * n + i - 1] = -1;
      program.G[(n + i - 1) * n + i] = 1;
    }
    return program;
  },
  'a quadratic objective on a cone': (uniform) => {
    const program = cone(uniform, 8);
    return addGram(program, program.n + 1, uniform);
  },
  'a semidefinite objective on a cone': (uniform) => {
    const program = cone(uniform, 8);
    return addGram(program, Math.floor(program.n / 2), uniform);
  },
  'a cone in a plane through 0': (uniform) => {
    const program = cone(uniform, 8);
    if (program.n > 1) Object.assign(program, { p: 1, A: list(program.n, normals(uniform)), b: [0] });
    return addGram(program, program.n + 1, uniform);
  },
  'ordered variables'(uniform) {
    const n = upTo(uniform, 2, 9);
    const program = empty(n, n - 1, 0);
    program.q = list(n, normals(uniform));
    for (let i = 0; i < n; i++) program.P[i * n + i] = 1;
    for (let i = 0; i + 1 < n; i++) [program.G[i * n + i], program.G[i * n + i + 1]] = [1, -1];
    return program;
  },
  'projection on the simplex'(uniform) {
    const n = upTo(uniform, 2, 9);
    const program = { ...orthant(n), p: 1, A: new Array<number>(n).fill(1), b: [1] };
    program.q = list(n, () => 3 * normals(uniform)());
    for (let i = 0; i < n; i++) program.P[i * n + i] = 1;
    return program;
  },
  'a linear objective on the simplex'(uniform) {
    const n = upTo(uniform, 2, 9);
    const program = { ...orthant(n), p: 1, A: new Array<number>(n).fill(1), b: [1] };
    program.q = list(n, normals(uniform));
    return program;
  },
  'equalities alone'(uniform) {
    const n = upTo(uniform, 2, 9);
    const program = empty(n, 0, upTo(uniform, 1, n - 1));
    program.A = list(program.A.length, normals(uniform));
    program.b = list(program.p, normals(uniform));
    if (uniform() < 0.5) program.q = list(n, normals(uniform));
    return addGram(program, n + 1, uniform);
  },
};

/** A program in other units, with the units of its variables, rows and objective. */
interface InUnits {
  program: Numbers;
  x: number[];
  rows: number[];
  equalities: number[];
  cost: number;
}

/** `own`: a unit of its own for every variable and row, up to 10^±6; otherwise one for all, up to 10^±12. */
function rescaled(program: Numbers, uniform: () => number, own: boolean): InUnits {
  const { n, m, p } = program;
  const unit = (most: number) => 10 ** Math.round(most * (2 * uniform() - 1));
  const units = (count: number) => {
    const one = unit(12);
    return list(count, () => (own ? unit(6) : one));
  };
  const [x, rows, equalities, cost] = [units(n), units(m), units(p), unit(12)];
  const scaleRows = (M: number[], by: number[]) =>
    M.map((value, at) => (value * by[Math.floor(at / n)]) / x[at % n]);
  return {
    program: {
      ...{ n, m, p, G: scaleRows(program.G, rows), A: scaleRows(program.A, equalities) },
      P: program.P.map((value, at) => (value * cost) / x[Math.floor(at / n)] / x[at % n]),
      q: program.q.map((value, j) => (value * cost) / x[j]),
      h: program.h.map((value, i) => value * rows[i]),
      b: program.b.map((value, i) => value * equalities[i]),
    },
    ...{ x, rows, equalities, cost },
  };
}

/** The largest violation of the KKT conditions; a product counts as the smaller of its factors. */
function violation(
  { n, m, p, P, q, G, h, A, b }: Numbers,
  x: number[],
  lambda: number[],
  nu: number[],
): number {
  let worst = 0;
  for (let j = 0; j < n; j++) {
    const terms = [
      q[j],
      ...list(n, (i) => P[j * n + i] * x[i]),
      ...list(m, (i) => G[i * n + j] * lambda[i]),
      ...list(p, (i) => A[i * n + j] * nu[i]),
    ];
    const sum = terms.reduce((a, term) => a + term, 0);
    worst = Math.max(worst, Math.abs(sum) / (1 + Math.max(...terms.map(Math.abs))));
  }
  const slack = (M: number[], side: number[], i: number) =>
    x.reduce((sum, value, j) => sum - M[i * n + j] * value, side[i]);
  for (let i = 0; i < m; i++) {
    const s = slack(G, h, i);
    worst = Math.max(worst, -s, -lambda[i], Math.min(Math.abs(s), Math.abs(lambda[i])));
  }
  for (let i = 0; i < p; i++) worst = Math.max(worst, Math.abs(slack(A, b, i)));
  return worst;
}

/** M z = r by Gaussian elimination; undefined for a singular matrix. */
function solve(M: number[][], r: number[]): number[] | undefined {
  const N = r.length;
  const rows = M.map((row, i) => [...row, r[i]]);
  for (let k = 0; k < N; k++) {
    const at = rows.reduce(
      (best, row, i) => (i > k && Math.abs(row[k]) > Math.abs(rows[best][k]) ? i : best),
      k,
    );
    if (Math.abs(rows[at][k]) < 1e-9) return undefined;
    [rows[k], rows[at]] = [rows[at], rows[k]];
    for (let i = k + 1; i < N; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= N; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  const z = new Array<number>(N).fill(0);
  for (let k = N - 1; k >= 0; k--) {
    let sum = rows[k][N];
    for (let j = k + 1; j < N; j++) sum -= rows[k][j] * z[j];
    z[k] = sum / rows[k][k];
  }
  return z;
}

/** The solution of a definite program, from all sets of inequalities that may be active. */
function byEnumeration(program: Numbers): number[] {
  const { n, m, p, P, q, G, h, A, b } = program;
  let best: { x: number[]; error: number } = { x: [], error: Number.POSITIVE_INFINITY };
  for (let set = 0; set < 2 ** m; set++) {
    const held = list(m, (i) => i).filter((i) => (set >> i) & 1);
    const rows = [
      ...held.map((i) => ({ row: G.slice(i * n, (i + 1) * n), side: h[i] })),
      ...list(p, (i) => i).map((i) => ({ row: A.slice(i * n, (i + 1) * n), side: b[i] })),
    ];
    if (rows.length > n) continue;
    const K = [
      ...list(n, (j) => j).map((j) => [...P.slice(j * n, (j + 1) * n), ...rows.map(({ row }) => row[j])]),
      ...rows.map(({ row }) => [...row, ...new Array<number>(rows.length).fill(0)]),
    ];
    const z = solve(K, [...q.map((value) => -value), ...rows.map(({ side }) => side)]);
    if (z === undefined) continue;
    const lambda = new Array<number>(m).fill(0);
    held.forEach((i, k) => {
      lambda[i] = z[n + k];
    });
    const x = z.slice(0, n);
    const error = violation(program, x, lambda, z.slice(n + held.length));
    if (error < best.error) best = { x, error };
  }
  assert.ok(best.error < 1e-9, `no active set satisfies the conditions: ${best.error}`);
  return best.x;
}

for (const [name, family] of Object.entries(FAMILIES))
  test(`${name}: solved in few iterations in any units`, () => {
    const iterations: number[] = [];
    property(
      fc.record({ seed: fc.integer({ min: 1, max: 1e9 }), own: fc.boolean() }),
      ({ seed, own }) =>
        scope(() => {
          const uniform = generator(seed);
          const natural = family(uniform);
          const { program, x, rows, equalities, cost } = rescaled(natural, uniform, own);
          for (const method of METHODS) {
            const s = optim.quadraticProgram(tensors(program), { method, throws: false });
            assert.is(s.status, 'converged', s.message);
            const error = violation(
              natural,
              Array.from(s.x.data(), (value, j) => value / x[j]),
              Array.from(s.lambda.data(), (value, i) => (value * rows[i]) / cost),
              Array.from(s.nu.data(), (value, i) => (value * equalities[i]) / cost),
            );
            assert.ok(error < 1e-9, `${method.name}: the conditions are missed by ${error}`);
            if (method === METHODS[0]) iterations.push(s.iterations);
          }
        }),
      40,
    );
    const mean = iterations.reduce((sum, count) => sum + count, 0) / iterations.length;
    assert.ok(mean <= 16, `${mean} iterations on average`);
    assert.ok(Math.max(...iterations) <= 40, `${Math.max(...iterations)} iterations`);
  });

test('small definite programs: the solution is the one of all active sets that satisfies the conditions', () =>
  property(
    fc.record({
      seed: fc.integer({ min: 1, max: 1e9 }),
      name: fc.constantFrom(...Object.keys(FAMILIES).filter((key) => !/linear|semidefinite|far/.test(key))),
    }),
    ({ seed, name }) =>
      scope(() => {
        let program = FAMILIES[name](generator(seed));
        for (let next = seed + 1; program.n > 4 || program.m > 8; next++)
          program = FAMILIES[name](generator(next));
        const want = byEnumeration(program);
        for (const method of METHODS)
          near(optim.quadraticProgram(tensors(program), { method }).x.data(), want, 1e-8);
      }),
    60,
  ));

test('the same program in f32', () =>
  property(
    fc.record({ seed: fc.integer({ min: 1, max: 1e9 }), name: fc.constantFrom(...Object.keys(FAMILIES)) }),
    ({ seed, name }) =>
      scope(() => {
        const problem = tensors(FAMILIES[name](generator(seed)), 'f32');
        assert.is(optim.quadraticProgram(problem, { throws: false }).status, 'converged');
      }),
    60,
  ));

test('programs of units of 10^±12 without a solution are still proved to have none', () =>
  property(
    fc.record({
      ...{ seed: fc.integer({ min: 1, max: 1e9 }), own: fc.boolean(), kind: fc.constantFrom(...KINDS) },
      ...{ n: fc.integer({ min: 2, max: 8 }), m: fc.integer({ min: 2, max: 12 }) },
    }),
    ({ seed, own, kind, n, m }) =>
      scope(() => {
        for (const [want, natural] of [
          ['infeasible', contradictory(seed, kind, n, m, 1)],
          ['unbounded', falling(seed, kind, n, m, 1)],
        ] as const) {
          const { program } = rescaled(natural, generator(seed + 1), own);
          const s = optim.quadraticProgram(tensors(program), { throws: false });
          assert.is(s.status, want, s.message);
        }
      }),
    40,
  ));

test('a linear program on a cone is unbounded where the objective falls in it, and 0 where it does not', () =>
  scope(() => {
    const G = tensor([
      [-1, 0],
      [0, -1],
      [-1, 1],
    ]);
    for (const unit of [1e-12, 1e-6, 1, 1e6, 1e12]) {
      const s = optim.linearProgram({ c: tensor([unit, unit]), G, h: zeros([3]) });
      assert.is(s.status, 'converged');
      assert.equal([s.x.toArray(), s.value], [[0, 0], 0]);
      assert.ok(s.iterations <= 16, `${s.iterations} iterations`);
      const falls = optim.linearProgram({ c: tensor([-unit, unit]), G, h: zeros([3]) }, { throws: false });
      assert.is(falls.status, 'unbounded');
    }
  }));

test('a box at its corner: the active rows are those with a multiplier, in every unit of the objective', () =>
  scope(() => {
    for (const unit of [1e-12, 1, 1e12]) {
      const problem = {
        ...{
          P: tensor([
            [unit, 0],
            [0, unit],
          ]),
          q: tensor([unit, 2 * unit]),
        },
        ...{ G: concat([neg(eye(2)), eye(2)], 0), h: tensor([0, 0, 1, 1]) },
      };
      const s = optim.quadraticProgram(problem);
      near(s.x.data(), [0, 0], 1e-18);
      assert.equal(s.active, [0, 1]);
    }
  }));

test('equality rows in small units next to a large objective', () =>
  scope(() => {
    for (const size of [1e-12, 1e-6, 1, 2e10, 1e12]) {
      const s = optim.quadraticProgram({
        ...{
          P: tensor([
            [size, 0],
            [0, size],
          ]),
          q: zeros([2]),
        },
        ...{ A: tensor([[1, 1]]), b: tensor([1]) },
      });
      near(s.x.data(), [0.5, 0.5], 1e-15);
      near(s.nu.data(), [-size / 2], 1e-14 * size);
    }
  }));

test('stopped early: the point is the best that was seen, not the last', () =>
  scope(() => {
    const problem = tensors(FAMILIES['a box at both bounds'](generator(7)));
    let before = Number.POSITIVE_INFINITY;
    for (let maxIterations = 1; maxIterations <= 12; maxIterations++) {
      const s = optim.quadraticProgram(problem, { maxIterations });
      const error = Number(/residuals of ([-+.e\d]+)/.exec(s.message)?.[1]);
      assert.ok(error <= Math.max(before, 1e-13), `${error} after ${before}`);
      before = error;
    }
    assert.ok(before < 1e-9);
  }));

test.run();
