// matmul: the product of two square matrices through tensors, on the CPU (threads share it) and on the GPU.

import { gpu, matmul as product, type Tensor } from 'cotangent';
import { type Numbers, productError, productTolerance } from '../accuracy.js';
import type { Case, Task } from '../case.js';
import { type BenchDType, PORTABLE } from '../row.js';
import { normals, toTensor } from './operands.js';

export const matmul: Case = {
  kernel: 'matmul',
  about: 'n × n times n × n through tensors; threads and the GPU (f32) take part',
  dtypes: ['f32', 'f64'],
  devices: ['cpu', 'gpu'],
  threaded: true,
  sizes: [64, 256, 1024],
  shape: (n) => [n, n, n],
  flops: (n) => 2 * n ** 3,
  tolerance: (n, dtype) => productTolerance(n, dtype),
  setup: (n, dtype, device) =>
    matmulOn(n, dtype, (a, b, errorOf) =>
      device === 'cpu' ? onCpu(a, b, errorOf) : onGpu(a, b, errorOf, {}),
    ),
};

/** The same by gpu.js's kernel, for comparisons where WebGPU has one of ours. */
export const matmulPortable: Case = {
  ...matmul,
  kernel: PORTABLE,
  about: 'n × n times n × n by the kernel of gpu.js',
  dtypes: ['f32'],
  devices: ['gpu'],
  setup: (n, dtype) => matmulOn(n, dtype, (a, b, errorOf) => onGpu(a, b, errorOf, { kernel: 'portable' })),
};

/** Makes the operands, and the check of a result against f64. */
function matmulOn(
  n: number,
  dtype: BenchDType,
  task: (a: Tensor, b: Tensor, errorOf: (c: Tensor) => number) => Task,
): Task {
  const left = normals(n * n, dtype, 1);
  const right = normals(n * n, dtype, 2);
  return task(toTensor(left, [n, n]), toTensor(right, [n, n]), (c) => {
    const values = c.toTypedArray() as Numbers;
    c.dispose();
    return productError({ m: n, n, k: n, a: left, b: right, c: values });
  });
}

function onCpu(a: Tensor, b: Tensor, errorOf: (c: Tensor) => number): Task {
  return {
    run: () => product(a, b).dispose(),
    error: () => errorOf(product(a, b)),
    dispose() {
      a.dispose();
      b.dispose();
    },
  };
}

function onGpu(a: Tensor, b: Tensor, errorOf: (c: Tensor) => number, options: gpu.MatmulOptions): Task {
  const left = gpu.upload(a);
  const right = gpu.upload(b);
  const download = async () => {
    const c = gpu.matmul(left, right, options);
    try {
      return await c.download();
    } finally {
      c.dispose();
    }
  };
  return {
    async run() {
      const c = gpu.matmul(left, right, options);
      await gpu.sync();
      c.dispose();
    },
    async runWithTransfer() {
      const x = gpu.upload(a);
      const y = gpu.upload(b);
      const c = gpu.matmul(x, y, options);
      (await c.download()).dispose();
      for (const g of [x, y, c]) g.dispose();
    },
    error: async () => errorOf(await download()),
    dispose() {
      left.dispose();
      right.dispose();
      a.dispose();
      b.dispose();
    },
  };
}
