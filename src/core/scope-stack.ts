// The stack of open scopes: which tensors were made inside the innermost one.

/** What a scope frees: tensors, and what else holds memory. */
export interface Owned {
  dispose(): void;
  /** Lets the garbage collector free it if its user forgets to. */
  watch(): void;
}

const stack: Owned[][] = [];

/** Notes what has been made in the innermost scope; false where there is none. */
export function enter(made: Owned): boolean {
  if (stack.length === 0) return false;
  stack[stack.length - 1].push(made);
  return true;
}

/** Opens a scope; `list` receives its tensors. */
export function open(list: Owned[] = []): void {
  stack.push(list);
}

/** Closes the innermost scope and hands over the tensors that were made in it. */
export function close(): Owned[] {
  return stack.pop() ?? [];
}

/** Hands over what an inner scope has made to the one that is innermost now, or to the garbage collector. */
export function transfer(made: Owned): void {
  if (!enter(made)) made.watch();
}
