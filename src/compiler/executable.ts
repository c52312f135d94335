// Executable: a layout that is ready to run on a device. An Executor makes one; another device needs another Executor.
import type { Tensor } from '../core/tensor.js';
import type { Tree } from '../core/tree.js';
import type { Layout, LayoutTarget } from './layout.js';

/** A graph that is ready to run any number of times in preallocated memory. */
export interface Executable extends Layout {
  /** The result: the same tensors after every run. */
  readonly result: Tree;
  /** Bytes that it holds: slab, constants, copies of arguments, and memory of rows. */
  readonly bytes: number;
  /**
   * Runs the graph for arguments of the right shapes and dtypes; the next run overwrites the result. If a step throws,
   * the results of earlier steps are new and the others old, until a run succeeds.
   * @throws ArgumentError if it is called from within one of its own steps; DisposedError for disposed arguments.
   */
  run(leaves: readonly Tensor[]): Tree;
  /** Runs the graph again for the same arguments, whose values may have changed. */
  rerun(): void;
  /** Sets the address of an argument, for `rerun`; it must not lie in the memory of the executable. */
  place(index: number, address: number): void;
  /** The steps, and where values lie, as text. */
  toString(): string;
  /** Frees everything (at the end of the run if one is in progress), the results included. */
  dispose(): void;
}

/** A device that can run layouts. */
export interface Executor extends LayoutTarget {
  /**
   * Takes ownership of the layout's graph. If it throws, nothing stays allocated, and the caller still owns the graph.
   * `address`: memory of the caller's for the slab.
   */
  load(layout: Layout, address?: number): Executable;
}
