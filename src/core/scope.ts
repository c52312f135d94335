// scope: frees every tensor that is made inside, except those in the result.
import { checkFunction } from './check.js';
import { ArgumentError } from './errors.js';
import { isBuiltIn, isPlainObject } from './kind.js';
import { close, type Owned, open, transfer } from './scope-stack.js';
import { Tensor } from './tensor.js';

/**
 * An object that holds tensors out of sight (in closures or private fields) lists them with this method, so that
 * `scope` and transformations keep them with it.
 */
export const owned: unique symbol = /* @__PURE__ */ Symbol('owned');

/** An object with such tensors. */
export interface Owner {
  [owned](): Iterable<Owned>;
}

type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

/**
 * Runs `f` and frees every tensor that is made inside, except those in what it returns: a tensor, or any nesting of
 * arrays and objects that contain tensors or factorizations (`linalg.factor`). Scopes nest: what an inner scope returns
 * belongs to the outer one. If `f` throws, everything that was made inside is freed. `f` must be synchronous: a promise
 * is an `ArgumentError`.
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

/**
 * The tensors that objects in a nest of arrays and objects own out of sight; a transformation keeps them beside the
 * leaves.
 */
export function ownedIn(value: unknown): Set<Owned> {
  const found = new Set<Owned>();
  collect(value, new Set(), new Set(), found);
  return found;
}

/** Collects the tensors in a nest of arrays and objects, including those that an object owns out of sight. */
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
    // Otherwise its rejection would be reported as unhandled, in addition to this error.
    (value as PromiseLike<unknown>).then(undefined, () => {});
    throw new ArgumentError(
      'scope: the function must be synchronous, got one that returns a promise (free tensors yourself with `using` or dispose)',
    );
  }
  seen.add(value);
  if (owned in value) for (const tensor of (value as Owner)[owned]()) ownedOnes.add(tensor);
  const parts = isCollection(value) ? value.values() : Object.values(value);
  for (const part of parts) collect(part, into, seen, ownedOnes);
}

function isCollection(value: object): value is Map<unknown, unknown> | Set<unknown> {
  if (Array.isArray(value) || isPlainObject(value)) return false;
  return isBuiltIn(value, 'Map') || isBuiltIn(value, 'Set');
}
