// gpu.reduce and gpu.softmax: the order of sums to the bit, f64 within the bounds of that order, and the CPU where numbers are not finite.

import type { Tensor } from '#src/core/tensor.js';
import * as gpu from '#src/gpu/index.js';
import * as ops from '#src/ops/index.js';
import { both, type Checks, compare, gamma, owning, random, sizeOf, values } from './checks.js';

const SHAPES: readonly (readonly number[])[] = [
  ...[[1], [5], [64], [65], [3, 7], [1, 1], [9, 1], [2, 3, 1001], [4, 4097], [2, 2, 3, 130]],
];
const NAMES = ['sum', 'mean', 'max', 'min', 'logsumexp'] as const;
const PART = 64;

/** The rows of the last axis. */
function rowsOf(x: ArrayLike<number>, columns: number): number[][] {
  const all = Array.from(x);
  return Array.from({ length: all.length / columns }, (_, i) => all.slice(i * columns, (i + 1) * columns));
}

/** The sum in f32, in the order that docs/gpu.md states. */
function inParts(row: number[]): number {
  if (row.length <= PART) return row.reduce((sum, v) => Math.fround(sum + v));
  const parts = Math.ceil(row.length / PART);
  return inParts(Array.from({ length: parts }, (_, i) => inParts(row.slice(i * PART, (i + 1) * PART))));
}

/** Roundings of a number on its way into that sum. */
function roundings(n: number): number {
  return n <= PART ? n - 1 : PART - 1 + roundings(Math.ceil(n / PART));
}

const largest = (row: readonly number[]) => row.reduce((a, b) => (b > a ? b : a));
const logsumexp = (row: number[]) => {
  const m = largest(row);
  return m + Math.log(row.reduce((sum, v) => sum + Math.exp(v - m), 0));
};
/** An error of a unit in the last place each: of powers, the logarithm, and the last sum. */
const logarithmBound = (row: number[], value: number) =>
  gamma(roundings(row.length) + 3) + gamma(4) * (1 + Math.abs(value) + Math.abs(Math.log(row.length)));

const cpu = ops as unknown as Record<string, (x: Tensor, options: object) => Tensor>;

/** Infinities and NaN in every place that matters. */
const ODD = [
  ...[-Infinity, -Infinity, -Infinity, Infinity, 1, 2, Infinity, Infinity, 0],
  ...[NaN, 1, 2, 1, NaN, -Infinity, 1, -Infinity, Infinity, NaN, Infinity, NaN],
  ...[3e38, 3e38, 3e38, -0, -0, -0, 1e-40, 0, 0, 200, -200, 0],
];

export const reductions: Checks = {
  'sums have the bits of their order, and the CPU’s within its bound': () =>
    owning(async (own) => {
      for (const shape of SHAPES) {
        const [host, x] = random(own, shape, 11, 3);
        const columns = shape[shape.length - 1];
        const rows = rowsOf(host.data(), columns);
        const got = await values(own, gpu.reduce('sum', x, { axis: -1 }), shape.slice(0, -1));
        compare(`sum [${shape}]`, got, rows.map(inParts));
        const bounds = rows.map(
          (row) => gamma(roundings(columns)) * row.reduce((sum, v) => sum + Math.abs(v), 0),
        );
        const exact = rows.map((row) => row.reduce((sum, v) => sum + v, 0));
        compare('f64', got, exact, (a, b, i) => Math.abs(a - b) <= bounds[i] + 1e-13);
      }
    }),
  'all reductions over the last axis and over all, kept or not': () =>
    owning(async (own) => {
      for (const shape of SHAPES) {
        const [host, x] = random(own, shape, 12, 5);
        for (const axis of [-1, undefined]) {
          const columns = axis === undefined ? host.size : shape[shape.length - 1];
          const rows = rowsOf(host.data(), columns);
          const steps = axis === undefined ? shape.reduce((n, e) => n + roundings(e), 0) : roundings(columns);
          for (const keepDims of [false, true]) {
            for (const name of NAMES) {
              const wanted = own(cpu[name](host, { axis, keepDims }));
              const got = await values(own, gpu.reduce(name, x, { axis, keepDims }), wanted.shape);
              const size = (i: number) => rows[i].reduce((sum, v) => sum + Math.abs(v), 0);
              const bound = (i: number) => {
                if (name === 'logsumexp') return logarithmBound(rows[i], logsumexp(rows[i])) + gamma(steps);
                return (2 * gamma(steps + 1) * size(i)) / (name === 'mean' ? columns : 1);
              };
              const isExact = name === 'max' || name === 'min';
              compare(
                `${name} [${shape}] ${axis} ${keepDims}`,
                got,
                wanted.data(),
                (a, b, i) => !isExact && Math.abs(a - b) <= bound(i),
              );
            }
          }
        }
      }
    }),
  'logsumexp and softmax against f64': () =>
    owning(async (own) => {
      for (const [shape, size] of [
        [[3, 7], 1],
        [[2, 1001], 80],
        [[5, 129], 1e4],
        [[1], 1],
        [[], 4],
      ] as const) {
        const [host, x] = random(own, shape, 13, size);
        const rows = rowsOf(host.data(), shape[shape.length - 1] ?? 1);
        if (shape.length > 0)
          compare(
            `logsumexp ${size}`,
            await values(own, gpu.reduce('logsumexp', x, { axis: -1 }), shape.slice(0, -1)),
            rows.map(logsumexp),
            (a, b, i) => Math.abs(a - b) <= logarithmBound(rows[i], b),
          );
        const wanted = rows.flatMap((row) => {
          const l = logsumexp(row);
          return row.map((v) => Math.exp(v - l));
        });
        // Subnormal quotients have no relative error.
        const relative = gamma(roundings(rows[0].length) + 4);
        compare(
          `softmax ${size}`,
          await values(own, gpu.softmax(x), shape),
          wanted,
          (a, b) => Math.abs(a - b) <= relative * b + 2 ** -149,
        );
      }
    }),
  'NaN, infinities and zeros as on the CPU': () =>
    owning(async (own) => {
      const shape = [ODD.length / 3, 3];
      const [host, x] = both(own, ODD, shape);
      const sums = own(ops.sum(host, { axis: -1 })).data();
      for (const name of NAMES) {
        // The CPU's mean is made in f64, and has no sum that overflows.
        const exact = own(cpu[name](host, { axis: -1 })).data();
        const wanted = exact.map((v, i) => (name === 'mean' && Math.abs(sums[i]) === Infinity ? sums[i] : v));
        const got = await values(own, gpu.reduce(name, x, { axis: -1 }), [shape[0]]);
        compare(name, got, wanted, (a, b) => Math.abs(a - b) <= 1e-6 * Math.abs(b) + 1e-39);
      }
      const wanted = own(ops.softmax(host)).data();
      compare('softmax', await values(own, gpu.softmax(x), shape), wanted, (a, b) => Math.abs(a - b) <= 1e-6);
      // In long rows, too, which are made in parts.
      for (const odd of [NaN, Infinity, -Infinity]) {
        for (const place of [0, 63, 64, 199]) {
          const row = new Float32Array(200).fill(1);
          row[place] = odd;
          const [long, there] = both(own, row, [200]);
          for (const name of NAMES) {
            const want = own(cpu[name](long, {})).data();
            const got = await values(own, gpu.reduce(name, there), []);
            compare(`${name} of ${odd} at ${place}`, got, want, (a, b) => Math.abs(a - b) <= 1e-5);
          }
        }
      }
    }),
  'reductions of nothing and of one': () =>
    owning(async (own) => {
      for (const shape of [[2, 0], [0, 3], [0], [], [1, 1, 1]]) {
        const [host, x] = random(own, shape, 14);
        for (const name of NAMES) {
          for (const axis of shape.length > 0 ? [-1, undefined] : [undefined]) {
            const extent = axis === undefined ? sizeOf(shape) : shape[shape.length - 1];
            if (extent === 0 && (name === 'max' || name === 'min')) continue;
            for (const keepDims of [false, true]) {
              const wanted = own(cpu[name](host, { axis, keepDims }));
              const got = await values(own, gpu.reduce(name, x, { axis, keepDims }), wanted.shape);
              compare(`${name} [${shape}] ${axis}`, got, wanted.data(), (a, b) => Math.abs(a - b) <= 1e-7);
            }
          }
        }
        await values(own, gpu.softmax(x), shape);
      }
    }),
};
