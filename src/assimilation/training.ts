// Training of the networks of assimilation: `nn.fit` with an objective of its own.

import { checkLimit } from '../core/check.js';
import type { OptionNames } from '../core/options.js';
import type { Tree } from '../core/tree.js';
import { fitFor } from '../nn/training/fit.js';
import { FIT_OPTIONS, type FitOptions, type FitResult } from '../nn/training/fit-options.js';
import type { LossFunction } from '../nn/training/objective.js';
import type { BatchSource } from '../nn/training/source.js';
import { adam } from '../optim/stochastic/adam.js';

/** Options of `nn.fit`, but for its loss, its metrics and its direction. */
export interface TrainingOptions<P = unknown, B = unknown>
  extends Omit<FitOptions<P, B>, 'loss' | 'metrics' | 'direction' | 'epochs'> {
  epochs: number;
  /** Rows per batch; default 8. */
  batchSize?: number;
}

const { loss: _loss, metrics: _metrics, direction: _direction, ...TRAINING } = FIT_OPTIONS;
export const TRAINING_OPTIONS: OptionNames<TrainingOptions> = TRAINING;

/** `nn.fit` under the name of the function that was called, by default in batches of 8 and with adam(1e-3). */
export async function trained<P extends Tree, B>(
  name: string,
  objective: LossFunction<P, B>,
  params: P,
  data: BatchSource<B>,
  options: TrainingOptions<P, B>,
): Promise<FitResult<P>> {
  checkLimit(name, 'epochs', options.epochs);
  return fitFor<P, B>(name, objective, params, data, {
    ...options,
    batchSize: options.batchSize ?? 8,
    optimizer: options.optimizer ?? adam({ learningRate: 1e-3 }),
  });
}
