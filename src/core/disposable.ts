// `using` in engines without Symbol.dispose (WebKit until now): what esbuild compiles it to looks for the symbol of that name in the
// registry of symbols.

/** Lets compiled `using` find `dispose` where the engine has no Symbol.dispose; elsewhere nothing happens. */
export function disposable<T extends { dispose(): void }>(object: T): T {
  if (Symbol.dispose === undefined) {
    const value = (): void => object.dispose();
    Object.defineProperty(object, Symbol.for('Symbol.dispose'), { value });
  }
  return object;
}
