// Roots: Newton, damped, and Broyden; convergence, singular Jacobians, derivatives through implicitRoot.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  atan,
  ConvergenceError,
  CotangentError,
  exp,
  grad,
  implicitRoot,
  matmul,
  memory,
  mul,
  optim,
  scope,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, numbers, property, rejects } from '../support/check.js';
import { problems } from '../support/more-garbow-hillstrom.js';

const methods = [optim.newtonRoot(), optim.broyden()];

test('linear systems in one step', () =>
  property(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 1e6 })), ([n, seed]) =>
    scope(() => {
      const a = add(tensor(numbers(n * n, seed), { shape: [n, n] }), mul(n, eye(n)));
      const x = tensor(numbers(n, seed + 1));
      const F = (y: Tensor) => matmul(a, sub(y, x));
      for (const method of methods) {
        const s = optim.rootFind(F, zeros([n]), method);
        near(s.x.data(), x.data(), 1e-10);
        assert.ok(s.iterations <= 1);
      }
    }),
  ));

const eye = (n: number) =>
  tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j))));

test('convergence of Newton is quadratic, of Broyden faster than linear with one Jacobian', () =>
  scope(() => {
    const F = (y: Tensor) => sub(add(square(y), mul(0.1, sum(y))), tensor([2.2, 3.2]));
    for (const method of methods) {
      const norms: number[] = [];
      const { evaluations } = optim.rootFind(F, tensor([2, 1]), method, {
        tolerance: 1e-14,
        onIteration: ({ gradientNorm }) => void norms.push(gradientNorm),
      });
      const last = norms.filter((r) => r > 1e-14);
      assert.ok(last.length >= 3, `${norms}`);
      if (method.name === 'broyden') {
        assert.is(evaluations.gradient, 1);
        const ratios = last.slice(1).map((r, i) => r / last[i]);
        assert.ok((ratios.at(-1) as number) < 0.05 && (ratios.at(-1) as number) < ratios[0], `${ratios}`);
      } else for (let i = 1; i < last.length; i++) assert.ok(last[i] < last[i - 1] ** 2, `${norms}`);
    }
  }));

test('systems of Moré, Garbow and Hillstrom with as many equations as unknowns', () => {
  const names = [
    'Rosenbrock',
    'Helical valley',
    'Broyden tridiagonal',
    'Brown almost-linear',
    'Powell badly scaled',
  ];
  for (const name of names) {
    const problem = problems.find((p) => p.name === name) as (typeof problems)[number];
    for (const method of methods) {
      scope(() => {
        const s = optim.rootFind(problem.residuals, tensor(problem.x0), method);
        near(problem.residuals(s.x).data(), new Float64Array(problem.n), 1e-9, `${name} by ${method.name}`);
      });
    }
  }
});

test('damping brings it home where the plain iteration diverges', () =>
  scope(() => {
    const plain = optim.newtonRoot({ damping: 'none' });
    assert.not(optim.rootFind(atan, tensor(3), plain, { throws: false, maxIterations: 50 }).converged);
    for (const method of methods) near([optim.rootFind(atan, tensor(3), method).x.item()], [0], 1e-9);
  }));

test('steps to where F is not finite are shortened', () =>
  scope(() => {
    const F = (y: Tensor) => sub(sqrt(y), 0.1);
    for (const method of methods) near([optim.rootFind(F, tensor(4), method).x.item()], [0.01], 1e-9);
    assert.is(optim.rootFind(F, tensor(-1), methods[0], { throws: false }).status, 'notFinite');
  }));

test('a singular Jacobian, and a minimum of |F| that is no root, are said', () =>
  scope(() => {
    for (const method of methods) {
      const singular = optim.rootFind((y: Tensor) => sub(square(y), 1), tensor(0), method, { throws: false });
      assert.equal([singular.status, singular.converged], ['singular', false]);
      const none = optim.rootFind((y: Tensor) => add(square(y), 1), tensor(0.3), method, {
        throws: false,
        maxIterations: 500,
      });
      assert.not(none.converged);
    }
    assert.throws(
      () => optim.rootFind((y: Tensor) => sub(square(y), 1), tensor(0), methods[0]),
      (error: unknown) => {
        assert.instance(error, ConvergenceError);
        return true;
      },
    );
  }));

test('without a tolerance it stops where steps are lost in rounding', () =>
  scope(() => {
    const F = (y: Tensor) => mul(1e12, sub(square(y), 2));
    for (const method of methods) {
      const s = optim.rootFind(F, tensor(1), method, { throws: false });
      assert.ok(s.converged, s.message);
      near([s.x.item()], [Math.SQRT2], 1e-15);
    }
  }));

test('trees, f32, none, and a Jacobian by hand', () =>
  scope(() => {
    const f32 = { dtype: 'f32' } as const;
    const y0 = { a: tensor([1, 1], f32), b: tensor(1, f32) };
    const F = ({ a, b }: typeof y0) => [sub(square(a), 2), sub(b, sum(a))];
    for (const method of methods) {
      const { x } = optim.rootFind(F, y0, method);
      assert.is(x.b.dtype, 'f32');
      near([...x.a.data(), x.b.item()], [Math.SQRT2, Math.SQRT2, 2 * Math.SQRT2], 1e-4);
      assert.ok(optim.rootFind((y: Tensor) => y, zeros([0]), method).converged);
      const given = { residuals: (y: Tensor) => sub(square(y), 2), jacobian: (y: Tensor) => mul(2, y) };
      near([optim.rootFind(given, tensor(1), method).x.item()], [Math.SQRT2], 1e-9);
    }
  }));

test('implicitRoot differentiates through the solver', () =>
  scope(() => {
    const F = (theta: Tensor, y: Tensor) => sub(add(exp(y), mul(0.5, matmul(theta, y))), 2);
    const theta = tensor([
      [2, 0.3],
      [-0.4, 1],
    ]);
    for (const method of methods) {
      const root = implicitRoot(
        F,
        (t: Tensor, y0: Tensor) => optim.rootFind((y: Tensor) => F(t, y), y0, method).x,
      );
      const f = (t: Tensor) => sum(square(root(t, zeros([2]))));
      const g = grad(f)(theta) as Tensor;
      const step = 1e-5;
      const differences = Array.from({ length: 4 }, (_, k) => {
        const moved = (h: number) =>
          f(
            tensor(
              Array.from(theta.data(), (v, i) => v + (i === k ? h : 0)),
              { shape: [2, 2] },
            ),
          ).item();
        return (moved(step) - moved(-step)) / (2 * step);
      });
      near(g.data(), differences, 1e-7);
    }
    const babylonian = implicitRoot(
      (t: Tensor, y: Tensor) => sub(square(y), t),
      (t: Tensor, y0: Tensor) => optim.rootFind((y: Tensor) => sub(square(y), t), y0, methods[0]).x,
    );
    near([grad(babylonian)(tensor(4), tensor(1)).item()], [0.25], 1e-9);
  }));

test('wrong arguments are named, and nothing leaks', () => {
  scope(() => {
    const y0 = tensor([1, 2]);
    const run = (F: unknown, method: unknown = methods[0], options?: object) =>
      optim.rootFind(F as never, y0, method as never, options);
    const bad = (f: () => unknown, message: RegExp) => rejects(f, CotangentError, message);
    bad(() => run(2), /F must be a function/);
    bad(() => run(sum), /F must give as many numbers as y0 has, 2, got 1/);
    bad(() => run(square, optim.broyden), /call it/);
    bad(() => run(square, optim.anderson()), /method must be a method like optim.newtonRoot/);
    bad(() => run(square, methods[0], { tolerance: -1 }), /tolerance must be a number of at least 0/);
    bad(() => optim.newtonRoot({ damping: 'some' as never }), /damping/);
  });
  const before = memory();
  optim.rootFind((y: Tensor) => sub(y, 3), tensor([1]), methods[1]).x.dispose();
  assert.is(memory().tensors, before.tensors + 1);
});

test.run();
