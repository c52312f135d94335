// Derivatives of apply in x and in the angles, with and without P, on both sides and transposed: to second order in every mix of modes, third
// order, in f32, in plans and traces with changed angles.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compile,
  givens,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  linalg,
  mul,
  scope,
  sin,
  sum,
  type Tensor,
  tensor,
  trace,
} from '#src/index.js';
import { near, numbers } from '../support/check.js';
import { checkDerivatives, checkSingle } from '../support/derivatives.js';
import { multiplied, productOf, zerosOf } from '../support/givens/dense.js';

const WAYS = [{}, { transpose: true }, { side: 'right' }, { side: 'right', transpose: true }] as const;
const planes = { i: [0, 2, 1, 0, 3, 1], j: [3, 1, 3, 2, 0, 2] };
const order = { permutation: [2, 0, 3, 1], signs: [1, -1, -1, 1] };
const T = (shape: number[], seed: number) =>
  tensor(
    Float64Array.from(
      numbers(
        shape.reduce((p, q) => p * q, 1),
        seed,
      ),
    ),
    { shape },
  );
const angles = () => T([6], 9);
const name = (options: object, f: object) => `${JSON.stringify(options)}${'signs' in f ? ' with P' : ''}`;

for (const options of WAYS) {
  for (const f of [planes, { ...planes, ...order }]) {
    const matrix = 'side' in options ? [3, 4] : [4, 3];
    test(`both modes, second order, ${name(options, f)}`, () =>
      scope(() => {
        const run = (x: Tensor, a: Tensor) => sin(givens.apply({ ...f, angles: a }, x, options));
        for (const shape of [[4], matrix, [2, ...matrix]]) checkDerivatives(run, [T(shape, 2), angles()], { order: shape.length > 2 ? 1 : 2 }); // biome-ignore format: short
      }));

    test(`the gradient and third order are those of the entries of the product, ${name(options, f)}`, () =>
      scope(() => {
        const [x, w, a] = [T(matrix, 2), T(matrix, 3), angles()];
        const value = (b: Tensor) => sum(mul(w, givens.apply({ ...f, angles: b }, x, options)));
        // By differences of the product written out.
        const plain = (list: number[]) => {
          const g = productOf(4, { ...f, angles: list });
          const [rows, weights] = [x.toArray(), w.toArray()] as [number[][], number[][]];
          const transposes = 'transpose' in options;
          const flipped = zerosOf(4, 4).map((row, r) => row.map((_, c) => (transposes ? g[c][r] : g[r][c])));
          const y = 'side' in options ? multiplied(rows, flipped) : multiplied(flipped, rows);
          return y.reduce((s, row, r) => row.reduce((t, v, c) => t + v * weights[r][c], s), 0);
        };
        const at = Array.from(a.data());
        const slopes = at.map((_, t) => {
          // Exact for a rotation: the trace is A cos + B sin + C in each angle.
          const [more, less] = [1, -1].map((s) =>
            plain(at.map((v, k) => (k === t ? v + (s * Math.PI) / 2 : v))),
          );
          return (more - less) / 2;
        });
        near(grad(value)(a).data(), slopes, 1e-13, 'gradient');
        const direction = T([6], 11);
        const third = (b: Tensor) => jvp((c: Tensor) => hvp(value, c, direction), [b], [direction]).tangent;
        const h = 1e-4;
        const second = (s: number): number[] =>
          Array.from(hvp(value, tensor(at.map((v, k) => v + s * h * direction.data()[k])), direction).data());
        const [plus, minus] = [second(1), second(-1)];
        near(
          third(a).data(),
          plus.map((v, k) => (v - minus[k]) / (2 * h)),
          1e-6,
          'third order',
        );
      }));
  }
}

test('the Hessian is symmetric, and Jacobians by both modes and of linalg.applyGivens are the same', () =>
  scope(() => {
    const x = T([4, 2], 5);
    const run = (a: Tensor) => givens.apply({ ...planes, angles: a }, x);
    const other = (a: Tensor) => linalg.applyGivens(x, { ...planes, angles: a });
    near(jacfwd(run)(angles()).data(), jacrev(run)(angles()).data(), 1e-14);
    near(jacfwd(run)(angles()).data(), jacfwd(other)(angles()).data(), 1e-14);
    const loss = (a: Tensor) =>
      sum(sin(givens.apply({ ...planes, ...order, angles: a }, x, { transpose: true })));
    const H = hessian(loss)(angles()).toArray() as number[][];
    near(
      H.flat(),
      H.flatMap((row, r) => row.map((_, c) => H[c][r])),
      1e-14,
    );
  }));

test('gradients in f32 and of mixed types', () =>
  scope(() => {
    const f = { ...planes, ...order };
    const run = (x: Tensor, a: Tensor) => sum(sin(givens.apply({ ...f, angles: a }, x)));
    checkSingle(run, [T([4, 3], 2), angles()], 1e-6);
    const single = tensor(angles().toTypedArray(), { dtype: 'f32' });
    const [gx, ga] = grad(run, [0, 1])(T([4, 3], 2), single) as Tensor[];
    assert.equal([gx.dtype, ga.dtype], ['f64', 'f32']);
    near(ga.data(), (grad(run, [0, 1])(T([4, 3], 2), angles()) as Tensor[])[1].data(), 1e-6);
    const y = givens.apply({ ...f, angles: single }, T([4, 3], 2));
    assert.is(y.dtype, 'f64');
    near(y.data(), productTimes([...single.data()]), 1e-15);
  }));

const productTimes = (list: number[]) =>
  multiplied(
    productOf(4, { ...planes, ...order, angles: list }),
    T([4, 3], 2).toArray() as number[][],
  ).flat();

test('toDense: derivatives in the angles', () =>
  scope(() => {
    checkDerivatives((a: Tensor) => givens.toDense({ ...planes, ...order, angles: a }), [angles()]);
  }));

test('plans and traces read the angles and x of each call', () =>
  scope(() => {
    const f = { ...planes, ...order };
    const run = (x: Tensor, a: Tensor) => givens.apply({ ...f, angles: a }, x);
    const gradient = grad((x: Tensor, a: Tensor) => sum(sin(run(x, a))), [0, 1]);
    const plan = compile(run);
    const planned = compile(gradient);
    const graph = trace(run, T([4, 3], 1), angles());
    for (let round = 0; round < 3; round++) {
      const [x, a] = [T([4, 3], 20 + round), T([6], 30 + round)];
      const want = run(x, a).toTypedArray();
      near(plan(x, a).data(), want, 0, 'plan');
      near((graph.run(x, a) as Tensor).data(), want, 0, 'trace');
      const [gx, ga] = gradient(x, a) as Tensor[];
      const [px, pa] = planned(x, a) as Tensor[];
      near(px.data(), gx.data(), 1e-15);
      near(pa.data(), ga.data(), 1e-15);
    }
    plan.dispose();
    planned.dispose();
    graph.dispose();
    // Angles that a plan takes from outside are read at every run.
    const outside = angles();
    const captured = compile((x: Tensor) => run(x, outside));
    const x = T([4, 3], 2);
    captured(x);
    outside.data()[1] += 1;
    near(captured(x).data(), run(x, outside).data(), 0, 'captured');
    captured.dispose();
  }));

test.run();
