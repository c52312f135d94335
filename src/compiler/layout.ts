// Layout: the kernel groups of a graph in order, and the offsets of values and scratch in one slab. Nothing is
// allocated.
import { type BufferPlan, planBuffers } from './buffers.js';
import type { Graph } from './graph.js';
import { assignOffsets, liveBytes } from './offsets.js';
import { type KernelGroup, schedule } from './schedule.js';
import { markViews } from './views.js';

/** What the groups of a graph need on a device besides their operands. */
export interface Workspaces {
  /** Bytes of scratch per group; its contents are lost between groups. */
  readonly scratch: readonly number[];
  /** Bytes that all groups share and that keep their contents, such as descriptors. */
  readonly shared: number;
}

/** What a layout needs to know about a device. */
export interface LayoutTarget {
  /** Every buffer begins at a multiple of this, in bytes. */
  readonly alignment: number;
  workspaces(graph: Graph, groups: readonly KernelGroup[]): Workspaces;
}

/** One graph, what runs in which order, and its memory as offsets. */
export interface Layout {
  readonly graph: Graph;
  readonly groups: readonly KernelGroup[];
  readonly buffers: BufferPlan;
  /** Bytes shared by the groups; the offsets of buffers count from the end of these. */
  readonly sharedBytes: number;
  /** The most bytes that values and scratch take at any time. */
  readonly liveBytes: number;
  /** The bytes of the slab that holds everything. */
  readonly slabBytes: number;
}

/** Plans a simplified graph, whose views are marked on the way. */
export function layoutOf(graph: Graph, target: LayoutTarget): Layout {
  markViews(graph);
  const groups = schedule(graph);
  const { scratch, shared } = target.workspaces(graph, groups);
  const buffers = planBuffers(graph, groups, scratch, target.alignment);
  const sharedBytes = Math.ceil(shared / target.alignment) * target.alignment;
  const bytes = assignOffsets(buffers.all);
  return {
    graph,
    groups,
    buffers,
    sharedBytes,
    liveBytes: liveBytes(buffers.all),
    slabBytes: sharedBytes + bytes,
  };
}
