// A program that 'auto' has left on the CPU: arguments of the GPU are read, and results are the CPU's.
import type { UnitReport } from '../../compiler/device-plan.js';
import type { Executable } from '../../compiler/executable.js';
import type { Graph } from '../../compiler/graph.js';
import { copyOf, type Tensor } from '../../core/tensor.js';
import { mapTree, type Tree } from '../../core/tree.js';
import { GpuTensor } from '../gpu-tensor.js';
import type { DeviceProgram } from './device-program.js';
import type { Argument } from './executable.js';

export class ProgramOnCpu implements DeviceProgram {
  readonly device = 'cpu';
  readonly report: readonly UnitReport[];
  readonly #executable: Executable;
  readonly #download: boolean;

  constructor(executable: Executable, report: readonly UnitReport[], download: boolean) {
    this.#executable = executable;
    this.report = report;
    this.#download = download;
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

  async run(args: readonly Argument[]): Promise<Tree> {
    const read: Tensor[] = [];
    try {
      const leaves: Tensor[] = [];
      for (const arg of args) {
        if (!(arg instanceof GpuTensor)) {
          leaves.push(arg);
          continue;
        }
        const copy = await arg.download();
        read.push(copy);
        leaves.push(copy);
      }
      const result = this.#executable.run(leaves);
      return this.#download ? mapTree(result, (x) => copyOf(x, 'compile')) : result;
    } finally {
      for (const copy of read) copy.dispose();
    }
  }

  toString(): string {
    return this.#executable.toString();
  }

  dispose(): void {
    this.#executable.dispose();
  }
}
