// θ̄ := θ̄ + (θ - θ̄) / (k + 1), or with a decay θ̄ := decay θ̄ + (1 - decay) θ: means of the parameters over the
// steps.

import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tree } from '../../core/tree.js';
import { optimizerSteps as kernels } from '../../generated/optimizer-steps.js';
import { assign } from '../../linalg/blas/tensors.js';
import type { Float } from '../../linalg/stack.js';
import { checkFraction } from './adam.js';
import { copyTree, floatLeaves, type OptimizerState, partLike, stepsOf } from './optimizer.js';

/** The state: the number of steps and the mean. */
export interface AveragingState extends OptimizerState {
  /** How many steps have been averaged. */
  step: number;
  /** The mean, in the structure of the parameters. */
  average: Tree;
}

/** A running mean over the parameters of a training loop. */
export interface Averaging {
  init(params: Tree): AveragingState;
  /** The state after adding these parameters; its tensors are new, and the caller owns them. */
  update(params: Tree, state: AveragingState): AveragingState;
  /** The same in place. */
  step(params: Tree, state: AveragingState): void;
}

/**
 * Averages the parameters over steps: with equal weights (Polyak and Ruppert), or with `decay` giving older ones less
 * weight. The first parameters are taken as they are. Source: Polyak and Juditsky, SIAM J. Control Optim. 30 (1992);
 * PyTorch's AveragedModel.
 * @param options `decay` in [0, 1): an exponential mean; default none, the mean of all.
 * @example
 * const mean = optim.averaging({ decay: 0.999 }), state = mean.init(params);
 * mean.step(params, state); // after every step of the optimiser; state.average is the mean
 */
export function averaging(options: { decay?: number } = {}): Averaging {
  const name = 'averaging';
  checkOptions(name, options, { decay: true });
  const { decay } = options;
  if (decay !== undefined) checkFraction(name, 'decay', decay);
  const step = (params: Tree, state: AveragingState): void => {
    const leaves = floatLeaves(name, 'params', params);
    const means = partLike(name, 'state.average', state?.average, params);
    const count = stepsOf(name, state);
    const weight = decay === undefined ? 1 / (count + 1) : 1 - decay;
    leaves.forEach((leaf, i) => {
      if (count === 0) assign(leaf, means[i]);
      else kernels.exports[`lerp_${leaf.dtype as Float}`](leaf.size, weight, leaf.address, means[i].address);
    });
    state.step = count + 1;
  };
  return {
    init(params) {
      floatLeaves(name, 'params', params);
      return { step: 0, average: copyTree(name, params) };
    },
    update: (params, state) =>
      scope(() => {
        const next = copyTree(name, state);
        step(params, next);
        return next;
      }),
    step,
  };
}
