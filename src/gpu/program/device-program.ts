// A placed program with its report: on the GPU or on both devices, or wholly on the CPU.
import { cpuExecutor } from '../../compiler/cpu-executable.js';
import type { UnitReport } from '../../compiler/device-plan.js';
import type { Graph } from '../../compiler/graph.js';
import { layoutOf } from '../../compiler/layout.js';
import { CotangentError, DeviceError } from '../../core/errors.js';
import type { Tree } from '../../core/tree.js';
import type { Backend } from '../backend.js';
import type { UnitCost } from './cost.js';
import { type Argument, GpuExecutable } from './executable.js';
import { ProgramOnCpu } from './on-cpu.js';
import type { PlacedGroup } from './placement.js';

/** A program for arguments of one signature, some of which are on the GPU. */
export interface DeviceProgram {
  readonly bytes: number;
  readonly kernels: number;
  readonly device: 'cpu' | 'gpu';
  readonly graph: Graph;
  readonly report: readonly UnitReport[];
  run(args: readonly Argument[]): Promise<Tree>;
  toString(): string;
  dispose(): void;
}

/** A program that stays on the CPU; it owns the graph. */
export function onCpu(graph: Graph, reason: string, predictedMs: number, download: boolean): DeviceProgram {
  const executable = cpuExecutor.load(layoutOf(graph, cpuExecutor));
  const unit: UnitReport = {
    ...{ device: 'cpu', steps: executable.groups.length, reason },
    ...{ bytesIn: 0, bytesOut: 0, predictedMs },
  };
  return new ProgramOnCpu(executable, [unit], download);
}

/** A program that runs on the GPU, or on both devices; it owns the graph unless this throws. */
export async function onGpu(
  backend: Backend,
  graph: Graph,
  groups: readonly PlacedGroup[],
  units: readonly UnitCost[],
  { download, reason }: { download: boolean; reason: string },
): Promise<DeviceProgram> {
  const report = units.map(({ device, from, to, bytesIn, bytesOut, predictedMs }): UnitReport => {
    const reasons = new Set(groups.slice(from, to).flatMap((group) => group.reason ?? []));
    const why = device === 'gpu' ? reason : [...reasons].join('; ');
    return { device, steps: to - from, reason: why, bytesIn, bytesOut, predictedMs };
  });
  const executable = new GpuExecutable(backend, graph, groups, { units, report, download });
  try {
    await executable.prepare();
    return executable;
  } catch (error) {
    executable.release();
    const { message } = error as Error;
    throw error instanceof CotangentError
      ? error
      : new DeviceError(
          `compile: a kernel does not compile on ${backend.info.adapter}: ${message.split('\n', 1)[0]}`,
        );
  }
}
