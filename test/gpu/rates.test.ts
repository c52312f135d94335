// Times predicted from rates: by hand, between sizes and beyond them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cpuElementwiseMs,
  cpuProductMs,
  DEFAULT_RATES,
  downloadMs,
  gpuElementwiseMs,
  gpuProductMs,
  type Rates,
  SOFTWARE_RATES,
  uploadMs,
} from '#src/gpu/rates.js';

const rates: Rates = {
  gpu: {
    submissionMs: 0.5,
    dispatchMs: 0.25,
    upload: { latencyMs: 1, bytesPerMs: 100 },
    download: { latencyMs: 2, bytesPerMs: 50 },
    products: [
      { n: 8, flopsPerMs: 1000 },
      { n: 32, flopsPerMs: 4000 },
    ],
    elementwiseBytesPerMs: 1e4,
  },
  cpu: {
    threads: 2,
    f32: { one: [{ n: 10, flopsPerMs: 100 }], all: [{ n: 10, flopsPerMs: 200 }] },
    f64: { one: [{ n: 10, flopsPerMs: 50 }], all: [{ n: 10, flopsPerMs: 80 }] },
    elementwiseBytesPerMs: 100,
  },
};

const near = (got: number, wanted: number) =>
  assert.ok(Math.abs(got - wanted) <= 1e-12 * wanted, `${got}, not ${wanted}`);

test('transfers and elementwise kernels: a latency and a rate', () => {
  near(uploadMs(rates, 300), 4);
  near(downloadMs(rates, 300), 8);
  near(gpuElementwiseMs(rates, 30000), 3.25);
  near(cpuElementwiseMs(rates, 300), 3);
});

test('products: time is a line between the sizes measured, and in proportion beyond them', () => {
  const cube = (n: number) => gpuProductMs(rates, { m: n, n, k: n }) - 0.25;
  near(cube(8), (2 * 8 ** 3) / 1000);
  near(cube(32), (2 * 32 ** 3) / 4000);
  near(cube(4), (2 * 4 ** 3) / 1000);
  near(cube(64), (2 * 64 ** 3) / 4000);
  const [low, high] = [1.024, 16.384];
  near(cube(16), low + ((16 ** 3 - 8 ** 3) / (32 ** 3 - 8 ** 3)) * (high - low));
});

test('a batch is one product on the GPU, and one by one on the CPU', () => {
  near(gpuProductMs(rates, { batches: 8, m: 16, n: 8, k: 4 }), gpuProductMs(rates, { m: 16, n: 16, k: 16 }));
  const cube = { m: 100, n: 100, k: 100 };
  near(cpuProductMs(rates, cube), 2e6 / 200);
  near(cpuProductMs(rates, { ...cube, batches: 3 }), 6e6 / 200);
  near(cpuProductMs(rates, cube, 'f32', 1), 2e6 / 100);
  const wide = { ...rates, cpu: { ...rates.cpu, threads: 5 } };
  near(cpuProductMs(wide, cube, 'f32', 3), 2e6 / 150);
  near(cpuProductMs(wide, cube, 'f32', 9), 2e6 / 200);
  near(cpuProductMs(rates, cube, 'f64'), 2e6 / 80);
});

test('with a vector memory is the limit', () => {
  const slow = { ...rates, gpu: { ...rates.gpu, elementwiseBytesPerMs: 1000 } };
  near(gpuProductMs(slow, { m: 1000, n: 1, k: 1000 }), 0.25 + (4 * 1002000) / 1000);
  near(cpuProductMs(rates, { m: 100, n: 1, k: 100 }, 'f64'), (8 * 10200) / 100);
});

test('constants: a far GPU loses small products and wins large ones, software loses all', () => {
  const trip = (r: Rates, n: number) =>
    uploadMs(r, 8 * n * n) + gpuProductMs(r, { m: n, n, k: n }) + downloadMs(r, 4 * n * n);
  const isFaster = (r: Rates, n: number) => trip(r, n) < cpuProductMs(r, { m: n, n, k: n });
  assert.equal(
    [64, 256, 1024, 4096].map((n) => isFaster(DEFAULT_RATES, n)),
    [false, false, true, true],
  );
  assert.equal(
    [64, 256, 1024, 4096].map((n) => isFaster(SOFTWARE_RATES, n)),
    [false, false, false, false],
  );
});

test.run();
