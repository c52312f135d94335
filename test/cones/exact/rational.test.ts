// Rationals as they come in: floats are what they are, strings what they say, and what is no number is refused; floats of rationals are rounded once.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bitLength,
  content,
  dividedBy,
  gcd,
  primitive,
  quotient,
  unitOf,
} from '#src/cones/exact/integers.js';
import { homogeneousRow, rationalOf, rationalRow, reduced } from '#src/cones/exact/rational.js';
import { ArgumentError } from '#src/index.js';
import { property, rejects } from '../../support/check.js';

const of = (value: unknown) => reduced(rationalOf('f', 'x', value));

test('floats are integers times powers of two', () => {
  assert.equal(of(0.5), { p: 1n, q: 2n });
  assert.equal(of(-0.75), { p: -3n, q: 4n });
  assert.equal(of(0.1), { p: 3602879701896397n, q: 36028797018963968n });
  assert.equal(of(-0), { p: 0n, q: 1n });
  assert.equal(of(2 ** 60), { p: 1n << 60n, q: 1n });
  assert.equal(of(Number.MAX_VALUE), { p: ((1n << 53n) - 1n) << 971n, q: 1n });
  assert.equal(of(Number.MIN_VALUE), { p: 1n, q: 1n << 1074n });
  assert.equal(of(2 ** -1022), { p: 1n, q: 1n << 1022n });
  assert.equal(of(3 * 2 ** -1074), { p: 3n, q: 1n << 1074n });
  property(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    (x) => {
      const { p, q } = rationalOf('f', 'x', x);
      assert.is(q & (q - 1n), 0n, 'a power of two');
      assert.is(quotient(p, q), x === 0 ? 0 : x);
      // Exactly: no other float is as near, since the one before and the one behind are others.
      const { p: a, q: b } = reduced({ p, q });
      assert.ok(b === 1n || (a & 1n) === 1n);
    },
    1000,
  );
});

test('bigints and strings', () => {
  const cases: [unknown, bigint, bigint][] = [
    [7n, 7n, 1n],
    [-(10n ** 30n), -(10n ** 30n), 1n],
    ['1/3', 1n, 3n],
    ['-6/4', -3n, 2n],
    ['+6/4', 3n, 2n],
    ['0/5', 0n, 1n],
    [' 12 ', 12n, 1n],
    ['+12', 12n, 1n],
    ['-0', 0n, 1n],
    ['-0.25', -1n, 4n],
    ['.5', 1n, 2n],
    ['5.', 5n, 1n],
    ['1e-1', 1n, 10n],
    ['1E+2', 100n, 1n],
    ['-12.50e1', -125n, 1n],
    ['-1.25e-2', -1n, 80n],
    ['123456789012345678901234567890/3', 41152263004115226300411522630n, 1n],
  ];
  for (const [given, p, q] of cases) assert.equal(of(given), { p, q }, String(given));
  assert.is(of('1e400').p, 10n ** 400n);
  assert.is(of('1e-20000').q, 10n ** 20000n);
});

test('what is no number', () => {
  const refuse = (value: unknown, message: RegExp) =>
    rejects(() => rationalOf('solve', 'A[1][2]', value), ArgumentError, message);
  refuse(Number.NaN, /^solve: A\[1\]\[2\] must be finite, got NaN$/);
  refuse(Number.NEGATIVE_INFINITY, /must be finite, got -Infinity$/);
  refuse('1/0', /^solve: A\[1\]\[2\] must be a fraction whose denominator is not 0, got "1\/0"$/);
  refuse('0/0', /whose denominator is not 0/);
  for (const text of [
    '',
    ' ',
    '.',
    'e5',
    '-',
    '+',
    'two',
    '1/',
    '/3',
    '1/-3',
    '1/2/3',
    '1.5/2',
    '0x10',
    '1e',
    '1e1.5',
    '1_000',
    '1,5',
    'NaN',
    'Infinity',
    '--1',
    '1 2',
  ])
    refuse(text, /^solve: A\[1\]\[2\] must be a number such as '2', '1\/3', '-0\.25' or '1e-1', got ".*"$/);
  refuse('1e999999999', /must be a number of at most 20000 digits before and behind its point/);
  refuse('1e-20001', /at most 20000 digits/);
  for (const value of [undefined, null, true, {}, [1], Symbol('x')])
    refuse(value, /^solve: A\[1\]\[2\] must be a number, a bigint or a string such as '1\/3', got /);
});

test('rows over one denominator', () => {
  const row = rationalRow('f', 'a', [0.5, '1/3', 2n, '-1e-1']);
  assert.equal(row, { numerators: [15n, 10n, 60n, -3n], denominator: 30n });
  assert.equal(rationalRow('f', 'a', []), { numerators: [], denominator: 1n });
  assert.equal(rationalRow('f', 'a', new Float32Array([0.5, 3])), { numerators: [1n, 6n], denominator: 2n });
  rejects(() => rationalRow('f', 'a', [1, 'x']), ArgumentError, /^f: a\[1\] must be/);
  // a x <= b as integers: 1/2 x + 1/3 y <= 3/4.
  assert.equal(homogeneousRow(rationalRow('f', 'a', ['1/2', '1/3']), { p: 3n, q: 4n }), [6n, 4n, -9n]);
  assert.equal(homogeneousRow(rationalRow('f', 'a', [0, 0]), { p: -6n, q: 4n }), [0n, 0n, 1n]);
});

const integer = fc
  .tuple(fc.bigInt({ min: -(1n << 700n), max: 1n << 700n }), fc.integer({ min: 0, max: 700 }))
  .map(([x, by]) => x >> BigInt(by));

test('common divisors', () => {
  const plain = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : plain(b, a % b));
  property(
    fc.tuple(integer, integer, integer, fc.integer({ min: 0, max: 130 })),
    ([a, b, common, zeros]) => {
      const [x, y] = [(a * common) << BigInt(zeros), (b * common) << BigInt(zeros)];
      assert.is(gcd(x, y), plain(x, y));
      assert.is(content([x, 0n, y]), plain(x, y));
      const vector = primitive([x, y]);
      if (x !== 0n || y !== 0n) assert.equal(vector, [x / plain(x, y), y / plain(x, y)]);
      const most = (common < 0n ? -common : common) * 6n;
      if (most === 0n) return;
      const { vector: left, divisor } = dividedBy([x, y], most);
      assert.is(divisor, plain(most, plain(x, y)));
      assert.equal(
        left.map((z) => z * divisor),
        [x, y],
      );
    },
    1000,
  );
  assert.equal(primitive([0n, 0n]), [0n, 0n]);
  assert.is(gcd(0n, 0n), 0n);
});

test('quotients are rounded once, whatever their size', () => {
  assert.is(quotient(1n, 3n), 1 / 3);
  assert.is(quotient(-(10n ** 400n), 10n ** 399n), -10);
  assert.is(quotient(10n ** 400n, 3n), Number.POSITIVE_INFINITY);
  assert.is(quotient(1n, 10n ** 400n), 0);
  assert.is(quotient(7n, 10n ** 320n), 7e-320);
  // Halfway between two floats and a little more.
  assert.is(quotient((1n << 53n) + 1n, 1n), 2 ** 53);
  assert.is(quotient((((1n << 53n) + 1n) << 100n) + 1n, 1n << 100n), 2 ** 53 + 2);
  assert.is(quotient((((1n << 53n) + 1n) << 100n) - 1n, 1n << 100n), 2 ** 53);
  // Decimals, as the engine reads them.
  property(
    fc.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: -320, max: 300 })),
    ([digits, exponent]) => {
      const text = `${digits}e${exponent}`;
      const { p, q } = rationalOf('f', 'x', text);
      assert.is(quotient(p, q), Number(text) + 0, text);
    },
    1000,
  );
});

test('vectors of unit length, of integers of any size', () => {
  assert.equal(unitOf([3n, -4n, 0n]), [0.6, -0.8, 0]);
  assert.equal(unitOf([0n, 0n]), [0, 0]);
  assert.equal(unitOf([]), []);
  const [x, y] = unitOf([3n * 10n ** 500n, -4n * 10n ** 500n]);
  assert.ok(Math.abs(x - 0.6) < 2e-16 && Math.abs(y + 0.8) < 2e-16);
  assert.equal(unitOf([10n ** 400n, 1n]), [1, 0]);
  property(fc.array(integer, { minLength: 1, maxLength: 5 }), (vector) => {
    const unit = unitOf(vector);
    if (vector.every((value) => value === 0n)) return;
    assert.ok(Math.abs(unit.reduce((sum, value) => sum + value * value, 0) - 1) < 1e-15);
    vector.forEach(
      (value, k) =>
        void assert.ok(value === 0n || Math.sign(unit[k]) === (value < 0n ? -1 : 1) || unit[k] === 0),
    );
  });
});

test('bits', () => {
  for (const x of [0n, 1n, 2n, 3n, 7n, 8n, 255n, 256n, (1n << 64n) - 1n, 1n << 64n])
    for (const y of [x, -x]) assert.is(bitLength(y), x === 0n ? 0 : x.toString(2).length, `${y}`);
});

test.run();
