// Workspaces of plans: first count the scratch and descriptors that operations need, then hand out addresses.
import { runtime } from '../core/runtime.js';
import type { Layout } from '../core/shape.js';
import { descriptorWords, type Kept, type Workspace, writeDescriptor } from '../ops/workspace.js';
import { aligned, LINE } from './offsets.js';

/** A key that is equal for equal layouts. */
function keyOf({ extents, strides }: Layout): string {
  return `${extents};${strides.join(';')}`;
}

/** Counts what operations need, before there is memory. */
export class WorkspaceQuery implements Workspace {
  /** Bytes of scratch. */
  bytes = 0;
  /** Words of descriptors; equal layouts share one, because nothing in it lasts from run to run. */
  words = 0;
  readonly #known = new Set<string>();
  readonly #kept: Kept[] = [];

  scratch(bytes: number): number {
    this.bytes += aligned(bytes);
    return LINE;
  }

  descriptor(layout: Layout): number {
    const key = keyOf(layout);
    if (!this.#known.has(key)) {
      this.#known.add(key);
      this.words += descriptorWords(layout);
    }
    return LINE;
  }

  persistent(bytes: number): number {
    this.words = aligned(4 * this.words) / 4 + aligned(bytes) / 4;
    return LINE;
  }

  keep(made: Kept): void {
    this.#kept.push(made);
  }

  /** Frees what was made in order to count. */
  dispose(): void {
    for (const made of this.#kept.splice(0)) made.dispose();
  }
}

/** Hands out the counted memory: descriptors from an address on. */
export class PlannedWorkspace implements Workspace {
  #scratch = 0;
  #next: number;
  readonly #kept: Kept[] = [];
  readonly #known = new Map<string, number>();

  constructor(descriptors: number) {
    this.#next = descriptors;
  }

  /** The scratch of the group that is being prepared. */
  begin(scratch: number): void {
    this.#scratch = scratch;
  }

  scratch(bytes: number): number {
    const at = this.#scratch;
    this.#scratch += aligned(bytes);
    return at;
  }

  descriptor(layout: Layout): number {
    const key = keyOf(layout);
    let at = this.#known.get(key);
    if (at === undefined) {
      at = this.#next;
      const words = descriptorWords(layout);
      writeDescriptor(new Int32Array(runtime().memory.buffer, at, words), 0, layout);
      this.#next += 4 * words;
      this.#known.set(key, at);
    }
    return at;
  }

  persistent(bytes: number): number {
    const at = aligned(this.#next);
    this.#next = at + aligned(bytes);
    return at;
  }

  keep(made: Kept): void {
    this.#kept.push(made);
  }

  /** Bytes of the kept objects. */
  get bytes(): number {
    return this.#kept.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Frees the objects of prepared operations. */
  dispose(): void {
    for (const made of this.#kept.splice(0)) made.dispose();
  }
}
