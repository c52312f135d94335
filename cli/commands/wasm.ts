// cotangent wasm: the kernels as plain .wasm files, all in one, for those who serve the binary themselves.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { fused, unfused } from '#src/core/wasm/builds.js';
import { withSharedMemory } from '#src/core/wasm/shared-memory.js';
import { print, writeFile } from '../output.js';

export interface WasmOptions {
  out: string;
}

/** An empty custom section, by which `init` knows a build of the kernels. */
function customSection(name: string): Uint8Array {
  return Uint8Array.from([0, name.length + 1, name.length, ...Buffer.from(name)]);
}

export async function wasm({ out }: WasmOptions): Promise<number> {
  const kept = new Uint8Array(
    brotliDecompressSync(readFileSync(new URL('kernels.wasm.br', import.meta.url))),
  );
  for (const [build, bytes] of [
    ['simd', unfused(kept)],
    ['relaxed', fused(kept)],
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
