// Who owns what a transformation makes: values that a trace keeps are noted in its own list, not in the user's scope.
import { close, type Owned, open, transfer } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { viewOf } from '../core/tensor.js';
import { apply } from './op.js';
import { aliasOp } from './stop.js';
import { Tracer } from './tracer.js';

/** Runs `f`; the tensors that it makes go to `list`. When it throws, those are freed. */
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

/** Runs `f`, keeps in the innermost scope those of the tensors it makes that it returns, and frees the others. */
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

/** Another handle on the same value, to be disposed on its own. */
export function aliasOf(x: Tensor): Tensor {
  return x instanceof Tracer ? apply(aliasOp, [x], undefined) : viewOf(x, x.shape);
}

/** A handle on the value that outlives this one's `dispose`: itself where that does nothing. */
export function retain(x: Tensor): Tensor {
  return x instanceof Tracer && !x.disposable ? x : aliasOf(x);
}

/**
 * Runs a derivative rule: what it makes on the way is freed, and every result is a handle of its own, even where the rule
 * handed on what it was given.
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
