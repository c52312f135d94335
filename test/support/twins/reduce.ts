// Twins of the module `reduce`: over the middle axis of an outer x n x inner array, n at least 1.
import type { ReduceExports } from '#src/generated/reduce.js';
import { type Cells, cells, type Family, type Memory, named, range } from './cells.js';

/** The lines along the middle axis, one after the other: their numbers, and where element j of line l lies. */
function lines(x: Cells, outer: number, n: number, inner: number, a: number) {
  return range(outer * inner).map((line) => {
    const [o, i] = [Math.floor(line / inner), line % inner];
    const place = (j: number) => (o * n + j) * inner + i;
    return { line, place, values: range(n).map((j) => x.at(a, place(j))) };
  });
}

/** log Σ e^v = m + log Σ e^(v - m), m the largest. */
function logSumExp(values: readonly number[]): number {
  const m = values.reduce((p, v) => Math.max(p, v));
  return m + Math.log(values.reduce((sum, v) => sum + Math.exp(v - m), 0));
}

/** (Σ v²)^½ of v over the largest, so that nothing overflows. */
function norm(values: readonly number[]): number {
  const m = values.reduce((p, v) => Math.max(p, Math.abs(v)), 0);
  return m === 0 || m === Infinity ? m : m * Math.sqrt(values.reduce((sum, v) => sum + (v / m) ** 2, 0));
}

const mean = (values: readonly number[]): number => values.reduce((p, v) => p + v, 0) / values.length;

/** The mean squared distance from the mean. */
const spread = (values: readonly number[]): number => {
  const centre = mean(values);
  return mean(values.map((v) => (v - centre) ** 2));
};

/** The first NaN, or else the first of the largest (or smallest). */
function indexOf(values: readonly number[], extremum: (...v: number[]) => number): number {
  const best = extremum(...values);
  return values.findIndex((v) => Object.is(v, best) || v === best);
}

/** One number for each line. */
const toNumber =
  (x: Cells, to: Cells, f: (values: number[]) => number) =>
  (outer: number, n: number, inner: number, out: number, a: number): void => {
    for (const { line, values } of lines(x, outer, n, inner, a)) to.put(out, line, f(values));
  };

const numbers = (words: Cells, x: Cells) =>
  ({
    prod: toNumber(x, x, (v) => v.reduce(x.type === 'i32' ? Math.imul : (p, q) => p * q)),
    max: toNumber(x, x, (v) => Math.max(...v)),
    min: toNumber(x, x, (v) => Math.min(...v)),
    argmax: toNumber(x, words, (v) => indexOf(v, Math.max)),
    argmin: toNumber(x, words, (v) => indexOf(v, Math.min)),
    /** Sums of the leading parts, or of the trailing ones if `reverse` is not 0. */
    cumsum(outer, n, inner, reverse, out, a) {
      for (const { place, values } of lines(x, outer, n, inner, a)) {
        let sum = 0;
        for (const k of range(n)) {
          const j = reverse ? n - 1 - k : k;
          sum += values[j];
          x.put(out, place(j), sum);
        }
      }
    },
  }) satisfies Partial<Family<ReduceExports, 'i32'>>;

const floats = (x: Cells) => {
  const each =
    (f: (v: number, values: number[]) => number) =>
    (outer: number, n: number, inner: number, out: number, a: number, _work: number) => {
      for (const { place, values } of lines(x, outer, n, inner, a))
        values.forEach((v, j) => {
          x.put(out, place(j), f(v, values));
        });
    };
  const one =
    (f: (values: number[]) => number) =>
    (outer: number, n: number, inner: number, out: number, a: number, _work: number) =>
      toNumber(x, x, f)(outer, n, inner, out, a);
  return {
    logsumexp: one(logSumExp),
    softmax: each((v, values) => Math.exp(v - logSumExp(values))),
    logSoftmax: each((v, values) => v - logSumExp(values)),
    norm: one(norm),
    mean: one(mean),
    centre: each((v, values) => v - mean(values)),
    variance(outer, n, inner, divisor, out, a, _work) {
      toNumber(x, x, (values) => (spread(values) * n) / divisor)(outer, n, inner, out, a);
    },
    /** out := (x - mean) factor over x [n, channels, inner], and three numbers for each channel. */
    standardize(n, channels, inner, epsilon, out, means, variances, factors, a, _work) {
      for (const c of range(channels)) {
        const places = range(n * inner).map(
          (k) => (Math.floor(k / inner) * channels + c) * inner + (k % inner),
        );
        const values = places.map((place) => x.at(a, place));
        const factor = 1 / Math.sqrt(spread(values) + epsilon);
        [mean(values), spread(values), factor].forEach((value, k) => {
          x.put([means, variances, factors][k], c, value);
        });
        for (const place of places) x.put(out, place, (x.at(a, place) - mean(values)) * factor);
      }
    },
  } satisfies Partial<Family<ReduceExports, 'f64'>>;
};

export function reduce(memory: Memory) {
  const [f64, f32, i32] = [cells(memory, 'f64'), cells(memory, 'f32'), cells(memory, 'i32')];
  return {
    ...named('f64', { ...numbers(i32, f64), ...floats(f64) }),
    ...named('f32', { ...numbers(i32, f32), ...floats(f32) }),
    ...named('i32', numbers(i32, i32)),
  } satisfies Partial<ReduceExports>;
}
