// The most that an adapter does: multiply-adds in registers with nothing read from memory, and a copy of what no cache holds.

import { dispatchOf } from '#src/gpu/calibration/meters.js';
import { Stopwatch } from '#src/gpu/calibration/stopwatch.js';
import { findAdapter } from '#src/gpu/webgpu-adapter.js';
import { USAGE } from '#src/gpu/webgpu-usage.js';

/** What an adapter reaches at most, as measured. */
export interface GpuPeak {
  readonly gflops: number;
  readonly gbytesPerSecond: number;
  /** Timed by the adapter's own timestamps, or until it said that it was done. */
  readonly clock: 'timestamps' | 'sync';
}

const THREADS = 256;

/** Steps of every chain in a round of the loop, so that counting rounds does not count. */
const STEPS = 8;

/** Chains of `count` vectors, `rounds` times eight steps each; the operands come from memory once, so that no compiler knows them. */
function chainsSource(count: number, rounds: number): string {
  const all = Array.from({ length: count }, (_, i) => i);
  const step = all.map((i) => `    c${i} = fma(c${i}, m, a);`).join('\n');
  return `@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let m = x[0];
  let a = x[1];
${all.map((i) => `  var c${i} = x[${2 + i}];`).join('\n')}
  for (var k = 0u; k < ${rounds}u; k++) {
${Array.from({ length: STEPS }, () => step).join('\n')}
  }
  // No thread does this, which no compiler knows.
  let sum = ${all.map((i) => `c${i}`).join(' + ')};
  if (sum.x == 12345.0) { x[id.x] = sum; }
}`;
}

const COPY = `@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> result: array<vec4<f32>>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.y * groups.x * ${THREADS}u + id.x;
  result[i] = source[i];
}`;

/** The peak of the adapter, on a device of its own. */
export async function measurePeak(software: boolean): Promise<GpuPeak> {
  const found = await findAdapter();
  if ('reason' in found) throw new Error(found.reason);
  const { maxBufferSize, maxStorageBufferBindingSize } = found.adapter.limits;
  const device = await found.adapter.requestDevice({
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    requiredFeatures: found.adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
  });
  try {
    return await gpuPeak(device, software);
  } finally {
    device.destroy();
  }
}

/** Measures a device; `software`: one that runs on the CPU, which gets less to do. */
export async function gpuPeak(device: GPUDevice, software: boolean): Promise<GpuPeak> {
  const stopwatch = await Stopwatch.on(device);
  try {
    /** The least time of several, each of a pass of its own. */
    const least = async (dispatches: Parameters<Stopwatch['time']>[0]) => {
      let ms = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 7; run++) ms = Math.min(ms, await stopwatch.time(dispatches, { rounds: 1 }));
      return ms;
    };
    let gflops = 0;
    const groups = software ? 8 : 4096;
    const rounds = software ? 32 : 128;
    const numbers = device.createBuffer({
      size: 16 * THREADS,
      usage: USAGE.storage,
      mappedAtCreation: true,
    });
    new Float32Array(numbers.getMappedRange()).fill(0.5);
    numbers.unmap();
    for (const count of [4, 8, 16]) {
      const chains = dispatchOf(device, chainsSource(count, rounds), [numbers], [groups, 1, 1]);
      const flops = 2 * 4 * count * STEPS * rounds * THREADS * groups;
      gflops = Math.max(gflops, flops / (await least([chains])) / 1e6);
    }
    numbers.destroy();

    // 32 MiB, or 512 MiB, or as much as a buffer may hold.
    const most = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    const size = 2 ** Math.floor(Math.log2(Math.min(most, software ? 2 ** 25 : 2 ** 29)));
    const [from, to] = [0, 1].map(() => device.createBuffer({ size, usage: USAGE.storage }));
    const workgroups = size / 16 / THREADS;
    const across = Math.min(workgroups, 2 ** 15);
    const copy = dispatchOf(device, COPY, [from, to], [across, workgroups / across, 1]);
    const ms = await least([copy]);
    for (const buffer of [from, to]) buffer.destroy();
    return { gflops, gbytesPerSecond: (2 * size) / ms / 1e6, clock: stopwatch.clock };
  } finally {
    stopwatch.destroy();
  }
}
