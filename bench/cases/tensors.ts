// Memory-bound operations on n × n tensors: add, mul, sum, transpose, and random normal numbers.

import {
  add as addition,
  transpose as flip,
  type Generator,
  mul as multiplication,
  random,
  sum as sumOf,
  type Tensor,
} from 'cotangent';
import { type Numbers, productTolerance, relativeError } from '../accuracy.js';
import { type Case, roundoff } from '../case.js';
import type { BenchDType } from '../row.js';
import { normals, positives, toTensor } from './operands.js';

const common = {
  dtypes: ['f32', 'f64'],
  devices: ['cpu'],
  threaded: false,
  sizes: [64, 256, 1024],
  shape: (n: number) => [n, n],
} as const;

/** An elementwise operation of two tensors. */
function elementwise(
  kernel: string,
  about: string,
  op: (a: Tensor, b: Tensor) => Tensor,
  reference: (x: number, y: number) => number,
): Case {
  return {
    ...common,
    kernel,
    about,
    flops: (n) => n * n,
    bytes: (n, size) => 3 * n * n * size,
    tolerance: (_n, dtype) => 4 * roundoff(dtype),
    setup(n, dtype) {
      const x = normals(n * n, dtype, 1);
      const y = normals(n * n, dtype, 2);
      const a = toTensor(x, [n, n]);
      const b = toTensor(y, [n, n]);
      return {
        run: () => op(a, b).dispose(),
        error: () =>
          relativeError(
            take(op(a, b)),
            Float64Array.from(x, (v, i) => reference(v, y[i])),
          ),
        dispose() {
          a.dispose();
          b.dispose();
        },
      };
    },
  };
}

/** The numbers of a tensor, which is then freed. */
function take(t: Tensor): Numbers {
  const values = t.toTypedArray() as Numbers;
  t.dispose();
  return values;
}

function total(x: Numbers): number {
  let s = 0;
  for (const v of x) s += v;
  return s;
}

export const add: Case = elementwise(
  'add',
  'sum of two n × n tensors, elementwise',
  addition,
  (x, y) => x + y,
);
export const mul: Case = elementwise(
  'mul',
  'product of two n × n tensors, elementwise',
  multiplication,
  (x, y) => x * y,
);

export const sum: Case = {
  ...common,
  kernel: 'sum',
  about: 'sum over all entries of an n × n tensor',
  flops: (n) => n * n,
  bytes: (n, size) => n * n * size,
  tolerance: (n, dtype) => productTolerance(n * n, dtype),
  setup(n, dtype) {
    const x = positives(n * n, dtype, 1);
    const a = toTensor(x, [n, n]);
    return {
      run: () => sumOf(a).dispose(),
      error: () => relativeError(take(sumOf(a)), [total(x)]),
      dispose: () => a.dispose(),
    };
  },
};

export const transpose: Case = {
  ...common,
  kernel: 'transpose',
  about: 'an n × n tensor with its axes exchanged, copied',
  flops: () => 0,
  bytes: (n, size) => 2 * n * n * size,
  tolerance: () => 0,
  setup(n, dtype) {
    const x = normals(n * n, dtype, 1);
    const a = toTensor(x, [n, n]);
    return {
      run: () => flip(a).dispose(),
      error: () =>
        relativeError(
          take(flip(a)),
          Float64Array.from(x, (_, i) => x[(i % n) * n + Math.floor(i / n)]),
        ),
      dispose: () => a.dispose(),
    };
  },
};

/**
 * Random numbers have no f64 reference: their error is how far mean and variance, after `standard`, are from 0 and 1.
 */
const randomNumbers = (
  kernel: string,
  about: string,
  draw: (generator: Generator, n: number, dtype: BenchDType) => Tensor,
  standard: (x: number) => number,
): Case => ({
  ...common,
  kernel,
  about: `${about} (error: of mean and variance)`,
  flops: () => 0,
  bytes: (n, size) => n * n * size,
  // Six standard deviations of the sample variance, the wider of the two.
  tolerance: (n) => (6 * Math.SQRT2) / n,
  setup(n: number, dtype: BenchDType) {
    const generator = random(1);
    return {
      run: () => draw(generator, n, dtype).dispose(),
      error() {
        const x = Float64Array.from(take(draw(random(1), n, dtype)), standard);
        let mean = 0;
        for (const v of x) mean += v / x.length;
        let variance = 0;
        for (const v of x) variance += (v - mean) ** 2 / x.length;
        return Math.max(Math.abs(mean), Math.abs(variance - 1));
      },
      dispose() {},
    };
  },
});

export const randomNormal = randomNumbers(
  'randomNormal',
  'n × n standard normal numbers',
  (generator, n, dtype) => generator.normal([n, n], { dtype }),
  (x) => x,
);
export const randomUniform = randomNumbers(
  'randomUniform',
  'n × n numbers uniform on [0, 1)',
  (generator, n, dtype) => generator.uniform([n, n], { dtype }),
  (x) => Math.sqrt(12) * (x - 0.5),
);
