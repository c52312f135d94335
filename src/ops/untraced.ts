// Rejects traced tensors in functions that read values, which have no derivative, instead of taking them as constants.
import { ArgumentError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { isPlain, type Tree } from '../core/tree.js';
import { isCaptured, Tracer, UnknownValueError } from './tracer.js';

/**
 * `x`, if the function may read its values.
 * @param advice what to do instead, for the message.
 * @throws ArgumentError if `x` is differentiated; UnknownValueError if its value is not known yet, or if a function
 * that is compiled or traced has captured it, so that it may change between runs. A solver that has tried to compile
 * the function then runs it uncompiled.
 */
export function untraced<T>(
  name: string,
  argument: string,
  x: T,
  advice = 'pass stopGradient(x) to take it for a constant',
): T {
  if (x instanceof Tracer) throw refusal(name, argument, x, advice);
  if (x instanceof Tensor && isCaptured(x)) {
    throw new UnknownValueError(
      `${name}: ${argument} is read at every run of the function that is compiled or traced, and ${name} needs its values now ` +
        '(keep this part out of the function, or pass constant(x) to freeze them)',
    );
  }
  return x;
}

/** The same for every tensor of a tree; trees that contain themselves are rejected elsewhere. */
export function untracedTree<T extends Tree>(name: string, argument: string, tree: T, advice?: string): T {
  const seen = new Set<unknown>();
  // A stack, as trees may be nested deeper than calls may.
  for (const parts: Tree[] = [tree]; parts.length > 0; ) {
    const part = parts.pop();
    if (part instanceof Tensor) untraced(name, argument, part, advice);
    else if ((Array.isArray(part) || isPlain(part)) && !seen.has(part)) {
      seen.add(part);
      for (const value of Object.values(part)) parts.push(value);
    }
  }
  return tree;
}

function refusal(name: string, argument: string, x: Tracer, advice: string): ArgumentError {
  if (isUnknown(x)) {
    return new UnknownValueError(
      `${name}: ${argument} is traced by ${x.trace.name}, and ${name} reads its values, of which nothing is known yet ` +
        '(keep this part out of the function)',
    );
  }
  return new ArgumentError(
    `${name}: ${argument} is differentiated (${x.trace.name}), and ${name} has no derivative (${advice})`,
  );
}

/** Whether the value is known only later: in a graph, or in a derivative inside one. */
function isUnknown(x: Tracer): boolean {
  try {
    x.data();
    return false;
  } catch (error) {
    return error instanceof UnknownValueError;
  }
}
