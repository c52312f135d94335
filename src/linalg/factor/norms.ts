// ||A||_1 = max_j Σ_i |a_ij| of each matrix of a stack, for conditions.
import { bytesPerElement } from '../../core/dtype.js';
import { withWorkspace } from '../../core/runtime.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import type { Stack } from '../stack.js';

/** [count]; of what the lower triangles mean if `symmetric`. */
export function norms1(name: string, a: Tensor, stack: Stack, { symmetric }: { symmetric: boolean }): Tensor {
  const { dtype, count, rows: n } = stack;
  const norms = allocate([count], dtype, name);
  try {
    withWorkspace(n * bytesPerElement(dtype), name, (work) =>
      lapack.exports[`norm1_${dtype}`](count, n, a.address, Number(symmetric), norms.address, work),
    );
    return norms;
  } catch (error) {
    norms.dispose();
    throw error;
  }
}
