// trainInverse: fits an inverse observation operator to simulated states.

import { checkObject } from '../../core/check.js';
import { ShapeError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { sameShape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { checkLayer, forwardOf, type Layer } from '../../nn/layers/layer.js';
import { mse } from '../../nn/layers/losses.js';
import type { FitResult } from '../../nn/training/fit-options.js';
import { type BatchSource, isWhole } from '../../nn/training/source.js';
import { checkTensor } from '../../ops/op.js';
import { TRAINING_OPTIONS, type TrainingOptions, trained } from '../training.js';

/** States and what was observed of them: what `simulate` gives. */
export interface InverseExamples {
  /** [count, T, ...state]. */
  states: Tensor;
  /** [count, T, ...observation]. */
  observations: Tensor;
}

/** Options of `trainInverse`: those of `nn.fit`, but for its loss, its metrics and its direction. */
export type TrainInverseOptions<P = unknown> = TrainingOptions<P, InverseExamples>;

const NAME = 'trainInverse';

/** Observations and states of one batch. */
function checkExamples(data: unknown): asserts data is InverseExamples {
  checkObject(NAME, 'data', data);
  const { states, observations } = data as InverseExamples;
  checkTensor(NAME, 'data.states', states);
  checkTensor(NAME, 'data.observations', observations);
}

/**
 * Trains a network to map observations to the states that they were made from, by the mean squared error over all times
 * and components, with `nn.fit`: shuffled mini-batches, one compiled program per step, running statistics of batch
 * normalisation. Training can be interrupted and continued as there.
 * @param model a layer from observations to states, such as `lorenz96Inverse()`.
 * @param params its parameters, left as they are.
 * @param data { states [count, T, ...state], observations [count, T, ...observation] } of the parameters' dtype; or batches
 * of such, as in `nn.fit`, for data larger than memory.
 * @param options `epochs`; `batchSize`, default 8; `optimizer`, default `optim.adam({ learningRate: 1e-3 })`; the others
 * as in `nn.fit`. `validation` and `transform` have the form of `data`.
 * @returns (a promise of) { params, history, epochs, stoppedEarly, status, best? }, as `nn.fit`.
 * @throws (rejects with) ArgumentError for an invalid model, data or options, ShapeError for a model whose output does not
 * have the shape of the states, DTypeError; errors of `nn.fit`.
 * Source: Frerix et al. (ICML 2021), section 4.
 * @example
 * const data = assimilation.simulate(system, assimilation.subsample(4), ct.random(1), { count: 1000, states: 10 });
 * const model = assimilation.lorenz96Inverse();
 * const { params } = await assimilation.trainInverse(model, model.init(ct.random(2), [10, 10]), data, { epochs: 20 });
 */
export async function trainInverse<P extends Tree>(
  model: Layer<P>,
  params: P,
  data: BatchSource<InverseExamples>,
  options: TrainInverseOptions<P>,
): Promise<FitResult<P>> {
  checkLayer(NAME, 'model', model);
  checkOptions(NAME, options, TRAINING_OPTIONS);
  if (isWhole(data)) {
    checkExamples(data);
    const { states, observations } = data;
    if (states.shape[0] !== observations.shape[0])
      throw new ShapeError(
        `${NAME}: states and observations must have as many rows, got ${show(states.shape)} and ${show(observations.shape)}`,
      );
  }
  const objective = (params: P, batch: InverseExamples, applied: Parameters<Layer<P>['apply']>[2]) => {
    checkExamples(batch);
    const { states, observations } = batch;
    const { y, params: moved } = forwardOf(model, params, observations, applied);
    if (!sameShape(y.shape, states.shape))
      throw new ShapeError(
        `${NAME}: model must give the shape of the states, ${show(states.shape)}, got ${show(y.shape)}`,
      );
    return { loss: mse(y, states), params: moved };
  };
  return trained<P, InverseExamples>(NAME, objective, params, data, options);
}
