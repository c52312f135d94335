// Declarative nodes: a solve and its gradient, in one row each.

import { add, eye, grad, matmul, mul, nodes, ones, square, sum, type Tensor } from 'cotangent';
import { relativeError, timesVector } from '../accuracy.js';
import type { Case } from '../case.js';
import { normals, toTensor } from './operands.js';
import { numbers, problem, solveTolerance, symmetric, values } from './problem.js';

const squares = (f: (...xs: Tensor[]) => Tensor, args: readonly Tensor[]) =>
  grad(
    (...xs: Tensor[]) => sum(square(f(...xs))),
    args.map((_, i) => i),
  )(...args);

export const leastSquaresNode: Case = problem({
  kernel: 'nodes.leastSquares',
  about:
    'least squares with a 2n × n matrix, and the gradient in matrix and right side; counted is the factorization',
  sizes: [16, 64, 256],
  shape: (n) => [2 * n, n],
  flops: (n) => (10 * n ** 3) / 3,
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
      run: () => squares((A, b) => nodes.leastSquares(A, b), [a, b]),
      error: () => relativeError(values(nodes.leastSquares(a, b)), x),
    };
  },
});

export const eighNode: Case = problem({
  kernel: 'nodes.eigh',
  about:
    'eigenvalues and eigenvectors of an n × n symmetric matrix, and a gradient in both; counted are 9 n³ and 6 n³',
  sizes: [16, 64, 256],
  flops: (n) => 15 * n ** 3,
  prepare(n, dtype) {
    const x = toTensor(symmetric(n, dtype), [n, n]);
    const weights = toTensor(normals(n * n, dtype, 3), [n, n]);
    return {
      operands: [x, weights],
      run: () =>
        grad((y: Tensor) => {
          const { values: w, vectors } = nodes.eigh(y);
          return add(sum(square(w)), sum(mul(weights, vectors)));
        })(x),
      error() {
        const { values: w, vectors } = nodes.eigh(x);
        return relativeError(values(matmul(mul(vectors, w), vectors, { transposeB: true })), values(x));
      },
    };
  },
});

/** Programs in a batch. */
const PROGRAMS = 64;

export const quadraticProgramNode: Case = problem({
  kernel: 'nodes.quadraticProgram',
  about: `${PROGRAMS} programs of n unknowns in a box, and the gradient in matrix and vector; counted are factors and inverses`,
  sizes: [8, 32, 64],
  shape: (n) => [PROGRAMS, n],
  flops: (n) => PROGRAMS * n ** 3,
  tolerance: solveTolerance,
  prepare(n, dtype) {
    const L = toTensor(normals(PROGRAMS * n * n, dtype, 1), [PROGRAMS, n, n]);
    const P = add(mul(matmul(L, L, { transposeB: true }), 1 / n), mul(eye(n, n, { dtype }), 0.1));
    const q = toTensor(normals(PROGRAMS * n, dtype, 2), [PROGRAMS, n]);
    const box = { G: eye(n, n, { dtype }), h: mul(ones([n], { dtype }), 0.1) };
    const solve = (P: Tensor, q: Tensor) => nodes.quadraticProgram({ P, q, ...box });
    return {
      operands: [L, P, q, box.G, box.h],
      run: () => squares(solve, [P, q]),
      error() {
        // The projected gradient step leaves a solution where it is.
        const x = solve(P, q);
        const [at, m, r] = [values(x), values(P), values(q)];
        const moved = numbers(PROGRAMS * n, dtype, (k) => {
          const [row, i] = [Math.floor(k / n), k % n];
          let force = r[k];
          for (let j = 0; j < n; j++) force += m[(row * n + i) * n + j] * at[row * n + j];
          return Math.min(0.1, at[k] - force);
        });
        return relativeError(moved, at);
      },
    };
  },
});

export const totalVariationNode: Case = problem({
  kernel: 'nodes.totalVariation',
  about: 'total variation of a signal of n numbers, and the gradient in signal and weight; counted are 10 n',
  sizes: [1000, 100_000],
  shape: (n) => [n],
  flops: (n) => 10 * n,
  prepare(n, dtype) {
    const x = toTensor(normals(n, dtype, 1), [n]);
    const lambda = toTensor(
      numbers(1, dtype, () => 1),
      [],
    );
    return {
      operands: [x, lambda],
      run: () => squares((y, l) => nodes.totalVariation(y, { lambda: l }), [x, lambda]),
      error() {
        // The sum of the signal stays.
        const y = values(nodes.totalVariation(x, { lambda }));
        const total = (list: ArrayLike<number>) => Array.from(list).reduce((sum, value) => sum + value, 0);
        return Math.abs(total(y) - total(values(x))) / n;
      },
    };
  },
});
