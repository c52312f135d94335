// trace: the computational graph of a function, to be read, drawn, run and differentiated.

import { Graph } from '../compiler/graph.js';
import { recording, type Traceable } from '../compiler/graph-trace.js';
import { checkFunction } from '../core/check.js';
import type { Tree } from '../core/tree.js';
import { jvp } from './jvp.js';
import { vjp } from './vjp.js';

/** A graph with its derivatives. */
export class DifferentiableGraph extends Graph {
  /**
   * The graph of the reverse derivative: its `run` takes the arguments, then a cotangent with the structure of the
   * result, and returns the cotangents of the arguments, an array with one per argument.
   * @throws DTypeError for an argument of i32.
   * @example
   * trace((x) => mul(x, x), tensor([1, 2])).vjp().run(tensor([1, 2]), tensor([1, 1])); // [[2, 4]]
   */
  vjp(): DifferentiableGraph {
    const n = this.examples.length;
    const pull = (...args: Tree[]) => {
      const { pullback } = vjp(this.run, ...args.slice(0, n));
      return pullback(args[n]);
    };
    return graphOf(pull, [...this.examples, this.result]);
  }

  /**
   * The graph of the forward derivative: its `run` takes the arguments, then a tangent for each, and returns the
   * tangent of the result.
   * @throws DTypeError for an argument of i32.
   * @example
   * trace((x) => mul(x, x), tensor([1, 2])).jvp().run(tensor([1, 2]), tensor([1, 0])); // [2, 0]
   */
  jvp(): DifferentiableGraph {
    const n = this.examples.length;
    const push = (...args: Tree[]) => jvp(this.run, args.slice(0, n), args.slice(n)).tangent;
    return graphOf(push, [...this.examples, ...this.examples]);
  }
}

function graphOf(f: Traceable, examples: readonly Tree[]): DifferentiableGraph {
  return new DifferentiableGraph(recording('trace', f, examples, { specs: true }));
}

/**
 * The computational graph of f for arguments with the shapes and dtypes of the examples, whose values do not matter.
 * Tensors that f captures are constants of the graph, which holds them until `dispose`.
 * @param f written in operations.
 * @param examples the arguments: trees of tensors, or of `{ shape, dtype }` instead of tensors.
 * @returns `.nodes`, `.run(…inputs)`, `.toString()`, `.toMermaid()`, `.vjp()`, `.jvp()`; `vjp` and `jvp` of `.run` work
 * as well.
 * @throws ArgumentError if f reads values (`data`, `item`, …): only the shape of a traced tensor is known.
 * @example
 * const graph = trace((x, y) => add(mul(x, y), 1), { shape: [2] }, { shape: [] });
 * graph.toString(); // '%0 = input : f64[2]\n%1 = input : f64[] …'
 */
export function trace(f: Traceable, ...examples: Tree[]): DifferentiableGraph {
  checkFunction('trace', 'f', f);
  return graphOf(f, examples);
}
