// evaluate: loss and metrics of a model over a whole data set, batch by batch.
import { checkCount, checkFunction } from '../../core/check.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { untraced, untracedTree } from '../../ops/untraced.js';
import { type CompileOption, checkCompile, Replay } from '../../solve/replay.js';
import type { Layer } from '../layers/layer.js';
import { crossEntropy } from '../layers/losses.js';
import type { Loss } from '../proximal/sweep.js';
import { EventLoopYield } from './event-loop-yield.js';
import { type Metric, metricsOf } from './metrics.js';
import { type LossAndMetrics, type LossFunction, objectiveOf } from './objective.js';
import { type BatchSource, rowsIn, sourceOf } from './source.js';
import { WeightedMeans } from './weighted-means.js';

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Default `crossEntropy`; for layers. */
  loss?: Loss;
  /** Default none. */
  metrics?: readonly Metric[];
  /** Rows per batch; default 256. */
  batchSize?: number;
  /** Whether to compile the model; default: if possible. */
  compile?: boolean;
}

const EVALUATE_OPTIONS: OptionNames<EvaluateOptions> = {
  loss: true,
  metrics: true,
  batchSize: true,
  compile: true,
};

/** Scalars as numbers. */
export const numbersOf = (metrics: Readonly<Record<string, Tensor>> = {}): Record<string, number> =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, untraced(name, 'its value', value).item()]),
  );

/** The program that evaluates one batch. */
export class Evaluator {
  readonly #replay: Replay;

  constructor(
    objective: (params: Tree, batch: Tree, options: object) => LossAndMetrics,
    option: CompileOption,
  ) {
    const judge = (params: Tree, batch: Tree) => {
      const { loss, metrics = {} } = objective(params, batch, { training: false });
      return { loss, metrics };
    };
    this.#replay = new Replay(judge as never, option);
  }

  /** Adds a batch to the means. */
  note(params: Tree, batch: Tree, means: WeightedMeans): void {
    this.#replay.run([params, batch] as Tensor[], ({ loss, metrics }: LossAndMetrics) =>
      means.add(rowsIn(batch), {
        loss: untraced('evaluate', 'the loss', loss).item(),
        ...numbersOf(metrics),
      }),
    );
  }

  dispose(): void {
    this.#replay.dispose();
  }
}

/**
 * The mean loss and metrics over data, in inference mode: running statistics in batch normalisation, no dropout. Yields
 * to the event loop now and then.
 * @param model a layer, or an objective as for `fit`. @param data { x, y }, or batches of such, as for `fit`.
 * @returns { loss, accuracy, … }, numbers without derivatives.
 * @throws ArgumentError for an invalid model, data or options; everything is freed then.
 * @example
 * const { loss, accuracy } = await nn.evaluate(model, params, { x, y }, { metrics: ['accuracy'] });
 */
export async function evaluate<P, B = unknown>(
  model: Layer<P> | LossFunction<P, B>,
  params: P,
  data: BatchSource<B>,
  options: EvaluateOptions = {},
): Promise<{ loss: number; [metric: string]: number }> {
  const name = 'evaluate';
  checkOptions(name, options, EVALUATE_OPTIONS);
  untracedTree(name, 'params', params);
  untracedTree(name, 'data', data);
  const { loss = crossEntropy, metrics = [], batchSize = 256 } = options;
  checkFunction(name, 'loss', loss);
  checkCount(name, 'batchSize', batchSize, 1);
  const objective = objectiveOf(name, model, loss, metricsOf(name, metrics));
  const judge = new Evaluator(objective, checkCompile(name, options.compile));
  const turns = new EventLoopYield();
  const means = new WeightedMeans();
  try {
    // A scope of the caller's must not collect what is made here.
    await undefined;
    for await (const batch of sourceOf(name, data, { size: batchSize })(1)) {
      scope(() => judge.note(params, batch, means));
      if (turns.isDue) await turns.give();
    }
    if (means.rows === 0) throw new ArgumentError(`${name}: data must have rows, got none`);
    return { loss: means.of('loss'), ...Object.fromEntries(means.entries()) };
  } finally {
    judge.dispose();
  }
}
