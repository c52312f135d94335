// cotangent wasm: the kernels as plain .wasm files, all in one, for those who serve the binary themselves.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { withSharedMemory } from '#src/core/wasm/shared-memory.js';
import { unfused } from '#src/core/wasm/unfused.js';
import { print } from '../output.js';

export interface WasmOptions {
  out: string;
}

/** An empty custom section, by which `init` knows a build of the kernels. */
function customSection(name: string): Uint8Array {
  return Uint8Array.from([0, name.length + 1, name.length, ...Buffer.from(name)]);
}

export async function wasm({ out }: WasmOptions): Promise<number> {
  const fused = brotliDecompressSync(readFileSync(new URL('kernels.wasm.br', import.meta.url)));
  const folder = resolve(out);
  for (const [build, bytes] of [
    ['simd', unfused(fused)],
    ['relaxed', fused],
  ] as const) {
    const binary = Buffer.concat([bytes, customSection(`cotangent.${build}`)]);
    for (const [name, content] of [
      [`cotangent.${build}.wasm`, binary],
      [`cotangent.${build}.shared.wasm`, withSharedMemory(binary)],
    ] as const) {
      const file = join(folder, name);
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(file, content);
      } catch (error) {
        throw new Error(`${file} cannot be written: ${(error as Error).message}`);
      }
      print(file);
    }
  }
  return 0;
}
