// Modules of Node, loaded without an import that a browser bundler would try to follow.

interface NodeProcess {
  versions?: { node?: string };
  /** Node 20.16 and later. */
  getBuiltinModule?: (name: string) => unknown;
}

/** The module in Node, Deno and Bun; undefined in browsers. */
export async function nodeModule<T>(name: string): Promise<T | undefined> {
  const { process } = globalThis as { process?: NodeProcess };
  if (!process?.versions?.node) return undefined;
  return (process.getBuiltinModule?.(name) ??
    (await import(/* webpackIgnore: true */ /* @vite-ignore */ name))) as T;
}
