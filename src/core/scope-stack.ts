// The stack of open scopes: which tensors were made inside the innermost one.
import type { Tensor } from './tensor.js';

const stack: Tensor[][] = [];

/** Notes a new tensor in the innermost scope; false where there is none. */
export function enter(tensor: Tensor): boolean {
  if (stack.length === 0) return false;
  stack[stack.length - 1].push(tensor);
  return true;
}

/** Opens a scope; `list` receives its tensors. */
export function open(list: Tensor[] = []): void {
  stack.push(list);
}

/** Closes the innermost scope and hands over the tensors that were made in it. */
export function close(): Tensor[] {
  return stack.pop() ?? [];
}

/** Hands a tensor that an inner scope has made to the one that is innermost now, or to the garbage collector. */
export function transfer(tensor: Tensor): void {
  if (!enter(tensor)) tensor.watch();
}
