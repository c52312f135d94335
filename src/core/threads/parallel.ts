// Kernels in parallel, and those of `blas`: products by batch, by rows or by columns of C in whole register tiles, rotations by matrices or columns.
// Every element is computed in the order that the whole problem fixes, so the bits do not depend on the number of threads.
import { type BlasExports, blas } from '../../generated/blas.js';
import { releaseBytes, takeBytes } from '../runtime.js';
import type { KernelModule } from '../wasm/module.js';
import type { Call, ThreadPool } from './pool.js';
import type { ParallelKernel } from './protocol.js';
import { ranges } from './ranges.js';

/** Parts of a product start at multiples of the register tile of either type. */
const TILE = 8;
/** Parts of a sequence of rotations start at multiples of the strip of either type. */
const STRIP = 16;

type Arguments<K extends keyof BlasExports> = Parameters<BlasExports[K]>;
/** The arguments of `gemm_f64`. */
export type GemmArguments = Arguments<'gemm_f64'>;
/** The arguments of `gemm_batched_f64`. */
export type GemmBatchedArguments = Arguments<'gemm_batched_f64'>;
/** The arguments of `rotate_f64`. */
export type RotateArguments = Arguments<'rotate_f64'>;

/** What the runtime can do with more than one thread. */
export class Parallel {
  readonly pool: ThreadPool;
  /** While parts run, what they ask for is theirs to do. */
  #busy = false;

  constructor(pool: ThreadPool) {
    this.pool = pool;
  }

  /**
   * Runs one call per part of kernels of `module`, each with workspace of its own, the first with `work`; false where there is no
   * room for it, or where parts are running already.
   */
  run<P, Exports>(
    module: KernelModule<Exports>,
    kernel: ParallelKernel & keyof Exports,
    parts: readonly P[],
    bytes: number,
    work: number,
    args: (part: P, work: number) => readonly (number | boolean)[],
  ): boolean {
    if (this.#busy || (module !== (blas as unknown) && !this.pool.offer(module))) return false;
    const works = [work];
    this.#busy = true;
    try {
      while (works.length < parts.length) {
        const address = takeBytes(bytes);
        if (address === 0) return false;
        works.push(address);
      }
      this.pool.run(
        parts.map((part, i): Call => ({ kernel, args: args(part, works[i]) })),
        module,
      );
      return true;
    } finally {
      this.#busy = false;
      for (const address of works.slice(1)) releaseBytes(address);
    }
  }

  /** C := alpha A B + beta C as a kernel asks for it: the size of an element, then what `gemm` takes. */
  gemm([size, ...product]: readonly number[]): boolean {
    const [m, n, k, alpha, signedA, rsa, csa, signedB, rsb, csb, beta, signedC, rsc, csc, signedWork] =
      product as unknown as GemmArguments;
    // Addresses above 2 GiB leave WebAssembly as negative numbers.
    const [a, b, c, work] = [signedA, signedB, signedC, signedWork].map((address) => address >>> 0);
    const dtype = size === 8 ? 'f64' : 'f32';
    const byRows = m >= n;
    const parts = ranges(byRows ? m : n, this.pool.threads, TILE);
    const bytes = blas.exports[`gemm_${dtype}_work`](m, n, k);
    return this.run(
      blas,
      `gemm_packed_${dtype}`,
      parts,
      bytes,
      work,
      ([start, length], own): GemmArguments => {
        const [rows, columns] = byRows ? [length, n] : [m, length];
        const partA = byRows ? a + start * rsa * size : a;
        const partB = byRows ? b : b + start * csb * size;
        const partC = c + start * (byRows ? rsc : csc) * size;
        return [rows, columns, k, alpha, partA, rsa, csa, partB, rsb, csb, beta, partC, rsc, csc, own];
      },
    );
  }

  /** A batch of equal products, as `gemm_batched` takes them. */
  gemmBatched(dtype: 'f64' | 'f32', args: GemmBatchedArguments): boolean {
    const [batch, m, n, k, alpha, a, bsa, rsa, csa, b, bsb, rsb, csb, beta, c, bsc, rsc, csc, work] = args;
    const size = dtype === 'f64' ? 8 : 4;
    const bytes = blas.exports[`gemm_${dtype}_work`](m, n, k);
    const parts = ranges(batch, this.pool.threads, 1);
    return this.run(
      blas,
      `gemm_batched_${dtype}`,
      parts,
      bytes,
      work,
      ([start, length], own): GemmBatchedArguments => [
        ...([length, m, n, k, alpha, a + start * bsa * size, bsa, rsa, csa] as const),
        ...([
          b + start * bsb * size,
          bsb,
          rsb,
          csb,
          beta,
          c + start * bsc * size,
          bsc,
          rsc,
          csc,
          own,
        ] as const),
      ],
    );
  }

  /** A sequence of rotations on a batch of matrices, as `rotate` takes it: by matrices, or by columns of the one. */
  rotate(dtype: 'f64' | 'f32', args: RotateArguments): boolean {
    const [batch, n, m, count, pairs, angles, backward, x, bsx, rsx, csx, y, bsy, rsy, csy, work] = args;
    const size = dtype === 'f64' ? 8 : 4;
    const byMatrix = batch >= this.pool.threads;
    const parts = byMatrix ? ranges(batch, this.pool.threads, 1) : ranges(m, this.pool.threads, STRIP);
    return this.run(
      blas,
      `rotate_${dtype}`,
      parts,
      blas.exports.rotate_work(n),
      work,
      ([start, length], own): RotateArguments => {
        const partX = x + start * (byMatrix ? bsx : csx) * size;
        const partY = y + start * (byMatrix ? bsy : csy) * size;
        const [matrices, columns] = byMatrix ? [length, m] : [batch, length];
        return [
          ...([matrices, n, columns, count, pairs, angles, backward] as const),
          ...([partX, bsx, rsx, csx, partY, bsy, rsy, csy, own] as const),
        ];
      },
    );
  }
}
