// Splitting a product among threads: by batch, by rows or by columns of C, in whole register tiles.
// Every element of C is summed in the order that k alone fixes, so the bits do not depend on the number of threads.

import type { BlasExports } from '../../generated/blas.js';
import { allocateBytes, releaseBytes, runtime } from '../runtime.js';
import type { Call } from './pool.js';

/** Parts start at multiples of the register tile of either type. */
const TILE = 8;

/** C := alpha A B + beta C as numbers: extents, addresses, and strides in elements. */
export interface Product {
  dtype: 'f64' | 'f32';
  m: number;
  n: number;
  k: number;
  a: number;
  rsa: number;
  csa: number;
  b: number;
  rsb: number;
  csb: number;
  c: number;
  rsc: number;
  csc: number;
}

/** [start, length) of each of at most `parts` parts of `extent`, in whole tiles. */
function ranges(extent: number, parts: number): [number, number][] {
  const step = Math.ceil(extent / parts / TILE) * TILE;
  const result: [number, number][] = [];
  for (let start = 0; start < extent; start += step) result.push([start, Math.min(step, extent - start)]);
  return result;
}

/** One large product in parallel: C = A B. */
export function multiplyParallel(p: Product, kernels: BlasExports): void {
  const { pool } = runtime();
  const size = p.dtype === 'f64' ? 8 : 4;
  const byRows = p.m >= p.n;
  const parts = ranges(byRows ? p.m : p.n, pool?.threads ?? 1);
  const bytes = kernels[`gemm_${p.dtype}_work`](p.m, p.n, p.k);
  const works: number[] = [];
  try {
    for (const _ of parts) works.push(allocateBytes(bytes, 'matmul'));
    const calls = parts.map(([start, length], i): Call => {
      const [m, n] = byRows ? [length, p.n] : [p.m, length];
      const a = byRows ? p.a + start * p.rsa * size : p.a;
      const b = byRows ? p.b : p.b + start * p.csb * size;
      const c = p.c + start * (byRows ? p.rsc : p.csc) * size;
      return {
        kernel: `gemm_packed_${p.dtype}`,
        args: [m, n, p.k, 1, a, p.rsa, p.csa, b, p.rsb, p.csb, 0, c, p.rsc, p.csc, works[i]],
      };
    });
    if (pool) pool.run(calls, kernels);
    else for (const call of calls) (kernels[call.kernel] as (...args: number[]) => void)(...call.args);
  } finally {
    for (const work of works) releaseBytes(work);
  }
}

/** `batch` equal products in parallel; `strides` are the distances between operands, in elements. */
export function multiplyBatchParallel(
  p: Product,
  batch: number,
  strides: { a: number; b: number; c: number },
  kernels: BlasExports,
): void {
  const { pool } = runtime();
  const size = p.dtype === 'f64' ? 8 : 4;
  const share = Math.ceil(batch / (pool?.threads ?? 1));
  const bytes = kernels[`gemm_${p.dtype}_work`](p.m, p.n, p.k);
  const works: number[] = [];
  try {
    const calls: Call[] = [];
    for (let start = 0; start < batch; start += share) {
      const work = allocateBytes(bytes, 'matmul');
      works.push(work);
      const at = (address: number, stride: number) => address + start * stride * size;
      calls.push({
        kernel: `gemm_batched_${p.dtype}`,
        args: [
          ...[Math.min(share, batch - start), p.m, p.n, p.k, 1, at(p.a, strides.a), strides.a, p.rsa, p.csa],
          ...[
            at(p.b, strides.b),
            strides.b,
            p.rsb,
            p.csb,
            0,
            at(p.c, strides.c),
            strides.c,
            p.rsc,
            p.csc,
            work,
          ],
        ],
      });
    }
    if (pool) pool.run(calls, kernels);
  } finally {
    for (const work of works) releaseBytes(work);
  }
}
