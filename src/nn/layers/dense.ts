// dense: y = x Wᵀ + b.

import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { add } from '../../ops/arithmetic.js';
import { concat } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { slice } from '../../ops/slice.js';
import { checkedLayer } from './checked-layer.js';
import { INITIALISE_OPTIONS, type InitialiseOptions, initialiser } from './initialise.js';
import type { Layer, LinearForm } from './layer.js';

/** Options of `dense`: `bias` (default true), `init` (default 'uniform') and `biasInit`. */
export type DenseOptions = InitialiseOptions;

/** Parameters of `dense`. */
export interface DenseParams {
  /** [out, in]. */
  weight: Tensor;
  /** [out]; absent without a bias. */
  bias?: Tensor;
}

/** [weight as a matrix, bias] side by side: the parameters of a layer that is linear in them. */
export function joined({ weight, bias }: DenseParams): Tensor {
  const matrix = reshape(weight, [weight.shape[0], -1]);
  return bias === undefined ? matrix : concat([matrix, reshape(bias, [bias.size, 1])], 1);
}

/** Splits them again. */
export function parted<P extends DenseParams>(matrix: Tensor, { weight, bias }: P): P {
  const [out, k] = [weight.shape[0], weight.size / Math.max(1, weight.shape[0])];
  const part = (from: number, to: number) => slice(matrix, [0, from], [out, to]);
  if (bias === undefined) return { weight: reshape(matrix, weight.shape) } as P;
  return { weight: reshape(part(0, k), weight.shape), bias: reshape(part(k, k + 1), [out]) } as P;
}

const LINEAR: LinearForm<DenseParams> = {
  rows: (x) => x,
  outputRows: (y) => y,
  matrix: joined,
  params: parted,
  hasBias: ({ bias }) => bias !== undefined,
};

/**
 * A dense (fully connected) layer of [n, in] to [n, out]. Parameters { weight: [out, in], bias: [out] }, initialised
 * uniformly within ±1/sqrt(in), as in PyTorch, or by `init`.
 * @param options `bias`: false for none; `init`, `biasInit`: 'uniform', 'he', 'heUniform', 'glorot', 'glorotNormal',
 * 'zeros' or (generator, shape, fanIn, fanOut, dtype) => Tensor.
 * @throws ArgumentError if `out` is not a positive integer, ShapeError for inputs that do not fit.
 * @example
 * const layer = nn.dense(10);
 * const params = layer.init(random(1), [784]);
 */
export function dense(out: number, options: DenseOptions = {}): Layer<DenseParams> {
  checkOptions('dense', options, INITIALISE_OPTIONS);
  if (!Number.isInteger(out) || out < 1)
    throw new ArgumentError(`dense: out must be a positive integer, got ${describe(out)}`);
  return denseOf('dense', out, options);
}

/** The same under another name; `out` may be 0. */
export function denseOf(name: string, out: number, options: DenseOptions): Layer<DenseParams> {
  const draw = initialiser(name, options);
  return checkedLayer(
    name,
    {
      name,
      linear: LINEAR,
      outputShape: () => [out],
      init(generator, inputShape, { dtype } = {}) {
        if (inputShape.length !== 1)
          throw new ShapeError(
            `${name}: inputShape must be [in], got ${show(inputShape)} (put flatten() before)`,
          );
        return draw(generator, [out, inputShape[0]], { in: inputShape[0], out }, dtype);
      },
      apply(params, x) {
        const { weight } = params;
        if (x.ndim !== 2 || x.shape[1] !== weight.shape[1]) {
          throw new ShapeError(
            `${name}: x must be [n, ${weight.shape[1]}] for a weight of ${show(weight.shape)}, got ${show(x.shape)}`,
          );
        }
        return scope(() => {
          const product = matmul(x, weight, { transposeB: true });
          return params.bias === undefined ? product : add(product, params.bias);
        });
      },
    },
    { weight: 'required', bias: 'optional' },
  );
}
