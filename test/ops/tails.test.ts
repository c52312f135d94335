// First and second derivatives of every function of one element, in both modes, against 100 digits: over all magnitudes, into the far
// tails, in both types. Errors count in units of the last place; near a zero of the derivative in those of its largest term.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { softsign } from '#src/ops/activations.js';
import { expRestOp } from '#src/ops/exponential.js';
import { apply } from '#src/ops/op.js';
import { property } from '../support/check.js';
import type { Real } from '../support/reals.js';
import * as r from '../support/reals.js';

type Float = 'f64' | 'f32';
/** The derivative, and its largest term where terms cancel near a zero. */
/** A number; the largest term of its sum; and what it is made of on the way, if that can overflow before it. */
type Value = Real | { value: Real; term: Real; over?: Real };
type Derivatives = (x: Real) => [first: Value, second: Value];

const { ONE, TWO, ZERO, add, sub, mul, div, neg, abs, exp, square, sqrt, cos, sin, real, scaled } = r;
const isNegative = (x: Real) => x.m < 0n;
const inverse = (x: Real) => div(ONE, x);
const cube = (x: Real) => mul(square(x), x);

/** e^x - 1, by its series where that is small. */
function expm1(x: Real): Real {
  if (r.exponentOf(x) >= -60) return sub(exp(x), ONE);
  return [6, 5, 4, 3, 2].reduce((p, n) => add(x, div(mul(x, p), real(n))), x);
}
const sinh = (x: Real) => scaled(add(expm1(x), div(expm1(x), exp(x))), -1);
const cosh = (x: Real) => scaled(add(exp(x), exp(neg(x))), -1);
const tanh = (x: Real) => div(expm1(scaled(x, 1)), add(exp(scaled(x, 1)), ONE));
const sigmoid = (x: Real) => inverse(add(ONE, exp(neg(x))));
const sigmoid1 = (x: Real) => mul(sigmoid(x), sigmoid(neg(x)));
const sigmoid2 = (x: Real) => neg(mul(sigmoid1(x), tanh(scaled(x, -1))));
const density = (x: Real) => div(exp(neg(scaled(square(x), -1))), sqrt(scaled(r.PI, 1)));
/** The distribution function of the standard normal. */
const normal = (x: Real) => {
  const tail = scaled(r.erfc(div(abs(x), sqrt(TWO))), -1);
  return isNegative(x) ? tail : sub(ONE, tail);
};
const sign = (x: Real) => (isNegative(x) ? neg(ONE) : ONE);
const both = (a: Real, b: Real): Value => ({
  value: add(a, b),
  term: abs(a).m === 0n ? abs(b) : largest(a, b),
});
const largest = (a: Real, b: Real) => (isNegative(sub(abs(a), abs(b))) ? abs(b) : abs(a));
/** x to a power whose double is not exact. */
const power = (x: Real, b: Real) => exp(mul(b, r.log(x)));

interface Case {
  f: (x: ct.Tensor) => ct.Tensor;
  want: Derivatives;
  /** Magnitudes of x, powers of ten, below the ends of the type; default -300 to 300. */
  from?: number;
  to?: number;
  negative?: boolean;
  /** Only within this distance of 0. */
  most?: number;
  /** Units allowed for both derivatives; default 4 and 10. */
  units?: [number, number];
}

const CASES: Record<string, Case> = {
  exp: { f: ct.exp, want: (x) => [exp(x), exp(x)], to: 2.85 },
  expm1: { f: ct.expm1, want: (x) => [exp(x), exp(x)], to: 2.85 },
  log: { f: ct.log, want: (x) => [inverse(x), neg(inverse(square(x)))], negative: false },
  log1p: {
    f: ct.log1p,
    want: (x) => [inverse(add(ONE, x)), neg(inverse(square(add(ONE, x))))],
    negative: false,
  },
  'log1p below 0': {
    f: (x) => ct.log1p(ct.neg(x)),
    want: (x) => [neg(inverse(sub(ONE, x))), neg(inverse(square(sub(ONE, x))))],
    negative: false,
    most: 0.9999,
  },
  sqrt: {
    f: ct.sqrt,
    want: (x) => [scaled(inverse(sqrt(x)), -1), neg(scaled(inverse(cube(sqrt(x))), -2))],
    negative: false,
  },
  rsqrt: {
    f: ct.rsqrt,
    want: (x) => [neg(scaled(inverse(cube(sqrt(x))), -1)), mul(real(0.75), inverse(mul(square(x), sqrt(x))))],
    negative: false,
    units: [6, 12],
  },
  square: { f: ct.square, want: (x) => [scaled(x, 1), TWO] },
  abs: { f: ct.abs, want: (x) => [sign(x), ZERO] },
  sin: { f: ct.sin, want: (x) => [cos(x), neg(sin(x))], to: 5 },
  cos: { f: ct.cos, want: (x) => [neg(sin(x)), neg(cos(x))], to: 5 },
  tan: {
    f: ct.tan,
    want: (x) => [inverse(square(cos(x))), scaled(div(sin(x), cube(cos(x))), 1)],
    to: 5,
    units: [8, 14],
  },
  asin: {
    f: ct.asin,
    want: (x) => {
      const root = sqrt(sub(ONE, square(x)));
      return [inverse(root), div(x, cube(root))];
    },
    most: 1,
  },
  acos: {
    f: ct.acos,
    want: (x) => {
      const root = sqrt(sub(ONE, square(x)));
      return [neg(inverse(root)), neg(div(x, cube(root)))];
    },
    most: 1,
  },
  atan: {
    f: ct.atan,
    want: (x) => {
      const s = inverse(add(ONE, square(x)));
      return [s, neg(scaled(mul(x, square(s)), 1))];
    },
  },
  sinh: { f: ct.sinh, want: (x) => [cosh(x), sinh(x)], to: 2.85 },
  cosh: { f: ct.cosh, want: (x) => [sinh(x), cosh(x)], to: 2.85 },
  tanh: {
    f: ct.tanh,
    want: (x) => {
      const s = inverse(square(cosh(x)));
      return [s, neg(scaled(mul(s, tanh(x)), 1))];
    },
    to: 2.85,
  },
  erf: {
    f: ct.erf,
    want: (x) => {
      const s = div(scaled(exp(neg(square(x))), 1), sqrt(r.PI));
      return [s, neg(scaled(mul(x, s), 1))];
    },
    to: 1.44,
  },
  sigmoid: { f: ct.sigmoid, want: (x) => [sigmoid1(x), sigmoid2(x)], to: 2.9 },
  softplus: { f: ct.softplus, want: (x) => [sigmoid(x), sigmoid1(x)], to: 2.9 },
  relu: { f: ct.relu, want: (x) => [isNegative(x) ? ZERO : ONE, ZERO] },
  elu: {
    f: ct.elu,
    want: (x) => (isNegative(x) ? [exp(x), exp(x)] : [ONE, ZERO]),
    to: 2.9,
  },
  silu: {
    f: ct.silu,
    want: (x) => [both(sigmoid(x), mul(x, sigmoid1(x))), both(scaled(sigmoid1(x), 1), mul(x, sigmoid2(x)))],
    to: 2.9,
  },
  gelu: {
    f: ct.gelu,
    want: (x) => [
      both(normal(x), mul(x, density(x))),
      both(scaled(density(x), 1), neg(mul(square(x), density(x)))),
    ],
    to: 1.6,
  },
  softsign: {
    f: softsign,
    want: (x) => {
      const d = inverse(add(ONE, abs(x)));
      return [square(d), neg(scaled(mul(sign(x), cube(d)), 1))];
    },
    to: 150,
  },
  'e^x - 1 - x': {
    f: (x) => apply(expRestOp, [x], undefined),
    want: (x) => [expm1(x), exp(x)],
    to: 2.85,
  },
  ...Object.fromEntries(
    [0.1, -0.3, 2.7, 3, -1, 0.5, 1 / 3].map((p): [string, Case] => [
      `pow ${p}`,
      {
        f: (x) => ct.pow(x, p),
        want: (x) => {
          // The exponent as the type holds it is what is differentiated: see `exponents`.
          const b = real(exponent(p));
          // The second one is made of the power, which the type must hold.
          const over = power(x, sub(b, TWO));
          const second = mul(mul(b, sub(b, ONE)), over);
          return [mul(b, power(x, sub(b, ONE))), { value: second, term: abs(second), over }];
        },
        negative: false,
        from: -90,
        to: 90,
        units: [5, 12],
      },
    ]),
  ),
};

let type: Float = 'f64';
const exponent = (p: number) => (type === 'f32' ? Math.fround(p) : p);

const LEAST = { f64: -1074, f32: -149 };
const DIGITS = { f64: 52, f32: 23 };
const MOST = { f64: Number.MAX_VALUE, f32: (2 - 2 ** -23) * 2 ** 127 };

/** How many units of the last place `got` is from a value, those of its largest term where it is small beside that. */
function errorOf(dtype: Float, got: number, want: Value, x: number): number {
  const { value, term, over = value } = 'm' in want ? { value: want, term: abs(want) } : want;
  const limit = MOST[dtype];
  if (!Number.isFinite(got))
    return Number.isNaN(got) || isNegative(sub(abs(over), real(limit / 8))) ? Infinity : 0;
  if (isNegative(sub(real(limit), abs(value)))) return Math.abs(got) >= limit / 8 ? 0 : Infinity;
  // Products with a subnormal factor, which may be normal themselves, lose digits in proportion to their other factor.
  const last = LEAST[dtype] + Math.ceil(Math.log2(1 + Math.abs(x)) * 2);
  const exponentOfUnit = Math.max(r.exponentOf(term) - DIGITS[dtype], last);
  return Math.abs(r.toNumber(scaled(sub(real(got), value), -exponentOfUnit)));
}

/** Uniform magnitudes: half of them over the whole range, half within four powers of ten below the range of interest. */
const pointOf = ({ from = -300, to = 300, negative = true, most = Infinity }: Case, dtype: Float) => {
  const ends = [Math.max(from, dtype === 'f32' ? -37 : -300), Math.min(to, dtype === 'f32' ? 37 : 300)];
  const between = (low: number, high: number) =>
    fc.integer({ min: Math.ceil(low * 1e6), max: Math.floor(high * 1e6) }).map((k) => k / 1e6);
  return fc
    .record({
      magnitude: fc.oneof(between(ends[0], ends[1]), between(Math.max(ends[0], -3), Math.min(ends[1], 3))),
      minus: fc.boolean(),
    })
    .map(({ magnitude, minus }) => {
      const x = 10 ** magnitude * (negative && minus ? -1 : 1);
      const inside = Math.abs(x) < most ? x : x / 10 ** Math.ceil(Math.log10(Math.abs(x)) + 0.01);
      return dtype === 'f32' ? Math.fround(inside) : inside;
    });
};

/** Both derivatives at one point, each by vjp and by jvp, eager and compiled. */
function derivatives(f: Case['f'], x: number, dtype: Float): [number[], number[]] {
  return ct.scope(() => {
    const at = ct.tensor([x], { dtype });
    const first = ct.grad((z: ct.Tensor) => ct.sum(f(z)));
    const one = ct.ones([1], { dtype });
    const along = (g: (z: ct.Tensor) => ct.Tensor) => (z: ct.Tensor) =>
      ct.jvp(g, [z], [one]).tangent as ct.Tensor;
    const second = ct.grad((z: ct.Tensor) => ct.sum(first(z) as ct.Tensor));
    const plan = ct.compile((z: ct.Tensor) => [first(z), second(z)] as ct.Tensor[]);
    const planned = plan(at);
    const values = [first(at), along(f)(at), planned[0], second(at), along(along(f))(at), planned[1]].map(
      (y) => (y as ct.Tensor).item(),
    );
    plan.dispose();
    return [values.slice(0, 3), values.slice(3)];
  });
}

for (const [name, row] of Object.entries(CASES)) {
  for (const dtype of ['f64', 'f32'] as const) {
    test(`${name} in ${dtype}: both derivatives over all magnitudes`, () => {
      const [u1, u2] = row.units ?? [4, 10];
      const worst = [0, 0];
      property(
        pointOf(row, dtype),
        (x) => {
          if (x === 0) return;
          type = dtype;
          const wanted = row.want(real(x));
          derivatives(row.f, x, dtype).forEach((list, order) => {
            for (const got of list) {
              const error = errorOf(dtype, got, wanted[order], x);
              worst[order] = Math.max(worst[order], error);
              if (!(error <= [u1, u2][order])) {
                const value =
                  'm' in wanted[order] ? (wanted[order] as Real) : (wanted[order] as { value: Real }).value;
                throw new Error(
                  `derivative ${order + 1} of ${name} at ${x} is ${got}, want ${r.toNumber(value)}: ${error} units`,
                );
              }
            }
          });
        },
        Number(process.env.RUNS ?? 60),
      );
      if (process.env.VERBOSE)
        console.log(`| ${name} | ${dtype} | ${worst.map((w) => w.toFixed(2)).join(' | ')} |`);
    });
  }
}

test('at the ends: limits, never NaN', () =>
  ct.scope(() => {
    const at = ct.tensor([-Infinity, Infinity, -1e300, 1e300, 0]);
    const ends: Record<string, number[][]> = {
      sigmoid: [
        [0, 0, 0, 0, 0.25],
        [0, 0, 0, 0, 0],
      ],
      tanh: [
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0],
      ],
      erf: [
        [0, 0, 0, 0, 2 / Math.sqrt(Math.PI)],
        [0, 0, 0, 0, 0],
      ],
      gelu: [
        [0, 1, 0, 1, 0.5],
        [0, 0, 0, 0, Math.sqrt(2 / Math.PI)],
      ],
      silu: [
        [0, 1, 0, 1, 0.5],
        [0, 0, 0, 0, 0.5],
      ],
      softplus: [
        [0, 1, 0, 1, 0.5],
        [0, 0, 0, 0, 0.25],
      ],
      elu: [
        [0, 1, 0, 1, 1],
        [0, 0, 0, 0, 1],
      ],
      atan: [
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0],
      ],
    };
    for (const [name, wanted] of Object.entries(ends)) {
      const f = ct[name as 'sigmoid'] as (x: ct.Tensor) => ct.Tensor;
      const first = ct.grad((z: ct.Tensor) => ct.sum(f(z)));
      const second = ct.grad((z: ct.Tensor) => ct.sum(first(z) as ct.Tensor));
      [first, second].forEach((g, order) => {
        const got = (g(at) as ct.Tensor).toArray() as number[];
        got.forEach((value, i) => {
          assert.ok(Math.abs(value - wanted[order][i]) <= 4e-16, `${name} ${order + 1}: ${got}`);
        });
      });
    }
  }));

test.run();
