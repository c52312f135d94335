// L-BFGS-B: scipy's solutions and counts in boxes, the optimality conditions, f never outside the box, trees, f32, errors.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  CotangentError,
  exp,
  grad,
  log,
  matmul,
  memory,
  mul,
  optim,
  random,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { DescentState } from '#src/optim/method.js';
import { Box } from '#src/optim/quasi-newton/lbfgsb-box.js';
import { cauchyPoint } from '#src/optim/quasi-newton/lbfgsb-cauchy.js';
import { CompactHessian } from '#src/optim/quasi-newton/lbfgsb-compact.js';
import { Objective } from '#src/solve/objective.js';
import { near, property, rejects } from '../support/check.js';
import { type Problem, problems, sumOfSquares } from '../support/more-garbow-hillstrom.js';
import { averagedRosenbrock, nearlyNormal } from '../support/rosenbrock.js';

interface Boxed {
  name: string;
  lower: number[];
  upper: number[];
  tolerance: number;
  iterations: number;
  evaluations: number;
  value: number;
  x: number[];
}
const fixture = fileURLToPath(new URL('../../../test/fixtures/optim-scipy.json', import.meta.url));
const boxes: Boxed[] = JSON.parse(readFileSync(fixture, 'utf8')).boxes;

test("the problems of Moré, Garbow and Hillstrom in boxes: scipy's solutions, each within 1.5 times its counts", () =>
  scope(() => {
    for (const { name, lower, upper, tolerance, ...oracle } of boxes) {
      const problem = problems.find((one) => one.name === name) as Problem;
      const method = optim.lbfgsb({ lower: tensor(lower), upper: tensor(upper) });
      const found = optim.minimize(sumOfSquares(problem), tensor(problem.x0), method, {
        gradientTolerance: tolerance,
      });
      near([found.value], [oracle.value], 1e-9 * (1 + oracle.value), name);
      near(found.x.data(), oracle.x, (i) => 1e-3 * (1 + Math.abs(oracle.x[i])), name);
      assert.ok(found.iterations <= 1.5 * oracle.iterations + 2, `${name}: ${found.iterations} iterations`);
      assert.ok(found.evaluations.gradient <= 1.5 * oracle.evaluations + 2, `${name}: evaluations`);
    }
  }));

test('random convex quadratics in random boxes: gradients vanish inside and point outwards on the bounds', () =>
  property(
    fc.record({
      n: fc.integer({ min: 1, max: 20 }),
      seed: fc.nat(10_000),
      history: fc.integer({ min: 1, max: 8 }),
    }),
    ({ n, seed, history }) =>
      scope(() => {
        const [R, b] = [random(seed).normal([n, n]), random(seed + 1).normal([n])];
        const lower = sub(random(seed + 2).uniform([n]), 1);
        const upper = add(lower, random(seed + 3).uniform([n]));
        // Bounds on one side, on none, and equal ones among them.
        lower.data().forEach((_, i) => {
          if (i % 5 === 1) lower.data()[i] = -Infinity;
          if (i % 5 === 2) upper.data()[i] = Infinity;
          if (i % 5 === 3) upper.data()[i] = lower.data()[i];
        });
        const f = (x: Tensor) => add(add(sum(square(matmul(R, x))), sum(square(x))), sum(mul(b, x)));
        const found = optim.minimize(f, zeros([n]), optim.lbfgsb({ lower, upper, history }), {
          gradientTolerance: 1e-7,
        });
        const [x, g, l, u] = [found.x, grad(f)(found.x) as Tensor, lower, upper].map((t) => t.data());
        for (let i = 0; i < n; i++) {
          assert.ok(x[i] >= l[i] && x[i] <= u[i], 'in the box');
          const free = g[i] < 0 ? Math.min(u[i] - x[i], -g[i]) : Math.min(x[i] - l[i], g[i]);
          assert.ok(free <= 1e-7, `variable ${i}: x ${x[i]}, gradient ${g[i]}`);
        }
        near([found.gradientNorm], [0], 1e-7);
      }),
  ));

/** A descent of some steps on a random quadratic, the matrix learnt on the way, and that matrix written out. */
function learnt(n: number, seed: number, history: number) {
  const [R, b] = [random(seed).normal([n, n]), random(seed + 1).normal([n])];
  const f = (x: Tensor) => add(sum(square(matmul(R, x))), sum(sub(exp(mul(0.1, x)), mul(b, x))));
  const objective = new Objective('test', f, zeros([n]), undefined);
  const descent = new DescentState(objective, random(seed + 2).normal([n]));
  const B = new CompactHessian(descent, history);
  for (let step = 0; step < history + 2; step++) {
    const { gradient, ray } = descent;
    gradient.data().forEach((g, i) => {
      ray.direction.data()[i] = -g * (1 + i / n);
    });
    descent.move(optim.strongWolfe(), 0.1);
    B.update();
  }
  objective.dispose();
  const unit = zeros([n]);
  const columns = Array.from({ length: n }, (_, j) => {
    unit.data().fill(0)[j] = 1;
    const column = zeros([n]);
    B.expand(B.solve(B.project(unit)), column);
    return Array.from(column.data(), (v, i) => (i === j ? B.theta : 0) - v);
  });
  return { descent, B, columns };
}

test('the compact matrix is that of the BFGS updates from θ I', () =>
  property(
    fc.record({
      n: fc.integer({ min: 2, max: 8 }),
      seed: fc.nat(1000),
      history: fc.integer({ min: 1, max: 4 }),
    }),
    ({ n, seed, history }) =>
      scope(() => {
        const { B, columns } = learnt(n, seed, history);
        let want = Array.from({ length: n }, (_, i) =>
          Array.from({ length: n }, (_, j) => (i === j ? B.theta : 0)),
        );
        for (let j = 0; j < B.pairs.count; j++) {
          const from = 2 * B.pairs.slot(j) * n;
          const [s, y] = [from, from + n].map((at) => Array.from(B.pairs.data.subarray(at, at + n)));
          const Bs = want.map((row) => row.reduce((total, v, i) => total + v * s[i], 0));
          const [sBs, sy] = [Bs, y].map((v) => v.reduce((total, w, i) => total + w * s[i], 0));
          want = want.map((row, i) => row.map((v, k) => v - (Bs[i] * Bs[k]) / sBs + (y[i] * y[k]) / sy));
        }
        const size = Math.max(...want.flat().map(Math.abs));
        near(columns.flat(), want.flat(), 1e-6 * size);
      }),
    30,
  ));

test('the Cauchy point is the first minimum of the model along the projected path', () =>
  property(
    fc.record({
      n: fc.integer({ min: 2, max: 8 }),
      seed: fc.nat(1000),
      width: fc.constantFrom(0.01, 0.3, 3),
    }),
    ({ n, seed, width }) =>
      scope(() => {
        const { descent, B, columns } = learnt(n, seed, 3);
        const { x, gradient, ray, objective } = descent;
        const [X, G] = [x.data(), gradient.data()];
        const sides = random(seed + 3).uniform([2, n]);
        const [low, high] = [0, 1].map((k) =>
          Array.from(X, (v, i) => v + (2 * k - 1) * width * sides.data()[k * n + i]),
        );
        const box = new Box(objective.parameters, tensor(low), tensor(high));
        const { point, fixed, c } = cauchyPoint(x, gradient, ray.direction, box, B);
        const model = (z: ArrayLike<number>) => {
          const d = Array.from(z, (v, i) => v - X[i]);
          return d.reduce(
            (sum_, v, i) => sum_ + v * (G[i] + 0.5 * d.reduce((t, w, j) => t + w * columns[i][j], 0)),
            0,
          );
        };
        const path = (t: number) => Array.from(X, (v, i) => box.clamp(i, v - t * G[i]));
        const free = fixed.indexOf(0);
        const end = free < 0 ? 1e3 : (X[free] - point[free]) / G[free];
        near(point, path(end), 1e-9);
        const values = Array.from({ length: 400 }, (_, k) => model(path((end * k) / 400)));
        values.push(model(point));
        const slack = 1e-12 * Math.abs(model(point));
        for (let k = 1; k < values.length; k++)
          assert.ok(values[k] <= values[k - 1] + slack, `falls until ${k}`);
        // Up to where the path bends next; from there on it may fall again.
        const bends = Array.from(X, (v, i) => (v - (G[i] < 0 ? high : low)[i]) / G[i]).filter((t) => t > end);
        const further = Math.min(0.01 * end, ...bends.map((t) => t - end));
        for (const share of [0.1, 1])
          assert.ok(model(path(end + share * further)) >= model(point) - slack, 'rises after');
        const moved = zeros([n]);
        moved.data().set(Array.from(point, (v, i) => v - X[i]));
        near(c, B.project(moved), 1e-8);
      }),
    60,
  ));

test('without bounds it takes the steps of L-BFGS', () =>
  scope(() => {
    const run = (method: ReturnType<typeof optim.lbfgs>) =>
      optim.minimize(averagedRosenbrock, nearlyNormal(30, 4), method, { maxIterations: 12 }).value;
    const lineSearch = optim.strongWolfe({ c1: 1e-3 });
    near([run(optim.lbfgsb())], [run(optim.lbfgs({ lineSearch }))], 1e-9);
  }));

test('f is computed in the box only, from a start outside too', () =>
  scope(() => {
    let outside = 0;
    const given = {
      value: (x: Tensor) => {
        if (x.data().some((v) => v < 0.1 || v > 2)) outside++;
        return sum(sub(mul(x, 3), log(x)));
      },
      gradient: (x: Tensor) => grad((z: Tensor) => sum(sub(mul(z, 3), log(z))))(x) as Tensor,
    };
    const found = optim.minimize(given, tensor([-5, 1, 7]), optim.lbfgsb({ lower: 0.1, upper: 2 }));
    near(found.x.data(), [1 / 3, 1 / 3, 1 / 3], 1e-5);
    assert.is(outside, 1, 'the start itself');
  }));

test('trees of bounds, f32, a large problem with many active bounds', () =>
  scope(() => {
    const x0 = { a: zeros([2], { dtype: 'f32' }), b: [tensor(5, { dtype: 'f32' })] };
    const lower = { a: tensor([1, -1], { dtype: 'f32' }), b: [tensor(0.1, { dtype: 'f32' })] };
    const f = ({ a, b }: typeof x0) => add(sum(square(a)), square(b[0]));
    const { x } = optim.minimize(f, x0, optim.lbfgsb({ lower }));
    near([...x.a.data(), x.b[0].item()], [1, 0, Math.fround(0.1)], 1e-6);
    const n = 2000;
    const target = random(1).normal([n]);
    const chain = (z: Tensor) => add(sum(square(sub(z, target))), mul(0.01, averagedRosenbrock(z)));
    const found = optim.minimize(chain, zeros([n]), optim.lbfgsb({ lower: 0 }), { gradientTolerance: 1e-8 });
    const data = found.x.data();
    for (const [i, t] of target.data().entries()) assert.ok(t > -0.05 || data[i] === 0);
    assert.ok(found.iterations < 100);
  }));

test('wrong bounds are named, NaN is said, and nothing leaks', () => {
  scope(() => {
    const [f, x0, three] = [(x: Tensor) => sum(square(x)), zeros([2]), zeros([3])];
    const run = (options: object) => () => optim.minimize(f, x0, optim.lbfgsb(options));
    rejects(
      run({ lower: 1, upper: 0 }),
      CotangentError,
      /lower must be at most upper, got 1 and 0 for variable 0/,
    );
    rejects(run({ lower: Number.NaN }), CotangentError, /lower must be at most upper/);
    rejects(run({ upper: three }), CotangentError, /upper/);
    rejects(
      () => optim.lbfgsb({ lower: 'none' as never }),
      CotangentError,
      /lower must be a number or like x0/,
    );
    rejects(() => optim.lbfgsb({ history: 1.5 }), CotangentError, /history/);
    const nan = optim.minimize((x) => log(x), tensor(-1), optim.lbfgsb({ upper: -0.5 }), { throws: false });
    assert.is(nan.status, 'notFinite');
    assert.ok(optim.minimize(f, zeros([0]), optim.lbfgsb({ lower: 0 })).converged);
    assert.is(optim.minimize(f, x0, optim.lbfgsb({ lower: 2, upper: 2 })).value, 8);
  });
  const before = memory().tensors;
  const x0 = tensor([1, 2]);
  optim.minimize((x: Tensor) => sum(square(sub(x, 1))), x0, optim.lbfgsb({ lower: 0 })).x.dispose();
  x0.dispose();
  assert.is(memory().tensors, before);
});

test.run();
