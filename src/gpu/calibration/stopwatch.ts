// Times kernels of a WebGPU device: many dispatches in one pass, by the device's own timestamps where it has them. Those come in steps, of 65,536 ns in
// some places, and a browser rounds them: so a pass is made long enough for a step not to matter.

import { type Dispatch, record } from '../webgpu-products.js';
import { MAP_READ, USAGE } from '../webgpu-usage.js';
import { LEAST_MS, median, medianMs, repeats } from './clock.js';

const TRIVIAL = `@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@compute @workgroup_size(1) fn main() { x[0] = 1u; }`;

export interface TimingOptions {
  /** Milliseconds that a pass takes at least. Default 10. */
  readonly leastMs?: number;
  /** Passes whose median counts. Default 5. */
  readonly rounds?: number;
}

export class Stopwatch {
  readonly #device: GPUDevice;
  readonly #trivial: readonly Dispatch[];
  readonly #buffers: GPUBuffer[] = [];
  #queries: GPUQuerySet | undefined;
  /** Milliseconds of a submission of next to nothing, until its end is known. */
  submissionMs = 0;

  private constructor(device: GPUDevice) {
    this.#device = device;
    const module = device.createShaderModule({ code: TRIVIAL });
    const pipeline = device.createComputePipeline({
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    const buffer = this.#buffer(4, USAGE.storage);
    const bindGroup = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: { buffer } }],
    });
    this.#trivial = [{ pipeline, bindGroup, grid: [1, 1, 1] }];
    if (device.features.has('timestamp-query'))
      this.#queries = device.createQuerySet({ type: 'timestamp', count: 2 });
  }

  /** A stopwatch that knows what a submission takes; `destroy` gives back what it holds. */
  static async on(device: GPUDevice): Promise<Stopwatch> {
    const stopwatch = new Stopwatch(device);
    stopwatch.submissionMs = await medianMs(15, () => stopwatch.#submit(stopwatch.#trivial, 1, false));
    return stopwatch;
  }

  /** How kernels are timed. */
  get clock(): 'timestamps' | 'sync' {
    return this.#queries ? 'timestamps' : 'sync';
  }

  /** Milliseconds of a dispatch that does next to nothing, among many. */
  dispatchMs(options?: TimingOptions): Promise<number> {
    return this.time(this.#trivial, options);
  }

  /** Milliseconds of these dispatches together, run one after the other: the median of passes that repeat them. */
  async time(
    dispatches: readonly Dispatch[],
    { leastMs = 10, rounds = 5 }: TimingOptions = {},
  ): Promise<number> {
    await this.#submit(dispatches, 1, false); // compiles, and wakes the device
    let count = 1;
    let once = await this.#passMs(dispatches, count);
    // What takes next to nothing is tried many times before its time is known.
    if (once < leastMs / 32) {
      count = 32;
      once = (await this.#passMs(dispatches, count)) / count;
    }
    count = repeats(once, leastMs);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await this.#passMs(dispatches, count));
    return Math.max(median(times) / count, LEAST_MS);
  }

  /** Milliseconds of one pass. */
  async #passMs(dispatches: readonly Dispatch[], count: number): Promise<number> {
    const { wall, ticks } = await this.#submit(dispatches, count, this.#queries !== undefined);
    if (ticks !== undefined && ticks > 0 && ticks <= 1.05 * wall) return ticks;
    // Timestamps that stand still, or run faster than the clock on the wall, are no clock.
    if (ticks !== undefined && (ticks > 1.05 * wall || wall > 20 * this.submissionMs))
      this.#queries = undefined;
    return Math.max(wall - this.submissionMs, LEAST_MS);
  }

  async #submit(dispatches: readonly Dispatch[], count: number, stamped: boolean) {
    const device = this.#device;
    const encoder = device.createCommandEncoder();
    const querySet = stamped ? this.#queries : undefined;
    const pass = encoder.beginComputePass(
      querySet && {
        timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
      },
    );
    for (let i = 0; i < count; i++) record(pass, dispatches);
    pass.end();
    let staging: GPUBuffer | undefined;
    if (querySet) {
      const stamps = device.createBuffer({ size: 16, usage: USAGE.queryResolve | USAGE.copySource });
      staging = device.createBuffer({ size: 16, usage: USAGE.mapRead | USAGE.copyTarget });
      encoder.resolveQuerySet(querySet, 0, 2, stamps, 0);
      encoder.copyBufferToBuffer(stamps, 0, staging, 0, 16);
      this.#buffers.push(stamps);
    }
    const commands = encoder.finish();
    const start = performance.now();
    device.queue.submit([commands]);
    await device.queue.onSubmittedWorkDone();
    const wall = performance.now() - start;
    if (!staging) return { wall };
    await staging.mapAsync(MAP_READ);
    const [from, to] = new BigUint64Array(staging.getMappedRange());
    staging.destroy();
    this.#buffers.pop()?.destroy();
    return { wall, ticks: Number(to - from) / 1e6 };
  }

  #buffer(size: number, usage: number): GPUBuffer {
    const buffer = this.#device.createBuffer({ size, usage });
    this.#buffers.push(buffer);
    return buffer;
  }

  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#queries?.destroy();
  }
}
