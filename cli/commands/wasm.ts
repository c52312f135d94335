// cotangent wasm: the kernels as plain .wasm files, all in one, for those who serve the binary themselves.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { withSharedMemory } from '#src/core/wasm/shared-memory.js';
import { unfused } from '#src/core/wasm/unfused.js';
import { print, writeFile } from '../output.js';

export interface WasmOptions {
  out: string;
}

/** An empty custom section, by which `init` knows a build of the kernels. */
function customSection(name: string): Uint8Array {
  return Uint8Array.from([0, name.length + 1, name.length, ...Buffer.from(name)]);
}

export async function wasm({ out }: WasmOptions): Promise<number> {
  const fused = brotliDecompressSync(readFileSync(new URL('kernels.wasm.br', import.meta.url)));
  for (const [build, bytes] of [
    ['simd', unfused(fused)],
    ['relaxed', fused],
  ] as const) {
    const binary = Buffer.concat([bytes, customSection(`cotangent.${build}`)]);
    for (const [name, content] of [
      [`cotangent.${build}.wasm`, binary],
      [`cotangent.${build}.shared.wasm`, withSharedMemory(binary)],
    ] as const) {
      print(writeFile(join(out, name), content));
    }
  }
  return 0;
}
