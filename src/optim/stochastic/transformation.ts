// Transformations of gradients before an optimiser: clipping, decay, scaling.

import { checkAtLeast } from '../../core/check.js';
import { ArgumentError } from '../../core/errors.js';
import { lengthOf } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { optimizerSteps as kernels } from '../../generated/optimizer-steps.js';
import { axpy, maxAbsOf, norm2, scale } from '../../linalg/blas/tensors.js';
import type { Float } from '../../linalg/stack.js';
import { untracedTree } from '../../ops/untraced.js';
import { checkRate, type LearningRate, rateAt } from './learning-rate.js';
import { copyTree, floatLeaves, type OptimizerState, partLike, stepsOf } from './optimizer.js';

/** Factors below this, times a large f32, may have lost digits to underflow. */
const SMALL = 2 ** -64;

/** A transformation of gradients, for `chain`. */
export interface Transformation<S extends OptimizerState = OptimizerState> {
  readonly name: string;
  /** The state before the first step. */
  init(params: Tree): S;
  /** New gradients and a new state, whose tensors the caller owns. */
  transform<G extends Tree>(grads: G, state: S, params: Tree): { grads: G; state: S };
  /** The same in place, leaf by leaf: overwrites grads and state. */
  apply(grads: readonly Tensor[], state: S, params: readonly Tensor[]): void;
}

/**
 * Makes a custom transformation from a function that works in place.
 * @param parts `name`; `init(params)`, the state before the first step (default none); `apply(grads, state, params)`,
 * which
 *   overwrites the tensors `grads` and the contents of `state`.
 * @example
 * const signs = optim.transformation({ name: 'signs', apply: (grads) => grads.forEach((g) =>
 * g.data().set(g.data().map(Math.sign))) });
 */
export function transformation<S extends OptimizerState>(parts: {
  name: string;
  init?(params: Tree): S;
  apply(grads: readonly Tensor[], state: S, params: readonly Tensor[]): void;
}): Transformation<S> {
  if (typeof parts !== 'object' || typeof parts?.apply !== 'function' || typeof parts.name !== 'string')
    throw new ArgumentError('transformation: a name and a function apply(grads, state, params) are wanted');
  const { name, init = () => ({}) as S, apply } = parts;
  return {
    name,
    init(params) {
      floatLeaves(name, 'params', params);
      return scope<OptimizerState>(() => init(params)) as S;
    },
    transform: (grads, state, params) =>
      scope(() => {
        const leaves = floatLeaves(name, 'params', params);
        partLike(name, 'grads', grads, params);
        untracedTree(name, 'state', state);
        const next = { grads: copyTree(name, grads), state: copyTree(name, state) };
        apply(partLike(name, 'grads', next.grads, params), next.state, leaves);
        return next;
      }),
    apply,
  };
}

/**
 * Scales all gradients together so that their 2-norm, as one vector, is at most `limit`. If one of them is NaN or
 * infinite, they are not changed; a norm that only overflows is not infinite.
 * Source: Pascanu, Mikolov and Bengio (2013); optax's clip_by_global_norm.
 * @example
 * optim.chain(optim.clipByGlobalNorm(1), optim.adam());
 */
export function clipByGlobalNorm(limit: number): Transformation {
  checkAtLeast('clipByGlobalNorm', 'limit', limit, 0);
  return transformation({
    name: 'clipByGlobalNorm',
    apply(grads) {
      const factor = shareOf(limit, grads);
      if (!(factor < 1)) return;
      // In two steps if one factor alone would lose digits below the normal range of f32.
      const first = factor < SMALL ? SMALL : 1;
      for (const leaf of grads) {
        if (first !== 1) scale(first, leaf);
        scale(factor / first, leaf);
      }
    },
  });
}

/** limit / norm, even where the norm overflows; NaN if an entry is NaN or infinite. */
function shareOf(limit: number, grads: readonly Tensor[]): number {
  const norm = globalNorm(grads);
  if (norm < Number.POSITIVE_INFINITY) return limit / norm;
  const largest = Math.max(...grads.map(maxAbsOf));
  if (!(largest < Number.POSITIVE_INFINITY)) return Number.NaN;
  let squares = 0;
  for (const leaf of grads) for (const value of leaf.data()) squares += (value / largest) * (value / largest);
  return limit / largest / Math.sqrt(squares);
}

/** The 2-norm of tensors as one vector. */
export function globalNorm(leaves: readonly Tensor[]): number {
  return lengthOf(leaves.map(normOf));
}

/** The 2-norm of a tensor, even if it is too large for f32. */
function normOf(x: Tensor): number {
  const norm = norm2(x);
  if (norm !== Number.POSITIVE_INFINITY || x.dtype === 'f64') return norm;
  let squares = 0;
  for (const value of x.data()) squares += value * value;
  return Math.sqrt(squares);
}

/**
 * Clips every element of the gradients to [-limit, limit]; NaN stays.
 * @example
 * optim.chain(optim.clipByValue(0.5), optim.sgd({ learningRate: 0.1 }));
 */
export function clipByValue(limit: number): Transformation {
  checkAtLeast('clipByValue', 'limit', limit, 0);
  return transformation({
    name: 'clipByValue',
    apply(grads) {
      for (const g of grads) kernels.exports[`clamp_${g.dtype as Float}`](g.size, limit, g.address);
    },
  });
}

/**
 * Adds decay · params to the gradients: the gradient of (decay / 2) ‖params‖², for optimisers without `weightDecay`, or
 * for a schedule of it. Source: dissertation, section 1.2; optax's add_decayed_weights.
 * @param decay a number or a schedule.
 * @example
 * optim.chain(optim.clipByGlobalNorm(1), optim.addWeightDecay(1e-4), optim.sgd());
 */
export function addWeightDecay(decay: LearningRate): Transformation<{ step: number }> {
  checkRate('addWeightDecay', 'decay', decay);
  return transformation({
    name: 'addWeightDecay',
    init: () => ({ step: 0 }),
    apply(grads, state, params) {
      const steps = stepsOf('addWeightDecay', state);
      const factor = rateAt('addWeightDecay', 'decay', decay, steps);
      grads.forEach((g, i) => {
        axpy(factor, params[i], g);
      });
      state.step = steps + 1;
    },
  });
}
