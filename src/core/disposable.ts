// `using` for results, in engines without Symbol.dispose too (WebKit until now): what esbuild compiles it to looks for the symbol of that name in
// the registry of symbols.

/** Lets `using` find `dispose` of an object that has no method of that symbol by itself. */
export function disposable<T extends { dispose(): void }>(object: T): T & Disposable {
  const key = Symbol.dispose ?? Symbol.for('Symbol.dispose');
  if (!(key in object)) Object.defineProperty(object, key, { value: (): void => object.dispose() });
  return object as T & Disposable;
}
