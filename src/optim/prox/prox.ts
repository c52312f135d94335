// prox(x, t) = argmin_z t f(z) + ‖z - x‖² / 2, for norms f of rows (the last axis); leading axes are a batch.
// All are differentiable in x, in both modes and compiled.

import { checkAtLeast } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { Tensor } from '../../core/tensor.js';
import { checkFloat, checkStack } from '../../linalg/stack.js';
import { div, mul, neg, sub } from '../../ops/arithmetic.js';
import type { Operand } from '../../ops/operands.js';
import { clip } from '../../ops/select.js';
import { l2Op, linfOp } from './prox-rows.js';
import { applyRows, checkMix } from './rows.js';
import { thresholdSingularValues } from './spectral.js';

/**
 * f = ‖·‖₁: soft thresholding, sign(x) max(|x| - t, 0), element by element; NaN stays. Composed of operations.
 * Source: Parikh and Boyd, Proximal Algorithms (2014), section 6.5.2.
 * @param t at least 0; a tensor that broadcasts with x for a weight per element.
 * @example
 * optim.prox.l1(tensor([3, -0.5, -2]), 1); // [2, 0, -1]
 */
export function l1(x: Tensor, t: Operand): Tensor {
  checkFloat('l1', 'x', x);
  if (!(t instanceof Tensor)) checkAtLeast('l1', 't', t, 0);
  return scope(() => sub(x, clip(x, t instanceof Tensor ? neg(t) : -t, t)));
}

/**
 * f = ‖·‖₂ of each row (group lasso): (1 - t / ‖x‖) x, and 0 where ‖x‖ <= t. A row with NaN or Inf gives NaN.
 * Differentiable in x, to any order; a row that becomes 0 has the derivative 0, also on the boundary ‖x‖ = t.
 * Source: Parikh and Boyd, section 6.5.1.
 * @example
 * optim.prox.l2(tensor([3, 4]), 1); // [2.4, 3.2]
 */
export function l2(x: Tensor, t: number): Tensor {
  checkAtLeast('l2', 't', t, 0);
  return applyRows(l2Op, x, { t });
}

/**
 * f = ‖·‖₂² / 2: x / (1 + t). Composed of operations.
 * @example
 * optim.prox.squaredL2(tensor([4]), 1); // [2]
 */
export function squaredL2(x: Tensor, t: number): Tensor {
  checkAtLeast('squaredL2', 't', t, 0);
  checkFloat('squaredL2', 'x', x);
  return div(x, 1 + t);
}

/**
 * f = ‖·‖∞ of each row: cuts the largest entries to one size, by t in total. A row with NaN or Inf gives NaN.
 * Differentiable in x, to any order; an entry that the cut only just reaches counts as not cut, and a row that becomes
 * 0 has the derivative 0.
 * Source: Parikh and Boyd, section 6.5.2, by Moreau's identity.
 * @example
 * optim.prox.linf(tensor([3, -2, 0]), 2); // [1.5, -1.5, 0]
 */
export function linf(x: Tensor, t: number): Tensor {
  checkAtLeast('linf', 't', t, 0);
  return applyRows(linfOp, x, { t });
}

/**
 * f = mix ‖·‖₁ + (1 - mix) ‖·‖₂² / 2: soft thresholding, then a scaling. Composed of operations.
 * @param mix in [0, 1], default 1/2.
 * @example
 * optim.prox.elasticNet(tensor([3.5]), 1); // [2]
 */
export function elasticNet(x: Tensor, t: number, mix = 0.5): Tensor {
  checkAtLeast('elasticNet', 't', t, 0);
  checkMix('elasticNet', mix);
  checkFloat('elasticNet', 'x', x);
  return scope(() => div(l1(x, t * mix), 1 + t * (1 - mix)));
}

/**
 * f = the sum of the singular values, which are soft thresholded. Derivatives of any order in x are exact for repeated
 * singular values, too. At a kink, where a singular value is t, the derivative is an element of the generalized Jacobian:
 * t counts as cut off.
 * Source: Cai, Candès and Shen, SIAM J. Optim. 20 (2010).
 * @param x [..., m, n].
 * @throws ArgumentError for NaN and Inf, as `linalg.svd`.
 * @example
 * optim.prox.nuclear(tensor([[3, 0], [0, 0.5]]), 1); // [[2, 0], [0, 0]]
 */
export function nuclear(x: Tensor, t: number): Tensor {
  checkAtLeast('nuclear', 't', t, 0);
  checkStack('nuclear', 'x', x);
  return thresholdSingularValues(x, t);
}

/**
 * The prox of the conjugate f* from that of f, by Moreau's identity: x - t prox_f(x / t, 1 / t), t > 0.
 * Source: Parikh and Boyd, section 2.5.
 * @example
 * optim.prox.conjugate(optim.prox.l1)(tensor([3, 0.5]), 7); // [1, 0.5]: the projection to the ball of the dual norm
 */
export function conjugate(prox: (x: Tensor, t: number) => Tensor): (x: Tensor, t: number) => Tensor {
  if (typeof prox !== 'function')
    throw new ArgumentError(`conjugate: prox must be a function (x, t) -> tensor, got ${describe(prox)}`);
  return (x, t) => {
    if (!(typeof t === 'number' && t > 0))
      throw new ArgumentError(`conjugate: t must be above 0, got ${describe(t)}`);
    return scope(() => sub(x, mul(prox(div(x, t), 1 / t), t)));
  };
}
