// Matrices that are never formed: tridiagonal and banded systems, and sequences of Givens rotations.

import { linalg } from 'cotangent';
import { type Numbers, relativeError } from '../accuracy.js';
import { type Case, roundoff } from '../case.js';
import { normals, toTensor } from './operands.js';
import { numbers, problem, values } from './problem.js';

export const solveTridiagonal: Case = problem({
  kernel: 'solveTridiagonal',
  about: 'tridiagonal system of n equations, one right side',
  sizes: [1024, 65536, 1048576],
  shape: (n) => [n],
  // Elimination without exchanges, and one substitution (Golub and Van Loan, 2013, section 4.3.6).
  flops: (n) => 8 * n,
  // The three diagonals and b read, x written.
  bytes: (n, size) => 5 * n * size,
  tolerance: (_n, dtype) => 100 * roundoff(dtype),
  prepare(n, dtype) {
    const [lower, upper] = [1, 2].map((seed) => normals(n - 1, dtype, seed));
    const diagonal = normals(n, dtype, 3).map((x) => x + 8 * Math.sign(x)) as Numbers;
    const right = normals(n, dtype, 4);
    const operands = [lower, diagonal, upper, right].map((x) => toTensor(x, [x.length]));
    const run = () => linalg.solveTridiagonal(operands[0], operands[1], operands[2], operands[3]);
    return {
      operands,
      run,
      error() {
        const x = values(run());
        const back = numbers(n, 'f64', (i) => {
          const below = i > 0 ? lower[i - 1] * x[i - 1] : 0;
          return below + diagonal[i] * x[i] + (i < n - 1 ? upper[i] * x[i + 1] : 0);
        });
        return relativeError(back, right);
      },
    };
  },
});

/** Diagonals on either side of the main one. */
const WIDTH = 8;

export const solveBanded: Case = problem({
  kernel: 'solveBanded',
  about: `banded system of n equations, ${WIDTH} diagonals on either side, one right side`,
  sizes: [1024, 16384, 131072],
  shape: (n) => [n, WIDTH, WIDTH],
  // 2 n kl (kl + ku) to eliminate, n (4 kl + 2 ku) to solve: as LAPACK counts gbtrf without exchanges, and gbtrs.
  flops: (n) => n * (2 * WIDTH * 2 * WIDTH + 6 * WIDTH),
  tolerance: (_n, dtype) => 1e3 * roundoff(dtype),
  prepare(n, dtype) {
    const rows = 2 * WIDTH + 1;
    const x = normals(rows * n, dtype, 1);
    const bands = x.map((v, at) => (Math.floor(at / n) === WIDTH ? v + 20 * Math.sign(v) : v)) as Numbers;
    const right = normals(n, dtype, 2);
    const [a, b] = [toTensor(bands, [rows, n]), toTensor(right, [n])];
    const run = () => linalg.solveBanded(a, { lower: WIDTH, upper: WIDTH }, b);
    return {
      operands: [a, b],
      run,
      error() {
        const x = values(run());
        const back = numbers(n, 'f64', (i) => {
          let sum = 0;
          for (let j = Math.max(0, i - WIDTH); j <= Math.min(n - 1, i + WIDTH); j++)
            sum += bands[(WIDTH + i - j) * n + j] * x[j];
          return sum;
        });
        return relativeError(back, right);
      },
    };
  },
});

interface Sequence {
  kernel: string;
  about: string;
  /** First and second axis of each rotation. */
  planes(n: number): [number, number][];
  count(n: number): number;
}

/** Rotations of the rows of an n × n matrix: 6 operations for each and each column. */
function rotations({ kernel, about, planes, count }: Sequence): Case {
  return problem({
    kernel,
    about,
    sizes: [64, 256, 512],
    threaded: true,
    flops: (n) => 6 * count(n) * n,
    prepare(n, dtype) {
      const data = normals(n * n, dtype, 1);
      const pairs = planes(n);
      const angles = Float64Array.from(pairs, (_, t) => (t % 63) / 10);
      const [i, j] = [0, 1].map((side) => Int32Array.from(pairs, (pair) => pair[side]));
      const a = toTensor(data, [n, n]);
      const run = () => linalg.applyGivens(a, { i, j, angles });
      return {
        operands: [a],
        run,
        error: () => rotationError(values(run()), data, n, pairs, angles),
      };
    },
  });
}

/** Compared with plain rotations, in f64, of at most eight columns: columns are rotated independently. */
function rotationError(
  got: Numbers,
  data: Numbers,
  n: number,
  pairs: readonly [number, number][],
  angles: Float64Array,
): number {
  let worst = 0;
  for (let column = 0; column < n; column += Math.ceil(n / 8)) {
    const x = numbers(n, 'f64', (row) => data[row * n + column]);
    for (let t = pairs.length - 1; t >= 0; t--) {
      const [i, j] = pairs[t];
      const [c, s, p, q] = [Math.cos(angles[t]), Math.sin(angles[t]), x[i], x[j]];
      x[i] = c * p + s * q;
      x[j] = c * q - s * p;
    }
    const turned = numbers(n, 'f64', (row) => got[row * n + column]);
    worst = Math.max(worst, relativeError(turned, x));
  }
  return worst;
}

export const applyGivens = rotations({
  kernel: 'applyGivens',
  about: 'all n (n - 1) / 2 Givens rotations of the rows of an n × n matrix',
  count: (n) => (n * (n - 1)) / 2,
  planes(n) {
    const pairs: [number, number][] = [];
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push([i, j]);
    return pairs;
  },
});

export const applyGivensShort = rotations({
  kernel: 'applyGivensShort',
  about: 'n - 1 Givens rotations of neighbouring rows of an n × n matrix',
  count: (n) => n - 1,
  planes: (n) => Array.from({ length: n - 1 }, (_, t) => [t, t + 1]),
});
