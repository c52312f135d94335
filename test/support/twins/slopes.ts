// Twins of the derivatives in the module `math`, as they stand in textbooks: exact to rounding where nothing cancels, near 0.
// test/ops/tails.test.ts holds the kernels to values of 60 digits everywhere.
import type { MathExports } from '#src/generated/math.js';
import type { Cells, Family } from './cells.js';
import { binary, ternary, unary } from './descriptor.js';

const sigmoid = (a: number) => 1 / (1 + Math.exp(-a));
const density = (a: number) => Math.exp((-a * a) / 2) / Math.sqrt(2 * Math.PI);

/** `erf` is the twin's. */
export const slopes = (words: Cells, x: Cells, erf: (a: number) => number) => {
  const of = (f: (a: number) => number) => unary(words, x, x, f);
  return {
    sigmoidSlope: of((a) => sigmoid(a) * sigmoid(-a)),
    tanhSlope: of((a) => 1 / Math.cosh(a) ** 2),
    siluSlope: of((a) => sigmoid(a) * (1 + a * sigmoid(-a))),
    geluSlope: of((a) => (1 + erf(a / Math.SQRT2)) / 2 + a * density(a)),
    normalDensity: of(density),
    erfSlope: of((a) => (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a)),
    asinSlope: of((a) => 1 / Math.sqrt((1 - a) * (1 + a))),
    atanSlope: of((a) => 1 / (1 + a * a)),
    eluSlope: of((a) => (a > 0 ? 1 : Math.exp(a))),
    expRest: of((a) => Math.expm1(a) - a),
    softsign: of((a) => a / (1 + Math.abs(a))),
    expDifference: binary(words, x, x, (a, b) => Math.exp(a - b)),
    atan2Slope: binary(words, x, x, (a, b) => b / (a * a + b * b)),
    powSum: ternary(words, x, x, x, (a, b, c) => a ** (b + c)),
  } satisfies Partial<Family<MathExports, 'f64'>>;
};
