// GPU products against three loops in f64: odd sizes, transposes, long sums, batches, chains, NaN and infinity.

import * as assert from 'uvu/assert';
import { tensor, zeros } from '#src/core/create.js';
import * as gpu from '#src/gpu/index.js';
import { gpuSuite } from './device.js';
import { assertWithinBound, integers, noise, product } from './reference.js';

const test = await gpuSuite('gpu matmul');

/** Multiplies on the GPU and copies the result out. */
async function multiply(
  a: Float32Array,
  aShape: number[],
  b: Float32Array,
  bShape: number[],
  options: gpu.MatmulOptions = {},
): Promise<{ shape: readonly number[]; values: Float32Array }> {
  const hostA = tensor(a, { shape: aShape });
  const hostB = tensor(b, { shape: bShape });
  const left = gpu.upload(hostA);
  const right = gpu.upload(hostB);
  const out = gpu.matmul(left, right, options);
  const back = await out.download();
  const values = back.toTypedArray() as Float32Array;
  for (const x of [hostA, hostB, left, right, out, back]) x.dispose();
  return { shape: out.shape, values };
}

const sizes = [
  [1, 1, 1],
  [1, 7, 1],
  [2, 3, 4],
  [37, 61, 5],
  [5, 4, 37],
  [33, 66, 35],
  [64, 64, 64],
  [3, 1001, 6],
  [9, 2500, 10],
  [70, 3, 131],
];

for (const [m, k, n] of sizes) {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const label = `${m} x ${k} x ${n}${transposeA ? ', a transposed' : ''}${transposeB ? ', b transposed' : ''}`;
      test(label, async () => {
        const a = noise(m * k, 1);
        const b = noise(k * n, 2);
        const got = await multiply(a, transposeA ? [k, m] : [m, k], b, transposeB ? [n, k] : [k, n], {
          transposeA,
          transposeB,
        });
        assert.equal(got.shape, [m, n]);
        const wanted = product(
          m,
          n,
          k,
          (i, p) => (transposeA ? a[p * m + i] : a[i * k + p]),
          (p, j) => (transposeB ? b[j * k + p] : b[p * n + j]),
        );
        assertWithinBound(got.values, wanted, k, label);
      });
    }
  }
}

/** Where matrix z of a broadcast batch lies: plain NumPy rule, written out. */
function batchOf(z: number, out: readonly number[], own: readonly number[]): number {
  let rest = z;
  let at = 0;
  let step = 1;
  for (let axis = 1; axis <= out.length; axis++) {
    const position = rest % out[out.length - axis];
    rest = Math.floor(rest / out[out.length - axis]);
    const extent = own[own.length - axis] ?? 1;
    at += (extent === 1 ? 0 : position) * step;
    step *= extent;
  }
  return at;
}

const batches: [number[], number[], number[]][] = [
  [[4], [4], [4]],
  [[3], [1], [3]],
  [[], [5], [5]],
  [[2], [], [2]],
  [
    [2, 1],
    [1, 3],
    [2, 3],
  ],
  [
    [3, 1, 5],
    [4, 1],
    [3, 4, 5],
  ],
  [[1, 1], [], [1, 1]],
];

for (const [left, right, out] of batches) {
  test(`batches [${left}] by [${right}] broadcast to [${out}]`, async () => {
    const [m, k, n] = [5, 7, 6];
    const count = (shape: number[]) => shape.reduce((x, y) => x * y, 1);
    const a = noise(count(left) * m * k, 3);
    const b = noise(count(right) * k * n, 4);
    for (const transposeB of [false, true]) {
      const got = await multiply(a, [...left, m, k], b, [...right, ...(transposeB ? [n, k] : [k, n])], {
        transposeB,
      });
      assert.equal(got.shape, [...out, m, n]);
      for (let z = 0; z < count(out); z++) {
        const atA = batchOf(z, out, left) * m * k;
        const atB = batchOf(z, out, right) * k * n;
        const wanted = product(
          m,
          n,
          k,
          (i, p) => a[atA + i * k + p],
          (p, j) => b[atB + (transposeB ? j * k + p : p * n + j)],
        );
        assertWithinBound(got.values.subarray(z * m * n, (z + 1) * m * n), wanted, k, `matrix ${z}`);
      }
    }
  });
}

test('vectors are rows on the left and columns on the right', async () => {
  const x = integers(6, 5);
  const y = integers(6, 6);
  const matrix = integers(6 * 4, 7);
  const dot = product(
    1,
    1,
    6,
    (_, p) => x[p],
    (p) => y[p],
  ).values;
  const inner = await multiply(x, [6], y, [6]);
  assert.equal(inner.shape, []);
  assert.is(inner.values[0], dot[0]);
  const row = await multiply(x, [6], matrix, [6, 4]);
  assert.equal(row.shape, [4]);
  const column = await multiply(matrix, [6, 4], y, [6], { transposeA: true });
  assert.equal(column.shape, [4]);
  for (let j = 0; j < 4; j++) {
    let first = 0;
    let second = 0;
    for (let p = 0; p < 6; p++) {
      first += x[p] * matrix[p * 4 + j];
      second += y[p] * matrix[p * 4 + j];
    }
    assert.is(row.values[j], first);
    assert.is(column.values[j], second);
  }
});

test('products chain on the device, with unpadded and padded operands', async () => {
  const n = 13;
  const [a, b, c] = [8, 9, 10].map((seed) => integers(n * n, seed));
  const at = (x: ArrayLike<number>) => (i: number, j: number) => x[i * n + j];
  const ab = product(n, n, n, at(a), at(b)).values;
  const abc = product(n, n, n, at(ab), at(c)).values;
  const wanted = product(n, n, n, (i, p) => abc[p * n + i], at(ab)).values;
  const host = [a, b, c].map((values) => tensor(values, { shape: [n, n] }));
  const [x, y, z] = host.map(gpu.upload);
  const xy = gpu.matmul(x, y);
  const xyz = gpu.matmul(xy, z);
  const last = gpu.matmul(xyz, xy, { transposeA: true });
  // Disposed while the work is still queued: it must finish all the same.
  for (const used of [...host, x, y, z, xyz]) used.dispose();
  const first = await xy.download();
  const result = await last.download();
  assert.equal([...first.data()], [...ab]);
  assert.equal([...result.data()], [...wanted]);
  for (const used of [xy, last, first, result]) used.dispose();
});

test('NaN and infinity reach every entry that they touch, and no other', async () => {
  const n = 9;
  const a = noise(n * n, 11);
  const b = noise(n * n, 12);
  a[2 * n + 8] = Number.NaN;
  a[5 * n + 3] = Number.POSITIVE_INFINITY;
  b[3 * n + 7] = 0;
  const { values } = await multiply(a, [n, n], b, [n, n]);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const got = values[i * n + j];
      if (i === 2 || (i === 5 && j === 7))
        assert.ok(Number.isNaN(got), `entry ${i}, ${j} is ${got}, not NaN`);
      else if (i === 5) assert.is(got, Math.sign(b[3 * n + j]) * Number.POSITIVE_INFINITY);
      else assert.ok(Number.isFinite(got), `entry ${i}, ${j} is ${got}`);
    }
  }
});

test('empty extents need no GPU, and an empty sum is zero', async () => {
  const nothing = new Float32Array(0);
  assert.equal((await multiply(nothing, [0, 3], noise(6, 1), [3, 2])).shape, [0, 2]);
  assert.equal((await multiply(nothing, [2, 0, 3], noise(6, 1), [3, 2])).shape, [2, 0, 2]);
  assert.equal((await multiply(nothing, [0, 2, 3], noise(6, 1), [3, 2])).shape, [0, 2, 2]);
  const sum = await multiply(nothing, [2, 0], nothing, [0, 3]);
  assert.equal(sum.shape, [2, 3]);
  assert.equal([...sum.values], [0, 0, 0, 0, 0, 0]);
});

test('values are taken when upload is called', async () => {
  const host = tensor(Float32Array.of(1, 2, 3, 4), { shape: [2, 2] });
  const up = gpu.upload(host);
  host.data().fill(0);
  const back = await up.download();
  assert.equal(back.toArray(), [
    [1, 2],
    [3, 4],
  ]);
  assert.is(up.dtype, 'f32');
  assert.is(up.device.backend, 'webgpu');
  for (const x of [host, up, back]) x.dispose();
});

test('a large index stays exact: the last row of a tall matrix, past what f32 counts', async () => {
  // 2^24 + 4096 elements: an index in an f32 would be rounded.
  const [rows, cols] = [4097, 4096];
  const host = zeros([rows, cols], { dtype: 'f32' });
  host
    .data()
    .subarray((rows - 1) * cols)
    .set(integers(cols, 13));
  const vector = tensor(integers(cols, 14), { shape: [cols, 1] });
  const [a, x] = [host, vector].map(gpu.upload);
  const y = gpu.matmul(a, x);
  const back = await y.download();
  let wanted = 0;
  for (let p = 0; p < cols; p++) wanted += host.data()[(rows - 1) * cols + p] * vector.data()[p];
  assert.is(back.data()[rows - 1], wanted);
  assert.is(back.data()[rows - 2], 0);
  for (const used of [host, vector, a, x, y, back]) used.dispose();
});

test('sync waits without reading back', async () => {
  const host = zeros([128, 128], { dtype: 'f32' });
  const a = gpu.upload(host);
  const c = gpu.matmul(a, a);
  assert.is(await gpu.sync(), undefined);
  for (const used of [host, a, c]) used.dispose();
});

test.run();
