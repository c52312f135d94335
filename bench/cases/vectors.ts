// Level-1 kernels on raw pointers: dot, axpy and nrm2, which are limited by memory from moderate sizes on.

import { axpy_f32, axpy_f64, dot_f32, dot_f64, nrm2_f32, nrm2_f64 } from 'cotangent/kernels';
import { productTolerance, relativeError } from '../accuracy.js';
import { type Case, roundoff } from '../case.js';
import { normals, Operands, positives } from './operands.js';

const common = {
  dtypes: ['f32', 'f64'],
  devices: ['cpu'],
  threaded: false,
  sizes: [1024, 65536, 1048576],
  shape: (n: number) => [n],
} as const;

export const dot: Case = {
  ...common,
  kernel: 'dot',
  about: 'inner product of two vectors of length n, raw pointers',
  flops: (n) => 2 * n,
  bytes: (n, size) => 2 * n * size,
  tolerance: productTolerance,
  setup(n, dtype) {
    const operands = new Operands();
    const x = operands.place(positives(n, dtype, 1));
    const y = operands.place(positives(n, dtype, 2));
    const kernel = dtype === 'f64' ? dot_f64 : dot_f32;
    const run = () => kernel(n, x.pointer, 1, y.pointer, 1);
    return {
      run,
      error() {
        let wanted = 0;
        for (let i = 0; i < n; i++) wanted += x.values[i] * y.values[i];
        return relativeError([run()], [wanted]);
      },
      dispose: () => operands.dispose(),
    };
  },
};

export const axpy: Case = {
  ...common,
  kernel: 'axpy',
  about: 'y += alpha x for vectors of length n, raw pointers',
  flops: (n) => 2 * n,
  bytes: (n, size) => 3 * n * size,
  tolerance: (_n, dtype) => 4 * roundoff(dtype),
  setup(n, dtype) {
    const operands = new Operands();
    const x = operands.place(normals(n, dtype, 1));
    const y = operands.place(normals(n, dtype, 2));
    const kernel = dtype === 'f64' ? axpy_f64 : axpy_f32;
    // Exact in both types and small: y stays in range however often this runs.
    const alpha = 2 ** -10;
    const run = () => kernel(n, alpha, x.pointer, 1, y.pointer, 1);
    return {
      run,
      error() {
        y.view().set(y.values);
        run();
        const wanted = Float64Array.from({ length: n }, (_, i) => y.values[i] + alpha * x.values[i]);
        return relativeError(y.view(), wanted);
      },
      dispose: () => operands.dispose(),
    };
  },
};

export const nrm2: Case = {
  ...common,
  kernel: 'nrm2',
  about: 'Euclidean norm of a vector of length n, raw pointers',
  flops: (n) => 2 * n,
  bytes: (n, size) => n * size,
  tolerance: productTolerance,
  setup(n, dtype) {
    const operands = new Operands();
    const x = operands.place(normals(n, dtype, 1));
    const kernel = dtype === 'f64' ? nrm2_f64 : nrm2_f32;
    const run = () => kernel(n, x.pointer, 1);
    return {
      run,
      error() {
        let squares = 0;
        for (let i = 0; i < n; i++) squares += x.values[i] * x.values[i];
        return relativeError([run()], [Math.sqrt(squares)]);
      },
      dispose: () => operands.dispose(),
    };
  },
};
