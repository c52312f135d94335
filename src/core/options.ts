// Options objects: rejects unknown names. One check for all functions, in tens of nanoseconds and without allocation.
import { describe } from './describe.js';
import { ArgumentError } from './errors.js';
import { isPlainObject } from './kind.js';
import { Tensor } from './tensor.js';

/** The names of an options type; the compiler checks that the list has every name of the type and no other. */
export type OptionNames<T = Record<string, unknown>> = { readonly [K in keyof Required<T>]: true };

/** The names of both lists; annotate calls at module level as pure. */
export function joinNames<const A extends object, const B extends object>(a: A, b: B): A & B {
  return { ...a, ...b };
}

/** Checks that `options` is an object and that all its names are known. `what` names it in messages. */
export function checkOptions(name: string, options: unknown, names: OptionNames, what = 'options'): void {
  if (typeof options !== 'object' || options === null) throw notOptions(name, options, what);
  if (!isPlainObject(options) && isOtherObject(options)) throw notOptions(name, options, what);
  for (const key in options) if (names[key] !== true) throw unknownOption(name, key, names);
}

/** Objects that are certainly not options. */
function isOtherObject(value: object): boolean {
  return value instanceof Tensor || ArrayBuffer.isView(value) || Symbol.iterator in value || 'then' in value;
}

function notOptions(name: string, options: unknown, what: string): ArgumentError {
  return new ArgumentError(`${name}: ${what} must be an object, got ${describe(options)}`);
}

function unknownOption(name: string, key: string, names: OptionNames): ArgumentError {
  const known = Object.keys(names);
  const nearest = nearestName(key, known);
  const hint = nearest === undefined ? '' : `: did you mean '${nearest}'?`;
  const all = known.length > 0 ? ` (options: ${known.join(', ')})` : ': it takes none';
  return new ArgumentError(`${name}: there is no option '${key}'${hint}${all}`);
}

/** The known name with the fewest edits from `key`, ignoring case, if they are few. */
function nearestName(key: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const distance = editDistance(key.slice(0, 64).toLowerCase(), name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  const few = Math.max(2, Math.floor(Math.min(key.length, best?.length ?? 0) / 2));
  return least <= few ? best : undefined;
}

/** Levenshtein's distance (insertions, deletions and replacements), with two rows of the table at a time. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j] + 1, row[j - 1] + 1));
    }
    above = row;
  }
  return above[b.length];
}
