// scope: frees every tensor made inside but those in the result.
import { checkFunction } from './check.js';
import { ArgumentError } from './errors.js';
import { close, type Owned, open, transfer } from './scope-stack.js';
import { Tensor } from './tensor.js';

/**
 * The method by which an object that holds tensors where nobody can see them (in closures, in private fields) names them, so that
 * `scope` and transformations keep them with it.
 */
export const owned: unique symbol = /* @__PURE__ */ Symbol('owned');

/** An object with such tensors. */
export interface Owner {
  [owned](): Iterable<Owned>;
}

type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

/**
 * Runs `f` and frees every tensor made inside, except those in what it returns: a tensor, or any nesting of arrays
 * and objects with tensors in it, factorizations (`linalg.factor`) too. Scopes nest: what an inner one returns belongs to the outer one.
 * If `f` throws, everything made inside is freed. `f` must be synchronous: a promise is an `ArgumentError`.
 *
 * @example
 * const y = scope(() => add(mul(x, 2), 1)); // the product is freed, the sum is kept
 */
export function scope<T>(f: () => T & Synchronous<T>): T {
  checkFunction('scope', 'f', f);
  open();
  let result: T;
  const kept = new Set<unknown>();
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

/** What objects in a nest of arrays and objects own out of sight: what a transformation keeps beside the leaves of a result. */
export function ownedIn(value: unknown): Set<Owned> {
  const found = new Set<Owned>();
  collect(value, new Set(), new Set(), found);
  return found;
}

/** Gathers the tensors in a nest of arrays and objects, and what an object owns out of sight. */
function collect(
  value: unknown,
  into: Set<unknown>,
  seen: Set<object>,
  ownedOnes: { add(made: Owned): unknown } = into,
): void {
  if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) return;
  if (value instanceof Tensor) {
    into.add(value);
    return;
  }
  if (typeof (value as PromiseLike<unknown>).then === 'function') {
    if (ownedOnes !== into) return;
    // Its rejection would otherwise go unhandled, on top of this error.
    (value as PromiseLike<unknown>).then(undefined, () => {});
    throw new ArgumentError(
      'scope: the function must be synchronous, got one that returns a promise (free tensors yourself with `using` or dispose)',
    );
  }
  seen.add(value);
  if (owned in value) for (const tensor of (value as Owner)[owned]()) ownedOnes.add(tensor);
  const parts = value instanceof Map || value instanceof Set ? value.values() : Object.values(value);
  for (const part of parts) collect(part, into, seen, ownedOnes);
}
