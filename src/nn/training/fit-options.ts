// What `fit` takes and gives.

import { checkCount, checkFunction, checkLimit } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { Generator, random } from '../../core/random/generator.js';
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

/** Where training stands. */
export interface FitProgress<P = unknown> {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Batches done in this epoch. */
  batch: number;
  /** Batches in an epoch, where that is known. */
  batches: number | undefined;
  /** Of the last batch in `onBatch`; else the mean over the epoch so far. */
  loss: number;
  seconds: number;
  /** The parameters as they are, to be read or copied, not kept: the next step moves them. */
  params: P;
  /** What `reduceOnPlateau` multiplies steps with. */
  scale: number;
  history: History;
}

/** Options of `fit`. */
export interface FitOptions<P = unknown, B = unknown> {
  /** Of what the model gives and y; default `crossEntropy`. For layers. */
  loss?: Loss;
  /** Default `optim.adam()`. */
  optimizer?: Optimizer;
  /** A state of the optimizer to go on from; moved in place, the caller's. Default: a new one. */
  state?: OptimizerState;
  /** Default 10. */
  epochs?: number;
  /** Rows per batch; default 32. Not for data that come as batches. */
  batchSize?: number;
  /** Draws rows with replacement; default false: shuffled epochs. */
  replacement?: boolean;
  /** Leaves out a last, smaller batch; default false. */
  dropLast?: boolean;
  /** Where all random numbers come from; default random(0). The same seed gives the same losses. */
  generator?: Generator;
  /** Data to validate on after each epoch, or the part of the rows, in (0, 1), that is set aside for that. */
  validation?: number | BatchSource<B>;
  /** Ends training when an epoch no longer helps; the parameters are then those of the best epoch. */
  earlyStopping?: EarlyStopping;
  /** `optim.reduceOnPlateau(…)`: shorter steps when the validation loss (without validation, the loss) no longer falls. */
  reduceOnPlateau?: Plateau;
  /** What the optimizer takes in the place of the gradient: `nn.proxprop(model, …)`. For layers. */
  direction?: Direction<P>;
  /** Measured on training batches as they pass, and on validation data. For layers. */
  metrics?: readonly Metric[];
  /** From a batch to the batch that is used, as in data augmentation; what it makes is freed. Validation batches go through it, too. */
  transform?(batch: B, options: { generator: Generator; training: boolean }): B;
  /** After every epoch; true ends training. A promise is waited for, as while parameters are saved. */
  onEpoch?(progress: FitProgress<P>): unknown;
  /** After every step; true ends training. */
  onBatch?(progress: FitProgress<P>): unknown;
  /** A function that is called about ten times a second and after every epoch; true: a line per epoch on the console. */
  progress?: true | ((progress: FitProgress<P>) => unknown);
  /** Ends training after the step that runs; nothing is thrown. */
  signal?: AbortSignal;
  /** Whether the step is compiled; default: if it can be. */
  compile?: boolean;
}

const FIT_OPTIONS: OptionNames<FitOptions> = {
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

/** What `fit` gives. */
export interface FitResult<P = unknown> {
  /** The trained parameters, the caller's; with `earlyStopping` those of the best epoch. */
  params: P;
  history: History;
  /** Whole epochs done. */
  epochs: number;
  /** Whether `earlyStopping` ended it. */
  stoppedEarly: boolean;
  /**
   * 'finished': all epochs; 'early': by `earlyStopping`; 'stopped': by a callback or the signal; 'diverged': a loss was not finite,
   * which is the last one in the history, and the parameters are those that gave it.
   */
  status: 'finished' | 'early' | 'stopped' | 'diverged';
  /** The best epoch, with `earlyStopping`. */
  best?: Best;
}

/** Options with their defaults, checked. */
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
  if (!(generator instanceof Generator))
    throw new ArgumentError(
      `${name}: generator must be a generator (random(seed)), got ${describe(generator)}`,
    );
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
