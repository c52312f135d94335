// Merges the kernel modules into one binary. They share one memory, and their static data lies in disjoint ranges.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';

// A merged module would keep one imported memory per part. So the parts import from this one, and it imports once. Its own
// imports come from a module of another name, as they would otherwise be resolved to its own exports.
const HOST = `(module
  (import "ext" "memory" (memory 1 65536))
  (import "ext" "gemm_parallel" (func $gemm_parallel
    (param i32 i32 i32 i32 f64 i32 i32 i32 i32 i32 i32 f64 i32 i32 i32 i32) (result i32)))
  (export "memory" (memory 0))
  (export "gemm_parallel" (func $gemm_parallel)))
`;

const FEATURES = [
  'simd',
  'relaxed-simd',
  'bulk-memory',
  'sign-ext',
  'nontrapping-float-to-int',
  'mutable-globals',
  'multimemory',
];

/** The binary of all modules together. */
export function mergeModules(root, modules) {
  const folder = join(root, 'build', 'asc');
  const [host, merged] = [join(folder, 'host.wat'), join(folder, 'merged.wasm')];
  writeFileSync(host, HOST);
  execFileSync(process.execPath, [
    join(root, 'node_modules', 'binaryen', 'bin', 'wasm-merge'),
    ...FEATURES.map((name) => `--enable-${name}`),
    // Every part exports the memory.
    '--skip-export-conflicts',
    host,
    'env',
    ...modules.flatMap(({ name, out }) => [out, name]),
    '-o',
    merged,
  ]);
  const module = binaryen.readBinary(readFileSync(merged));
  try {
    // Those that it uses are valid either way; some imply others.
    module.setFeatures(binaryen.Features.All);
    module.removeExport('gemm_parallel');
    // Functions that several modules have.
    module.runPasses(['duplicate-function-elimination', 'remove-unused-module-elements']);
    if (!module.validate()) throw new Error('merge-wasm: the merged module is not valid');
    return importingFrom(module.emitBinary(), 'ext', 'env');
  } finally {
    module.dispose();
  }
}

/** The binary with imports from the module `to` in place of `from`, a name of the same length. */
function importingFrom(binary, from, to) {
  const bytes = Buffer.from(binary);
  for (const name of ['memory', 'gemm_parallel']) {
    const text = (module) =>
      Buffer.from(`${String.fromCharCode(module.length)}${module}${String.fromCharCode(name.length)}${name}`);
    const at = bytes.indexOf(text(from));
    if (at < 0 || bytes.indexOf(text(from), at + 1) >= 0)
      throw new Error(`merge-wasm: no single import of ${name}`);
    text(to).copy(bytes, at);
  }
  return bytes;
}
