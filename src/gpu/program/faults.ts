// Faults: indices out of range that kernels have found, which become errors when a result is read.
import { ArgumentError } from '../../core/errors.js';
import { readBuffer } from '../read-buffer.js';
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
    const words = new Uint32Array(await readBuffer(this.#device, source));
    const at = this.#texts.findIndex((_, i) => words[(APART / 4) * i] !== NONE);
    if (at < 0) return;
    this.#clear();
    throw new ArgumentError(this.#texts[at].text(words[(APART / 4) * at]));
  }

  dispose(): void {
    this.#buffer?.destroy();
  }
}
