// A GPU backend: holds stacks of matrices, multiplies them, runs portable kernels on them, and reads them back.

import type { Pipelines } from './pipelines.js';
import type { Argument, PortableKernel } from './portable.js';
import type { WebGpuProducts } from './webgpu-products.js';

/** The APIs that can reach a GPU. */
export type BackendName = 'webgpu' | 'webgl2';

/** Which GPU, and by which API. */
export interface DeviceInfo {
  /** The API in use. */
  readonly backend: BackendName;
  /** The name that the adapter reports. */
  readonly adapter: string;
  /** True for a GPU emulated on a CPU (SwiftShader, llvmpipe, WARP): correct results, but slow. */
  readonly software: boolean;
}

/** The extents of a stack of matrices. */
export interface MatrixStack {
  readonly batches: number;
  readonly rows: number;
  readonly cols: number;
}

/** op(A) op(B), m x k by k x n, of each of a batch; no extent is zero. */
export interface ProductExtent {
  readonly batches: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** C[z] = op(A[aBatch[z]]) op(B[bBatch[z]]). */
export interface Product extends ProductExtent {
  readonly aBatch: Float32Array;
  readonly bBatch: Float32Array;
  /** The result is alpha times the product, plus beta times `c`. */
  readonly alpha: number;
  readonly beta: number;
  readonly c?: DeviceBuffer;
  /** Kernels by gpu.js, the portable ones, although the backend has others. */
  readonly portable: boolean;
}

/** Rows that are sums of rows: see kernels/combine-rows.ts; four indices and four weights a row. */
export interface RowSums {
  readonly indices: Float32Array;
  readonly weights: Float32Array;
}

/** A stack of matrices in the memory of a GPU. */
export interface DeviceBuffer {
  readonly extent: MatrixStack;
  /** Bytes taken on the device, padding included. */
  readonly bytes: number;
  /** An error of the work that fills it; known only once that work is done. */
  readonly failure: Promise<Error | undefined>;
  release(): void;
}

/** What compiled programs need of WebGPU. */
export interface WebGpuAccess {
  readonly device: GPUDevice;
  readonly pipelines: Pipelines;
  readonly products: WebGpuProducts;
  /** Bytes of the largest buffer. */
  readonly maximumBytes: number;
  /** A buffer that somebody else owns, as rows without gaps. */
  lend(buffer: GPUBuffer, extent: MatrixStack, failure: () => Promise<Error | undefined>): DeviceBuffer;
  /** The buffer of a tensor, and the distance of its rows in elements. */
  locate(resident: DeviceBuffer): { readonly buffer: GPUBuffer; readonly pitch: number };
  /** Queues work; the promise says what went wrong with it. */
  guarded<T>(work: () => T): readonly [T, Promise<Error | undefined>];
}

/** One open device. Calls queue work and return at once; `read` and `sync` wait for it. */
export interface Backend {
  readonly info: DeviceInfo;
  /** What the adapter says of itself and its driver: a calibration holds for this. */
  readonly driver: string;
  /** Undefined for other APIs. */
  readonly webgpu?: WebGpuAccess;
  /** Why the device is lost, or undefined while it works. */
  lost(): string | undefined;
  /** Throws a DeviceError if the device cannot hold the extent; `caller` begins its message. */
  checkSize(caller: string, extent: MatrixStack): void;
  /** Throws a DeviceError if one kernel cannot compute the extent. */
  checkGrid(caller: string, extent: MatrixStack): void;
  upload(values: Float32Array, extent: MatrixStack): DeviceBuffer;
  multiply(a: DeviceBuffer, b: DeviceBuffer, product: Product): DeviceBuffer;
  /** A stack of the same extent, each row a sum of rows of the source. */
  combineRows(source: DeviceBuffer, sums: RowSums): DeviceBuffer;
  /** The result of a kernel, of this extent. */
  launch(
    caller: string,
    kernel: PortableKernel,
    args: readonly Argument[],
    extent: MatrixStack,
  ): DeviceBuffer;
  /** The values, row-major and without padding. */
  read(resident: DeviceBuffer): Promise<Float32Array>;
  /** Resolves when all queued work is done. */
  sync(): Promise<void>;
  destroy(): void;
  /** Loses the device as a crash of its driver would; for tests. */
  simulateLoss(): void;
}

/** Elements of an extent. */
export function elements({ batches, rows, cols }: MatrixStack): number {
  return batches * rows * cols;
}

/** Columns of a row, rounded up to four: each thread writes four at a time. */
export function padded(cols: number): number {
  return 4 * Math.ceil(cols / 4);
}

/** An extent as messages print it. */
export function describe({ batches, rows, cols }: MatrixStack): string {
  return `${batches} matrices of ${rows} x ${cols}`;
}

/** Names of drivers that run on the CPU. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|warp/i;

/** True for the name of an adapter that runs on the CPU. */
export function isSoftwareName(name: string): boolean {
  return softwareNames.test(name);
}
