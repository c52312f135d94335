// All columns of a linear map as one operation: inside a compiled program the map is a program of its own, run for one block of unit
// vectors after the other, so that a Hessian of n columns takes one step and not n copies of the map.
import { zeros } from '../core/create.js';
import { bytesPerElement } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import type { Executable } from '../graph/executable.js';
import { Graph } from '../graph/graph.js';
import { recording } from '../graph/graph-trace.js';
import type { GraphNode } from '../graph/node.js';
import { programOf } from '../graph/program.js';
import { Symbolic } from '../graph/symbolic.js';
import { applyAll, type Op } from '../ops/op.js';
import { ownedBy } from '../ops/ownership.js';
import { Tracer } from '../ops/tracer.js';
import { blockOf } from './blocks.js';

/** Bytes of the largest value of a block of columns: what several of them do not drive out of the inner caches. */
const BLOCK = 16384;

/** The values of the map that are symbols of a program around it, or captured by that; undefined if others are followed, too. */
function symbolsIn(graph: Graph): GraphNode[] | undefined {
  const varying = graph.nodes.filter(({ value, captured }) => captured || value instanceof Tracer);
  const isSymbol = ({ value, captured }: GraphNode) => captured || value instanceof Symbolic;
  return varying.length > 0 && varying.every(isSymbol) ? varying : undefined;
}

/** The map as a graph of `width` tangents at a time (no axis of their number for one), and of what it used to close over. */
function opened(name: string, graph: Graph, symbols: readonly GraphNode[], most: number) {
  const block = most > 1 ? blockOf(graph, most) : undefined;
  const width = block === undefined ? 1 : most;
  const run = (tangents: readonly Tensor[], values: readonly Tensor[]): Tensor[] => {
    const known = new Map(symbols.map((node, i) => [node, values[i]]));
    return block === undefined ? graph.evaluate(tangents, known) : block(tangents, known);
  };
  const tangents = graph.inputs.map(({ shape, dtype }) => ({
    shape: width === 1 ? shape : [width, ...shape],
    dtype,
  }));
  const values = symbols.map(({ shape, dtype }) => ({ shape, dtype }));
  return { width, inner: new Graph(recording(name, run, [tangents, values], { specs: true })) };
}

/**
 * What the map makes of every unit vector: for each of its results a tensor [columns, …result]. Undefined where the map closes over
 * nothing of a program under way, or over values that derivatives follow.
 */
export function allColumns(name: string, graph: Graph): Tensor[] | undefined {
  const symbols = symbolsIn(graph);
  if (symbols === undefined) return undefined;
  const columns = graph.inputs.reduce((sum, { size }) => sum + size, 0);
  const largest = graph.nodes.reduce(
    (most, { size, dtype }) => Math.max(most, size * bytesPerElement(dtype)),
    1,
  );
  const most = Math.min(columns, Math.floor(BLOCK / largest));
  const { width, inner } = opened(name, graph, symbols, most);
  const specs = graph.outputs.map(({ shape, dtype }) => ({ shape: [columns, ...shape], dtype }));
  let program: Executable | undefined;
  let units: Tensor[] = [];
  const op: Op = {
    name: 'columns',
    shape: () => specs,
    prepare: (outputs, values) => {
      // Once, though a program gets ready twice: its memory is known before its first run.
      program ??= programOf(inner);
      const map = program;
      if (units.length === 0) {
        units = ownedBy([], () =>
          graph.inputs.map(({ shape, dtype }) => zeros([width, ...shape], { dtype })),
        );
        for (const unit of units) unit.watch();
      }
      return () => {
        const leaves = [...units, ...values];
        const results = map.result as Tensor[];
        const views = () => [outputs, results, units].map((list) => list.map((y) => y.data()));
        let [to, from, ones] = views();
        /** Sets the ones of the unit vectors of the block that begins at a column. */
        const mark = (begin: number, value: number) => {
          let before = 0;
          graph.inputs.forEach(({ size }, u) => {
            const last = Math.min(begin + width, before + size);
            for (let column = Math.max(begin, before); column < last; column++)
              ones[u][(column - begin) * size + column - before] = value;
            before += size;
          });
        };
        for (let next = 0; next < columns; next += width) {
          // The last block is as wide as the others, and does some columns again.
          const begin = Math.min(next, columns - width);
          mark(begin, 1);
          if (next === 0) map.run(leaves);
          else map.rerun();
          // Views are gone when the map has made the memory grow.
          if (ones.some((data) => data.length === 0)) [to, from, ones] = views();
          mark(begin, 0);
          for (let k = 0; k < from.length; k++) to[k].set(from[k], (begin * from[k].length) / width);
        }
      };
    },
    bytes: () => units.reduce((sum, { storage }) => sum + storage.bytes, program?.bytes ?? 0),
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
