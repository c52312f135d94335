// Paths of the leaves of a tree: keys and indices joined by points, as in 0.weight.
import { Tensor } from '../../core/tensor.js';
import { checkNesting, isPlain, type Tree } from '../../core/tree.js';

/** The path of a tree that is itself a tensor. */
export const ROOT = 'tensor';

/** The tree with every leaf replaced, depth first: tensors and everything else that is not an array or plain object. */
export function mapPaths(
  name: string,
  tree: Tree,
  onTensor: (path: string, leaf: Tensor) => Tree,
  onValue: (path: string, value: Tree) => Tree,
): Tree {
  const around: object[] = [];
  const walk = (value: Tree, path: string): Tree => {
    const below = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);
    if (value instanceof Tensor) return onTensor(path === '' ? ROOT : path, value);
    const isArray = Array.isArray(value);
    if (!isArray && !isPlain(value)) return onValue(path, value);
    checkNesting(name, value, around);
    around.push(value);
    const result = isArray
      ? value.map((part, i) => walk(part, below(i)))
      : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part, below(key))]));
    around.pop();
    return result;
  };
  return walk(tree, '');
}
