// One side of a comparison: something that multiplies two square matrices, whoever wrote it.

import type { Numbers } from '../accuracy.js';
import type { BenchDType } from '../row.js';

export interface Contestant {
  name: string;
  version: string;
  dtypes: readonly BenchDType[];
  /** Takes copies of the operands (row-major, n × n) into its own memory, untimed. */
  enter(n: number, dtype: BenchDType, a: Numbers, b: Numbers): Entry;
}

export interface Entry {
  /** One product, its result given back. This is what is timed. */
  run(): void;
  /** One product, as numbers, to be checked. */
  result(): ArrayLike<number>;
  /** Before each batch, untimed: what the other side may have changed. */
  before?(): Promise<void>;
  dispose(): void;
}
