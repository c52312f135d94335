// What a GPU refuses, and what is left behind: typed errors, no leaks, a new device after a loss.

import * as assert from 'uvu/assert';
import { tensor, zeros } from '#src/core/create.js';
import { ArgumentError, DeviceError, DisposedError, DTypeError, ShapeError } from '#src/core/errors.js';
import * as gpu from '#src/gpu/index.js';
import { device } from '#src/gpu/session.js';
import { gpuSuite, options } from './device.js';
import { watchBuffers } from './watch.js';

const test = await gpuSuite('gpu errors');

type ErrorClass = new (...args: never[]) => Error;

/** Asserts that `work` throws an error of a class whose message matches. */
function throws(work: () => unknown, kind: ErrorClass, message: RegExp): void {
  try {
    work();
  } catch (error) {
    assert.instance(error, kind);
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable(`expected a ${kind.name}`);
}

async function rejects(work: Promise<unknown>, kind: ErrorClass, message: RegExp): Promise<void> {
  const error = await work.then(
    () => assert.unreachable(`expected a ${kind.name}`),
    (reason: unknown) => reason,
  );
  throws(
    () => {
      throw error;
    },
    kind,
    message,
  );
}

const square = (n: number) => {
  const host = zeros([n, n], { dtype: 'f32' });
  const up = gpu.upload(host);
  host.dispose();
  return up;
};

test('f64 is refused with the way out, and integers where numbers are wanted', () => {
  const x = zeros([2, 2]);
  throws(() => gpu.upload(x), DTypeError, /gpu.upload: x is f64.*astype/);
  x.dispose();
  const k = zeros([2, 2], { dtype: 'i32' });
  const there = gpu.upload(k);
  throws(
    () => gpu.matmul(there, there),
    DTypeError,
    /gpu.matmul: the GpuTensor must be f32, got i32 of shape \[2, 2\]/,
  );
  there.dispose();
  k.dispose();
});

test('shapes that do not fit', () => {
  const shapes: [number[], number[], RegExp][] = [
    [[2, 3], [4, 5], /inner extents 3 and 4 differ/],
    [[2, 2, 3], [3, 3, 4], /do not broadcast/],
    [[], [1], /at least one axis/],
  ];
  for (const [left, right, message] of shapes) {
    const hosts = [zeros(left, { dtype: 'f32' }), zeros(right, { dtype: 'f32' })];
    const [a, b] = hosts.map(gpu.upload);
    throws(() => gpu.matmul(a, b), ShapeError, message);
    for (const used of [...hosts, a, b]) used.dispose();
  }
});

test('what is no tensor', () => {
  throws(() => gpu.upload([1, 2] as never), ArgumentError, /x must be a Tensor/);
  const a = square(2);
  throws(() => gpu.matmul(a, 3 as never), ArgumentError, /b must be a GpuTensor/);
  a.dispose();
});

test('a disposed tensor, on the host or on the device', async () => {
  const host = zeros([2, 2], { dtype: 'f32' });
  host.dispose();
  throws(() => gpu.upload(host), DisposedError, /disposed/);
  const a = square(2);
  const b = square(2);
  a.dispose();
  a.dispose();
  assert.ok(a.isDisposed);
  throws(() => gpu.matmul(a, b), DisposedError, /gpu.matmul: the GpuTensor of shape \[2, 2\]/);
  throws(() => gpu.matmul(b, a), DisposedError, /disposed/);
  await rejects(a.download(), DisposedError, /download/);
  b[Symbol.dispose]();
  assert.ok(b.isDisposed);
});

test('a buffer past the limits of the device is refused before it is made', () => {
  const host = zeros([200_000, 1], { dtype: 'f32' });
  const wide = zeros([1, 200_000], { dtype: 'f32' });
  const before = gpu.memory();
  const [a, b] = [host, wide].map(gpu.upload);
  throws(
    () => gpu.matmul(a, b),
    DeviceError,
    /gpu.matmul: 1 matrices of 200000 x 200000 needs a buffer of \d+ bytes/,
  );
  for (const used of [host, wide, a, b]) used.dispose();
  assert.equal(gpu.memory(), before);
});

test('more rows than one call addresses', () => {
  const host = zeros([600_000, 1], { dtype: 'f32' });
  const one = zeros([1, 1], { dtype: 'f32' });
  const [a, b] = [host, one].map(gpu.upload);
  throws(() => gpu.matmul(a, b), DeviceError, /split the work/);
  for (const used of [host, one, a, b]) used.dispose();
});

test('a backend that there is not, or not here', async () => {
  await rejects(
    gpu.available({ backend: 'cpu' as never }),
    ArgumentError,
    /'auto', 'webgpu' or 'webgl2', got "cpu"/,
  );
  await rejects(gpu.init({ backend: 'webgl2' }), DeviceError, /webgpu is open, webgl2 was asked for/);
  await gpu.destroy();
  await rejects(gpu.init({ backend: 'webgl2' }), DeviceError, /gpu.init: no GPU to use: webgl2: .*browser/);
  const answer = await gpu.available({ backend: 'webgl2' });
  assert.is(answer.available, false);
  assert.match(answer.reason ?? '', /browser/);
});

test('a software adapter is used only when it is asked for', async () => {
  const { software } = await gpu.init(options);
  await gpu.destroy();
  if (!software) return;
  const answer = await gpu.available();
  assert.is(answer.available, false);
  assert.match(answer.reason ?? '', /only a software adapter.*allowSoftware: true/);
  await rejects(gpu.init(), DeviceError, /allowSoftware/);
  const allowed = await gpu.available({ allowSoftware: true });
  assert.ok(allowed.available && allowed.software);
});

test('nothing works before init, and init is idempotent', async () => {
  await gpu.destroy();
  const host = tensor(Float32Array.of(1));
  throws(() => gpu.upload(host), DeviceError, /await gpu.init\(\) first/);
  await rejects(gpu.sync(), DeviceError, /await gpu.init\(\) first/);
  host.dispose();
  const [first, second] = await Promise.all([gpu.init(options), gpu.init(options)]);
  assert.is(first, second);
  assert.is(await gpu.init(options), first);
});

test('a lost device: every call says so, and init opens another', async () => {
  const a = square(3);
  const c = gpu.matmul(a, a);
  device('test').simulateLoss();
  await rejects(c.download(), DeviceError, /lost.*await gpu.init\(\)/);
  throws(() => gpu.matmul(a, a), DeviceError, /lost/);
  throws(() => square(2), DeviceError, /lost/);
  await rejects(gpu.sync(), DeviceError, /lost/);
  await gpu.init(options);
  throws(() => gpu.matmul(a, a), DeviceError, /gpu.matmul: .*lost|closed/);
  const fresh = square(3);
  throws(() => gpu.matmul(a, fresh), DeviceError, /lost|closed/);
  const product = gpu.matmul(fresh, fresh);
  const back = await product.download();
  assert.equal([...back.data()], new Array(9).fill(0));
  for (const used of [a, c, fresh, product, back]) used.dispose();
  assert.is(gpu.memory().tensors, 0);
});

test('loss during a download', async () => {
  const a = square(64);
  const c = gpu.matmul(a, a);
  const pending = c.download();
  device('test').simulateLoss();
  await rejects(pending, DeviceError, /lost/);
  for (const used of [a, c]) used.dispose();
});

test('a loop of products leaves no buffer behind', async () => {
  const { live, stop } = await watchBuffers();
  try {
    const counts: number[] = [];
    for (let round = 0; round < 60; round++) {
      const n = 4 + (round % 7);
      const a = square(n);
      const b = gpu.matmul(a, a);
      const c = gpu.matmul(b, a, { transposeA: round % 2 === 0 });
      a.dispose();
      b.dispose();
      if (round % 3 === 0) (await c.download()).dispose();
      c.dispose();
      counts.push(live.size);
    }
    await gpu.sync();
    // What stays is gpu.js's own: two index buffers for each of the kernels.
    assert.is(counts[59], counts[20], `live buffers went from ${counts[20]} to ${counts[59]}`);
    assert.ok(counts[59] <= 8, `${counts[59]} live buffers`);
    assert.equal(gpu.memory(), { tensors: 0, bytes: 0 });
  } finally {
    stop();
  }
});

test.run();
