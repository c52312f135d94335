// Compiled kernels of one device, each once.

/** A kernel: its text, and a name under which it is compiled once. */
export interface Kernel {
  readonly key: string;
  source(): string;
}

/** One run of a kernel: what lies behind each of its bindings, if there is one of that number, and how many workgroups run. */
export interface KernelRun<Slot> {
  readonly kernel: Kernel;
  readonly slots: readonly (Slot | undefined)[];
  /** The bindings that are written. */
  readonly writes: readonly number[];
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
    this.device.pushErrorScope('validation');
    const descriptors = [...missing].map(([key, kernel]) => [key, this.#descriptor(kernel)] as const);
    const error = await this.device.popErrorScope();
    if (error) throw error;
    await Promise.all(
      descriptors.map(async ([key, descriptor]) => {
        this.#compiled.set(key, await this.device.createComputePipelineAsync(descriptor));
      }),
    );
  }

  #descriptor({ source }: Kernel): GPUComputePipelineDescriptor {
    const module = this.device.createShaderModule({ code: source() });
    return { layout: 'auto', compute: { module, entryPoint: 'main' } };
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
