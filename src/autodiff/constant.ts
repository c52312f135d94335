// constant: a value that no transformation traces.
import { allocate, type Tensor } from '../core/tensor.js';
import { flatten, mapTree, type Tree } from '../core/tree.js';
import { checkTensor } from '../ops/op.js';
import { primalOf } from './primal.js';

/**
 * A copy of x, or of every tensor in a tree, that is a constant to every transformation: derivatives do not pass
 * through it, and compiled or traced functions use the values that x has now, whatever happens to x later.
 * @throws ArgumentError for a value that is computed inside a compiled or traced function, where only shapes are known.
 * @example
 * const frozen = compile((x) => mul(x, constant(weights))); // goes on with these weights when `weights` change
 */
export function constant<T extends Tree>(x: T): T {
  if (flatten(x, 'constant').leaves.length === 0) checkTensor('constant', 'x', x);
  return mapTree(x, copyOf, 'constant') as T;
}

function copyOf(leaf: Tensor): Tensor {
  const value = primalOf(leaf);
  const from = value.data();
  const copy = allocate(value.shape, value.dtype, 'constant');
  // The view of the elements is detached if the memory has grown.
  copy.data().set(from.length === value.size ? from : value.data());
  return copy;
}
