// Memory that grows: what lies in it moves along.
import { isErrorNamed } from '../../core/kind.js';
import { runtime } from '../../core/runtime.js';
import { allocate, type Tensor } from '../../core/tensor.js';

/** Bytes of the scope that is open when they are asked for. */
export class Growing {
  readonly #name: string;
  #memory: Tensor;

  constructor(name: string, bytes: number) {
    this.#name = name;
    this.#memory = allocate([Math.ceil(bytes / 8)], 'f64', name);
  }

  /** Where they begin; `reserve` changes it. */
  get address(): number {
    return this.#memory.address;
  }

  /** Makes it at least so many bytes, twice as many as before if there is room for that. */
  reserve(bytes: number): void {
    const before = 8 * this.#memory.size;
    if (bytes <= before) return;
    const next = this.#larger(bytes, 2 * before);
    const { buffer } = runtime().memory;
    new Uint8Array(buffer, next.address, before).set(new Uint8Array(buffer, this.address, before));
    this.#memory.dispose();
    this.#memory = next;
  }

  #larger(needed: number, generous: number): Tensor {
    const words = (bytes: number) => [Math.ceil(bytes / 8)];
    if (generous > needed) {
      try {
        return allocate(words(generous), 'f64', this.#name);
      } catch (error) {
        if (!isErrorNamed(error, 'OutOfMemoryError')) throw error;
      }
    }
    return allocate(words(needed), 'f64', this.#name);
  }
}
