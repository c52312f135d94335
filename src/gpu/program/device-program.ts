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
import { gpuProgramText } from './text.js';

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

/** A program that runs on the GPU, or on both devices. */
export class GpuProgram implements DeviceProgram {
  readonly device = 'gpu';
  readonly report: readonly UnitReport[];
  readonly #executable: GpuExecutable;

  private constructor(executable: GpuExecutable, report: readonly UnitReport[]) {
    this.#executable = executable;
    this.report = report;
  }

  static async load(
    backend: Backend,
    graph: Graph,
    groups: readonly PlacedGroup[],
    units: readonly UnitCost[],
    { download, reason }: { download: boolean; reason: string },
  ): Promise<GpuProgram> {
    const executable = new GpuExecutable(backend, graph, groups, { download });
    try {
      await executable.prepare();
    } catch (error) {
      executable.release();
      const { message } = error as Error;
      throw error instanceof CotangentError
        ? error
        : new DeviceError(
            `compile: a kernel does not compile on ${backend.info.adapter}: ${message.split('\n', 1)[0]}`,
          );
    }
    const report = units.map(({ device: place, from, to, bytesIn, bytesOut, predictedMs }): UnitReport => {
      const reasons = new Set(groups.slice(from, to).flatMap((group) => group.reason ?? []));
      const why = place === 'gpu' ? reason : [...reasons].join('; ');
      return { device: place, steps: to - from, reason: why, bytesIn, bytesOut, predictedMs };
    });
    return new GpuProgram(executable, report);
  }

  get graph(): Graph {
    return this.#executable.graph;
  }

  get bytes(): number {
    return this.#executable.bytes;
  }

  get kernels(): number {
    return this.#executable.groups.length;
  }

  run(args: readonly Argument[]): Promise<Tree> {
    return this.#executable.run(args);
  }

  toString(): string {
    return gpuProgramText(this.#executable, this.report);
  }

  dispose(): void {
    this.#executable.dispose();
  }
}
