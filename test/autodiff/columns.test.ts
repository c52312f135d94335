// Jacobians and Hessians inside compiled programs: one step, the numbers of the function itself, nothing left behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  compile,
  exp,
  grad,
  hessian,
  jacfwd,
  linalg,
  matmul,
  memory,
  mul,
  random,
  sin,
  slice,
  square,
  sub,
  sum,
  type Tensor,
} from '#src/index.js';
import { near } from '../support/check.js';

const rosenbrock = (x: Tensor): Tensor => {
  const [head, tail] = [slice(x, [0], [x.size - 1]), slice(x, [1], [x.size])];
  return sum(add(mul(square(sub(tail, square(head))), 100), square(sub(1, head))));
};

for (const n of [3, 7, 70]) {
  test(`a compiled Hessian of ${n} columns is the Hessian, at every point, in one step for its columns`, () => {
    const plan = compile(hessian(rosenbrock));
    for (const seed of [1, 2]) {
      const x = random(seed).normal([n]);
      const [want, got] = [hessian(rosenbrock)(x) as Tensor, plan(x) as Tensor];
      assert.equal(got.shape, [n, n]);
      near(got.toTypedArray(), Array.from(want.data()), () => 1e-12 * n * 1e3, 'Hessian');
    }
    assert.ok(plan.kernels < 12, `${plan.kernels} steps`);
    plan.dispose();
  });
}

test('trees of arguments and of results', () => {
  const f = ({ w, b }: { w: Tensor; b: Tensor }, x: Tensor) => ({
    y: sin(add(matmul(w, x), b)),
    z: mul(sum(exp(b)), b),
  });
  const params = { w: random(1).normal([3, 4]), b: random(2).normal([3]) };
  const x = random(3).normal([4]);
  type Result = Record<'y' | 'z', { w: Tensor; b: Tensor }>;
  const want = jacfwd(f)(params, x) as Result;
  const plan = compile(jacfwd(f));
  const got = plan(params, x) as Result;
  for (const y of ['y', 'z'] as const) {
    for (const p of ['w', 'b'] as const) {
      assert.equal(got[y][p].shape, want[y][p].shape);
      near(got[y][p].toTypedArray(), Array.from(want[y][p].data()), () => 1e-12, `${y} ${p}`);
    }
  }
  plan.dispose();
});

test('a step of Newton with what solves it, compiled; a derivative through a compiled Hessian', () => {
  const step = (x: Tensor) => sub(x, linalg.solve(hessian(rosenbrock)(x) as Tensor, grad(rosenbrock)(x)));
  const x = add(random(4).normal([5]), 2);
  const plan = compile(step);
  near((plan(x) as Tensor).toTypedArray(), Array.from(step(x).data()), () => 1e-9, 'Newton');
  const trace = (y: Tensor) => sum(linalg.trace(hessian(rosenbrock)(y) as Tensor));
  const through = compile(grad(trace));
  near(
    (through(x) as Tensor).toTypedArray(),
    Array.from((grad(trace)(x) as Tensor).data()),
    () => 1e-8,
    'grad',
  );
  plan.dispose();
  through.dispose();
});

test('plans of Hessians leave nothing behind', () => {
  const x = random(5).normal([9]);
  compile(hessian(rosenbrock))(x);
  const before = memory();
  for (let i = 0; i < 5; i++) {
    const plan = compile(hessian(rosenbrock));
    plan(x);
    plan(x);
    plan.dispose();
  }
  assert.equal({ ...memory(), heapBytes: 0 }, { ...before, heapBytes: 0 });
});

test.run();
