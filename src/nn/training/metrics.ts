// Metrics: measures of a model besides its loss.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { astype } from '../../ops/cast.js';
import { equal } from '../../ops/compare.js';
import { argmax } from '../../ops/extrema.js';
import { checkTensor } from '../../ops/op.js';
import { mean } from '../../ops/statistics.js';

/** A measure of a batch, shape []: a mean over its rows. */
export type MetricFunction = (output: Tensor, target: Tensor) => Tensor;

/** 'accuracy', or a function; the name of the function is that of the metric. */
export type Metric = 'accuracy' | MetricFunction;

/**
 * The fraction of rows whose largest logit is that of the label.
 * @param logits [n, classes]. @param labels [n], i32. @returns shape [], of the dtype of the logits.
 * @example
 * nn.accuracy(model.apply(params, x), y).item();
 */
export function accuracy(logits: Tensor, labels: Tensor): Tensor {
  checkTensor('accuracy', 'logits', logits);
  checkTensor('accuracy', 'labels', labels);
  return scope(() => mean(astype(equal(argmax(logits, { axis: -1 }), labels), logits.dtype)));
}

/** Names of lists that every history has. */
const TAKEN: readonly string[] = ['loss', 'validationLoss', 'seconds', 'scale'];

/** Metrics by their names. */
export function metricsOf(name: string, metrics: unknown): Map<string, MetricFunction> {
  if (!Array.isArray(metrics))
    throw new ArgumentError(`${name}: metrics must be an array, got ${describe(metrics)}`);
  return new Map(
    metrics.map((metric: unknown) => {
      if (metric === 'accuracy') return [metric, accuracy];
      if (typeof metric !== 'function' || metric.name === '')
        throw new ArgumentError(
          `${name}: metrics must be 'accuracy' or functions with names, got ${typeof metric === 'function' ? 'one without' : describe(metric)}`,
        );
      if (TAKEN.includes(metric.name))
        throw new ArgumentError(`${name}: metrics must have other names than ${TAKEN.join(', ')}`);
      return [metric.name, metric as MetricFunction];
    }),
  );
}
