// The system of every derivative of least squares, (AᵀWA + lambda I) z = v, from the factor R that the solver found. A row
// of its own, with its rules with respect to A, weights and lambda, so that derivatives of any order use the same R. The
// matrix counts times the square of a unit, a power of two, because its entries are squares, which could overflow.
import { runtime } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { asColumn } from '../../linalg/rules/matrix.js';
import { mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { concat } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';

/** Which inputs follow v, R, p, the unit and A. */
interface NormalParams {
  weights: boolean;
  lambda: boolean;
}

/** The matrix N = unit² (AᵀWA + lambda I): its terms, and its factor R with the order p of its columns. */
export interface NormalMatrix {
  /** Each [count, ...]; the unit [count] has no derivative. */
  A: Tensor;
  weights?: Tensor;
  lambda?: Tensor;
  unit: Tensor;
  r: Tensor;
  p: Tensor;
}

/** Vectors [count, k] times one number each. */
export function timesNumber(unit: Tensor, x: Tensor): Tensor {
  return mul(asColumn(unit), x);
}

/** A x for a batch of matrices [count, m, n] and vectors [count, n]. */
export function times(A: Tensor, x: Tensor): Tensor {
  return reshape(matmul(A, asColumn(x)), A.shape.slice(0, 2));
}

/** Aᵀ y. */
export function timesTransposed(A: Tensor, y: Tensor): Tensor {
  return reshape(matmul(A, asColumn(y), { transposeA: true }), [A.shape[0], A.shape[2]]);
}

/** W y. */
export function weighted(y: Tensor, weights: Tensor | undefined): Tensor {
  return weights ? mul(weights, y) : y;
}

/** s xᵀ + t yᵀ per problem, in one product. */
export function twoOuter(s: Tensor, x: Tensor, t: Tensor, y: Tensor): Tensor {
  const pair = (one: Tensor, other: Tensor) => concat([asColumn(one), asColumn(other)], -1);
  return matmul(pair(s, t), pair(x, y), { transposeB: true });
}

/** Row of the table: z = N⁻¹ v [count, n]; inputs v, R, p, unit, A, and weights and lambda if they are there. */
export const normalSolveOp: Op<NormalParams> = {
  name: 'normalSolve',
  shape: ([{ shape, dtype }]) => ({ shape, dtype }),
  prepare([z], [v, r, p], _, space) {
    const { level3_f64_work, trtrs_f64 } = lapack.exports;
    const [count, n] = z.shape;
    const [side, work] = [space.scratch(count * n * 8), space.scratch(level3_f64_work(n, 1, n))];
    return () => {
      const c = new Float64Array(runtime().memory.buffer, side, count * n);
      const [from, to, order] = [v.data(), z.data(), p.data()];
      for (let i = 0; i < c.length; i++) c[i] = from[i - (i % n) + order[i]];
      const sides = [side, 1, 1, n, work] as const;
      trtrs_f64(count, 1, 0, n, 1, r.address, 1, n, n * n, ...sides);
      trtrs_f64(count, 0, 0, n, 1, r.address, n, 1, n * n, ...sides);
      for (let i = 0; i < c.length; i++) to[i - (i % n) + order[i]] = c[i];
    };
  },
  jvp([tv, , , , tA, ...more], { inputs, outputs: [z], params }) {
    const matrix = matrixOf(inputs, params);
    const { A, weights: w, unit } = matrix;
    const tw = params.weights ? more.shift() : undefined;
    const tl = params.lambda ? more.shift() : undefined;
    let moved: Derivative;
    if (tA || tw) {
      const Az = timesNumber(unit, times(A, z));
      let inner: Derivative;
      if (tA) {
        inner = weighted(timesNumber(unit, times(tA, z)), w);
        moved = timesTransposed(tA, weighted(Az, w));
      }
      if (tw) inner = plus(inner, mul(tw, Az));
      moved = timesNumber(unit, plus(moved, timesTransposed(A, inner as Tensor)) as Tensor);
    }
    if (tl) moved = plus(moved, timesNumber(tl, timesNumber(unit, timesNumber(unit, z))));
    const side = tv && moved ? sub(tv, moved) : (tv ?? (moved && neg(moved)));
    return side && normalSolve(matrix, side);
  },
  vjp([ct], { inputs, outputs: [z], params, wanted }) {
    const matrix = matrixOf(inputs, params);
    const { A, weights: w, unit } = matrix;
    const s = normalSolve(matrix, ct as Tensor);
    const cotangents: Derivative[] = [s, undefined, undefined, undefined, undefined];
    if (wanted[4] || (w && wanted[5])) {
      const [As, Az] = [s, z].map((x) => timesNumber(unit, times(A, x)));
      const [left, right] = [As, Az].map((x) => timesNumber(unit, weighted(x, w)));
      if (wanted[4]) cotangents[4] = neg(twoOuter(left, z, right, s));
      if (w) cotangents.push(neg(mul(As, Az)));
    } else if (w) cotangents.push(undefined);
    if (matrix.lambda)
      cotangents.push(neg(sum(mul(timesNumber(unit, s), timesNumber(unit, z)), { axis: -1 })));
    return cotangents;
  },
};

function matrixOf([, r, p, unit, A, ...more]: readonly Tensor[], params: NormalParams): NormalMatrix {
  const weights = params.weights ? more.shift() : undefined;
  return { r, p, unit, A, weights, lambda: params.lambda ? more.shift() : undefined };
}

/** The row for v. */
export function normalSolve({ A, weights, lambda, unit, r, p }: NormalMatrix, v: Tensor): Tensor {
  const inputs = [v, r, p, unit, A, weights, lambda].filter((x): x is Tensor => x !== undefined);
  return apply(normalSolveOp, inputs, { weights: weights !== undefined, lambda: lambda !== undefined });
}
