// Constraints f_i(x) <= 0 up to what a small move of x would mend: for sets without interior. In other units of the f_i
// the answers are the same.
import { jacrev } from '../../autodiff/jacobian.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { unitRoundoffOf } from '../../linalg/blas/tensors.js';

/** The largest such move, in units of max(1, |x_j|). */
const SMALL = { f64: 1e-7, f32: 1e-3 } as const;
/** Values within this many roundings of x count as 0. */
const ROUNDINGS = 1000;
/** The fraction of it by which constraints are relaxed. */
const RELAXED = 0.1;

/** f_i(x) for x [n], and how much each changes, to first order, by such a move. */
function measured(values: (x: Tensor) => Tensor, x: Tensor): { f: number; change: number }[] {
  return scope(() => {
    const f = values(x).toTypedArray();
    const jacobian = (jacrev(values)(x) as Tensor).data();
    const at = x.data();
    const small = SMALL[x.dtype as keyof typeof SMALL];
    return Array.from(f, (value, i) => {
      let slope = 0;
      for (let j = 0; j < at.length; j++)
        slope += Math.abs(jacobian[i * at.length + j]) * Math.max(1, Math.abs(at[j]));
      return { f: value, change: small * slope };
    });
  });
}

/** Whether no constraint is violated by more. */
export function isNearlyFeasible(values: (x: Tensor) => Tensor, x: Tensor): boolean {
  return measured(values, x).every(({ f, change }) => f <= change);
}

/** Whether every f_i is negative by more than the rounding of x changes it. */
export function isStrictlyFeasible(values: (x: Tensor) => Tensor, x: Tensor): boolean {
  const small = SMALL[x.dtype as keyof typeof SMALL];
  return measured(values, x).every(
    ({ f, change }) => f < 0 && f <= (-ROUNDINGS * unitRoundoffOf(x) * change) / small,
  );
}

/** What to subtract from each f_i, so that x becomes strictly feasible; `least` where f_i does not change with x. */
export function relaxations(values: (x: Tensor) => Tensor, x: Tensor, least: number): number[] {
  return measured(values, x).map(({ f, change }) => 2 * Math.max(0, f) + (RELAXED * change || least));
}
