// nodes.optimalControl where constraints depend on each other or leave no inside, and where units differ.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  concat,
  grad,
  hessian,
  linearize,
  mul,
  neg,
  nodes,
  scope,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';
import { near } from '../support/check.js';
import {
  type ControlOptions,
  differences,
  half,
  last,
  listOf,
  noise,
  overLast,
  type Report,
} from './control-problems.js';

const common = (extra: Partial<ControlOptions>): ControlOptions => ({
  horizon: 6,
  controlSize: 1,
  dynamics: (x, u, z) => add(mul(sin(x), z), u),
  cost: (x, u) => add(half(x), half(u)),
  ...extra,
});

const total = (x: Tensor) => add(last(x, 0), last(x, 1));

const cases: [string, ControlOptions][] = [
  [
    'bounds that leave one control',
    common({ inequality: (_x, u) => concat([sub(u, 0.3), sub(0.3, u)], -1) }),
  ],
  [
    'an equality twice',
    common({
      controlSize: 2,
      dynamics: (x, u, z) => add(mul(x, z), sum(u, { axis: -1, keepDims: true })),
      equality: (_x, u) => {
        const one = sub(last(u, 0), mul(last(u, 1), 2));
        return concat([one, mul(one, 3)], -1);
      },
    }),
  ],
  ['a horizon of one step, and its end', common({ horizon: 1, finalEquality: (x) => sub(x, 1) })],
  [
    'costs of 1e8',
    common({ cost: (x, u) => mul(add(half(x), half(u)), 1e8), finalEquality: (x) => sub(x, 0.1) }),
  ],
  [
    'costs of 1e-8',
    common({ cost: (x, u) => mul(add(half(x), half(u)), 1e-8), inequality: (_x, u) => sub(u, -0.1) }),
  ],
  [
    'costs without curvature: controls at their bounds',
    common({
      cost: (x, u) => mul(overLast(add(x, u)), 0.1),
      inequality: (_x, u) => concat([sub(u, 0.5), sub(neg(u), 0.5)], -1),
    }),
  ],
];

for (const [name, options] of cases)
  test(name, () =>
    scope(() => {
      const node = nodes.optimalControl(options);
      const loss = (z: Tensor, s: Tensor) => {
        const { states } = node(z, s);
        return sum(mul(noise(states.shape), states));
      };
      const [gz, gs] = grad(loss, [0, 1])(tensor(0.9), tensor([0.8])) as Tensor[];
      const at = ([z, s]: number[]) => scope(() => loss(tensor(z), tensor([s]))).item();
      near([gz.item(), gs.item()], differences(at, [0.9, 0.8]), 1e-8);
    }),
  );

test('an equality of the states, which the given one meets', () =>
  scope(() => {
    const node = nodes.optimalControl(
      common({
        controlSize: 2,
        equality: (x) => sub(last(x, 0), last(x, 1)),
        dynamics: (x, u, z) => add(mul(x, z), u),
      }),
    );
    const f = (z: Tensor) => sum(square(total(node(z, tensor([1, 1])).states)));
    const { states } = node(tensor(0.9), tensor([1, 1]));
    near(last(states, 0).data(), last(states, 1).data(), 1e-13);
    near(
      [grad(f)(tensor(0.9)).item()],
      differences(([z]) => scope(() => f(tensor(z))).item(), [0.9]),
      1e-8,
    );
  }));

test('units of states do not matter', () =>
  scope(() => {
    const at = (unit: number) => {
      let found: Report | undefined;
      const node = nodes.optimalControl(
        common({
          dynamics: (x, u, z) => add(mul(x, z), mul(u, 0.5)),
          inequality: (_x, u) => concat([sub(u, 0.2 * unit), sub(neg(u), 0.2 * unit)], -1),
          finalEquality: (x) => sub(x, 0.4 * unit),
          onSolve: (r: Report) => void (found = r),
        }),
      );
      const controls = mul(node(tensor(0.9), tensor([unit])).controls, 1 / unit);
      assert.ok(Object.values((found as Report).residuals).every((v) => v < 1e-13));
      return listOf(controls);
    };
    near(at(2 ** 20), at(1), 1e-12);
    near(at(2 ** -20), at(1), 1e-12);
  }));

test('dynamics that run away without control: for any horizon', () =>
  scope(() => {
    for (const horizon of [5, 50, 200]) {
      let found: Report | undefined;
      const node = nodes.optimalControl(
        common({
          horizon,
          dynamics: (x, u) => add(add(x, mul(mul(x, square(x)), 0.1)), mul(u, 0.1)),
          cost: (x, u) => add(half(x), half(u, 0.1)),
          onSolve: (r: Report) => void (found = r),
        }),
      );
      const { states } = node(null, tensor([2]));
      assert.ok(Math.max(...listOf(states)) <= 2 && (found as Report).converged);
      const linear = nodes.optimalControl(common({ horizon, dynamics: (x, u) => add(mul(x, 3), u) }));
      // Riccati's equation in one dimension, from its fixed point.
      const gain = listOf(linear(null, tensor([1])).controls)[0];
      if (horizon >= 50)
        near([gain], [((-(9 + Math.sqrt(85)) / 2) * 3) / (1 + (9 + Math.sqrt(85)) / 2)], 1e-12);
    }
  }));

test('derivatives of third order, and as a linear map', () =>
  scope(() => {
    const node = nodes.optimalControl(common({}));
    const f = (z: Tensor) => sum(square(node(z, tensor([1])).states));
    const second = (z: Tensor) => hessian(f)(z) as Tensor;
    const third = grad((z: Tensor) => grad((y: Tensor) => grad(f)(y))(z))(tensor(0.7)).item();
    near(
      [third],
      differences(([z]) => scope(() => second(tensor(z))).item(), [0.7], 1e-4),
      1e-6,
    );
    const map = linearize(f, tensor(0.7));
    near([map.apply(tensor(1)).item()], [grad(f)(tensor(0.7)).item()], 1e-12);
    map.dispose();
  }));

test('functions that read values are solved and differentiated, too', () =>
  scope(() => {
    const reads = (x: Tensor) => {
      assert.ok(x.data().length > 0);
      return x;
    };
    const at = (read: (x: Tensor) => Tensor) => {
      const node = nodes.optimalControl(common({ cost: (x, u) => add(half(read(x)), half(u)) }));
      return grad((z: Tensor) => sum(square(node(z, tensor([1])).states)))(tensor(0.7)).item();
    };
    near([at(reads)], [at((x) => x)], 1e-12);
  }));

test.run();
