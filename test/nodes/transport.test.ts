// Optimal transport: values against plain sweeps, any gamma, potentials, the cost, sums that differ by rounding.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, add, grad, mul, nodes, scope, type Tensor, tensor, vjp } from '#src/index.js';
import { near, property, rejects } from '../support/check.js';
import { list, masses, noise, sums } from './transport-problems.js';

const { optimalTransport, optimalTransportCost } = nodes;

/** Rows and columns in turn, in the log domain, until nothing changes. */
function sinkhorn(M: number[], m: number, n: number, gamma: number, r: number[], c: number[]): number[] {
  const [a, b] = [new Array(m).fill(0), new Array(n).fill(0)];
  const lse = (x: number[]) => {
    const top = Math.max(...x);
    return top + Math.log(x.reduce((p, v) => p + Math.exp(v - top), 0));
  };
  for (let k = 0; k < 200000; k++) {
    let change = 0;
    for (let i = 0; i < m; i++) {
      const next = Math.log(r[i]) - lse(b.map((v, j) => v - gamma * M[i * n + j]));
      change = Math.max(change, Math.abs(next - a[i]));
      a[i] = next;
    }
    for (let j = 0; j < n; j++) b[j] = Math.log(c[j]) - lse(a.map((v, i) => v - gamma * M[i * n + j]));
    if (change < 1e-15 * Math.max(1, gamma)) break;
  }
  return M.map((v, k) => Math.exp(a[Math.floor(k / n)] + b[k % n] - gamma * v));
}

test('the plan is that of plain sweeps', () => {
  const problem = fc.record({
    m: fc.integer({ min: 1, max: 7 }),
    n: fc.integer({ min: 1, max: 7 }),
    gamma: fc.constantFrom(1e-3, 0.1, 1, 4, 12),
    mass: fc.constantFrom(1e-200, 1, 50),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });
  property(problem, ({ m, n, gamma, mass, seed }) => {
    scope(() => {
      const M = noise([m, n], seed);
      const [r, c] = [mul(masses(m, seed + 1), mass), mul(masses(n, seed + 2), mass)];
      const want = sinkhorn(list(M), m, n, gamma, list(r), list(c));
      near(list(optimalTransport(M, { gamma, r, c })), want, 1e-12 * mass);
    });
  });
});

test('any gamma, and costs of any size', () => {
  const problem = fc.record({
    m: fc.integer({ min: 1, max: 9 }),
    n: fc.integer({ min: 1, max: 9 }),
    gamma: fc.constantFrom(1e-3, 30, 300, 3000, 1e4, 1e6),
    shift: fc.constantFrom(0, 100, -1e4),
    uniform: fc.boolean(),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });
  property(problem, ({ m, n, gamma, shift, uniform, seed }) => {
    scope(() => {
      const M = add(noise([m, n], seed), shift);
      const options = uniform ? {} : { r: masses(m, seed + 1), c: masses(n, seed + 2) };
      const { value, pullback } = vjp((x: Tensor) => optimalTransport(x, { gamma, ...options }), M);
      const P = list(value);
      const { rows, columns } = sums(P, m, n);
      near(rows, options.r ? list(options.r) : new Array(m).fill(1 / m), 1e-13);
      near(columns, options.c ? list(options.c) : new Array(n).fill(1 / n), 1e-13);
      // Optimal: log P + gamma M is a sum of a row's and a column's number, where P is not tiny.
      const level = (i: number, j: number) => Math.log(P[i * n + j]) + gamma * list(M)[i * n + j];
      for (let i = 1; i < m; i++)
        for (let j = 1; j < n; j++) {
          const four = [P[0], P[j], P[i * n], P[i * n + j]];
          if (four.some((v) => v < 1e-290)) continue;
          const error = level(0, 0) + level(i, j) - level(0, j) - level(i, 0);
          assert.ok(Math.abs(error) <= 1e-13 + 1e-14 * gamma * (10 + Math.abs(shift)), `${error}`);
        }
      assert.ok(list(pullback(noise([m, n], seed + 3))[0]).every(Number.isFinite));
    });
  });
});

test('the potentials make the plan, with equal sums', () => {
  scope(() => {
    const [M, gamma] = [noise([5, 3], 8), 7];
    const { plan, alpha, beta } = optimalTransport(M, {
      gamma,
      r: masses(5, 1),
      c: masses(3, 2),
      potentials: true,
    });
    const [a, b] = [list(alpha), list(beta)];
    near(
      list(plan),
      list(M).map((v, k) => Math.exp(a[Math.floor(k / 3)] + b[k % 3] - gamma * v)),
      1e-15,
    );
    near([a.reduce((p, v) => p + v, 0)], [b.reduce((p, v) => p + v, 0)], 1e-12);
  });
});

test('the cost is <M, P> + <P, log P> / gamma, its derivative the plan', () => {
  scope(() => {
    const M = noise([4, 6], 2);
    const options = { gamma: 3, r: masses(4, 1), c: masses(6, 2) };
    const P = list(optimalTransport(M, options));
    const value = P.reduce((p, v, k) => p + v * (list(M)[k] + Math.log(v) / 3), 0);
    near([optimalTransportCost(M, options).item()], [value], 1e-14);
    near(list(grad((x: Tensor) => optimalTransportCost(x, options))(M)), P, 1e-15);
  });
});

test('sums that differ by rounding are made equal', () => {
  scope(() => {
    const [M, c] = [noise([3, 2], 1), [0.4, 0.6]];
    const s = 1e-9;
    const got = optimalTransport(M, { r: tensor([0.2, 0.3, 0.5 + s]), c: tensor(c) });
    const want = optimalTransport(M, {
      r: tensor([0.2 - s / 5, 0.3 - s / 5, 0.5 + (4 * s) / 5]),
      c: tensor(c.map((v) => v + s / 5)),
    });
    near(list(got), list(want), 1e-15);
    // A mass below the share is not lost.
    const tiny = optimalTransport(M, { r: tensor([1e-12, 0.5 + s, 0.5 - 1e-12]), c: tensor(c) });
    assert.ok(list(tiny).every((v) => v > 0));
    rejects(
      () => scope(() => optimalTransport(M, { r: tensor([0.2, 0.3, 0.5 + 1e-7]), c: tensor(c) })),
      ArgumentError,
      /optimalTransport: the sum of r must be the sum of c, got 1\.0000\d+ and 1/,
    );
  });
});

test.run();
