// Builds everything: assembly -> WASM -> src/generated, src -> dist (file by file), types, GPU kernels, command line, tests.
//   node scripts/build.mjs            all, skipping what is up to date
//   node scripts/build.mjs --needed   nothing at all when dist is newer than every source
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { compileModules } from './build-wasm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...parts) => join(root, ...parts);

/** Every file below a folder, sorted. */
function files(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A digest of the contents of folders and files. */
function digest(...paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const list = existsSync(path) && statSync(path).isDirectory() ? files(path) : [path];
    for (const file of list) {
      if (file.includes('generated')) continue;
      hash.update(relative(root, file)).update(existsSync(file) ? readFileSync(file) : '');
    }
  }
  return hash.digest('hex');
}

/** Transpiles a folder file by file, keeping its structure. */
async function transpile(folder, out, options = {}) {
  const entryPoints = files(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  if (entryPoints.length === 0) return;
  await build({
    entryPoints,
    outdir: out,
    outbase: folder,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    ...options,
  });
}

const step = async (name, work) => {
  const start = performance.now();
  await work();
  console.error(`${name.padEnd(22)} ${((performance.now() - start) / 1000).toFixed(1)} s`);
};

const stamp = inRoot('build', 'stamp');
const sources = [
  'assembly',
  'asconfig.json',
  'kernels',
  'src',
  'cli',
  'bench',
  'scripts',
  'test',
  'package-lock.json',
];
const current = digest(...sources.map((name) => inRoot(name)));
if (process.argv.includes('--needed') && existsSync(stamp) && readFileSync(stamp, 'utf8') === current)
  process.exit(0);

rmSync(inRoot('dist'), { recursive: true, force: true });
mkdirSync(inRoot('src', 'generated'), { recursive: true });

await step('wasm', () =>
  compileModules(root, digest(inRoot('assembly'), inRoot('asconfig.json'), inRoot('scripts'))),
);
for (const [name, file, call] of [
  ['gpu kernels', 'freeze-kernels.mjs', 'freezeKernels'],
  ['library', '', ''],
  ['gpu.js', 'vendor-gpujs.mjs', 'vendorGpuJs'],
  ['command line', 'build-cli.mjs', 'buildCli'],
]) {
  await step(name, async () => {
    if (!file) return transpile(inRoot('src'), inRoot('dist'));
    if (!existsSync(inRoot('scripts', file))) return;
    const module = await import(pathToFileURL(inRoot('scripts', file)).href);
    await module[call](root);
  });
}
await step('plain wasm files', async () => {
  const { withSharedMemory } = await import(
    pathToFileURL(inRoot('dist', 'core', 'wasm', 'shared-memory.js')).href
  );
  mkdirSync(inRoot('dist', 'wasm'), { recursive: true });
  for (const file of files(inRoot('build', 'wasm')).filter((name) => name.endsWith('.wasm'))) {
    const name = relative(inRoot('build', 'wasm'), file);
    writeFileSync(inRoot('dist', 'wasm', name), readFileSync(file));
    writeFileSync(
      inRoot('dist', 'wasm', name.replace('.wasm', '.shared.wasm')),
      withSharedMemory(readFileSync(file)),
    );
  }
});
await step('types', async () => {
  execFileSync(
    process.execPath,
    [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', inRoot('tsconfig.dist.json')],
    {
      stdio: 'inherit',
    },
  );
});
await step('bundled types', async () => {
  // One file of declarations from which each entry takes its names, in place of one beside every module. Not several:
  // rollup-plugin-dts 6.5 makes a value of a type that a namespace takes from another file.
  const { exports } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const input = {};
  for (const { types } of Object.values(exports)) {
    if (!types) continue;
    const name = relative('dist', types).replace('.d.ts', '');
    input[name] = inRoot('dist', `entry-${Object.keys(input).length}.d.ts`);
    writeFileSync(input[name], `export * from './${name}.js';\n`);
  }
  const bundle = await rollup({
    input,
    plugins: [dts({ tsconfig: inRoot('tsconfig.dist.json') })],
    external: (id) => !id.startsWith('.') && !id.startsWith(root),
  });
  const { output } = await bundle.generate({
    entryFileNames: '[name].d.ts',
    chunkFileNames: 'types.d.ts',
    manualChunks: (id) => (Object.values(input).includes(id) ? undefined : 'types'),
    banner: '/// <reference lib="esnext.disposable" preserve="true" />\n',
  });
  for (const file of files(inRoot('dist')).filter((name) => name.endsWith('.d.ts'))) rmSync(file);
  for (const { fileName, code } of output) {
    mkdirSync(dirname(inRoot('dist', fileName)), { recursive: true });
    writeFileSync(inRoot('dist', fileName), code);
  }
});
await step('tests', async () => {
  rmSync(inRoot('build', 'test'), { recursive: true, force: true });
  await transpile(inRoot('test'), inRoot('build', 'test'));
});
writeFileSync(stamp, current);
