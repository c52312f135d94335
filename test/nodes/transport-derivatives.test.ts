// Derivatives of optimal transport: against differences, in the masses, and what they keep.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, div, jvp, memory, mul, nodes, scope, sub, sum, type Tensor, tensor, vjp } from '#src/index.js';
import { near } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { list, masses, noise, sums } from './transport-problems.js';

const { optimalTransport, optimalTransportCost } = nodes;

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

test.run();
