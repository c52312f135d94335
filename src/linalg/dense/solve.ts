// A X = B for square A.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { apply, applyAll, type Op } from '../../ops/op.js';
import { Tracer } from '../../ops/tracer.js';
import { choleskyFactorization, choleskyRows } from '../factor/cholesky.js';
import { luFactorization, luRows } from '../factor/lu.js';
import { columnsOf, type FactorRows, prepareSolveWith } from '../factor/rows.js';
import { type Factorization, partSpecs, prepareFactor } from '../factor/verbs.js';
import { symmetrized } from '../rules/matrix.js';
import { systemRow } from '../rules/system.js';
import { checkFloat, squareOf } from '../stack.js';
import { sidesOf } from './right-sides.js';

/** Options of `solve`. */
export interface SolveOptions {
  /** 'general' (default): LU; 'positiveDefinite': Cholesky, half the work, reads only the lower triangle of a. */
  assume?: 'general' | 'positiveDefinite';
}

const SOLVE_OPTIONS: OptionNames<SolveOptions> = { assume: true };

/** What is known about the matrix, and the function that errors name. */
interface SolveParams extends Required<SolveOptions> {
  user: string;
}

/** The factorization for that kind of matrix, and its rows. */
const kindFor = ({ assume }: SolveParams): Factorization =>
  assume === 'general' ? luFactorization : choleskyFactorization;
const rowsFor = ({ assume }: SolveParams): FactorRows => (assume === 'general' ? luRows : choleskyRows);

/** Row of the table: x, and the factors of a, which the rules use again. */
export const solveOp: Op<SolveParams> = /* @__PURE__ */ systemRow(
  {
    name: 'solve',
    shape([a, b], params) {
      const stack = squareOf(params.user, 'a', a);
      const { shape } = sidesOf(params.user, stack, b);
      return [{ shape, dtype: a.dtype }, ...partSpecs(kindFor(params), stack)];
    },
    prepare([x, ...parts], [a, b], params, space) {
      const { user } = params;
      const [f, stack] = [kindFor(params), squareOf(user, 'a', a)];
      const work = space.scratch(Math.max(f.factorBytes(stack), f.solveBytes(stack, columnsOf(b))));
      const factor = prepareFactor(user, f, stack, a, parts, work);
      const solve = prepareSolveWith(f, stack, x, b, parts, { user, transpose: false }, work, space);
      return () => {
        factor();
        solve();
      };
    },
  },
  {
    solve: ({ inputs: [a], outputs: [, ...parts], params }, b, transpose) =>
      apply(rowsFor(params).solve, [a, b, ...parts], { user: params.user, transpose }),
    isTransposed: () => false,
    part: (x, { assume }) => (assume === 'general' ? x : symmetrized(x)),
  },
);

/** Row of the table: x from a, b and the LU factors of a, which have no derivatives of their own. */
export const solveWithOp: FactorRows['solve'] = /* @__PURE__ */ (() => luRows.solve)();

/**
 * Solves a X = b.
 * @param a [..., n, n], f64 or f32.
 * @param b a vector [n] or [..., n, k]; leading axes broadcast with those of a.
 * @throws SingularMatrixError or NotPositiveDefiniteError with `.index`, the failed pivot; ShapeError, DTypeError.
 * Derivatives solve with the same factors, without factoring again. With 'positiveDefinite' the cotangent of a is
 * symmetric.
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

/** The same for internal use; `user` is the function in errors. */
export function solveFor(user: string, a: Tensor, b: Tensor, { assume }: Required<SolveOptions>): Tensor {
  const inputs = [checkFloat(user, 'a', a), checkFloat(user, 'b', b)];
  const [x, ...factors] = applyAll(solveOp, inputs, { assume, user });
  // The backward pass may need the factors if a or b is traced.
  if (!(a instanceof Tracer || b instanceof Tracer)) for (const t of factors) t.dispose();
  return x;
}
