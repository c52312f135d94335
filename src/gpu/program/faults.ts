// Faults: indices out of range that kernels have found, which become errors when a result is read.
import { ArgumentError } from '../../core/errors.js';
import { USAGE } from '../webgpu-usage.js';
import type { FaultText } from './shader.js';

/** No fault. */
const NONE = 0xffffffff;

/** Bytes between checks: where WebGPU lets a binding begin. */
const APART = 256;

/** The checks of a program. */
export class Faults {
  readonly #device: GPUDevice;
  readonly #texts: readonly FaultText[];
  readonly #buffer: GPUBuffer | undefined;

  constructor(device: GPUDevice, texts: readonly FaultText[]) {
    this.#device = device;
    this.#texts = texts;
    if (texts.length === 0) return;
    this.#buffer = device.createBuffer({
      size: APART * texts.length,
      usage: USAGE.storage | USAGE.copySource | USAGE.copyTarget,
    });
    this.#clear();
  }

  get bytes(): number {
    return this.#buffer?.size ?? 0;
  }

  #clear(): void {
    const words = new Uint32Array((APART / 4) * this.#texts.length).fill(NONE);
    this.#device.queue.writeBuffer(this.#buffer as GPUBuffer, 0, words);
  }

  /** Where a check leaves what it has found. */
  spanOf(text: FaultText): { buffer: GPUBuffer; offset: number; size: number } {
    return { buffer: this.#buffer as GPUBuffer, offset: APART * this.#texts.indexOf(text), size: 4 };
  }

  /** Throws an ArgumentError for the first fault since the last time; there is none afterwards. */
  async check(): Promise<void> {
    const source = this.#buffer;
    if (source === undefined) return;
    const device = this.#device;
    const staging = device.createBuffer({ size: source.size, usage: USAGE.mapRead | USAGE.copyTarget });
    try {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_READ);
      const words = new Uint32Array(staging.getMappedRange());
      const at = this.#texts.findIndex((_, i) => words[(APART / 4) * i] !== NONE);
      if (at < 0) return;
      const position = words[(APART / 4) * at];
      this.#clear();
      throw new ArgumentError(this.#texts[at].text(position));
    } finally {
      staging.destroy();
    }
  }

  dispose(): void {
    this.#buffer?.destroy();
  }
}

// Fixed by the specification.
const MAP_READ = 0x0001;
