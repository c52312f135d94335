// Optimal transport: values against a plain fixed point at twice the precision, derivatives against differences, masses of 0, plans of
// parts, batches, plans of the program, reports, errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  ConvergenceError,
  compile,
  DTypeError,
  div,
  grad,
  jvp,
  memory,
  mul,
  nodes,
  ones,
  ShapeError,
  scope,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  vjp,
  zeros,
} from '#src/index.js';
import { near, numbers, property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const { optimalTransport, optimalTransportCost } = nodes;
const noise = (shape: number[], seed: number, scale = 1) =>
  tensor(
    numbers(
      shape.reduce((p, q) => p * q, 1),
      seed,
    ).map((v) => scale * v),
    { shape },
  );
const masses = (n: number, seed: number) => {
  const x = numbers(n, seed).map((v) => 1.2 + v);
  const total = x.reduce((p, q) => p + q, 0);
  return tensor(x.map((v) => v / total));
};
const list = (x: Tensor) => Array.from(x.toTypedArray());

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

/** Sums along rows or columns. */
const sums = (P: number[], m: number, n: number) => ({
  rows: Array.from({ length: m }, (_, i) => P.slice(i * n, (i + 1) * n).reduce((p, v) => p + v, 0)),
  columns: Array.from({ length: n }, (_, j) => P.filter((_, k) => k % n === j).reduce((p, v) => p + v, 0)),
});

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

test('derivatives in all arguments, to second order', () => {
  for (const [m, n, gamma] of [
    [1, 1, 2],
    [3, 4, 2],
    [4, 3, 5],
    [2, 2, 0.5],
  ]) {
    const f = (M: Tensor, g: Tensor, r: Tensor, c: Tensor) => {
      // Differences must keep the sums equal.
      const same = mul(c, div(sum(r), sum(c)));
      return optimalTransport(M, { gamma: g, r, c: same });
    };
    checkDerivatives(f, [noise([m, n], 3), tensor(gamma), masses(m, 4), masses(n, 5)], { tolerance: 2e-6 });
  }
});

test('derivatives of the potentials and of the cost, to second order', () => {
  const args = [noise([3, 4], 3), tensor(1.5), masses(3, 4), masses(4, 5)];
  const same = (r: Tensor, c: Tensor) => mul(c, div(sum(r), sum(c)));
  const f = (M: Tensor, gamma: Tensor, r: Tensor, c: Tensor) =>
    optimalTransport(M, { gamma, r, c: same(r, c), potentials: true });
  checkDerivatives(f, args, { tolerance: 2e-6 });
  const cost = (M: Tensor, gamma: Tensor, r: Tensor, c: Tensor) =>
    optimalTransportCost(M, { gamma, r, c: same(r, c) });
  checkDerivatives(cost, args, { tolerance: 2e-6 });
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

test('gradients in r and c have equal sums and give the derivative along the mass', () => {
  scope(() => {
    for (const [m, n] of [
      [3, 5],
      [6, 2],
    ]) {
      const [M, V, r, c] = [noise([m, n], 1), noise([m, n], 2), mul(masses(m, 3), 4), mul(masses(n, 4), 4)];
      const { value, pullback } = vjp(
        (p: Tensor, q: Tensor) => optimalTransport(M, { gamma: 2, r: p, c: q }),
        r,
        c,
      );
      const [gr, gc] = pullback(V);
      near([sum(gr).item()], [sum(gc).item()], 1e-13);
      near([add(sum(mul(gr, r)), sum(mul(gc, c))).item()], [sum(mul(V, value)).item()], 1e-13);
      // Tangents are projected in the same way.
      const [dr, dc] = [noise([m], 5), noise([n], 6)];
      const excess = (sum(dr).item() - sum(dc).item()) / (m + n);
      const f = (p: Tensor, q: Tensor) => optimalTransport(M, { gamma: 2, r: p, c: q });
      const { tangent } = jvp(f, [r, c], [dr, dc]);
      const { tangent: projected } = jvp(f, [r, c], [sub(dr, excess), add(dc, excess)]);
      near(list(tangent), list(projected), 1e-13);
      near(sums(list(tangent), m, n).rows, list(sub(dr, excess)), 1e-13);
    }
  });
});

test('a mass of 0: zeros, and the derivative from above', () => {
  scope(() => {
    const [M, V] = [noise([4, 3], 1), noise([4, 3], 2)];
    for (const isRow of [true, false]) {
      const c = isRow ? tensor([0.3, 0.3, 0.4]) : tensor([0.6, 0, 0.4]);
      const at = (r: number[], q: Tensor) => {
        const f = (x: Tensor, p: Tensor, s: Tensor) => optimalTransport(x, { gamma: 3, r: p, c: s });
        const { value, pullback } = vjp(f, M, tensor(r), q);
        return { P: list(value), g: pullback(V).map(list), f };
      };
      const r = isRow ? [0.5, 0, 0.2, 0.3] : [0.4, 0.1, 0.2, 0.3];
      const zero = at(r, c);
      const nearby = isRow ? at([0.5 - 1e-9, 1e-9, 0.2, 0.3], c) : at(r, tensor([0.6 - 1e-9, 1e-9, 0.4]));
      assert.ok(zero.P.every((v, k) => (isRow ? Math.floor(k / 3) : k % 3) !== 1 || v === 0));
      assert.ok(zero.g[0].every((v, k) => (isRow ? Math.floor(k / 3) : k % 3) !== 1 || v === 0));
      near(zero.P, nearby.P, 1e-8);
      for (const i of [0, 1, 2]) near(zero.g[i], nearby.g[i], 1e-6, `argument ${i}`);
      near([zero.g[1].reduce((p, v) => p + v, 0)], [zero.g[2].reduce((p, v) => p + v, 0)], 1e-13);
      // Both modes agree, and a new mass moves as it says.
      const tangents = [noise([4, 3], 5), noise([4], 6), noise([3], 7)];
      const { tangent } = jvp(zero.f, [M, tensor(r), c], tangents);
      const inner = (x: number[], y: number[]) => x.reduce((p, v, k) => p + v * y[k], 0);
      const back = tangents.reduce((p, t, i) => p + inner(list(t), zero.g[i]), 0);
      near([inner(list(tangent), list(V))], [back], 1e-13);
      const direction = isRow ? [-1, 1, 0, 0] : [0, 0, 0, 0];
      const other = isRow ? [0, 0, 0] : [-1, 1, 0];
      const moved = jvp(zero.f, [M, tensor(r), c], [zeros([4, 3]), tensor(direction), tensor(other)]).tangent;
      near(
        list(moved),
        nearby.P.map((v, k) => (v - zero.P[k]) / 1e-9),
        1e-5,
      );
      // Compiled, masses are not known.
      const loss = (p: Tensor, q: Tensor) => sum(mul(V, optimalTransport(M, { gamma: 3, r: p, c: q })));
      const plan = compile(grad(loss, [0, 1]));
      const got = plan(tensor(r), c);
      near(list(got[0]), zero.g[1], 1e-13);
      near(list(got[1]), zero.g[2], 1e-13);
      plan.dispose();
    }
    near(list(optimalTransport(M, { r: zeros([4]), c: zeros([3]) })), new Array(12).fill(0), 0);
  });
});

test('a plan of parts: finite derivatives, 0 between the parts', () => {
  scope(() => {
    const M = add(
      mul(noise([4, 4], 3), 0.1),
      tensor([0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0], { shape: [4, 4] }),
    );
    const V = noise([4, 4], 4);
    const uniform = tensor([0.25, 0.25, 0.25, 0.25]);
    const { value, pullback } = vjp(
      (x: Tensor, r: Tensor, c: Tensor) => optimalTransport(x, { gamma: 1e4, r, c }),
      M,
      uniform,
      uniform,
    );
    near(
      list(value),
      [...Array(16).keys()].map((k) => (k % 5 === 0 ? 0.25 : 0)),
      1e-13,
    );
    const [dM, dr, dc] = pullback(V).map(list);
    near(dM, new Array(16).fill(0), 1e-10);
    // Each part is one row and one column: half of what its entry counts each.
    near(
      dr,
      [0, 5, 10, 15].map((k) => list(V)[k] / 2),
      1e-12,
    );
    near(
      dc,
      [0, 5, 10, 15].map((k) => list(V)[k] / 2),
      1e-12,
    );
    // Two parts of two.
    const blocks = tensor([0, 0.3, 9, 9, 0.2, 0, 9, 9, 9, 9, 0.1, 0.4, 9, 9, 0, 0], { shape: [4, 4] });
    const two = grad((x: Tensor) => sum(mul(V, optimalTransport(x, { gamma: 20 }))))(blocks);
    const part = (at: number[]) => {
      const x = tensor(
        at.map((k) => list(blocks)[k]),
        { shape: [2, 2] },
      );
      const v = tensor(
        at.map((k) => list(V)[k]),
        { shape: [2, 2] },
      );
      const half = tensor([0.25, 0.25]);
      return list(grad((y: Tensor) => sum(mul(v, optimalTransport(y, { gamma: 20, r: half, c: half }))))(x));
    };
    const want = new Array(16).fill(0);
    for (const at of [
      [0, 1, 4, 5],
      [10, 11, 14, 15],
    ])
      part(at).forEach((v, i) => void (want[at[i]] = v));
    near(list(two), want, 1e-12);
  });
});

test('a batch is a loop, what is shared gets the sum', () => {
  scope(() => {
    const M = [1, 2, 3].map((k) => noise([3, 4], k));
    const [r, c, gamma] = [masses(3, 5), masses(4, 6), tensor([0.5, 2, 40])];
    const V = noise([3, 3, 4], 9);
    const f = (x: Tensor, g: Tensor, p: Tensor, q: Tensor) => optimalTransport(x, { gamma: g, r: p, c: q });
    const { value, pullback } = vjp(f, stack(M, 0), gamma, r, c);
    const got = pullback(V);
    const single = M.map((x, k) => {
      const one = vjp(f, x, tensor(list(gamma)[k]), r, c);
      const v = tensor(list(V).slice(12 * k, 12 * k + 12), { shape: [3, 4] });
      return { P: list(one.value), g: one.pullback(v).map(list) };
    });
    near(
      list(value),
      single.flatMap(({ P }) => P),
      1e-14,
    );
    near(
      list(got[0]),
      single.flatMap(({ g }) => g[0]),
      1e-12,
    );
    near(
      list(got[1]),
      single.flatMap(({ g }) => g[1]),
      1e-12,
    );
    for (const i of [2, 3]) {
      const total = single.map(({ g }) => g[i]).reduce((p, g) => p.map((v, k) => v + g[k]));
      near(list(got[i]), total, 1e-12);
    }
    assert.equal(optimalTransport(zeros([0, 3, 2])).shape, [0, 3, 2]);
    assert.equal(optimalTransport(zeros([2, 0, 3, 2]), { r: masses(3, 1) }).shape, [2, 0, 3, 2]);
    assert.equal(optimalTransportCost(zeros([0, 3, 2])).shape, [0]);
    near(list(optimalTransport(tensor([[5]]))), [1], 0);
    near([optimalTransport(noise([1, 3], 1)).shape.length], [2], 0);
  });
});

test('a plan solves anew at every run, and reports', () => {
  const reports: { iterations: number }[] = [];
  const options = { gamma: 5, onSolve: (report: { iterations: number }) => void reports.push(report) };
  const f = (M: Tensor) => optimalTransport(M, options);
  scope(() => {
    const plan = compile(f);
    for (const seed of [1, 2]) {
      const M = noise([4, 3], seed);
      near(list(plan(M)), list(optimalTransport(M, { gamma: 5 })), 1e-15);
    }
    plan.dispose();
    assert.is(reports.length, 2);
    const graph = trace(f, noise([4, 3], 1));
    assert.match(graph.toString(), /optimalTransport/);
    graph.dispose();
    reports.length = 0;
    grad((M: Tensor) => sum(f(stack([M, M], 0))))(noise([4, 3], 1));
    assert.is(reports.length, 1);
    const { iterations, residuals, ...rest } = reports[0] as never as Record<string, never>;
    assert.ok(iterations > 0);
    assert.equal(Object.keys(residuals), ['rows', 'columns']);
    assert.equal(rest, { node: 'optimalTransport', problems: 2, converged: true });
  });
});

test('f32 is near f64', () => {
  scope(() => {
    const [M, V] = [noise([5, 4], 1), noise([5, 4], 2)];
    const [r, c] = [masses(5, 3), masses(4, 4)];
    const at = (dtype: 'f64' | 'f32') => {
      const cast = (x: Tensor) => tensor(x.toTypedArray(), { shape: [...x.shape], dtype });
      const f = (x: Tensor, g: Tensor, p: Tensor, q: Tensor) => optimalTransport(x, { gamma: g, r: p, c: q });
      const { value, pullback } = vjp(f, cast(M), cast(tensor(3)), cast(r), cast(c));
      const all = [value, ...pullback(cast(V))];
      assert.ok(all.every((x) => x.dtype === dtype));
      return all.map(list);
    };
    const [exact, single] = [at('f64'), at('f32')];
    for (const [i, want] of exact.entries()) near(single[i], want, i === 0 ? 1e-7 : 1e-5);
  });
});

test('memory for the way back does not depend on the iterations', () => {
  scope(() => {
    const M = noise([30, 20], 1);
    const bytes = [1, 500].map((gamma) => {
      const before = memory().bytes;
      const r = vjp((x: Tensor) => optimalTransport(x, { gamma }), M);
      const held = memory().bytes - before;
      r.dispose();
      return held;
    });
    assert.is(bytes[0], bytes[1]);
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

test('errors', () => {
  scope(() => {
    const M = noise([3, 2], 1);
    const many = stack([M, M], 0);
    const bad = (f: () => unknown, kind: new (...args: never[]) => Error, text: RegExp) =>
      rejects(() => scope(f), kind as never, text);
    bad(() => optimalTransport(M, { gamma: 0 }), ArgumentError, /gamma must be finite and above 0, got 0/);
    bad(
      () => optimalTransport(many, { gamma: tensor([1, -1]) }),
      ArgumentError,
      /gamma .* got -1 \(problem 1 of 2\)/,
    );
    bad(() => optimalTransport(M, { r: tensor([1, -1, 1]) }), ArgumentError, /r must be .* got -1 at \[1\]/);
    bad(
      () => optimalTransport(M, { c: tensor([Number.NaN, 1]) }),
      ArgumentError,
      /c must be .* got NaN at \[0\]/,
    );
    bad(
      () => optimalTransport(tensor([[1, Infinity]])),
      ArgumentError,
      /M must be finite, got Infinity at \[0, 1\]/,
    );
    bad(() => optimalTransport(tensor([1, 2])), ShapeError, /M must have shape \[\.\.\., m, n\]/);
    bad(() => optimalTransport(M, { r: ones([2]) }), ShapeError, /\br\b/);
    bad(() => optimalTransport(M, { c: tensor([0.5, 0.5], { dtype: 'f32' }) }), DTypeError, /\bc\b/);
    bad(() => optimalTransport(M, { tolerance: 0 }), ArgumentError, /tolerance/);
    bad(() => optimalTransport(3 as never), ArgumentError, /M/);
    bad(() => optimalTransport(M, { potentials: 1 as never }), ArgumentError, /potentials/);
    const hard = noise([6, 6], 3);
    bad(
      () => optimalTransport(stack([zeros([6, 6]), hard], 0), { gamma: 300, maxIterations: 1 }),
      ConvergenceError,
      /optimalTransport: not converged after 1 iterations.*problem 1 of 2/,
    );
    const best = (x: Tensor) => optimalTransport(x, { gamma: 300, maxIterations: 1, throws: false });
    assert.ok(list(best(hard)).every(Number.isFinite));
    bad(() => grad((x: Tensor) => sum(mul(x, best(x))))(hard), ConvergenceError, /derivative/);
    const cost = (x: Tensor) => optimalTransportCost(x, { gamma: 300, maxIterations: 1, throws: false });
    bad(() => grad(cost)(hard), ConvergenceError, /derivative/);
  });
});

test.run();
