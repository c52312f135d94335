// Command: one run of a kernel in a program, with the bind groups that it has had.
import { bindGroup, type Pipelines } from '../pipelines.js';
import type { ProgramDispatch } from './shader.js';
import type { GpuValues } from './values.js';

/** Bind groups that are kept, for arguments and results that change places. */
const MOST_BIND_GROUPS = 4;

export class Command {
  readonly #dispatch: ProgramDispatch;
  readonly #pipeline: GPUComputePipeline;
  readonly #device: GPUDevice;
  readonly #values: GpuValues;
  /** Whether what it binds is the same in every run. */
  readonly #isFixed: boolean;
  readonly #known: { readonly buffers: readonly (GPUBuffer | undefined)[]; readonly group: GPUBindGroup }[] =
    [];

  constructor(dispatch: ProgramDispatch, pipelines: Pipelines, values: GpuValues) {
    this.#dispatch = dispatch;
    this.#pipeline = pipelines.get(dispatch.kernel);
    this.#device = pipelines.device;
    this.#values = values;
    this.#isFixed = dispatch.slots.every((slot) => !slot || values.isFixed(slot));
  }

  /** Adds it to a pass, for arguments and results where they are now. */
  record(pass: GPUComputePassEncoder): void {
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#bindGroup());
    pass.dispatchWorkgroups(...this.#dispatch.groups);
  }

  #bindGroup(): GPUBindGroup {
    const known = this.#known;
    if (this.#isFixed && known.length > 0) return known[0].group;
    const spans = this.#dispatch.slots.map((slot) => slot && this.#values.spanOf(slot));
    const buffers = spans.map((span) => span?.buffer);
    const found = known.find((one) => one.buffers.every((buffer, i) => buffer === buffers[i]));
    if (found !== undefined) return found.group;
    const group = bindGroup(this.#device, this.#pipeline, spans);
    if (known.length === MOST_BIND_GROUPS) known.shift();
    known.push({ buffers, group });
    return group;
  }
}
