// Least squares: fits against scipy, any shape and rank, convergence orders, trees, errors.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  CotangentError,
  div,
  exp,
  linalg,
  log,
  matmul,
  memory,
  mul,
  neg,
  optim,
  reshape,
  scope,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  zeros,
} from '#src/index.js';
import { Fit } from '#src/optim/least-squares/least-squares.js';
import { DampedSystem } from '#src/optim/least-squares/levenberg-marquardt.js';
import { Residuals } from '#src/solve/residuals.js';
import { near, numbers, property, rejects } from '../support/check.js';

const methods = [optim.levenbergMarquardt(), optim.gaussNewton()];
const at = (p: Tensor, i: number) => reshape(slice(p, [i], [i + 1]), []);

/** What was fitted. */
const models: Record<string, (p: Tensor, t: Tensor) => Tensor> = {
  'exponential decay': (p, t) => add(mul(at(p, 0), exp(neg(mul(at(p, 1), t)))), at(p, 2)),
  'gaussian peak': (p, t) => mul(at(p, 0), exp(neg(square(div(sub(t, at(p, 1)), at(p, 2)))))),
  logistic: (p, t) => div(at(p, 0), add(1, exp(neg(div(sub(t, at(p, 1)), at(p, 2)))))),
  'michaelis-menten': (p, t) => div(mul(at(p, 0), t), add(at(p, 1), t)),
};

interface Fixture {
  name: string;
  t: number[];
  y: number[];
  x0: number[];
  x: number[];
  cost: number;
}

const { fits } = JSON.parse(readFileSync('test/fixtures/least-squares.json', 'utf8')) as { fits: Fixture[] };

for (const { name, t, y, x0, x, cost } of fits) {
  test(`${name}: parameters and cost as scipy's, in f64 and f32, with derivatives by hand too`, () => {
    for (const dtype of ['f64', 'f32'] as const) {
      scope(() => {
        const [ts, ys] = [tensor(t, { dtype }), tensor(y, { dtype })];
        const r = (p: Tensor) => sub(models[name](p, ts), ys);
        for (const method of methods) {
          const s = optim.leastSquares(r, tensor(x0, { dtype }), method);
          near(s.x.data(), x, (i) => (dtype === 'f64' ? 1e-6 : 3e-3) * Math.abs(x[i]));
          near([s.value], [cost], (dtype === 'f64' ? 1e-11 : 1e-4) * cost);
          near(s.residuals.data(), r(s.x).data(), 0);
          assert.equal(s.jacobian.shape, [t.length, x.length]);
        }
        const given = {
          residuals: r,
          jacobian: (p: Tensor) => optim.leastSquares(r, p, methods[0], { maxIterations: 0 }).jacobian,
        };
        const s = optim.leastSquares(given, tensor(x0, { dtype }), methods[0]);
        near([s.value], [cost], (dtype === 'f64' ? 1e-11 : 1e-4) * cost);
      });
    }
  });
}

test('linear residuals: the answer of lstsq for any shape; Gauss-Newton in one step, of minimum norm from 0 for any rank', () =>
  property(
    fc.record({
      m: fc.integer({ min: 1, max: 9 }),
      n: fc.integer({ min: 1, max: 9 }),
      rank: fc.integer({ min: 1, max: 9 }),
      seed: fc.integer({ min: 0, max: 1e6 }),
    }),
    ({ m, n, rank, seed }) =>
      scope(() => {
        const k = Math.min(m, n, rank);
        const part = (rows: number, columns: number, s: number) =>
          tensor(numbers(rows * columns, s), { shape: [rows, columns] });
        const a = matmul(part(m, k, seed), part(k, n, seed + 1));
        const b = tensor(numbers(m, seed + 2));
        const want = linalg.lstsq(a, b).x;
        const r = (x: Tensor) => sub(matmul(a, x), b);
        const best = 0.5 * sum(square(r(want))).item();
        const options = { gradientTolerance: 1e-8 };
        const damped = optim.leastSquares(r, zeros([n]), methods[0], options);
        const s = optim.leastSquares(r, zeros([n]), methods[1], options);
        assert.ok(s.iterations <= 1, s.message);
        const { s: values } = linalg.svd(a);
        const condition = values.data()[0] / values.data()[k - 1];
        if (condition > 1e5) return;
        near(s.x.data(), want.data(), 1e-9 * condition);
        // |∇f| <= 1e-8 bounds f by the smallest singular value.
        near([damped.value], [best], 1e-12 + (n * 1e-16) / values.data()[k - 1] ** 2);
      }),
  ));

test('convergence of both is quadratic where the residuals vanish', () =>
  scope(() => {
    const t = tensor([0, 0.5, 1, 1.5, 2]);
    const y = mul(2, exp(mul(-0.7, t)));
    const r = (p: Tensor) => sub(mul(at(p, 0), exp(mul(at(p, 1), t))), y);
    const errors: number[] = [];
    optim.leastSquares(r, tensor([1.5, -0.4]), methods[1], {
      gradientTolerance: 1e-14,
      onIteration: ({ x }) => void errors.push(Math.hypot(x.data()[0] - 2, x.data()[1] + 0.7)),
    });
    const last = errors.filter((e) => e > 1e-14);
    assert.ok(last.length >= 3);
    for (let i = 1; i < last.length; i++) assert.ok(last[i] < 3 * last[i - 1] ** 2, `${errors}`);
    const s = optim.leastSquares(r, tensor([1.5, -0.4]), methods[0], { gradientTolerance: 1e-14 });
    assert.ok(s.iterations < 12);
  }));

test('units of the parameters do not matter to Levenberg-Marquardt', () =>
  scope(() => {
    const { t, y, x0 } = fits[0];
    const [ts, ys] = [tensor(t), tensor(y)];
    const count = (units: number[]) => {
      const r = (p: Tensor) => sub(models['exponential decay'](mul(p, tensor(units)), ts), ys);
      const start = tensor(x0.map((v, i) => v / units[i]));
      return optim.leastSquares(r, start, methods[0], {
        gradientTolerance: 1e-300,
        throws: false,
        trace: true,
      }).trace as { value: number }[];
    };
    const [plain, scaled] = [count([1, 1, 1]), count([1024, 2 ** -20, 1])].map((trace) =>
      trace.slice(0, 6).map(({ value }) => value),
    );
    near(scaled, plain, (i) => 1e-9 * plain[i]);
  }));

test('a tolerance that rounding does not let it reach ends as stalled, soon; functions that read values will do', () =>
  scope(() => {
    const { t, y, x0 } = fits[2];
    const [ts, ys] = [tensor(t), tensor(y)];
    const r = (p: Tensor) => sub(models.logistic(p, ts), mul(ys, p.data().length > 2 ? 1 : 0));
    for (const method of methods) {
      const s = optim.leastSquares(r, tensor(x0), method, { gradientTolerance: 0, throws: false });
      assert.ok((s.status === 'stalled' || s.gradientNorm === 0) && s.iterations < 200, s.message);
      near([s.value], [fits[2].cost], 1e-11 * fits[2].cost);
    }
  }));

test('the damped system: (JᵀJ + μ D²) p = -Jᵀ r, and how much its model falls', () =>
  property(
    fc.record({
      m: fc.integer({ min: 1, max: 9 }),
      n: fc.integer({ min: 1, max: 9 }),
      seed: fc.integer({ min: 0, max: 1e6 }),
    }),
    ({ m, n, seed }) =>
      scope(() => {
        const a = tensor(numbers(m * n, seed), { shape: [m, n] });
        const b = tensor(numbers(m, seed + 1));
        const r = (x: Tensor) => sub(matmul(a, x), b);
        const source = new Residuals('test', ['r', 'x0'], r, tensor(numbers(n, seed + 2)), undefined);
        const fit = new Fit(source, false);
        const system = new DampedSystem(fit);
        const p = zeros([n]);
        system.factor();
        for (const mu of [1e-2, 1, 100]) {
          const predicted = system.solve(mu, p);
          const scaled = mul(sum(square(a), { axis: 0 }), mul(mu, p));
          const normal = add(matmul(a, matmul(a, p), { transposeA: true }), scaled);
          near(add(normal, fit.gradient).data(), new Float64Array(n), 1e-12 * (1 + mu));
          // Without the damping's own term: what 1/2 |r|² falls by.
          near([fit.value - fit.valueAt(1, p)], [predicted], 1e-13);
        }
        source.dispose();
      }),
  ));

test('without a tolerance a fit ends where x is as exact as rounding lets one see, whatever the units of the residuals', () =>
  scope(() => {
    const { t, y, x0, x } = fits[1];
    const [ts, ys] = [tensor(t), tensor(y)];
    for (const method of methods) {
      for (const unit of [1e8, 1e-8]) {
        const r = (p: Tensor) => mul(unit, sub(models['gaussian peak'](p, ts), ys));
        const s = optim.leastSquares(r, tensor(x0), method);
        if (unit > 1) near(s.x.data(), x, 1e-6);
      }
    }
  }));

test('gradients below what the rounding of the value shows are reached, from any start', () =>
  property(
    fc.integer({ min: 0, max: 1e6 }),
    (seed) =>
      scope(() => {
        const [a, x0] = [tensor(numbers(36, seed), { shape: [6, 6] }), tensor(numbers(6, seed + 1))];
        const r = (x: Tensor) => [sub(matmul(a, x), 1), sub(mul(3, x), tanh(x)), tensor(1000)];
        for (const method of methods) {
          const { gradientNorm } = optim.leastSquares(r, x0, method, { gradientTolerance: 1e-12 });
          assert.ok(gradientNorm <= 1e-12);
        }
      }),
    20,
  ));

test('steps to where the residuals are not finite are refused; NaN at the start is said', () =>
  scope(() => {
    const r = (p: Tensor) => sub(log(p), tensor([0, 1]));
    for (const method of methods) {
      near(optim.leastSquares(r, tensor([5, 20]), method).x.data(), [1, Math.E], 1e-6);
      assert.is(optim.leastSquares(r, tensor([-1, 1]), method, { throws: false }).status, 'notFinite');
    }
  }));

test('trees in and out, one number, none, and no residuals', () =>
  scope(() => {
    const x0 = { a: zeros([2, 2]), b: [tensor(5)] };
    const r = ({ a, b }: typeof x0) => ({ one: sub(a, 3), two: [mul(b[0], b[0])] });
    for (const method of methods) {
      const s = optim.leastSquares(r, x0, method);
      near([...s.x.a.data(), s.x.b[0].item()], [3, 3, 3, 3, 0], 1e-2);
      assert.is(s.residuals.size, 5);
      near([optim.leastSquares((x: Tensor) => sub(x, 2), tensor(1), method).x.item()], [2], 1e-6);
      assert.is(optim.leastSquares((x: Tensor) => square(x), zeros([0]), method).status, 'converged');
      assert.is(
        optim.leastSquares((x: Tensor) => slice(x, [0], [0]), zeros([2]), method).status,
        'converged',
      );
    }
  }));

test('no tensors are made from iteration to iteration', () =>
  scope(() => {
    const r = (p: Tensor) => sub(exp(p), tensor([1, 2, 3]));
    for (const method of methods) {
      const counts = new Set<number>();
      optim.leastSquares(r, tensor([3, 3, 3]), method, {
        onIteration: ({ iteration }) => void (iteration > 1 && counts.add(memory().tensors)),
      });
      assert.is(counts.size, 1, method.name);
    }
  }));

test('wrong arguments are named, and nothing leaks', () => {
  scope(() => {
    const x0 = zeros([2]);
    const run = (r: unknown, method: unknown = methods[0], options?: object) =>
      optim.leastSquares(r as never, x0, method as never, options);
    const bad = (f: () => unknown, message: RegExp) => rejects(f, CotangentError, message);
    bad(() => run(3), /residuals must be a function/);
    bad(() => run(() => 3), /residuals must return a tensor/);
    bad(() => run(() => zeros([2], { dtype: 'f32' })), /must return the dtype of its argument, f64, got f32/);
    bad(() => run(square, optim.levenbergMarquardt), /call it/);
    bad(() => run(square, optim.newton()), /method must be a method like/);
    bad(() => run(square, methods[0], { gradientTolerance: -1 }), /gradientTolerance/);
    bad(() => run({ residuals: square, jacobian: () => zeros([3]) }), /jacobian must give a tensor f64/);
    bad(() => optim.levenbergMarquardt({ damping: 0 }), /damping/);
    bad(() => optim.gaussNewton({ lineSearch: 1 as never }), /lineSearch/);
  });
  const before = memory();
  const s = optim.leastSquares((x: Tensor) => sub(x, 3), tensor([1]), methods[0]);
  for (const made of [s.x, s.residuals, s.jacobian]) made.dispose();
  assert.is(memory().tensors, before.tensors + 1);
});

test.run();
