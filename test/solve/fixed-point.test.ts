// Fixed points: Picard, and Anderson, which is faster.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  CotangentError,
  cos,
  div,
  exp,
  grad,
  implicitRoot,
  linalg,
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

const methods = [optim.picard(), optim.anderson()];

/** T(y) = A y + b with eigenvalues in [low, high]. */
function linearMap(n: number, low: number, high: number, seed: number) {
  const { q } = linalg.qr(tensor(numbers(n * n, seed), { shape: [n, n] }));
  const values = tensor(Array.from({ length: n }, (_, i) => low + ((high - low) * i) / Math.max(1, n - 1)));
  const a = matmul(mul(q, values), q, { transposeB: true });
  const x = tensor(numbers(n, seed + 1));
  return { T: (y: Tensor) => add(matmul(a, sub(y, x)), x), x };
}

test('linear contractions: both reach the fixed point, Anderson with a full history within n + 1 steps and a few', () =>
  property(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 1e6 })), ([n, seed]) =>
    scope(() => {
      const { T, x } = linearMap(n, -0.8, 0.9, seed);
      near(optim.fixedPoint(T, zeros([n]), methods[0]).x.data(), x.data(), 2e-8);
      const s = optim.fixedPoint(T, zeros([n]), optim.anderson({ history: n }));
      near(s.x.data(), x.data(), 2e-8);
      assert.ok(s.iterations <= n + 4, s.message);
    }),
  ));

test('Anderson takes far fewer steps than Picard, whose rate is that of the contraction', () =>
  scope(() => {
    const { T } = linearMap(50, 0, 0.99, 4);
    const [plain, fast] = methods.map((method) => optim.fixedPoint(T, zeros([50]), method, { trace: true }));
    const norms = (plain.trace ?? []).map(({ value }) => value).slice(-20);
    for (let i = 1; i < norms.length; i++) near([norms[i] / norms[i - 1]], [0.99], 1e-3);
    assert.ok(5 * fast.iterations < plain.iterations, `${fast.iterations} and ${plain.iterations}`);
  }));

test('Anderson converges where Picard does not', () =>
  scope(() => {
    const { T, x } = linearMap(4, -3, -1.5, 8);
    const plain = optim.fixedPoint(T, zeros([4]), methods[0], { throws: false });
    assert.is(plain.status, 'notFinite');
    near(optim.fixedPoint(T, zeros([4]), methods[1]).x.data(), x.data(), 1e-8);
    const slow = optim.fixedPoint(T, zeros([4]), optim.picard({ mixing: 0.4 }));
    near(slow.x.data(), x.data(), 1e-8);
  }));

test('cos, where x is the Dottie number, and a tree in f32', () =>
  scope(() => {
    for (const method of methods) {
      near([optim.fixedPoint(cos, tensor(1), method).x.item()], [0.7390851332151607], 1e-9);
      const y0 = { a: tensor([1, 2], { dtype: 'f32' }), b: tensor(3, { dtype: 'f32' }) };
      const T = ({ a, b }: typeof y0) => ({ a: cos(a), b: add(mul(b, 0.5), 1) });
      const { x } = optim.fixedPoint(T, y0, method);
      near([...x.a.data(), x.b.item()], [0.739085, 0.739085, 2], 1e-3);
      assert.ok(optim.fixedPoint((y: Tensor) => y, zeros([0]), method).converged);
    }
  }));

test('where a step of Anderson leads out of the domain it goes back to a plain one', () =>
  scope(() => {
    // The secant through the first two residuals leads to 1.02, where T is NaN; 0.00100100… is what plain steps go to.
    const T = (y: Tensor) => add(add(square(y), 1e-3), mul(0, sqrt(sub(0.95, y))));
    const want = (1 - Math.sqrt(1 - 4e-3)) / 2;
    near([optim.fixedPoint(T, tensor(0.9), methods[1]).x.item()], [want], 1e-9);
    const s = optim.fixedPoint(sqrt, tensor(-1), methods[1], { throws: false });
    assert.is(s.status, 'notFinite');
  }));

test('without a tolerance it stops where T(y) is y but for rounding', () =>
  scope(() => {
    for (const c of numbers(20, 5)) {
      const T = (y: Tensor) => mul(1e10, cos(add(mul(0.9e-10, y), 0.5 * c * c)));
      for (const method of methods) {
        const { value } = optim.fixedPoint(T, tensor(1e10), method);
        assert.ok(value < 1e-4);
      }
    }
  }));

test('a tolerance that rounding does not let it reach ends as stalled, soon', () =>
  scope(() => {
    for (const method of methods) {
      const s = optim.fixedPoint((y: Tensor) => cos(add(y, tensor(numbers(9, 1)))), zeros([9]), method, {
        tolerance: 0,
        throws: false,
      });
      assert.ok((s.status === 'stalled' || s.value === 0) && s.iterations < 1000, s.message);
    }
  }));

test('implicitRoot differentiates the fixed point', () =>
  scope(() => {
    const T = (theta: Tensor, y: Tensor) => div(exp(mul(theta, y)), 4);
    for (const method of methods) {
      const solver = (theta: Tensor, y0: Tensor) =>
        optim.fixedPoint((y: Tensor) => T(theta, y), y0, method).x;
      const point = implicitRoot((theta: Tensor, y: Tensor) => sub(T(theta, y), y), solver);
      const [theta, y0] = [tensor([0.5, 0.8]), zeros([2])];
      const y = point(theta, y0).data();
      // y = exp(θ y) / 4: dy/dθ = y² / (1 - θ y).
      const want = [0, 1].map((i) => y[i] ** 2 / (1 - theta.data()[i] * y[i]));
      near(grad((t: Tensor) => sum(point(t, y0)))(theta).data(), want, 1e-8);
    }
  }));

test('no tensors are made from iteration to iteration', () =>
  scope(() => {
    for (const method of methods) {
      const counts = new Set<number>();
      optim.fixedPoint(cos, tensor([1, 2, 3]), method, {
        onIteration: ({ iteration }) => void (iteration > 1 && counts.add(memory().tensors)),
      });
      assert.is(counts.size, 1, method.name);
    }
  }));

test('wrong arguments are named, and nothing leaks', () => {
  scope(() => {
    const y0 = tensor([1, 2]);
    const run = (T: unknown, method: unknown = methods[0], options?: object) =>
      optim.fixedPoint(T as never, y0, method as never, options);
    const bad = (f: () => unknown, message: RegExp) => rejects(f, CotangentError, message);
    bad(() => run(2), /T must be a function/);
    bad(() => run(sum), /the result of T must match its f64 \[2\], got f64 \[\]/);
    bad(() => run(cos, optim.anderson), /call it/);
    bad(() => run(cos, optim.newtonRoot()), /method must be a method like optim.anderson/);
    bad(() => run(cos, methods[0], { gradientTolerance: -1 }), /tolerance must be a number of at least 0/);
    bad(() => optim.anderson({ history: 0 }), /history/);
    bad(() => optim.picard({ mixing: 2 }), /mixing/);
  });
});

test.run();
