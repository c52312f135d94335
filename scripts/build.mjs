// Builds everything: assembly -> WASM -> src/generated, src -> dist and build/lib, types, GPU kernels, command line, tests.
//   node scripts/build.mjs            all, skipping what is up to date
//   node scripts/build.mjs --needed   nothing at all when dist is newer than every source
//   node scripts/build.mjs --dev      kernels with less optimization, which compile faster
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { buildCli } from './build-cli.mjs';
import { bundleLibrary, ENTRIES, transpileLibrary } from './build-library.mjs';
import { compileModules, mergeAll } from './build-wasm.mjs';
import { filesIn } from './files.mjs';
import { freezeKernels } from './freeze-kernels.mjs';
import { transpile } from './transpile.mjs';
import { vendorGpuJs } from './vendor-gpujs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...parts) => join(root, ...parts);

/** A digest of the contents of folders and files. */
function digest(...paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const list = existsSync(path) && statSync(path).isDirectory() ? filesIn(path) : [path];
    for (const file of list) {
      if (file.includes('generated')) continue;
      hash.update(relative(root, file)).update(existsSync(file) ? readFileSync(file) : '');
    }
  }
  return hash.digest('hex');
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
const isDev = process.argv.includes('--dev');
const current = digest(...sources.map((name) => inRoot(name))) + (isDev ? ' dev' : '');
if (process.argv.includes('--needed') && existsSync(stamp) && readFileSync(stamp, 'utf8') === current)
  process.exit(0);

rmSync(inRoot('dist'), { recursive: true, force: true });

let modules;
await step('wasm', async () => {
  modules = await compileModules(root, isDev);
});
await step('gpu kernels', () => freezeKernels(root));
const types = step('types', () =>
  run([inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', inRoot('tsconfig.dist.json')]),
).then(() => step('bundled types', () => bundleTypes()));
await step('gpu.js', () => vendorGpuJs(root));
await Promise.all([
  step('library', () => bundleLibrary(root)),
  step('library for tests', () => transpileLibrary(root)),
  step('tests', () => transpile(inRoot('test'), inRoot('build', 'test'))),
  step('merged wasm', () => mergeAll(root, modules)),
]);
await step('command line', () => buildCli(root));
await step('plain wasm files', () =>
  run([inRoot('dist', 'cli', 'main.js'), 'wasm', '--out', inRoot('build', 'wasm')], 'ignore'),
);
await types;
writeFileSync(stamp, current);

/** Runs a script in a process of its own. */
function run(args, output = 'inherit') {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', output, 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${args[0]} ended with ${code}`))));
  });
}

/**
 * One file of declarations from which each entry takes its names, in place of one beside every module. Not several:
 * rollup-plugin-dts 6.5 makes a value of a type that a namespace takes from another file.
 */
async function bundleTypes() {
  const input = {};
  for (const [name, file] of Object.entries(ENTRIES)) {
    input[name] = inRoot('build', 'types', `entry-${name}.d.ts`);
    writeFileSync(input[name], `export * from './${file.replace(/\.ts$/, '.js')}';\n`);
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
  for (const { fileName, code } of output) writeFileSync(inRoot('dist', fileName), code);
}
