// init: builds, memory, threads, one's own WASM; each case in a process of its own, because the runtime is made once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relaxedSimdIsSupported } from '#src/core/wasm/features.js';
import { program } from '../support/program.js';

/** Digests of products in the build without fused multiply-add: the same on every machine and engine. */
const DIGESTS = { f64: -226194821, f32: -855621726, small: -1303192901 };

const PRODUCT = `
const bits = (m, n, k, dtype) => scope(() => {
  const a = random(1).normal([m, k], { dtype }), b = random(2).normal([k, n], { dtype });
  return Array.from(new Int32Array(matmul(a, b).toTypedArray().buffer));
});
const digest = (x) => x.reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
`;

test('nothing needs init; it may be called any number of times', () => {
  const result = program<{ product: unknown; first: object; again: object }>(`
    const product = matmul(tensor([[1, 2], [3, 4]]), tensor([[5], [6]])).toArray();
    report({ product, first: await init(), again: await init({}) });`);
  assert.equal(result.product, [[17], [39]]);
  assert.equal(result.first, result.again);
});

test('importing makes no memory; the first tensor does', () => {
  assert.equal(
    program(`const before = memory().heapBytes; zeros([1]); report([before, memory().heapBytes > 0]);`),
    [0, true],
  );
});

test('deterministic means the build without fused multiply-add; auto takes the best that runs', () => {
  const best = relaxedSimdIsSupported() ? 'relaxed' : 'simd';
  const variants = program<string[]>(`
    const seen = [];
    for (const options of [{}, { deterministic: true }, { variant: 'auto' }, { variant: 'simd' }]) {
      seen.push((await init(options)).variant);
      if (matmul(tensor([[2]]), tensor([[3]])).item() !== 6) throw new Error('wrong product');
    }
    report(seen);`);
  assert.equal(variants, [best, 'simd', best, 'simd']);
});

test('the deterministic build gives the bits that it gave when this was written', () => {
  const digests = program<number[]>(`${PRODUCT}
    await init({ deterministic: true });
    report([digest(bits(70, 65, 700, 'f64')), digest(bits(70, 65, 700, 'f32')), digest(bits(9, 7, 5, 'f64'))]);`);
  assert.equal(digests, [DIGESTS.f64, DIGESTS.f32, DIGESTS.small]);
});

test('threads after the first tensor are an error that says so, and the library still works', () => {
  const [message, product] = program<[string, number]>(`
    const x = tensor([[2]]);
    report([await caughtAsync(() => init({ threads: 2 })), matmul(x, x).item()]);`);
  assert.match(message, /ArgumentError: init: threads must be asked for before the first tensor is made/);
  assert.is(product, 4);
});

test('another memory after the first tensor is an error; before, it is used', () => {
  const [message, same, heap] = program<[string, boolean, number]>(`
    const memoryOfMine = new WebAssembly.Memory({ initial: 2, maximum: 16 });
    await init({ memory: memoryOfMine });
    const t = tensor([1]);
    report([await caughtAsync(() => init({ memory: new WebAssembly.Memory({ initial: 2, maximum: 16 }) })), t.data().buffer === memoryOfMine.buffer, memory().heapBytes]);`);
  assert.match(message, /ArgumentError: init: memory must be given before the first tensor/);
  assert.ok(same);
  assert.is(heap, 131072);
});

test('3 GiB in a small heap: the typed error, nothing lost, and the next call works', () => {
  const [message, before, after, product] = program<[string, object, object, number]>(`
    await init({ memory: new WebAssembly.Memory({ initial: 2, maximum: 16 }) });
    const x = tensor([[2]]);
    const before = memory();
    const message = caught(() => zeros([3 * 2 ** 30 / 8]));
    for (let i = 0; i < 100; i++) caught(() => scope(() => { for (;;) zeros([1000]); }));
    report([message, before, { ...memory(), heapBytes: before.heapBytes }, scope(() => matmul(x, x).item())]);`);
  assert.match(message, /OutOfMemoryError: zeros: 3221225472 bytes do not fit/);
  assert.equal(after, before);
  assert.is(product, 4);
});

test('the heap grows past 2 GiB: addresses above 2^31 work', () => {
  const values = program<number[]>(
    `await init({ variant: 'simd' });
    const big = zeros([2 ** 28 + 2 ** 24]);
    const a = tensor([[1, 2], [3, 4]]), b = tensor([[5], [6]]);
    const c = matmul(a, b);
    if (c.address < 2 ** 31) throw new Error('not above 2^31: ' + c.address);
    report([...c.toArray().flat(), sum(add(c, 1)).item()]);`,
  );
  assert.equal(values, [17, 39, 58]);
});

test("one's own WASM: a file, bytes, a module; and what does not fit is an error", () => {
  const results = program<unknown[]>(`
    import { readFileSync } from 'node:fs';
    const file = new URL('build/wasm/cotangent.simd.wasm', root);
    const bytes = readFileSync(file);
    const seen = [];
    for (const wasm of [file, bytes, new WebAssembly.Module(bytes), new Response(bytes)]) {
      await init({ wasm });
      seen.push(matmul(tensor([[2]]), tensor([[3]])).item(), sum(add(tensor([1, 2]), 1)).item());
    }
    seen.push(await caughtAsync(() => init({ wasm: new Uint8Array([1, 2, 3]) })));
    seen.push(await caughtAsync(() => init({ wasm: new URL('build/wasm/cotangent.simd.shared.wasm', root) })));
    seen.push(await caughtAsync(() => init({ wasm: new URL('nowhere.wasm', root) })));
    seen.push(matmul(tensor([[2]]), tensor([[3]])).item());
    report(seen);`);
  assert.equal(results.slice(0, 8), [6, 5, 6, 5, 6, 5, 6, 5]);
  assert.match(results[8] as string, /DeviceError: init: wasm does not compile/);
  assert.match(results[9] as string, /DeviceError: init: the kernels do not run on this memory/);
  assert.match(results[10] as string, /DeviceError: init: wasm does not compile: .*ENOENT/);
  assert.is(results[11], 6);
});

test('threads with one’s own shared WASM', () => {
  const [threads, ok] = program<[number, boolean]>(`
    const { threads } = await init({ threads: 2, wasm: new URL('build/wasm/cotangent.simd.shared.wasm', root) });
    const a = random(1).normal([300, 300]);
    const both = matmul(a, a).toTypedArray();
    await init({ threads: 1 });
    report([threads, matmul(a, a).toTypedArray().every((x, i) => x === both[i])]);`);
  assert.equal([threads, ok], [2, true]);
});

test('init that fails to start threads leaves build and pool as they were, and an empty memory may still be replaced', () => {
  const { message, before, after, same, memoryMessage, heap } = program<{
    message: string;
    before: object;
    after: object;
    same: boolean;
    memoryMessage: string | null;
    heap: boolean;
  }>(`
    const worker = 'data:text/javascript,process.exit(3)';
    await caughtAsync(() => init({ threads: 2, worker: new URL(worker) }));
    const shared = new WebAssembly.Memory({ initial: 2, maximum: 4096, shared: true });
    const memoryMessage = await caughtAsync(() => init({ memory: shared, threads: 2, variant: 'simd' }));
    const a = random(1).normal([300, 300]), heap = a.data().buffer === shared.buffer;
    const before = configuration(), c = matmul(a, a).toTypedArray();
    const other = ${relaxedSimdIsSupported()} ? { variant: 'relaxed' } : { threads: 3 };
    const message = await caughtAsync(() => init({ ...other, threads: ${relaxedSimdIsSupported()} ? 2 : 3, worker: new URL(worker) }));
    const after = configuration(), d = matmul(a, a).toTypedArray();
    report({ message, before, after, same: c.every((v, i) => v === d[i]), memoryMessage, heap });`);
  assert.match(message, /DeviceError: init: a worker did not start/);
  assert.is(memoryMessage, null);
  assert.ok(heap);
  assert.equal(after, before);
  assert.equal(before, { variant: 'simd', threads: 2 });
  assert.ok(same);
});

test('options are checked', () => {
  const messages = program<string[]>(`
    const bad = [{ threads: 0 }, { threads: 1.5 }, { variant: 'fast' }, { deterministic: true, variant: 'relaxed' }, { memory: {} }];
    const messages = [];
    for (const options of bad) messages.push(await caughtAsync(() => init(options)));
    const plain = new WebAssembly.Memory({ initial: 2, maximum: 16 });
    messages.push((await init({ threads: 2, memory: plain })).threadsReason);
    report(messages);`);
  const patterns = [
    /threads must be an integer from 1 to 64, got 0/,
    /got 1.5/,
    /variant must be/,
    /deterministic/,
    /WebAssembly.Memory/,
    /not shared/,
  ];
  for (const [i, pattern] of patterns.entries()) assert.match(messages[i], pattern);
});

test('a memory without a maximum is refused with the reason', () => {
  const message = program<string>(
    `report(await caughtAsync(() => init({ memory: new WebAssembly.Memory({ initial: 2 }) })));`,
  );
  assert.match(message, /DeviceError: .*memory must declare a maximum/);
});

test.run();
