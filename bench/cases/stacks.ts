// Stacks of many small matrices in one call; the last matrix of each stack is checked.

import { linalg, type Tensor } from 'cotangent';
import { type Numbers, productError } from '../accuracy.js';
import type { Case } from '../case.js';
import { normals, toTensor } from './operands.js';
import {
  againstProduct,
  numbers,
  problem,
  reflected,
  solveTolerance,
  spaced,
  symmetric,
  transposed,
  values,
} from './problem.js';

const BATCH = 10_000;

const common = { sizes: [4, 8, 16], shape: (n: number) => [BATCH, n, n] };

/** BATCH multiples of one matrix or right side, from 1 to 2 times. */
function stackOf(one: Numbers, shape: readonly number[]): Tensor {
  const dtype = one instanceof Float64Array ? 'f64' : 'f32';
  const { length } = one;
  const all = numbers(BATCH * length, dtype, (at) => one[at % length] * factor(Math.floor(at / length)));
  return toTensor(all, [BATCH, ...shape]);
}

const factor = (i: number) => 1 + i / BATCH;

/** The numbers of the last matrix of a stack. */
function last(t: Tensor): Numbers {
  return values(t).slice(-t.size / BATCH) as Numbers;
}

export const choleskyBatched: Case = problem({
  ...common,
  kernel: 'choleskyBatched',
  about: `Cholesky factors of ${BATCH} matrices n × n`,
  flops: (n) => (BATCH * n ** 3) / 3,
  prepare(n, dtype) {
    const a = stackOf(symmetric(n, dtype, 3 * n), [n, n]);
    return {
      operands: [a],
      run: () => linalg.cholesky(a),
      error() {
        const l = last(linalg.cholesky(a));
        return againstProduct(n, l, transposed(l, n, n), last(a));
      },
    };
  },
});

export const solveBatched: Case = problem({
  ...common,
  kernel: 'solveBatched',
  about: `${BATCH} general systems n × n, one right side each`,
  flops: (n) => BATCH * ((2 * n ** 3) / 3 + 2 * n ** 2),
  tolerance: solveTolerance,
  prepare(n, dtype) {
    const a = stackOf(reflected(spaced(n, 1, 2), dtype, 'general'), [n, n]);
    const b = stackOf(normals(n, dtype, 2), [n, 1]);
    return {
      operands: [a, b],
      run: () => linalg.solve(a, b),
      error: () => productError({ m: n, n: 1, k: n, a: last(a), b: last(linalg.solve(a, b)), c: last(b) }),
    };
  },
});

export const qrBatched: Case = problem({
  ...common,
  kernel: 'qrBatched',
  about: `QR factorizations of ${BATCH} matrices n × n, Q formed`,
  flops: (n) => (BATCH * 8 * n ** 3) / 3,
  prepare(n, dtype) {
    const a = stackOf(normals(n * n, dtype, 1), [n, n]);
    return {
      operands: [a],
      run: () => linalg.qr(a),
      error() {
        const { q, r } = linalg.qr(a);
        return againstProduct(n, last(q), last(r), last(a));
      },
    };
  },
});
