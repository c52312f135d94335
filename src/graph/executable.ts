// Executable: a layout made ready to run on a device; Executor: what makes one. Another device is another executor.
import type { Tensor } from '../core/tensor.js';
import type { Tree } from '../core/tree.js';
import type { Layout, LayoutTarget } from './layout.js';
import type { Call } from './node.js';

/** A graph that is ready to run any number of times in memory that is planned once. */
export interface Executable extends Layout {
  /** The result, the same tensors after every run. */
  readonly result: Tree;
  /** Bytes that it holds: slab, constants, copies of arguments, and what rows hold. */
  readonly bytes: number;
  /**
   * Runs it for arguments of the right shapes and dtypes; the result is overwritten by the next run.
   * When a step throws, results of steps before it are new and the others old, until a run succeeds.
   * @throws ArgumentError when it is called from within one of its own steps; DisposedError for arguments that are disposed.
   */
  run(leaves: readonly Tensor[]): Tree;
  /** Runs it again for the same arguments, whose values may have changed. */
  rerun(): void;
  /** Sets where an argument lies, for `rerun`: not in the memory of the executable itself. */
  place(index: number, address: number): void;
  /** What runs, step by step, and where values lie. */
  toString(): string;
  /** Frees everything, at the end of the run if one is under way; the results go with it. */
  dispose(): void;
}

/** A device that runs layouts. */
export interface Executor extends LayoutTarget {
  /**
   * Takes the layout's graph over. When it throws, nothing stays allocated, and the graph is the caller's. With `address` the slab is
   * memory of the caller's.
   */
  load(layout: Layout, address?: number): Executable;
}

/** Frees what rows that were made for one program hold. */
export function disposeRows(steps: readonly Call[]): void {
  for (const { op } of steps) op.dispose?.();
}
