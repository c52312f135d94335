// layerwise: a training direction computed layer by layer in the backward pass.

import { compile } from '../../compiler/compile.js';
import { checkFunction } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { disposable } from '../../core/disposable.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { mapTree } from '../../core/tree.js';
import { cloneTensor } from '../../linalg/stack.js';
import { checkTensor } from '../../ops/op.js';
import { untraced, untracedTree } from '../../ops/untraced.js';
import { checkApplyOptions } from '../layers/checked-layer.js';
import { type ApplyOptions, checkLayer, type Layer } from '../layers/layer.js';
import { crossEntropy } from '../layers/losses.js';
import { type LastLayer, type LayerRule, type Loss, type SweepResult, sweep } from './sweep.js';

/** A direction for optimizers, instead of the gradient. */
export interface Layerwise<P = unknown> {
  readonly name: string;
  /**
   * Loss and direction for a mini-batch, by a program that is compiled once per shapes and loss; the caller owns the
   * tensors. It has no derivatives: differentiated arguments are an error; use `directionOf` for those.
   * @param loss default `crossEntropy`; pass one function, not a new one per call. @param options `key` for layers like
   * dropout.
   */
  direction(
    params: P,
    x: Tensor,
    labels: Tensor,
    loss?: Loss,
    options?: DirectionOptions,
  ): { loss: number; direction: P; params?: P };
  /** The same in operations, to be compiled with the code around it. */
  directionOf(params: P, x: Tensor, labels: Tensor, loss?: Loss, options?: DirectionOptions): SweepResult<P>;
  /** Bytes that the compiled programs hold. */
  readonly bytes: number;
  /** Frees the compiled programs; the next call compiles again. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** Options of `direction`. */
export type DirectionOptions = Pick<ApplyOptions, 'key' | 'epoch'>;

const DIRECTION_OPTIONS: OptionNames<DirectionOptions> = { key: true, epoch: true };

/** The layers that the rule applies to. */
export interface LayerwiseOptions {
  /**
   * 'explicit' (default, as in the paper): the last layer that is linear in its parameters takes its gradient;
   * 'implicit': the rule applies to it, too. An explicit last layer is the first to fail at large steps.
   */
  lastLayer?: LastLayer;
}

const ADVICE = 'use directionOf, which is written in operations, or pass stopGradient(x)';

export const LAYERWISE_OPTIONS: OptionNames<LayerwiseOptions> = { lastLayer: true };

/** Checks a mini-batch and the options of `direction`. */
function checkBatch(name: string, x: unknown, labels: unknown, loss: unknown, options: unknown): void {
  checkTensor(name, 'x', x);
  checkTensor(name, 'labels', labels);
  checkFunction(name, 'loss', loss);
  checkOptions(name, options, DIRECTION_OPTIONS);
  checkApplyOptions(name, options as DirectionOptions);
}

/** Checks a model. */
export function checkModel(name: string, model: unknown): void {
  checkLayer(name, 'model', model);
}

/**
 * A training direction: `rule` gives the direction of every layer that is linear in its parameters, except the last;
 * that one and layers of other kinds take their gradient. This is step (c) of the penalty form of backpropagation: a
 * rule that multiplies the gradient by a positive definite matrix gives a descent direction (Proposition 4).
 * Source: Frerix, Möllenhoff, Moeller and Cremers, Proximal Backpropagation, ICLR 2018, Algorithms 1 and 2.
 * @param model a layer, usually `sequential`: the layers of an array `layers`, including nested ones, count separately;
 * any other layer counts as one.
 * @param rule maps a layer at a mini-batch to the direction of its parameters, in operations.
 * @param options `lastLayer: 'implicit'` applies the rule to the last layer, too.
 * @throws ArgumentError if `model` is not a layer or `rule` not a function, or if a direction does not have the shapes
 * of the parameters.
 * @example
 * const backpropagation = nn.layerwise(model, ({ gradient }) => gradient);
 * const { loss, direction } = backpropagation.direction(params, x, labels);
 */
export function layerwise<P>(model: Layer<P>, rule: LayerRule, options: LayerwiseOptions = {}): Layerwise<P> {
  checkModel('layerwise', model);
  if (typeof rule !== 'function')
    throw new ArgumentError(`layerwise: rule must be a function, got ${describe(rule)}`);
  checkOptions('layerwise', options, LAYERWISE_OPTIONS);
  return layerwiseOf('layerwise', model, rule, options);
}

/** The same under another name; the names of the options have been checked. */
export function layerwiseOf<P>(
  name: string,
  model: Layer<P>,
  rule: LayerRule,
  { lastLayer = 'explicit' }: LayerwiseOptions = {},
): Layerwise<P> {
  if (lastLayer !== 'explicit' && lastLayer !== 'implicit')
    throw new ArgumentError(
      `${name}: lastLayer must be 'explicit' or 'implicit', got ${describe(lastLayer)}`,
    );
  const directionOf: Layerwise<P>['directionOf'] = (params, x, labels, loss = crossEntropy, options = {}) => {
    checkBatch(name, x, labels, loss, options);
    return sweep(
      { name, rule, lastLayer },
      model as Layer,
      params,
      x,
      labels,
      loss,
      options,
    ) as SweepResult<P>;
  };
  let plan = compile(directionOf);
  const dispose = () => {
    plan.dispose();
    plan = compile(directionOf);
  };
  return disposable({
    name,
    directionOf,
    direction(params, x, labels, loss = crossEntropy, options = {}) {
      checkBatch(name, x, labels, loss, options);
      for (const [argument, tree] of Object.entries({ params, x, labels }))
        untracedTree(name, argument, tree, ADVICE);
      return scope(() => {
        const { loss: value, direction, params: moved } = plan(params, x, labels, loss, options);
        const copied = (tree: P) => mapTree(tree, (leaf) => cloneTensor(leaf, name)) as P;
        return {
          loss: untraced(name, 'the loss', value, ADVICE).item(),
          direction: copied(direction),
          ...(moved !== undefined && { params: copied(moved) }),
        };
      });
    },
    get bytes() {
      return plan.bytes;
    },
    dispose,
    [Symbol.dispose]: dispose,
  });
}
