// Counting parameters.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { checkNesting, isPlain, type Tree } from '../../core/tree.js';
import { RUNNING } from './batch-norm.js';

/**
 * The number of trained entries in a tree of parameters; running statistics do not count.
 * @throws ArgumentError if `params` is not a tree of tensors.
 * @example
 * nn.parameterCount(nn.dense(10).init(random(1), [784])); // 7850
 */
export function parameterCount(params: Tree): number {
  return countIn(params, []);
}

function countIn(params: Tree, around: object[]): number {
  if (params instanceof Tensor) return params.size;
  const isArray = Array.isArray(params);
  if (!isArray && !isPlain(params))
    throw new ArgumentError(
      `parameterCount: params must be a tree of tensors, got ${describe(params)} in it`,
    );
  checkNesting('parameterCount', params, around);
  around.push(params);
  let count = 0;
  if (isArray) for (const part of params) count += countIn(part, around);
  else for (const key in params) if (!RUNNING.includes(key)) count += countIn(params[key], around);
  around.pop();
  return count;
}
