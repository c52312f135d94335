// What the numbers are turned into: crossovers, ratios, verdicts against a baseline, and errors that show a wrong entry.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { productError, productTolerance, relativeError } from '../../bench/accuracy.js';
import { compareWithBaseline } from '../../bench/baseline.js';
import type { Case } from '../../bench/case.js';
import { crossover } from '../../bench/crossover.js';
import { comparisonFigure, ticksFor } from '../../bench/figure.js';
import type { Host } from '../../bench/host.js';
import { chains, cpuPeak } from '../../bench/peak.js';
import { drawSvg } from '../../bench/picture.js';
import type { Report } from '../../bench/report.js';
import { isRow, isUntimed, type Row } from '../../bench/row.js';
import { Runner } from '../../bench/runner.js';
import { compareRows } from '../../bench/series.js';
import { quantile, time } from '../../bench/timing.js';

const test = suite('analysis');
const points = (...ratios: number[]) => ratios.map((ratio, i) => ({ n: 64 * 2 ** i, ratio }));

test('a crossover lies where the interpolated ratio is 1', () => {
  assert.equal(crossover(points(0.5, 2)), { kind: 'at', n: 91, upTo: 128 });
  assert.equal(crossover(points(0.1, 1, 4)), { kind: 'at', n: 128, upTo: 256 });
  assert.equal(crossover(points(0.2, 0.5)), { kind: 'none', from: 64, upTo: 128 });
  assert.equal(crossover(points(2, 3)), { kind: 'always', from: 64, upTo: 128 });
  assert.equal(crossover(points(0.5, 2, 2, 0.5)), { kind: 'between', n: 91, end: 362, upTo: 512 });
  assert.is(crossover([]), undefined);
});

const row = (
  device: 'cpu' | 'gpu',
  threads: number,
  size: number,
  medianMs: number,
  more: Partial<Row> = {},
): Row => ({
  kernel: 'matmul',
  size,
  shape: [size, size, size],
  dtype: 'f32',
  device,
  threads,
  backend: device === 'cpu' ? 'wasm simd' : 'webgpu',
  samples: 5,
  medianMs,
  minMs: medianMs,
  lowMs: medianMs * 0.98,
  highMs: medianMs * 1.02,
  gflops: (2 * size ** 3) / medianMs / 1e6,
  error: 1e-7,
  ...more,
});

test('ratios divide by the CPU with all its threads', () => {
  const rows = [
    row('cpu', 1, 64, 8),
    row('cpu', 2, 64, 4),
    row('gpu', 1, 64, 1, { medianMsWithTransfer: 2 }),
  ];
  const { ratios } = compareRows(rows);
  assert.equal(
    ratios.map((r) => [r.role, r.points[0].ratio]),
    [
      ['threads', 2],
      ['gpu', 4],
      ['gpu with transfer', 2],
    ],
  );
});

test('crossovers by dtype and threads, and the kernel of gpu.js apart', () => {
  const at = (n: number) => [
    row('cpu', 1, n, n / 64),
    row('cpu', 2, n, n / 128),
    row('cpu', 1, n, n / 32, { dtype: 'f64' }),
    row('gpu', 1, n, 2, { medianMsWithTransfer: 4 }),
    row('gpu', 1, n, 5, { kernel: 'matmulPortable' }),
  ];
  const { crossovers, curves, ratios, roofs } = compareRows([64, 128, 256, 512].flatMap(at), {
    cpu: { f32: 50, f64: 25 },
    gpu: { gflops: 1000, gbytesPerSecond: 100, clock: 'sync' },
  });
  const found = crossovers.map(({ role, dtype, threads, crossover: c }) => [
    role,
    dtype,
    threads,
    c.kind === 'at' ? c.n : c.kind,
  ]);
  assert.equal(found, [
    ['gpu', 'f32', 1, 128],
    ['gpu with transfer', 'f32', 1, 256],
    ['gpu', 'f32', 2, 256],
    ['gpu with transfer', 'f32', 2, 512],
    ['gpu', 'f64', 1, 'always'],
    ['gpu with transfer', 'f64', 1, 128],
  ]);
  assert.equal(
    curves.map(({ role, points }) => [role, points.length]),
    [
      ['cpu one', 4],
      ['cpu all', 4],
      ['gpu', 4],
      ['gpu with transfer', 4],
      ['gpu portable', 4],
    ],
  );
  const [first] = curves[0].points;
  assert.ok(
    Math.abs(first.low * 1.02 - first.gflops) < 1e-9 && Math.abs(first.high * 0.98 - first.gflops) < 1e-9,
  );
  assert.is(ratios[1].points[0].ratio, 0.25);
  assert.equal(
    roofs.map(({ gflops }) => gflops),
    [50, 1000],
  );
});

test('the peak of a thread is no less than what a product does, in both dtypes', () => {
  const [f32, f64] = [cpuPeak('f32', 3), cpuPeak('f64', 3)];
  assert.ok(f32 > f64 && f64 > 0.5, `${f32}, ${f64}`);
  for (const dtype of ['f32', 'f64'] as const)
    for (const fused of [false, true]) {
      // 1 -> 1/2 + 2, eight times a round, towards 4; thirteen chains.
      let wanted = 1;
      for (let step = 0; step < 16; step++) wanted = wanted / 2 + 2;
      const got = chains(dtype, fused)?.(2, 1, 0.5, 2);
      if (got !== undefined) assert.ok(Math.abs(got - 13 * wanted) < 1e-4, `${dtype} ${fused}: ${got}`);
    }
  assert.type(chains('f32', false), 'function');
});

test('the picture draws in both themes without a screen, and marks the crossover', async () => {
  const rows = [64, 128, 256].flatMap((n) => [
    row('cpu', 1, n, n / 64),
    row('gpu', 1, n, 2, { medianMsWithTransfer: 3, gflopsWithTransfer: 1, adapter: 'a <GPU> & more' }),
  ]);
  for (const theme of ['light', 'dark'] as const) {
    const svg = await drawSvg(comparisonFigure(compareRows(rows), theme));
    assert.match(svg, /^<svg/);
    assert.match(svg, 'n ≈ 128');
    assert.not.match(svg, /NaN|undefined/);
  }
  const single = await drawSvg(comparisonFigure(compareRows([row('cpu', 1, 64, 1)]), 'light'));
  assert.not.match(single, 'NaN');
});

test('ticks of a logarithmic axis are round and inside the data', () => {
  assert.equal(ticksFor([1, 100]), [1, 2, 5, 10, 20, 50, 100]);
  assert.ok(ticksFor([40, 60]).length >= 1);
});

test('a baseline tells change from noise', () => {
  const before = { rows: [row('cpu', 1, 64, 10), row('cpu', 1, 128, 10), row('cpu', 1, 256, 10)] } as Report;
  const now = [row('cpu', 1, 64, 5), row('cpu', 1, 128, 20), row('cpu', 1, 256, 10.2), row('cpu', 1, 512, 1)];
  assert.equal(
    compareWithBaseline(now, before).map((change) => change.verdict),
    ['faster', 'slower', 'same', 'new'],
  );
});

test('one wrong entry shows, however large the product', () => {
  for (const n of [7, 64, 600]) {
    const a = Float64Array.from({ length: n * n }, (_, i) => Math.sin(i));
    const b = Float64Array.from({ length: n * n }, (_, i) => Math.cos(3 * i));
    const c = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let l = 0; l < n; l++) for (let j = 0; j < n; j++) c[i * n + j] += a[i * n + l] * b[l * n + j];
    }
    const product = { m: n, n, k: n, a, b, c };
    assert.ok(productError(product) <= productTolerance(n, 'f64'), `n = ${n}: ${productError(product)}`);
    for (const at of [0, n + 1, n * n - 1]) {
      const right = c[at];
      c[at] += 1;
      assert.ok(productError(product) > 100 * productTolerance(n, 'f32'), `n = ${n}, entry ${at}`);
      c[at] = Number.NaN;
      assert.is(productError(product), Number.POSITIVE_INFINITY);
      c[at] = right;
    }
  }
});

test('a missing number is an infinite error', () => {
  assert.is(relativeError([1], [1, 2]), Number.POSITIVE_INFINITY);
  assert.is(relativeError([1, Number.NaN], [1, 2]), Number.POSITIVE_INFINITY);
  assert.is(relativeError([0, 0], [0, 0]), 0);
});

test('a wrong result is a failed row and is never timed', async () => {
  let runs = 0;
  const wrong: Case = {
    kernel: 'wrong',
    about: '',
    dtypes: ['f64'],
    devices: ['cpu'],
    threaded: false,
    sizes: [4],
    shape: (n) => [n],
    flops: (n) => n,
    tolerance: () => 1e-9,
    setup: () => ({ run: () => runs++, error: () => 0.5, dispose() {} }),
  };
  const host = { threads: 1, cpuBackend: 'wasm simd', async useThreads() {} } as unknown as Host;
  const outcome = await new Runner(host).measure({
    case: wrong,
    n: 4,
    dtype: 'f64',
    device: 'cpu',
    threads: 1,
  });
  assert.ok(isUntimed(outcome) && outcome.status === 'failed');
  assert.match(outcome.reason, /wrong result: error 5\.0e-1/);
  assert.is(runs, 0);

  const broken = {
    ...wrong,
    setup: () => {
      throw new Error('no room');
    },
  } as Case;
  const second = await new Runner(host).measure({
    case: broken,
    n: 4,
    dtype: 'f64',
    device: 'cpu',
    threads: 1,
  });
  assert.ok(isUntimed(second) && second.reason === 'no room');

  const right = {
    ...wrong,
    setup: () => ({ run: () => Math.sqrt(2), error: () => 0, dispose() {} }),
  } as Case;
  const budget = { seconds: 0.1, rowSeconds: 1 };
  const third = await new Runner(host, budget).measure({
    case: right,
    n: 4,
    dtype: 'f64',
    device: 'cpu',
    threads: 1,
  });
  assert.ok(isRow(third) && third.medianMs > 0);
});

test('timing: quantiles, promises, and errors that stop the clock', async () => {
  assert.is(quantile([1, 2, 3, 4], 0.5), 2.5);
  assert.is(quantile([7], 0.25), 7);
  const slept = await time(() => new Promise((done) => setTimeout(done, 20)), {
    deferred: true,
    seconds: 0.1,
    minSamples: 2,
  });
  assert.ok(slept.medianMs > 15 && slept.samples >= 2, JSON.stringify(slept));
  for (const deferred of [true, false]) {
    const fail = () => {
      if (deferred) return Promise.reject(new Error('no'));
      throw new Error('no');
    };
    const reason = await time(fail, { deferred, seconds: 0.1 }).then(
      () => '',
      (error: Error) => error.message,
    );
    assert.is(reason, 'no');
  }
});

test.run();
