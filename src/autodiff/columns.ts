// All columns of a linear map as one operation: inside a compiled program the map is a program of its own, run for one unit vector
// after the other, so that a Hessian of n columns takes one step and not n copies of the map.
import { zeros } from '../core/create.js';
import type { Tensor } from '../core/tensor.js';
import { programOf } from '../graph/compile.js';
import { Graph } from '../graph/graph.js';
import type { GraphNode } from '../graph/node.js';
import type { Program } from '../graph/program.js';
import { recording } from '../graph/record.js';
import { Symbolic } from '../graph/symbolic.js';
import { keeping } from '../ops/hold.js';
import { applyAll, type Op } from '../ops/op.js';
import { Traced } from '../ops/traced.js';

/** The values of the map that are symbols of a program around it; undefined if others are followed, too. */
function symbolsIn(graph: Graph): GraphNode[] | undefined {
  const followed = graph.nodes.filter(({ value }) => value instanceof Traced);
  return followed.length > 0 && followed.every(({ value }) => value instanceof Symbolic)
    ? followed
    : undefined;
}

/** The map as a graph of tangents and of what it used to close over. */
function opened(name: string, graph: Graph, symbols: readonly GraphNode[]): Graph {
  const specs = (nodes: readonly GraphNode[]) => nodes.map(({ shape, dtype }) => ({ shape, dtype }));
  const run = (tangents: readonly Tensor[], values: readonly Tensor[]): Tensor[] =>
    graph.evaluate(tangents, new Map(symbols.map((node, i) => [node, values[i]])));
  return new Graph(recording(name, run, [specs(graph.inputs), specs(symbols)], { specs: true }));
}

/**
 * What the map makes of every unit vector: for each of its results a tensor [columns, …result]. Undefined where the map closes over
 * nothing of a program under way, or over values that derivatives follow.
 */
export function allColumns(name: string, graph: Graph): Tensor[] | undefined {
  const symbols = symbolsIn(graph);
  if (symbols === undefined) return undefined;
  const inner = opened(name, graph, symbols);
  const columns = graph.inputs.reduce((sum, { size }) => sum + size, 0);
  const specs = graph.outputs.map(({ shape, dtype }) => ({ shape: [columns, ...shape], dtype }));
  let program: Program | undefined;
  let units: Tensor[] = [];
  const op: Op = {
    name: 'columns',
    shape: () => specs,
    prepare: (outputs, values) => () => {
      if (program === undefined) {
        program = programOf(inner);
        units = keeping([], () => graph.inputs.map(({ shape, dtype }) => zeros(shape, { dtype })));
        for (const unit of units) unit.watch();
      }
      const leaves = [...units, ...values];
      const results = program.result as Tensor[];
      const views = () => [outputs, results, units].map((list) => list.map((y) => y.data()));
      let [to, from, ones] = views();
      let column = 0;
      for (let u = 0; u < units.length; u++) {
        for (let i = 0; i < units[u].size; i++) {
          ones[u][i] = 1;
          if (column === 0) program.run(leaves);
          else program.again();
          // Views are gone when the map has made the memory grow.
          if (ones[u].length === 0) [to, from, ones] = views();
          ones[u][i] = 0;
          for (let k = 0; k < from.length; k++) to[k].set(from[k], column * from[k].length);
          column++;
        }
      }
    },
    dispose() {
      if (program === undefined) inner.dispose();
      else program.dispose();
      for (const unit of units) unit.dispose();
    },
  };
  return applyAll(
    op,
    symbols.map(({ value }) => value as Tensor),
    undefined,
  );
}
