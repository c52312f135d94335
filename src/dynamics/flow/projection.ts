// The row that projects a velocity on faces onto those without divergence: x - G L⁻¹ D x, with backward differences D, forward ones G, and the 5-point Laplacian L = D G.
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { takePlan, takeRoots } from '../../fft/plans.js';
import { blas } from '../../generated/blas.js';
import { fft } from '../../generated/fft.js';
import { flow } from '../../generated/flow.js';
import type { Float } from '../../linalg/stack.js';
import { apply, type Op } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import type { Poisson } from './poisson.js';

/** 1/h. */
export interface ProjectionParams {
  readonly inverse: number;
}

/** Solves L q = b for a member: at an address [n, n], to another. */
type Solver = (b: number, q: number) => void;

/** Row of the table: a velocity, and what the exact solution needs. The projection is orthogonal, so it is its own transpose. */
export const projectionOp: Op<ProjectionParams> = {
  name: 'projection',
  shape: ([x]) => x,
  prepare([y], [x, inverses, basis], { inverse }, space) {
    const dtype = x.dtype as Float;
    const n = x.shape[x.ndim - 1];
    const field = n * n * bytesPerElement(dtype);
    const [b, q] = [space.scratch(field), space.scratch(field)];
    const solve =
      basis === undefined
        ? byTransforms(dtype, n, inverses, space)
        : byProducts(dtype, n, inverses, basis, space);
    const divergence = flow.exports[`flow_divergence_${dtype}`];
    const correct = flow.exports[`flow_correct_${dtype}`];
    return () => {
      for (let at = 0; at < (x.size / (n * n)) * field; at += 2 * field) {
        divergence(n, inverse, x.address + at, b);
        solve(b, q);
        correct(n, inverse, q, x.address + at, y.address + at);
      }
    };
  },
  jvp: ([tx], { inputs: [, ...solution], params }) => tx && apply(projectionOp, [tx, ...solution], params),
  vjp: ([ct], { inputs: [, ...solution], params }) => [
    apply(projectionOp, [ct as Tensor, ...solution], params),
    ...solution.map(() => undefined),
  ],
};

/** Real numbers along x, then complex ones along y, with a transposition between, so that all of them stand in columns side by side. */
function byTransforms(dtype: Float, n: number, inverses: Tensor, space: Workspace): Solver {
  const half = Math.floor(n / 2) + 1;
  const plane = n * half * bytesPerElement(dtype);
  const columns = takePlan('projection', dtype, n, half === 1);
  space.keep(columns);
  const pairs = takePlan('projection', dtype, fft.exports.rfft_length(n), n === 1);
  space.keep(pairs);
  const roots = takeRoots('projection', dtype, n);
  space.keep(roots);
  const [a, b] = [space.scratch(2 * plane), space.scratch(2 * plane)];
  const complexWork = space.scratch(fft.exports[`fft_${dtype}_work`](columns.address, half));
  const realWork = space.scratch(fft.exports[`rfft_${dtype}_work`](pairs.address, n));
  const { [`rfft_${dtype}` as const]: rfft, [`irfft_${dtype}` as const]: irfft } = fft.exports;
  const complex = fft.exports[`fft_${dtype}`];
  const turn = flow.exports[`flow_transpose_${dtype}`];
  const scale = flow.exports[`flow_scale_${dtype}`];
  return (from, to) => {
    const real = [pairs.address, roots.address, n, 1, n, 0, n] as const;
    rfft(...real, from, a, a + plane, 1, 1, realWork);
    turn(half, n, a, n, b, half);
    turn(half, n, a + plane, n, b + plane, half);
    complex(columns.address, 1, half, 0, half, b, b + plane, a, a + plane, 1, complexWork);
    scale(2, n * half, inverses.address, a);
    // Backward, by parts in exchanged places.
    complex(columns.address, 1, half, 0, half, a + plane, a, b + plane, b, 1, complexWork);
    turn(n, half, b, half, a, n);
    turn(n, half, b + plane, half, a + plane, n);
    irfft(...real, a, a + plane, to, 1, 2, realWork);
  };
}

/** Q ((Qᵀ b Q) / λ) Qᵀ. */
function byProducts(dtype: Float, n: number, inverses: Tensor, basis: Tensor, space: Workspace): Solver {
  const field = n * n * bytesPerElement(dtype);
  const [a, b] = [space.scratch(field), space.scratch(field)];
  const work = space.scratch(blas.exports[`gemm_${dtype}_work`](n, n, n));
  const gemm = blas.exports[`gemm_${dtype}`];
  const scale = flow.exports[`flow_scale_${dtype}`];
  return (from, to) => {
    const q = basis.address;
    gemm(n, n, n, 1, q, 1, n, from, n, 1, 0, a, n, 1, work);
    gemm(n, n, n, 1, a, n, 1, q, n, 1, 0, b, n, 1, work);
    scale(1, n * n, inverses.address, b);
    gemm(n, n, n, 1, q, n, 1, b, n, 1, 0, a, n, 1, work);
    gemm(n, n, n, 1, a, n, 1, q, 1, n, 0, to, n, 1, work);
  };
}

/** `x` without its divergence. */
export function projected(x: Tensor, { inverses, basis }: Poisson, h: number): Tensor {
  return apply(projectionOp, basis === undefined ? [x, inverses] : [x, inverses, basis], { inverse: 1 / h });
}
