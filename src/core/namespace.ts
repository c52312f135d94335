// Namespaces that are loaded when they are first used.

/**
 * An object with these names, which `load` gives the values of when the first of them is read. From then on it is as a
 * module's namespace is: the values stand in it, and cannot be replaced.
 */
export function namespaceOnUse<T extends object>(names: readonly string[], load: () => T): T {
  const namespace: Record<string, unknown> = Object.create(null, {
    [Symbol.toStringTag]: { value: 'Module' },
  });
  const fill = () => {
    const values = load() as Record<string, unknown>;
    for (const name of names)
      Object.defineProperty(namespace, name, { value: values[name], enumerable: true, configurable: false });
  };
  for (const name of names)
    Object.defineProperty(namespace, name, {
      enumerable: true,
      configurable: true,
      get() {
        fill();
        return namespace[name];
      },
    });
  return Object.preventExtensions(namespace) as T;
}
