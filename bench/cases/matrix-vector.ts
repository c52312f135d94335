// Level-2 kernels on raw pointers: gemv and ger, which read or write a whole matrix for few operations.

import { gemv_f32, gemv_f64, gemv_work, ger_f32, ger_f64 } from 'cotangent/kernels';
import { productTolerance, relativeError, timesVector } from '../accuracy.js';
import { type Case, roundoff } from '../case.js';
import { normals, Operands } from './operands.js';

const common = {
  dtypes: ['f32', 'f64'],
  devices: ['cpu'],
  threaded: false,
  sizes: [64, 256, 1024],
  shape: (n: number) => [n, n],
  flops: (n: number) => 2 * n * n,
} as const;

export const gemv: Case = {
  ...common,
  kernel: 'gemv',
  about: 'n × n times a vector, raw pointers',
  bytes: (n, size) => n * n * size,
  tolerance: productTolerance,
  setup(n, dtype) {
    const operands = new Operands();
    const a = operands.place(normals(n * n, dtype, 1));
    const x = operands.place(normals(n, dtype, 2));
    const y = operands.zeros(n, dtype);
    const work = operands.workspace(gemv_work());
    const kernel = dtype === 'f64' ? gemv_f64 : gemv_f32;
    const run = () => kernel(n, n, 1, a.pointer, n, 1, x.pointer, 1, 0, y.pointer, 1, work);
    return {
      run,
      error() {
        run();
        return relativeError(y.view(), timesVector(a.values, n, n, x.values));
      },
      dispose: () => operands.dispose(),
    };
  },
};

export const ger: Case = {
  ...common,
  kernel: 'ger',
  about: 'A += alpha x yᵀ for an n × n matrix, raw pointers',
  bytes: (n, size) => 2 * n * n * size,
  tolerance: (_n, dtype) => 4 * roundoff(dtype),
  setup(n, dtype) {
    const operands = new Operands();
    const a = operands.place(normals(n * n, dtype, 1));
    const x = operands.place(normals(n, dtype, 2));
    const y = operands.place(normals(n, dtype, 3));
    const kernel = dtype === 'f64' ? ger_f64 : ger_f32;
    const alpha = 2 ** -10;
    const run = () => kernel(n, n, alpha, x.pointer, 1, y.pointer, 1, a.pointer, n, 1);
    return {
      run,
      error() {
        a.view().set(a.values);
        run();
        const wanted = Float64Array.from(a.values);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) wanted[i * n + j] += alpha * x.values[i] * y.values[j];
        }
        return relativeError(a.view(), wanted);
      },
      dispose: () => operands.dispose(),
    };
  },
};
