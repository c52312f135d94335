// What parameters amount to.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { isPlain, type Tree } from '../../core/tree.js';
import { RUNNING } from './batch-norm.js';

/**
 * How many numbers are trained in a tree of parameters: running statistics are not counted.
 * @throws ArgumentError for what is no tree of tensors.
 * @example
 * nn.parameterCount(nn.dense(10).init(random(1), [784])); // 7850
 */
export function parameterCount(params: Tree): number {
  if (params instanceof Tensor) return params.size;
  if (Array.isArray(params)) return params.reduce<number>((count, part) => count + parameterCount(part), 0);
  if (isPlain(params))
    return Object.entries(params).reduce(
      (count, [name, part]) => count + (RUNNING.includes(name) ? 0 : parameterCount(part)),
      0,
    );
  throw new ArgumentError(`parameterCount: params must be a tree of tensors, got ${describe(params)} in it`);
}
