// How minima over A x = b move with A and b: both modes and orders, trees, compiled; what f captures, and where there is no derivative.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  compile,
  exp,
  grad,
  jvp,
  log,
  matmul,
  mul,
  ones,
  optim,
  scope,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { UnknownValueError } from '#src/ops/tracer.js';
import { near, numbers, rejects } from '../../support/check.js';
import { checkDerivatives } from '../../support/derivatives.js';

const A = () =>
  tensor([
    [1, 2, -1, 0.5],
    [0, 1, 1, 1],
  ]);
const b = () => tensor([0.3, 0.8]);
const f = (x: Tensor) => add(sum(exp(x)), mul(0.5, square(sum(x))));
const options = { gradientTolerance: 1e-12 };
const solve = (M: Tensor, c: Tensor, x0: Tensor = zeros([4])) => {
  const { x, nu } = optim.minimizeEquality(f, x0, { A: M, b: c }, options);
  return { x, nu };
};

test.before(() => scope(() => void slice(ones([3, 3]), [1, 1])));

test('in A and b, to second order; x0 does not matter', () =>
  scope(() => {
    checkDerivatives(solve, [A(), b()], { tolerance: 1e-5 });
    checkDerivatives(solve, [A(), b(), tensor([0.1, 0.2, 0, -0.1])], { order: 1, tolerance: 1e-5 });
  }));

test('trees, and functions with derivatives by hand', () =>
  scope(() => {
    const tree = (M: Tensor, c: Tensor) =>
      optim.minimizeEquality(
        ({ u, v }: { u: Tensor; v: Tensor }) => add(sum(exp(u)), sum(square(v))),
        { u: zeros([]), v: zeros([1, 3]) },
        { A: M, b: c },
        options,
      ).x;
    checkDerivatives(tree, [A(), b()], { tolerance: 1e-5 });
    const hand = {
      value: (x: Tensor) => sum(exp(x)),
      gradient: (x: Tensor) => exp(x),
      hessian: (x: Tensor) =>
        mul(
          exp(x),
          tensor(numbers(0, 1).concat([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), { shape: [4, 4] }),
        ),
    };
    const by = (M: Tensor, c: Tensor) => optim.minimizeEquality(hand, zeros([4]), { A: M, b: c }, options).x;
    checkDerivatives(by, [A(), b()], { tolerance: 1e-5 });
  }));

test('inside plans: the same values and derivatives, with new data every time', () =>
  scope(() => {
    const plan = compile(solve);
    const gradient = grad((c: Tensor) => sum(mul(solve(A(), c).x, tensor([1, 2, 3, 4]))));
    const compiled = compile(gradient);
    for (const other of [b(), tensor([1, 2]), tensor([-0.5, 0])]) {
      const [got, want] = [plan(A(), other, zeros([4])), solve(A(), other)];
      near(got.x.toTypedArray(), want.x.toTypedArray(), 1e-12);
      near(got.nu.toTypedArray(), want.nu.toTypedArray(), 1e-12);
      near(compiled(other).toTypedArray(), gradient(other).toTypedArray(), 1e-10);
    }
    const [M, x0] = [A(), zeros([4])];
    const reading = compile((c: Tensor) => mul(c, optim.minimizeEquality(f, x0, { A: M, b: c }).value));
    const c = b();
    rejects(() => reading(c), UnknownValueError, /^minimizeEquality: value is read while/);
  }));

test('rows that follow from others count as absent', () =>
  scope(() => {
    const g = (M: Tensor, c: Tensor) => sum(mul(solve(M, c).x, tensor([1, 2, 3, 4])));
    const twice = tensor([
      [1, 2, -1, 0.5],
      [0, 1, 1, 1],
      [1, 3, 0, 1.5],
    ]);
    const once = grad((c: Tensor) => g(A(), c))(b());
    const both = grad((c: Tensor) => g(twice, c))(tensor([0.3, 0.8, 1.1]));
    near(both.data(), [once.data()[0], once.data()[1], 0], 1e-10);
  }));

test('a tensor that f captures is not differentiated through: an error, by value or by gradient, in both modes', () =>
  scope(() => {
    const [M, c, x0, w] = [A(), b(), zeros([4]), ones([4])];
    const hand = (v: Tensor) => ({
      value: (x: Tensor) => sum(square(sub(x, v))),
      gradient: (x: Tensor) => mul(sub(x, v), 2),
      hessian: () => mul(tensor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], { shape: [4, 4] }), 2),
    });
    const objectives: Record<string, (v: Tensor) => Parameters<typeof optim.minimizeEquality>[0]> = {
      f: (v) => (x: Tensor) => sum(square(sub(x, v))),
      'f, linear in x': (v) => (x: Tensor) => add(sum(exp(x)), sum(mul(x, v))),
      'f by hand': hand,
    };
    for (const [name, of] of Object.entries(objectives)) {
      const g = (v: Tensor) => sum(optim.minimizeEquality(of(v), x0, { A: M, b: c }).x);
      rejects(() => grad(g)(w), ArgumentError, /differentiated/);
      rejects(() => jvp(g, [w], [w]), ArgumentError, /differentiated/);
      const both = (v: Tensor, right: Tensor) => sum(optim.minimizeEquality(of(v), x0, { A: M, b: right }).x);
      rejects(() => grad(both, [0, 1])(w, c), ArgumentError, /./);
      assert.ok(name);
    }
  }));

test('f32, and the largest entropy on the simplex', () =>
  scope(() => {
    const entropy = (c: Tensor) => {
      const { dtype } = c;
      const g = (x: Tensor) => sum(mul(x, log(x)));
      const x0 = tensor([0.7, 0.2, 0.1], { dtype });
      return sum(
        mul(
          optim.minimizeEquality(g, x0, { A: ones([1, 3], { dtype }), b: c }).x,
          tensor([1, 2, 3], { dtype }),
        ),
      );
    };
    near(grad(entropy)(tensor([1])).data(), [2], 1e-6);
    const single = grad(entropy)(tensor([1], { dtype: 'f32' }));
    assert.is(single.dtype, 'f32');
    near(single.data(), [2], 1e-3);
    near(matmul(A(), solve(A(), b()).x).data(), b().data(), 1e-12);
  }));

test.run();
