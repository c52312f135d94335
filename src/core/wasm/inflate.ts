// Decompression: by zlib where the engine has it, else by fflate.
import { inflateSync } from 'fflate';

interface Zlib {
  inflateRawSync(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** The bytes that were deflated, without a header. */
export function inflate(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  // Node 20.16 and later; several milliseconds faster than code that has not run yet.
  const zlib = process?.getBuiltinModule?.('node:zlib') as Zlib | undefined;
  return (zlib ? zlib.inflateRawSync(bytes) : inflateSync(bytes)) as Uint8Array<ArrayBuffer>;
}
