// checkGradients: it passes what is right, and names what is wrong. The test tool built on it, too.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences } from '#src/autodiff/differences.js';
import {
  ArgumentError,
  add,
  checkGradients,
  customJvp,
  customVjp,
  div,
  GradientError,
  kernels,
  matmul,
  mul,
  ones,
  random,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const cube = (x: Tensor): Tensor => mul(x, mul(x, x));

test('right derivatives pass, to second order, for trees and several results', () => {
  scope(() => {
    const w = { a: random(1).normal([3, 2]), list: [random(2).normal([2]), 'name'] };
    const x = random(3).normal([4, 3]);
    const f = (p: typeof w, z: Tensor) => {
      const y = add(matmul(z, p.a), p.list[0] as Tensor);
      return { y: cube(y), rest: [div(sum(z), 3)] };
    };
    assert.ok(checkGradients(f, [w, x], { order: 2 }) < 1e-8);
    checkDerivatives(f, [w, x]);
  });
});

test('arguments of i32, numbers, scalars, empty tensors and large ones', () => {
  scope(() => {
    checkGradients((x: Tensor, n: Tensor) => [mul(x, 2), n], [ones([2]), tensor([1], { dtype: 'i32' })]);
    checkGradients((x: Tensor) => cube(x), [2], { order: 2 });
    checkDerivatives((x: Tensor) => cube(x), [ones([0, 3])]);
    checkDerivatives((x: Tensor) => sum(cube(x)), [random(1).normal([20, 30])]);
    checkGradients((x: Tensor) => sum(cube(x)), [ones([3], { dtype: 'f32' })], { order: 2 });
  });
});

/** x³ with a rule that is wrong in its third entry. */
const wrongVjp = customVjp(
  (x: Tensor) => ({ value: cube(x), residuals: x }),
  (x: Tensor, ct: Tensor) => [mul(ct, mul(mul(x, x), tensor([3, 3, 3.1])))],
);
const wrongJvp = customJvp(
  (x: Tensor) => cube(x),
  ([x], [t]) => ({ value: cube(x), tangent: mul(t, mul(mul(x, x), 2.9)) }),
);

test('a wrong rule is named with its worst entry', () => {
  rejects(
    () =>
      scope(() =>
        checkGradients((p: { w: Tensor[] }) => wrongVjp(p.w[1]), [{ w: [ones([2]), tensor([1, 2, 3])] }]),
      ),
    GradientError,
    /^checkGradients: vjp for argument 0\.w\[1\] at \[2\]: the rules give 27\.9.*, differences 27.*1e-6 is wanted/,
  );
  let caught: GradientError | undefined;
  try {
    scope(() =>
      checkGradients((_: Tensor, x: Tensor) => wrongVjp(x), [ones([]), tensor([1, 2, 3])], {
        modes: ['vjp'],
      }),
    );
  } catch (error) {
    caught = error as GradientError;
  }
  assert.is(caught?.argument, 1);
  assert.equal(caught?.index, [2]);
  near([caught?.analytic as number, caught?.numeric as number], [27.9, 27], 1e-8);
  rejects(
    () => scope(() => checkGradients(wrongJvp, [ones([100])])),
    GradientError,
    /jvp for argument 0 along a random/,
  );
  checkGradients(wrongVjp, [ones([3])], { tolerance: 0.1 });
});

test('a rule whose own derivative is wrong is found by order 2 only', () => {
  // The gradient is right where it is taken, but its factor is cut from x.
  const cut = customVjp(
    (x: Tensor) => ({ value: cube(x), residuals: x.toTypedArray() }),
    (x: Float64Array, ct: Tensor) => [mul(ct, mul(3, mul(tensor(x), tensor(x))))],
  );
  scope(() => {
    const x = tensor([1, 2, 3]);
    checkGradients(cut, [x]);
    assert.throws(() => checkGradients(cut, [x], { order: 2 }), /vjp of the gradient for argument 0/);
    assert.throws(() => checkGradients(cut, [x], { order: 2, modes: ['jvp'] }), /jvp of the tangent/);
    assert.throws(() => checkDerivatives(cut, [x]), /of the gradient.*SEED=/);
  });
});

test('NaN in a derivative is an error, not a pass', () => {
  const nan = customVjp(
    (x: Tensor) => ({ value: cube(x), residuals: x }),
    (_, ct: Tensor) => [mul(ct, Number.NaN)],
  );
  rejects(() => scope(() => checkGradients(nan, [ones([2])])), GradientError, /the rules give NaN/);
});

test('the test tool finds gradients that are not symmetric, and memory left behind', () => {
  const x = ones([2, 2]);
  const kernel = () =>
    tensor([
      [1, 2],
      [3, 4],
    ]);
  assert.throws(
    () => checkDerivatives((a: Tensor) => mul(a, kernel()), [x], { symmetric: true }),
    /not symmetric/,
  );
  checkDerivatives((a: Tensor) => mul(add(a, transpose(a)), kernel()), [x], { symmetric: [0] });
  const blocks: number[] = [];
  const leaks = (a: Tensor) => {
    blocks.push(kernels.alloc(64));
    return mul(a, a);
  };
  let message = '';
  try {
    checkDerivatives(leaks, [x]);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.match(message, /no memory behind/);
  for (const block of blocks) kernels.free(block);
  x.dispose();
});

test('differences: twelve digits where steps are free, and past kinks and the edge of the domain', () => {
  const steps = { step: 2 ** -7, count: 6 };
  const along = (f: (x: number) => number, x: number) =>
    differences((t) => Float64Array.of(f(x + t)), 1, steps)[0];
  near([along(Math.exp, 1)], [Math.E], 1e-11);
  near([along(Math.abs, 1e-3)], [1], 1e-9);
  near([along(Math.sqrt, 1e-3)], [0.5 / Math.sqrt(1e-3)], 1e-6);
  near([along(Math.log, 1e-2)], [100], 1e-6);
  assert.is(
    along(() => 3, 1),
    0,
  );
  assert.ok(Number.isNaN(along(() => Number.NaN, 1)));
});

test('errors of the call', () => {
  const x = ones([2]);
  const f = (y: Tensor) => sub(y, 1);
  rejects(() => checkGradients(f, x as never), ArgumentError, /args must be an array/);
  rejects(() => checkGradients(f, [x], { order: 3 as never }), ArgumentError, /order must be 1 or 2, got 3/);
  rejects(() => checkGradients(f, [x], { modes: ['grad' as never] }), ArgumentError, /modes must list/);
  for (const at of ['kinks', ['edges'], [1], null])
    rejects(() => checkGradients(f, [x], { at: at as never }), ArgumentError, /at must list some of 'kinks'/);
  rejects(() => checkGradients(f, [x], { step: 0 }), ArgumentError, /step must be between 0 and 1, got 0/);
  rejects(
    () => scope(() => checkGradients(() => 0, ['name'])),
    ArgumentError,
    /must have f64 or f32 tensors/,
  );
  x.dispose();
});

test.run();
