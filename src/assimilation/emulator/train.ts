// trainEmulator: fits a network to the intervals of simulated trajectories.

import { checkAtLeast, checkCount, checkFinite, checkFunction, checkObject } from '../../core/check.js';
import { ShapeError } from '../../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { sameShape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { checkFloat } from '../../linalg/stack.js';
import { optionsAt } from '../../nn/layers/apply-options.js';
import { type ApplyOptions, checkLayer, forwardOf, type Layer } from '../../nn/layers/layer.js';
import { mse } from '../../nn/layers/losses.js';
import type { FitResult } from '../../nn/training/fit-options.js';
import { type BatchSource, isWhole } from '../../nn/training/source.js';
import { add, div } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { narrow } from '../../ops/slice.js';
import { TRAINING_OPTIONS, type TrainingOptions, trained } from '../training.js';

/** Trajectories, an interval from state to state: of what `simulate` gives, the states. */
export interface EmulatorExamples {
  /** [count, T, ...state]. */
  states: Tensor;
}

/** Options of `trainEmulator`: those of `nn.fit`, but for its loss, its metrics and its direction, and two more. */
export interface TrainEmulatorOptions<P = unknown> extends TrainingOptions<P, EmulatorExamples> {
  /** Intervals that the model goes from each state, its own states after the first; default 1. */
  rollout?: number;
  /** Standard deviation of normal noise on the states from which it goes, in training; default 0, none. */
  noise?: number;
}

const OPTIONS: OptionNames<TrainEmulatorOptions> = /* @__PURE__ */ joinNames(TRAINING_OPTIONS, {
  rollout: true,
  noise: true,
});

const NAME = 'trainEmulator';

/** A batch with the noise on the states from which roll-outs begin, [n, T - rollout, ...state]. */
interface NoisyExamples extends EmulatorExamples {
  noise?: Tensor;
}

/** The shape [n, starts, ...state] of states from which so many intervals follow. */
function startsOf(data: unknown, rollout: number): number[] {
  checkObject(NAME, 'data', data);
  const { shape } = checkFloat(NAME, 'data.states', (data as EmulatorExamples).states);
  const [n, times, ...state] = shape;
  if (shape.length < 2 || times <= rollout)
    throw new ShapeError(
      `${NAME}: data.states must be trajectories [count, T, ...state] of at least ${rollout + 1} states, got shape ${show(shape)}`,
    );
  return [n, times - rollout, ...state];
}

/**
 * Trains a network to advance states as the system does from which trajectories were simulated, with `nn.fit`. The loss is the mean squared error, over all
 * components, of the `rollout` states that the model reaches from each state behind which so many others follow.
 * @param model a layer from states to states, such as `lorenz96Emulator()`.
 * @param params its parameters, left as they are.
 * @param data { states [count, T, ...state] } of the parameters' dtype, T > rollout; or batches of such, as in `nn.fit`.
 * @param options `epochs`; `rollout`, default 1; `noise`, default 0: the model also learns to lead back from states beside the attractor, and becomes smoother;
 * `batchSize` (trajectories), default 8; `optimizer`, default `optim.adam({ learningRate: 1e-3 })`; the others as in `nn.fit`. `validation`, without noise, and
 * `transform` have the form of `data`.
 * @returns (a promise of) { params, history, epochs, stoppedEarly, status, best? }, as `nn.fit`.
 * @throws (rejects with) ArgumentError for an invalid model, data or options, ShapeError for trajectories of `rollout` states or fewer and for a model whose output
 * does not have the shape of the states, DTypeError; errors of `nn.fit`.
 * Source: section 3.3 of the dissertation.
 * @example
 * const data = assimilation.simulate(system, assimilation.identity(), ct.random(1), { count: 1000, states: 10 });
 * const { params } = await assimilation.trainEmulator(model, model.init(ct.random(2), [40]), data, { epochs: 10, rollout: 2 });
 */
export async function trainEmulator<P extends Tree>(
  model: Layer<P>,
  params: P,
  data: BatchSource<EmulatorExamples>,
  options: TrainEmulatorOptions<P>,
): Promise<FitResult<P>> {
  checkLayer(NAME, 'model', model);
  checkOptions(NAME, options, OPTIONS);
  const { rollout = 1, noise = 0, transform, ...training } = options;
  checkCount(NAME, 'rollout', rollout, 1);
  checkAtLeast(NAME, 'noise', noise, 0);
  checkFinite(NAME, 'noise', noise);
  if (transform !== undefined) checkFunction(NAME, 'transform', transform);
  if (isWhole(data)) startsOf(data, rollout);

  const objective = (given: P, batch: NoisyExamples, applied: ApplyOptions) => {
    const [n, starts, ...state] = startsOf(batch, rollout);
    const { states, noise: off } = batch;
    const shape = [n * starts, ...state];
    /** The states so many intervals behind those from which the model goes. */
    const behind = (intervals: number) => reshape(narrow(states, 1, intervals, starts), shape);
    let [x, params] = [behind(0), given];
    if (off !== undefined) x = add(x, reshape(off, shape));
    const losses = Array.from({ length: rollout }, (_, i) => {
      ({ y: x, params } = forwardOf(model, params, x, optionsAt(applied, i)));
      if (!sameShape(x.shape, shape))
        throw new ShapeError(
          `${NAME}: model must give the shape of the states, ${show(shape)}, got ${show(x.shape)}`,
        );
      return mse(x, behind(i + 1));
    });
    const total = losses.reduce(add);
    return { loss: rollout === 1 ? total : div(total, rollout), params };
  };
  const noisy: typeof transform = (batch, how) => {
    const given = transform === undefined ? batch : transform(batch, how);
    if (!how.training) return given;
    const [shape, { states }] = [startsOf(given, rollout), given];
    return { states, noise: how.generator.normal(shape, { std: noise, dtype: states.dtype as 'f64' }) };
  };
  const change = noise > 0 ? noisy : transform;
  return trained<P, NoisyExamples>(NAME, objective, params, data, {
    ...training,
    ...(change !== undefined && { transform: change }),
  });
}
