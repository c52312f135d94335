// Compiled kernels of one device, each once.

/** A kernel: its text, and a name under which it is compiled once. */
export interface Kernel {
  readonly key: string;
  source(): string;
}

/** One run of a kernel: what lies behind each of its bindings, if it has that, and how many workgroups run. */
export interface Dispatch<Slot> {
  readonly kernel: Kernel;
  readonly slots: readonly (Slot | undefined)[];
  readonly groups: readonly [number, number, number];
}

/** The kernels that a device has compiled. */
export class Pipelines {
  readonly device: GPUDevice;
  readonly #compiled = new Map<string, GPUComputePipeline>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** The kernel, compiled now if it was not before. */
  get(kernel: Kernel): GPUComputePipeline {
    let pipeline = this.#compiled.get(kernel.key);
    if (pipeline === undefined) {
      pipeline = this.device.createComputePipeline(this.#descriptor(kernel));
      this.#compiled.set(kernel.key, pipeline);
    }
    return pipeline;
  }

  /** Compiles kernels side by side, without holding up the thread. Rejects with the compiler's message. */
  async prepare(kernels: Iterable<Kernel>): Promise<void> {
    const missing = new Map<string, Kernel>();
    for (const kernel of kernels) if (!this.#compiled.has(kernel.key)) missing.set(kernel.key, kernel);
    await Promise.all(
      [...missing].map(async ([key, kernel]) => {
        this.#compiled.set(key, await this.device.createComputePipelineAsync(this.#descriptor(kernel)));
      }),
    );
  }

  #descriptor({ key, source }: Kernel): GPUComputePipelineDescriptor {
    const module = this.device.createShaderModule({ code: source(), label: key });
    return { layout: 'auto', compute: { module, entryPoint: 'main' }, label: key };
  }
}

/** The bind group of a dispatch. */
export function bindGroup(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  resources: readonly (GPUBufferBinding | undefined)[],
): GPUBindGroup {
  const entries = resources.flatMap((resource, binding) => (resource ? [{ binding, resource }] : []));
  return device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
}
