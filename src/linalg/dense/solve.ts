// A X = B for square A.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { apply, applyAll, type Op } from '../../ops/op.js';
import { Tracer } from '../../ops/tracer.js';
import { choleskyFactors } from '../factor/cholesky.js';
import { luFactors } from '../factor/lu.js';
import { solveWithInto } from '../factor/verbs.js';
import { symmetrized } from '../rules/matrix.js';
import { systemRow } from '../rules/system.js';
import { checkFloat, squareOf } from '../stack.js';
import { assign } from '../vectors.js';
import { potrf } from './cholesky.js';
import { getrf } from './lu.js';
import { sidesOf } from './right-sides.js';

/** Options of `solve`. */
export interface SolveOptions {
  /** 'general' (default): LU; 'positiveDefinite': Cholesky, half the work, and only the lower triangle of a is read. */
  assume?: 'general' | 'positiveDefinite';
}

const SOLVE_OPTIONS: OptionNames<SolveOptions> = { assume: true };

/** What is known of the matrix, and the function that errors name. */
interface SolveParams extends Required<SolveOptions> {
  user: string;
}

const isGeneral = ({ assume }: SolveParams) => assume === 'general';

/** Row of the table: x, and the factors of a, by which the rules solve again. */
export const solveOp: Op<SolveParams> = /* @__PURE__ */ systemRow(
  {
    name: 'solve',
    shape([a, b], params) {
      const { dtype, batch, rows: n } = squareOf(params.user, 'a', a);
      const { shape } = sidesOf(params.user, squareOf(params.user, 'a', a), b);
      const x = [
        { shape, dtype },
        { shape: a.shape, dtype },
      ];
      return isGeneral(params) ? [...x, { shape: [...batch, n], dtype: 'i32' as const }] : x;
    },
    prepare([x, packed, pivots], [a, b], params) {
      const { user } = params;
      const stack = squareOf(user, 'a', a);
      return () => {
        assign(a, packed);
        if (isGeneral(params)) {
          const infos = getrf(user, stack, packed, pivots);
          solveWithInto(user, luFactors(stack, [packed, pivots], infos), x, b, false);
        } else {
          potrf(user, stack, packed);
          solveWithInto(user, choleskyFactors(stack, [packed]), x, b, false);
        }
      };
    },
  },
  {
    solve: ({ inputs: [a], outputs: [, ...factors], params }, b, transpose) =>
      apply(solveWithOp, [a, b, ...factors], { ...params, transpose }),
    isTransposed: () => false,
    part: (x, params) => (isGeneral(params) ? x : symmetrized(x)),
  },
);

/** Row of the table: x out of a, b and the factors of a, which have no derivatives of their own. */
export const solveWithOp: Op<SolveParams & { transpose: boolean }> = /* @__PURE__ */ systemRow(
  {
    name: 'solve',
    shape([a, b], { user }) {
      return { shape: sidesOf(user, squareOf(user, 'a', a), b).shape, dtype: a.dtype };
    },
    prepare([x], [a, b, ...factors], params) {
      const { user, transpose } = params;
      const stack = squareOf(user, 'a', a);
      const f = (isGeneral(params) ? luFactors : choleskyFactors)(stack, [...factors]);
      return () => solveWithInto(user, f, x, b, transpose);
    },
  },
  {
    solve: ({ inputs: [a, , ...factors], params }, b, transpose) =>
      apply(solveWithOp, [a, b, ...factors], { ...params, transpose }),
    isTransposed: ({ transpose }) => transpose,
    part: (x, params) => (isGeneral(params) ? x : symmetrized(x)),
  },
);

/**
 * Solves a X = b.
 * @param a [..., n, n], f64 or f32.
 * @param b a vector [n] or [..., n, k]; leading axes broadcast with those of a.
 * @throws SingularMatrixError or NotPositiveDefiniteError with `.index`, the pivot that failed; ShapeError, DTypeError.
 * Derivatives solve with the same factors: no second factorization. With 'positiveDefinite' the cotangent of a is symmetric.
 * Source: LAPACK's gesv and posv.
 * @example
 * linalg.solve(tensor([[2, 1], [1, 3]]), tensor([3, 5])); // [0.8, 1.4]
 */
export function solve(a: Tensor, b: Tensor, options: SolveOptions = {}): Tensor {
  checkOptions('solve', options, SOLVE_OPTIONS);
  const { assume = 'general' } = options;
  if (assume !== 'general' && assume !== 'positiveDefinite') {
    throw new ArgumentError(`solve: assume must be 'general' or 'positiveDefinite', got ${describe(assume)}`);
  }
  return solveFor('solve', a, b, { assume });
}

/** The same for another function's use, with its name in errors. */
export function solveFor(user: string, a: Tensor, b: Tensor, { assume }: Required<SolveOptions>): Tensor {
  const inputs = [checkFloat(user, 'a', a), checkFloat(user, 'b', b)];
  const [x, ...factors] = applyAll(solveOp, inputs, { assume, user });
  // Whoever follows a or b may need the factors on the way back.
  if (!(a instanceof Tracer || b instanceof Tracer)) for (const t of factors) t.dispose();
  return x;
}
