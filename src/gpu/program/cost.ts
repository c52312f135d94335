// What a program is predicted to take, unit by unit, from the rates of the devices.
import { byteLength } from '../../compiler/buffers.js';
import type { Graph } from '../../compiler/graph.js';
import type { Call, GraphNode } from '../../compiler/node.js';
import type { KernelGroup } from '../../compiler/schedule.js';
import { sizeOf } from '../../core/shape.js';
import {
  cpuElementwiseMs,
  cpuProductMs,
  downloadMs,
  gpuElementwiseMs,
  gpuProductMs,
  type ProductSize,
  type Rates,
  uploadMs,
} from '../rates.js';
import { type PlacedGroup, rootsRead, rootsWritten, type Unit, unitsOf } from './placement.js';

/** A unit with what it moves and takes. */
export interface UnitCost extends Unit {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly predictedMs: number;
}

/** The extents of rows that are products, or do the work of one. */
function productOf({ op, inputs, outputs: [out], params }: Call): ProductSize | undefined {
  const [a, b] = inputs;
  if (op.name === 'matmul') {
    const k = (params as { transposeA?: boolean }).transposeA ? (a.shape.at(-2) ?? 1) : (a.shape.at(-1) ?? 1);
    const n = b.shape.length > 1 ? (out.shape.at(-1) ?? 1) : 1;
    const m = a.shape.length > 1 ? (out.shape.at(b.shape.length > 1 ? -2 : -1) ?? 1) : 1;
    return { batches: out.size / (m * n), m, n, k };
  }
  if (op.name === 'convolve' || op.name === 'convolveInput' || op.name === 'convolveWeight') {
    const g = params as { kernel: readonly number[]; output: readonly number[] };
    const [images, channels, outs] =
      op.name === 'convolve'
        ? [a.shape[0], a.shape[1], b.shape[0]]
        : op.name === 'convolveInput'
          ? [a.shape[0], b.shape[1], b.shape[0]]
          : [a.shape[0], b.shape[1], a.shape[1]];
    return { m: outs, n: images * sizeOf(g.output), k: channels * sizeOf(g.kernel) };
  }
  return undefined;
}

/** Bytes that a group reads and writes. */
function touched({ read, written }: KernelGroup): number {
  return [...read, ...written].reduce((sum, node) => sum + byteLength(node), 0);
}

/** Milliseconds of a group on the CPU: each fused operation goes over its operands in the inner cache, which takes about as long again. */
function cpuMs(group: KernelGroup, rates: Rates): number {
  const [call] = group.steps;
  const product = group.steps.length === 1 ? productOf(call) : undefined;
  const dtype = call.outputs[0].dtype === 'f64' ? 'f64' : 'f32';
  if (product !== undefined) return cpuProductMs(rates, product, dtype);
  return cpuElementwiseMs(rates, touched(group)) * Math.max(1, group.steps.length / 2);
}

function gpuMs({ group, runs }: PlacedGroup, rates: Rates): number {
  const product = group.steps.length === 1 ? productOf(group.steps[0]) : undefined;
  const extra = ((runs?.dispatches.length ?? 1) - 1) * gpuElementwiseMs(rates, 0);
  return extra + (product ? gpuProductMs(rates, product) : gpuElementwiseMs(rates, touched(group)));
}

/**
 * The units of a placed program.
 * @param isRemote whether an argument is on the GPU.
 * @param download whether results are read.
 */
export function costs(
  graph: Graph,
  groups: readonly PlacedGroup[],
  rates: Rates,
  { isRemote, download }: { isRemote(argument: GraphNode): boolean; download: boolean },
): UnitCost[] {
  const there = { cpu: new Set<GraphNode>(), gpu: new Set<GraphNode>() };
  for (const node of graph.nodes) {
    if (node.kind === 'operation') continue;
    there[node.kind === 'input' && isRemote(node) ? 'gpu' : 'cpu'].add(node);
    if (node.known !== undefined) there.gpu.add(node);
  }
  const units = unitsOf(groups);
  const sum = (nodes: readonly GraphNode[]) => nodes.reduce((total, node) => total + byteLength(node), 0);
  return units.map((unit, i) => {
    const own = groups.slice(unit.from, unit.to);
    const here = there[unit.device];
    const made = rootsWritten(own);
    const moved = [...rootsRead(own)].filter((root) => !here.has(root) && !made.has(root));
    for (const root of [...moved, ...made]) here.add(root);
    const bytesIn = sum(moved);
    const isLast = i === units.length - 1;
    const results = graph.outputs.filter((node) => node.dtype !== 'f64');
    const isOut = isLast && (unit.device === 'gpu') === download;
    const bytesOut = isOut ? sum(results) : 0;
    let predictedMs = 0;
    if (unit.device === 'gpu') {
      predictedMs += rates.gpu.submissionMs + (bytesIn > 0 ? uploadMs(rates, bytesIn) : 0);
      for (const group of own) predictedMs += gpuMs(group, rates);
      if (bytesOut > 0) predictedMs += downloadMs(rates, bytesOut);
    } else {
      if (bytesIn > 0) predictedMs += downloadMs(rates, bytesIn);
      for (const { group } of own) predictedMs += cpuMs(group, rates);
      if (bytesOut > 0) predictedMs += uploadMs(rates, bytesOut);
    }
    return { ...unit, bytesIn, bytesOut, predictedMs };
  });
}
