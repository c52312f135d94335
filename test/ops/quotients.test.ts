// Derivatives of quotients of squares against 100 digits, over all magnitudes of both operands: atan2 and div, first and second.
import fc from 'fast-check';
import { test } from 'uvu';
import * as ct from '#src/index.js';
import { property } from '../support/check.js';
import { add, div, mul, neg, type Real, real, scaled, square, sub, toNumber } from '../support/reals.js';

type Float = 'f64' | 'f32';

/** Numbers of all magnitudes; every second pair within three powers of ten of each other. */
const pair = (most: number) =>
  fc
    .record({
      a: fc.integer({ min: -most * 1000, max: most * 1000 }),
      b: fc.integer({ min: -most * 1000, max: most * 1000 }),
      near: fc.boolean(),
      signs: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ a, b, near, signs }) => {
      const second = near ? a + (b % 3000) : b;
      const x = 10 ** (a / 1000) * (signs & 1 ? -1 : 1);
      return [x, 10 ** (Math.max(-most * 1000, Math.min(most * 1000, second)) / 1000) * (signs & 2 ? -1 : 1)];
    });

const norm = (y: Real, x: Real) => add(square(y), square(x));

const WANTED = {
  atan2: (y: Real, x: Real) => {
    const q = norm(y, x);
    const mixed = div(sub(square(y), square(x)), square(q));
    const twice = scaled(div(mul(x, y), square(q)), 1);
    return {
      first: [div(x, q), neg(div(y, q))],
      second: [neg(twice), mixed, mixed, twice],
    };
  },
  div: (a: Real, b: Real) => {
    const q = div(real(1), b);
    return {
      first: [q, neg(mul(a, square(q)))],
      second: [real(0), neg(square(q)), neg(square(q)), scaled(mul(a, mul(q, square(q))), 1)],
    };
  },
};

const LIMITS = {
  f64: { eps: 2 ** -52, least: 2 ** -1022, most: Number.MAX_VALUE },
  f32: { eps: 2 ** -23, least: 2 ** -126, most: (2 - 2 ** -23) * 2 ** 127 },
};

function check(dtype: Float, what: string, got: number, want: Real, term: Real, units: number): void {
  const { eps, least, most } = LIMITS[dtype];
  const [w, t] = [toNumber(want), Math.abs(toNumber(term))];
  // Parts of a result near the end of the range may be beyond it.
  if (Math.abs(w) >= most / 16) {
    if (Math.abs(got) >= most / 32) return;
  } else if (
    Math.abs(toNumber(sub(real(Number.isFinite(got) ? got : 0), want))) <= units * eps * Math.max(t, least) &&
    Number.isFinite(got)
  )
    return;
  throw new Error(`${what} is ${got}, want ${w}`);
}

for (const dtype of ['f64', 'f32'] as const) {
  for (const name of ['atan2', 'div'] as const) {
    test(`${name} in ${dtype}: gradients and Hessians`, () =>
      property(
        pair(dtype === 'f64' ? 300 : 37),
        (numbers) =>
          ct.scope(() => {
            const [p, q] = dtype === 'f32' ? numbers.map(Math.fround) : numbers;
            const [a, b] = [p, q].map((v) => ct.tensor([v], { dtype }));
            const f = (y: ct.Tensor, x: ct.Tensor) => ct.sum(ct[name](y, x));
            const gradient = ct.grad(f, [0, 1]);
            const wanted = WANTED[name](real(p), real(q));
            const plan = ct.compile((y: ct.Tensor, x: ct.Tensor) => gradient(y, x));
            for (const list of [gradient(a, b), plan(a, b)] as ct.Tensor[][]) {
              list.forEach((got, i) => {
                check(dtype, `d${i} ${name}(${p}, ${q})`, got.item(), wanted.first[i], wanted.first[i], 4);
              });
            }
            plan.dispose();
            [0, 1].forEach((i) => {
              const rows = ct.grad(
                (y: ct.Tensor, x: ct.Tensor) => ct.sum((gradient(y, x) as ct.Tensor[])[i]),
                [0, 1],
              )(a, b) as ct.Tensor[];
              rows.forEach((got, j) => {
                // The second derivative in b is made of 1 / b², which the type must hold.
                const { least, most } = LIMITS[dtype];
                const made = toNumber(div(real(1), square(real(q))));
                if (name === 'div' && i === 1 && j === 1 && !(made > least && made < most / 16)) return;
                const want = wanted.second[2 * i + j];
                const size = magnitude(p, q);
                // Near |x| = |y| the mixed derivative of the angle is a difference of larger terms.
                const term = name === 'atan2' && i !== j ? maxOf(want, size) : want;
                check(dtype, `d${i}${j} ${name}(${p}, ${q})`, got.item(), want, term, 16);
              });
            });
          }),
        150,
      ));
  }
}

/** 1 / max(x², y²): the size of the terms of the mixed derivative. */
function magnitude(p: number, q: number): Real {
  return div(real(1), square(real(Math.max(Math.abs(p), Math.abs(q)))));
}

function maxOf(a: Real, b: Real): Real {
  return Math.abs(toNumber(div(a, b))) > 1 ? a : b;
}

test.run();
