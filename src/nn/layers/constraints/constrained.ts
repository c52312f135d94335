// constrained: y = map(dense(norm(x))), with a map into a set. What all constraint layers share.

import { checkObject } from '../../../core/check.js';
import { disposable } from '../../../core/disposable.js';
import { DTypeError, ShapeError } from '../../../core/errors.js';
import { joinNames, type OptionNames } from '../../../core/options.js';
import { type Owner, owned, scope } from '../../../core/scope.js';
import { show } from '../../../core/shape.js';
import type { Tensor } from '../../../core/tensor.js';
import { checkTensor } from '../../../ops/op.js';
import { type BatchNormParams, batchNorm } from '../batch-norm.js';
import { checkedLayer } from '../checked-layer.js';
import { type DenseParams, denseOf } from '../dense.js';
import { INITIALISE_OPTIONS, type InitialiseOptions } from '../initialise.js';
import type { ApplyOptions, Layer } from '../layer.js';

/** Parameters of a constraint layer. */
export interface ConstraintParams {
  /** Those of `batchNorm`, [k] each. */
  norm: BatchNormParams;
  /** Those of `dense`: weight [m, k] and bias [m], for m numbers that choose the point of the set. */
  dense: Required<DenseParams>;
}

/** A layer whose outputs satisfy constraints. */
export interface ConstraintLayer extends Layer<ConstraintParams>, Disposable, Owner {
  forward(
    params: ConstraintParams,
    x: Tensor,
    options?: ApplyOptions,
  ): { y: Tensor; params: ConstraintParams };
  /** Frees the matrices; the layer cannot be applied any more. */
  dispose(): void;
}

/** Options of all constraint layers: rules for the initial weights of the dense layer. */
export type ConstraintInitialise = Pick<InitialiseOptions, 'init' | 'biasInit'>;

const { init, biasInit } = INITIALISE_OPTIONS;

/** Their names. */
const CONSTRAINT_INITIALISE: OptionNames<ConstraintInitialise> = { init, biasInit };

/** Names of a constraint layer's options with these. */
export const withInitialise = <const A extends object>(names: A): A & OptionNames<ConstraintInitialise> =>
  joinNames(names, CONSTRAINT_INITIALISE);

/** What makes a constraint layer. */
export interface Constrained<T extends object> {
  name: string;
  /** Entries that the dense layer gives. */
  entries: number;
  /** Entries of the output. */
  outputs: number;
  options: ConstraintInitialise;
  /** Maps z [n, entries] to [n, outputs]. */
  map(z: Tensor, options: ApplyOptions | undefined): Tensor;
  /** What the layer shows; its tensors belong to it. */
  shown: T;
  /** Tensors that belong to it out of sight. */
  hidden: readonly Tensor[];
}

/** Checks params and x, beyond what `batchNorm` and `dense` check. */
function checkInputs(
  name: string,
  entries: number,
  params: unknown,
  x: Tensor,
): asserts params is ConstraintParams {
  checkObject(name, 'params', params);
  const { norm, dense } = params as Partial<ConstraintParams>;
  checkObject(name, 'params.norm', norm);
  checkObject(name, 'params.dense', dense);
  const weight = checkTensor(name, 'params.dense.weight', dense.weight);
  const bias = checkTensor(name, 'params.dense.bias', dense.bias);
  if (weight.ndim !== 2 || weight.shape[0] !== entries)
    throw new ShapeError(`${name}: params.dense.weight must be [${entries}, k], got ${show(weight.shape)}`);
  if (bias.ndim !== 1 || bias.shape[0] !== entries)
    throw new ShapeError(`${name}: params.dense.bias must be [${entries}], got ${show(bias.shape)}`);
  if (x.ndim !== 2 || x.shape[1] !== weight.shape[1])
    throw new ShapeError(
      `${name}: x must be [n, ${weight.shape[1]}] for a weight of ${show(weight.shape)}, got ${show(x.shape)}`,
    );
  for (const [what, of] of [
    ['params.dense.weight', weight],
    ['params.dense.bias', bias],
  ] as const)
    if (of.dtype !== x.dtype)
      throw new DTypeError(`${name}: ${what} must be of x's dtype, ${x.dtype}, got ${of.dtype}`);
}

/** The layer. */
export function constrained<T extends object>({
  name,
  entries,
  outputs,
  options,
  map,
  shown,
  hidden,
}: Constrained<T>): ConstraintLayer & T {
  const norm = batchNorm();
  const dense = denseOf(name, entries, options);
  const forward = (params: ConstraintParams, x: Tensor, applied?: ApplyOptions) => {
    checkInputs(name, entries, params, x);
    return scope(() => {
      const normed = norm.forward(params.norm, x, applied);
      const y = map(dense.apply(params.dense, normed.y), applied);
      return { y, params: { ...params, norm: normed.params } };
    });
  };
  const mine = [...Object.values(shown), ...hidden].filter((part) => part !== undefined) as Tensor[];
  const dispose = () => {
    for (const part of mine) part.dispose();
  };
  const layer = checkedLayer<ConstraintLayer>(name, {
    name,
    outputShape: () => [outputs],
    init(generator, inputShape, given) {
      if (inputShape.length !== 1)
        throw new ShapeError(
          `${name}: inputShape must be [k], got ${show(inputShape)} (put flatten() before)`,
        );
      return scope(() => ({
        norm: norm.init(generator, inputShape, given),
        dense: dense.init(generator, inputShape, given) as Required<DenseParams>,
      }));
    },
    apply: (params, x, applied) => scope(() => forward(params, x, applied).y),
    forward,
    dispose,
    [Symbol.dispose]: dispose,
    [owned]: () => hidden,
  });
  return disposable({ ...layer, ...shown });
}
