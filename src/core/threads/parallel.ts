// Splits kernels over threads: gemm by batch, rows or columns of C (in multiples of the register tile).
// The split does not change the order in which an element is computed, so the bits do not depend on the number of
// threads.
import type { BlasExports } from '../../generated/blas.js';
import { releaseBytes, takeBytes } from '../runtime.js';
import type { KernelModule } from '../wasm/module.js';
import { type Call, type ThreadPool, UnfinishedPartError } from './pool.js';
import { ranges } from './ranges.js';

/** Parts of a product start at multiples of the register tile, for either dtype. */
const TILE = 8;

type Arguments<K extends keyof BlasExports> = Parameters<BlasExports[K]>;
/** The arguments of `gemm_f64`. */
export type GemmArguments = Arguments<'gemm_f64'>;
/** The arguments of `gemm_batched_f64`. */
export type GemmBatchedArguments = Arguments<'gemm_batched_f64'>;

/** How a call is split. */
export interface Split<P, Exports> {
  module: KernelModule<Exports>;
  kernel: string & keyof Exports;
  parts: readonly P[];
  /** Bytes of workspace per part, and the address of the first part's workspace. */
  bytes: number;
  work: number;
  /** Whether a part can be repeated from the start: it does not read what it writes. */
  isRepeatable: boolean;
  args(part: P, work: number): readonly (number | boolean)[];
}

/** What the runtime can do with more than one thread. */
export class Parallel {
  readonly pool: ThreadPool;
  readonly #blas: KernelModule<BlasExports>;
  /** True while a parallel call runs; nested requests are then done serially. */
  #busy = false;

  /** `blas` is the module that the workers of the pool were started with. */
  constructor(pool: ThreadPool, blas: KernelModule<BlasExports>) {
    this.pool = pool;
    this.#blas = blas;
  }

  /**
   * Runs one call per part, each with its own workspace. Returns false, with nothing done, if there is no memory for
   * the workspace, the workers cannot load the module, or a parallel call is already running.
   * @throws DeviceError if a part failed and cannot be repeated.
   */
  run<P, Exports>({ module, kernel, parts, bytes, work, isRepeatable, args }: Split<P, Exports>): boolean {
    if (this.#busy || parts.length < 2 || !this.pool.publish(module)) return false;
    const works = [work];
    let isFree = true;
    this.#busy = true;
    try {
      while (works.length < parts.length) {
        const address = takeBytes(bytes);
        if (address === 0) return false;
        works.push(address);
      }
      const calls = parts.map((part, i): Call => ({ kernel, args: args(part, works[i]), isRepeatable }));
      this.pool.run(calls, module);
      return true;
    } catch (error) {
      // The unfinished thread may still write to its workspace, so the workspace is never reused.
      isFree = !(error instanceof UnfinishedPartError);
      throw error;
    } finally {
      this.#busy = false;
      if (isFree) for (const address of works.slice(1)) releaseBytes(address);
    }
  }

  /** C := alpha A B + beta C as a kernel requests it: the element size, then the arguments of `gemm`. */
  gemm([size, ...product]: readonly number[]): boolean {
    const [m, n, k, alpha, signedA, rsa, csa, signedB, rsb, csb, beta, signedC, rsc, csc, signedWork] =
      product as unknown as GemmArguments;
    // WebAssembly passes addresses above 2 GiB as negative numbers.
    const [a, b, c, work] = [signedA, signedB, signedC, signedWork].map((address) => address >>> 0);
    const dtype = size === 8 ? 'f64' : 'f32';
    const byRows = m >= n;
    const parts = ranges(byRows ? m : n, this.pool.threads, TILE);
    return this.run({
      module: this.#blas,
      kernel: `gemm_packed_${dtype}`,
      parts,
      bytes: this.#blas.exports[`gemm_${dtype}_work`](m, n, k),
      work,
      isRepeatable: beta === 0,
      args: ([start, length], own): GemmArguments => {
        const [rows, columns] = byRows ? [length, n] : [m, length];
        const partA = byRows ? a + start * rsa * size : a;
        const partB = byRows ? b : b + start * csb * size;
        const partC = c + start * (byRows ? rsc : csc) * size;
        return [rows, columns, k, alpha, partA, rsa, csa, partB, rsb, csb, beta, partC, rsc, csc, own];
      },
    });
  }

  /** A batch of equal products, with the arguments of `gemm_batched`. */
  gemmBatched(dtype: 'f64' | 'f32', args: GemmBatchedArguments): boolean {
    const [batch, m, n, k, alpha, a, bsa, rsa, csa, b, bsb, rsb, csb, beta, c, bsc, rsc, csc, work] = args;
    const size = dtype === 'f64' ? 8 : 4;
    return this.run({
      module: this.#blas,
      kernel: `gemm_batched_${dtype}`,
      parts: ranges(batch, this.pool.threads, 1),
      bytes: this.#blas.exports[`gemm_${dtype}_work`](m, n, k),
      work,
      isRepeatable: beta === 0,
      args: ([start, length], own): GemmBatchedArguments => {
        const [partA, partB] = [a + start * bsa * size, b + start * bsb * size];
        const partC = c + start * bsc * size;
        return [
          ...([length, m, n, k, alpha, partA, bsa, rsa, csa, partB, bsb, rsb, csb] as const),
          ...([beta, partC, bsc, rsc, csc, own] as const),
        ];
      },
    });
  }
}
