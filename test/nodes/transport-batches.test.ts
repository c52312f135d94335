// Optimal transport: batches, plans of the program, reports, f32.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compile,
  grad,
  nodes,
  scope,
  stack,
  sum,
  type Tensor,
  tensor,
  trace,
  vjp,
  zeros,
} from '#src/index.js';
import { near } from '../support/check.js';
import { list, masses, noise } from './transport-problems.js';

const { optimalTransport, optimalTransportCost } = nodes;

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

test.run();
