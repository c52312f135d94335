// Options and results of `fit`.

import { checkCount, checkFunction, checkLimit } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkGenerator, type Generator, random } from '../../core/random/generator.js';
import type { Tree } from '../../core/tree.js';
import { adam } from '../../optim/stochastic/adam.js';
import type { Optimizer, OptimizerState } from '../../optim/stochastic/optimizer.js';
import { type CompileOption, checkCompile } from '../../solve/replay.js';
import { crossEntropy } from '../layers/losses.js';
import type { Loss } from '../proximal/sweep.js';
import type { Best, EarlyStopping, History, Plateau } from './history.js';
import type { Metric } from './metrics.js';
import type { Direction } from './objective.js';
import type { BatchSource } from './source.js';

/** The progress of training. */
export interface FitProgress<P = unknown> {
  /** Counted from 1. */
  epoch: number;
  epochs: number;
  /** Batches done in this epoch. */
  batch: number;
  /** Batches in an epoch, if known. */
  batches: number | undefined;
  /** In `onBatch` that of the last batch; else the mean over the epoch so far. */
  loss: number;
  seconds: number;
  /** The current parameters, to be read or copied, not kept: the next step overwrites them. */
  params: P;
  /** The factor of `reduceOnPlateau` on the steps. */
  scale: number;
  history: History;
}

/** Options of `fit`. */
export interface FitOptions<P = unknown, B = unknown> {
  /** A function of the model's output and y; default `crossEntropy`. For layers. */
  loss?: Loss;
  /** Default `optim.adam()`. */
  optimizer?: Optimizer;
  /** A state of the optimizer to continue from; updated in place, and still the caller's. Default: a new one. */
  state?: OptimizerState;
  /** Default 10. */
  epochs?: number;
  /** Rows per batch; default 32. Not for data that come in batches. */
  batchSize?: number;
  /** Draws rows with replacement; default false: shuffled epochs. */
  replacement?: boolean;
  /** Drops a smaller last batch; default false. */
  dropLast?: boolean;
  /** The source of all random numbers; default random(0). The same seed gives the same losses. */
  generator?: Generator;
  /** Data to validate on after each epoch, or the fraction of the rows, in (0, 1), to set aside for that. */
  validation?: number | BatchSource<B>;
  /** Ends training when epochs bring no more improvement; the parameters are then those of the best epoch. */
  earlyStopping?: EarlyStopping;
  /**
   * `optim.reduceOnPlateau(…)`: shorter steps when the validation loss (without validation, the loss) no longer falls.
   */
  reduceOnPlateau?: Plateau;
  /** A direction for the optimizer instead of the gradient: `nn.proxprop(model, …)`. For layers. */
  direction?: Direction<P>;
  /** Measured on training batches before their steps, and on validation data. For layers. */
  metrics?: readonly Metric[];
  /**
   * Maps a batch to the batch to use, as in data augmentation; the result is freed. Also applied to validation batches.
   */
  transform?(batch: B, options: { generator: Generator; training: boolean }): B;
  /** Called after every epoch; true ends training. A promise is awaited, for instance while parameters are saved. */
  onEpoch?(progress: FitProgress<P>): unknown;
  /** Called after every step; true ends training. */
  onBatch?(progress: FitProgress<P>): unknown;
  /**
   * A function that is called about ten times a second and after every epoch; true: a line per epoch on the console.
   */
  progress?: true | ((progress: FitProgress<P>) => unknown);
  /** Ends training after the current step, without an error. */
  signal?: AbortSignal;
  /** Whether to compile the step; default: if possible. */
  compile?: boolean;
}

export const FIT_OPTIONS: OptionNames<FitOptions> = {
  loss: true,
  optimizer: true,
  state: true,
  epochs: true,
  batchSize: true,
  replacement: true,
  dropLast: true,
  generator: true,
  validation: true,
  earlyStopping: true,
  reduceOnPlateau: true,
  direction: true,
  metrics: true,
  transform: true,
  onEpoch: true,
  onBatch: true,
  progress: true,
  signal: true,
  compile: true,
};

/** The result of `fit`. */
export interface FitResult<P = unknown> {
  /** The trained parameters, which the caller owns; with `earlyStopping` those of the best epoch. */
  params: P;
  history: History;
  /** Number of completed epochs. */
  epochs: number;
  /** Whether `earlyStopping` ended training. */
  stoppedEarly: boolean;
  /**
   * 'finished': all epochs; 'early': by `earlyStopping`; 'stopped': by a callback or the signal; 'diverged': a loss was
   * not finite; it is the last one in the history, and the parameters are those that gave it.
   */
  status: 'finished' | 'early' | 'stopped' | 'diverged';
  /** The best epoch, with `earlyStopping`. */
  best?: Best;
}

/** Checked options, with defaults filled in. */
export function fitOptions<P extends Tree, B>(name: string, options: FitOptions<P, B>) {
  checkOptions(name, options, FIT_OPTIONS);
  const {
    loss = crossEntropy,
    optimizer = adam() as Optimizer,
    epochs = 10,
    batchSize = 32,
    generator = random(0),
    metrics = [],
    direction,
    signal,
  } = options;
  checkLimit(name, 'epochs', epochs);
  checkCount(name, 'batchSize', batchSize, 1);
  checkGenerator(name, 'generator', generator);
  checkFunction(name, 'loss', loss);
  if (direction !== undefined && typeof direction?.direction !== 'function')
    throw new ArgumentError(
      `${name}: direction must have a method direction (nn.proxprop(model)), got ${describe(direction)}`,
    );
  for (const key of ['transform', 'onEpoch', 'onBatch'] as const)
    if (options[key] !== undefined) checkFunction(name, key, options[key]);
  if (options.progress !== undefined && options.progress !== true && typeof options.progress !== 'function')
    throw new ArgumentError(
      `${name}: progress must be true or a function, got ${describe(options.progress)}`,
    );
  if (signal !== undefined && typeof signal?.aborted !== 'boolean')
    throw new ArgumentError(`${name}: signal must be an AbortSignal, got ${describe(signal)}`);
  const compile: CompileOption = checkCompile(name, options.compile);
  return { ...options, loss, optimizer, epochs, batchSize, generator, metrics, compile };
}
