// nodes.optimalControl: solutions against Riccati's equation, quadratic programs and single shooting.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  astype,
  concat,
  expandDims,
  eye,
  full,
  grad,
  linalg,
  matmul,
  mul,
  neg,
  nodes,
  optim,
  reshape,
  scope,
  slice,
  square,
  stack,
  sub,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { drawing, near, property } from '../support/check.js';
import {
  type ControlOptions,
  half,
  last,
  linear,
  listOf,
  noise,
  overLast,
  pendulum,
  type Report,
  riccati,
  within,
} from './control-problems.js';

const largest = (x: ArrayLike<number>) => Math.max(...Array.from(x, Math.abs));

test('linear dynamics and quadratic costs: Riccati, for any sizes and horizons', () => {
  const sizes = fc.record({
    T: fc.constantFrom(1, 2, 5, 50),
    nx: fc.integer({ min: 1, max: 3 }),
    nu: fc.integer({ min: 1, max: 2 }),
    start: fc.integer({ min: 1, max: 1e6 }),
  });
  property(
    sizes,
    ({ T, nx, nu, start }) =>
      scope(() => {
        const next = drawing(start);
        const many = (count: number) => Array.from({ length: count }, next);
        const [A, B, x0] = [many(nx * nx), many(nx * nu), many(nx)];
        const node = nodes.optimalControl({
          horizon: T,
          controlSize: nu,
          dynamics: linear,
          cost: (x, u) => add(half(x), half(u, 0.3)),
          finalCost: (x) => half(x, 5),
        });
        const theta = { A: tensor(A, { shape: [nx, nx] }), B: tensor(B, { shape: [nx, nu] }) };
        const { states, controls } = node(theta, tensor(x0));
        assert.equal(states.shape, [T + 1, nx]);
        assert.equal(controls.shape, [T, nu]);
        const want = riccati(T, A, B, [nx, nu], { r: 0.3, e: 5 }, x0);
        near(states.data(), want.states, 1e-10 * largest(want.states), 'states');
        near(controls.data(), want.controls, 1e-10 * largest(want.states), 'controls');
        assert.equal(listOf(states).slice(0, nx), x0, 'the first state is the initial one, bit by bit');
      }),
    40,
  );
});

test('bounds on controls: no control can be moved to lower the cost, for any sizes', () => {
  const sizes = fc.record({
    T: fc.constantFrom(1, 2, 7),
    nx: fc.integer({ min: 1, max: 3 }),
    nu: fc.integer({ min: 1, max: 2 }),
    bound: fc.double({ min: 0.05, max: 2, noNaN: true }),
    start: fc.integer({ min: 1, max: 1e6 }),
  });
  property(
    sizes,
    ({ T, nx, nu, bound, start }) =>
      scope(() => {
        const [A, B, s] = [noise([nx, nx], start), noise([nx, nu], start + 1), noise([nx], start + 2)];
        const cost = (x: Tensor, u: Tensor) => add(half(x), half(u, 0.1));
        const node = nodes.optimalControl({
          horizon: T,
          controlSize: nu,
          dynamics: linear,
          cost,
          finalCost: (x) => half(x),
          inequality: within(bound),
        });
        const { controls } = node({ A, B }, mul(s, 3));
        const total = (u: Tensor) => {
          let [x, sum] = [mul(s, 3), tensor(0)];
          for (let k = 0; k < T; k++) {
            const v = reshape(slice(u, [k, 0], [k + 1, nu]), [nu]);
            sum = add(sum, cost(x, v));
            x = linear(x, v, { A, B });
          }
          return add(sum, half(x));
        };
        const slope = listOf(grad(total)(controls));
        listOf(controls).forEach((u, i) => {
          assert.ok(Math.abs(u) <= bound * (1 + 1e-9));
          const isUpper = u > bound * (1 - 1e-9);
          const isLower = u < -bound * (1 - 1e-9);
          const away = isUpper
            ? Math.max(0, slope[i])
            : isLower
              ? Math.max(0, -slope[i])
              : Math.abs(slope[i]);
          assert.ok(away < 1e-9, `slope ${slope[i]} at ${u}, bound ${bound}`);
        });
      }),
    25,
  );
});

test('controls0 at a solution: that solution, at once, also with constraints', () =>
  scope(() => {
    let iterations = 0;
    const node = nodes.optimalControl({
      horizon: 30,
      controlSize: 1,
      dynamics: pendulum(0.1),
      cost: (x, u) => add(half(x, 0.2), half(u, 0.02)),
      inequality: within(2),
      onSolve: (r: Report) => void (iterations = r.iterations),
    });
    const [theta, start] = [tensor([3, 0.2]), tensor([2.2, 0])];
    const { controls } = node(theta, start);
    assert.ok(iterations > 5);
    assert.is(largest(controls.data()), 2);
    near(node(theta, start, controls).controls.data(), controls.data(), 1e-12);
    assert.ok(iterations <= 2, `${iterations} iterations`);
    // Another start may end elsewhere, but not higher than controls beside which it began.
    near(node(theta, start, add(controls, 1e-4)).controls.data(), controls.data(), 1e-10);
  }));

/** The problem with states eliminated, as a quadratic program in the controls. */
function condensed(T: number, A: Tensor, B: Tensor, s: Tensor, bound: number): Tensor {
  const powers = [eye(2)];
  for (let k = 0; k < T; k++) powers.push(matmul(A, powers[k]));
  const rows = Array.from({ length: T }, (_, k) =>
    concat(
      Array.from({ length: T }, (_, j) => (j <= k ? matmul(powers[k - j], B) : zeros([2, 1]))),
      1,
    ),
  );
  const gamma = concat(rows, 0);
  const weights = tensor([...Array(2 * T - 2).fill(1), 5, 5]);
  const weighted = mul(gamma, expandDims(weights, 1));
  return optim.quadraticProgram({
    P: add(matmul(gamma, weighted, { transposeA: true }), mul(eye(T), 0.3)),
    q: matmul(weighted, matmul(concat(powers.slice(1), 0), s), { transposeA: true }),
    G: concat([eye(T), neg(eye(T))], 0),
    h: full([2 * T], bound),
  }).x;
}

test('bounds on controls: the condensed quadratic program, values and derivatives', () =>
  scope(() => {
    const args = [tensor([[1, 0.1], [-0.2, 0.95]]), tensor([[0.02], [0.1]]), tensor([1.5, -0.2])] as const; // biome-ignore format: a matrix
    const node = nodes.optimalControl({
      horizon: 15,
      controlSize: 1,
      dynamics: linear,
      cost: (x, u) => add(half(x), half(u, 0.3)),
      finalCost: (x) => half(x, 5),
      inequality: within(0.4),
    });
    const got = vjp((A, B, s) => reshape(node({ A, B }, s).controls, [15]), ...args);
    const want = vjp((A, B, s) => condensed(15, A, B, s, 0.4), ...args);
    assert.ok(listOf(got.value).filter((u) => Math.abs(Math.abs(u) - 0.4) < 1e-12).length > 2);
    near(got.value.data(), want.value.data(), 1e-7);
    const V = noise([15]);
    const wanted = want.pullback(V);
    got
      .pullback(V)
      .forEach((g, i) => void near(g.data(), wanted[i].data(), 1e-6 * largest(wanted[i].data())));
  }));

test('a pendulum: single shooting with optim.minimize finds no better controls nearby', () =>
  scope(() => {
    const T = 20;
    const [theta, start] = [tensor([3, 0.2]), tensor([2.2, 0])];
    const step = pendulum(0.1);
    const cost = (x: Tensor, u: Tensor) => add(half(x, 0.2), half(u, 0.02));
    const finalCost = (x: Tensor) => half(x, 4);
    const node = nodes.optimalControl({ horizon: T, controlSize: 1, dynamics: step, cost, finalCost });
    const { states, controls } = node(theta, start);
    const shoot = (u: Tensor) => {
      let [x, total] = [start, tensor(0)];
      for (let k = 0; k < T; k++) {
        const v = reshape(slice(u, [k, 0], [k + 1, 1]), [1]);
        total = add(total, cost(x, v));
        x = step(x, v, theta);
      }
      return add(total, finalCost(x));
    };
    assert.ok(largest(grad(shoot)(controls).data()) < 1e-12);
    const { x, value } = optim.minimize(shoot, add(controls, mul(noise([T, 1]), 1e-3)), optim.bfgs());
    near(listOf(x), listOf(controls), 1e-5);
    near([value], [shoot(controls).item()], 1e-10);
    assert.equal(listOf(states).slice(0, 2), [2.2, 0]);
  }));

/** A problem with everything. */
const everything = (extra: Partial<ControlOptions> = {}): ControlOptions => ({
  horizon: 12,
  controlSize: 2,
  dynamics: (x, u, theta, t) =>
    add(
      add(x, mul(u, 0.3)),
      mul(concat([last(x, 1), mul(last(x, 0), theta)], -1), add(expandDims(mul(t, 0.01), -1), 0.1)),
    ),
  cost: (x, u) => add(half(x), half(u, 0.2)),
  finalCost: (x) => half(x),
  ...extra,
});

test('equalities of the steps hold, and controls are the best of those for which they do', () =>
  scope(() => {
    const equality = (x: Tensor, u: Tensor) => sub(add(last(u, 0), last(u, 1)), mul(last(x, 0), -0.5));
    const node = nodes.optimalControl(everything({ equality }));
    const { states, controls } = node(tensor(-0.4), tensor([1, 2]));
    near(equality(slice(states, [0, 0], [12, 2]), controls).data(), new Float64Array(12), 1e-13);
    // The second control eliminated by hand.
    const free = nodes.optimalControl({
      ...everything(),
      controlSize: 1,
      dynamics: (x, u, theta, t) => everything().dynamics(x, both(x, u), theta, t),
      cost: (x, u, theta, t) => everything().cost(x, both(x, u), theta, t),
    });
    const both = (x: Tensor, u: Tensor) => concat([u, sub(mul(last(x, 0), -0.5), u)], -1);
    const want = free(tensor(-0.4), tensor([1, 2]));
    near(states.data(), want.states.data(), 1e-10);
    near(last(controls, 0).data(), want.controls.data(), 1e-10);
  }));

test('a final equality is met to rounding, with controls of least norm', () =>
  scope(() => {
    const A = tensor([[1, 0.1], [-0.2, 0.95]]); // biome-ignore format: a matrix
    const [B, s] = [tensor([[0.02], [0.1]]), tensor([1, -0.5])];
    const node = nodes.optimalControl({
      horizon: 6,
      controlSize: 1,
      dynamics: linear,
      cost: (_, u) => half(u),
      finalEquality: (x) => x,
    });
    const { states, controls } = node({ A, B }, s);
    near(listOf(states).slice(12), [0, 0], 1e-12);
    // C u = -A⁶ s, and u of least norm.
    const columns = [B];
    for (let k = 1; k < 6; k++) columns.unshift(matmul(A, columns[0]));
    const C = concat(columns, 1);
    let end = s;
    for (let k = 0; k < 6; k++) end = matmul(A, end);
    const y = linalg.solve(matmul(C, C, { transposeB: true }), neg(end));
    near(controls.data(), matmul(C, y, { transposeA: true }).data(), 1e-10);
  }));

test('a final inequality that does not bind changes nothing; one that does is met with equality', () =>
  scope(() => {
    const at = (bound: number) =>
      nodes.optimalControl(everything({ finalInequality: (x) => sub(bound, x) }))(
        tensor(-0.4),
        tensor([1, 2]),
      );
    const free = nodes.optimalControl(everything())(tensor(-0.4), tensor([1, 2]));
    near(at(-5).states.data(), free.states.data(), 1e-9);
    const end = listOf(at(0.5).states).slice(-2);
    near(end, [0.5, 0.5], 1e-12);
  }));

test('bounds on states hold, also where the initial state is on one', () =>
  scope(() => {
    const node = nodes.optimalControl({
      horizon: 40,
      controlSize: 1,
      dynamics: (x, u) => concat([add(last(x, 0), mul(last(x, 1), 0.1)), add(last(x, 1), mul(u, 0.1))], -1),
      cost: (x, u) => add(overLast(square(sub(last(x, 0), 1.5))), half(u, 0.02)),
      inequality: (x, u) => concat([sub(last(x, 1), 0.8), sub(u, 3), sub(neg(u), 3)], -1),
    });
    for (const speed of [0, 0.8]) {
      const speeds = listOf(last(node(null, tensor([0, speed])).states, 1));
      assert.ok(Math.max(...speeds) <= 0.8 + 1e-12);
      assert.ok(speeds.filter((v) => Math.abs(v - 0.8) < 1e-12).length > 5);
    }
  }));

test('a batch equals a loop, whatever each problem does', () =>
  scope(() => {
    const node = nodes.optimalControl(
      everything({ inequality: within(0.6), finalInequality: (x) => sub(x, 0.3) }),
    );
    const starts = [[0.1, 0], [3, -1], [-2, 2], [0, 0]]; // biome-ignore format: a list of states
    const theta = tensor(-0.4);
    const V = noise([4, 12, 2]);
    const all = vjp((z, s) => node(z, s).controls, theta, tensor(starts));
    assert.equal(all.value.shape, [4, 12, 2]);
    const [total, each] = all.pullback(V);
    let expected = 0;
    starts.forEach((s, b) => {
      const one = vjp((z, x) => node(z, x).controls, theta, tensor(s));
      near(listOf(all.value).slice(24 * b, 24 * (b + 1)), one.value.data(), 1e-10, `problem ${b}`);
      const [own, state] = one.pullback(reshape(slice(V, [b, 0, 0], [b + 1, 12, 2]), [12, 2]));
      expected += own.item();
      near(listOf(each).slice(2 * b, 2 * b + 2), state.data(), 1e-8, `state of problem ${b}`);
    });
    near([total.item()], [expected], 1e-8, 'the gradient in theta is the sum');
    const square4 = node(theta, reshape(tensor(starts), [2, 2, 2]));
    assert.equal([square4.states.shape, square4.controls.shape], [[2, 2, 13, 2], [2, 2, 12, 2]]); // biome-ignore format: two shapes
    near(square4.controls.data(), all.value.data(), 1e-12);
    const none = node(theta, zeros([0, 2]));
    assert.equal([none.states.shape, none.controls.shape], [[0, 13, 2], [0, 12, 2]]); // biome-ignore format: two shapes
  }));

test('controls0 chooses the minimum', () =>
  scope(() => {
    // The control that reaches 1 or -1 from 0.
    const node = nodes.optimalControl({
      horizon: 1,
      controlSize: 1,
      dynamics: (x, u) => add(x, u),
      cost: (_, u) => half(u, 0.01),
      finalCost: (x) => overLast(square(sub(square(x), 1))),
    });
    const to = (u: number) => node(null, tensor([0]), tensor([[u]])).controls.item();
    assert.ok(to(0.8) > 0.9 && to(-0.8) < -0.9);
    near([to(0.8)], [-to(-0.8)], 1e-12);
    const both = node(null, zeros([2, 1]), tensor([[[0.8]], [[-0.8]]])).controls;
    near(both.data(), [to(0.8), to(-0.8)], 1e-12);
    assert.equal(listOf(grad((u) => reshape(node(null, tensor([0]), u).controls, []))(tensor([[0.8]]))), [0]);
  }));

test('single precision', () =>
  scope(() => {
    const single = (x: Tensor) => astype(x, 'f32');
    const node = nodes.optimalControl({
      horizon: 30,
      controlSize: 1,
      dynamics: pendulum(0.1),
      cost: (x, u) => add(half(x, 0.2), half(u, 0.02)),
      finalCost: (x) => half(x, 4),
      inequality: within(2),
    });
    const args = [tensor([3, 0.2]), tensor([2.2, 0])];
    const f = (z: Tensor, s: Tensor) => node(z, s).states;
    const [one, two] = [vjp(f, ...args.map(single)), vjp(f, ...args)];
    assert.is(one.value.dtype, 'f32');
    near(one.value.data(), two.value.data(), 1e-4);
    const V = noise([31, 2]);
    const want = two.pullback(V);
    one.pullback(single(V)).forEach((g, i) => {
      assert.is(g.dtype, 'f32');
      near(g.data(), want[i].data(), 1e-3 * largest(want[i].data()));
    });
  }));

test('the work does not depend on the horizon', () => {
  const counts = [20, 400].map((horizon) =>
    scope(() => {
      let calls = 0;
      let iterations = 0;
      const node = nodes.optimalControl({
        horizon,
        controlSize: 1,
        dynamics: (x, u, theta) => {
          calls++;
          return pendulum(0.05)(x, u, theta);
        },
        cost: (x, u) => add(half(x), half(u, 0.1)),
        onSolve: (report: Report) => {
          iterations = report.iterations;
        },
      });
      const { pullback } = vjp((z) => node(z, tensor([1, 0])).states, tensor([2, 0.5]));
      const solved = calls;
      pullback(noise([horizon + 1, 2]));
      pullback(noise([horizon + 1, 2]));
      return tensor([calls, iterations, calls - solved]);
    }),
  );
  const [short, long] = counts.map(listOf);
  assert.ok(long[0] <= short[0] + 12, `calls: ${short[0]}, ${long[0]}`);
  assert.ok(long[1] <= short[1] + 2, `iterations: ${short[1]}, ${long[1]}`);
  assert.ok(long[2] === short[2], `calls on the way back: ${short[2]}, ${long[2]}`);
});

test('parts of a batch on two axes are stacked as they are', () =>
  scope(() => {
    const node = nodes.optimalControl(everything());
    const one = node(tensor(0.2), tensor([1, 0])).controls;
    const two = node(tensor(0.2), tensor([[1, 0], [1, 0]])).controls; // biome-ignore format: a list of states
    near(two.data(), stack([one, one], 0).data(), 1e-13);
  }));

test.run();
