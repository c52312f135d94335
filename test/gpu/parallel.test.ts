// parallelMatmul: the same product on either device, and a reason for the choice.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tensor, zeros } from '#src/core/create.js';
import { ArgumentError, DTypeError, ShapeError } from '#src/core/errors.js';
import type { Tensor } from '#src/core/tensor.js';
import * as gpu from '#src/gpu/index.js';
import { matmul } from '#src/ops/matmul.js';
import { deviceOf, parallelMatmul } from '#src/parallel.js';
import { gpuSuite } from './device.js';
import { integers } from './reference.js';
import { rejection } from './watch.js';

const onGpu = await gpuSuite('parallelMatmul on the GPU');

const make = (shape: number[], seed: number, dtype: 'f32' | 'f64' = 'f32') =>
  tensor(
    integers(
      shape.reduce((x, y) => x * y, 1),
      seed,
    ),
    { shape, dtype },
  );

async function same(a: Tensor, b: Tensor, device: 'auto' | 'cpu' | 'gpu') {
  const got = await parallelMatmul(a, b, { device });
  const wanted = matmul(a, b);
  assert.equal(got.shape, wanted.shape);
  assert.equal([...got.data()], [...wanted.data()]);
  const report = deviceOf(got);
  for (const x of [got, wanted]) x.dispose();
  if (!report) throw new Error('deviceOf knows nothing of a result');
  return report;
}

test('cpu runs WASM and says so', async () => {
  const [a, b] = [make([7, 5], 1, 'f64'), make([5, 6], 2, 'f64')];
  assert.equal(await same(a, b, 'cpu'), { device: 'cpu', backend: 'wasm', reason: 'asked for' });
  assert.is(deviceOf(a), undefined);
  for (const x of [a, b]) x.dispose();
});

test('auto keeps f64 and small products on the CPU, without looking for a GPU', async () => {
  const [a, b] = [make([200, 200], 1, 'f64'), make([8, 8], 2)];
  assert.match((await same(a, a, 'auto')).reason, /f64 operands/);
  const report = await same(b, b, 'auto');
  assert.is(report.device, 'cpu');
  assert.match(report.reason, /too small/);
  for (const x of [a, b]) x.dispose();
});

test('what cannot be multiplied rejects', async () => {
  const [a, b] = [make([4, 5], 1), make([4, 5], 2, 'f64')];
  assert.instance(await rejection(parallelMatmul(a, a)), ShapeError);
  assert.instance(await rejection(parallelMatmul(b, b, { device: 'gpu' })), DTypeError);
  const error = await rejection(parallelMatmul(a, a, { device: 'tpu' as never }));
  assert.instance(error, ArgumentError);
  assert.match(error.message, /'auto', 'cpu' or 'gpu', got "tpu"/);
  for (const x of [a, b]) x.dispose();
});

onGpu('gpu runs there and says where', async () => {
  for (const [left, right] of [
    [
      [17, 23],
      [23, 9],
    ],
    [
      [3, 1, 5, 6],
      [2, 6, 7],
    ],
    [[6], [6]],
    [[4, 6], [6]],
  ]) {
    const [a, b] = [make(left, 3), make(right, 4)];
    const report = await same(a, b, 'gpu');
    assert.is(report.device, 'gpu');
    assert.is(report.backend, 'webgpu');
    assert.type(report.adapter, 'string');
    for (const x of [a, b]) x.dispose();
  }
  assert.equal(gpu.memory(), { tensors: 0, bytes: 0 });
});

onGpu('auto leaves a software adapter alone', async () => {
  const { software, adapter } = await gpu.init();
  const a = zeros([200, 200], { dtype: 'f32' });
  const report = await same(a, a, 'auto');
  if (software) {
    assert.is(report.device, 'cpu');
    assert.ok(report.reason.includes(adapter));
  } else assert.match(report.reason, /predicted/);
  a.dispose();
});

test.run();
onGpu.run();
