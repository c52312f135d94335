// Gradient descent, and what `minimize` promises of every method: trees, both dtypes, errors, no leaks.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  CotangentError,
  log,
  memory,
  mul,
  optim,
  scope,
  square,
  sub,
  sum,
  tensor,
  zeros,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';

const bowl = (x: ReturnType<typeof tensor>) => sum(square(sub(x, 3)));

test('one step of length 1/2 minimises a sum of squares', () =>
  scope(() => {
    const { x, iterations, converged } = optim.minimize(bowl, zeros([3]), optim.gradientDescent());
    near(x.data(), [3, 3, 3], 0);
    assert.is(iterations, 1);
    assert.ok(converged);
  }));

test('trees and f32', () =>
  scope(() => {
    const x0 = { a: zeros([2], { dtype: 'f32' }), b: [tensor(5, { dtype: 'f32' })] };
    const f = ({ a, b }: typeof x0) => add(bowl(a), square(b[0]));
    const { x, converged } = optim.minimize(f, x0, optim.gradientDescent());
    assert.ok(converged);
    assert.is(x.a.dtype, 'f32');
    near([...x.a.data(), x.b[0].item()], [3, 3, 0], 1e-3);
  }));

test('a function that reads values is not compiled, and an explicit compile says why', () =>
  scope(() => {
    const f = (x: ReturnType<typeof tensor>) => mul(square(sub(x, 3)), x.item() > 0 ? 1 : 2);
    const x0 = tensor(-1);
    near([optim.minimize(f, x0, optim.gradientDescent()).x.item()], [3], 1e-6);
    rejects(
      () => optim.minimize(f, x0, optim.gradientDescent(), { compile: true }),
      CotangentError,
      /reads values/,
    );
  }));

test('derivatives by hand', () =>
  scope(() => {
    const f = {
      value: (x: ReturnType<typeof tensor>) => bowl(x).item(),
      gradient: (x: ReturnType<typeof tensor>) => mul(sub(x, 3), 2),
    };
    const { x, evaluations } = optim.minimize(f, zeros([2]), optim.gradientDescent());
    near(x.data(), [3, 3], 0);
    assert.equal(evaluations, { value: 3, gradient: 2, hessian: 0, product: 0 });
  }));

test('where f is infinite the step is shortened; where it falls for ever, that is said', () =>
  scope(() => {
    const barrier = (x: ReturnType<typeof tensor>) => sub(mul(x, 10), log(x));
    near([optim.minimize(barrier, tensor(1), optim.gradientDescent()).x.item()], [0.1], 1e-6);
    const fall = optim.minimize((x) => mul(x, square(x)), tensor(-1), optim.gradientDescent(), {
      throws: false,
    });
    assert.is(fall.status, 'unbounded');
    const nan = optim.minimize((x) => log(x), tensor(-1), optim.gradientDescent(), { throws: false });
    assert.is(nan.status, 'notFinite');
    assert.not(nan.converged);
  }));

test('a limit that the caller gives is no error, a stop is none, and a trace has a line per iteration', () =>
  scope(() => {
    const f = (x: ReturnType<typeof tensor>) => sum(mul(square(x), tensor([1, 1000])));
    const x0 = tensor([1, 1]);
    const limited = optim.minimize(f, x0, optim.gradientDescent(), { maxIterations: 3, trace: true });
    assert.equal([limited.status, limited.converged, limited.iterations], ['maxIterations', false, 3]);
    assert.equal(
      limited.trace?.map(({ iteration }) => iteration),
      [0, 1, 2, 3],
    );
    const stopped = optim.minimize(f, x0, optim.gradientDescent(), {
      onIteration: ({ iteration, x }) => iteration === 2 && x.size === 2,
    });
    assert.equal([stopped.status, stopped.iterations], ['stopped', 2]);
  }));

test('wrong arguments are named, and nothing leaks', () => {
  scope(() => {
    const [x0, integers] = [zeros([2]), zeros([2], { dtype: 'i32' })];
    const run = (f: unknown, x: unknown, method: unknown, options?: object) =>
      optim.minimize(f as never, x as never, method as never, options);
    const descent = optim.gradientDescent();
    rejects(() => run(3, x0, descent), CotangentError, /f must be a function/);
    rejects(() => run(bowl, 3, descent), CotangentError, /x0 must be a tensor or a tree/);
    rejects(() => run(bowl, integers, descent), CotangentError, /x0 must be f64 or f32/);
    rejects(() => run(bowl, x0, optim.gradientDescent), CotangentError, /call it/);
    rejects(() => run(square, x0, descent), CotangentError, /must return a real scalar/);
    rejects(() => run(bowl, x0, descent, { maxIterations: -1 }), CotangentError, /maxIterations/);
    rejects(
      () => run(bowl, x0, descent, { gradientTolerance: Number.NaN }),
      CotangentError,
      /gradientTolerance/,
    );
    rejects(() => optim.gradientDescent({ lineSearch: 3 as never }), CotangentError, /lineSearch/);
    rejects(() => optim.backtracking({ shrink: 1 }), CotangentError, /shrink must lie between 0 and 1/);
  });
  const before = memory();
  optim.minimize(bowl, tensor([1]), optim.gradientDescent()).x.dispose();
  assert.is(memory().tensors, before.tensors + 1);
});

test.run();
