// Factorizations and solves: each is held against the matrix it came from before it is timed.

import { linalg, scope, type Tensor } from 'cotangent';
import { type Numbers, productError, relativeError } from '../accuracy.js';
import { type Case, roundoff, type Task } from '../case.js';
import type { BenchDType } from '../row.js';
import { normals, toTensor } from './operands.js';

const common = {
  dtypes: ['f32', 'f64'],
  devices: ['cpu'],
  threaded: false,
  sizes: [64, 256, 512, 1024],
  shape: (n: number) => [n, n],
  tolerance: (n: number, dtype: BenchDType) => 20 * n * roundoff(dtype),
} as const;

/** A random matrix, and for the symmetric kinds (A + Aᵀ) / 2, made positive definite by a strong diagonal. */
function operand(n: number, dtype: BenchDType, kind: 'general' | 'symmetric' | 'positiveDefinite'): Numbers {
  const x = normals(n * n, dtype, 1);
  if (kind === 'general') return x;
  const s = x.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) s[i * n + j] = (x[i * n + j] + x[j * n + i]) / 2;
    if (kind === 'positiveDefinite') s[i * n + i] += 3 * n;
  }
  return s;
}

const values = (t: Tensor): Numbers => t.toTypedArray() as Numbers;

function transposed(x: Numbers, rows: number, columns: number): Numbers {
  const out = x.slice();
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j];
  return out;
}

/** Columns of x (n × n) times numbers. */
function scaled(x: Numbers, by: Numbers): Numbers {
  return x.map((v, i) => v * by[i % by.length]) as Numbers;
}

/** How far x y is from c, all n × n. */
const againstProduct = (n: number, x: Numbers, y: Numbers, c: Numbers): number =>
  productError({ m: n, n, k: n, a: x, b: y, c });

interface Factorization {
  kernel: string;
  about: string;
  kind: 'general' | 'symmetric' | 'positiveDefinite';
  flops(n: number): number;
  run(a: Tensor): unknown;
  error(a: Tensor, data: Numbers, n: number): number;
}

function factorization({ kernel, about, kind, flops, run, error }: Factorization): Case {
  return {
    ...common,
    kernel,
    about,
    flops,
    setup(n, dtype): Task {
      const data = operand(n, dtype, kind);
      const a = toTensor(data, [n, n]);
      return {
        run: () => scope(() => void run(a)),
        error: () => scope(() => error(a, data, n)),
        dispose: () => a.dispose(),
      };
    },
  };
}

export const cholesky = factorization({
  kernel: 'cholesky',
  about: 'Cholesky factor of an n × n positive definite matrix',
  kind: 'positiveDefinite',
  flops: (n) => n ** 3 / 3,
  run: (a) => linalg.cholesky(a),
  error(a, data, n) {
    const l = values(linalg.cholesky(a));
    return againstProduct(n, l, transposed(l, n, n), data);
  },
});

export const lu = factorization({
  kernel: 'lu',
  about: 'LU factorization of an n × n matrix, partial pivoting',
  kind: 'general',
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
  kind: 'general',
  flops: (n) => (8 * n ** 3) / 3,
  run: (a) => linalg.qr(a),
  error(a, data, n) {
    const { q, r } = linalg.qr(a);
    return againstProduct(n, values(q), values(r), data);
  },
});

export const eigh = factorization({
  kernel: 'eigh',
  about: 'eigenvalues and eigenvectors of an n × n symmetric matrix',
  kind: 'symmetric',
  // The usual count of reduction, and of forming the vectors.
  flops: (n) => 9 * n ** 3,
  run: (a) => linalg.eigh(a),
  error(a, data, n) {
    const { values: w, vectors } = linalg.eigh(a);
    const v = values(vectors);
    return againstProduct(n, scaled(v, values(w)), transposed(v, n, n), data);
  },
});

export const svd = factorization({
  kernel: 'svd',
  about: 'singular value decomposition of an n × n matrix',
  kind: 'general',
  flops: (n) => 22 * n ** 3,
  run: (a) => linalg.svd(a),
  error(a, data, n) {
    const { u, s, vt } = linalg.svd(a);
    return againstProduct(n, scaled(values(u), values(s)), values(vt), data);
  },
});

export const solve: Case = {
  ...common,
  kernel: 'solve',
  about: 'n × n general system with 100 right sides',
  shape: (n) => [n, n, 100],
  flops: (n) => (2 * n ** 3) / 3 + 200 * n ** 2,
  tolerance: (n, dtype) => 1e3 * n * roundoff(dtype),
  setup(n, dtype) {
    const data = operand(n, dtype, 'general');
    const [a, b] = [toTensor(data, [n, n]), toTensor(normals(n * 100, dtype, 2), [n, 100])];
    return {
      run: () => linalg.solve(a, b).dispose(),
      error: () =>
        scope(() =>
          productError({ m: n, n: 100, k: n, a: data, b: values(linalg.solve(a, b)), c: values(b) }),
        ),
      dispose() {
        a.dispose();
        b.dispose();
      },
    };
  },
};

const BATCH = 10_000;

export const choleskyBatched: Case = {
  ...common,
  kernel: 'choleskyBatched',
  about: `Cholesky factors of ${BATCH} matrices n × n`,
  sizes: [4, 8, 16],
  shape: (n) => [BATCH, n, n],
  flops: (n) => (BATCH * n ** 3) / 3,
  setup(n, dtype) {
    const one = operand(n, dtype, 'positiveDefinite');
    const data = (
      dtype === 'f64' ? new Float64Array(BATCH * n * n) : new Float32Array(BATCH * n * n)
    ) as Numbers;
    for (let i = 0; i < BATCH; i++)
      data.set(one.map((x) => x * (1 + i / BATCH)) as Float64Array & Float32Array, i * n * n);
    const a = toTensor(data, [BATCH, n, n]);
    return {
      run: () => linalg.cholesky(a).dispose(),
      error: () =>
        scope(() => {
          const l = values(linalg.cholesky(a));
          const last = l.subarray((BATCH - 1) * n * n) as Numbers;
          const back = new Float64Array(n * n);
          for (let i = 0; i < n; i++) {
            for (let j = 0; j < n; j++)
              for (let p = 0; p < n; p++) back[i * n + j] += last[i * n + p] * last[j * n + p];
          }
          return relativeError(back, data.subarray((BATCH - 1) * n * n));
        }),
      dispose: () => a.dispose(),
    };
  },
};
