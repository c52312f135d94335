// All columns of a linear map as one operation. In a compiled program the map is a program of its own, run for one
// block of unit vectors after the other, so that a Hessian of n columns is one step and not n copies of the map.

import { Graph } from '../compiler/graph.js';
import { recording } from '../compiler/graph-trace.js';
import type { GraphNode } from '../compiler/node.js';
import { Subprogram } from '../compiler/subprogram.js';
import { Symbolic } from '../compiler/symbolic.js';
import { clearWords, copyWords, writeWord } from '../compiler/words.js';
import { arange, zeros } from '../core/create.js';
import { bytesPerElement } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { add, mul } from '../ops/arithmetic.js';
import { astype } from '../ops/cast.js';
import { equal } from '../ops/compare.js';
import { concat } from '../ops/concat.js';
import { expandDims, reshape } from '../ops/layout.js';
import { minimum } from '../ops/minmax.js';
import { applyAll, type Op } from '../ops/op.js';
import { slice } from '../ops/slice.js';
import { Tracer } from '../ops/tracer.js';
import { blockOf } from './blocks.js';
import { rulesOf } from './rules-of.js';
import { scan } from './scan.js';

/** Bytes of the largest value of a block of columns; several values of this size still fit in the inner caches. */
const BLOCK = 16384;

/** The bits of 1 in f32, and the upper half of those in f64, whose lower half is 0. */
const ONE_F32 = 0x3f800000;
const ONE_F64 = 0x3ff00000;

/**
 * The values that the map captures from an enclosing program, traced or captured there; undefined if others are traced,
 * too.
 */
function symbolsIn(graph: Graph): GraphNode[] | undefined {
  const varying = graph.nodes.filter(({ value, captured }) => captured || value instanceof Tracer);
  const isSymbol = ({ value, captured }: GraphNode) => captured || value instanceof Symbolic;
  return varying.length > 0 && varying.every(isSymbol) ? varying : undefined;
}

/** The map as a graph of `width` tangents at a time (no additional axis for 1), with its captured values as inputs. */
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
 * The results of the map for every unit vector: for each result a tensor [columns, …result]. Undefined if the map
 * captures nothing from a program in progress, or captures values that are being differentiated.
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
  const op: Op = {
    name: 'columns',
    bodies: [inner],
    shape: () => specs,
    prepare(outputs, values, _, space) {
      const map = new Subprogram(inner, space);
      const units = graph.inputs.map(({ size, dtype }) => {
        const bytes = width * size * bytesPerElement(dtype);
        return { address: space.persistent(bytes), bytes, size, dtype };
      });
      /** Writes the ones of the unit vectors of the block that begins at a column, or clears them again. */
      const mark = (begin: number, isSet: boolean) => {
        let before = 0;
        for (const { address, size, dtype } of units) {
          const last = Math.min(begin + width, before + size);
          for (let column = Math.max(begin, before); column < last; column++) {
            const at = (column - begin) * size + column - before;
            if (dtype === 'f64') writeWord(address + 8 * at + 4, isSet ? ONE_F64 : 0);
            else writeWord(address + 4 * at, isSet ? ONE_F32 : 0);
          }
          before += size;
        }
      };
      return () => {
        const executable = map.load();
        units.forEach(({ address, bytes }, i) => {
          clearWords(address, bytes);
          executable.place(i, address);
        });
        values.forEach((x, i) => void executable.place(units.length + i, x.address));
        const { results } = map;
        for (let next = 0; next < columns; next += width) {
          // The last block is as wide as the others, and repeats some columns.
          const begin = Math.min(next, columns - width);
          mark(begin, true);
          executable.rerun();
          mark(begin, false);
          for (let k = 0; k < results.length; k++) {
            const bytes = outputs[k].size * bytesPerElement(outputs[k].dtype);
            copyWords(outputs[k].address + (bytes / columns) * begin, results[k], (bytes / columns) * width);
          }
        }
      };
    },
    ...rulesOf((values) => looped(inner, graph.inputs, values, columns, width)),
  };
  try {
    return applyAll(
      op,
      symbols.map(({ value }) => value as Tensor),
      undefined,
    );
  } finally {
    inner.dispose();
  }
}

/** The same columns by a loop over the blocks, for derivatives. */
function looped(
  inner: Graph,
  inputs: readonly GraphNode[],
  values: readonly Tensor[],
  columns: number,
  width: number,
): Tensor[] {
  const blocks = Math.ceil(columns / width);
  const numbers = (count: number) => arange(count, undefined, 1, { dtype: 'i32' });
  const step = (carry: Tensor, i: Tensor) => {
    const begin = minimum(mul(i, width), columns - width);
    let before = 0;
    const units = inputs.map(({ shape, size, dtype }) => {
      const column = expandDims(add(numbers(width), begin), 1);
      const unit = astype(equal(column, add(numbers(size), before)), dtype);
      before += size;
      return reshape(unit, width === 1 ? shape : [width, ...shape]);
    });
    return { carry, y: inner.evaluate([...units, ...values]) };
  };
  const { ys } = scan(step, zeros([], { dtype: 'i32' }), undefined, { length: blocks });
  return (ys as Tensor[]).map((y, k) => {
    const { shape } = inner.outputs[k];
    const rest = width === 1 ? shape : shape.slice(1);
    const rows = reshape(y, [blocks * width, ...rest]);
    const [whole, again] = [(blocks - 1) * width, blocks * width - columns];
    if (again === 0) return rows;
    const part = (from: number, to: number) => slice(rows, [from], [to]);
    return concat([part(0, whole), part(whole + again, blocks * width)], 0);
  });
}
