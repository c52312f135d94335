// Splits a sequence of rotations over threads: by matrices, or by columns of one matrix in whole strips. Every part
// computes its elements as the whole would, so the bits do not depend on the number of threads.
import { threadsFor } from '../../core/runtime.js';
import { ranges } from '../../core/threads/ranges.js';
import { type BlasExports, blas } from '../../generated/blas.js';
import type { Float } from '../stack.js';

/** Parts of columns start at multiples of the strip, for either dtype. */
const STRIP = 16;
/** Multiply-adds of one rotation on one column. */
const ROTATION = 4;

/** The arguments of `rotate`: extents, pairs and angles, x and y with their strides, workspace. */
export type RotateArguments = Parameters<BlasExports['rotate_f64']>;

/** Runs the call, in parts if that is worth it. */
export function rotateInParts(dtype: Float, call: RotateArguments): void {
  if (!isShared(dtype, call)) blas.exports[`rotate_${dtype}`](...call);
}

function isShared(dtype: Float, call: RotateArguments): boolean {
  const [batch, n, m, count, pairs, angles, backward, x, bsx, rsx, csx, y, bsy, rsy, csy, work] = call;
  const parallel = threadsFor(ROTATION * batch * m * count);
  if (!parallel) return false;
  const { threads } = parallel.pool;
  const size = dtype === 'f64' ? 8 : 4;
  const byMatrix = batch >= threads;
  return parallel.run({
    module: blas,
    kernel: `rotate_${dtype}`,
    parts: byMatrix ? ranges(batch, threads, 1) : ranges(m, threads, STRIP),
    bytes: blas.exports.rotate_work(n),
    work,
    isRepeatable: x !== y,
    args: ([start, length], own): RotateArguments => {
      const partX = x + start * (byMatrix ? bsx : csx) * size;
      const partY = y + start * (byMatrix ? bsy : csy) * size;
      const [matrices, columns] = byMatrix ? [length, m] : [batch, length];
      return [
        ...([matrices, n, columns, count, pairs, angles, backward] as const),
        ...([partX, bsx, rsx, csx, partY, bsy, rsy, csy, own] as const),
      ];
    },
  });
}
