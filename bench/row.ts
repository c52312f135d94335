// One measurement as data: what ran, where it ran, how long it took, and how wrong it was.

export type BenchDType = 'f64' | 'f32';
export type Device = 'cpu' | 'gpu';
export type Backend = 'wasm simd' | 'wasm relaxed-simd' | 'webgpu' | 'webgl2';

/** What identifies a row: two rows of different runs with equal keys measure the same thing. */
export interface RowKey {
  /** Name of the kernel, as `cotangent bench` takes it. */
  kernel: string;
  /** The size asked for with `--sizes`; `shape` says what it means for this kernel. */
  size: number;
  /** m, n, k for products; rows, columns for matrices; a length for vectors. */
  shape: readonly number[];
  dtype: BenchDType;
  device: Device;
  /** CPU threads that took part; 1 for the GPU. */
  threads: number;
}

export interface Row extends RowKey {
  backend: Backend;
  /** The GPU as its driver names it. */
  adapter?: string;
  /** True if the adapter is emulated on the CPU: it proves correctness, but its speed means nothing. */
  software?: boolean;
  samples: number;
  medianMs: number;
  minMs: number;
  /** First and third quartile of the samples: the noise in a comparison with a baseline. */
  lowMs: number;
  highMs: number;
  /** 0 where the kernel has no floating-point operations (a transpose). */
  gflops: number;
  /** Part of the measured peak: of the adapter, or of one thread in this dtype, times the threads. */
  ofPeak?: number;
  /** Where memory, not arithmetic, is the limit. */
  gbytesPerSecond?: number;
  /** GPU: upload of the operands, the kernel, and download of the result. */
  medianMsWithTransfer?: number;
  /** Quartiles with transfer. */
  lowMsWithTransfer?: number;
  highMsWithTransfer?: number;
  gflopsWithTransfer?: number;
  samplesWithTransfer?: number;
  /** Largest deviation from an evaluation in f64, relative to the largest entry of that evaluation. */
  error: number;
}

/** A measurement without a time: its result was wrong (`failed`), or it would have taken too long (`skipped`). */
export interface Untimed extends RowKey {
  status: 'failed' | 'skipped';
  /** As in a row: the adapter it would have run on is an emulation. */
  software?: boolean;
  reason: string;
}

export type Outcome = Row | Untimed;

export function isRow(outcome: Outcome): outcome is Row {
  return !('status' in outcome);
}

export function isUntimed(outcome: Outcome): outcome is Untimed {
  return 'status' in outcome;
}

export function keyOf(row: RowKey): string {
  return [row.kernel, row.shape.join('x'), row.dtype, row.device, row.threads].join(' ');
}

export function formatShape(shape: readonly number[]): string {
  return shape.join('×');
}

/** The kernel of gpu.js beside our own, where both run. */
export const PORTABLE = 'matmulPortable';

/** "CPU, 1 thread", "GPU", "GPU (software)", "GPU, gpu.js". */
export function placeOf(
  row: Pick<Row, 'device' | 'threads' | 'software'> & Partial<Pick<Row, 'kernel'>>,
): string {
  if (row.device === 'gpu') {
    const name = row.kernel === PORTABLE ? 'GPU, gpu.js' : 'GPU';
    return row.software ? `${name} (software)` : name;
  }
  return `CPU, ${row.threads} ${row.threads === 1 ? 'thread' : 'threads'}`;
}
