// K z = r for the symmetric matrix of a KKT system: the derivative of a solution by the implicit function theorem.
import { SingularMatrixError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import { ldlt } from '../../linalg/dense/ldlt.js';
import { lstsq } from '../../linalg/dense/lstsq.js';
import { systemRow } from '../../linalg/rules/system.js';
import type { Float } from '../../linalg/stack.js';
import { apply, type Op } from '../../ops/op.js';
import { array } from './program.js';

/** The spacing of numbers near 1, and the largest residual with which a singular system counts as solvable. */
const LEVELS = {
  f64: { epsilon: 2 ** -52, left: 1e-6 },
  f32: { epsilon: 2 ** -23, left: 1e-3 },
} as const;

/** Number of passes that scale rows and columns to a largest entry of 1. */
const PASSES = 3;

/**
 * Row of the table: K [N, N] symmetric and r [N] or [N, k] -> z, computed in f64 for either dtype. For a singular
 * system (dependent constraints) z is the shortest solution in scaled units; if there is no solution, the point has no
 * derivative, which is an error.
 */
export const kktSolveOp: Op<{ user: string }> = /* @__PURE__ */ systemRow(
  {
    name: 'kktSolve',
    shape: ([, { shape, dtype }]) => ({ shape, dtype }),
    prepare:
      ([z], [K, r], { user }) =>
      () =>
        void scope(() => solveScaled(user, K, r, z)),
  },
  {
    solve: ({ inputs: [K], params }, b) => apply(kktSolveOp, [K, b], params),
    isTransposed: () => false,
    part: (x) => x,
  },
);

function solveScaled(user: string, K: Tensor, r: Tensor, z: Tensor): void {
  const N = K.shape[0];
  const { epsilon, left } = LEVELS[K.dtype as Float];
  const [scaled, right] = [array(user, [N, N], K), array(user, [N, r.size / N], r)];
  const scales = equilibrated(N, view(scaled));
  const columns = r.size / N;
  const b = view(right);
  for (let i = 0; i < b.length; i++) b[i] *= scales[Math.floor(i / columns)];
  const factor = ldlt(scaled);
  try {
    const isRegular = factor.rcond().item() > 8 * N * epsilon;
    const solution = isRegular
      ? factor.solve(right)
      : leastSquares(user, scaled, right, 8 * N * epsilon, left);
    const [to, from] = [z.data(), view(solution)];
    for (let i = 0; i < to.length; i++) to[i] = from[i] * scales[Math.floor(i / columns)];
  } finally {
    factor.dispose();
  }
}

/** The shortest solution of a singular system. */
function leastSquares(user: string, K: Tensor, b: Tensor, rcond: number, left: number): Tensor {
  const { x, residuals, rank } = lstsq(K, b, { rcond });
  const away = Math.sqrt(maxAbs(view(residuals)));
  // Entries that are not finite are marked as no solution, and stay.
  if (away > left * maxAbs(view(b)))
    throw new SingularMatrixError(
      `${user}: the solution has no derivative here: it, or a multiplier that the derivative is taken of, is not unique, or ` +
        'constraints that depend on each other change apart (drop dependent constraints, or add a small multiple of the identity to P)',
      Number(rank),
    );
  return x;
}

/** K := S K S with entries of at most about 1, for a symmetric K; returns the diagonal of S. */
export function equilibrated(N: number, K: Float64Array): Float64Array {
  const scales = new Float64Array(N).fill(1);
  for (let pass = 0; pass < PASSES; pass++) {
    const factors = Float64Array.from({ length: N }, (_, i) => {
      const largest = maxAbs(K.subarray(i * N, (i + 1) * N));
      return largest > 0 && largest < Number.POSITIVE_INFINITY ? 1 / Math.sqrt(largest) : 1;
    });
    for (let i = 0; i < N; i++) {
      scales[i] *= factors[i];
      for (let j = 0; j < N; j++) K[i * N + j] *= factors[i] * factors[j];
    }
  }
  return scales;
}
