// Signatures: calls of a compiled function with equal signatures run the same program.
import { sameShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkNesting, isPlain, type Tree } from '../core/tree.js';

/** Whether a value matches; its tensors are added to `leaves`, depth first. */
export type Signature = (value: Tree, leaves: Tensor[]) => boolean;

/**
 * The signature of an argument: structure, shapes and dtypes of its tensors; other values by value, objects by
 * identity.
 */
export function signatureOf(value: Tree): Signature {
  if (value instanceof Tensor) {
    const { shape, dtype } = value;
    return (other, leaves) => {
      if (!(other instanceof Tensor) || other.dtype !== dtype || !sameShape(other.shape, shape)) return false;
      leaves.push(other);
      return true;
    };
  }
  if (Array.isArray(value)) {
    const parts = value.map(signatureOf);
    return (other, leaves) =>
      Array.isArray(other) &&
      other.length === parts.length &&
      parts.every((part, i) => part(other[i], leaves));
  }
  if (isPlain(value)) {
    const keys = Object.keys(value);
    const parts = keys.map((key) => signatureOf(value[key]));
    return (other, leaves) => {
      if (!isPlain(other)) return false;
      let at = 0;
      for (const key in other) {
        if (key !== keys[at] || !parts[at](other[key], leaves)) return false;
        at++;
      }
      return at === keys.length;
    };
  }
  return (other) => Object.is(other, value);
}

/** Adds the tensors of a tree to `leaves`, depth first, in the order of `flatten`. */
export function collectLeaves(value: Tree, leaves: Tensor[], around: object[] = []): void {
  if (value instanceof Tensor) {
    leaves.push(value);
    return;
  }
  const isArray = Array.isArray(value);
  if (!isArray && !isPlain(value)) return;
  checkNesting('compile', value, around);
  around.push(value);
  if (isArray) for (const part of value) collectLeaves(part, leaves, around);
  else for (const key in value) collectLeaves(value[key], leaves, around);
  around.pop();
}
