// gemm: C = A B on raw pointers, without tensors, allocation or threads.

import { gemm_f32, gemm_f32_work, gemm_f64, gemm_f64_work } from 'cotangent/kernels';
import { productError, productTolerance } from '../accuracy.js';
import type { Case } from '../case.js';
import { normals, Operands } from './operands.js';

export const gemm: Case = {
  kernel: 'gemm',
  about: 'n × n times n × n on raw pointers, one thread',
  dtypes: ['f32', 'f64'],
  devices: ['cpu'],
  threaded: false,
  sizes: [8, 64, 256, 1024],
  shape: (n) => [n, n, n],
  flops: (n) => 2 * n ** 3,
  tolerance: (n, dtype) => productTolerance(n, dtype),
  setup(n, dtype) {
    const operands = new Operands();
    const a = operands.place(normals(n * n, dtype, 1));
    const b = operands.place(normals(n * n, dtype, 2));
    const c = operands.zeros(n * n, dtype);
    const work = operands.workspace((dtype === 'f64' ? gemm_f64_work : gemm_f32_work)(n, n, n));
    const kernel = dtype === 'f64' ? gemm_f64 : gemm_f32;
    const run = () => kernel(n, n, n, 1, a.pointer, n, 1, b.pointer, n, 1, 0, c.pointer, n, 1, work);
    return {
      run,
      error() {
        run();
        return productError({ m: n, n, k: n, a: a.values, b: b.values, c: c.view().slice() });
      },
      dispose: () => operands.dispose(),
    };
  },
};
