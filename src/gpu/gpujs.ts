// The part of gpu.js that the backends use, and its lazy loading from the bundled copy.

/** A kernel of gpu.js's WebGPU backend. */
export interface WebGpuKernel {
  /** The buffer of the latest result; the backend takes it after each run. */
  outputBuffer: GPUBuffer | null;
  build(...args: unknown[]): Promise<void>;
  setOutput(extent: readonly number[]): void;
  run(...args: unknown[]): Promise<unknown>;
  destroy(): void;
  // The steps of its `build` up to the text of the shader; no device is needed for them.
  setupConstants(): void;
  setupArguments(args: readonly unknown[]): void;
  validateSettings(args: readonly unknown[]): void;
  translateSource(): void;
  /** The functions that the kernel calls, in WGSL, each called `fn_` and its name. */
  translatedFunctions: string;
  computeParamsLayout(): ParameterLayout;
  paramsLayout: ParameterLayout;
  assembleWGSL(): string;
}

/** Where the uniform of a kernel has the threads, the extents of arrays and the numbers; offsets in bytes. */
export interface ParameterLayout {
  readonly arrayArgs: readonly { readonly index: number; readonly dimsOffset: number }[];
  readonly scalarArgs: readonly { readonly index: number; readonly type: string; readonly offset: number }[];
  readonly byteLength: number;
}

/** gpu.js's handle of a storage buffer, which a kernel accepts as an array of `output` extents. */
export interface BufferHandle {
  readonly buffer: GPUBuffer;
}

/** A kernel of gpu.js's WebGL2 backend. */
export interface WebGl2Kernel {
  /** The texture of the latest result; the backend takes it after each run. */
  texture: TextureHandle | null;
  build(...args: unknown[]): void;
  setOutput(extent: readonly number[]): void;
  run(...args: unknown[]): void;
}

/** gpu.js's handle of a texture with four numbers per texel. */
export interface TextureHandle {
  readonly texture: WebGLTexture;
  /** Width and height of the texture itself. */
  readonly size: ArrayLike<number>;
}

/** The device that gpu.js's WebGPU kernels share. */
export interface WebGpuContext {
  adapter: GPUAdapter;
  device: GPUDevice;
  isLost: boolean;
}

export interface GpuJs {
  readonly WebGPUKernel: new (source: string, settings: object) => WebGpuKernel;
  readonly WebGPUContext: { acquire(): Promise<WebGpuContext> };
  readonly WebGPUBufferResult: new (settings: object) => BufferHandle;
  readonly WebGL2Kernel: {
    new (source: string, settings: object): WebGl2Kernel;
    readonly isSupported: boolean;
  };
  readonly GLTextureArray4Float3D: new (settings: object) => TextureHandle;
  /** The same texels, to be read number by number. */
  readonly GLTextureMemoryOptimized3D: new (
    settings: object,
  ) => TextureHandle;
  readonly Input: new (values: Float32Array, extent: readonly number[]) => object;
}

/**
 * Settings of every kernel. Loops whose bound is an argument stop silently after 1000 iterations unless
 * `loopMaxIterations` is larger; results stay on the device (`pipeline`).
 */
export const kernelSettings = {
  output: [1, 1, 1],
  pipeline: true,
  dynamicOutput: true,
  dynamicArguments: true,
  precision: 'single',
  loopMaxIterations: 2 ** 31 - 1,
  functions: [],
  nativeFunctions: [],
  validate: true,
} as const;

/** Loads the bundled gpu.js on first use. */
export async function loadGpuJs(): Promise<GpuJs> {
  // @ts-expect-error: scripts/vendor-gpujs.mjs writes this file into dist/vendor; there is no source for it.
  const module: unknown = await import('../vendor/gpu.js');
  return module as GpuJs;
}
