// What a factorization is: U ≈ Û = G_1 G_2 … G_N P.
import { tensor } from '../core/create.js';
import { disposable } from '../core/disposable.js';
import type { Tensor } from '../core/tensor.js';
import { atan2 } from '../ops/power.js';
import type { Refined } from './refine.js';
import type { PairCounts } from './search/pair-search.js';
import type { Sequence, Status } from './search/sequence.js';

/**
 * An orthogonal matrix Û = G_1 G_2 … G_N P of plane rotations and a signed permutation, which approximates U. G(i, j, α) is the identity except for
 * g_ii = g_jj = cos α, g_ij = sin α and g_ji = -sin α, and P[permutation[c], c] = signs[c]. i, j and angles go into `linalg.applyGivens` as they are.
 */
export interface Factorization {
  readonly d: number;
  /** i32 [N]. */
  readonly i: Tensor;
  /** i32 [N]. */
  readonly j: Tensor;
  /** [N], in radians. */
  readonly angles: Tensor;
  /** i32 [d]: column c of Û is signs[c] times column permutation[c] of G_1 … G_N. The nearest to U there is. */
  readonly permutation: Tensor;
  /** [d], 1 or -1. */
  readonly signs: Tensor;
  /** [k]: error(N) = min over P of ‖U - G_1 … G_N P‖_F / √d for the N in `errorsAt`; the last is that of the result. */
  readonly errors: Tensor;
  /** i32 [k]. */
  readonly errorsAt: Tensor;
  /** Of 'jacobi': [N + 1], Σ s_ij² beside the diagonal before the first rotation and after each. */
  readonly off?: Tensor;
  /** Of 'jacobi': [d], the diagonal of Ûᵀ S Û. */
  readonly values?: Tensor;
  /** Of 'l1': how many pairs of rows were touched, bounded and evaluated by the search. */
  readonly pairs?: PairCounts;
  /** Why the search has ended: enough factors, an error below the tolerance, or no rotation that gains more than rounding. */
  readonly status: Status;
  /** Frees the tensors. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What a search has found, and P. */
export interface Found extends Refined {
  readonly sequence: Sequence;
  readonly status: Status;
  readonly off?: readonly number[];
  readonly values?: Float64Array;
  readonly pairs?: PairCounts;
}

/** The factorization as tensors. */
export function factorizationOf(d: number, found: Found): Factorization {
  const { sequence } = found;
  const made: Tensor[] = [];
  const own = (x: Tensor): Tensor => {
    made.push(x);
    return x;
  };
  try {
    const [c, s] = [own(tensor(Float64Array.from(sequence.c))), own(tensor(Float64Array.from(sequence.s)))];
    const angles = own(atan2(s, c));
    for (const x of [c, s]) x.dispose();
    const parts = {
      i: own(tensor(Int32Array.from(sequence.i))),
      j: own(tensor(Int32Array.from(sequence.j))),
      angles,
      permutation: own(tensor(found.permutation)),
      signs: own(tensor(found.signs)),
      errors: own(tensor(Float64Array.from(sequence.errors))),
      errorsAt: own(tensor(Int32Array.from(sequence.errorsAt))),
      ...(found.off && { off: own(tensor(Float64Array.from(found.off))) }),
      ...(found.values && { values: own(tensor(found.values)) }),
    };
    return disposable({
      d,
      ...parts,
      ...(found.pairs && { pairs: found.pairs }),
      status: found.status,
      dispose() {
        for (const x of Object.values(parts)) x.dispose();
      },
    });
  } catch (error) {
    for (const x of made) if (!x.isDisposed) x.dispose();
    throw error;
  }
}
