// Twins of the modules `pointwise` and `math`: one formula each, called at every index.
import type { MathExports } from '#src/generated/math.js';
import type { PointwiseExports } from '#src/generated/pointwise.js';
import { type Cells, cells, type Family, type Memory, named } from './cells.js';
import { binary, ternary, unary } from './descriptor.js';
import { slopes } from './slopes.js';

/** What i32 has, too; NaN spreads in maximum, minimum and clip, and equals nothing. */
const numbers = (words: Cells, x: Cells) =>
  ({
    abs: unary(words, x, x, Math.abs),
    sign: unary(words, x, x, Math.sign),
    square: unary(words, x, x, x.type === 'i32' ? (a) => Math.imul(a, a) : (a) => a * a),
    relu: unary(words, x, x, (a) => Math.max(a, 0)),
    maximum: binary(words, x, x, Math.max),
    minimum: binary(words, x, x, Math.min),
    equal: binary(words, words, x, (a, b) => Number(a === b)),
    notEqual: binary(words, words, x, (a, b) => Number(a !== b)),
    greater: binary(words, words, x, (a, b) => Number(a > b)),
    greaterEqual: binary(words, words, x, (a, b) => Number(a >= b)),
    less: binary(words, words, x, (a, b) => Number(a < b)),
    lessEqual: binary(words, words, x, (a, b) => Number(a <= b)),
    isNaN: unary(words, words, x, (a) => Number(Number.isNaN(a))),
    where: ternary(words, x, words, x, (c, a, b) => (c !== 0 ? a : b)),
    clip: ternary(words, x, x, x, (a, low, high) => Math.min(Math.max(a, low), high)),
  }) satisfies Partial<Family<PointwiseExports, 'i32'>>;

const floats = (words: Cells, x: Cells) =>
  ({
    sqrt: unary(words, x, x, Math.sqrt),
    /** The derivative of max(a, b) in a, shared where they are equal. */
    share: binary(words, x, x, (a, b) => (a > b ? 1 : a === b ? 0.5 : 0)),
  }) satisfies Partial<Family<PointwiseExports, 'f64'>>;

export function pointwise(memory: Memory) {
  const [f64, f32, i32] = [cells(memory, 'f64'), cells(memory, 'f32'), cells(memory, 'i32')];
  return {
    ...named('f64', { ...numbers(i32, f64), ...floats(i32, f64) }),
    ...named('f32', { ...numbers(i32, f32), ...floats(i32, f32) }),
    ...named('i32', numbers(i32, i32)),
  } satisfies Partial<PointwiseExports>;
}

/** 2/√π e^(-x²) Σ 2^n x^(2n+1) / (1 · 3 ⋯ (2n+1)): no term is negative for x > 0 (Abramowitz and Stegun, 7.1.6). */
function erf(x: number): number {
  if (Number.isNaN(x) || Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const functions = (words: Cells, x: Cells) => {
  const of = (f: (a: number) => number) => unary(words, x, x, f);
  return {
    exp: of(Math.exp),
    expm1: of(Math.expm1),
    log: of(Math.log),
    log1p: of(Math.log1p),
    sin: of(Math.sin),
    cos: of(Math.cos),
    tan: of(Math.tan),
    asin: of(Math.asin),
    acos: of(Math.acos),
    atan: of(Math.atan),
    sinh: of(Math.sinh),
    cosh: of(Math.cosh),
    tanh: of(Math.tanh),
    erf: of(erf),
    sigmoid: of((a) => 1 / (1 + Math.exp(-a))),
    softplus: of((a) => Math.log1p(Math.exp(-Math.abs(a))) + Math.max(a, 0)),
    silu: of((a) => a / (1 + Math.exp(-a))),
    gelu: of((a) => (a / 2) * (1 + erf(a / Math.SQRT2))),
    elu: of((a) => (a > 0 ? a : Math.expm1(a))),
    rsqrt: of((a) => 1 / Math.sqrt(a)),
    pow: binary(words, x, x, (a, b) => a ** b),
    atan2: binary(words, x, x, Math.atan2),
    ...slopes(words, x, erf),
  } satisfies Partial<Family<MathExports, 'f64'>>;
};

export function math(memory: Memory) {
  const [f64, f32, i32] = [cells(memory, 'f64'), cells(memory, 'f32'), cells(memory, 'i32')];
  return {
    ...named('f64', functions(i32, f64)),
    ...named('f32', functions(i32, f32)),
  } satisfies Partial<MathExports>;
}
