// Derivatives of norms: over the whole range of numbers, at 0, and of their squares at 0, to second order.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compile,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  linalg,
  mul,
  norm,
  pow,
  random,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { near, numbers, seed } from '../support/check.js';

/** x / ‖x‖ by exact scaling: x = m 2^e with the largest |m| near 1. */
function directionOf(x: ArrayLike<number>): number[] {
  const values = Array.from(x);
  const largest = values.reduce((high, v) => Math.max(high, Math.abs(v)), 0);
  if (largest === 0) return values.map(() => 0);
  let [scaled, size] = [values, largest];
  while (size < 2 ** -200) [scaled, size] = [scaled.map((v) => v * 2 ** 200), size * 2 ** 200];
  while (size > 2 ** 200) [scaled, size] = [scaled.map((v) => v * 2 ** -200), size * 2 ** -200];
  const length = Math.sqrt(scaled.reduce((total, v) => total + v * v, 0));
  return scaled.map((v) => v / length);
}

const round = (x: number, dtype: string) => (dtype === 'f32' ? Math.fround(x) : x);

for (const dtype of ['f64', 'f32'] as const) {
  const eps = dtype === 'f64' ? 2 ** -52 : 2 ** -23;
  const exponents =
    dtype === 'f64'
      ? [-323, -318, -310, -300, -200, -1, 0, 5, 150, 300, 307.9]
      : [-44, -42, -39, -20, 0, 3, 19, 37, 38.3];

  test(`gradients of norms in ${dtype} from the smallest number to the largest, rows, columns and all (seed ${seed})`, () =>
    scope(() => {
      for (const exponent of exponents) {
        const [m, n] = [3, 4];
        const draw = numbers(m * n, seed);
        const values = draw.map((v) => round(v * 10 ** exponent, dtype));
        const x = tensor(values, { shape: [m, n], dtype });
        const row = (i: number) => values.slice(i * n, i * n + n);
        const column = (j: number) => values.filter((_, t) => t % n === j);
        const weights = numbers(m * n, seed + 1).map((v) => round(v, dtype));
        const what = `${dtype}, 1e${exponent}, SEED=${seed}`;
        const check = (got: Tensor, want: number[], name: string) =>
          near(got.data(), want, 4 * eps, `${name}, ${what}`);

        for (const whole of [(a: Tensor) => norm(a), (a: Tensor) => linalg.norm(a)] as const) {
          check(grad(whole)(x) as Tensor, directionOf(values), 'all');
          const tangent = jvp(whole, [x], [tensor(weights, { shape: [m, n], dtype })]).tangent.item();
          near(
            [tangent],
            [directionOf(values).reduce((total, d, t) => total + d * weights[t], 0)],
            20 * eps,
            `jvp, ${what}`,
          );
          const plan = compile((a: Tensor) => grad(whole)(a) as Tensor);
          check(plan(x), directionOf(values), 'compiled');
        }
        const rows = vjp((a: Tensor) => norm(a, { axis: 1 }), x).pullback(
          tensor(weights.slice(0, m), { dtype }),
        )[0] as Tensor;
        check(
          rows,
          values.map((_, t) => weights[Math.floor(t / n)] * directionOf(row(Math.floor(t / n)))[t % n]),
          'rows',
        );
        const columns = vjp((a: Tensor) => norm(a, { axis: 0, keepDims: true }), x).pullback(
          tensor(weights.slice(0, n), { shape: [1, n], dtype }),
        )[0] as Tensor;
        check(
          columns,
          values.map((_, t) => weights[t % n] * directionOf(column(t % n))[Math.floor(t / n)]),
          'columns',
        );
        // Where the norm itself is a number, or Infinity because it is beyond the largest: the direction is right.
        for (const order of [1, Infinity, 'max'] as const) {
          const g = (grad((a: Tensor) => linalg.norm(a, order))(x) as Tensor).data();
          assert.ok(
            g.every((v) => v === 0 || Math.abs(v) === 1),
            `${order}, ${what}`,
          );
        }
      }
    }));

  test(`nuclear and spectral norms of very small and large matrices in ${dtype}`, () =>
    scope(() => {
      for (const exponent of dtype === 'f64' ? [-310, -200, 0, 200, 300] : [-40, -20, 0, 20, 37]) {
        const size = round(10 ** exponent, dtype);
        const a = tensor([3 * size, 0, 0, -4 * size], { shape: [2, 2], dtype });
        const tolerance = exponent < -300 || (dtype === 'f32' && exponent < -38) ? 1e-4 : 8 * eps;
        near((grad((x: Tensor) => linalg.norm(x, 'nuc'))(a) as Tensor).data(), [1, 0, 0, -1], tolerance);
        near((grad((x: Tensor) => linalg.norm(x, 2))(a) as Tensor).data(), [0, 0, 0, -1], tolerance);
      }
    }));

  test(`the Hessian of a squared norm is 2 I at 0 and elsewhere, in ${dtype}`, () =>
    scope(() => {
      const squares: [string, (x: Tensor) => Tensor, number][] = [
        ['square', (x) => square(norm(x)), 1],
        ['mul', (x) => mul(norm(x), norm(x)), 1],
        [
          'mul of one',
          (x) => {
            const y = norm(x);
            return mul(y, y);
          },
          1,
        ],
        ['pow', (x) => pow(norm(x), 2), 1],
        ['half', (x) => mul(0.5, square(norm(x))), 0.5],
        ['half of one', (x) => mul(mul(0.5, norm(x)), norm(x)), 0.5],
        ['with keepDims', (x) => sum(square(norm(x, { axis: 0, keepDims: true }))), 1],
      ];
      for (const [name, f, factor] of squares) {
        for (const at of [[0, 0, 0], [0, 1, -2], numbers(3, seed)]) {
          const x = tensor(at, { dtype });
          const want = [2, 0, 0, 0, 2, 0, 0, 0, 2].map((v) => factor * v);
          for (const [way, second] of [
            ['hessian', hessian(f)(x)],
            ['jacrev of grad', jacrev(grad(f) as (x: Tensor) => Tensor)(x)],
            ['jacfwd of jacfwd', jacfwd((y: Tensor) => jacfwd(f)(y) as Tensor)(x)],
            ['compiled', compile((y: Tensor) => hessian(f)(y) as Tensor)(x)],
          ] as const)
            near((second as Tensor).data(), want, 1e-14 + 8 * eps, `${name}, ${way} at ${at}`);
          near(
            hvp(f, x, tensor([1, 2, 3], { dtype })).data(),
            [2, 4, 6].map((v) => factor * v),
            1e-14 + 16 * eps,
            name,
          );
          near(
            (grad(f)(x) as Tensor).data(),
            at.map((v) => 2 * factor * round(v, dtype)),
            8 * eps,
          );
          // The value has the bits that it has without derivatives.
          const plain = f(x).item();
          assert.is(vjp(f, x).value.item(), plain, name);
          assert.is(jvp(f, [x], [x]).value.item(), plain, name);
        }
      }
      for (const f of [(a: Tensor) => square(linalg.norm(a)), (a: Tensor) => pow(linalg.norm(a, 'fro'), 2)]) {
        const got = hessian(f)(zeros([2, 2], { dtype })) as Tensor;
        near(
          got.data(),
          Array.from({ length: 16 }, (_, t) => (t % 5 === 0 ? 2 : 0)),
          0,
        );
      }
      // Rows of zeros beside others.
      const rows = tensor([0, 0, 3, 4, 0, 0], { shape: [3, 2], dtype });
      const got = hessian((a: Tensor) => sum(square(norm(a, { axis: 1 }))))(rows) as Tensor;
      near(
        got.data(),
        Array.from({ length: 36 }, (_, t) => (t % 7 === 0 ? 2 : 0)),
        8 * eps,
      );
    }));

  test(`the norm at 0 in ${dtype}: derivative 0, second derivative NaN, and 0 where it does not count`, () =>
    scope(() => {
      const zero = zeros([2], { dtype });
      for (const f of [(x: Tensor) => norm(x), (x: Tensor) => pow(norm(x), 3)])
        near((grad(f)(zero) as Tensor).data(), [0, 0], 0);
      assert.ok((hessian((x: Tensor) => norm(x))(zero) as Tensor).data().every(Number.isNaN));
      near((hessian((x: Tensor) => pow(norm(x), 3))(zero) as Tensor).data(), [0, 0, 0, 0], 0);
      near((hessian((x: Tensor) => square(square(norm(x))))(zero) as Tensor).data(), [0, 0, 0, 0], 0);
      // A row of zeros with weight 0 does not spoil the others.
      const rows = tensor([0, 0, 3, 4], { shape: [2, 2], dtype });
      const f = (a: Tensor) => sum(mul(norm(a, { axis: 1 }), tensor([0, 1], { dtype })));
      const got = (hessian(f)(rows) as Tensor).data();
      near(got, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.128, -0.096, 0, 0, -0.096, 0.072], 8 * eps);
    }));
}

test(`second derivatives of norms away from 0, against the formula (seed ${seed})`, () =>
  scope(() => {
    const draw = random(seed % 2 ** 31);
    for (const exponent of [-140, -3, 0, 3, 140]) {
      const x = mul(draw.normal([4]), 10 ** exponent);
      const d = directionOf(x.data());
      const length = Math.hypot(...Array.from(x.data(), (v) => v / 10 ** exponent)) * 10 ** exponent;
      const want = Array.from(
        { length: 16 },
        (_, t) => ((t % 5 === 0 ? 1 : 0) - d[Math.floor(t / 4)] * d[t % 4]) / length,
      );
      for (const got of [
        hessian((y: Tensor) => norm(y))(x),
        jacfwd((y: Tensor) => jacfwd((z: Tensor) => norm(z))(y) as Tensor)(x),
      ])
        near((got as Tensor).data(), want, 1e-14 / length, `1e${exponent}`);
    }
  }));

test.run();
