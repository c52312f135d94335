// One side of a comparison: an implementation that multiplies two square matrices.

import type { Numbers } from '../accuracy.js';
import type { BenchDType } from '../row.js';

export interface Contestant {
  name: string;
  version: string;
  dtypes: readonly BenchDType[];
  /** Copies the operands (row-major, n × n) into its own memory, untimed. */
  enter(n: number, dtype: BenchDType, a: Numbers, b: Numbers): Entry;
}

export interface Entry {
  /** One product, with its result released. This is timed. */
  run(): void;
  /** One product, as numbers, for checking. */
  result(): ArrayLike<number>;
  /** Before each batch, untimed: restores what the other side may have changed. */
  before?(): Promise<void>;
  dispose(): void;
}
