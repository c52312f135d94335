// The values of a program that lie on the CPU: what groups there read and write, and results that a GPU cannot have.
import { byteLength } from '../../compiler/buffers.js';
import { own, prepared, tensorsBy } from '../../compiler/cpu-executable.js';
import type { Graph } from '../../compiler/graph.js';
import type { GraphNode } from '../../compiler/node.js';
import { aligned } from '../../compiler/offsets.js';
import { type Location, PlanTensor, type Slab } from '../../compiler/plan-tensor.js';
import { offsetInRoot, rootOf } from '../../compiler/views.js';
import { PlannedWorkspace, WorkspaceQuery } from '../../compiler/workspaces.js';
import { runtime } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { ownedBy } from '../../ops/ownership.js';
import { type PlacedGroup, rootsRead, rootsWritten } from './placement.js';

export class HostValues {
  readonly #owner: Slab = { disposed: false };
  readonly #slab: Tensor | undefined;
  /** By root. */
  readonly #places = new Map<GraphNode, Location>();
  readonly #space: PlannedWorkspace;
  /** By position of the group; undefined on the GPU. */
  readonly steps: readonly ((() => void) | undefined)[];
  readonly #tensorOf: (node: GraphNode) => Tensor;

  /** `others`: values that have a place here although no group on the CPU uses them. */
  constructor(graph: Graph, groups: readonly PlacedGroup[], others: readonly GraphNode[]) {
    const here = groups.filter(({ runs }) => runs === undefined);
    const roots = [...new Set([...rootsRead(here), ...rootsWritten(here), ...others.map(rootOf)])];
    // Constants have their own memory. Arguments have a place for those that come from the GPU.
    const placed = roots.filter((root) => root.value === undefined);
    const nowhere: Location = { address: 64, owner: { disposed: false } };
    const query = new WorkspaceQuery();
    let scratch = 0;
    try {
      const tensorOf = tensorsBy(graph, (node) => new PlanTensor(node.shape, node.dtype, nowhere));
      ownedBy([], () => {
        for (const { group } of here) {
          const before = query.bytes;
          prepared(group, tensorOf, query);
          scratch = Math.max(scratch, query.bytes - before);
        }
      });
    } finally {
      query.dispose();
    }
    let bytes = aligned(4 * query.words) + aligned(scratch);
    const offsets = placed.map((root) => {
      const at = bytes;
      bytes += aligned(Math.max(1, byteLength(root)));
      return at;
    });
    this.#slab = bytes > 0 ? own([Math.ceil(bytes / 4)], 'i32') : undefined;
    const from = this.#slab?.address ?? 0;
    this.#owner.slab = this.#slab;
    for (const [i, root] of placed.entries())
      this.#places.set(root, { address: from + offsets[i], owner: this.#owner });
    this.#space = new PlannedWorkspace(from);
    this.#tensorOf = tensorsBy(graph, (node) => {
      const place = this.#places.get(rootOf(node)) ?? nowhere;
      return new PlanTensor(node.shape, node.dtype, place, offsetInRoot(node));
    });
    try {
      this.steps = ownedBy([], () =>
        groups.map(({ group, runs }) => {
          if (runs !== undefined) return undefined;
          this.#space.begin(from + aligned(4 * query.words));
          return prepared(group, this.#tensorOf, this.#space);
        }),
      );
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get bytes(): number {
    return (this.#slab?.storage.bytes ?? 0) + this.#space.bytes;
  }

  /** The tensor of a value. */
  tensor(node: GraphNode): Tensor {
    return this.#tensorOf(node);
  }

  /** Lets an argument lie where its tensor does. */
  place(root: GraphNode, address: number): void {
    const place = this.#places.get(root);
    if (place !== undefined) place.address = address;
  }

  /** The bytes of a value. */
  bytesOf(root: GraphNode): Uint8Array<ArrayBuffer> {
    const { address } = root.value ?? (this.#places.get(root) as Location);
    return heapBytes(address, byteLength(root));
  }

  dispose(): void {
    this.#owner.disposed = true;
    this.#slab?.dispose();
    this.#space.dispose();
  }
}

/** A view of the heap, good until memory grows. */
export function heapBytes(address: number, bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(runtime().memory.buffer as ArrayBuffer, address, bytes);
}
