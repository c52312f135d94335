// checkedLayer: a layer that checks all arguments before anything is computed.

import { checkCount, checkFlag } from '../../core/check.js';
import { checkDType } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkGenerator } from '../../core/random/generator.js';
import { checkShape } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { checkTensor } from '../../ops/op.js';
import type { ApplyOptions, Layer, LayerOptions } from './layer.js';

const LAYER_OPTIONS: OptionNames<LayerOptions> = { dtype: true };
const APPLY_OPTIONS: OptionNames<ApplyOptions> = { training: true, key: true, epoch: true };

/** The parameters of a layer: tensors, some of which may be absent. */
export type ParameterNames = Readonly<Record<string, 'required' | 'optional'>>;

/** Checks `params`, `x` and the options of a call. */
export function checkCall(
  name: string,
  parameters: ParameterNames,
  params: unknown,
  x: unknown,
  options: ApplyOptions | undefined,
): void {
  for (const key in parameters) checkParameter(name, key, params, parameters[key] === 'optional');
  checkTensor(name, 'x', x);
  if (options === undefined) return;
  checkOptions(name, options, APPLY_OPTIONS);
  checkApplyOptions(name, options);
}

/** Checks the values of options whose names are known. */
export function checkApplyOptions(name: string, options: ApplyOptions): void {
  if (options.training !== undefined) checkFlag(name, 'training', options.training);
  if (options.key !== undefined) checkTensor(name, 'key', options.key);
  // Not through a getter: `fit` notes who reads the epoch.
  const epoch: unknown = Object.getOwnPropertyDescriptor(options, 'epoch')?.value;
  if (epoch !== undefined) checkCount(name, 'epoch', epoch);
}

function checkParameter(name: string, key: string, params: unknown, isOptional: boolean): void {
  if (typeof params !== 'object' || params === null || params instanceof Tensor)
    throw new ArgumentError(
      `${name}: params must be { ${key}, … } as init gives them, got ${describe(params)}`,
    );
  const value = (params as Record<string, unknown>)[key];
  if (value instanceof Tensor || (isOptional && value === undefined)) return;
  throw new ArgumentError(`${name}: params.${key} must be a tensor, got ${describe(value)}`);
}

/** The layer with its arguments checked; `name` is the function that makes it. */
// biome-ignore lint/suspicious/noExplicitAny: whatever parameters the layer has
export function checkedLayer<L extends Layer<any>>(
  name: string,
  layer: L,
  parameters: ParameterNames = {},
): L {
  const { init, apply, forward, outputShape } = layer as unknown as Layer;
  const checked: Partial<Layer> = {
    init(generator, inputShape, options) {
      checkGenerator(name, 'generator', generator);
      if (options !== undefined) {
        checkOptions(name, options, LAYER_OPTIONS);
        if (checkDType(name, options.dtype, 'f32') === 'i32')
          throw new DTypeError(`${name}: dtype must be 'f64' or 'f32', got "i32"`);
      }
      return init(generator, checkShape(name, inputShape), options);
    },
    outputShape: (inputShape) => outputShape(checkShape(name, inputShape)),
    apply(params, x, options) {
      checkCall(name, parameters, params, x, options);
      return apply(params, x, options);
    },
  };
  if (forward !== undefined) {
    checked.forward = (params, x, options) => {
      checkCall(name, parameters, params, x, options);
      return forward(params, x, options);
    };
  }
  return { ...layer, ...checked };
}
