// One forward and one backward pass through the layers of a model, with each layer's input and output cotangent
// available.

import { valueAndGrad } from '../../autodiff/grad.js';
import { vjp } from '../../autodiff/vjp.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { flatten, leavesLike, type Tree, unflatten } from '../../core/tree.js';
import { checkTensor } from '../../ops/op.js';
import { changed, optionsAt } from '../layers/apply-options.js';
import type { ApplyOptions, Layer, LinearForm } from '../layers/layer.js';
import type { Sequential } from '../layers/sequential.js';

/** A loss: a scalar function of the model's output and the target. */
export type Loss = (output: Tensor, target: Tensor) => Tensor;

/** What a rule knows of a layer y = ã Dᵀ that is linear in its parameters, at one mini-batch. */
export interface LayerStep<P = unknown> {
  readonly layer: Layer<P>;
  readonly linear: LinearForm<P>;
  readonly params: P;
  /** a, the input of the layer. */
  readonly input: Tensor;
  /** ∂loss/∂y. */
  readonly cotangent: Tensor;
  /** ∂loss/∂params, in the shape of the parameters. */
  readonly gradient: P;
  /** y for other parameters at the same input: linear in the parameters. */
  forward(params: P): Tensor;
  /** The transpose of `forward`: parameters for a cotangent of y. */
  adjoint(cotangent: Tensor): P;
}

/**
 * The direction d of a layer's parameters: a step is params - τ d. In operations, in the structure of the parameters.
 */
export type LayerRule = (step: LayerStep) => unknown;

/** Whether the last layer that is linear in its parameters takes its gradient, or the direction of the rule. */
export type LastLayer = 'explicit' | 'implicit';

/** A layer that is not made of layers, with its own parameters and options. */
export interface Leaf {
  layer: Layer;
  params: unknown;
  options: ApplyOptions;
}

/** The result of a sweep. */
export interface SweepResult<P = unknown> {
  /** The loss, shape []. */
  loss: Tensor;
  /** In the shape of the parameters. */
  direction: P;
  /** The parameters with updated running statistics; only for models that have such. */
  params?: P;
}

const isSequential = (layer: Layer): layer is Layer & Sequential =>
  Array.isArray((layer as Partial<Sequential>).layers);

/** The layers of a model in order, including nested ones; each draws the same random numbers as in `apply`. */
export function leavesOf(model: Layer, params: unknown, options: ApplyOptions): Leaf[] {
  if (!isSequential(model)) return [{ layer: model, params, options }];
  const { layers } = model;
  if (!Array.isArray(params) || params.length !== layers.length) {
    const got = Array.isArray(params) ? `${params.length}` : describe(params);
    throw new ShapeError(
      `sequential: params must be an array of ${layers.length}, one per layer, got ${got}`,
    );
  }
  return layers.flatMap((layer, i) => leavesOf(layer, params[i], optionsAt(options, i) ?? {}));
}

/** A tree with the structure of a model's parameters, from one part per layer. */
export function treeOf(model: Layer, parts: readonly unknown[]): unknown {
  let at = 0;
  const build = (layer: Layer): unknown => (isSequential(layer) ? layer.layers.map(build) : parts[at++]);
  return build(model);
}

/** The position of the last layer that is linear in its parameters, or -1. */
export function lastLinear(leaves: readonly Leaf[]): number {
  return leaves.findLastIndex(({ layer }) => layer.linear !== undefined);
}

const hasTensors = (params: Tree) => flatten(params).leaves.length > 0;

/** A layer's output, and the backward pass to its parameters and its input. */
interface ForwardPass {
  value: Tensor;
  back(cotangent: Tensor): { gradient: unknown; cotangent?: Tensor };
}

/** Runs a layer; `further` says whether the cotangent of its input is needed. */
function pass({ layer, params, options }: Leaf, x: Tensor, further: boolean): ForwardPass {
  if (hasTensors(params)) {
    if (!further) {
      const { value, pullback } = vjp((p) => layer.apply(p, x, options), params);
      return { value, back: (ct) => ({ gradient: pullback(ct)[0] }) };
    }
    const { value, pullback } = vjp((p, a) => layer.apply(p, a, options), params, x);
    return {
      value,
      back(ct) {
        const [gradient, cotangent] = pullback(ct);
        return { gradient, cotangent };
      },
    };
  }
  if (!further) return { value: layer.apply(params, x, options), back: () => ({ gradient: params }) };
  const { value, pullback } = vjp((a) => layer.apply(params, a, options), x);
  return { value, back: (ct) => ({ gradient: params, cotangent: pullback(ct)[0] }) };
}

/** A rule's direction, with keys in the order of the parameters. */
function ruled(rule: LayerRule, step: LayerStep): unknown {
  const { params } = step;
  const leaves = leavesLike('layerwise', "the rule's direction", rule(step), params);
  return unflatten(flatten(params).structure, leaves);
}

/**
 * Loss and direction of a model at a mini-batch, in training: the rule's direction for every layer that is linear in
 * its parameters (except the last one if that is explicit), and the gradient for the others. With a rule that returns
 * the gradient this is backpropagation.
 */
export function sweep(
  { name, rule, lastLayer }: { name: string; rule: LayerRule; lastLayer: LastLayer },
  model: Layer,
  params: unknown,
  x: Tensor,
  labels: Tensor,
  loss: Loss,
  options: ApplyOptions = {},
): SweepResult {
  return scope(() => {
    const training = changed(options, { training: true });
    const leaves = leavesOf(model, params, training);
    const last = lastLinear(leaves);
    const explicit = lastLayer === 'explicit' ? last : -1;
    if (last < 0 && !leaves.some((leaf) => hasTensors(leaf.params)))
      throw new ArgumentError('layerwise: model must have parameters, got none');
    const inputs: Tensor[] = [];
    const passed: ForwardPass[] = [];
    let [y, further] = [x, false];
    for (const leaf of leaves) {
      inputs.push(y);
      const result = pass(leaf, y, further);
      further ||= hasTensors(leaf.params);
      passed.push(result);
      y = result.value;
    }
    const { value, grad } = valueAndGrad((output: Tensor) =>
      checkTensor(name, 'what loss returns', loss(output, labels)),
    )(y);
    const parts: unknown[] = leaves.map((leaf) => leaf.params);
    let cotangent: Tensor | undefined = grad;
    for (let i = leaves.length - 1; i >= 0 && cotangent !== undefined; i--) {
      const { layer, params: own, options: at } = leaves[i];
      const back = passed[i].back(cotangent);
      const { linear } = layer;
      const forward = (p: unknown) => layer.apply(p, inputs[i], at);
      let transposed: ((ct: Tensor) => unknown[]) | undefined;
      parts[i] =
        linear === undefined || i === explicit
          ? back.gradient
          : ruled(rule, {
              ...{
                layer,
                linear,
                params: own,
                input: inputs[i],
                cotangent,
                gradient: back.gradient,
                forward,
              },
              adjoint(ct) {
                transposed ??= vjp(forward, own).pullback;
                return transposed(ct)[0];
              },
            });
      cotangent = back.cotangent;
    }
    const direction = treeOf(model, parts);
    if (model.forward === undefined) return { loss: value, direction };
    return { loss: value, direction, params: moved(model, params, x, training) };
  });
}

/** The parameters after a forward pass in training. */
function moved(model: Layer, params: unknown, x: Tensor, options: ApplyOptions): unknown {
  return model.forward?.(params, x, options).params;
}
