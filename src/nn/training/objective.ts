// The objective of training: a layer with a loss, or a function of parameters and a batch; and the program of one step.

import { valueAndGrad } from '../../autodiff/grad.js';
import { checkObject, checkTensor } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { flatten, leavesLike, type Tree } from '../../core/tree.js';
import { changed } from '../layers/apply-options.js';
import { type ApplyOptions, forwardOf, type Layer } from '../layers/layer.js';
import type { Layerwise } from '../proximal/layerwise.js';
import type { Loss } from '../proximal/sweep.js';
import type { EpochWatch } from './epoch-watch.js';
import type { MetricFunction } from './metrics.js';

/** The result of an objective; all scalars (shape []) except the parameters. */
export interface LossAndMetrics<P = unknown> {
  /** The mean over the batch of the function to minimise. */
  loss: Tensor;
  /** The parameters with updated running statistics, in training. */
  params?: P;
  /** Measures that are recorded besides the loss, by name. */
  metrics?: Record<string, Tensor>;
}

/** A loss of parameters and a batch, in operations; `options` has `training`, and in training a `key` and the `epoch`. */
export type LossFunction<P = unknown, B = unknown> = (
  params: P,
  batch: B,
  options: ApplyOptions,
) => Tensor | LossAndMetrics<P>;

/** Inputs [n, …] and the targets for them. */
export interface Examples {
  x: Tensor;
  y: Tensor;
}

/** Instead of the gradient: `nn.proxprop(model, …)`, or any object with the same method `direction`. */
export type Direction<P = unknown> = Pick<Layerwise<P>, 'direction'> &
  Partial<Pick<Layerwise<P>, 'directionOf'>>;

/** Results of one step; `moved` are the tensors of `movedAt` among the leaves of the parameters. */
export interface Step {
  loss: Tensor | number;
  direction: Tree;
  moved: Tensor[];
  movedAt: number[];
  metrics: Record<string, Tensor>;
}

/** The objective of a layer with a loss, or a user's objective function, in one form. */
export function objectiveOf(
  name: string,
  model: unknown,
  loss: Loss,
  metrics: Map<string, MetricFunction>,
): (params: Tree, batch: Tree, options: ApplyOptions) => LossAndMetrics {
  if (typeof model === 'function') {
    if (metrics.size > 0)
      throw new ArgumentError(
        `${name}: metrics are for layers (an objective returns its own: { loss, metrics: { name: scalar } })`,
      );
    return (params, batch, options) => {
      const result = (model as LossFunction)(params, batch, options);
      if (result instanceof Tensor) return { loss: result };
      checkObject(name, 'what the objective returns', result);
      checkTensor(name, 'the loss that the objective returns', result.loss);
      return result;
    };
  }
  if (typeof (model as Layer | undefined)?.apply !== 'function')
    throw new ArgumentError(
      `${name}: model must be a layer or a function (params, batch, options) => loss, got ${describe(model)}`,
    );
  const layer = model as Layer;
  return (params, batch, options) => {
    const { x, y } = examplesOf(name, batch);
    const { y: output, params: moved } = forwardOf(layer, params, x, options);
    const value: unknown = loss(output, y);
    checkTensor(name, 'what loss returns', value);
    return { loss: value, params: moved, metrics: measured(metrics, output, y) };
  };
}

/** A batch as examples. */
export function examplesOf(name: string, batch: Tree): Examples {
  const { x, y } = (batch ?? {}) as Partial<Examples>;
  if (!(x instanceof Tensor && y instanceof Tensor))
    throw new ArgumentError(
      `${name}: data for a layer must be { x, y }, tensors, got ${flatten(batch, name).structure.text}`,
    );
  return { x, y };
}

/** The gradient of an objective at a batch, with updated running statistics. */
export function gradientStep(
  objective: ReturnType<typeof objectiveOf>,
  epochs: EpochWatch,
): (params: Tree, batch: Tree, key: Tensor) => Step {
  const inner = (params: Tree, batch: Tree, key: Tensor) => {
    const {
      loss,
      params: next,
      metrics = {},
    } = objective(params, batch, epochs.added({ training: true, key }));
    return [loss, { ...movedOf(params, next), metrics }];
  };
  const step = valueAndGrad(inner, 0, { aux: true });
  return (params, batch, key) => {
    const { value, grad, aux } = step(params, batch, key);
    return { loss: value, direction: grad, ...aux };
  };
}

/** The direction of a rule like `proxprop` at a batch, with updated running statistics. */
export function directionStep(
  name: string,
  rule: Direction,
  model: unknown,
  loss: Loss,
  metrics: Map<string, MetricFunction>,
  epochs: EpochWatch,
): (params: Tree, batch: Tree, key: Tensor) => Step {
  const layer = model as Layer;
  return (params, batch, key) => {
    const { x, y } = examplesOf(name, batch);
    const options = epochs.added({ key });
    const swept =
      rule.directionOf === undefined
        ? rule.direction(params, x, y, loss, options)
        : rule.directionOf(params, x, y, loss, options);
    const { loss: value, direction, params: next } = swept;
    // In a compiled program this is the pass that the direction runs anyway.
    const output =
      metrics.size > 0 ? layer.apply(params, x, changed(options, { training: true })) : undefined;
    return {
      loss: value,
      direction,
      ...movedOf(params, next),
      metrics: output === undefined ? {} : measured(metrics, output, y),
    };
  };
}

function measured(metrics: Map<string, MetricFunction>, output: Tensor, y: Tensor): Record<string, Tensor> {
  return Object.fromEntries([...metrics].map(([key, metric]) => [key, metric(output, y)]));
}

/** The leaves of `next` that differ from those of `params`: running statistics. */
function movedOf(params: Tree, next: Tree | undefined): Pick<Step, 'moved' | 'movedAt'> {
  if (next === undefined) return { moved: [], movedAt: [] };
  const old = flatten(params).leaves;
  const now = leavesLike('fit', 'the params that the objective returns', next, params);
  const movedAt = old.flatMap((leaf, i) => (now[i] === leaf ? [] : [i]));
  return { moved: movedAt.map((i) => now[i]), movedAt };
}
