// Solves with dense matrices and functions built on them: systems, triangles, least squares, the inverse, the
// exponential.

import { linalg } from 'cotangent';
import { productError, relativeError, timesVector } from '../accuracy.js';
import type { Case } from '../case.js';
import { normals, toTensor } from './operands.js';
import { againstProduct, numbers, problem, reflected, solveTolerance, spaced, values } from './problem.js';

/** Right sides of the systems. */
const COLUMNS = 100;

export const solve: Case = problem({
  kernel: 'solve',
  threaded: true,
  sizes: [64, 256, 512, 1024],
  about: `n × n general system with ${COLUMNS} right sides`,
  shape: (n) => [n, n, COLUMNS],
  flops: (n) => (2 * n ** 3) / 3 + 2 * COLUMNS * n ** 2,
  tolerance: solveTolerance,
  prepare(n, dtype) {
    const [data, right] = [normals(n * n, dtype, 1), normals(n * COLUMNS, dtype, 2)];
    const [a, b] = [toTensor(data, [n, n]), toTensor(right, [n, COLUMNS])];
    return {
      operands: [a, b],
      run: () => linalg.solve(a, b),
      error: () => productError({ m: n, n: COLUMNS, k: n, a: data, b: values(linalg.solve(a, b)), c: right }),
    };
  },
});

export const solveTriangular: Case = problem({
  kernel: 'solveTriangular',
  threaded: true,
  about: `n × n lower triangular system with ${COLUMNS} right sides`,
  shape: (n) => [n, n, COLUMNS],
  flops: (n) => COLUMNS * n ** 2,
  prepare(n, dtype) {
    const x = normals(n * n, dtype, 1);
    // Small compared to the diagonal: the condition of a triangle of normal numbers is about 2ⁿ.
    const data = numbers(n * n, dtype, (at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return i === j ? 1 + Math.abs(x[at]) : i > j ? x[at] / n : 0;
    });
    const right = normals(n * COLUMNS, dtype, 2);
    const [a, b] = [toTensor(data, [n, n]), toTensor(right, [n, COLUMNS])];
    return {
      operands: [a, b],
      run: () => linalg.solveTriangular(a, b),
      error() {
        const x = values(linalg.solveTriangular(a, b));
        return productError({ m: n, n: COLUMNS, k: n, a: data, b: x, c: right });
      },
    };
  },
});

export const lstsq: Case = problem({
  kernel: 'lstsq',
  threaded: true,
  about: 'least squares with a 2n × n matrix and one right side, by singular values',
  sizes: [64, 256, 512],
  shape: (n) => [2 * n, n],
  // 6 m n² + 20 n³ for the thin decomposition of a tall matrix (Golub and Van Loan, 2013, figure 8.6.1).
  flops: (n) => 32 * n ** 3,
  tolerance: solveTolerance,
  prepare(n, dtype) {
    const [data, x] = [normals(2 * n * n, dtype, 1), normals(n, dtype, 2)];
    const right = timesVector(data, 2 * n, n, x);
    const a = toTensor(data, [2 * n, n]);
    const b = toTensor(
      numbers(2 * n, dtype, (i) => right[i]),
      [2 * n],
    );
    return {
      operands: [a, b],
      run: () => linalg.lstsq(a, b),
      error: () => relativeError(values(linalg.lstsq(a, b).x), x),
    };
  },
});

export const inv: Case = problem({
  kernel: 'inv',
  threaded: true,
  about: 'inverse of an n × n matrix',
  flops: (n) => 2 * n ** 3,
  tolerance: solveTolerance,
  prepare(n, dtype) {
    const data = reflected(spaced(n, 1, 2), dtype, 'general');
    const a = toTensor(data, [n, n]);
    const identity = numbers(n * n, dtype, (at) => Number(at % (n + 1) === 0));
    return {
      operands: [a],
      run: () => linalg.inv(a),
      error: () => againstProduct(n, data, values(linalg.inv(a)), identity),
    };
  },
});

export const expm: Case = problem({
  kernel: 'expm',
  threaded: true,
  about: 'exponential of an n × n symmetric matrix of norm 0.5: no squaring is needed',
  sizes: [64, 256, 512],
  // Six products and a solve with n right sides.
  flops: (n) => (44 * n ** 3) / 3,
  prepare(n, dtype) {
    const spectrum = spaced(n, -0.5, 0.5);
    const a = toTensor(reflected(spectrum, dtype, 'symmetric'), [n, n]);
    return {
      operands: [a],
      run: () => linalg.expm(a),
      error: () =>
        relativeError(values(linalg.expm(a)), reflected(spectrum.map(Math.exp), 'f64', 'symmetric')),
    };
  },
});
