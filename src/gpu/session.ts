// The one GPU device in use: finding, opening, awaiting and releasing it.

import { describe } from '../core/describe.js';
import { NO_GPU, offerDeviceCompiler } from '../core/devices.js';
import { ArgumentError, DeviceError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { Backend, BackendName, DeviceInfo } from './backend.js';
import { lostError } from './gpu-tensor.js';
import { adoptCalibration, type Calibration, forgetCalibration } from './in-force.js';
import { verifyBackend } from './verify.js';

export interface DeviceOptions {
  /** The API to use; 'auto' (default) tries WebGPU, then WebGL2. Node has WebGPU only. */
  backend?: 'auto' | BackendName;
  /** Accept an adapter that runs on the CPU (SwiftShader, llvmpipe) if there is no other. Default false. */
  allowSoftware?: boolean;
}

/** Options of `init`. */
export interface InitOptions extends DeviceOptions {
  /**
   * What `gpu.calibrate` measured: itself, or the file that keeps it, in Node. Default: the one that is kept for this adapter, if there is one; false:
   * none, but constants.
   */
  calibration?: Calibration | string | false;
}

const DEVICE_OPTIONS: OptionNames<DeviceOptions> = { backend: true, allowSoftware: true };
const INIT_OPTIONS: OptionNames<InitOptions> = { ...DEVICE_OPTIONS, calibration: true };

/** The result of `available`. */
export interface Availability {
  /** True if `gpu.init` with the same options would succeed. */
  available: boolean;
  backend?: BackendName;
  /** The name that the adapter reports. */
  adapter?: string;
  /** True for an adapter that runs on the CPU. */
  software?: boolean;
  /** Why there is none, and how to get one. */
  reason?: string;
}

/** A device that can be opened, or the reason why there is none. */
interface Candidate {
  readonly backend: BackendName;
  readonly adapter?: string;
  readonly software?: boolean;
  readonly reason?: string;
  open?(): Promise<Backend>;
}

let open: Backend | undefined;
let opening: Promise<DeviceInfo> | undefined;
/** How the open device was opened. */
let latest: InitOptions = {};

const searches: Record<BackendName, () => Promise<Candidate>> = {
  async webgpu() {
    const { findAdapter } = await import('./webgpu-adapter.js');
    const found = await findAdapter();
    if ('reason' in found) return { backend: 'webgpu', reason: found.reason };
    const { adapter, name, software } = found;
    return {
      backend: 'webgpu',
      adapter: name,
      software,
      open: async () => (await import('./webgpu.js')).openWebGpu(adapter, name, software),
    };
  },
  async webgl2() {
    const { findContext } = await import('./webgl2-context.js');
    const found = findContext();
    if ('reason' in found) return { backend: 'webgl2', reason: found.reason };
    const { gl, name, software } = found;
    return {
      backend: 'webgl2',
      adapter: name,
      software,
      open: async () => (await import('./webgl2.js')).openWebGl2(gl, name, software),
    };
  },
};

/** The first candidate that the options allow, hardware before software, or all the reasons why there is none. */
async function choose(caller: string, options: DeviceOptions): Promise<Candidate | { reason: string }> {
  const { backend = 'auto', allowSoftware = false } = options;
  if (backend !== 'auto' && !(typeof backend === 'string' && Object.hasOwn(searches, backend))) {
    throw new ArgumentError(
      `${caller}: backend must be 'auto', 'webgpu' or 'webgl2', got ${describe(backend)}`,
    );
  }
  const browser = typeof WebGL2RenderingContext !== 'undefined';
  const names: BackendName[] = backend !== 'auto' ? [backend] : browser ? ['webgpu', 'webgl2'] : ['webgpu'];
  const reasons: string[] = [];
  let software: Candidate | undefined;
  for (const name of names) {
    const candidate = await searches[name]();
    if (candidate.reason !== undefined) reasons.push(`${name}: ${candidate.reason}`);
    else if (!candidate.software) return candidate;
    else software ??= candidate;
  }
  if (software && allowSoftware) return software;
  if (software) {
    reasons.unshift(
      `${software.backend}: only a software adapter (${software.adapter}), slower than the CPU; ` +
        'a GPU driver is missing, or pass allowSoftware: true',
    );
  }
  return { reason: reasons.join('; ') };
}

/** Reports whether there is a usable GPU, which one, or why not and how to get one. Opens nothing. */
export async function available(options: DeviceOptions = {}): Promise<Availability> {
  checkOptions('gpu.available', options, DEVICE_OPTIONS);
  const wanted = options.backend ?? 'auto';
  if (open && open.lost() === undefined && (wanted === 'auto' || wanted === open.info.backend)) {
    return { available: true, ...open.info };
  }
  const found = await choose('gpu.available', options);
  if (!('backend' in found)) return { available: false, reason: found.reason };
  return { available: true, backend: found.backend, adapter: found.adapter, software: found.software };
}

/**
 * Opens a GPU, compiles the kernels, and checks a result of each; calling it again returns the same device. After a
 * loss it opens another device. Throws `DeviceError` with the reasons if there is no GPU. A calibration that cannot be
 * used is no error: `gpu.calibration()` has the reason.
 */
export function init(options: InitOptions = {}): Promise<DeviceInfo> {
  opening = (opening ?? Promise.resolve()).then(
    () => reopen(options),
    () => reopen(options),
  );
  return opening;
}

async function reopen(options: InitOptions): Promise<DeviceInfo> {
  checkOptions('gpu.init', options, INIT_OPTIONS);
  const { backend = 'auto', calibration } = options;
  if (open && open.lost() === undefined) {
    if (backend === 'auto' || backend === open.info.backend) {
      if (calibration !== undefined) await adoptCalibration(open, calibration);
      return open.info;
    }
    throw new DeviceError(
      `gpu.init: ${open.info.backend} is open, ${backend} was asked for; await gpu.destroy() first`,
    );
  }
  open = undefined;
  const found = await choose('gpu.init', options);
  if (!('backend' in found)) throw new DeviceError(`gpu.init: no GPU to use: ${found.reason}`);
  const fresh = await found.open!();
  try {
    await adoptCalibration(fresh, calibration);
    await verifyBackend(fresh);
  } catch (error) {
    fresh.destroy();
    throw error;
  }
  open = fresh;
  latest = options;
  offerDeviceCompiler(async () => (await import('./program/programs.js')).compileForGpu);
  return open.info;
}

/** The open device; throws a DeviceError that says what to do. */
export function device(caller: string): Backend {
  if (!open) throw new DeviceError(`${caller}: ${NO_GPU}`);
  const reason = open.lost();
  if (reason !== undefined) throw lostError(caller, open.info, reason);
  return open;
}

/** The device after a loss, opened as the lost one was; or why there is none. */
export async function recovered(): Promise<Backend | string> {
  if (open === undefined) return NO_GPU;
  if (open.lost() === undefined) return open;
  try {
    await init(latest);
    return device('compile');
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Resolves when all queued GPU work is done, without reading anything back; for timing kernels alone.
 *
 * @example
 * await gpu.sync();
 * const start = performance.now();
 * const c = gpu.matmul(a, b);
 * await gpu.sync();
 * const kernelMs = performance.now() - start;
 */
export async function sync(): Promise<void> {
  const backend = device('gpu.sync');
  await backend.sync();
  const reason = backend.lost();
  if (reason !== undefined) throw lostError('gpu.sync', backend.info, reason);
}

/** Releases the device. GpuTensors on it are lost; `init` opens another device. */
export async function destroy(): Promise<void> {
  await opening?.catch(() => undefined);
  open?.destroy();
  open = undefined;
  forgetCalibration();
}
