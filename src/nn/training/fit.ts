// fit: epochs of mini-batch steps, validation, early stopping, and a history.

import { ArgumentError } from '../../core/errors.js';
import type { Generator } from '../../core/random/generator.js';
import { scope } from '../../core/scope.js';
import { flatten, type Tree } from '../../core/tree.js';
import { untracedTree } from '../../ops/untraced.js';
import type { Layer } from '../layers/layer.js';
import { rowsOf } from './batches.js';
import { EpochWatch } from './epoch-watch.js';
import { Evaluator } from './evaluate.js';
import { EventLoopYield } from './event-loop-yield.js';
import { type FitOptions, type FitProgress, type FitResult, fitOptions } from './fit-options.js';
import { type History, Scale, Stopper, validationName } from './history.js';
import { metricsOf } from './metrics.js';
import { directionStep, gradientStep, type LossFunction, objectiveOf } from './objective.js';
import { type BatchSource, type BatchStream, isWhole, rowsIn, sourceOf } from './source.js';
import { Trainer } from './trainer.js';
import { WeightedMeans } from './weighted-means.js';

/** Milliseconds between calls of `progress`. */
const REPORT = 100;

/**
 * Trains a model. Each step is one compiled program, which computes loss and gradient (or `direction`), and the
 * optimizer's step in place. Running statistics of batch normalisation are updated; dropout gets another key in each
 * step. Every 50 ms the event loop may run between steps, so that a page stays responsive; this is why `fit` returns a
 * promise. The given parameters are left as they are. The result has no derivatives: differentiated params or data are
 * an error.
 * @param model a layer, whose `data` are { x, y }, or an objective (params, batch, { training, key, epoch }) => loss, or
 * { loss, params?, metrics? }, written in operations. Where it asks for the epoch, the step is compiled anew when what it
 * was told changes.
 * @param data a tree of tensors whose rows belong together; or batches of such, sync or async, made while they are read
 * (for data larger than memory): an iterable that starts again in every epoch, or a function (epoch) => iterable.
 * Batches are not disposed.
 * @returns { params, history, epochs, stoppedEarly, status, best? }.
 * @throws (rejects with) ArgumentError for an invalid model, data or options, and errors of model and data. Everything
 * is freed then.
 * Source: mini-batches, validation and early stopping as in section 1.2.4 of the dissertation.
 * @example
 * const model = nn.sequential([nn.dense(100), nn.activation('relu'), nn.dense(10)]);
 * const { params, history } = await nn.fit(model, model.init(random(1), [784]), { x, y }, {
 *   optimizer: optim.adam(),
 *   epochs: 20,
 *   validation: 0.1,
 *   metrics: ['accuracy'],
 *   earlyStopping: { patience: 3 },
 * });
 */
export async function fit<P extends Tree, B = unknown>(
  model: Layer<P> | LossFunction<P, B>,
  params: P,
  data: BatchSource<B>,
  options: FitOptions<P, B> = {},
): Promise<FitResult<P>> {
  return fitFor('fit', model, params, data, options);
}

/** `fit` under the name of the function that its messages speak of. */
export async function fitFor<P extends Tree, B = unknown>(
  name: string,
  model: Layer<P> | LossFunction<P, B>,
  params: P,
  data: BatchSource<B>,
  options: FitOptions<P, B>,
): Promise<FitResult<P>> {
  untracedTree(name, 'params', params);
  untracedTree(name, 'data', data);
  const given = fitOptions(name, options);
  const { loss, epochs, transform, signal, progress } = given;
  const metrics = metricsOf(name, given.metrics);
  const objective = objectiveOf(name, model, loss, metrics);
  if (given.direction !== undefined && typeof model === 'function')
    throw new ArgumentError(`${name}: direction is for layers, got an objective`);
  const watch = new EpochWatch();
  const step =
    given.direction === undefined
      ? gradientStep(objective, watch)
      : directionStep(name, given.direction, model, loss, metrics, watch);
  const generators = {
    split: given.generator.split(),
    order: given.generator.split(),
    keys: given.generator.split(),
    training: given.generator.split(),
    validation: given.generator.split(),
  };
  // A scope of the caller's must not collect what is made here.
  await undefined;
  const { training, validation } = sourcesOf(name, data, given, generators);
  const names = [...metrics.keys()];
  const monitors = ['loss', ...names];
  if (validation !== undefined) monitors.unshift('validationLoss', ...names.map(validationName));
  const stopper =
    given.earlyStopping === undefined ? undefined : new Stopper(name, given.earlyStopping, monitors);
  const scale = new Scale(name, given.reduceOnPlateau, monitors[0]);
  const trainer = new Trainer(name, params, step, {
    ...given,
    keys: generators.keys,
    shortens: given.reduceOnPlateau !== undefined,
  });
  const judge = new Evaluator(objective, given.compile);
  const turns = new EventLoopYield();
  const start = performance.now();
  const history: History = { loss: [], seconds: [] };
  let best: P | undefined;
  let status: FitResult<P>['status'] = signal?.aborted ? 'stopped' : 'finished';
  let done = 0;
  let isGood = false;
  let reported = start;

  const transformed = (batch: B, training: boolean): B =>
    transform === undefined
      ? batch
      : transform(batch, { generator: training ? generators.training : generators.validation, training });
  const report = (of: FitProgress<P>, isEpoch: boolean) => {
    if (typeof progress !== 'function') return;
    const now = performance.now();
    if (!isEpoch && now - reported < REPORT) return;
    reported = now;
    progress(of);
  };
  const stateOf = (epoch: number, batch: number, value: number): FitProgress<P> => ({
    ...{ epoch, epochs, batch, batches: training.count, loss: value, params: trainer.params, history },
    seconds: (performance.now() - start) / 1000,
    scale: scale.value,
  });

  try {
    for (let epoch = 1; epoch <= epochs && status === 'finished'; epoch++) {
      const means = new WeightedMeans();
      let batches = 0;
      if (watch.advance(epoch - 1)) trainer.renew();
      for await (const batch of training(epoch)) {
        const measured = scope(() => trainer.step(transformed(batch, true), scale.value));
        means.add(rowsIn(batch), { loss: measured.loss, ...measured.metrics });
        batches++;
        if (!Number.isFinite(measured.loss)) status = 'diverged';
        else if (given.onBatch?.(stateOf(epoch, batches, measured.loss)) === true || signal?.aborted)
          status = 'stopped';
        if (status !== 'finished') break;
        report(stateOf(epoch, batches, means.of('loss')), false);
        if (turns.isDue) await turns.give();
      }
      if (batches === 0)
        throw new ArgumentError(
          `${name}: data must give batches in every epoch, got none in epoch ${epoch} (a generator runs once: give a function that makes one)`,
        );
      // An interrupted epoch is not in the history, unless the history must show what ended it.
      if (status === 'stopped') break;
      for (const [key, value] of means.entries()) note(history, key, value);
      if (status === 'finished') {
        done = epoch;
        if (validation !== undefined) await validate(validation);
      }
      history.seconds.push((performance.now() - start) / 1000);
      if (status === 'diverged') break;
      scale.note(history);
      const judged = stopper?.note(epoch, history);
      if (judged?.isBest) {
        if (best === undefined) best = trainer.snapshot();
        else Trainer.assign(trainer.params, best);
      }
      const now = stateOf(epoch, batches, means.of('loss'));
      if (progress === true) console.log(lineOf(now));
      report(now, true);
      if ((await given.onEpoch?.(now)) === true || signal?.aborted) status = 'stopped';
      else if (judged?.stop && epoch < epochs) status = 'early';
    }
    if (best !== undefined) Trainer.assign(best, trainer.params);
    isGood = true;
    return {
      params: trainer.params,
      history,
      epochs: done,
      stoppedEarly: status === 'early',
      status,
      ...(stopper?.best && { best: stopper.best }),
    };
  } finally {
    judge.dispose();
    trainer.dispose(isGood);
    for (const leaf of flatten(best).leaves) leaf.dispose();
  }

  async function validate(batches: (epoch: number) => BatchStream<B>): Promise<void> {
    const means = new WeightedMeans();
    for await (const batch of batches(done)) {
      scope(() => judge.note(trainer.params, transformed(batch, false), means));
      if (turns.isDue) await turns.give();
    }
    if (means.rows === 0) throw new ArgumentError(`${name}: validation must have rows, got none`);
    for (const [key, value] of means.entries()) note(history, validationName(key), value);
  }
}

/** Splits training and validation data. */
function sourcesOf<P extends Tree, B>(
  name: string,
  data: BatchSource<B>,
  { batchSize: size, validation, replacement, dropLast }: ReturnType<typeof fitOptions<P, B>>,
  { split, order }: { split: Generator; order: Generator },
) {
  const cut = { size, shuffle: order, replacement, dropLast };
  if (typeof validation !== 'number') {
    const training = sourceOf(name, data, cut);
    if (training.count === 0) throw new ArgumentError(`${name}: data must have rows, got none`);
    return {
      training,
      validation: validation === undefined ? undefined : sourceOf(name, validation, { size }),
    };
  }
  if (!isWhole(data))
    throw new ArgumentError(
      `${name}: validation must be data where training data come as batches, got a part`,
    );
  const rows = rowsOf(name, data);
  const aside = Math.round(rows * validation);
  if (!(validation > 0 && validation < 1) || aside < 1 || aside >= rows)
    throw new ArgumentError(
      `${name}: validation must lie in (0, 1) and leave rows on both sides, got ${validation} of ${rows}`,
    );
  const permutation = split.permutation(rows);
  const drawn = [...permutation.data()];
  permutation.dispose();
  return {
    training: sourceOf(name, data, { ...cut, rows: drawn.slice(aside) }),
    validation: sourceOf(name, data, { size, rows: drawn.slice(0, aside) }),
  };
}

/** Appends to a list of the history. */
function note(history: History, name: string, value: number): void {
  const list = history[name] ?? [];
  list.push(value);
  history[name] = list;
}

/** One line about an epoch. */
function lineOf({ epoch, epochs, history }: FitProgress): string {
  const parts = Object.entries(history)
    .filter(([name, list]) => name !== 'seconds' && list !== undefined)
    .map(([name, list]) => `${name} ${list?.at(-1)?.toPrecision(4)}`);
  return `epoch ${epoch}/${epochs}: ${parts.join(', ')}, ${history.seconds.at(-1)?.toFixed(1)} s`;
}
