// Kernels of products in WGSL: every tile of both tables, with and without edges, vectors, slices and tables of batches; alpha and beta.
import * as assert from 'uvu/assert';
import { tensor, zeros } from '#src/core/create.js';
import { ArgumentError, DeviceError, ShapeError } from '#src/core/errors.js';
import { candidatesFor, nameOf } from '#src/gpu/calibration/candidates.js';
import * as gpu from '#src/gpu/index.js';
import { Pipelines } from '#src/gpu/pipelines.js';
import { DEFAULT_TABLE, type ProductTable, SOFTWARE_TABLE } from '#src/gpu/product-plan.js';
import { findAdapter } from '#src/gpu/webgpu-adapter.js';
import { WebGpuProducts } from '#src/gpu/webgpu-products.js';
import { USAGE } from '#src/gpu/webgpu-usage.js';
import { blockOf } from '#src/gpu/wgsl/product.js';
import { gpuSuite } from './device.js';
import { assertWithinBound, integers, noise, product } from './reference.js';

const test = await gpuSuite('gpu products');

/** A device of the test's own. */
async function withDevice(run: (device: GPUDevice) => Promise<void>): Promise<void> {
  const found = await findAdapter();
  if ('reason' in found) throw new Error(found.reason);
  const device = await found.adapter.requestDevice();
  try {
    await run(device);
  } finally {
    device.destroy();
  }
}

function filled(device: GPUDevice, values: Float32Array): GPUBuffer {
  const usage = USAGE.storage | USAGE.copySource;
  const buffer = device.createBuffer({ size: values.byteLength, usage, mappedAtCreation: true });
  new Float32Array(buffer.getMappedRange()).set(values);
  buffer.unmap();
  return buffer;
}

async function read(device: GPUDevice, source: GPUBuffer): Promise<Float32Array> {
  const staging = device.createBuffer({ size: source.size, usage: USAGE.mapRead | USAGE.copyTarget });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(0x0001);
  return new Float32Array(staging.getMappedRange()).slice();
}

/** op(A) op(B) of a batch by one table, against sums in f64; rows of both lie `gap` elements further apart than they are long. */
async function check(
  device: GPUDevice,
  table: ProductTable,
  [m, k, n]: readonly number[],
  { transposeA = false, transposeB = false, batches = 1, gap = 0, aBatch = [...Array(batches).keys()] } = {},
): Promise<void> {
  const label = `${m} x ${k} x ${n}, ${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}, ${batches}, gap ${gap}`;
  const [rowsA, colsA] = transposeA ? [k, m] : [m, k];
  const [rowsB, colsB] = transposeB ? [n, k] : [k, n];
  const [pitchA, pitchB] = [colsA + gap, colsB + gap];
  const [a, b] = [noise(batches * rowsA * pitchA, 1), noise(batches * rowsB * pitchB, 2)];
  // What lies between rows must not count.
  const spoil = (x: Float32Array, cols: number, pitch: number) =>
    x.map((value, i) => (i % pitch < cols ? value : Number.NaN));
  const [A, B] = [filled(device, spoil(a, colsA, pitchA)), filled(device, spoil(b, colsB, pitchB))];
  const tables = { aBatch: Float32Array.from(aBatch), bBatch: Float32Array.from(aBatch, (_, z) => z) };
  const out = new WebGpuProducts(new Pipelines(device), table).run(
    { buffer: A, pitch: pitchA, stride: rowsA * pitchA },
    { buffer: B, pitch: pitchB, stride: rowsB * pitchB },
    undefined,
    { batches, m, n, k, transposeA, transposeB, ...tables, alpha: 1, beta: 0 },
  );
  const values = await read(device, out);
  for (let z = 0; z < batches; z++) {
    const [atA, atB] = [aBatch[z] * rowsA * pitchA, z * rowsB * pitchB];
    const wanted = product(
      m,
      n,
      k,
      (i, p) => a[atA + (transposeA ? p * pitchA + i : i * pitchA + p)],
      (p, j) => b[atB + (transposeB ? j * pitchB + p : p * pitchB + j)],
    );
    assertWithinBound(values.subarray(z * m * n, (z + 1) * m * n), wanted, k, label);
  }
  for (const buffer of [A, B, out]) buffer.destroy();
}

/** A table with one tile for all shapes that are not narrow. */
const only = (tile: ProductTable['long'], workgroups = 1): ProductTable => ({
  ...DEFAULT_TABLE,
  tiles: [{ tile, blocks: 0 }],
  long: tile,
  workgroups,
});

const tiles = [...DEFAULT_TABLE.tiles, ...SOFTWARE_TABLE.tiles].map(({ tile }) => tile);
// Those that a calibration may choose: what runs on the CPU in all cases, the others in two, since compiling them there takes seconds.
const { tiles: direct, long: cut } = candidatesFor(true);
const distinct = new Map(
  [...tiles, DEFAULT_TABLE.long, SOFTWARE_TABLE.long, ...direct, ...cut].map((tile) => [
    JSON.stringify(tile),
    tile,
  ]),
);
for (const tile of [...candidatesFor(false).tiles, ...candidatesFor(false).long])
  if (!distinct.has(JSON.stringify(tile)))
    test(`a candidate: ${nameOf(tile)}`, () =>
      withDevice(async (device) => {
        const [high, wide] = blockOf(tile);
        await check(device, only(tile), [high, 2 * tile.depth, wide]);
        await check(device, only(tile), [high + 1, tile.depth + 5, wide + 3], {
          transposeA: true,
          transposeB: true,
        });
      }));

for (const tile of distinct.values()) {
  const { threads, rows, cols } = tile;
  const depth = tile.depth || 8; // where operands are read directly any number of terms is whole
  const [high, wide] = [threads[1] * rows, threads[0] * cols];
  const name = `tile of ${high} x ${wide}, ${threads.join(' x ')} threads, ${tile.depth} terms`;
  test(`${name}: exact, with edges, transposed`, () =>
    withDevice(async (device) => {
      const table = only(tile);
      await check(device, table, [high, depth, wide]);
      await check(device, table, [high, 2 * depth, wide], { transposeA: true, transposeB: true });
      await check(device, table, [high + 4, depth + 4, wide + 8]);
      await check(device, table, [high - 4, depth + 12, wide - 4], { transposeA: true });
      await check(device, table, [high + 1, depth + 5, wide + 3], { transposeB: true });
      await check(device, table, [high + 9, depth + 1, wide - 1], { transposeA: true, gap: 3 });
    }));
}

test('long sums in slices, whole and with a rest, of batches', () =>
  withDevice(async (device) => {
    for (const tile of [DEFAULT_TABLE.long, SOFTWARE_TABLE.long]) {
      const table = only(tile, 64);
      await check(device, table, [8, 2048, 12]);
      await check(device, table, [9, 2001, 11], { transposeA: true });
      await check(device, table, [9, 1003, 10], { batches: 3, transposeB: true, aBatch: [2, 0, 2] });
    }
  }));

test('products with a vector, in every place, and narrow ones', () =>
  withDevice(async (device) => {
    for (const table of [DEFAULT_TABLE, SOFTWARE_TABLE])
      for (const transposeA of [false, true])
        for (const transposeB of [false, true]) {
          const both = { transposeA, transposeB };
          await check(device, table, [70, 133, 1], both);
          await check(device, table, [1, 133, 70], { ...both, gap: 2 });
          await check(device, table, [1, 1000, 1], { ...both, gap: 1 });
          await check(device, table, [33, 65, 5], { ...both, batches: 2, aBatch: [1, 1] });
          await check(device, table, [65, 3, 34], both);
          await check(device, table, [3, 40, 65], { ...both, gap: 4 });
        }
  }));

test('batches by a table and in order', () =>
  withDevice(async (device) => {
    await check(device, DEFAULT_TABLE, [20, 24, 36], { batches: 3 });
    await check(device, DEFAULT_TABLE, [20, 24, 36], { batches: 3, aBatch: [1, 1, 0], gap: 4 });
    await check(device, DEFAULT_TABLE, [21, 23, 35], { batches: 3, aBatch: [2, 1, 0], transposeA: true });
  }));

/** Uploads, and frees what was uploaded with the rest. */
function uploader() {
  const made: { dispose(): void }[] = [];
  const own = <T extends { dispose(): void }>(x: T): T => {
    made.push(x);
    return x;
  };
  return {
    own,
    upload: (values: Float32Array, shape: number[]) => own(gpu.upload(own(tensor(values, { shape })))),
    free: () => {
      for (const x of made) x.dispose();
    },
  };
}

for (const [m, k, n] of [
  [5, 3, 4],
  [20, 30, 1],
  [40, 33, 50],
  [64, 64, 64],
  [9, 2100, 12],
])
  test(`${m} x ${k} x ${n}: alpha a b + beta c, which stays as it is`, async () => {
    const { own, upload, free } = uploader();
    try {
      const [a, b, c] = [integers(m * k, 1), integers(k * n, 2), integers(m * n, 3)];
      const added = upload(c, [m, n]);
      const out = own(gpu.matmul(upload(a, [m, k]), upload(b, [k, n]), { alpha: -2, beta: 0.5, c: added }));
      const got = own(await out.download()).data();
      const { values } = product(
        m,
        n,
        k,
        (i, p) => a[i * k + p],
        (p, j) => b[p * n + j],
      );
      assert.equal(
        Array.from(got),
        Array.from(values, (value, i) => -2 * value + 0.5 * c[i]),
      );
      assert.equal(Array.from(own(await added.download()).data()), Array.from(c));
    } finally {
      free();
    }
  });

test('c may come from another kernel, whose rows lie further apart, and a sum without terms is beta c', async () => {
  const { own, upload, free } = uploader();
  try {
    const [c, x] = [integers(15, 3), integers(15, 4)];
    const rotated = own(gpu.applyGivens(upload(c, [5, 3]), { i: [0], j: [1], angles: [0] }));
    const out = own(
      gpu.matmul(upload(x, [5, 3]), upload(integers(9, 5).fill(0), [3, 3]), { beta: 2, c: rotated }),
    );
    assert.equal(
      Array.from(own(await out.download()).data()),
      Array.from(c, (value) => 2 * value + 0),
    );
    const [left, right] = [zeros([5, 0], { dtype: 'f32' }), zeros([0, 3], { dtype: 'f32' })].map(own);
    const empty = own(
      gpu.matmul(own(gpu.upload(left)), own(gpu.upload(right)), { beta: 3, c: upload(c, [5, 3]) }),
    );
    assert.equal(
      Array.from(own(await empty.download()).data()),
      Array.from(c, (value) => 3 * value + 0),
    );
  } finally {
    free();
  }
});

test('NaN in c does not count where beta is 0', async () => {
  const { own, upload, free } = uploader();
  try {
    const c = upload(new Float32Array(4).fill(Number.NaN), [2, 2]);
    const out = own(
      gpu.matmul(upload(integers(4, 1), [2, 2]), upload(integers(4, 2), [2, 2]), { beta: 0, c }),
    );
    assert.ok(
      own(await out.download())
        .data()
        .every(Number.isFinite),
    );
  } finally {
    free();
  }
});

test('portable kernels give the same integers', async () => {
  const { own, upload, free } = uploader();
  try {
    const [a, b] = [upload(integers(35 * 40, 1), [35, 40]), upload(integers(40 * 33, 2), [40, 33])];
    const [one, two] = await Promise.all(
      (['auto', 'portable'] as const).map((kernel) => own(gpu.matmul(a, b, { kernel })).download()),
    );
    assert.equal(own(one).toArray(), own(two).toArray());
  } finally {
    free();
  }
});

test('wrong options are errors, and leave nothing on the device', async () => {
  const { upload, free } = uploader();
  const a = upload(integers(4, 1), [2, 2]);
  const before = gpu.memory();
  const fails = (options: gpu.MatmulOptions, kind: typeof ArgumentError, message: RegExp) =>
    assert.throws(
      () => gpu.matmul(a, a, options),
      (error: Error) => error instanceof kind && message.test(error.message),
    );
  fails({ beta: 1 }, ArgumentError, /gpu.matmul: c must be a GpuTensor where beta is not 0, got undefined/);
  fails(
    { beta: 1, c: upload(integers(2, 1), [1, 2]) },
    ShapeError,
    /c must have the shape of the result, \[2, 2\], got \[1, 2\]/,
  );
  fails({ alpha: '2' as never }, ArgumentError, /gpu.matmul: alpha must be a number/);
  fails({ kernel: 'fast' as never }, ArgumentError, /gpu.matmul: kernel must be/);
  fails(
    { kernel: 'portable', alpha: 2 },
    DeviceError,
    /portable kernels have no alpha and beta, got 2 and 0/,
  );
  assert.is(gpu.memory().tensors, before.tensors + 1);
  free();
});

test.run();
