// turns_f64 and turns_f32: cosines and sines of many angles within 4 ULP of the exact ones, also at the doubles next to multiples of π/2 and at huge
// angles; two at a time with an odd one at the end.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens } from '#src/generated/givens.js';
import { drawing, near } from '../support/check.js';
import { doubles, floats, withBlocks } from '../support/givens/blocks.js';
import { cos, mul, PI, type Real, real, scaled, sin, sub, toNumber } from '../support/reals.js';

const { exports: kernels } = givens;
const HALF_TURN = scaled(PI, -1);

/** (cos, sin) of each angle, as the kernel of this type writes them. */
function turnsOf(dtype: 'f64' | 'f32', angles: ArrayLike<number>, inverse = false): number[] {
  const count = angles.length;
  let out: number[] = [];
  withBlocks(({ take, f64 }) => {
    const turns = take((dtype === 'f64' ? 16 : 8) * count);
    kernels[`turns_${dtype}`](count, f64(angles), inverse, turns);
    out = Array.from(dtype === 'f64' ? doubles(turns, 2 * count) : floats(turns, 2 * count));
  });
  return out;
}

/** The distance of two doubles next to each other at x. */
function unitAt(x: number, dtype: 'f64' | 'f32'): number {
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -1000)));
  return Math.max(2 ** (exponent - (dtype === 'f64' ? 52 : 23)), dtype === 'f64' ? 0 : 2 ** -149);
}

const ulps = (got: number, want: Real, dtype: 'f64' | 'f32') =>
  Math.abs(toNumber(sub(real(got), want))) / unitAt(toNumber(want), dtype);

/** The largest error of (cos, sin), in units in the last place. */
function worst(dtype: 'f64' | 'f32', angles: number[]): { error: number; at: number } {
  const got = turnsOf(dtype, angles);
  const most = { error: 0, at: Number.NaN };
  angles.forEach((angle, t) => {
    const x = real(angle);
    for (const [value, want] of [
      [got[2 * t], cos(x)],
      [got[2 * t + 1], sin(x)],
    ] as const) {
      // biome-ignore format: short
      const error = ulps(value, want, dtype);
      if (!(error <= most.error)) Object.assign(most, { error, at: angle });
    }
  });
  return most;
}

/** Angles of many sizes. */
const scattered = (count: number, largest: number) => {
  const draw = drawing(3);
  return Array.from({ length: count }, () => draw() * 10 ** (largest * draw()));
};
/** The doubles next to k π/2. */
const nextToZeros = (k: number) => {
  const x = toNumber(mul(HALF_TURN, real(k)));
  return [x, x * (1 + 2 ** -52), x * (1 - 2 ** -52), -x];
};

for (const dtype of ['f64', 'f32'] as const) {
  test(`turns_${dtype}: below 4 ULP from 1e-6 to 1e6, and 1e-300`, () => {
    const { error, at } = worst(dtype, [1e-300, -1e-20, 1, -1, ...scattered(300, 6)]);
    assert.ok(error <= 4, `${error} ULP at ${at}`);
  });

  test(`turns_${dtype}: below 4 ULP at the doubles next to multiples of π/2`, () => {
    const ks = [
      ...Array.from({ length: 40 }, (_, k) => k + 1),
      355,
      710,
      52174,
      103993,
      208341,
      312689,
      606060,
      636619,
    ];
    const { error, at } = worst(dtype, ks.flatMap(nextToZeros));
    assert.ok(error <= 4, `${error} ULP at ${at}`);
  });

  test(`turns_${dtype}: huge angles`, () => {
    const { error, at } = worst(dtype, [
      1e6,
      999_999.999,
      1e10,
      -1e15,
      2 ** 60,
      1e22,
      6381956970095103 * 2 ** 797,
      1.7e308,
    ]);
    assert.ok(error <= 4, `${error} ULP at ${at}`);
  });

  test(`turns_${dtype}: NaN and infinities give NaN, beside others that do not`, () => {
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const x of bad) {
      for (const [angles, at] of [
        [[0.5, x], 1],
        [[x, 0.5], 0],
        [[x], 0],
        [[1, 2, x], 2],
      ] as const) {
        // biome-ignore format: short
        const got = turnsOf(dtype, angles);
        angles.forEach((angle, t) => {
          const isBad = t === at;
          const want = isBad ? [Number.NaN, Number.NaN] : [Math.cos(angle), Math.sin(angle)];
          near(got.slice(2 * t, 2 * t + 2), want, 1e-7, `${angles} at ${t}`);
        });
      }
    }
  });

  test(`turns_${dtype}: any number of angles, wherever they stand, and of negative angles for inverse`, () => {
    const angles = [...scattered(9, 3), 2e7, Number.NaN, 0, -0, 1e300, ...scattered(4, 5)];
    const all = turnsOf(dtype, angles);
    for (let from = 0; from < angles.length; from++) {
      for (let to = from; to <= angles.length; to++) {
        const part = angles.slice(from, to);
        const own = turnsOf(dtype, part);
        // Beside a huge angle another one takes the long way, too.
        near(own, all.slice(2 * from, 2 * to), 4 * unitAt(0.5, dtype), `${part}`);
        const back = turnsOf(dtype, part, true);
        near(
          back,
          own.map((v, k) => (k % 2 ? -v : v)),
          0,
          `inverse of ${part}`,
        );
      }
    }
    near(all.slice(0, 2), turnsOf(dtype, [-angles[0]], true), 0, 'odd and even');
  });
}

test.run();
