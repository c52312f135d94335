// Newton's method, with a matrix and without: quadratic convergence, indefinite Hessians, both dtypes, errors.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  CotangentError,
  cos,
  hessian,
  linalg,
  log,
  matmul,
  memory,
  mul,
  ones,
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
import { dogleg } from '#src/optim/newton/dogleg.js';
import { steihaug } from '#src/optim/newton/steihaug.js';
import { Objective } from '#src/solve/objective.js';
import { near, numbers, property, rejects } from '../support/check.js';
import { averagedRosenbrock as rosenbrock } from '../support/rosenbrock.js';

const MODIFICATIONS = ['eigenvalues', 'absolute', 'cholesky'] as const;
const methods = [
  ...MODIFICATIONS.map((modification) => optim.newton({ modification })),
  optim.newtonCg(),
  optim.trustRegion(),
  optim.trustRegion({ subproblem: 'dogleg', radius: 100 }),
];

test('one step of Newton minimises a quadratic', () =>
  property(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 1e6 })), ([n, seed]) =>
    scope(() => {
      const b = tensor(numbers(n * n, seed), { shape: [n, n] });
      const a = add(matmul(b, b, { transposeB: true }), mul(linalg.inv(mul(tensor(identity(n)), 2)), 2));
      const x = tensor(numbers(n, seed + 1));
      const f = (z: Tensor) => mul(sum(mul(sub(z, x), matmul(a, sub(z, x)))), 0.5);
      for (const modification of MODIFICATIONS) {
        const s = optim.minimize(f, zeros([n]), optim.newton({ modification }));
        assert.ok(s.iterations <= 1);
        near(s.x.data(), x.data(), 1e-12);
      }
    }),
  ));

const identity = (n: number) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));

test('convergence of Newton is quadratic: the error is squared from step to step', () =>
  scope(() => {
    const errors: number[] = [];
    const f = (x: Tensor) => sub(sum(mul(x, x)), sum(log(x)));
    optim.minimize(f, tensor([0.3, 1.5]), optim.newton(), {
      gradientTolerance: 1e-13,
      onIteration: ({ x }) => {
        errors.push(Math.max(...(x.data() as Float64Array).map((v) => Math.abs(v - Math.SQRT1_2))));
      },
    });
    const last = errors.filter((e) => e > 1e-15 && e < 0.2);
    assert.ok(last.length >= 3);
    for (let i = 1; i < last.length; i++) assert.ok(last[i] < 2.5 * last[i - 1] ** 2, `${errors}`);
  }));

test('an indefinite Hessian: the step is that of the eigenvalues cut off from below', () =>
  scope(() => {
    // H = diag(2, -4) turned, g at x; p = -V max(λ, 1e-6)⁻¹ Vᵀ g, and -V |λ|⁻¹ Vᵀ g.
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    const h = tensor([
      [2 * c * c - 4 * s * s, 6 * c * s],
      [6 * c * s, 2 * s * s - 4 * c * c],
    ]);
    const g = (x: Tensor) => matmul(h, x);
    const f = { value: (x: Tensor) => mul(sum(mul(x, g(x))), 0.5).item(), gradient: g, hessian: () => h };
    const x0 = tensor([1, 2]);
    const [u, v] = [c + 2 * s, -s + 2 * c];
    for (const [modification, along] of [
      ['absolute', v],
      ['eigenvalues', 0.25e-6 ** -1 * v],
    ] as const) {
      const result = optim.minimize(f, x0, optim.newton({ modification }), {
        maxIterations: 1,
        throws: false,
      });
      const want = [1 - u * c - along * s, 2 - u * s + along * c];
      near(result.x.data(), want, 1e-9 * Math.abs(along));
    }
  }));

test('from a maximum and a saddle, every method gets to the minimum', () =>
  scope(() => {
    const f = (x: Tensor) => sum(add(mul(square(square(x)), 0.25), mul(square(x), -0.5)));
    for (const method of methods) {
      const { x } = optim.minimize(f, tensor([0.01, -0.02, 0.9]), method, { gradientTolerance: 1e-10 });
      near(Array.from(x.data(), Math.abs), [1, 1, 1], 1e-9, method.name);
    }
  }));

test('where f is not finite the steps are shortened', () =>
  scope(() => {
    const f = (x: Tensor) => sum(sub(mul(x, 10), log(x)));
    for (const method of methods)
      near(
        optim.minimize(f, tensor([1, 0.001]), method, { gradientTolerance: 1e-9 }).x.data(),
        [0.1, 0.1],
        1e-10,
      );
    const s = optim.minimize((x: Tensor) => sum(log(x)), tensor([-1]), optim.newton(), { throws: false });
    assert.is(s.status, 'notFinite');
  }));

test('gradients far below what the rounding of f shows are reached, from any start', () =>
  property(
    fc.integer({ min: 0, max: 1e6 }),
    (seed) =>
      scope(() => {
        const [a, x0] = [tensor(numbers(36, seed), { shape: [6, 6] }), tensor(numbers(6, seed + 1))];
        const f = (x: Tensor) => add(sum(square(sub(x, cos(matmul(a, x))))), add(sum(square(x)), 1000));
        for (const method of methods) {
          const s = optim.minimize(f, x0, method, { gradientTolerance: 1e-12 });
          assert.ok(s.gradientNorm <= 1e-12, method.name);
        }
      }),
    20,
  ));

test('a tolerance that rounding does not let it reach ends as stalled, soon', () =>
  scope(() => {
    const f = (x: Tensor) => add(sum(square(sub(x, cos(mul(x, 3))))), 1);
    for (const method of methods) {
      const s = optim.minimize(f, tensor(numbers(9, 1)), method, { gradientTolerance: 0, throws: false });
      assert.ok((s.status === 'stalled' || s.gradientNorm === 0) && s.iterations < 100, s.message);
    }
  }));

test('a positive eigenvalue below the cut-off is raised to it', () =>
  scope(() => {
    const h = tensor([
      [2, 0],
      [0, 1e-8],
    ]);
    const g = (x: Tensor) => matmul(h, x);
    const f = { value: (x: Tensor) => mul(sum(mul(x, g(x))), 0.5).item(), gradient: g, hessian: () => h };
    for (const [cutoff, want] of [
      [1e-6, 0.99],
      [1e-9, 0],
    ]) {
      const options = { gradientTolerance: 1e-300, maxIterations: 1 };
      const { x } = optim.minimize(f, tensor([1, 1]), optim.newton({ cutoff }), options);
      near(x.data(), [0, want], 1e-12);
    }
  }));

test('the models of trust regions predict what a quadratic does, within the radius', () =>
  property(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 1e6 })), ([n, seed]) =>
    scope(() => {
      const b = tensor(numbers(n * n, seed), { shape: [n, n] });
      const h = add(matmul(b, b, { transposeB: true }), tensor(identity(n)));
      const [c, x0] = [tensor(numbers(n, seed + 1)), tensor(numbers(n, seed + 2))];
      const f = (x: Tensor) => add(mul(0.5, sum(mul(x, matmul(h, x)))), sum(mul(c, x)));
      const objective = new Objective('test', f, x0, undefined);
      const descent = new DescentState(objective, objective.parameters.start());
      for (const subproblem of [steihaug, dogleg]) {
        const model = subproblem(descent);
        const p = zeros([n]);
        assert.ok(model.prepare());
        for (const radius of [1e-3, 0.3, 100]) {
          const { predicted, isInside } = model.step(radius, p);
          near([f(x0).item() - f(add(x0, p)).item()], [predicted], 1e-12);
          const length = Math.hypot(...(p.data() as Float64Array));
          assert.ok(isInside ? length <= radius : Math.abs(length - radius) <= 1e-12 * radius);
        }
      }
      objective.dispose();
    }),
  ));

test('trees, f32, one number and none', () =>
  scope(() => {
    const f32 = { dtype: 'f32' } as const;
    for (const method of methods) {
      const x0 = { a: zeros([2, 2], f32), b: [tensor(5, f32)] };
      const f = ({ a, b }: typeof x0) => add(sum(square(sub(a, 3))), square(square(b[0])));
      const { x, converged } = optim.minimize(f, x0, method);
      assert.ok(converged, method.name);
      assert.equal([x.a.dtype, x.a.shape], ['f32', [2, 2]]);
      near([...x.a.data()], [3, 3, 3, 3], 1e-3);
      near([optim.minimize((z: Tensor) => square(sub(z, 2)), tensor(1), method).x.item()], [2], 1e-9);
      assert.is(optim.minimize((z: Tensor) => sum(square(z)), zeros([0]), method).status, 'converged');
    }
  }));

test('averaged Rosenbrock, n = 50: 500 iterations are enough for 1e-9, and f32 gets to its own limits', () =>
  scope(() => {
    for (const method of methods) {
      const s = optim.minimize(rosenbrock, random(7).normal([50]), method, {
        gradientTolerance: 1e-9,
        maxIterations: 500,
      });
      assert.ok(s.converged, `${method.name}: ${s.message}`);
      near(s.x.data(), Array(50).fill(1), 1e-5);
      const rough = optim.minimize(rosenbrock, random(7).normal([50], { dtype: 'f32' }), method);
      assert.ok(rough.converged, `${method.name}: ${rough.message}`);
    }
  }));

test('averaged Rosenbrock, n = 1000: without a matrix in seconds, with one as well; its condition is 3613', () =>
  scope(() => {
    const f = rosenbrock;
    for (const method of [optim.newtonCg(), optim.trustRegion()])
      assert.ok(optim.minimize(f, random(7).normal([1000]), method, { gradientTolerance: 1e-9 }).converged);
    const near1 = add(ones([1000]), mul(random(7).normal([1000]), 0.02));
    assert.ok(optim.minimize(f, near1, optim.newton(), { gradientTolerance: 1e-9 }).converged);
    for (const [n, condition] of [
      [10, 3534.5],
      [1000, 3613],
    ]) {
      const values = linalg.eigvalsh(hessian(f)(ones([n]))).data();
      near([values[n - 1] / values[0]], [condition], 0.05);
    }
  }));

test("Newton-CG takes no more iterations than scipy's, and all in all no more values of f", () =>
  scope(() => {
    const { runs } = JSON.parse(readFileSync('test/fixtures/newton-cg.json', 'utf8'));
    let values = 0;
    for (const { n, z0, nit, nfev } of runs) {
      const s = optim.minimize(rosenbrock, tensor(z0), optim.newtonCg(), { gradientTolerance: 1e-8 });
      assert.ok(s.iterations <= nit, `${n}: ${s.message}`);
      values += s.evaluations.value - 1.1 * nfev;
    }
    assert.ok(values <= 0);
  }));

test('no tensors are made from iteration to iteration', () =>
  scope(() => {
    for (const method of methods) {
      const counts = new Set<number>();
      optim.minimize(rosenbrock, random(3).normal([8]), method, {
        onIteration: ({ iteration }) => void (iteration > 1 && counts.add(memory().tensors)),
      });
      assert.is(counts.size, 1, method.name);
    }
  }));

test('bad options are named', () => {
  const bad = (f: () => unknown, message: RegExp) => rejects(f, CotangentError, message);
  bad(() => optim.newton({ modification: 'none' as never }), /modification must be 'eigenvalues'/);
  bad(() => optim.newton({ cutoff: -1 }), /cutoff must be a number of at least 0/);
  bad(() => optim.newton(3 as never), /options must be an object/);
  bad(() => optim.newtonCg({ innerIterations: 0 }), /innerIterations/);
  bad(() => optim.newtonCg({ lineSearch: {} as never }), /lineSearch/);
  bad(() => optim.trustRegion({ subproblem: 'exact' as never }), /subproblem must be 'dogleg' or 'steihaug'/);
  bad(() => optim.trustRegion({ radius: 0 }), /radius/);
  bad(() => optim.trustRegion({ eta: 0.3 }), /eta/);
  scope(() => {
    const x0 = tensor([1]);
    const given = { value: (x: Tensor) => sum(square(x)), gradient: (x: Tensor) => mul(x, 2) };
    bad(() => optim.minimize(given, x0, optim.newton()), /needs f.hessian/);
    bad(() => optim.minimize(given, x0, optim.newtonCg()), /needs f.product/);
    const wrong = { ...given, hessian: () => zeros([2, 2]) };
    bad(() => optim.minimize(wrong, x0, optim.newton()), /hessian must give a tensor f64/);
  });
});

test.run();
