// Bundling the installed package: sizes, what is left out, and that minified bundles still work.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BuildOptions } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundle, kernelsIn, PRODUCT, PROGRAM, rollupBundle, viteBundle, viteProject } from './bundles.js';
import { evaluate, node, project, write } from './project.js';

const GPU_CODE = /gpu\.js|WebGPU|WebGL|createShaderModule|requestAdapter|navigator\.gpu/i;
const DYNAMIC_CODE = /\beval\s*\(|\bFunction\s*\(/;

const kilobytes = (bytes: Uint8Array) => gzipSync(bytes, { level: 9 }).length / 1024;

test('matmul alone is at most 40 KB gzip, WASM included', async () => {
  const { bytes } = await bundle(PROGRAM);
  const size = kilobytes(bytes);
  console.log(
    `\n  import { tensor, matmul }: ${(bytes.length / 1024).toFixed(1)} KB, ${size.toFixed(1)} KB gzip`,
  );
  assert.ok(size <= 40, `${size} KB`);
});

const show = (entry: string, name: string) => `import { ${name} } from '${entry}'; console.log(${name});`;

/** Programs that use one function, and the modules of kernels that it needs. */
const SINGLE: [program: string, kernels: string[]][] = [
  [PROGRAM, ['array', 'blas']],
  [show('cotangent/linalg', 'cholesky'), ['array', 'blas', 'lapack']],
  [show('cotangent/linalg', 'eigh'), ['array', 'blas', 'eigen']],
  [show('cotangent/linalg', 'svd'), ['array', 'blas', 'svd']],
  [show('cotangent/linalg', 'solveTridiagonal'), ['array', 'banded']],
  [show('cotangent/kernels', 'dot_f64'), ['blas']],
  [show('cotangent', 'init'), ['blas']],
  [show('cotangent', 'random'), ['random']],
  [show('cotangent', 'grad'), ['array']],
  [show('cotangent', 'saveNpy'), []],
  [show('cotangent/optim', 'adam'), ['optimizer-steps']],
  [show('cotangent/optim', 'clipByGlobalNorm'), ['blas', 'vectors']],
  [show('cotangent/nn', 'dense'), ['array', 'blas', 'random']],
];

test('each function brings the kernels of its own namespace and no others, with esbuild and with rollup', async () => {
  for (const [program, kernels] of SINGLE) {
    assert.equal(kernelsIn((await bundle(program)).code), kernels, `esbuild: ${program}`);
    assert.equal(kernelsIn(await rollupBundle(program)), kernels, `rollup: ${program}`);
  }
});

test('with rollup a function of a namespace costs what it costs by its sub-path', async () => {
  for (const [space, name] of [
    ['linalg', 'cholesky'],
    ['optim', 'sgd'],
    ['nn', 'dense'],
  ]) {
    const byNamespace = await rollupBundle(
      `import { ${space} } from 'cotangent'; console.log(${space}.${name});`,
    );
    const byPath = await rollupBundle(`import { ${name} } from 'cotangent/${space}'; console.log(${name});`);
    assert.ok(
      byNamespace.length <= 1.1 * byPath.length,
      `${space}.${name}: ${byNamespace.length} of ${byPath.length}`,
    );
  }
});

/** Texts of parts of the library that a program with a product alone does not need. */
const UNUSED = /worker_threads|NUMPY|safetensors|AS 241|optimizer-steps|ConvergenceError/;

test('matmul alone carries no GPU code, no threads, no files, no random numbers', async () => {
  const { code } = await bundle(PROGRAM);
  assert.not.match(code, GPU_CODE);
  assert.not.match(code, UNUSED);
});

test('a program with init carries no GPU code', async () => {
  const result = await bundle(`import { init } from 'cotangent'; await init({ threads: 2 }); ${PROGRAM}`);
  console.log(`\n  with init: ${kilobytes(result.bytes).toFixed(1)} KB gzip`);
  assert.not.match(result.code, GPU_CODE);
});

test('the bundle makes no code from text', async () => {
  const { code } = await bundle(PROGRAM);
  assert.not.match(code, DYNAMIC_CODE);
});

test('the bundle of everything, the GPU included, makes no code from text', async () => {
  const { code } = await bundle("import * as all from 'cotangent'; console.log(Object.keys(all));");
  assert.not.match(code, DYNAMIC_CODE);
});

test('the GPU path is a chunk of its own that loads when it is used', async () => {
  const source = `import { gpu } from 'cotangent'; document.title = String(await gpu.available()); ${PROGRAM}`;
  const { metafile } = await bundle(source, { splitting: true, outdir: 'out' });
  const holding = Object.entries(metafile.outputs).filter(([, output]) =>
    Object.entries(output.inputs).some(
      ([name, { bytesInOutput }]) => name.endsWith('vendor/gpu.js') && bytesInOutput > 0,
    ),
  );
  assert.is(holding.length, 1);
  assert.is(holding[0][1].entryPoint?.endsWith('vendor/gpu.js'), true, 'a chunk that only import() reaches');
});

for (const [name, options, extension] of [
  ['minified with keepNames', { keepNames: true }, 'mjs'],
  ['minified twice', { keepNames: true }, 'mjs'],
  ['CommonJS', { format: 'cjs' }, 'cjs'],
  ['an immediately invoked function', { format: 'iife' }, 'cjs'],
  ['for Node', { platform: 'node' }, 'mjs'],
] as const satisfies readonly [string, BuildOptions, string][]) {
  test(`a bundle that is ${name} runs`, async () => {
    let { code } = await bundle(PROGRAM, options);
    if (name === 'minified twice') ({ code } = await bundle(code, options));
    assert.equal(await evaluate(code, { extension }), JSON.parse(PRODUCT));
  });
}

test('errors keep their names in a minified bundle', async () => {
  const { code } = await bundle(`
    import { CotangentError, matmul, ones, ShapeError } from 'cotangent';
    try { matmul(ones([2, 3]), ones([2, 3])); } catch (error) {
      console.log(JSON.stringify([error.name, error instanceof ShapeError, error instanceof CotangentError]));
    }`);
  assert.equal(await evaluate(code), ['ShapeError', true, true]);
});

test('threads start from a bundle, with the worker as a second bundle', async () => {
  const program = await bundle(`
    import { init, matmul, ones } from 'cotangent';
    const { threads } = await init({ threads: 2, worker: new URL('./worker.mjs', import.meta.url) });
    const x = ones([300, 300]);
    console.log(JSON.stringify([threads, matmul(x, x).data().every((y) => y === 300)]));`);
  const worker = await bundle('', {
    stdin: undefined,
    entryPoints: ['cotangent/worker'],
    absWorkingDir: project,
  });
  const folder = write('bundled', { 'main.mjs': program.code, 'worker.mjs': worker.code });
  const { stdout, stderr } = await node([join(folder, 'main.mjs')]);
  assert.is(stdout.trim(), '[2,true]', stderr);
});

test('vite builds a page without a warning, and leaves the GPU path out', async () => {
  const { out, files, warnings } = await viteBundle(viteProject('vite-plain', PROGRAM));
  assert.equal(warnings, []);
  const scripts = files.filter((file) => file.endsWith('.js'));
  assert.is(scripts.length, 1, scripts.join());
  const code = readFileSync(join(out, scripts[0]));
  console.log(`\n  vite: ${(code.length / 1024).toFixed(1)} KB, ${kilobytes(code).toFixed(1)} KB gzip`);
  assert.ok(kilobytes(code) <= 40);
  assert.not.match(code.toString(), GPU_CODE);
});

test('vite follows the worker of init({ threads })', async () => {
  const source = `import { init } from 'cotangent'; await init({ threads: 2 }); ${PROGRAM}`;
  const { out, files, warnings } = await viteBundle(viteProject('vite-threads', source));
  assert.equal(warnings, []);
  assert.is(files.filter((file) => /worker.*\.js$/.test(file)).length, 1, files.join());
  const copies = files.filter((file) => /data:text\/javascript/.test(readFileSync(join(out, file), 'utf8')));
  assert.equal(copies, [], 'the worker is a file, and nowhere embedded a second time');
});

test('vite splits the GPU path off, and does not look for the optional package webgpu', async () => {
  const source = `import { gpu } from 'cotangent'; console.log(await gpu.available()); ${PROGRAM}`;
  const { out, files, warnings } = await viteBundle(viteProject('vite-gpu', source));
  assert.equal(warnings, []);
  const entry = /src="\/(assets\/index[^"]*\.js)"/.exec(readFileSync(join(out, 'index.html'), 'utf8'))![1];
  assert.not.match(readFileSync(join(out, entry), 'utf8'), 'createShaderModule');
  const chunks = files.filter((file) => file.endsWith('.js') && file !== entry);
  assert.ok(
    chunks.some((file) => readFileSync(join(out, file), 'utf8').includes('createShaderModule')),
    chunks.join(),
  );
});

test.run();
