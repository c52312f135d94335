// A module of kernels: its binaries are embedded as text and instantiated synchronously at first use.
import { DeviceError } from '../errors.js';
import { type Runtime, runtime } from '../runtime.js';
import { fused, unfused } from './builds.js';
import { simdIsSupported } from './features.js';
import { inflate } from './inflate.js';
import { withSharedMemory } from './shared-memory.js';

/** Decodes base64 text of deflated bytes. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  const { Buffer } = globalThis as { Buffer?: { from(text: string, encoding: 'base64'): Uint8Array } };
  // A loop over characters that runs once keeps a compiler busy, which Node waits for when it ends.
  if (Buffer !== undefined) return inflate(Buffer.from(text, 'base64'));
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return inflate(bytes);
}

/** Kernels call this with large products: 1 if threads have done it, 0 if the kernel must do it alone. */
function gemmParallel(...args: number[]): number {
  return Number(runtime().parallel?.gemm(args) ?? false);
}

/** A build of the kernels, and the kind of memory. */
export type KernelChoice = Pick<Runtime, 'build' | 'module' | 'shared'>;

export class KernelModule<Exports> {
  readonly name: string;
  readonly #text: string;
  #generation = 0;
  #exports: Exports | undefined;

  /** `text`: the binary and the edits for its other build, deflated, in base64. */
  constructor(name: string, text: string) {
    this.name = name;
    this.#text = text;
  }

  /** The kernels, over the library's memory. */
  get exports(): Exports {
    const state = runtime();
    if (this.#exports === undefined || this.#generation !== state.generation) {
      this.#exports = this.instantiate(state);
      this.#generation = state.generation;
    }
    return this.#exports;
  }

  /** The embedded binary for a build and kind of memory. */
  bytes({ build, shared }: KernelChoice = runtime()): Uint8Array<ArrayBuffer> {
    const kept = decode(this.#text);
    const bytes = build === 'simd' ? unfused(kept) : fused(kept);
    return shared ? withSharedMemory(bytes) : bytes;
  }

  /** The compiled module: the user's own, or the embedded one for the build in use. */
  compile(choice: KernelChoice = runtime()): WebAssembly.Module {
    if (choice.module) return choice.module;
    if (!simdIsSupported())
      throw new DeviceError(`${this.name}: this engine has no WebAssembly SIMD, which every kernel needs`);
    try {
      return new WebAssembly.Module(this.bytes(choice));
    } catch (error) {
      throw new DeviceError(
        `${this.name}: the kernels were not compiled: ${error} (a content security policy must allow 'wasm-unsafe-eval' in ` +
          'script-src; where bytes may not be compiled at all, use init({ wasm: module }))',
      );
    }
  }

  /** The kernels of a build, over a memory. */
  instantiate(choice: KernelChoice & Pick<Runtime, 'memory'>): Exports {
    const env = { memory: choice.memory, gemm_parallel: gemmParallel };
    const { exports } = new WebAssembly.Instance(this.compile(choice), { env });
    return withUnsignedSizes(exports) as Exports;
  }
}

/** Exports with this suffix return workspace sizes, which leave WebAssembly as negative numbers from 2 GiB on. */
const SIZE = /_work$/;

/** The same exports, with sizes as unsigned numbers, so that sums of them are right. */
function withUnsignedSizes(exports: WebAssembly.Exports): WebAssembly.Exports {
  const result: WebAssembly.Exports = {};
  for (const [name, value] of Object.entries(exports)) {
    const size = value as (...args: unknown[]) => number;
    result[name] = SIZE.test(name) ? (...args: unknown[]) => size(...args) >>> 0 : value;
  }
  return result;
}
