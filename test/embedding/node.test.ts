// The installed tarball in Node: import, require, worker threads, its own WASM, memory.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate, installed, node, plainFile, project, write } from './project.js';

/** Every file of a folder, as paths from it. */
function filesOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }) as string[];
  return names.filter((name) => statSync(join(folder, name)).isFile());
}

const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
const PRODUCT = 'matmul(tensor([[1, 2], [3, 4]]), tensor([[5], [6]])).toArray()';

test('the package installs nothing but itself', () => {
  const folders = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'));
  assert.equal(folders, ['cotangent']);
  assert.not(existsSync(join(installed, 'node_modules')));
});

test('the installed package takes less than 6 MB', () => {
  const bytes = filesOf(installed).reduce((sum, file) => sum + statSync(join(installed, file)).size, 0);
  console.log(`\n  installed size: ${(bytes / 1e6).toFixed(2)} MB`);
  assert.ok(bytes < 6e6, `${bytes} bytes`);
});

test('the package carries its licence and that of what is bundled in it', () => {
  assert.match(readFileSync(join(installed, 'LICENSE'), 'utf8'), 'MIT');
  assert.match(readFileSync(join(installed, 'dist/vendor/gpu.js.LICENSE.txt'), 'utf8'), /gpu\.js \d/);
});

test('every file that package.json points to is there', () => {
  const targets = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value as object).flatMap(targets);
  const wanted = targets([manifest.main, manifest.types, manifest.bin ?? [], manifest.exports]);
  const missing = wanted.filter((target) => !target.includes('*') && !existsSync(join(installed, target)));
  assert.equal(missing, []);
});

/** What each namespace that came later may add, beyond 3,000 KiB in 120 files. */
const ADDED = {
  nodes: { size: 150, files: 8 },
  cones: { size: 150, files: 8 },
  graph: { size: 64, files: 4 },
  givens: { size: 150, files: 4 },
  assimilation: { size: 200, files: 8 },
  dynamics: { size: 64, files: 4 },
  fft: { size: 64, files: 4 },
};

test('the installed package is at most 3,000 KiB in at most 120 files, and what later namespaces may add', () => {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const blocks = files.map((entry) => Math.ceil(statSync(join(entry.parentPath, entry.name)).size / 4096));
  const size = 4 * blocks.reduce((sum, n) => sum + n, 0);
  console.log(`\n  installed: ${size} KiB in ${files.length} files`);
  const sum = (key: 'size' | 'files') => Object.values(ADDED).reduce((total, added) => total + added[key], 0);
  const fits = size <= 3000 + sum('size') && files.length <= 120 + sum('files');
  assert.ok(fits, `${size} KiB in ${files.length} files`);
});

test('every sub-path resolves', async () => {
  const wanted = Object.keys(manifest.exports).map((name) => join('cotangent', name));
  assert.ok(
    wanted.includes('cotangent/kernels') &&
      wanted.includes('cotangent/gpu') &&
      wanted.includes('cotangent/worker'),
  );
  const missing = await evaluate(`
    import { existsSync } from 'node:fs';
    import { fileURLToPath } from 'node:url';
    const there = (name) => existsSync(fileURLToPath(import.meta.resolve(name)));
    console.log(JSON.stringify(${JSON.stringify(wanted)}.filter((name) => !there(name))));`);
  assert.equal(missing, []);
});

test('the installed command runs, with nothing else installed', async () => {
  const { status, stdout, stderr } = await node([join('node_modules', '.bin', 'cotangent'), '--version']);
  assert.equal([status, stdout.trim()], [0, manifest.version], stderr);
});

test('import gives functions that work at once, without init', async () => {
  const source = `import { matmul, tensor } from 'cotangent'; console.log(JSON.stringify(${PRODUCT}));`;
  assert.equal(await evaluate(source), [[17], [39]]);
});

test('cotangent/kernels gives raw kernels that work at once', async () => {
  const source = `
    import { alloc, axpy_f64, f64, free } from 'cotangent/kernels';
    const [x, y] = [alloc(16), alloc(16)];
    f64(x, 2).set([1, 2]);
    f64(y, 2).set([10, 20]);
    axpy_f64(2, 3, x, 1, y, 1);
    console.log(JSON.stringify([...f64(y, 2)]));
    free(x); free(y);`;
  assert.equal(await evaluate(source), [13, 26]);
});

const ON_USE = [
  'assimilation',
  'cones',
  'dynamics',
  'fft',
  'givens',
  'graph',
  'kernels',
  'linalg',
  'nn',
  'nodes',
  'optim',
];

test('a namespace is loaded when it is first used, and is that of its sub-path', async () => {
  const found = await evaluate(`
    import { Module, createRequire } from 'node:module';
    import * as all from 'cotangent';
    const loaded = () => Object.keys(Module._cache).filter((file) => file.endsWith('.js')).map((file) => file.split('/').at(-1)).sort();
    const names = ${JSON.stringify(ON_USE)};
    const results = [loaded()];
    const keys = Object.fromEntries(names.map((name) => [name, Object.keys(all[name])]));
    results.push(loaded(), all.linalg.svdvals(all.tensor([[3]])).toArray(), loaded());
    for (const name of names) {
      const own = await import('cotangent/' + name);
      const other = createRequire(import.meta.url)('cotangent/' + name);
      const isSame = (key) => own[key] === all[name][key] && other[key] === own[key] && own[key] !== undefined;
      results.push([name, keys[name].length > 3 && String(Object.keys(own)) === String(keys[name]), keys[name].every(isSame)]);
    }
    const refused = [() => { all.nn.dense = 1; }, () => { all.nn.other = 1; }, () => { delete all.nn.dense; }].map((f) => {
      try { f(); return false; } catch (error) { return error instanceof TypeError; }
    });
    console.log(JSON.stringify([...results, refused, 'dense' in all.nn, Object.prototype.toString.call(all.nn)]));`);
  const same = ON_USE.map((name) => [name, true, true]);
  assert.equal(found, [[], [], [3], ['linalg.js'], ...same, [true, true, true], true, '[object Module]']);
});

test('a sub-path may be imported while its namespace is used', async () => {
  const found = await evaluate(`
    import { linalg, nodes, tensor } from 'cotangent';
    const coming = Promise.all(${JSON.stringify(ON_USE)}.map((name) => import('cotangent/' + name)));
    const values = [linalg.norm(tensor([[3, 4]])).item()];
    await null;
    values.push(nodes.projectSimplex(tensor([3, 1])).toArray());
    const modules = await coming;
    console.log(JSON.stringify([...values, modules[${ON_USE.indexOf('linalg')}].svd === linalg.svd]));`);
  assert.equal(found, [5, [1, 0], true]);
});

test('without the condition module-sync everything is the same', async () => {
  const found = await evaluate(
    `import * as all from 'cotangent';
    import { svd } from 'cotangent/linalg';
    console.log(JSON.stringify([svd === all.linalg.svd, ${PRODUCT.replaceAll('tensor', 'all.tensor').replace('matmul', 'all.matmul')}]));`,
    { flags: ['--no-experimental-require-module'] },
  );
  assert.equal(found, [true, [[17], [39]]]);
});

test('require() of the ES module works', async () => {
  const plain = Number(process.versions.node.split('.')[0]) >= 22;
  const flags = plain ? [] : ['--experimental-require-module', '--no-warnings'];
  const source = `const { matmul, tensor } = require('cotangent'); console.log(JSON.stringify(${PRODUCT}));`;
  assert.equal(await evaluate(source, { extension: 'cjs', flags }), [[17], [39]]);
});

test('a worker thread uses the library, apart from the main thread', async () => {
  const source = `
    import { memory, matmul, tensor } from 'cotangent';
    import { isMainThread, parentPort, Worker } from 'node:worker_threads';
    if (isMainThread) {
      const worker = new Worker(new URL(import.meta.url));
      worker.once('message', (product) => console.log(JSON.stringify([product, memory().tensors])));
    } else parentPort.postMessage(${PRODUCT});`;
  assert.equal(await evaluate(source), [[[17], [39]], 0]);
});

test('importing does nothing: no WebAssembly, no worker, no request, no new global', async () => {
  const changes = await evaluate(`
    const seen = [];
    const spy = (object, name) => {
      object[name] = new Proxy(object[name], {
        apply(target, self, args) { seen.push(name); return Reflect.apply(target, self, args); },
        construct(target, args) { seen.push(name); return Reflect.construct(target, args); },
      });
    };
    for (const name of ['Memory', 'Module', 'Instance', 'Table', 'validate', 'compile', 'instantiate']) spy(WebAssembly, name);
    for (const name of ['fetch', 'setTimeout', 'setInterval', 'queueMicrotask', 'atob', 'Function']) spy(globalThis, name);
    const before = Reflect.ownKeys(globalThis).length;
    const { matmul, tensor } = await import('cotangent');
    await Promise.all([import('cotangent/kernels'), import('cotangent/gpu')]);
    const imported = [seen.slice(), Reflect.ownKeys(globalThis).length - before];
    ${PRODUCT};
    console.log(JSON.stringify([...imported, seen.includes('Memory') && seen.includes('Instance')]));`);
  assert.equal(changes, [[], 0, true]);
});

test('cotangent wasm writes the plain files, of either build and for either memory', () => {
  const wanted = ['relaxed.shared', 'relaxed', 'simd.shared', 'simd'].map((name) => `cotangent.${name}.wasm`);
  assert.equal(readdirSync(dirname(plainFile)).sort(), wanted);
  for (const name of ['cotangent.simd.wasm', 'cotangent.simd.shared.wasm'])
    assert.ok(WebAssembly.validate(readFileSync(join(dirname(plainFile), name))), name);
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(installed, manifest.bin.cotangent), 'wasm', '--out', join(plainFile, 'below')],
    { encoding: 'utf8' },
  );
  assert.is(status, 1);
  assert.match(stderr, /^cotangent: \S+cotangent\.simd\.wasm cannot be written: [^\n]+\n$/);
});

test('init takes the WASM as a file URL, as bytes, as a module and as a response, and compiles nothing of its own', async () => {
  const source = (wasm: string) => `
    import { readFileSync } from 'node:fs';
    import { pathToFileURL } from 'node:url';
    import { init, matmul, tensor } from 'cotangent';
    const file = ${JSON.stringify(plainFile)};
    const wasm = ${wasm};
    let compiled = 0;
    const { Module } = WebAssembly;
    WebAssembly.Module = class extends Module { constructor(bytes) { super(bytes); compiled++; } };
    Object.defineProperty(WebAssembly.Module, Symbol.hasInstance, { value: (x) => x instanceof Module });
    await init({ wasm, variant: 'simd' });
    console.log(JSON.stringify([${PRODUCT}, compiled]));`;
  const response = "new Response(readFileSync(file), { headers: { 'content-type': 'application/wasm' } })";
  for (const wasm of [
    'pathToFileURL(file)',
    'readFileSync(file)',
    'new WebAssembly.Module(readFileSync(file))',
    response,
  ]) {
    assert.equal(await evaluate(source(wasm)), [[[17], [39]], 0], wasm);
  }
});

test('init reports the build of the WASM it was given', async () => {
  const source = `
    import { init } from 'cotangent';
    const { variant } = await init({ wasm: new URL(${JSON.stringify(pathToFileURL(plainFile).href)}) });
    console.log(JSON.stringify(variant));`;
  assert.is(await evaluate(source), 'simd');
});

test('WASM that does not fit is a DeviceError, and the library works without it', async () => {
  const source = `
    import { init, matmul, tensor } from 'cotangent';
    const errors = [];
    for (const wasm of [new Uint8Array(8), new URL('missing.wasm', import.meta.url)]) {
      await init({ wasm }).catch((error) => errors.push(error.name));
    }
    console.log(JSON.stringify([errors, ${PRODUCT}]));`;
  assert.equal(await evaluate(source), [Array(2).fill('DeviceError'), [[17], [39]]]);
});

/** A program that multiplies with two threads and without, and prints whether the bits agree. */
const THREADED = `
  import { init, matmul, random } from 'cotangent';
  const { threads, threadsReason } = await init({ threads: 2 });
  const generator = random(1);
  const [a, b] = [generator.normal([300, 300]), generator.normal([300, 300])];
  const two = matmul(a, b).toTypedArray();
  await init({ threads: 1 });
  const one = matmul(a, b).toTypedArray();
  const result = [threads, threadsReason ?? '', one.every((x, i) => x === two[i])];`;

test('two threads give the bits of one, and do not keep the process alive', async () => {
  const source = `${THREADED} await init({ threads: 2 }); console.log(JSON.stringify(result));`;
  assert.equal(await evaluate(source), [2, '', true]);
});

test('a worker thread may have threads of its own', async () => {
  write('programs', {
    'threaded-worker.mjs': `${THREADED} import { parentPort } from 'node:worker_threads'; parentPort.postMessage(result);`,
  });
  const source = `
    import { Worker } from 'node:worker_threads';
    new Worker(new URL('threaded-worker.mjs', import.meta.url)).once('message', (result) => console.log(JSON.stringify(result)));`;
  assert.equal(await evaluate(source), [2, '', true]);
});

test('threads start in a program given on the command line', async () => {
  const source = `${THREADED} console.log(JSON.stringify(result));`;
  const { stdout, stderr } = await node(['--input-type=module', '--eval', source]);
  assert.is(stdout.trim(), '[2,"",true]', stderr);
});

test('threads start with the WASM that was given', async () => {
  const source = `
    import { init, matmul, ones } from 'cotangent';
    const wasm = new URL(${JSON.stringify(pathToFileURL(plainFile).href)});
    const { threads } = await init({ wasm, threads: 2 });
    const x = ones([300, 300]);
    console.log(JSON.stringify([threads, matmul(x, x).data().every((y) => y === 300)]));`;
  assert.equal(await evaluate(source), [2, true]);
});

test('a memory that is not shared gives one thread, and the reason', async () => {
  const source = `
    import { init } from 'cotangent';
    console.log(JSON.stringify(await init({ threads: 2, memory: new WebAssembly.Memory({ initial: 2, maximum: 64 }) })));`;
  const result = (await evaluate(source)) as { threads: number; threadsReason: string };
  assert.is(result.threads, 1);
  assert.match(result.threadsReason, 'not shared');
});

test('100,000 scoped operations end with the memory they began with', async () => {
  const source = `
    import { add, matmul, memory, mul, scope, sum, tensor } from 'cotangent';
    const [a, b] = [tensor([[1, 2], [3, 4]]), tensor([[5, 6], [7, 8]])];
    const step = () => scope(() => sum(add(matmul(a, b), mul(a, 2)))).dispose();
    step();
    const before = memory();
    for (let i = 0; i < 25_000; i++) step();
    console.log(JSON.stringify([before, memory()]));`;
  const [before, after] = (await evaluate(source)) as object[];
  assert.equal(after, before);
});

test('3 GiB in a heap of 1 MiB are an OutOfMemoryError that changes nothing', async () => {
  const source = `
    import { init, matmul, memory, OutOfMemoryError, tensor, zeros } from 'cotangent';
    await init({ memory: new WebAssembly.Memory({ initial: 2, maximum: 16 }) });
    const kept = tensor([1, 2, 3]);
    const before = memory();
    let caught;
    try { zeros([3 * 2 ** 27]); } catch (error) { caught = error; }
    console.log(JSON.stringify([caught instanceof OutOfMemoryError, caught?.message, before, memory(), ${PRODUCT}]));`;
  const [typed, message, before, after, product] = (await evaluate(source)) as [
    boolean,
    string,
    object,
    object,
    unknown,
  ];
  assert.ok(typed, message);
  assert.match(message, /^zeros: 3221225472 bytes do not fit/);
  assert.equal(after, before);
  assert.equal(product, [[17], [39]]);
});

test.run();
