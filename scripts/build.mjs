// Builds everything: assembly -> WASM -> src/generated, src -> dist and build/lib, types, GPU kernels, command line, tests.
//   node scripts/build.mjs            all, skipping what is up to date
//   node scripts/build.mjs --needed   nothing at all when dist is newer than every source
//   node scripts/build.mjs --dev      kernels with less optimization, which compile faster
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { buildCli } from './build-cli.mjs';
import { bundleLibrary, ENTRIES, transpileLibrary } from './build-library.mjs';
import { compileModules, mergeAll } from './build-wasm.mjs';
import { freezeKernels } from './freeze-kernels.mjs';
import { freezeWgsl } from './freeze-wgsl.mjs';
import { digestOf, unlessDone } from './kept.mjs';
import { transpile } from './transpile.mjs';
import { vendorGpuJs } from './vendor-gpujs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...parts) => join(root, ...parts);

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
const current = digestOf(root, sources) + (isDev ? ' dev' : '');
if (process.argv.includes('--needed') && existsSync(stamp) && readFileSync(stamp, 'utf8') === current)
  process.exit(0);

// What stands there is of another state until all is done.
rmSync(stamp, { force: true });

let modules;
await step('wasm', async () => {
  modules = await compileModules(root, isDev);
});
await step('gpu kernels', () => Promise.all([freezeKernels(root), freezeWgsl(root)]));
// tsc writes what has changed since the last time.
if (!existsSync(inRoot('build', 'types'))) rmSync(inRoot('build', 'types.tsbuildinfo'), { force: true });
const types = step('types', () =>
  run([inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', inRoot('tsconfig.dist.json')]),
).then(() => step('bundled types', bundleTypes));
await step('gpu.js', () => vendorGpuJs(root));
await Promise.all([
  step('library', () => bundleLibrary(root)),
  step('library for tests', () => transpileLibrary(root)),
  step('tests', () => transpile(inRoot('test'), inRoot('build', 'test'))),
  step('merged wasm', () => mergeAll(root, modules)),
]);
const tools = ['bench', 'cli', 'scripts', 'package.json', 'package-lock.json'];
const binaries = modules.map((module) => module.digest).join();
await step('command line', () =>
  unlessDone(root, 'cli', digestOf(root, tools, binaries), inRoot('dist', 'cli', 'main.js'), () =>
    buildCli(root),
  ),
);
await step('plain wasm files', () =>
  unlessDone(root, 'plain-wasm', digestOf(root, tools, binaries), inRoot('build', 'wasm'), () =>
    run([inRoot('dist', 'cli', 'main.js'), 'wasm', '--out', inRoot('build', 'wasm')], 'ignore'),
  ),
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
  const apart = inRoot('build', 'types');
  const input = {};
  for (const [name, file] of Object.entries(ENTRIES)) {
    input[name] = join(apart, `entry-${name}.d.ts`);
    writeFileSync(input[name], `export * from './${file.replace(/\.ts$/, '.js')}';\n`);
  }
  const digest = digestOf(root, ['build/types', 'scripts/build.mjs', 'package-lock.json']);
  await unlessDone(root, 'types', digest, inRoot('dist', 'types.d.ts'), async () => {
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
  });
}
