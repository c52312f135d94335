// Ownership during transformations: values that a trace keeps go to a list of its own, not to the user's scope.
import { close, type Owned, open, transfer } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { viewOf } from '../core/tensor.js';
import { apply } from './op.js';
import { aliasOp } from './stop.js';
import { Tracer } from './tracer.js';

/** Runs `f`; the tensors that it makes go to `list`. If it throws, they are freed. */
export function ownedBy<T>(list: Owned[], f: () => T): T {
  const before = list.length;
  open(list);
  try {
    return f();
  } catch (error) {
    for (const made of list.splice(before)) made.dispose();
    throw error;
  } finally {
    close();
  }
}

/** Runs `f`, passes the tensors that it makes and returns to the innermost scope, and frees the others. */
export function collectResults<T extends readonly (Tensor | undefined)[]>(f: () => T): T {
  const made: Owned[] = [];
  const results = ownedBy(made, f);
  const kept = new Set<unknown>(results);
  for (const tensor of made) {
    if (kept.has(tensor)) transfer(tensor);
    else tensor.dispose();
  }
  return results;
}

/** Another handle on the same value, with its own `dispose`. */
export function aliasOf(x: Tensor): Tensor {
  return x instanceof Tracer ? apply(aliasOp, [x], undefined) : viewOf(x, x.shape);
}

/** A handle on the value that outlives this one's `dispose`: the tensor itself if its `dispose` does nothing. */
export function retain(x: Tensor): Tensor {
  return x instanceof Tracer && !x.disposable ? x : aliasOf(x);
}

/**
 * Runs a derivative rule: intermediate tensors are freed, and every result has its own handle, even if the rule
 * returned one of its arguments.
 */
export function ownResults(f: () => readonly (Tensor | undefined)[]): (Tensor | undefined)[] {
  const made: Owned[] = [];
  const results = ownedBy(made, f);
  const own = new Set<Owned>(made);
  const kept = results.map((result) => {
    if (result === undefined) return undefined;
    if (!own.delete(result)) return aliasOf(result);
    transfer(result);
    return result;
  });
  for (const tensor of own) tensor.dispose();
  return kept;
}
