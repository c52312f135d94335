// A value as messages print it.

/** A short description of any value. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return arrayText(value);
  const { shape, dtype } = value as { shape?: unknown; dtype?: unknown };
  if (Array.isArray(shape) && typeof dtype === 'string') return `a tensor ${dtype} [${shape.join(', ')}]`;
  const kind: unknown = value.constructor?.name;
  if (typeof kind === 'string' && kind !== '' && kind !== 'Object') return kind;
  const keys = Object.keys(value);
  return keys.length === 0 ? '{}' : `{ ${keys.slice(0, 6).join(', ')}${keys.length > 6 ? ', …' : ''} }`;
}

/** Prints short arrays of primitive values in full; of other arrays only the length. */
function arrayText(list: readonly unknown[]): string {
  const isShort = list.length <= 8 && list.every((part) => typeof part !== 'object' || part === null);
  return isShort ? `[${Array.from(list, describe).join(', ')}]` : `an array of ${list.length}`;
}

/** The same of what should have been made by a call, `adam()`, where the function itself is a common mistake. */
export function describeMade(value: unknown): string {
  return typeof value === 'function' ? 'a function (call it)' : describe(value);
}
