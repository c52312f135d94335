// Closure conversion: a function of tensors as a graph, with the tensors that it captures as additional inputs.
import type { Tensor } from '../core/tensor.js';
import type { Structure, Tree } from '../core/tree.js';
import type { TensorSpec } from '../ops/op.js';
import { Graph } from './graph.js';
import { recording, type Traceable } from './graph-trace.js';

/** A function without free tensors: `evaluate([...arguments, ...captures])`. */
export interface Closure {
  readonly graph: Graph;
  /**
   * Captured tensors: those of enclosing transformations, and those that an enclosing recording must read at every run.
   * Each is an input of the graph, after the arguments.
   */
  readonly captures: readonly Tensor[];
  /** How the result is nested. */
  readonly structure: Structure;
}

/**
 * Runs f on symbols of these specs. The caller disposes of the graph.
 * @throws UnknownValueError if f reads values.
 */
export function closureOf(name: string, f: Traceable, specs: readonly TensorSpec[]): Closure {
  const examples = specs.map(({ shape, dtype }) => ({ shape, dtype }) as Tree);
  const parts = recording(name, f, examples, { specs: true, lifts: true });
  return { graph: new Graph(parts), captures: parts.captures, structure: parts.structure };
}
