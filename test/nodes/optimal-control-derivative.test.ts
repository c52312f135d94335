// nodes.optimalControl: derivatives in everything, both modes, to second order; memory.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  concat,
  grad,
  jacfwd,
  jacrev,
  jvp,
  memory,
  mul,
  neg,
  nodes,
  optim,
  reshape,
  scope,
  sin,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  vjp,
} from '#src/index.js';
import { near } from '../support/check.js';
import {
  type Any,
  adjointError,
  type ControlOptions,
  differences,
  half,
  inner,
  last,
  linear,
  listOf,
  noise,
  overLast,
  pendulum,
  pick,
  within,
} from './control-problems.js';

const largest = (x: readonly number[]) => Math.max(...x.map(Math.abs));

/** Problems of a pendulum whose goal and constraints depend on theta = (gravity, damping, goal, bound). */
const swing = (extra: Partial<ControlOptions> = {}): ControlOptions => ({
  horizon: 10,
  controlSize: 1,
  dynamics: pendulum(0.1),
  cost: (x, u, z) => add(half(sub(x, pick(z, 2)), 0.2), half(u, 0.05)),
  finalCost: (x, z) => half(sub(x, pick(z, 2)), 2),
  ...extra,
});

const goals = (z: Tensor) => concat([slice(z, [2], [3]), tensor([0])], 0);

const problems: [string, ControlOptions][] = [
  ['no constraints', swing()],
  ['bounds', swing({ inequality: (_x, u, z) => concat([sub(u, pick(z, 3)), sub(neg(u), pick(z, 3))], -1) })],
  ['states within bounds', swing({ inequality: (x, _u, z) => sub(neg(last(x, 1)), pick(z, 3)) })],
  ['equalities of the steps', swing({ controlSize: 2, ...twoMotors() })],
  [
    'final equality',
    { ...swing({ finalEquality: (x, z) => sub(x, goals(z)) }), finalCost: undefined as Any },
  ],
  ['final inequality', swing({ finalInequality: (x, z) => sub(square(x), mul(pick(z, 3), 0.01)) })],
];

/** The second motor may turn only against the first. */
function twoMotors(): Partial<ControlOptions> {
  return {
    dynamics: (x, u, z, t) => pendulum(0.1)(x, add(last(u, 0), mul(sin(last(u, 1)), 0.5)), z as Any) ?? t,
    equality: (_x, u, z) => add(last(u, 0), add(mul(last(u, 1), pick(z, 3)), mul(square(last(u, 1)), 0.3))),
  };
}

const point = [2, 0.3, 0.2, 0.7, 1.2, -0.4];

for (const [name, { finalCost, ...options }] of problems) {
  const node = nodes.optimalControl({ ...options, ...(finalCost && { finalCost }) });
  const split = (p: Tensor) => [slice(p, [0], [4]), slice(p, [4], [6])] as const;
  const both = (p: Tensor, controls0?: Tensor) => {
    const { states, controls } = node(...split(p), controls0);
    return [reshape(states, [states.size]), reshape(controls, [controls.size])];
  };

  test(`${name}: first derivatives`, () =>
    scope(() => {
      const start = node(...split(tensor(point))).controls;
      const sizes = both(tensor(point)).map((y) => y.shape);
      const V = sizes.map((shape, i) => noise(shape, i + 3));
      const loss = (p: Tensor) => inner(V, both(p, start));
      const want = differences((p) => scope(() => loss(tensor(p))).item(), point);
      const got = listOf(grad(loss)(tensor(point)));
      near(got, want, 1e-7 * (1 + largest(want)));
      const forward = jacfwd((p: Tensor) => loss(p))(tensor(point)) as Tensor;
      near(listOf(forward), got, 1e-10 * (1 + largest(got)));
      assert.ok(adjointError((p: Tensor) => concat(both(p, start), 0), [tensor(point)]) < 1e-11);
    }));

  test(`${name}: second derivatives`, () =>
    scope(() => {
      const start = node(...split(tensor(point))).controls;
      const V = both(tensor(point)).map((y, i) => noise(y.shape, i + 5));
      const loss = (p: Tensor) => inner(V, both(p, start).map(square));
      // The Hessian times a direction, by differences of gradients along it.
      const direction = noise([6], 11);
      const at = (by: number) => grad(loss)(add(tensor(point), mul(direction, by)));
      const want = listOf(mul(sub(at(1e-5), at(-1e-5)), 1 / 2e-5));
      const bound = 1e-6 * (1 + largest(want));
      const reverse = grad((p: Tensor) => sum(mul(direction, grad(loss)(p))))(tensor(point));
      near(listOf(reverse), want, bound, 'grad of grad');
      const forward = jvp(grad(loss), [tensor(point)], [direction]).tangent;
      near(listOf(forward), want, bound, 'jvp of grad');
      const back = grad((p: Tensor) => jvp(loss, [p], [direction]).tangent)(tensor(point));
      near(listOf(back), want, bound, 'grad of jvp');
    }));
}

test('Jacobians by rows and by columns are the same', () =>
  scope(() => {
    const node = nodes.optimalControl(swing({ inequality: within(0.5) }));
    const f = (p: Tensor) => node(slice(p, [0], [4]), slice(p, [4], [6])).controls;
    const [rows, columns] = [jacrev(f)(tensor(point)), jacfwd(f)(tensor(point))] as Tensor[];
    assert.equal(rows.shape, [10, 1, 6]);
    near(listOf(rows), listOf(columns), 1e-10);
  }));

test('tensors that the functions capture have derivatives', () =>
  scope(() => {
    const captured = (z: Tensor) =>
      nodes.optimalControl({
        ...swing({ inequality: (_x, u) => sub(u, pick(z, 3)) }),
        dynamics: (x, u) => pendulum(0.1)(x, u, z),
        cost: (x, u) => add(half(sub(x, pick(z, 2)), 0.2), half(u, 0.05)),
        finalCost: (x) => half(sub(x, pick(z, 2)), 2),
      })(null, tensor([1.2, -0.4])).states;
    const given = (z: Tensor) =>
      nodes.optimalControl(swing({ inequality: (_x, u, w) => sub(u, pick(w, 3)) }))(z, tensor([1.2, -0.4]))
        .states;
    const V = noise([11, 2]);
    const z = tensor(point.slice(0, 4));
    const [a, b] = [captured, given].map((f) => grad((w: Tensor) => inner([V], [f(w)]))(z));
    near(listOf(a), listOf(b), 1e-10);
    near(
      listOf(jvp(captured, [z], [noise([4])]).tangent),
      listOf(jvp(given, [z], [noise([4])]).tangent),
      1e-10,
    );
  }));

test('theta is a tree; what is not used gets zeros', () =>
  scope(() => {
    const node = nodes.optimalControl({
      horizon: 4,
      controlSize: 1,
      dynamics: (x, u, { parts: [A, B] }) => linear(x, u, { A, B }),
      cost: (x, u, { weight }) => add(mul(half(x), weight), half(u)),
    });
    const theta = { parts: [noise([2, 2]), noise([2, 1])], weight: tensor(2), other: tensor([1, 2]) };
    const g = grad((z: Any) => sum(node(z, tensor([1, 2])).states))(theta);
    assert.equal(listOf(g.other), [0, 0]);
    assert.equal(g.parts.map((x: Tensor) => x.shape), [[2, 2], [2, 1]]); // biome-ignore format: two shapes
    const want = differences(
      (w) => scope(() => sum(node({ ...theta, weight: tensor(w[0]) }, tensor([1, 2])).states)).item(),
      [2],
    );
    near([g.weight.item()], want, 1e-8);
  }));

test('a weakly active bound is ignored; a row that is there twice changes nothing', () =>
  scope(() => {
    // The best control is theta; the bound is 1, and theta is 1, above or below.
    const at = (rows: number, theta: number) => {
      const node = nodes.optimalControl({
        horizon: 1,
        controlSize: 1,
        dynamics: (x, u) => add(x, u),
        cost: (_x, u, z) => half(sub(u, z)),
        inequality: (_x, u) => concat(Array(rows).fill(sub(u, 1)), -1),
      });
      const { value, pullback } = vjp((z) => node(z, tensor([0])).controls, tensor(theta));
      return [value.item(), pullback(tensor([[1]]))[0].item()];
    };
    near(at(1, 0.5), [0.5, 1], 1e-9);
    near(at(1, 2), [1, 0], 1e-9);
    near(at(1, 1), [1, 1], 1e-7, 'weakly active');
    near(at(3, 2), [1, 0], 1e-8, 'three times');
    near(at(3, 0.5), [0.5, 1], 1e-8, 'three times, inactive');
  }));

test('a node inside an objective: the damping that makes a trajectory', () =>
  scope(() => {
    const node = nodes.optimalControl(swing());
    const at = (damping: Tensor) =>
      node(concat([tensor([2]), reshape(damping, [1]), tensor([0.2, 0.7])], 0), tensor([1.2, -0.4])).states;
    const seen = at(tensor(0.3));
    const loss = (d: Tensor) => sum(square(sub(at(d), seen)));
    const { x } = optim.minimize(loss, tensor(0.1), optim.newton());
    near([x.item()], [0.3], 1e-5);
  }));

test('memory is what it was, after derivatives and without', () => {
  const node = nodes.optimalControl(swing({ inequality: within(0.5), finalInequality: (x) => sub(x, 3) }));
  const [z, s, V] = [tensor(point.slice(0, 4)), tensor(point.slice(4)), noise([11, 2])];
  const held = () => [memory().tensors, memory().bytes];
  const run = () => {
    const { states, controls } = node(z, s);
    states.dispose();
    controls.dispose();
    const f = (a: Tensor, b: Tensor) => {
      const y = node(a, b);
      y.controls.dispose();
      return y.states;
    };
    const { value, pullback, dispose } = vjp(f, z, s);
    for (let k = 0; k < 2; k++) for (const g of pullback(V)) g.dispose();
    value.dispose();
    dispose();
    const { value: again, tangent } = jvp(f, [z, s], [z, s]);
    again.dispose();
    tangent.dispose();
    for (const g of grad((a: Tensor, b: Tensor) => inner([V], [f(a, b)]), [0, 1])(z, s) as Tensor[])
      g.dispose();
  };
  run();
  const before = held();
  run();
  assert.equal(held(), before);
});

test('what vjp holds does not grow with the iterations', () => {
  const bytes = (bound: number) => {
    const node = nodes.optimalControl(swing({ inequality: within(bound) }));
    const before = memory().bytes;
    let iterations = 0;
    const counted = nodes.optimalControl({
      ...swing({ inequality: within(bound) }),
      onSolve: (r) => void (iterations = r.iterations),
    });
    void node;
    const r = vjp(
      (z, s) => overLast(counted(z, s).states),
      tensor(point.slice(0, 4)),
      tensor(point.slice(4)),
    );
    const held = memory().bytes - before;
    r.value.dispose();
    r.dispose();
    return { held, iterations };
  };
  const [few, many] = scope(() => [bytes(50), bytes(0.2)]);
  assert.is.not(few.iterations, many.iterations);
  assert.is(few.held, many.held);
});

test.run();
