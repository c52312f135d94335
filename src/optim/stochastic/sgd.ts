// b := momentum b + (1 - dampening) d, θ := θ - η b, with d = g + weightDecay θ.

import { checkAtLeast, checkFlag } from '../../core/check.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tree } from '../../core/tree.js';
import { optimizerSteps as kernels } from '../../generated/optimizer-steps.js';
import type { Float } from '../../linalg/stack.js';
import type { Op } from '../../ops/op.js';
import { checkRate, type LearningRate, rateAt } from './learning-rate.js';
import { type Optimizer, type OptimizerState, optimizerOf, zerosOf } from './optimizer.js';
import { type StepParts, stepRow } from './step-row.js';

/** Options of `sgd`. */
export interface SgdOptions {
  /** η, a number or a schedule; default 1e-3. */
  learningRate?: LearningRate;
  /** The fraction of the last direction that is kept; default 0. */
  momentum?: number;
  /** Nesterov's momentum: uses the gradient as if it were taken after the momentum step; default false. */
  nesterov?: boolean;
  /** The fraction taken off every gradient except the first when it enters the momentum; default 0. */
  dampening?: number;
  /** This times the parameters is added to the gradient; default 0. */
  weightDecay?: number;
}

const SGD_OPTIONS: OptionNames<SgdOptions> = {
  learningRate: true,
  momentum: true,
  nesterov: true,
  dampening: true,
  weightDecay: true,
};

/** The state of `sgd`. */
export interface SgdState extends OptimizerState {
  step: number;
  /** b, in the structure of the parameters; absent without momentum. */
  momentum?: Tree;
}

/** What a step of SGD needs to know. */
export interface SgdStep {
  readonly learningRate: LearningRate;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly dampening: number;
  readonly weightDecay: number;
}

const parts: StepParts<SgdStep, { rate: number; gain: number }> = {
  scalars: (steps, { learningRate, dampening }) => ({
    rate: rateAt('sgd', 'learningRate', learningRate, steps),
    // The first gradient is the first momentum, as in PyTorch.
    gain: steps === 0 ? 1 : 1 - dampening,
  }),
  run(p, g, [buffer], { rate, gain }, { momentum, nesterov, weightDecay }) {
    const { exports } = kernels;
    const dtype = p.dtype as Float;
    if (buffer === undefined) {
      exports[`descend_${dtype}`](p.size, p.address, g.address, rate, weightDecay);
      return;
    }
    const look = nesterov ? momentum : 0;
    exports[`momentum_${dtype}`](
      ...([p.size, p.address, g.address, buffer.address] as const),
      ...([rate, weightDecay, momentum, gain, look] as const),
    );
  },
};

/** The row of a step: p, g, the momentum if there is any, and the number of steps. */
export const sgdStepOp: Op<SgdStep> = /* @__PURE__ */ stepRow('sgdStep', parts);

/**
 * Stochastic gradient descent, with momentum unless that is 0: b starts as the first gradient; with `nesterov` the step
 * goes along d + momentum b.
 * Source: dissertation, equation (27); formulas and defaults are those of PyTorch's SGD.
 * @throws ArgumentError for invalid options, and for nesterov without momentum or with dampening.
 * @example
 * const optimizer = optim.sgd({ learningRate: 0.1, momentum: 0.9 });
 * const params = zeros([2]), state = optimizer.init(params);
 * optimizer.step(params, ones([2]), state); // params: [-0.1, -0.1]
 */
export function sgd(options: SgdOptions = {}): Optimizer<SgdState> {
  checkOptions('sgd', options, SGD_OPTIONS);
  const { learningRate = 1e-3, momentum = 0, nesterov = false, dampening = 0, weightDecay = 0 } = options;
  checkRate('sgd', 'learningRate', learningRate);
  for (const [argument, value] of Object.entries({ momentum, dampening, weightDecay }))
    checkAtLeast('sgd', argument, value, 0);
  checkFlag('sgd', 'nesterov', nesterov);
  if (nesterov && !(momentum > 0 && dampening === 0)) {
    throw new ArgumentError(
      `sgd: nesterov needs a momentum above 0 and no dampening, got momentum ${momentum} and dampening ${dampening}`,
    );
  }
  return optimizerOf({
    name: 'sgd',
    ...parts,
    row: sgdStepOp,
    options: { learningRate, momentum, nesterov, dampening, weightDecay },
    slots: momentum > 0 ? ['momentum'] : [],
    init: (params): SgdState => ({ step: 0, ...(momentum > 0 && { momentum: zerosOf('sgd', params) }) }),
  });
}
