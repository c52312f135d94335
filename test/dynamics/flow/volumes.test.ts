// The rows of an explicit step against the same step in operations: values, derivatives in both modes, higher orders, batches, plans; and the adjoint identity.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { volumesAdjointOp, volumesStepOp, volumesTangentOp } from '#src/dynamics/flow/volumes.js';
import { composedStep, forceOn } from '#src/dynamics/flow/volumes-composed.js';
import { add, compile, grad, hvp, jvp, mul, random, scope, square, sum, type Tensor, tensor, trace, vjp } from '#src/index.js'; // biome-ignore format: short
import { apply } from '#src/ops/op.js';
import { near, seed } from '../../support/check.js';
import { checkDerivatives, inner } from '../../support/derivatives.js';

const params = { s: 0.12, viscosity: 0.02, damping: 0.03 };
const step = (x: Tensor, force: Tensor): Tensor => apply(volumesStepOp, [x, force], params);
const composed = (x: Tensor, force: Tensor): Tensor => add(composedStep(x, params), forceOn(force, x));
const T = (shape: number[], from = 1, dtype: 'f64' | 'f32' = 'f64') =>
  random(seed + from).normal(shape, { dtype });
/** Numbers of which none lies near a kink: differences do not cross one. */
const fixed = (shape: number[], from = 1) => random(from).normal(shape);

for (const dtype of ['f64', 'f32'] as const) {
  const limit = dtype === 'f64' ? 1e-13 : 1e-4;
  test(`the kernels are the operations (${dtype})`, () => {
    for (const shape of [[2, 1, 1], [2, 2, 2], [2, 3, 3], [3, 2, 4, 4], [2, 1, 2, 5, 5], [2, 9, 9], [0, 2, 4, 4]]) // biome-ignore format: short
      scope(() => {
        const n = shape[shape.length - 1];
        const [x, v, g] = [1, 2, 3].map((k) => T(shape, k, dtype));
        const [force, tf] = [T([n], 4, dtype), T([n], 5, dtype)];
        const where = `${shape} [SEED=${seed}]`;
        const [got, want] = [step, composed].map((f) => jvp(f, [x, force], [v, tf]));
        near(got.value.data(), want.value.data(), limit, `value ${where}`);
        near(got.tangent.data(), want.tangent.data(), limit, `tangent ${where}`);
        const [mine, other] = [step, composed].map((f) => vjp(f, x, force).pullback(g));
        near(mine[0].data(), other[0].data(), limit, `cotangent ${where}`);
        near(mine[1].data(), other[1].data(), limit * 30, `cotangent of the force ${where}`);
      });
  });
}

test('where a face stands still, both take the same side', () => {
  for (const still of [0, 1])
    scope(() => {
      const n = 6;
      // One component stands still, and is carried by faces of speed 0; the other varies.
      const flags = tensor(still === 0 ? [0, 1] : [1, 0], { shape: [2, 1, 1] });
      const [x, v, g, force] = [mul(T([2, n, n]), flags), T([2, n, n], 2), T([2, n, n], 3), T([n], 4)];
      const [got, want] = [step, composed].map((f) => jvp((y: Tensor) => f(y, force), [x], [v]).tangent);
      near(got.data(), want.data(), 1e-13, `tangent [SEED=${seed}]`);
      const [mine, other] = [step, composed].map((f) => vjp((y: Tensor) => f(y, force), x).pullback(g)[0]);
      near(mine.data(), other.data(), 1e-13, `cotangent [SEED=${seed}]`);
    });
});

test('<u, J v> = <Jᵀ u, v>', () => {
  for (const n of [1, 2, 3, 4, 7, 16])
    scope(() => {
      const [x, u, v, force] = [T([2, n, n]), T([2, n, n], 2), T([2, n, n], 3), T([n], 4)];
      const f = (y: Tensor) => step(y, force);
      const [there, again] = [inner([u], [jvp(f, [x], [v]).tangent]), inner(vjp(f, x).pullback(u), [v])];
      const error = Math.abs(there.value - again.value);
      assert.ok(error <= 1e-13 * (there.size + again.size), `n = ${n}: ${error} [SEED=${seed}]`);
    });
});

test('the step against differences, to second order', () => {
  for (const n of [2, 3]) {
    const [x, force] = [fixed([2, n, n], n), fixed([n], 13)];
    checkDerivatives((y: Tensor, f: Tensor) => square(step(y, f)), [x, force]);
  }
});

test('its derivatives against differences', () => {
  for (const n of [3, 4])
    for (const op of [volumesTangentOp, volumesAdjointOp]) {
      const [x, v] = [fixed([2, n, n], n), fixed([2, n, n], 12)];
      checkDerivatives((y: Tensor, z: Tensor) => apply(op, [y, z], params), [x, v], { order: 1 });
    }
});

test('higher orders are those of the operations, eager, compiled and traced', () =>
  scope(() => {
    const [x, v, w, force] = [[2, 4, 4], [2, 4, 4], [2, 4, 4], [4]].map((shape, k) => T(shape, k));
    const loss = (f: typeof step) => (y: Tensor) => sum(mul(w, square(f(y, force))));
    const second = (f: typeof step) => (y: Tensor) => hvp(loss(f), y, v);
    const third = (f: typeof step) => grad((y: Tensor) => sum(mul(w, second(f)(y))));
    for (const order of [second, third]) {
      const want = order(composed)(x);
      const got = order(step)(x);
      const size = Math.max(...want.data().map(Math.abs));
      near(got.data(), want.data(), 1e-12 * size, `[SEED=${seed}]`);
      const plan = compile(order(step));
      const graph = trace(order(step), x);
      near(plan(x).data(), got.data(), 1e-13 * size);
      near(graph.run(x).data(), got.data(), 1e-13 * size);
      plan.dispose();
      graph.dispose();
    }
  }));

test.run();
