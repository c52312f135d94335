// What kind of built-in object a value is, by its tag or internal slots: `instanceof` says no to objects of another realm (a frame, a
// context of node:vm, a test runner's sandbox), whose Float64Array is not ours.

let viewTag: ((this: unknown) => string | undefined) | undefined;

/** The name of a typed array's class ('Float64Array'), 'DataView' for one, undefined for any other value. */
export function viewName(value: unknown): string | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  // The getter reads an internal slot, so that subclasses (Node's Buffer) and other realms are known too.
  viewTag ??= Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype),
    Symbol.toStringTag,
  )?.get;
  return viewTag?.call(value) ?? 'DataView';
}

/** Whether `value` is a built-in object of a class, of any realm: 'Map', 'RangeError', 'WebAssembly.Memory', 'URL'. */
export function isBuiltIn(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && tagOf(value) === name;
}

const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

/** Whether `value` is an ArrayBuffer or a SharedArrayBuffer. */
export function isBuffer(value: unknown): value is ArrayBufferLike {
  return isBuiltIn(value, 'ArrayBuffer') || isBuiltIn(value, 'SharedArrayBuffer');
}

/** Whether `error` is an engine's error of this name: engines of other realms throw their own classes. */
export function isErrorNamed(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && (error as { name?: unknown }).name === name;
}

/** Whether an object is plain: without a prototype, or with the Object.prototype of any realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isObjectPrototype(prototype);
}

/** Only an Object.prototype has no prototype and this method of its own. */
function isObjectPrototype(value: object): boolean {
  return Object.getPrototypeOf(value) === null && Object.hasOwn(value, 'isPrototypeOf');
}

/** Whether the memory of a buffer has been taken away: transferred, or outgrown by the WebAssembly memory that it was. */
export function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    // A view of a detached buffer is refused.
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
