// Iterative solvers: a fixed number of iterations, after which the matrix is solved to rounding.

import { linalg, matmul, type Tensor } from 'cotangent';
import { type Numbers, productError, timesVector } from '../accuracy.js';
import type { Case } from '../case.js';
import type { BenchDType } from '../row.js';
import { normals, toTensor } from './operands.js';
import { numbers, problem, reflected, spaced, values } from './problem.js';

const ITERATIONS = 10;
/** No tolerance ends the iteration; an iteration that ends by itself is not an error. */
const fixed = { maxIterations: ITERATIONS, tolerance: 0, throws: false } as const;

interface Iteration {
  kernel: string;
  about: string;
  flops(n: number): number;
  /** How often an iteration reads the matrix. */
  passes: number;
  matrix(n: number, dtype: BenchDType): Numbers;
  solve(a: Tensor, b: Tensor): { x: Tensor };
  /** A x in f64, if A is not given as a matrix. */
  product?(a: Numbers, n: number, x: Numbers): Float64Array;
}

function iteration({ kernel, about, flops, passes, matrix, solve, product }: Iteration): Case {
  return problem({
    kernel,
    about: `${ITERATIONS} iterations: ${about}`,
    sizes: [64, 256, 1024],
    flops: (n) => ITERATIONS * flops(n),
    bytes: (n, size) => ITERATIONS * passes * n * n * size,
    // Each iteration reduces the error at least twentyfold; after the tenth 1e-13 is left.
    tolerance: (_n, dtype) => (dtype === 'f64' ? 1e-11 : 1e-4),
    prepare(n, dtype) {
      const [data, right] = [matrix(n, dtype), normals(n, dtype, 3)];
      const [a, b] = [toTensor(data, [n, n]), toTensor(right, [n])];
      return {
        operands: [a, b],
        run: () => solve(a, b),
        error() {
          const x = values(solve(a, b).x);
          if (product === undefined) return productError({ m: n, n: 1, k: n, a: data, b: x, c: right });
          const identity = numbers(1, dtype, () => 1);
          return productError({ m: n, n: 1, k: 1, a: product(data, n, x), b: identity, c: right });
        },
      };
    },
  });
}

const definite = (n: number, dtype: BenchDType) => reflected(spaced(n, 1, 1.2), dtype, 'symmetric');
const regular = (n: number, dtype: BenchDType) => reflected(spaced(n, 1, 1.1), dtype, 'general');

export const cg = iteration({
  kernel: 'cg',
  about: 'conjugate gradients with an n × n positive definite matrix',
  matrix: definite,
  passes: 1,
  flops: (n) => 2 * n ** 2 + 10 * n,
  solve: (a, b) => linalg.cg(a, b, fixed),
});

export const cgOperator = iteration({
  kernel: 'cgOperator',
  about: 'conjugate gradients with the function x -> Aᵀ (A x)',
  matrix: regular,
  passes: 2,
  flops: (n) => 4 * n ** 2 + 10 * n,
  solve: (a, b) => linalg.cg((x) => matmul(a, matmul(a, x), { transposeA: true }), b, fixed),
  product(a, n, x) {
    const y = timesVector(a, n, n, x);
    return numbers(n, 'f64', (j) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += a[i * n + j] * y[i];
      return sum;
    }) as Float64Array;
  },
});

export const minres = iteration({
  kernel: 'minres',
  about: 'MINRES with an n × n symmetric matrix',
  matrix: definite,
  passes: 1,
  flops: (n) => 2 * n ** 2 + 18 * n,
  solve: (a, b) => linalg.minres(a, b, fixed),
});

export const gmres = iteration({
  kernel: 'gmres',
  about: 'GMRES with an n × n matrix, no restart',
  // The identity and a matrix of norm 0.05 or so.
  matrix: (n, dtype) =>
    normals(n * n, dtype, 1).map(
      (x, at) => Number(at % (n + 1) === 0) + (0.02 * x) / Math.sqrt(n),
    ) as Numbers,
  passes: 1,
  // Vector j is orthogonalized twice, 8 n j operations.
  flops: (n) => 2 * n ** 2 + 4 * (ITERATIONS + 1) * n,
  solve: (a, b) => linalg.gmres(a, b, fixed),
});

export const lsmr = iteration({
  kernel: 'lsmr',
  about: 'LSMR with an n × n matrix and its transpose',
  matrix: regular,
  passes: 2,
  flops: (n) => 4 * n ** 2 + 22 * n,
  solve: (a, b) => linalg.lsmr(a, b, fixed),
});
