// Elementwise functions and softmax on n × n tensors: exp, log, tanh, sin, sigmoid, erf, softmax.

import {
  erf as erfOf,
  exp as expOf,
  log as logOf,
  sigmoid as sigmoidOf,
  sin as sinOf,
  softmax as softmaxOf,
  type Tensor,
  tanh as tanhOf,
} from 'cotangent';
import { type Numbers, relativeError } from '../accuracy.js';
import { type Case, roundoff } from '../case.js';
import type { BenchDType } from '../row.js';
import { normals, positives, toTensor } from './operands.js';

/**
 * The error function by a series of positive terms and, for large arguments, its continued fraction: independent of the
 * kernels.
 */
function errorFunction(x: number): number {
  const z = Math.abs(x);
  let y: number;
  if (z < 3) {
    let [sum, term] = [z, z];
    for (let k = 1; term > 1e-18 * sum; k++) {
      term *= (2 * z * z) / (2 * k + 1);
      sum += term;
    }
    y = (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
  } else {
    let t = z;
    for (let k = 80; k >= 1; k--) t = z + k / 2 / t;
    y = 1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / t;
  }
  return Math.sign(x) * y;
}

function softmaxRows(x: Numbers, n: number): Float64Array {
  const y = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = Float64Array.from(x.subarray(i * n, (i + 1) * n));
    const top = row.reduce((a, b) => Math.max(a, b));
    const powers = row.map((v) => Math.exp(v - top));
    const total = powers.reduce((a, b) => a + b);
    y.set(
      powers.map((v) => v / total),
      i * n,
    );
  }
  return y;
}

function unary(
  kernel: string,
  op: (x: Tensor) => Tensor,
  reference: (x: Numbers, n: number) => ArrayLike<number>,
  draw: typeof normals,
  accuracy: number,
): Case {
  return {
    kernel,
    about: `${kernel} of an n × n tensor${kernel === 'softmax' ? ', along rows' : ', elementwise'}; operations are elements`,
    dtypes: ['f32', 'f64'],
    devices: ['cpu'],
    threaded: false,
    sizes: [64, 256, 1024],
    shape: (n) => [n, n],
    flops: (n) => n * n,
    bytes: (n, size) => 2 * n * n * size,
    tolerance: (_n, dtype) => accuracy * roundoff(dtype),
    setup(n: number, dtype: BenchDType) {
      const x = draw(n * n, dtype, 1);
      const a = toTensor(x, [n, n]);
      return {
        run: () => op(a).dispose(),
        error() {
          const y = op(a);
          const values = y.toTypedArray() as Numbers;
          y.dispose();
          return relativeError(values, Float64Array.from(reference(x, n)));
        },
        dispose: () => a.dispose(),
      };
    },
  };
}

const each = (f: (x: number) => number) => (x: Numbers) => Float64Array.from(x, f);

export const exp = unary('exp', expOf, each(Math.exp), normals, 8);
export const log = unary('log', logOf, each(Math.log), positives, 8);
export const sin = unary('sin', sinOf, each(Math.sin), normals, 8);
export const tanh = unary('tanh', tanhOf, each(Math.tanh), normals, 8);
export const sigmoid = unary(
  'sigmoid',
  sigmoidOf,
  each((x) => 1 / (1 + Math.exp(-x))),
  normals,
  8,
);
export const erf = unary('erf', erfOf, each(errorFunction), normals, 16);
export const softmax = unary('softmax', (x) => softmaxOf(x, { axis: 1 }), softmaxRows, normals, 64);
