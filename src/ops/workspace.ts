// Workspace: scratch memory and descriptors of index spaces for the run of an operation.
import { allocateBytes, type Runtime, releaseBytes, runtime } from '../core/runtime.js';
import type { Owned } from '../core/scope-stack.js';
import type { Layout } from '../core/shape.js';

/** An object that a workspace keeps, and the bytes that it holds outside of the workspace. */
export interface Kept extends Owned {
  readonly bytes: number;
}

/** Passed to `prepare`. Addresses stay valid for as long as the function that `prepare` returned is used. */
export interface Workspace {
  /** The address of `bytes` bytes of scratch; their contents are lost between runs. */
  scratch(bytes: number): number;
  /** The address of the descriptor of `layout` (see assembly/array/descriptor.ts). */
  descriptor(layout: Layout): number;
  /** The address of `bytes` bytes that keep their contents between runs. */
  persistent(bytes: number): number;
  /** Frees this when the prepared function is no longer used. */
  keep(made: Kept): void;
}

/** Rows of strides in a descriptor: one per operand, as many as a kernel can take. */
const OPERANDS = 3;

/** Words of a descriptor: extents, strides, counters. */
export function descriptorWords({ extents }: Layout): number {
  return (2 + OPERANDS) * extents.length;
}

/** Writes a descriptor at word `at`. */
export function writeDescriptor(words: Int32Array, at: number, { extents, strides }: Layout): void {
  const n = extents.length;
  for (let i = 0; i < n; i++) words[at + i] = extents[i];
  for (let row = 0; row < strides.length; row++) {
    for (let i = 0; i < n; i++) words[at + (1 + row) * n + i] = strides[row][i];
  }
}

/** Words for the descriptors of running operations; one of 32 axes takes 160. */
const ARENA = 2048;

/** The workspace of eager runs: scratch from the heap until the run is over, descriptors from a small arena. */
class EagerWorkspace implements Workspace {
  #owner: Runtime | undefined;
  #arena = 0;
  #words = new Int32Array(0);
  #used = 0;
  /** The running operation, for the error when memory is exhausted. */
  #user = 'scratch';
  readonly #held: number[] = [];
  readonly #kept: Owned[] = [];

  scratch(bytes: number): number {
    const address = allocateBytes(bytes, this.#user);
    this.#held.push(address);
    return address;
  }

  descriptor(layout: Layout): number {
    const state = runtime();
    if (this.#owner !== state) {
      this.#arena = allocateBytes(4 * ARENA, 'describe');
      this.#owner = state;
    }
    if (this.#words.buffer !== state.memory.buffer)
      this.#words = new Int32Array(state.memory.buffer, this.#arena, ARENA);
    const [at, count] = [this.#used, descriptorWords(layout)];
    if (at + count > ARENA) {
      const address = this.scratch(4 * count);
      writeDescriptor(new Int32Array(state.memory.buffer, address, count), 0, layout);
      return address;
    }
    this.#used += count;
    writeDescriptor(this.#words, at, layout);
    return this.#arena + 4 * at;
  }

  persistent(bytes: number): number {
    return this.scratch(bytes);
  }

  keep(made: Kept): void {
    this.#kept.push(made);
  }

  /** Runs `work` of the operation `user`, then releases what it was given. */
  use(user: string, work: () => void): void {
    const held = this.#held.length;
    const used = this.#used;
    const kept = this.#kept.length;
    const around = this.#user;
    this.#user = user;
    try {
      work();
    } finally {
      while (this.#kept.length > kept) this.#kept.pop()?.dispose();
      while (this.#held.length > held) releaseBytes(this.#held.pop() as number);
      this.#used = used;
      this.#user = around;
    }
  }
}

export const eagerWorkspace = /* @__PURE__ */ new EagerWorkspace();
