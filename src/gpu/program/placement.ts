// Placement: which groups of a schedule run on the GPU, as which kernels, and where the program goes from one device to the other.
import type { GraphNode } from '../../compiler/node.js';
import type { KernelGroup } from '../../compiler/schedule.js';
import { rootOf } from '../../compiler/views.js';
import {
  arraysOf,
  type ElementwiseStep,
  elementwiseRuns,
  elementwiseSteps,
  expressionOfStep,
} from './elementwise.js';
import type { Runs } from './shader.js';
import type { Adapter } from './twin.js';
import { tableRows, twins } from './twins/index.js';

/** A group on the CPU, or its kernels on the GPU. */
export interface PlacedGroup {
  readonly group: KernelGroup;
  /** Undefined on the CPU. */
  readonly runs: Runs | undefined;
  /** Why it is on the CPU. */
  readonly reason: string | undefined;
}

/** Consecutive groups on one device. */
export interface Unit {
  readonly device: 'cpu' | 'gpu';
  /** Positions of its first group, and behind its last one. */
  readonly from: number;
  readonly to: number;
}

/** Places groups, and cuts those that bind more arrays than a kernel may. */
export function placed(groups: readonly KernelGroup[], adapter: Adapter): PlacedGroup[] {
  return groups.flatMap((group) => {
    const steps = elementwiseSteps(group, tableRows);
    if (steps === undefined) return [single(group, adapter)];
    const missing = steps.find((step) => expressionOfStep(step) === undefined);
    if (missing !== undefined) {
      const reason = dtypeReason(group) ?? `no kernel for ${missing.name} of ${missing.inputs[0]?.dtype}`;
      return [placedOnCpu(group, reason)];
    }
    return parted(steps, group).map((part) => ({
      group: part.group,
      runs: elementwiseRuns(part.steps, part.group.written),
      reason: undefined,
    }));
  });

  function parted(
    steps: readonly ElementwiseStep[],
    group: KernelGroup,
  ): { steps: readonly ElementwiseStep[]; group: KernelGroup }[] {
    if (steps.length === 1 || arraysOf(steps, group.written) <= adapter.mostArrays) return [{ steps, group }];
    const half = Math.ceil(steps.length / 2);
    return [
      [0, half],
      [half, steps.length],
    ].flatMap(([from, to]) => parted(steps.slice(from, to), partOf(group, from, to)));
  }
}

/** Some steps of a group as a group: what the others need of them is written. */
function partOf({ steps, written, layout }: KernelGroup, from: number, to: number): KernelGroup {
  const own = steps.slice(from, to);
  const others = steps.slice(to);
  const made = own.map(({ outputs: [out] }) => out);
  const isRead = (node: GraphNode) => others.some(({ inputs }) => inputs.includes(node));
  const read = [...new Set(own.flatMap(({ inputs }) => inputs))].filter((node) => !made.includes(node));
  return { steps: own, read, written: made.filter((node) => written.includes(node) || isRead(node)), layout };
}

/** A group on the CPU. */
export function placedOnCpu(group: KernelGroup, reason: string): PlacedGroup {
  return { group, runs: undefined, reason };
}

/** What keeps values of a dtype off the GPU. */
function dtypeReason({ read, written, steps }: KernelGroup): string | undefined {
  const outputs = steps.flatMap((step) => step.outputs);
  return [...read, ...written, ...outputs].some(({ dtype }) => dtype === 'f64')
    ? 'f64, which WGSL does not have'
    : undefined;
}

function single(group: KernelGroup, adapter: Adapter): PlacedGroup {
  const reason = dtypeReason(group);
  if (reason !== undefined) return placedOnCpu(group, reason);
  const [call] = group.steps;
  const runs = twins.get(call.op)?.(call, adapter);
  if (runs !== undefined) return { group, runs, reason: undefined };
  return placedOnCpu(
    group,
    twins.has(call.op) ? `no kernel for this ${call.op.name}` : `no kernel for ${call.op.name}`,
  );
}

/** Consecutive groups on one device. */
export function unitsOf(groups: readonly PlacedGroup[]): Unit[] {
  const units: Unit[] = [];
  groups.forEach(({ runs }, t) => {
    const device = runs === undefined ? 'cpu' : 'gpu';
    const last = units[units.length - 1];
    if (last?.device === device) units[units.length - 1] = { ...last, to: t + 1 };
    else units.push({ device, from: t, to: t + 1 });
  });
  return units;
}

/** What groups read that others compute, or that is given. */
export function rootsRead(groups: readonly PlacedGroup[]): Set<GraphNode> {
  return new Set(groups.flatMap(({ group }) => group.read.map(rootOf)));
}

/** What groups compute. */
export function rootsWritten(groups: readonly PlacedGroup[]): Set<GraphNode> {
  return new Set(groups.flatMap(({ group }) => group.written.map(rootOf)));
}
