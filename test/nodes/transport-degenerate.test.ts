// Optimal transport: masses of 0, plans of parts, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  ConvergenceError,
  compile,
  DTypeError,
  grad,
  jvp,
  mul,
  nodes,
  ones,
  ShapeError,
  scope,
  stack,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { list, noise } from './transport-problems.js';

const { optimalTransport, optimalTransportCost } = nodes;

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
