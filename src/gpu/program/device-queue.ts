// DeviceQueue: the commands of a program on their way to the GPU, and its transfers between the devices.
import { isBuiltIn } from '../../core/kind.js';
import { MAP_READ, USAGE } from '../webgpu-usage.js';
import type { Span } from './values.js';

export class DeviceQueue {
  readonly #device: GPUDevice;
  #encoder: GPUCommandEncoder | undefined;
  /** What is read passes through this buffer, which grows as it must. */
  #staging: GPUBuffer | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get bytes(): number {
    return this.#staging?.size ?? 0;
  }

  /** Begins a run; commands of one that failed are forgotten. */
  begin(): void {
    this.#encoder = undefined;
  }

  /** Where commands go until they are submitted. */
  get commands(): GPUCommandEncoder {
    this.#encoder ??= this.#device.createCommandEncoder();
    return this.#encoder;
  }

  submit(): void {
    if (this.#encoder === undefined) return;
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
  }

  /** Writes to a buffer, behind what has been submitted. */
  write(bytes: Uint8Array<ArrayBuffer>, to: GPUBuffer, offset = 0): void {
    // A queue does not read memory that threads share.
    const isShared = isBuiltIn(bytes.buffer, 'SharedArrayBuffer');
    this.#device.queue.writeBuffer(to, offset, isShared ? bytes.slice() : bytes);
  }

  /** Reads parts of buffers, behind all commands, and calls back with the bytes of each. */
  async read(spans: readonly Span[], take: (bytes: Uint8Array, i: number) => void): Promise<void> {
    const total = spans.reduce((sum, { size }) => sum + size, 0);
    if (this.bytes < total) {
      this.#staging?.destroy();
      this.#staging = this.#device.createBuffer({ size: total, usage: USAGE.mapRead | USAGE.copyTarget });
    }
    const staging = this.#staging as GPUBuffer;
    let at = 0;
    for (const { buffer, offset, size } of spans) {
      this.commands.copyBufferToBuffer(buffer, offset, staging, at, size);
      at += size;
    }
    this.submit();
    await staging.mapAsync(MAP_READ, 0, total);
    try {
      const bytes = new Uint8Array(staging.getMappedRange(0, total));
      at = 0;
      spans.forEach(({ size }, i) => {
        take(bytes.subarray(at, at + size), i);
        at += size;
      });
    } finally {
      staging.unmap();
    }
  }

  dispose(): void {
    this.#staging?.destroy();
  }
}
