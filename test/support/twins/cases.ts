// For each kernel, arguments for a comparison with its twin: random extents, layouts and options. `_T` stands for every type that
// there is. Bounds are in units of roundoff: 0 where each result is one rounding of an exact value.
import * as kernels from '#src/kernels.js';
import { range } from './cells.js';
import type { Operands } from './operands.js';

export type Build = (o: Operands) => number[];

/** What a workspace query says for the case's type. */
export const bytes = (o: Operands, name: string, ...args: number[]): number =>
  (kernels as unknown as Record<string, (...a: number[]) => number>)[name.replace('_T', `_${o.type}`)](
    ...args,
  );

/** An index space with `inputs` operands, broadcast along some axes; lengths are how far each operand reaches. */
function space(o: Operands, inputs: number, least = 1) {
  const shape = range(o.int(least, 3)).map(() => o.size(9));
  if (o.int(0, 3) === 0) shape[shape.length - 1] = o.one([65, 129, 301]);
  const rows = range(3).map((row) => {
    const order = o.int(0, 3) === 0 ? range(shape.length) : range(shape.length).reverse();
    const strides = shape.map(() => 0);
    let length = 1;
    for (const axis of order) {
      if (row < inputs && o.int(0, 3) === 0) continue;
      strides[axis] = length;
      length *= shape[axis] + (o.int(0, 5) === 0 ? 1 : 0);
    }
    return { strides, length };
  });
  const ndim = shape.length;
  const size = shape.reduce((p, n) => p * n, 1);
  const meta = o.words([...shape, ...rows.flatMap(({ strides }) => strides), ...shape.map(() => 0)]);
  o.spoilt(meta + 16 * ndim, 4 * ndim);
  return { ndim, meta, size, lengths: rows.map(({ length }) => length) };
}

interface Elementwise {
  inputs: number;
  tolerance?: number;
  low?: number;
  high?: number;
  /** The result is i32. */
  words?: boolean;
  /** The first operand is i32. */
  condition?: boolean;
}

export const elementwise =
  ({ inputs, tolerance = 0, low = -1, high = 1, words, condition }: Elementwise): Build =>
  (o) => {
    const { ndim, meta, size, lengths } = space(o, inputs);
    const operands = range(inputs).map((i) => {
      if (condition && i === 0) return o.words(range(lengths[0]).map(() => o.int(0, 1)));
      // Some are equal, and one may be NaN where nothing is rounded.
      const values = o.numbers(lengths[i], low, high).map((v) => (o.int(0, 4) === 0 && low < 0 ? 0.5 : v));
      if (tolerance === 0 && o.type !== 'i32' && o.int(0, 2) === 0) values[0] = Number.NaN;
      return o.in(values);
    });
    return [ndim, meta, o.out(size, tolerance, words ? 'i32' : o.type), ...operands];
  };

/** outer x n x inner. */
export const reduction =
  (
    tolerance: (n: number) => number,
    { wide = false, work = '', words = false, whole = false, option = false } = {},
  ): Build =>
  (o) => {
    const [outer, inner] = [o.size(5), o.one([1, 1, 2, 7, 65])];
    const n = o.int(0, 3) === 0 ? o.one([65, 301]) : o.size();
    const values = o.numbers(outer * n * inner, wide ? -5 : -1, wide ? 5 : 1);
    if (words && o.type !== 'i32' && o.int(0, 2) === 0) values[o.int(0, values.length - 1)] = Number.NaN;
    const out = o.out(outer * inner * (whole ? n : 1), tolerance(n), words ? 'i32' : o.type);
    return [
      outer,
      n,
      inner,
      ...(option ? [o.int(0, 1)] : []),
      out,
      o.in(values),
      ...(work ? [o.work(bytes(o, work, n))] : []),
    ];
  };

/** A matrix of m x n in some layout: its strides and how many elements it reaches over. */
export function layout(o: Operands, m: number, n: number): { rs: number; cs: number; length: number } {
  const [rs, cs] = o.one([
    [n, 1],
    [1, m],
    [2 * n + 1, 2],
  ]);
  return { rs, cs, length: Math.max(1, (m - 1) * rs + (n - 1) * cs + 1) };
}

export const ARRAY: Record<string, Build> = {
  add_T: elementwise({ inputs: 2 }),
  sub_T: elementwise({ inputs: 2 }),
  mul_T: elementwise({ inputs: 2 }),
  div_T: elementwise({ inputs: 2 }),
  neg_T: elementwise({ inputs: 1 }),
  mulAlong_T: elementwise({ inputs: 2 }),
  divAlong_T: elementwise({ inputs: 2 }),
  mulZero_T: elementwise({ inputs: 2 }),
  sum_T: reduction((n) => 2 + n, { work: 'sum_work' }),
  ...Object.fromEntries(
    [32, 64].map((bits) => [
      `copy_${bits}`,
      (o: Operands) => {
        const shape = range(o.int(2, 3)).map(() => o.one([3, 5, 7, 33, 35]));
        const size = shape.reduce((p, n) => p * n, 1);
        const rows = shape.map((_, axis) => shape.slice(axis + 1).reduce((p, n) => p * n, 1));
        const columns = shape.map((_, axis) => shape.slice(0, axis).reduce((p, n) => p * n, 1));
        const [to, from] = o.int(0, 1) ? [rows, columns] : [columns, rows];
        const meta = o.words([...shape, ...to, ...from, ...shape.map(() => 0), ...shape.map(() => 0)]);
        o.spoilt(meta + 16 * shape.length, 4 * shape.length);
        const type = bits === 64 ? 'f64' : 'f32';
        return [shape.length, meta, o.out(size, 0, type), o.in(o.numbers(size, -1, 1, type), type)];
      },
    ]),
  ),
  ...Object.fromEntries(
    (['f64_f32', 'f64_i32', 'f32_f64', 'f32_i32', 'i32_f64', 'i32_f32'] as const).map((pair) => [
      `cast_${pair}`,
      (o: Operands) => {
        const [from, to] = pair.split('_') as ['f64', 'f32'];
        const n = o.size();
        const values = o.numbers(n, -1e3, 1e3, from);
        if (from !== ('i32' as string)) values[0] = o.one([Number.NaN, 1e300, -1e300, Infinity, 2 ** 31]);
        return [n, o.out(n, 0, to), o.in(values, from)];
      },
    ]),
  ),
  chain_T: (o) => {
    const [rows, n, count] = [o.size(5), o.one([1, 3, 7, 16, 33, 65, 130]), o.int(2, 6)];
    const edges = o.int(0, 1) === 1;
    const code = range(count).flatMap((k) => {
      const repeated = o.int(0, 2) === 0;
      const numbers = o.numbers(rows * n, 0.5, 1.5);
      if (edges) numbers[o.int(0, rows * n - 1)] = o.one([0, -0, Number.NaN, Infinity]);
      const operand = o.in(numbers);
      const width = o.type === 'f64' ? 8 : 4;
      const zeroWins = k === 0 ? 0 : 32 * o.int(0, 3);
      return [
        (k === 0 ? 0 : o.int(1, 8)) + (repeated ? 16 : 0) + zeroWins,
        operand,
        repeated ? width : n * width,
      ];
    });
    const words = o.words(code);
    o.spoilt(words, 12 * count);
    return [rows, n, o.out(rows * n, 0), count, words];
  },
  clear: (o) => {
    const count = o.size();
    return [4 * count, o.out(count, 0, 'i32')];
  },
  copy_blocks: (o) => {
    const [count, words] = [o.size(9), o.one([1, 2, 3, 7, 150])];
    const [pitchOut, pitchX] = [words + o.int(0, 2), words + o.int(0, 2)];
    const out = o.out(count * pitchOut, 0, 'i32');
    return [
      count,
      4 * words,
      out,
      4 * pitchOut,
      o.in(o.numbers(count * pitchX, 0, 1, 'i32'), 'i32'),
      4 * pitchX,
    ];
  },
  add_blocks_T: (o) => {
    const [count, n, width] = [o.size(9), o.size(), o.type === 'f64' ? 8 : 4];
    const [pitchOut, pitchX] = [n + o.int(0, 2), n + o.int(0, 2)];
    return [count, n, o.out(count * pitchOut, 0), width * pitchOut, o.in(count * pitchX), width * pitchX];
  },
  check_indices: (o) => {
    const [count, extent] = [o.size(), o.size(9)];
    const indices = range(count).map(() => o.int(-extent, extent - 1));
    if (o.int(0, 1)) indices[o.int(0, count - 1)] = o.one([extent, -extent - 1]);
    return [count, extent, o.words(indices)];
  },
  take_bytes: (o) => {
    const [outer, extent, words, count] = [o.size(5), o.size(9), o.one([1, 2, 3, 7]), o.size(9)];
    const indices = o.words(range(count).map(() => o.int(-extent, extent - 1)));
    const x = o.in(o.numbers(outer * extent * words, 0, 1, 'i32'), 'i32');
    return [outer, extent, 4 * words, count, indices, o.out(outer * count * words, 0, 'i32'), x];
  },
  scatter_add_T: (o) => {
    const [outer, extent, n, count] = [o.size(5), o.size(9), o.one([1, 1, 3, 9]), o.size(9)];
    const indices = o.words(range(count).map(() => o.int(-extent, extent - 1)));
    return [outer, extent, n, count, indices, o.out(outer * extent * n, 0), o.in(outer * count * n)];
  },
  triangle_bytes: (o) => {
    const [batch, m, n, size] = [o.size(3), o.size(9), o.size(9), o.one([4, 8])];
    const length = (batch * m * n * size) / 4;
    const x = o.in(o.numbers(length, 0, 1, 'i32'), 'i32');
    return [o.int(0, 1), batch, m, n, o.int(-9, 9), size, o.out(length, 0, 'i32'), x];
  },
};

const compareCase = elementwise({ inputs: 2, words: true });
export const POINTWISE: Record<string, Build> = {
  abs_T: elementwise({ inputs: 1 }),
  sign_T: elementwise({ inputs: 1 }),
  square_T: elementwise({ inputs: 1 }),
  relu_T: elementwise({ inputs: 1 }),
  sqrt_T: elementwise({ inputs: 1, low: 0 }),
  maximum_T: elementwise({ inputs: 2 }),
  minimum_T: elementwise({ inputs: 2 }),
  share_T: elementwise({ inputs: 2 }),
  equal_T: compareCase,
  notEqual_T: compareCase,
  greater_T: compareCase,
  greaterEqual_T: compareCase,
  less_T: compareCase,
  lessEqual_T: compareCase,
  isNaN_T: elementwise({ inputs: 1, words: true }),
  where_T: elementwise({ inputs: 3, condition: true }),
  clip_T: elementwise({ inputs: 3 }),
};

/** 2.5 units in the last place (docs/accuracy.md) and what the twin adds. */
const smooth = (low: number, high: number, inputs = 1, tolerance = 16) =>
  elementwise({ inputs, tolerance, low, high });
export const MATH: Record<string, Build> = {
  ...Object.fromEntries(
    ['exp', 'expm1', 'sin', 'cos', 'atan', 'sinh', 'cosh', 'tanh', 'sigmoid', 'softplus', 'silu', 'elu'].map(
      (name) => [`${name}_T`, smooth(-4, 4)],
    ),
  ),
  ...Object.fromEntries(['asin', 'acos', 'tan'].map((name) => [`${name}_T`, smooth(-1, 1)])),
  ...Object.fromEntries(['log', 'rsqrt', 'log1p'].map((name) => [`${name}_T`, smooth(0.05, 4)])),
  // The twin's series sums many terms, and 1 + erf cancels on the left.
  ...Object.fromEntries(['erf', 'gelu'].map((name) => [`${name}_T`, smooth(-4, 4, 1, 100)])),
  ...Object.fromEntries(
    ['sigmoid', 'tanh', 'atan', 'elu'].map((name) => [`${name}Slope_T`, smooth(-4, 4, 1, 40)]),
  ),
  ...Object.fromEntries(
    ['normalDensity', 'erfSlope', 'softsign', 'expDifference'].map((name) => [
      `${name}_T`,
      smooth(-4, 4, name === 'expDifference' ? 2 : 1, 100),
    ]),
  ),
  // Away from their zeros, near which the twins cancel.
  siluSlope_T: smooth(-1, 4, 1, 40),
  geluSlope_T: smooth(-0.5, 4, 1, 200),
  expRest_T: smooth(1, 4),
  asinSlope_T: smooth(-0.9, 0.9),
  atan2Slope_T: smooth(0.1, 4, 2),
  powSum_T: smooth(0.05, 4, 3, 60),
  pow_T: smooth(0.05, 4, 2),
  atan2_T: smooth(-1, 1, 2),
};

export const REDUCE: Record<string, Build> = {
  prod_T: reduction((n) => 2 + n),
  max_T: reduction(() => 0),
  min_T: reduction(() => 0),
  argmax_T: reduction(() => 0, { words: true }),
  argmin_T: reduction(() => 0, { words: true }),
  cumsum_T: reduction((n) => 2 + n, { whole: true, option: true }),
  logsumexp_T: reduction((n) => 16 + n, { wide: true, work: 'softmax_work' }),
  softmax_T: reduction((n) => 32 + n, { wide: true, work: 'softmax_work', whole: true }),
  logSoftmax_T: reduction((n) => 32 + n, { wide: true, work: 'softmax_work', whole: true }),
  norm_T: reduction((n) => 8 + n, { work: 'norm_work' }),
  mean_T: reduction((n) => 8 + n, { work: 'mean_work' }),
  centre_T: reduction((n) => 8 + n, { work: 'moments_work', whole: true }),
  variance_T: (o) => {
    const [outer, n, inner, out, x, work] = reduction((k) => 16 + 4 * k, { work: 'moments_work' })(o);
    return [outer, n, inner, n + o.one([0, 1]), out, x, work];
  },
  standardize_T: (o) => {
    const [n, channels, inner] = [o.size(9) + 1, o.one([1, 2, 7, 65, 301]), o.one([1, 2, 7, 65])];
    const [epsilon, size] = [0.5, n * channels * inner];
    const tolerance = 32 + 4 * n * inner;
    const outs = [o.out(size, tolerance), ...range(3).map(() => o.out(channels, tolerance))];
    return [n, channels, inner, epsilon, ...outs, o.in(size), o.work(bytes(o, 'moments_work'))];
  },
};
