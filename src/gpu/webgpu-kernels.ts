// Portable kernels on WebGPU: gpu.js translates, and we compile when a kernel is first needed, bind and submit. gpu.js's own `run`
// cannot be used before an asynchronous build is over, and keeps the arrays of a call for the next.

import { type GpuJs, kernelSettings, type WebGpuKernel } from './gpujs.js';
import type { PortableKernel, Table } from './portable.js';
import { TEXTS } from './portable-texts.js';
import { USAGE } from './webgpu-usage.js';
import { declarationsOf } from './wgsl/device-functions.js';

// Fixed by the specification, as USAGE is.
const COMPUTE_STAGE = 4;
/** Threads of a workgroup, along columns and along rows. */
const GROUP = 8;

/** A tensor in a buffer: numbers of a row, padding included, rows of a matrix, matrices. */
export interface BoundTensor {
  readonly buffer: GPUBuffer;
  readonly extents: readonly [pitch: number, rows: number, batches: number];
}

interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly parameters: WebGpuKernel['paramsLayout'];
}

const TYPES = { tensor: 'WebGPUBuffer', table: 'Input', integer: 'Integer', number: 'Float' } as const;

/** The portable kernels on one device. */
export class WebGpuKernels {
  readonly #device: GPUDevice;
  readonly #gpujs: GpuJs;
  readonly #compiled = new Map<string, Compiled>();

  constructor(device: GPUDevice, gpujs: GpuJs) {
    this.#device = device;
    this.#gpujs = gpujs;
  }

  /** Queues a kernel whose threads are [columns / 4, rows, matrices], and returns the buffer of its results. */
  run(
    kernel: PortableKernel,
    args: readonly (BoundTensor | Table | number)[],
    threads: readonly [number, number, number],
  ): GPUBuffer {
    const device = this.#device;
    let compiled = this.#compiled.get(kernel.key);
    if (!compiled) this.#compiled.set(kernel.key, (compiled = this.#compile(kernel)));
    const { pipeline, layout, parameters } = compiled;
    const spare: GPUBuffer[] = [];
    const filled = (usage: number, values: Uint32Array | Float32Array): GPUBuffer => {
      const buffer = device.createBuffer({ size: values.byteLength, usage, mappedAtCreation: true });
      spare.push(buffer);
      new Uint32Array(buffer.getMappedRange()).set(
        new Uint32Array(values.buffer, values.byteOffset, values.length),
      );
      buffer.unmap();
      return buffer;
    };
    const bound = (argument: BoundTensor | Table): BoundTensor => {
      if (!('values' in argument)) return argument;
      const { values, width } = argument;
      return { buffer: filled(USAGE.storage, values), extents: [width, values.length / width, 1] };
    };
    try {
      const words = new Uint32Array(parameters.byteLength / 4);
      words.set(threads);
      const arrays = parameters.arrayArgs.map(({ index, dimsOffset }) => {
        const { buffer, extents } = bound(args[index] as BoundTensor | Table);
        words.set([...extents, extents[0] * extents[1] * extents[2]], dimsOffset / 4);
        return buffer;
      });
      for (const { index, type, offset } of parameters.scalarArgs) {
        const numbers = type === 'Integer' ? new Int32Array(words.buffer) : new Float32Array(words.buffer);
        numbers[offset / 4] = args[index] as number;
      }
      const uniform = filled(USAGE.uniform, words);
      const [x, y, z] = threads;
      const usage = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
      const result = device.createBuffer({ size: 16 * x * y * z, usage });
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      const entries = [uniform, ...arrays, result].map((buffer, binding) => ({
        binding,
        resource: { buffer },
      }));
      pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
      pass.dispatchWorkgroups(Math.ceil(x / GROUP), Math.ceil(y / GROUP), z);
      pass.end();
      device.queue.submit([encoder.finish()]);
      return result;
    } finally {
      // What queued work still reads lives on until it is done.
      for (const buffer of spare) buffer.destroy();
    }
  }

  #compile({ key, source, parameters, functions }: PortableKernel): Compiled {
    const { WebGPUKernel, Input } = this.#gpujs;
    const translator = new WebGPUKernel(TEXTS[source], {
      ...kernelSettings,
      argumentTypes: parameters.map((kind) => TYPES[kind]),
      // Of these gpu.js reads the types only.
      functions: functions.map(({ name, parameters: count }) => {
        const names = Array.from({ length: count }, (_, i) => `p${i}`);
        return {
          source: `function ${name}(${names.join(', ')}) { return ${names.join(' + ')}; }`,
          settings: { argumentTypes: names.map(() => 'Number'), returnType: 'Number' },
        };
      }),
    });
    const examples = parameters.map((kind) => (kind === 'table' ? new Input(new Float32Array(1), [1]) : 1));
    translator.setupConstants();
    translator.setupArguments(examples);
    translator.validateSettings(examples);
    translator.translateSource();
    translator.translatedFunctions = declarationsOf(functions, 'fn_');
    translator.paramsLayout = translator.computeParamsLayout();
    const module = this.#device.createShaderModule({ code: translator.assembleWGSL(), label: key });
    const kinds = ['uniform', ...translator.paramsLayout.arrayArgs.map(() => 'read-only-storage'), 'storage'];
    const layout = this.#device.createBindGroupLayout({
      entries: kinds.map((type, binding) => ({
        binding,
        visibility: COMPUTE_STAGE,
        buffer: { type: type as GPUBufferBindingType },
      })),
    });
    const pipeline = this.#device.createComputePipeline({
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
      label: key,
    });
    return { pipeline, layout, parameters: translator.paramsLayout };
  }
}
