// scope: frees every tensor made inside but those in the result.
import { checkFunction } from './check.js';
import { ArgumentError } from './errors.js';
import { close, open, transfer } from './scope-stack.js';
import { Tensor } from './tensor.js';

type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

/**
 * Runs `f` and frees every tensor made inside, except those in what it returns: a tensor, or any nesting of arrays
 * and plain objects with tensors in it. Scopes nest: what an inner one returns belongs to the outer one.
 * If `f` throws, everything made inside is freed. `f` must be synchronous: a promise is an `ArgumentError`.
 *
 * @example
 * const y = scope(() => add(mul(x, 2), 1)); // the product is freed, the sum is kept
 */
export function scope<T>(f: () => T & Synchronous<T>): T {
  checkFunction('scope', 'f', f);
  open();
  let result: T;
  const kept = new Set<Tensor>();
  try {
    result = f();
    collect(result, kept, new Set());
  } catch (error) {
    for (const tensor of close()) tensor.dispose();
    throw error;
  }
  for (const tensor of close()) {
    if (kept.has(tensor)) transfer(tensor);
    else tensor.dispose();
  }
  return result;
}

/** Gathers the tensors in a nest of arrays and objects. */
function collect(value: unknown, into: Set<Tensor>, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) return;
  if (value instanceof Tensor) {
    into.add(value);
    return;
  }
  if (typeof (value as PromiseLike<unknown>).then === 'function') {
    // Its rejection would otherwise go unhandled, on top of this error.
    (value as PromiseLike<unknown>).then(undefined, () => {});
    throw new ArgumentError(
      'scope: the function must be synchronous, got one that returns a promise (free tensors yourself with `using` or dispose)',
    );
  }
  seen.add(value);
  const parts = value instanceof Map || value instanceof Set ? value.values() : Object.values(value);
  for (const part of parts) collect(part, into, seen);
}
