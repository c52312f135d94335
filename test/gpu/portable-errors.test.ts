// What functions of GpuTensors refuse: operands, names, options, shapes, other devices. Nothing is left behind.
import * as assert from 'uvu/assert';
import { zeros } from '#src/core/create.js';
import { ArgumentError, DeviceError, DisposedError, ShapeError } from '#src/core/errors.js';
import { memory } from '#src/core/tensor.js';
import * as gpu from '#src/gpu/index.js';
import { device } from '#src/gpu/session.js';
import { gpuSuite, options } from './device.js';
import { watchBuffers } from './watch.js';

const test = await gpuSuite('gpu portable errors');

type ErrorClass = new (...args: never[]) => Error;

/** Zeros on the GPU. */
function up(...shape: number[]): gpu.GpuTensor {
  const host = zeros(shape, { dtype: 'f32' });
  const there = gpu.upload(host);
  host.dispose();
  return there;
}

/** Asserts the error of a call, whose message begins with its name, and that memory is as before. */
function throws(call: () => unknown, kind: ErrorClass, message: RegExp): void {
  const before = [memory().tensors, gpu.memory().tensors, gpu.memory().bytes];
  assert.throws(call, (error: Error) => {
    assert.instance(error, kind, String(error.stack));
    assert.match(error.message, /^gpu\.(map|zip|reduce|softmax|convolve|sinkhorn|lorenz96): /);
    assert.match(error.message, message);
    return true;
  });
  assert.equal([memory().tensors, gpu.memory().tensors, gpu.memory().bytes], before);
}

/** Every function with every tensor that it takes, called with this one in its place and good ones in the others. */
const calls: Record<string, (bad: gpu.GpuTensor) => unknown> = {
  map: (x) => gpu.map('neg', x),
  'zip a': (x) => gpu.zip('add', x, good),
  'zip b': (x) => gpu.zip('add', good, x),
  'zip with a number': (x) => gpu.zip('add', 1, x),
  reduce: (x) => gpu.reduce('mean', x),
  softmax: (x) => gpu.softmax(x),
  'convolve x': (x) => gpu.convolve(x, image),
  'convolve weight': (x) => gpu.convolve(image, x),
  'convolve bias': (x) => gpu.convolve(image, image, { bias: x }),
  'sinkhorn M': (x) => gpu.sinkhorn(x),
  'sinkhorn r': (x) => gpu.sinkhorn(good, { r: x }),
  'sinkhorn c': (x) => gpu.sinkhorn(good, { c: x }),
  'sinkhorn beta': (x) => gpu.sinkhorn(good, { beta: x }),
  lorenz96: (x) => gpu.lorenz96(x),
};
/** The shape that a tensor has to have there. */
const shapeFor = (name: string) => {
  if (name === 'convolve bias') return [1];
  if (/^sinkhorn [rcb]/.test(name)) return [4];
  return name.startsWith('convolve') ? [1, 1, 2, 2] : [4, 4];
};
let good: gpu.GpuTensor;
let image: gpu.GpuTensor;

test.before.each(async () => {
  await gpu.init(options);
  good = up(4, 4);
  image = up(1, 1, 2, 2);
});
test.after.each(() => {
  good.dispose();
  image.dispose();
});

test('what is no GpuTensor, is disposed of, or belongs to a device that is closed', async () => {
  for (const [name, call] of Object.entries(calls)) {
    const host = zeros(shapeFor(name), { dtype: 'f32' });
    throws(() => call(host as never), ArgumentError, /must be a GpuTensor, got .*: use gpu\.upload/);
    throws(() => call('x' as never), ArgumentError, /must be a GpuTensor, got "x"/);
    host.dispose();
    const gone = up(...shapeFor(name));
    gone.dispose();
    throws(() => call(gone), DisposedError, /disposed/);
  }
});

test('operands of a device that is closed, and no device', async () => {
  const old = new Map(Object.keys(calls).map((name) => [name, up(...shapeFor(name))]));
  good.dispose();
  image.dispose();
  await gpu.destroy();
  for (const name of ['map', 'reduce', 'softmax', 'sinkhorn M', 'lorenz96'])
    throws(() => calls[name](old.get(name) as gpu.GpuTensor), DeviceError, /no GPU is open; await gpu\.init/);
  await gpu.init(options);
  good = up(4, 4);
  image = up(1, 1, 2, 2);
  for (const [name, call] of Object.entries(calls))
    throws(() => call(old.get(name) as gpu.GpuTensor), DeviceError, /closed|lost/);
  for (const x of old.values()) x.dispose();
});

test('a lost device', async () => {
  const there = new Map(Object.keys(calls).map((name) => [name, up(...shapeFor(name))]));
  device('test').simulateLoss();
  await gpu.sync().catch(() => undefined);
  await new Promise((resume) => setTimeout(resume, 10));
  for (const [name, call] of Object.entries(calls))
    throws(() => call(there.get(name) as gpu.GpuTensor), DeviceError, /lost/);
  for (const x of there.values()) x.dispose();
});

test('names and options', () => {
  throws(
    () => gpu.map('cosine' as never, good),
    ArgumentError,
    /name must be 'neg', .* or 'softplus', got "cosine"/,
  );
  throws(() => gpu.map('add' as never, good), ArgumentError, /name must be/);
  throws(() => gpu.zip('neg' as never, good, good), ArgumentError, /name must be 'add'/);
  throws(() => gpu.zip('add', 1, 2), ArgumentError, /a must be a GpuTensor, got 1/);
  throws(() => gpu.reduce('prod' as never, good), ArgumentError, /name must be 'sum'/);
  throws(
    () => gpu.reduce('sum', good, { axis: 0 }),
    ArgumentError,
    /axis must be the last one, -1 or 1, or undefined/,
  );
  throws(() => gpu.reduce('sum', good, { axis: 2 }), ArgumentError, /axis must be an integer from -2 to 1/);
  throws(() => gpu.reduce('sum', good, { axis: [1] as never }), ArgumentError, /axis must be an integer/);
  throws(() => gpu.reduce('sum', good, { keepDims: 1 as never }), ArgumentError, /keepDims/);
  throws(() => gpu.reduce('sum', good, { axes: 1 } as never), ArgumentError, /axes/);
  throws(
    () => gpu.convolve(image, image, { stride: 0 }),
    ArgumentError,
    /stride must be positive integers, got 0/,
  );
  throws(
    () => gpu.convolve(image, image, { stride: [1] as never }),
    ArgumentError,
    /stride must have 2 entries/,
  );
  throws(() => gpu.convolve(image, image, { dilation: 1.5 }), ArgumentError, /dilation/);
  throws(() => gpu.convolve(image, image, { padding: -1 }), ArgumentError, /padding must be 'valid'/);
  throws(
    () => gpu.convolve(image, image, { padding: 'full' as never }),
    ArgumentError,
    /padding must be 'valid'/,
  );
  throws(() => gpu.sinkhorn(good, { gamma: 0 }), ArgumentError, /gamma/);
  throws(() => gpu.sinkhorn(good, { gamma: Number.NaN }), ArgumentError, /gamma/);
  throws(() => gpu.sinkhorn(good, { iterations: 0 }), ArgumentError, /iterations/);
  throws(() => gpu.lorenz96(good, { dt: -1 }), ArgumentError, /dt/);
  throws(() => gpu.lorenz96(good, { F: Number.POSITIVE_INFINITY }), ArgumentError, /F/);
  throws(() => gpu.lorenz96(good, { steps: 1.5 }), ArgumentError, /steps/);
});

test('shapes', () => {
  const [narrow, empty, scalar, vector] = [up(3), up(2, 0), up(), up(4)];
  throws(() => gpu.zip('add', good, narrow), ShapeError, /\[4, 4\] and \[3\] do not broadcast/);
  for (const name of ['max', 'min'] as const) {
    throws(() => gpu.reduce(name, empty), ShapeError, /nothing to compare/);
    throws(() => gpu.reduce(name, empty, { axis: -1 }), ShapeError, /nothing to compare/);
  }
  throws(() => gpu.convolve(good, image), ShapeError, /x must be \[n, in, h, w\], got \[4, 4\]/);
  throws(() => gpu.convolve(image, good), ShapeError, /weight must be \[out, 1, kh, kw\].*got \[4, 4\]/);
  throws(() => gpu.convolve(image, image, { bias: vector }), ShapeError, /bias must be \[1\], got \[4\]/);
  const large = up(1, 1, 3, 3);
  throws(() => gpu.convolve(image, large), ShapeError, /a kernel of 3 does not fit into extent 2 of axis 0/);
  throws(
    () => gpu.convolve(image, image, { padding: 2 ** 23 }),
    ShapeError,
    /at most 2\^24, got 2 \+ 2 · 8388608/,
  );
  throws(() => gpu.sinkhorn(vector), ShapeError, /M must be \[\.\.\., m, n\]/);
  throws(() => gpu.sinkhorn(empty), ShapeError, /with m and n at least 1, got \[2, 0\]/);
  throws(() => gpu.sinkhorn(good, { r: narrow }), ShapeError, /r must have shape \[4\], got \[3\]/);
  throws(() => gpu.lorenz96(narrow), ShapeError, /x must be \[\.\.\., K\] with K from 4 to 2\^24, got \[3\]/);
  throws(() => gpu.lorenz96(scalar), ShapeError, /got \[\]/);
  for (const x of [narrow, empty, scalar, vector, large]) x.dispose();
});

test('more than one call makes', () => {
  const many = up(70_000, 1, 1);
  throws(
    () => gpu.map('neg', many),
    DeviceError,
    /at most 65535 matrices of .*, got 70000 matrices.*split the work/,
  );
  throws(() => gpu.zip('add', many, 1), DeviceError, /split the work/);
  const column = up(100_000, 1);
  const row = up(1, 100_000);
  throws(() => gpu.zip('add', column, row), DeviceError, /100000 x 100000 needs a buffer/);
  for (const x of [many, column, row]) x.dispose();
});

test('a loop of all of them leaves no buffer behind', async () => {
  const { live, stop } = await watchBuffers();
  try {
    const before = gpu.memory();
    for (let round = 0; round < 20; round++) {
      const results = [
        ...[gpu.map('tanh', good), gpu.zip('mul', good, 2), gpu.softmax(good), gpu.reduce('mean', good)],
        ...[gpu.reduce('logsumexp', good, { axis: -1 }), gpu.reduce('sum', good, { keepDims: true })],
        ...[gpu.convolve(image, image), gpu.lorenz96(good, { steps: 3 })],
        ...Object.values(gpu.sinkhorn(good, { iterations: 3 }) as unknown as Record<string, gpu.GpuTensor>),
      ];
      if (round % 3 === 0) for (const x of results) (await x.download()).dispose();
      for (const x of results) x.dispose();
      assert.is(live.size, 0, `round ${round}`);
    }
    assert.equal(gpu.memory(), before);
  } finally {
    stop();
  }
});

test.run();
