// Factorizations of one n × n matrix, each compared with the matrix or the known spectrum.

import { linalg, type Tensor } from 'cotangent';
import { type Numbers, productError, relativeError } from '../accuracy.js';
import type { Case } from '../case.js';
import type { BenchDType } from '../row.js';
import { normals, toTensor } from './operands.js';
import {
  againstProduct,
  type Particulars,
  problem,
  reflected,
  scaled,
  solveTolerance,
  spaced,
  symmetric,
  transposed,
  values,
} from './problem.js';

/** The sizes of existing baselines. */
const sizes = [64, 256, 512, 1024];

const general = (n: number, dtype: BenchDType): Numbers => normals(n * n, dtype, 1);

interface Factorization extends Particulars {
  matrix(n: number, dtype: BenchDType): Numbers;
  run(a: Tensor): unknown;
  error(a: Tensor, data: Numbers, n: number): number;
}

function factorization({ matrix, run, error, ...given }: Factorization): Case {
  return problem({
    threaded: true,
    ...given,
    prepare(n, dtype) {
      const data = matrix(n, dtype);
      const a = toTensor(data, [n, n]);
      return { operands: [a], run: () => run(a), error: () => error(a, data, n) };
    },
  });
}

export const cholesky = factorization({
  kernel: 'cholesky',
  about: 'Cholesky factor of an n × n positive definite matrix',
  sizes,
  matrix: (n, dtype) => symmetric(n, dtype, 3 * n),
  flops: (n) => n ** 3 / 3,
  run: (a) => linalg.cholesky(a),
  error(a, data, n) {
    const l = values(linalg.cholesky(a));
    return againstProduct(n, l, transposed(l, n, n), data);
  },
});

export const ldlt = factorization({
  kernel: 'ldlt',
  about: 'L D Lᵀ of an n × n symmetric indefinite matrix (checked by a solve)',
  matrix: symmetric,
  flops: (n) => n ** 3 / 3,
  tolerance: solveTolerance,
  run: (a) => linalg.ldlt(a),
  error(a, data, n) {
    const b = normals(n, a.dtype as BenchDType, 2);
    const x = values(linalg.ldlt(a).solve(toTensor(b, [n])));
    return productError({ m: n, n: 1, k: n, a: data, b: x, c: b });
  },
});

export const lu = factorization({
  kernel: 'lu',
  about: 'LU factorization of an n × n matrix, partial pivoting',
  sizes,
  matrix: general,
  flops: (n) => (2 * n ** 3) / 3,
  run: (a) => linalg.lu(a),
  error(a, data, n) {
    const { l, u, p } = linalg.lu(a);
    const permuted = data.slice();
    p.data().forEach((row: number, i: number) => {
      permuted.set(data.subarray(row * n, (row + 1) * n), i * n);
    });
    return againstProduct(n, values(l), values(u), permuted);
  },
});

export const qr = factorization({
  kernel: 'qr',
  about: 'QR factorization of an n × n matrix, Q formed',
  sizes,
  matrix: general,
  flops: (n) => (8 * n ** 3) / 3,
  run: (a) => linalg.qr(a),
  error(a, data, n) {
    const { q, r } = linalg.qr(a);
    return againstProduct(n, values(q), values(r), data);
  },
});

export const qrPivoted = factorization({
  kernel: 'qrPivoted',
  about: 'qr with { pivot: true } of an n × n matrix, Q formed',
  matrix: general,
  flops: (n) => (8 * n ** 3) / 3,
  run: (a) => linalg.qr(a, { pivot: true }),
  error(a, data, n) {
    const { q, r, p } = linalg.qr(a, { pivot: true });
    const order = p.data();
    const permuted = data.map((_, at) => data[at - (at % n) + order[at % n]]) as Numbers;
    return againstProduct(n, values(q), values(r), permuted);
  },
});

export const eigh = factorization({
  kernel: 'eigh',
  about: 'eigenvalues and eigenvectors of an n × n symmetric matrix',
  sizes,
  matrix: symmetric,
  // The usual count of reduction, and of forming the vectors.
  flops: (n) => 9 * n ** 3,
  run: (a) => linalg.eigh(a),
  error(a, data, n) {
    const { values: w, vectors } = linalg.eigh(a);
    const v = values(vectors);
    return againstProduct(n, scaled(v, values(w)), transposed(v, n, n), data);
  },
});

export const eigvalsh = factorization({
  kernel: 'eigvalsh',
  about: 'eigenvalues of an n × n symmetric matrix',
  matrix: (n, dtype) => reflected(spaced(n, -1, 1), dtype, 'symmetric'),
  flops: (n) => (4 * n ** 3) / 3,
  run: (a) => linalg.eigvalsh(a),
  error: (a, _data, n) => relativeError(values(linalg.eigvalsh(a)), spaced(n, -1, 1)),
});

export const svd = factorization({
  kernel: 'svd',
  about: 'singular value decomposition of an n × n matrix',
  sizes,
  matrix: general,
  flops: (n) => 22 * n ** 3,
  run: (a) => linalg.svd(a),
  error(a, data, n) {
    const { u, s, vt } = linalg.svd(a);
    return againstProduct(n, scaled(values(u), values(s)), values(vt), data);
  },
});

export const svdvals = factorization({
  kernel: 'svdvals',
  about: 'singular values of an n × n matrix',
  matrix: (n, dtype) => reflected(spaced(n, 1, 2), dtype, 'general'),
  flops: (n) => (8 * n ** 3) / 3,
  run: (a) => linalg.svdvals(a),
  error: (a, _data, n) => relativeError(values(linalg.svdvals(a)), spaced(n, 1, 2).reverse()),
});
