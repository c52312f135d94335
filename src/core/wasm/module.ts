// A namespace of kernels: its binaries travel as text and are instantiated synchronously at first use.
import { DeviceError } from '../errors.js';
import { type Build, runtime } from '../runtime.js';
import { simdIsSupported } from './features.js';
import { withSharedMemory } from './shared-memory.js';

/** The bytes of base64 text. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** What a kernel calls with a large product: 1 where threads have done it, 0 where it does it alone. */
function gemmParallel(...args: number[]): number {
  return Number(runtime().parallel?.gemm(args) ?? false);
}

export class KernelModule<Exports> {
  readonly name: string;
  readonly #binaries: Readonly<Record<Build, string>>;
  #generation = 0;
  #exports: Exports | undefined;

  constructor(name: string, binaries: Readonly<Record<Build, string>>) {
    this.name = name;
    this.#binaries = binaries;
  }

  /** The kernels, over the library's memory. */
  get exports(): Exports {
    const state = runtime();
    if (this.#exports === undefined || this.#generation !== state.generation) {
      this.#exports = this.#instantiate();
      this.#generation = state.generation;
    }
    return this.#exports;
  }

  /** The embedded binary of the chosen build, for the kind of memory that there is. */
  bytes(): Uint8Array<ArrayBuffer> {
    const { build, shared } = runtime();
    const bytes = decode(this.#binaries[build]);
    return shared ? withSharedMemory(bytes) : bytes;
  }

  /** The compiled module that the runtime asks for: the user's own, or the embedded one of the chosen build. */
  compile(): WebAssembly.Module {
    const { module } = runtime();
    if (module) return module;
    if (!simdIsSupported())
      throw new DeviceError(`${this.name}: this engine has no WebAssembly SIMD, which every kernel needs`);
    try {
      return new WebAssembly.Module(this.bytes());
    } catch (error) {
      throw new DeviceError(
        `${this.name}: the kernels were not compiled: ${error} (a content security policy must allow 'wasm-unsafe-eval' in ` +
          'script-src; where bytes may not be compiled at all, use init({ wasm: module }))',
      );
    }
  }

  #instantiate(): Exports {
    const env = { memory: runtime().memory, gemm_parallel: gemmParallel };
    const instance = new WebAssembly.Instance(this.compile(), { env });
    return instance.exports as Exports;
  }
}
