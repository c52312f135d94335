// The declarations as a user's compiler sees them: strict, library files checked, no other types installed.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { root, write } from './project.js';

const USE = `
import { add, gpu, init, kernels, matmul, memory, ones, scope, ShapeError, Tensor, tensor } from 'cotangent';
import * as rawGpu from 'cotangent/gpu';
import { alloc, f64, free } from 'cotangent/kernels';

export async function use(): Promise<number[]> {
  const { threads, threadsReason }: { threads: number; threadsReason?: string } = await init({ threads: 2 });
  const x: Tensor = tensor([[1, 2], [3, 4]], { dtype: 'f32' });
  const shape: readonly number[] = x.shape;
  const kept: { product: Tensor; pair: readonly Tensor[] } = scope(() => {
    const product = matmul(x, x, { transposeB: true });
    return { product, pair: [add(product, 1), add(1, product)] };
  });
  const nothing: void = scope(() => {});
  const count: number = scope(() => ones([3]).size);
  const address: number = alloc(8 * count);
  const view: Float64Array = f64(address, count);
  free(address);
  kernels.free(kernels.alloc(8));
  const there: boolean = (await gpu.available()).available && (await rawGpu.available()).available;
  const error: Error = new ShapeError('message');
  return [threads, threadsReason?.length ?? 0, shape.length, view.length, memory().bytes, Number(there), error.message.length,
    kept.product.item(), nothing === undefined ? 1 : 0];
}`;

/** Each line but the imports must be an error. */
const MISUSE = `
import { add, gpu, init, matmul, scope, Tensor, tensor, zeros } from 'cotangent';
const x = tensor([1]);
scope(async () => x);
scope(() => Promise.resolve(x));
tensor([1], { dtype: 'f16' });
tensor([1], { type: 'f32' });
tensor('1');
tensor([['1']]);
zeros(3);
zeros([3], 'f32');
matmul(x, 2);
matmul(x, x, { transpose: true });
matmul(x, x, true);
add(x);
add(x, [1]);
init({ thread: 2 });
init({ threads: '2' });
init({ variant: 'fast' });
init({ memory: {} });
x.shape = [1];
x.shape[0] = 2;
x.size = 1;
new Tensor();
gpu.upload([1]);
const wrong: gpu.GpuTensor = x;`;

/** What the compiler prints, one error a line; empty where there is none. */
function check(name: string, files: Readonly<Record<string, string>>, options: object): Promise<string> {
  const compilerOptions = {
    ...{ target: 'ES2022', lib: ['ES2022', 'DOM', 'ESNext.Disposable'], types: [], noEmit: true },
    ...{
      strict: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
    },
    ...options,
  };
  const folder = write(name, {
    ...files,
    'tsconfig.json': JSON.stringify({ compilerOptions, include: ['.'] }),
  });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [compiler, '-p', folder, '--pretty', 'false'],
      { cwd: folder },
      (_, stdout, stderr) => resolve(stdout + stderr),
    ),
  );
}

const BUNDLER = { module: 'ESNext', moduleResolution: 'bundler' };
const NODE = { module: 'NodeNext', moduleResolution: 'NodeNext' };

test('the declarations hold with moduleResolution bundler', async () => {
  assert.is(await check('types-bundler', { 'use.ts': USE }, BUNDLER), '');
});

test('the declarations hold with moduleResolution nodenext, from ES modules and CommonJS', async () => {
  assert.is(await check('types-node', { 'use.mts': USE, 'other.cts': USE }, NODE), '');
});

test('the declarations hold in a worker, which has no DOM', async () => {
  const lib = ['ES2022', 'WebWorker', 'ESNext.Disposable'];
  assert.is(await check('types-worker', { 'use.ts': USE }, { ...BUNDLER, lib }), '');
});

test('the declarations hold without ESNext.Disposable', async () => {
  assert.is(await check('types-old', { 'use.ts': USE }, { ...BUNDLER, lib: ['ES2022', 'DOM'] }), '');
});

test('a tensor can be held by using', async () => {
  const source = `import { ones } from 'cotangent'; export const f = () => { using x = ones([2]); return x.size; };`;
  assert.is(await check('types-using', { 'use.ts': source }, BUNDLER), '');
});

test('misuse is an error, line by line', async () => {
  const errors = await check('types-misuse', { 'misuse.ts': MISUSE }, BUNDLER);
  const lines = MISUSE.split('\n');
  const found = new Set([...errors.matchAll(/^misuse\.ts\((\d+),/gm)].map(([, line]) => Number(line)));
  const missed = lines.filter((line, i) => line !== '' && i > 2 && !found.has(i + 1));
  assert.equal(missed, []);
  assert.not(found.has(2) || found.has(3), errors);
});

test.run();
