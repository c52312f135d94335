// init: settings that are fixed before the first tensor: threads, the build of the kernels, WASM or memory of the user.

import { blas } from '../generated/blas.js';
import { describe } from './describe.js';
import { ArgumentError, CotangentError, DeviceError } from './errors.js';
import { isBuffer, isBuiltIn } from './kind.js';
import { nodeModule } from './node-module.js';
import { checkOptions, type OptionNames } from './options.js';
import {
  automaticBuild,
  type Build,
  changeKernels,
  createRuntime,
  discardRuntime,
  existingRuntime,
  type Runtime,
  runtime,
} from './runtime.js';
import { Parallel } from './threads/parallel.js';
import { ThreadPool } from './threads/pool.js';
import { relaxedSimdIsSupported, sharedMemoryObstacle } from './wasm/features.js';
import { withSharedMemory } from './wasm/shared-memory.js';

/** Options of `init`. */
export interface InitOptions {
  /** Threads that share large products, including the caller's. Default: unchanged (1 at the start). */
  threads?: number;
  /** The kernels: with fused multiply-add ('relaxed'), without ('simd'), or the best build that runs ('auto'). */
  variant?: 'auto' | 'simd' | 'relaxed';
  /** The same bits on every machine: forces the build without fused multiply-add. */
  deterministic?: boolean;
  /**
   * Kernels from elsewhere: cotangent.simd.wasm or cotangent.relaxed.wasm. With threads, bytes, a Response or a URL are
   * rewritten to import a shared memory; a Module must import one already.
   */
  wasm?: BufferSource | WebAssembly.Module | Response | URL;
  /** Your own memory, with a maximum; the library owns all of it from 64 KiB up. */
  memory?: WebAssembly.Memory;
  /** Address of the worker script, for bundlers that do not follow `new Worker(new URL(…))`: `cotangent/worker`. */
  worker?: string | URL;
}

const INIT_OPTIONS: OptionNames<InitOptions> = {
  threads: true,
  variant: true,
  deterministic: true,
  wasm: true,
  memory: true,
  worker: true,
};

/** The settings in effect. */
export interface InitResult {
  /** The build in use. */
  variant: Build;
  /** Threads that share large products. */
  threads: number;
  /** Why there are fewer threads than requested. */
  threadsReason?: string;
}

let pending: Promise<unknown> = Promise.resolve();

/**
 * Configures the library. Optional, and idempotent: calling it again with the same options changes nothing.
 * Threads need a shared memory, so ask for them (or pass your own memory) before the first tensor; with a shared memory
 * the number of threads can change at any time. If shared memory is not available, everything runs on one thread, and
 * `threadsReason` in the result says why.
 * @example
 * const { variant, threads, threadsReason } = await init({ threads: 4 });
 */
export function init(options: InitOptions = {}): Promise<InitResult> {
  // Calls run one after the other, so that two of them never start two pools.
  const result = pending.then(() => settle(options));
  pending = result.catch(() => {});
  return result;
}

async function settle(options: InitOptions): Promise<InitResult> {
  check(options);
  const wantsThreads = options.threads !== undefined && options.threads > 1;
  const obstacle = wantsThreads ? threadObstacle(options) : undefined;
  const threaded = wantsThreads && obstacle === undefined;
  const shared = existingRuntime()?.shared ?? (options.memory ? isShared(options.memory) : threaded);
  const module = options.wasm === undefined ? undefined : await compile(options.wasm, shared);
  const asked = module ? buildOf(module, options) : buildAsked(options);
  const before = existingRuntime();
  if (before) checkLate(before, options, threaded);
  const state = before ?? createRuntime({ memory: options.memory, shared });
  try {
    await adopt(state, options, {
      build: asked ?? state.build,
      module: module ?? state.module,
      threads: obstacle === undefined ? (options.threads ?? threadsOf(state)) : threadsOf(state),
    });
  } catch (error) {
    // A memory that holds nothing yet may still be replaced by another call.
    if (!before && state.heap.used === 0) discardRuntime();
    throw error;
  }
  return { variant: state.build, threads: threadsOf(state), ...(obstacle && { threadsReason: obstacle }) };
}

/** Applies the settings to kernels and threads; if that fails, restores both. */
async function adopt(
  state: Runtime,
  options: InitOptions,
  { build, module, threads }: { build: Build; module: WebAssembly.Module | undefined; threads: number },
): Promise<void> {
  const { memory, shared, parallel: before } = state;
  const choice = { memory, shared, build, module };
  verify(choice, options);
  const isChanged = build !== state.build || module !== state.module;
  // The workers of a pool keep the kernels that they were started with, so other kernels need another pool.
  const isPoolKept = threads === threadsOf(state) && !(isChanged && threads > 1);
  const parallel = isPoolKept
    ? before
    : threads > 1
      ? new Parallel(await ThreadPool.start(threads, blas, blas.compile(choice), options.worker), blas)
      : undefined;
  if (isChanged) changeKernels(state, build, module);
  state.parallel = parallel;
  if (before !== parallel) await before?.pool.stop();
}

function check(options: InitOptions): void {
  checkOptions('init', options, INIT_OPTIONS);
  const { threads, variant, deterministic, memory } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 64)) {
    throw new ArgumentError(`init: threads must be an integer from 1 to 64, got ${describe(threads)}`);
  }
  if (variant !== undefined && !['auto', 'simd', 'relaxed'].includes(variant)) {
    throw new ArgumentError(`init: variant must be 'auto', 'simd' or 'relaxed', got ${describe(variant)}`);
  }
  if (deterministic && variant === 'relaxed') {
    throw new ArgumentError(
      "init: deterministic needs the build without fused multiply-add, got variant 'relaxed'",
    );
  }
  if (variant === 'relaxed' && !relaxedSimdIsSupported()) {
    throw new DeviceError("init: this engine has no relaxed SIMD, got variant 'relaxed' (use 'auto')");
  }
  if (memory !== undefined && !isBuiltIn(memory, 'WebAssembly.Memory')) {
    throw new ArgumentError(`init: memory must be a WebAssembly.Memory, got ${describe(memory)}`);
  }
}

/** Why threads are not available, if they are not. */
function threadObstacle({ memory }: InitOptions): string | undefined {
  if (memory && !isShared(memory)) return 'the memory that was given is not shared';
  return sharedMemoryObstacle();
}

function isShared(memory: WebAssembly.Memory): boolean {
  return isBuiltIn(memory.buffer, 'SharedArrayBuffer');
}

/** Throws for settings that can no longer change because there is a memory already. */
function checkLate(state: Runtime, { memory }: InitOptions, threaded: boolean): void {
  if (memory && memory !== state.memory) {
    throw new ArgumentError(
      'init: memory must be given before the first tensor is made; the library has a memory already',
    );
  }
  if (threaded && !state.shared) {
    throw new ArgumentError(
      'init: threads must be asked for before the first tensor is made: they need a shared memory, and the library has one that is not shared',
    );
  }
}

/** The build that the options name, if any. */
function buildAsked({ deterministic, variant }: InitOptions): Build | undefined {
  if (deterministic || variant === 'simd') return 'simd';
  return variant === undefined ? undefined : automaticBuild();
}

/** The build that the user's module says it is; throws if the options ask for the other one. */
function buildOf(module: WebAssembly.Module, { deterministic, variant = 'auto' }: InitOptions): Build {
  const build: Build =
    WebAssembly.Module.customSections(module, 'cotangent.relaxed').length > 0 ? 'relaxed' : 'simd';
  const wanted = deterministic ? 'simd' : variant;
  if (wanted !== 'auto' && wanted !== build) {
    throw new ArgumentError(
      `init: wasm is the '${build}' build, and ${deterministic ? 'deterministic' : 'variant'} asks for '${wanted}'`,
    );
  }
  return build;
}

/** Instantiates the kernels now, so that a module or memory that does not fit fails here and not later. */
function verify(choice: Parameters<typeof blas.instantiate>[0], { wasm, memory }: InitOptions): void {
  if (!wasm && !memory) return;
  try {
    blas.instantiate(choice);
  } catch (error) {
    const kind = choice.shared
      ? 'a shared memory (give bytes or a URL in the place of a Module)'
      : 'a memory that is not shared (cotangent.*.wasm)';
    throw new DeviceError(
      `init: the kernels do not run on this memory: ${error}; wasm must be built for ${kind}, and memory must declare a maximum`,
    );
  }
}

/** The threads of the pool: the caller and the workers. */
function threadsOf(state: Runtime): number {
  return state.parallel?.pool.threads ?? 1;
}

const isModule = (source: unknown): boolean => isBuiltIn(source, 'WebAssembly.Module');
const isResponse = (source: unknown): source is Response => isBuiltIn(source, 'Response');
const isUrl = (source: unknown): source is URL => isBuiltIn(source, 'URL');

function isSource(source: unknown): boolean {
  return isUrl(source) || isBuffer(source) || ArrayBuffer.isView(source) || isResponse(source);
}

async function compile(
  source: NonNullable<InitOptions['wasm']>,
  shared: boolean,
): Promise<WebAssembly.Module> {
  const compiled = (bytes: BufferSource) =>
    WebAssembly.compile(shared ? withSharedMemory(octets(bytes)) : bytes);
  try {
    if (isModule(source)) return source as WebAssembly.Module;
    if (!isSource(source)) {
      throw new ArgumentError(
        `init: wasm must be bytes, a WebAssembly.Module, a Response or a URL, got ${JSON.stringify(source)} ` +
          '(an address is new URL(address, import.meta.url))',
      );
    }
    if (isResponse(source)) {
      return await compiled(await source.arrayBuffer());
    }
    if (isUrl(source)) {
      if (source.protocol === 'file:') return await compiled(await readLocal(source));
      const response = await fetch(source);
      if (!response.ok)
        throw new DeviceError(`init: wasm could not be fetched from ${source}: status ${response.status}`);
      return await compiled(await response.arrayBuffer());
    }
    return await compiled(source as BufferSource);
  } catch (error) {
    if (error instanceof CotangentError) throw error;
    throw new DeviceError(`init: wasm does not compile: ${error}`);
  }
}

function octets(source: BufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

/** Node's fetch cannot read files. */
async function readLocal(url: URL): Promise<BufferSource> {
  const fs = await nodeModule<{ readFileSync(url: URL): Uint8Array<ArrayBuffer> }>('node:fs');
  if (!fs) throw new DeviceError(`init: ${url} cannot be read on this platform`);
  return fs.readFileSync(url);
}

/** The build and the threads in use. */
export function configuration(): InitResult {
  const state = runtime();
  return { variant: state.build, threads: threadsOf(state) };
}
