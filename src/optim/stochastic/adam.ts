// m := β1 m + (1 - β1) g, v := β2 v + (1 - β2) g², θ := θ - η m̂ / (√v̂ + ε), with m̂ = m / (1 - β1^k), v̂ = v / (1 -
// β2^k).

import { checkAtLeast, checkFlag } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tree } from '../../core/tree.js';
import { optimizerSteps as kernels } from '../../generated/optimizer-steps.js';
import type { Float } from '../../linalg/stack.js';
import type { Op } from '../../ops/op.js';
import { wholePower } from '../../solve/powers.js';
import { checkRate, type LearningRate, rateAt } from './learning-rate.js';
import { type Optimizer, type OptimizerState, optimizerOf, zerosOf } from './optimizer.js';
import { type StepParts, stepRow } from './step-row.js';

/** Options of `adam` and `adamw`. */
export interface AdamOptions {
  /** η, a number or a schedule; default 1e-3. */
  learningRate?: LearningRate;
  /** β1, the decay of the mean of the gradients; in [0, 1), default 0.9. */
  beta1?: number;
  /** β2, the decay of the mean of the squared gradients; in [0, 1), default 0.999. */
  beta2?: number;
  /** ε, default 1e-8. */
  epsilon?: number;
  /** `adam` (default 0) adds weightDecay θ to the gradient; `adamw` (default 0.01) scales θ by 1 - η weightDecay. */
  weightDecay?: number;
  /** AMSGrad: divides by the largest v so far; default false. */
  amsgrad?: boolean;
}

const ADAM_OPTIONS: OptionNames<AdamOptions> = {
  learningRate: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  weightDecay: true,
  amsgrad: true,
};

/** The state of `adam` and `adamw`. */
export interface AdamState extends OptimizerState {
  step: number;
  /**
   * m and v, in the structure of the parameters. Where v is too large for the dtype, as after a gradient of 1e25 in f32,
   * or too small to be seen beside ε = 0, it is stored as -√v.
   */
  mean: Tree;
  variance: Tree;
  /** The largest v so far, with `amsgrad`, stored likewise. */
  largest?: Tree;
}

/**
 * Adam, with L2 regularisation by `weightDecay`.
 * Source: dissertation, equations (28) to (32); Kingma and Ba (2015); Reddi, Kale and Kumar (2018) for AMSGrad.
 * Formulas and defaults are those of PyTorch's Adam.
 * @throws ArgumentError for invalid options.
 * @example
 * const optimizer = optim.adam({ learningRate: 0.1 });
 * const params = zeros([2]), state = optimizer.init(params);
 * optimizer.step(params, tensor([1, -5]), state); // params: [-0.1, 0.1], whatever the scale of the gradient
 */
export function adam(options: AdamOptions = {}): Optimizer<AdamState> {
  return make('adam', options, 0);
}

/**
 * AdamW: Adam with weight decay that does not pass through the division by √v̂: θ := (1 - η weightDecay) θ before the
 * step.
 * Source: Loshchilov and Hutter, Decoupled weight decay regularization (2019); PyTorch's AdamW.
 * @throws ArgumentError for invalid options.
 * @example
 * const optimizer = optim.adamw({ learningRate: optim.schedules.cosine({ initial: 1e-3, steps: 1000 }), weightDecay:
 * 0.1 });
 */
export function adamw(options: AdamOptions = {}): Optimizer<AdamState> {
  return make('adamw', options, 0.01);
}

/** What a step of Adam needs to know. */
export interface AdamStep {
  readonly learningRate: LearningRate;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Whether the decay is added to the gradient (`adam`), or scales the parameter (`adamw`). */
  readonly coupled: boolean;
  readonly amsgrad: boolean;
}

const parts: StepParts<AdamStep, { length: number; epsilon: number; decay: number }> = {
  scalars(steps, { learningRate, beta1, beta2, epsilon, weightDecay, coupled }) {
    const k = steps + 1;
    const rate = rateAt(coupled ? 'adam' : 'adamw', 'learningRate', learningRate, steps);
    // √v̂ + ε = (√v + ε √(1 - β2^k)) / √(1 - β2^k): two scalar corrections instead of two divisions per element.
    const root = Math.sqrt(1 - wholePower(beta2, k));
    const length = (rate / (1 - wholePower(beta1, k))) * root;
    return { length, epsilon: epsilon * root, decay: coupled ? weightDecay : 1 - rate * weightDecay };
  },
  run(p, g, [mean, variance, largest], { length, epsilon, decay }, { beta1, beta2, coupled, weightDecay }) {
    kernels.exports[`adam_${p.dtype as Float}`](
      p.size,
      coupled && weightDecay > 0,
      p.address,
      g.address,
      mean.address,
      variance.address,
      largest?.address ?? 0,
      1 - beta1,
      beta2,
      1 - beta2,
      length,
      epsilon,
      coupled && weightDecay === 0 ? 1 : decay,
    );
  },
};

/** The row of a step: p, g, m, v, with `amsgrad` the largest v, and the number of steps. */
export const adamStepOp: Op<AdamStep> = /* @__PURE__ */ stepRow('adamStep', parts);

function make(name: 'adam' | 'adamw', options: AdamOptions, decay: number): Optimizer<AdamState> {
  checkOptions(name, options, ADAM_OPTIONS);
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false } = options;
  const { weightDecay = decay } = options;
  checkRate(name, 'learningRate', learningRate);
  checkFraction(name, 'beta1', beta1);
  checkFraction(name, 'beta2', beta2);
  checkAtLeast(name, 'epsilon', epsilon, 0);
  checkAtLeast(name, 'weightDecay', weightDecay, 0);
  checkFlag(name, 'amsgrad', amsgrad);
  return optimizerOf({
    name,
    ...parts,
    row: adamStepOp,
    options: { learningRate, beta1, beta2, epsilon, weightDecay, coupled: name === 'adam', amsgrad },
    slots: amsgrad ? ['mean', 'variance', 'largest'] : ['mean', 'variance'],
    init: (params): AdamState => ({
      step: 0,
      mean: zerosOf(name, params),
      variance: zerosOf(name, params),
      ...(amsgrad && { largest: zerosOf(name, params) }),
    }),
  });
}

/** Checks a number in [0, 1). */
export function checkFraction(name: string, argument: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || !(value >= 0 && value < 1))
    throw new ArgumentError(`${name}: ${argument} must lie in [0, 1), got ${describe(value)}`);
}
