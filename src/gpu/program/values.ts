// The values of a program that lie on the GPU: slabs for what it computes, buffers for arguments, constants and results.
import { byteLength } from '../../compiler/buffers.js';
import type { Graph } from '../../compiler/graph.js';
import type { GraphNode } from '../../compiler/node.js';
import { offsetInRoot, rootOf } from '../../compiler/views.js';
import { DeviceError } from '../../core/errors.js';
import type { WebGpuAccess } from '../backend.js';
import { USAGE } from '../webgpu-usage.js';
import { Faults } from './faults.js';
import { type PlacedGroup, rootsRead } from './placement.js';
import type { FaultText, Scratch, Slot } from './shader.js';
import { type Place, planSlabs, type Tenant } from './slabs.js';

/** Where WebGPU lets a binding begin: a multiple of this everywhere, in bytes. */
export const ALIGNMENT = 256;

/** A part of a buffer. */
export interface Span {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

const isNode = (slot: Slot): slot is GraphNode => 'kind' in slot;

/** The value whose buffer a result has: what computes it, or the result itself, a copy, if nothing does. */
export function homeOf(output: GraphNode): GraphNode {
  const root = rootOf(output);
  return root.kind === 'operation' ? root : output;
}

/** Whether a result can be a tensor on the GPU that has memory. */
export function isOnGpu({ dtype, size }: GraphNode): boolean {
  return dtype !== 'f64' && size > 0;
}

export class GpuValues {
  readonly faults: Faults;
  /** Results on the GPU, without repetition. */
  readonly homes: ReadonlySet<GraphNode>;
  /** Arguments and constants that kernels read, or that are results. */
  readonly given: ReadonlySet<GraphNode>;
  readonly #gpu: WebGpuAccess;
  readonly #tenants = new Map<GraphNode | Scratch, Tenant>();
  readonly #places: ReadonlyMap<Tenant, Place>;
  readonly #slabs: readonly GPUBuffer[];
  readonly #made: GPUBuffer[] = [];
  /** Buffers of the program's own for arguments and constants. */
  readonly #copies = new Map<GraphNode, GPUBuffer>();
  readonly #words = new Map<Uint32Array, GPUBuffer>();
  /** Buffers of arguments in this run. */
  readonly arguments = new Map<GraphNode, GPUBuffer>();
  /** Buffers of results, by home; there are two sets if the results of one run are arguments of the next. */
  readonly #sets: Map<GraphNode, GPUBuffer>[] = [];
  #set = 0;

  constructor(gpu: WebGpuAccess, graph: Graph, groups: readonly PlacedGroup[]) {
    this.#gpu = gpu;
    const onGpu = groups.filter(({ runs }) => runs !== undefined);
    const outputs = graph.outputs.filter(isOnGpu);
    this.homes = new Set(outputs.map(homeOf));
    const isGiven = (root: GraphNode) => root.kind !== 'operation' && root.size > 0;
    this.given = new Set([...rootsRead(onGpu), ...outputs.map(rootOf)].filter(isGiven));
    const texts: FaultText[] = [];
    for (const { runs } of onGpu)
      for (const { slots } of runs?.dispatches ?? [])
        for (const slot of slots) if (slot !== undefined && 'fault' in slot) texts.push(slot.fault);
    this.#settle(groups);
    const { places, slabs } = planSlabs([...this.#tenants.values()], this.#pairs(groups), ALIGNMENT);
    this.#places = places;
    for (const bytes of slabs) this.#check(bytes, 'a slab of values');
    for (const node of [...this.given, ...this.homes])
      this.#check(byteLength(node), `a value of ${node.size} elements`);
    this.faults = new Faults(gpu.device, texts);
    this.#slabs = slabs.map((bytes) =>
      this.#buffer(bytes, USAGE.storage | USAGE.copySource | USAGE.copyTarget),
    );
  }

  /** What needs memory in slabs, and when. */
  #settle(groups: readonly PlacedGroup[]): void {
    const start = new Map<GraphNode, number>();
    const end = new Map<GraphNode, number>();
    const isHere = new Set<GraphNode>();
    groups.forEach(({ group, runs }, t) => {
      for (const root of group.written.map(rootOf)) {
        if (!start.has(root)) start.set(root, t);
        end.set(root, t);
      }
      for (const root of [...group.read, ...group.written].map(rootOf)) {
        end.set(root, t);
        if (runs !== undefined) isHere.add(root);
      }
      for (const { slots } of runs?.dispatches ?? [])
        for (const slot of slots)
          if (slot !== undefined && !isNode(slot) && 'offset' in slot && !this.#tenants.has(slot))
            this.#tenants.set(slot, { bytes: slot.bytes, start: t, end: t });
    });
    for (const root of isHere)
      if (root.kind === 'operation' && !this.homes.has(root) && root.size > 0)
        this.#tenants.set(root, {
          bytes: byteLength(root),
          start: start.get(root) as number,
          end: end.get(root) as number,
        });
  }

  /** What one kernel reads and writes. */
  #pairs(groups: readonly PlacedGroup[]): (readonly [Tenant, Tenant])[] {
    const pairs: (readonly [Tenant, Tenant])[] = [];
    const tenantOf = (slot: Slot | undefined) =>
      slot && this.#tenants.get(isNode(slot) ? rootOf(slot) : (slot as Scratch));
    for (const { runs } of groups)
      for (const { slots, writes } of runs?.dispatches ?? []) {
        const tenants = slots.map(tenantOf);
        for (const i of writes)
          tenants.forEach((tenant, j) => {
            const written = tenants[i];
            if (written !== undefined && tenant !== undefined && !writes.includes(j))
              pairs.push([written, tenant]);
          });
      }
    return pairs;
  }

  #check(bytes: number, what: string): void {
    if (bytes > this.#gpu.maximumBytes) {
      throw new DeviceError(
        `compile: ${what} needs a buffer of ${bytes} bytes, this GPU allows ${this.#gpu.maximumBytes}`,
      );
    }
  }

  #buffer(bytes: number, usage: number): GPUBuffer {
    // Copies move whole words.
    const buffer = this.#gpu.device.createBuffer({ size: Math.max(4, 4 * Math.ceil(bytes / 4)), usage });
    this.#made.push(buffer);
    return buffer;
  }

  /** Bytes on the GPU. */
  get bytes(): number {
    return this.#made.reduce((sum, { size }) => sum + size, this.faults.bytes);
  }

  /** The program's own buffer for an argument or a constant. */
  copyOf(node: GraphNode): GPUBuffer {
    let buffer = this.#copies.get(node);
    if (buffer === undefined) {
      buffer = this.#buffer(byteLength(node), USAGE.storage | USAGE.copySource | USAGE.copyTarget);
      this.#copies.set(node, buffer);
    }
    return buffer;
  }

  #wordsOf(words: Uint32Array<ArrayBuffer>): GPUBuffer {
    let buffer = this.#words.get(words);
    if (buffer === undefined) {
      buffer = this.#buffer(words.byteLength, USAGE.uniform | USAGE.storage | USAGE.copyTarget);
      this.#gpu.device.queue.writeBuffer(buffer, 0, words);
      this.#words.set(words, buffer);
    }
    return buffer;
  }

  /** The number of the set that this run writes. */
  get set(): number {
    return this.#set;
  }

  /** Chooses a set that has none of these buffers; the other one is made when it is first needed. */
  choose(taken: ReadonlySet<GPUBuffer>): void {
    const isTaken = [...(this.#sets[this.#set]?.values() ?? [])].some((buffer) => taken.has(buffer));
    if (isTaken) this.#set = 1 - this.#set;
    if (this.#sets[this.#set] !== undefined) return;
    const usage = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
    this.#sets[this.#set] = new Map(
      [...this.homes].map((home) => [home, this.#buffer(byteLength(home), usage)]),
    );
  }

  /** The buffer of a result in this run. */
  resultOf(home: GraphNode): GPUBuffer {
    return this.#sets[this.#set].get(home) as GPUBuffer;
  }

  /** Whether a buffer is one of the set that this run writes. */
  isWritten(buffer: GPUBuffer): boolean {
    return [...(this.#sets[this.#set]?.values() ?? [])].includes(buffer);
  }

  /** Whether a slot lies in the same place in every run: not arguments, and not results. */
  isFixed(slot: Slot): boolean {
    if (!isNode(slot)) return true;
    const root = rootOf(slot);
    return root.kind !== 'input' && !this.homes.has(root);
  }

  /** Where a slot lies in this run. */
  spanOf(slot: Slot): Span {
    if ('words' in slot) return { buffer: this.#wordsOf(slot.words), offset: 0, size: slot.words.byteLength };
    if (!isNode(slot))
      return 'fault' in slot ? this.faults.spanOf(slot.fault) : this.#inSlab(slot, slot.bytes);
    const root = rootOf(slot);
    const [offset, size] = [offsetInRoot(slot), byteLength(slot)];
    if (root.kind !== 'operation') {
      const buffer = this.arguments.get(root) ?? this.copyOf(root);
      return { buffer, offset, size };
    }
    if (this.homes.has(root)) return { buffer: this.resultOf(root), offset, size };
    const span = this.#inSlab(root, size);
    return { ...span, offset: span.offset + offset };
  }

  #inSlab(key: GraphNode | Scratch, size: number): Span {
    const { slab, offset } = this.#places.get(this.#tenants.get(key) as Tenant) as Place;
    return { buffer: this.#slabs[slab], offset, size };
  }

  dispose(): void {
    this.faults.dispose();
    for (const buffer of this.#made) buffer.destroy();
  }
}
