// Results of any structure: their numbers, and their end.
import { isPlain } from '#src/core/tree.js';
import { Tensor } from '#src/index.js';

/** Every number in a result, whatever it is nested in, but how long it took. */
export function numbersIn(value: unknown, out: number[] = []): number[] {
  if (typeof value === 'number') out.push(value);
  else if (value instanceof Tensor) out.push(...value.data());
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) if (key !== 'seconds') numbersIn(part, out);
  return out;
}

/** Frees every tensor in a result, and what else can be disposed of. */
export function disposeAll(value: unknown): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
  if ('dispose' in value && typeof value.dispose === 'function') value.dispose();
  if (Array.isArray(value) || isPlain(value)) for (const part of Object.values(value)) disposeAll(part);
}
