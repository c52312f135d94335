// Rational numbers as they come in: the exact values of floats, bigints, and strings such as '1/3', '-0.25' and '1e-1'.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import type { Matrix } from '../arguments.js';
import { gcd, primitive } from './integers.js';

/** p / q with q > 0, not necessarily in lowest terms. */
export interface Rational {
  readonly p: bigint;
  readonly q: bigint;
}

/** A vector of rationals over one denominator, which is positive. */
export interface RationalRow {
  readonly numerators: bigint[];
  readonly denominator: bigint;
}

const FRACTION = /^([+-]?\d+)\s*\/\s*(\d+)$/;
const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;
/** Digits that a decimal may have before or behind its point: a power of ten beyond would only fill the memory. */
const MOST_DIGITS = 20000;

const refusal = (name: string, argument: string, value: unknown, wanted: string) =>
  new ArgumentError(`${name}: ${argument} must be ${wanted}, got ${describe(value)}`);

/** The exact value of a number, a bigint or a string. */
export function rationalOf(name: string, argument: string, value: unknown): Rational {
  if (typeof value === 'bigint') return { p: value, q: 1n };
  if (typeof value === 'number') return ofNumber(name, argument, value);
  if (typeof value === 'string') return ofString(name, argument, value);
  throw refusal(name, argument, value, "a number, a bigint or a string such as '1/3'");
}

/** A float is m · 2^e. */
function ofNumber(name: string, argument: string, value: number): Rational {
  if (Number.isInteger(value)) return { p: BigInt(value), q: 1n };
  if (!Number.isFinite(value)) throw refusal(name, argument, value, 'finite');
  const [low, high] = new Uint32Array(Float64Array.of(value).buffer);
  const biased = (high >>> 20) & 0x7ff;
  const above = (high & 0xfffff) + (biased === 0 ? 0 : 0x100000);
  const sign = value < 0 ? -1n : 1n;
  const mantissa = (BigInt(above) << 32n) | BigInt(low);
  // Not an integer, so the exponent is negative.
  const exponent = Math.max(biased, 1) - 1075;
  const zeros = low !== 0 ? lowestBit(low) : 32 + lowestBit(above);
  const by = Math.min(zeros, -exponent);
  return { p: sign * (mantissa >> BigInt(by)), q: 1n << BigInt(-exponent - by) };
}

const lowestBit = (x: number): number => 31 - Math.clz32(x & -x);

function ofString(name: string, argument: string, value: string): Rational {
  const text = value.trim();
  const fraction = FRACTION.exec(text);
  if (fraction !== null) {
    const q = BigInt(fraction[2]);
    if (q === 0n) throw refusal(name, argument, value, 'a fraction whose denominator is not 0');
    return { p: BigInt(fraction[1].replace('+', '')), q };
  }
  const decimal = DECIMAL.exec(text);
  if (decimal === null || decimal[2].length + decimal[3].length === 0)
    throw refusal(name, argument, value, "a number such as '2', '1/3', '-0.25' or '1e-1'");
  const digits = BigInt(decimal[2] + decimal[3]);
  const exponent = Number(decimal[4] ?? 0) - decimal[3].length;
  if (Math.abs(exponent) > MOST_DIGITS)
    throw refusal(
      name,
      argument,
      value,
      `a number of at most ${MOST_DIGITS} digits before and behind its point`,
    );
  const p = decimal[1] === '-' ? -digits : digits;
  const power = BigInt(`1${'0'.repeat(Math.abs(exponent))}`);
  return exponent < 0 ? { p, q: power } : { p: p * power, q: 1n };
}

/** A vector of rationals over their least common denominator. */
function overOneDenominator(entries: readonly Rational[]): RationalRow {
  let denominator = 1n;
  for (const { q } of entries) if (q !== 1n) denominator *= q / gcd(denominator, q);
  return {
    numerators: entries.map(({ p, q }) => (q === denominator ? p : p * (denominator / q))),
    denominator,
  };
}

/** The exact values of a vector. */
export function rationalRow(name: string, argument: string, entries: ArrayLike<unknown>): RationalRow {
  if (isWhole(entries)) return { numerators: Array.from(entries, BigInt), denominator: 1n };
  const rationals = Array.from(entries, (value, j) => rationalOf(name, `${argument}[${j}]`, value));
  return overOneDenominator(rationals);
}

/** The exact values of the rows of a matrix. */
export function rationalRows(name: string, argument: string, matrix: Matrix): RationalRow[] {
  const { rows, columns } = matrix;
  return Array.from({ length: rows }, (_, i) => {
    const entries = Array.from({ length: columns }, (_unused, j) => matrix.entry(i, j));
    return rationalRow(name, `${argument}[${i}]`, entries);
  });
}

/** Whether a vector is of floats that are integers. */
function isWhole(entries: ArrayLike<unknown>): entries is ArrayLike<number> {
  for (let j = 0; j < entries.length; j++) if (!Number.isInteger(entries[j])) return false;
  return true;
}

/** The primitive integers of a x <= b as (a, -b)(x, t) <= 0. */
export function homogeneousRow({ numerators, denominator }: RationalRow, { p, q }: Rational): bigint[] {
  return primitive([...numerators.map((x) => x * q), -p * denominator]);
}

/** In lowest terms. */
export function reduced({ p, q }: Rational): Rational {
  const common = gcd(p, q);
  return common === 1n ? { p, q } : { p: p / common, q: q / common };
}
