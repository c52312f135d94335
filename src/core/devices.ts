// What compiles for a GPU: `gpu.init` names it here, so that programs that use no GPU carry nothing of it.

/** A compiled function on a GPU, or partly on one. */
export interface DevicePrograms {
  /** Runs on tensors of the CPU or the GPU, in the order of the calls. */
  call(args: readonly unknown[]): Promise<unknown>;
  /** Bytes that it holds, on the CPU and on the GPU. */
  readonly bytes: number;
  /** Steps of the program that ran last. */
  readonly kernels: number;
  /** Where the program that ran last has its steps. */
  readonly device: 'cpu' | 'gpu';
  readonly graph: unknown;
  readonly report: unknown;
  toString(): string;
  dispose(): void;
}

/** Makes programs of a function: on the GPU where it can, or where that is predicted to be faster. */
export type DeviceCompiler = (
  f: (...args: never[]) => unknown,
  options: { readonly device: 'gpu' | 'auto'; readonly download: boolean },
) => DevicePrograms;

/** Why nothing runs on a GPU before `gpu.init`. */
export const NO_GPU = 'no GPU is open; await gpu.init() first';

let load: (() => Promise<DeviceCompiler>) | undefined;

/** Says how the compiler for GPUs is loaded. */
export function offerDeviceCompiler(loader: () => Promise<DeviceCompiler>): void {
  load = loader;
}

/** Loads the compiler for GPUs; undefined before a GPU has been opened. */
export function deviceCompiler(): Promise<DeviceCompiler> | undefined {
  return load?.();
}
