// v := α v + (1 - α) g², θ := θ - η g / (√v + ε).

import { checkAtLeast, checkFlag } from '../../core/check.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tree } from '../../core/tree.js';
import { optimizerSteps as kernels } from '../../generated/optimizer-steps.js';
import type { Float } from '../../linalg/stack.js';
import type { Op } from '../../ops/op.js';
import { checkFraction } from './adam.js';
import { checkRate, type LearningRate, rateAt } from './learning-rate.js';
import { filledLike, type Optimizer, type OptimizerState, optimizerOf, zerosOf } from './optimizer.js';
import { type StepParts, stepRow } from './step-row.js';

/** Options of `rmsprop`. */
export interface RmspropOptions {
  /** η, a number or a schedule; default 1e-2. */
  learningRate?: LearningRate;
  /** α, the decay of the mean of the squares; in [0, 1), default 0.99. */
  alpha?: number;
  /** ε, default 1e-8. */
  epsilon?: number;
  /** The fraction of the last direction that is kept; default 0. */
  momentum?: number;
  /** true: divides by the standard deviation of the gradient instead of its root mean square; default false. */
  centered?: boolean;
  /** This times the parameters is added to the gradient; default 0. */
  weightDecay?: number;
}

const RMSPROP_OPTIONS: OptionNames<RmspropOptions> = {
  learningRate: true,
  alpha: true,
  epsilon: true,
  momentum: true,
  centered: true,
  weightDecay: true,
};

/** The state of `rmsprop` and `adagrad`. */
export interface RmspropState extends OptimizerState {
  step: number;
  /** v, in the structure of the parameters; stored as -√v where v is beyond the dtype, as in `AdamState`. */
  variance: Tree;
  /** The mean of the gradients, with `centered`. */
  mean?: Tree;
  /** The last direction, with `momentum`. */
  momentum?: Tree;
}

/** What a step of RMSProp or Adagrad needs to know. */
export interface RmspropStep {
  readonly name: 'rmsprop' | 'adagrad';
  readonly learningRate: LearningRate;
  readonly learningRateDecay: number;
  readonly weightDecay: number;
  /** s := keep s + gain d². */
  readonly keep: number;
  readonly gain: number;
  readonly epsilon: number;
  readonly centered: boolean;
  readonly momentum: number;
}

const parts: StepParts<RmspropStep, number> = {
  scalars: (steps, { name, learningRate, learningRateDecay }) =>
    rateAt(name, 'learningRate', learningRate, steps) / (1 + steps * learningRateDecay),
  run(p, g, slots, rate, { weightDecay, keep, gain, epsilon, centered, momentum }) {
    const [variance, second] = slots;
    const push = slots[centered ? 2 : 1];
    kernels.exports[`rmsprop_${p.dtype as Float}`](
      ...([p.size, p.address, g.address, variance.address] as const),
      ...([centered ? second.address : 0, momentum > 0 ? push.address : 0] as const),
      ...([rate, weightDecay, keep, gain, epsilon, momentum] as const),
    );
  },
};

/** The row of a step: p, g, s, the mean and the momentum if there are any, and the number of steps. */
export const rmspropStepOp: Op<RmspropStep> = /* @__PURE__ */ stepRow('rmspropStep', parts);

/**
 * RMSProp: divides steps by the root of a moving mean of the squared gradient; with `momentum`, it follows
 * b := momentum b + g / (√v + ε).
 * Source: Hinton, Neural Networks for Machine Learning, lecture 6; formulas and defaults are those of PyTorch's RMSprop
 * (except that with `centered` a variance that rounding makes negative counts as 0).
 * @throws ArgumentError for invalid options.
 * @example
 * const optimizer = optim.rmsprop({ learningRate: 1e-3, momentum: 0.9 });
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer<RmspropState> {
  const name = 'rmsprop';
  checkOptions(name, options, RMSPROP_OPTIONS);
  const { learningRate = 1e-2, alpha = 0.99, epsilon = 1e-8, momentum = 0, weightDecay = 0 } = options;
  const { centered = false } = options;
  checkRate(name, 'learningRate', learningRate);
  checkFraction(name, 'alpha', alpha);
  for (const [argument, value] of Object.entries({ epsilon, momentum, weightDecay }))
    checkAtLeast(name, argument, value, 0);
  checkFlag(name, 'centered', centered);
  return optimizerOf({
    name,
    ...parts,
    row: rmspropStepOp,
    options: {
      ...{ name, learningRate, learningRateDecay: 0, weightDecay, keep: alpha, gain: 1 - alpha, epsilon },
      ...{ centered, momentum },
    },
    slots: [
      'variance',
      ...(centered ? (['mean'] as const) : []),
      ...(momentum > 0 ? (['momentum'] as const) : []),
    ],
    init: (params): RmspropState => ({
      step: 0,
      variance: zerosOf(name, params),
      ...(centered && { mean: zerosOf(name, params) }),
      ...(momentum > 0 && { momentum: zerosOf(name, params) }),
    }),
  });
}

/** Options of `adagrad`. */
export interface AdagradOptions {
  /** η, a number or a schedule; default 1e-2. */
  learningRate?: LearningRate;
  /** η is divided by 1 + learningRateDecay k at step k; default 0. */
  learningRateDecay?: number;
  /** The initial sums of squares; default 0. */
  initialVariance?: number;
  /** ε, default 1e-10. */
  epsilon?: number;
  /** This times the parameters is added to the gradient; default 0. */
  weightDecay?: number;
}

const ADAGRAD_OPTIONS: OptionNames<AdagradOptions> = {
  learningRate: true,
  learningRateDecay: true,
  initialVariance: true,
  epsilon: true,
  weightDecay: true,
};

/**
 * Adagrad: v is the sum of all squared gradients, so that steps become shorter: θ := θ - η g / (√v + ε).
 * Source: Duchi, Hazan and Singer, JMLR 12 (2011); formulas and defaults are those of PyTorch's Adagrad.
 * @throws ArgumentError for invalid options.
 * @example
 * const optimizer = optim.adagrad({ learningRate: 0.5 });
 */
export function adagrad(options: AdagradOptions = {}): Optimizer<RmspropState> {
  const name = 'adagrad';
  checkOptions(name, options, ADAGRAD_OPTIONS);
  const { learningRate = 1e-2, learningRateDecay = 0, initialVariance = 0, epsilon = 1e-10 } = options;
  const { weightDecay = 0 } = options;
  checkRate(name, 'learningRate', learningRate);
  for (const [argument, value] of Object.entries({
    learningRateDecay,
    initialVariance,
    epsilon,
    weightDecay,
  }))
    checkAtLeast(name, argument, value, 0);
  return optimizerOf({
    name,
    ...parts,
    row: rmspropStepOp,
    options: {
      ...{ name, learningRate, learningRateDecay, weightDecay, keep: 1, gain: 1, epsilon },
      ...{ centered: false, momentum: 0 },
    },
    slots: ['variance'],
    init: (params): RmspropState => ({ step: 0, variance: filledLike(name, params, initialVariance) }),
  });
}
