// layerwise: a training direction layer by layer, from the coupling of layers that backpropagation shares with its penalty form.

import { checkFunction } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { mapTree } from '../../core/tree.js';
import { compile } from '../../graph/compile.js';
import { cloneTensor } from '../../linalg/stack.js';
import { checkTensor } from '../../ops/op.js';
import { untraced, untracedTree } from '../../ops/untraced.js';
import { type ApplyOptions, checkLayer, type Layer } from '../layers/layer.js';
import { crossEntropy } from '../layers/losses.js';
import { type LastLayer, type LayerRule, type Loss, type SweepResult, sweep } from './sweep.js';

/** A direction for optimizers, in the place of the gradient. */
export interface Layerwise<P = unknown> {
  readonly name: string;
  /**
   * Loss and direction at a mini-batch, by a program that is compiled once per shapes and loss; the tensors are the caller's. Without
   * derivatives: arguments that are differentiated are an error; `directionOf` is for those.
   * @param loss default `crossEntropy`; one function, not a new one per call. @param options `key` for layers like dropout.
   */
  direction(
    params: P,
    x: Tensor,
    labels: Tensor,
    loss?: Loss,
    options?: DirectionOptions,
  ): { loss: number; direction: P; params?: P };
  /** The same in operations, to be compiled with what stands around it. */
  directionOf(params: P, x: Tensor, labels: Tensor, loss?: Loss, options?: DirectionOptions): SweepResult<P>;
  /** Bytes that the compiled programs hold. */
  readonly bytes: number;
  /** Frees the compiled programs; the next call makes them anew. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** Options of `direction`. */
export type DirectionOptions = Pick<ApplyOptions, 'key'>;

const DIRECTION_OPTIONS: OptionNames<DirectionOptions> = { key: true };

/** What the rule is asked for. */
export interface LayerwiseOptions {
  /**
   * 'explicit' (default, as in the paper): the last layer that is linear in its parameters takes its gradient; 'implicit': the rule is
   * asked for it, too. An explicit last layer is what fails first at large steps.
   */
  lastLayer?: LastLayer;
}

const ADVICE = 'use directionOf, which is written in operations, or pass stopGradient(x)';

export const LAYERWISE_OPTIONS: OptionNames<LayerwiseOptions> = { lastLayer: true };

/** Checks a mini-batch and what a direction is asked with. */
function checkBatch(name: string, x: unknown, labels: unknown, loss: unknown, options: unknown): void {
  checkTensor(name, 'x', x);
  checkTensor(name, 'labels', labels);
  checkFunction(name, 'loss', loss);
  checkOptions(name, options, DIRECTION_OPTIONS);
  const { key } = options as DirectionOptions;
  if (key !== undefined) checkTensor(name, 'key', key);
}

/** Checks a model. */
export function checkModel(name: string, model: unknown): void {
  checkLayer(name, 'model', model);
}

/**
 * A direction for training, made by `rule` for every layer that is linear in its parameters but the last; that one and layers of
 * other kinds take their gradient. This is step (c) of the penalty form of backpropagation: a rule that multiplies the gradient by a
 * positive definite matrix makes a descent direction (Proposition 4).
 * Source: Frerix, Möllenhoff, Moeller and Cremers, Proximal Backpropagation, ICLR 2018, Algorithms 1 and 2.
 * @param model a layer, mostly `sequential`: an array `layers` means layers in a row, nested too; any other layer counts as one.
 * @param rule from a layer at a mini-batch to the direction of its parameters, in operations.
 * @param options `lastLayer: 'implicit'` asks the rule for the last layer, too.
 * @throws ArgumentError if `model` is not a layer or `rule` not a function, or a direction that has not the shape of the parameters.
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

/** The same under another name; the options' names have been checked. */
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
  return {
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
  };
}
