// Functions of single numbers that take the place of the engine's: against exact arithmetic.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { power } from '#src/core/power.js';
import {
  ceilLog2,
  exponentOf,
  hypot,
  isPowerOfTwo,
  lengthOf,
  powerOfTwo,
  roundLog2,
} from '#src/core/scalars.js';
import { memory } from '#src/index.js';
import { drawing, near, seed } from '../support/check.js';

const signed = drawing(seed);
/** Uniform on [0, 1). */
const draw = () => (signed() + 1) / 2;

/** A number as mantissa and exponent, exactly: |x| = m 2^e. */
function exact(x: number): { m: bigint; e: number } {
  const bits = new BigUint64Array(Float64Array.of(Math.abs(x)).buffer)[0];
  const e = Number(bits >> 52n);
  const m = bits & ((1n << 52n) - 1n);
  return e === 0 ? { m, e: -1074 } : { m: m | (1n << 52n), e: e - 1075 };
}

test('powers of two and logarithms to the base 2, over all exponents', () => {
  for (let k = -1074; k <= 1023; k++) {
    const x = powerOfTwo(k);
    const { m, e } = exact(x);
    assert.is(m << BigInt(e + 1074), 1n << BigInt(k + 1074));
    assert.equal(
      [exponentOf(x), exponentOf(-x), ceilLog2(x), roundLog2(x), isPowerOfTwo(-x)],
      [k, k, k, k, true],
    );
    if (k === 1023) break;
    const above = x * (1 + 2 ** -52);
    if (above > x) assert.equal([exponentOf(above), ceilLog2(above), isPowerOfTwo(above)], [k, k + 1, false]);
    const [low, high] = [x * (Math.SQRT2 - 1e-9), x * (Math.SQRT2 + 1e-9)];
    if (k > -1040) assert.equal([roundLog2(low), roundLog2(high)], [k, k + 1]);
  }
  assert.equal([powerOfTwo(-1075), powerOfTwo(1024)], [0, Number.POSITIVE_INFINITY]);
  assert.equal(
    [exponentOf(0), ceilLog2(0), isPowerOfTwo(0)],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, false],
  );
  assert.ok(Number.isNaN(exponentOf(Number.NaN)) && !isPowerOfTwo(Number.NaN));
  assert.is(exponentOf(Number.NEGATIVE_INFINITY), Number.POSITIVE_INFINITY);
});

/** √n rounded down, of a big integer. */
function root(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

test('lengths over 600 orders of magnitude: within 2 ULP of the exact one', () => {
  for (let run = 0; run < 2000; run++) {
    const centre = (draw() - 0.5) * 610;
    const spread = draw() * 40;
    const list = Array.from({ length: 1 + Math.floor(draw() * 9) }, () => {
      const size = centre + (draw() - 0.5) * spread;
      return (
        (draw() < 0.5 ? -1 : 1) *
        (1 + draw()) *
        Number(`1e${Math.round(Math.max(-310, Math.min(305, size)))}`)
      );
    });
    // In units of 2^-1100, with 80 more bits behind the root.
    const squares = list.reduce((total, x) => {
      const { m, e } = exact(x);
      const whole = m << BigInt(e + 1100);
      return total + whole * whole;
    }, 0n);
    const wanted = root(squares << 160n);
    const { m, e } = exact(lengthOf(list));
    const got = (m << BigInt(e + 1100)) << 80n;
    const unit = (1n << BigInt(Math.max(-1074, exponentOf(lengthOf(list)) - 52) + 1100)) << 80n;
    const off = got > wanted ? got - wanted : wanted - got;
    assert.ok(off <= 2n * unit, `SEED=${seed}: ${list}`);
  }
});

test('lengths of nothing, zeros, infinities and NaN; as Math.hypot', () => {
  const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
  for (const list of [
    [],
    [0],
    [-0, 0],
    [3, 4],
    [inf],
    [-inf, nan],
    [nan, inf],
    [nan, 1],
    [nan, 0],
    [nan, 1e300],
    [5e-324],
    [Number.MAX_VALUE],
  ])
    assert.ok(Object.is(hypot(...list), Math.hypot(...list)), String(list));
  assert.is(hypot(Number.MAX_VALUE, Number.MAX_VALUE), inf);
  assert.is(lengthOf(Float32Array.of(3, 4)), 5);
});

test('powers are those of the operation pow, and leave nothing behind', () => {
  const before = memory();
  for (let run = 0; run < 500; run++) {
    const [x, y] = [draw() * 10, (draw() - 0.5) * 20];
    const want = x ** y;
    assert.ok(Math.abs(power(x, y) - want) <= 4e-16 * want, `SEED=${seed}: ${x} ** ${y}`);
  }
  assert.equal([power(0, 0), power(-2, 3), power(2, -1)], [1, -8, 0.5]);
  assert.equal(memory().tensors, before.tensors);
  assert.equal(memory().bytes, before.bytes);
});

test('lengths, of numbers whose squares overflow or vanish, too', () => {
  near([lengthOf([3, 4])], [5], 1e-15);
  near([lengthOf([3e300, -4e300]) / 1e300, lengthOf([3e-300, 4e-300]) * 1e300], [5, 5], 1e-14);
  assert.equal(
    [lengthOf([]), lengthOf([0, -0]), lengthOf([1, Number.POSITIVE_INFINITY])],
    [0, 0, Number.POSITIVE_INFINITY],
  );
  assert.ok(Number.isNaN(lengthOf([1, Number.NaN])));
});

test.run();
