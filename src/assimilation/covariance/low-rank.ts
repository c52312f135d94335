// C = U Uᵀ + D by Woodbury's formula. With W = D^{-1/2} U and WᵀW = V Λ Vᵀ, F = W V: every function of I + W Wᵀ is I + F diag(g(λ)) Fᵀ.

import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { allFinite } from '../../dynamics/finite.js';
import { eigh } from '../../linalg/dense/eigh.js';
import { checkFloat } from '../../linalg/stack.js';
import { add, div, mul, neg } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { maximum } from '../../ops/minmax.js';
import { sqrt } from '../../ops/roots.js';
import { broadcastTo } from '../../ops/sum.js';
import { isKnown } from '../../ops/tracer.js';
import { type Covariance, checkVector, covarianceOf } from './covariance.js';
import { onRows } from './dense.js';
import { checkVariances } from './diagonal.js';

/**
 * U Uᵀ + diag(variances) of the vectors vec(x) in row-major order: anomalies of an ensemble, say, plus what they do not span. Memory and work are those
 * of U; its root is D^{1/2} (I + W Wᵀ)^{1/2} with W = D^{-1/2} U.
 * @param U [m, r]; copied.
 * @param variances D, positive: a number, or a tensor with m entries (of any shape) or one.
 * @throws ArgumentError for a variance that is not positive, and for a U that is not finite; ShapeError, DTypeError.
 * Source: Woodbury's formula, Golub and Van Loan, Matrix Computations, 2.1.4.
 * @example
 * assimilation.covariance.lowRank(tensor([[1], [1]]), 1).solve(tensor([3, 3])); // [1, 1]: C = [[2, 1], [1, 2]]
 */
export function lowRank(U: Tensor, variances: number | Tensor): Covariance {
  const kind = 'covariance.lowRank';
  checkFloat(kind, 'U', U);
  if (U.ndim !== 2) throw new ShapeError(`${kind}: U must be a matrix [m, r], got shape ${show(U.shape)}`);
  const [m, r] = U.shape;
  if (r === 0) throw new ShapeError(`${kind}: U must have at least one column, got shape ${show(U.shape)}`);
  const given = checkVariances(kind, variances);
  if (typeof given !== 'number') {
    if (given.size !== m && given.size !== 1)
      throw new ShapeError(
        `${kind}: variances must have one entry, or the ${m} of a vector, got shape ${show(given.shape)}`,
      );
    if (given.dtype !== U.dtype)
      throw new DTypeError(`${kind}: variances must be ${U.dtype}, as U is, got ${given.dtype}`);
  }
  if (isKnown(U) && !allFinite(U)) throw new ArgumentError(`${kind}: U must be finite, got ${describe(U)}`);
  const tensors = scope(() => {
    const deviation =
      typeof given === 'number' ? undefined : broadcastTo(sqrt(reshape(given, [given.size])), [m]);
    const W = div(U, deviation === undefined ? Math.sqrt(given as number) : reshape(deviation, [m, 1]));
    const { values, vectors } = eigh(matmul(W, W, { transposeA: true }));
    const F = matmul(W, vectors);
    const one = add(maximum(values, 0), 1);
    // (1 + λ)^{-1} = 1 - λ / (1 + λ), and (1 + λ)^{1/2} = 1 + λ / (1 + (1 + λ)^{1/2}).
    const inverse = neg(div(1, one));
    const root = div(1, add(sqrt(one), 1));
    return deviation === undefined ? [F, inverse, root] : [F, inverse, root, add(deviation, 0)];
  });
  const [F, inverse, root, deviations] = tensors;
  const deviation = deviations ?? Math.sqrt(given as number);
  const { dtype } = F;
  /** Rows times I + F diag(g) Fᵀ. */
  const plus = (rows: Tensor, g?: Tensor): Tensor => {
    const inside = matmul(rows, F);
    return add(rows, matmul(g === undefined ? inside : mul(inside, g), F, { transposeB: true }));
  };
  return covarianceOf({
    kind,
    size: m,
    check: (name, argument, vector) => checkVector(name, argument, kind, vector, m, dtype),
    solve: (x) => onRows(x, m, (rows) => div(plus(div(rows, deviation), inverse), deviation)),
    sqrt: (x) => onRows(x, m, (rows) => mul(plus(rows, root), deviation)),
    sqrtTranspose: (x) => onRows(x, m, (rows) => plus(mul(rows, deviation), root)),
    apply: (x) => onRows(x, m, (rows) => mul(plus(mul(rows, deviation)), deviation)),
    owned: tensors,
  });
}
