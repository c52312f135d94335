// The benchmark of a kernel as data: sizes, operation counts, and functions that set it up and check it.

import type { BenchDType, Device } from './row.js';

export interface Case {
  kernel: string;
  /** One line for `cotangent bench --list`: what runs, and what n means. */
  about: string;
  dtypes: readonly BenchDType[];
  devices: readonly Device[];
  /** True where the thread pool shares the work. */
  threaded: boolean;
  /** Default sizes. */
  sizes: readonly number[];
  shape(n: number): readonly number[];
  flops(n: number): number;
  /** Bytes read and written, if memory is the limit. */
  bytes?(n: number, elementBytes: number): number;
  /** The largest error of a correct result. */
  tolerance(n: number, dtype: BenchDType): number;
  setup(n: number, dtype: BenchDType, device: Device): Task;
}

export interface Task {
  /** The timed work. On the GPU the promise settles when the device is done, without reading back. */
  run(): unknown;
  /** The same with upload of the operands and download of the result. */
  runWithTransfer?(): Promise<unknown>;
  /** Runs once and gives the error against an independent evaluation in f64. */
  error(): number | Promise<number>;
  dispose(): void;
}

export const elementBytes = (dtype: BenchDType): number => (dtype === 'f64' ? 8 : 4);

/** Half the distance from 1 to the next number. */
export const roundoff = (dtype: BenchDType): number => (dtype === 'f64' ? 2 ** -53 : 2 ** -24);
