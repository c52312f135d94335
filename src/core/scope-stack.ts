// The stack of open scopes: which tensors were made inside the innermost one.

/** What a scope frees: tensors and other objects that hold memory. */
export interface Owned {
  dispose(): void;
  /** Lets the garbage collector free it if its user forgets to. */
  watch(): void;
}

const stack: Owned[][] = [];

/** Registers an object with the innermost scope; false if there is none. */
export function enter(made: Owned): boolean {
  if (stack.length === 0) return false;
  stack[stack.length - 1].push(made);
  return true;
}

/** Opens a scope; `list` receives its tensors. */
export function open(list: Owned[] = []): void {
  stack.push(list);
}

/** Closes the innermost scope and returns what was made in it. */
export function close(): Owned[] {
  return stack.pop() ?? [];
}

/** Passes objects of an inner scope on to the innermost scope that is open now, or to the garbage collector. */
export function transfer(made: Owned): void {
  if (!enter(made)) made.watch();
}
