// Threads that fail: a part that traps, ends late or never, a worker that dies or cannot load a module. The product is right or a
// DeviceError, the next one is right, and nothing is written to afterwards. Each case runs in a process of its own.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { program } from '../support/program.js';

/** Starts `threads` threads whose workers fail, and has helpers for products of ones, whose entries are their inner extent. */
const start = (how: string, threads: number, late = 300) => `
process.env.WORKER_FAILS = '${how}';
process.env.WORKER_LATE = '${late}';
const worker = new URL('test/support/failing-worker.mjs', root);
const start = () => init({ threads: ${threads}, worker });
const ones = (shape) => { const x = zeros(shape); x.data().fill(1); return x; };
const all = (x, value) => x.data().every((y) => y === value);
const attempt = (n) => scope(() => { const x = ones([n, n]); return all(matmul(x, x), n); });
`;

for (const how of ['exits', 'traps', 'late']) {
  for (const threads of [2, 4]) {
    test(`a worker that ${how}, of ${threads} threads: this product and the next are right, and nothing leaks`, () => {
      const { right, before, after } = program<{ right: boolean[]; before: object; after: object }>(`
        ${start(how, threads)}
        await start();
        const x = zeros([1]), before = memory();
        const right = [300, 300, 640, 300].map(attempt);
        report({ right, before, after: { ...memory(), heapBytes: before.heapBytes } });`);
      assert.equal(right, [true, true, true, true]);
      assert.equal(after, before);
    });
  }
}

test('workers that have died are not counted, and init starts others', () => {
  const counts = program<number[]>(`
    ${start('exits', 4)}
    await start();
    const counts = [configuration().threads];
    attempt(300);
    await new Promise((resolve) => setTimeout(resolve, 50));
    counts.push(configuration().threads);
    process.env.WORKER_FAILS = 'nothing';
    counts.push((await start()).threads);
    if (!attempt(300)) throw new Error('wrong product');
    report(counts);`);
  assert.is(counts[0], 4);
  assert.ok(counts[1] < 4, counts.join());
  assert.is(counts[2], 4);
});

test('a module that no worker can load: the convolution is right, the second time without them', () => {
  const [first, second, product] = program<boolean[]>(`
    ${start('unloadable', 4)}
    await start();
    const convolve = () => scope(() => {
      const y = cotangent.nn.conv(64, [3, 3], { bias: false }).apply({ weight: ones([64, 16, 3, 3]) }, ones([8, 16, 32, 32]));
      // Minimal filtering rounds.
      return y.data().every((v) => Math.abs(v - 144) < 1e-9);
    });
    report([convolve(), convolve(), attempt(300)]);`);
  assert.equal([first, second, product], [true, true, true]);
});

test('C := A B + 2 C in place, which cannot be done again, is a DeviceError where a worker traps', () => {
  const [message, next] = program<[string, boolean]>(`
    ${start('traps', 2)}
    await start();
    const n = 300, [a, b, c] = [ones([n, n]), ones([n, n]), ones([n, n])];
    const work = kernels.alloc(kernels.gemm_f64_work(n, n, n));
    const update = () => kernels.gemm_f64(n, n, n, 1, a.address, n, 1, b.address, n, 1, 2, c.address, n, 1, work);
    // A worker takes its part if it is awake in time; a part that is taken back does not fail.
    let message = null;
    for (let i = 0; i < 1000 && message === null; i++) { c.data().fill(1); message = caught(update); }
    c.data().fill(1);
    update();
    report([message, all(c, n + 2)]);`);
  assert.match(message, /^DeviceError: gemm_packed_f64: a worker thread failed in the middle of its part/);
  assert.ok(next);
});

/** A clock that leaps hours ahead whenever this thread has waited in vain, so that patience ends at once. */
const HURRY = `
const { wait } = Atomics, { now } = performance;
let leaps = 0;
performance.now = () => 1e7 * leaps + now.call(performance);
Atomics.wait = (...args) => {
  const outcome = wait(...args);
  if (outcome === 'timed-out') leaps++;
  return outcome;
};
`;

test('a worker that never ends its part is ended, and its part done here', () => {
  const [right, threads] = program<[boolean[], number]>(`
    ${start('hangs', 2)}
    await start();
    ${HURRY}
    const right = [];
    // Until the worker has taken a part.
    for (let i = 0; i < 1000 && configuration().threads === 2; i++) right.push(attempt(300));
    right.push(attempt(300));
    report([right, configuration().threads]);`);
  assert.ok(right.every(Boolean));
  assert.is(threads, 1);
});

test('where the end of a worker cannot be seen: a DeviceError, and what it may write to is not used again before it is done', () => {
  const { message, untouched, held, after, next } = program<{
    message: string;
    untouched: boolean;
    held: boolean;
    after: boolean;
    next: boolean;
  }>(`
    import { Worker } from 'node:worker_threads';
    ${start('late', 3, 1500)}
    Object.defineProperty(Worker.prototype, 'performance', { get: () => undefined, set() {} });
    Worker.prototype.terminate = () => {};
    await start();
    ${HURRY}
    const x = ones([300, 300]), like = () => zeros([300, 300]);
    // Where the result will lie, which is given back when the product fails.
    const gap = like(), { address } = gap;
    gap.dispose();
    let message = null;
    for (let i = 0; i < 1000 && message === null; i++) message = caught(() => matmul(x, x).dispose());
    const fresh = [like(), like(), like()];
    const held = fresh.every((y) => y.address !== address);
    for (const from = Date.now(); Date.now() - from < 2000; );
    const untouched = fresh.every((y) => all(y, 0));
    const after = Array.from({ length: 50 }, like).some((y) => y.address === address);
    report({ message, untouched, held, after, next: attempt(300) });`);
  assert.match(
    message,
    /^DeviceError: gemm_packed_f64: a worker thread has not finished its part after \d+ ms/,
  );
  assert.ok(untouched && held && after && next, JSON.stringify({ untouched, held, after, next }));
});

test.run();
