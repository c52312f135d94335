// sequential: one layer after the other.

import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Shape } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { optionsAt } from './apply-options.js';
import { checkedLayer } from './checked-layer.js';
import type { ApplyOptions, Layer } from './layer.js';
import { checkLayer } from './layer.js';

/** A layer made of layers; its parameters are an array of theirs. */
export interface Sequential extends Layer<unknown[]> {
  readonly layers: readonly Layer[];
}

/**
 * Layers applied one after the other.
 * @throws ArgumentError for an entry that is not a layer; ShapeError if params do not have one entry per layer.
 * @example
 * const model = nn.sequential([nn.dense(100), nn.activation('relu'), nn.dense(10)]);
 * const params = model.init(random(1), [784]);
 * const logits = model.apply(params, x); // [n, 10] for x [n, 784]
 */
export function sequential(layers: readonly Layer[]): Sequential {
  if (!Array.isArray(layers))
    throw new ArgumentError(`sequential: layers must be an array, got ${describe(layers)}`);
  layers.forEach((layer, i) => {
    checkLayer('sequential', `entry ${i}`, layer);
  });
  const checked = (params: unknown[]): unknown[] => {
    if (Array.isArray(params) && params.length === layers.length) return params;
    const got = Array.isArray(params) ? `${params.length}` : describe(params);
    throw new ShapeError(
      `sequential: params must be an array of ${layers.length}, one per layer, got ${got}`,
    );
  };
  /** Whether any layer updates running statistics. */
  const moves = layers.some(({ forward }) => forward !== undefined);
  const forward = (params: unknown[], x: Tensor, options?: ApplyOptions) => {
    const moved = [...checked(params)];
    return scope(() => {
      let y = x;
      layers.forEach((layer, i) => {
        const own = optionsAt(options, i);
        if (layer.forward === undefined) y = layer.apply(moved[i], y, own);
        else ({ y, params: moved[i] } = layer.forward(moved[i], y, own));
      });
      return { y, params: moved };
    });
  };
  return checkedLayer<Sequential>('sequential', {
    name: 'sequential',
    layers,
    init(generator, inputShape, options) {
      let shape: Shape = inputShape;
      return scope(() =>
        layers.map((layer) => {
          const params = layer.init(generator, shape, options);
          shape = layer.outputShape(shape);
          return params;
        }),
      );
    },
    outputShape: (inputShape) => layers.reduce<Shape>((shape, layer) => layer.outputShape(shape), inputShape),
    apply: (params, x, options) =>
      scope(() =>
        checked(params).reduce<Tensor>((y, own, i) => layers[i].apply(own, y, optionsAt(options, i)), x),
      ),
    ...(moves && { forward }),
  });
}
