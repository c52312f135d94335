// Elementwise operations as one: block by block, so that what passes between them stays in the inner cache.
import { bytesPerElement } from '../core/dtype.js';
import { mergeAxes } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { ElementwiseKernel } from '../ops/elementwise.js';
import type { Space } from '../ops/space.js';
import { Expression, partsOf } from './expression.js';
import type { GraphNode, Step } from './node.js';
import { aligned } from './place.js';
import type { Unit } from './schedule.js';

/** Bytes of one operand that are worked on at a time. */
const BLOCK = 16384;

/** How an index space of rows and columns is cut: `outer` times `pieces` blocks, the last piece smaller. */
export interface Cut {
  readonly outer: number;
  readonly pieces: number;
  /** Rows and columns of a block, and of the last piece. */
  readonly block: readonly [number, number];
  readonly last: readonly [number, number];
  /** Whether rows are cut, or the pieces are rows themselves. */
  readonly cutsRows: boolean;
}

/** Blocks of at most `most` elements, or single rows where those are longer, cut as well. */
export function cutOf(rows: number, columns: number, most: number): Cut {
  const cutsRows = columns > most;
  const [total, at] = cutsRows ? [columns, most] : [rows, Math.max(1, Math.floor(most / columns))];
  // Even pieces, but for the rounding of columns to whole vectors.
  const count = Math.ceil(total / at);
  const even = Math.ceil(total / count);
  const piece = cutsRows ? Math.min(total, Math.ceil(even / 16) * 16) : even;
  const pieces = Math.ceil(total / piece);
  const rest = total - (pieces - 1) * piece;
  return cutsRows
    ? { outer: rows, pieces, block: [1, piece], last: [1, rest], cutsRows }
    : { outer: 1, pieces, block: [piece, columns], last: [rest, columns], cutsRows };
}

/** An operand of the group: where it begins, and how far apart its blocks lie, in bytes. */
interface Operand {
  /** Undefined for what lies in the scratch of a block. */
  readonly tensor: Tensor | undefined;
  readonly address: number;
  readonly outerStep: number;
  readonly pieceStep: number;
  /** Strides in elements of rows and columns in a block. */
  readonly strides: readonly [number, number];
}

/** One kernel call on a block. */
interface KernelCall {
  readonly kernel: ElementwiseKernel;
  readonly ndim: number;
  readonly meta: number;
  readonly lastNdim: number;
  readonly lastMeta: number;
  readonly out: number;
  readonly inputs: readonly number[];
}

/** Gets a group ready; see `Op.prepare`. */
export function prepareGroup(unit: Unit, tensorOf: (node: GraphNode) => Tensor, space: Space): () => void {
  const { steps, read, written } = unit;
  const { extents, strides } = unit.layout as NonNullable<Unit['layout']>;
  const columns = extents[extents.length - 1];
  const rows = extents.length === 2 ? extents[0] : 1;
  const nodes = [...read, ...steps.map((step) => step.outputs[0])];
  const widest = Math.max(...nodes.map((node) => bytesPerElement(node.dtype)));
  const cut = cutOf(rows, columns, BLOCK / widest);

  const operands: Operand[] = [];
  const index = new Map<GraphNode, number>();
  const add = (node: GraphNode, operand: Operand) => void index.set(node, operands.push(operand) - 1);
  const outside = (node: GraphNode, row: readonly number[]) => {
    const bytes = bytesPerElement(node.dtype);
    const [rs, cs] = extents.length === 2 ? [row[0], row[1]] : [0, row[0]];
    add(node, {
      tensor: tensorOf(node),
      address: 0,
      outerStep: cut.cutsRows ? rs * bytes : 0,
      pieceStep: (cut.cutsRows ? cs * cut.block[1] : rs * cut.block[0]) * bytes,
      strides: [rs, cs],
    });
  };
  read.forEach((node, i) => void outside(node, strides[1 + i]));
  for (const node of written) outside(node, strides[0]);
  const size = aligned(cut.block[0] * cut.block[1] * widest);
  const needed = new Set(written);
  const parts = partsOf(steps);
  const { places, count } = registers(parts, needed);
  const scratch = count > 0 ? space.scratch(size * count) : 0;
  for (const [node, register] of places) {
    const address = scratch + size * register;
    add(node, { tensor: undefined, address, outerStep: 0, pieceStep: 0, strides: [cut.block[1], 1] });
  }

  const expression = (part: readonly Step[]) =>
    new Expression(
      part,
      (node) => index.has(node),
      (node) => index.get(node) as number,
      (at) => operands[at].strides,
      [cut.block, cut.last],
      space,
    );
  const kernelCall = ({ op, inputs, outputs: [out] }: Step): KernelCall => {
    const at = inputs.map((node) => index.get(node) as number);
    const describe = (block: readonly [number, number]) => {
      const dense = [block[1], 1];
      const layout = mergeAxes(block, [dense, ...at.map((i) => operands[i].strides)]);
      const meta = space.describe({ extents: layout.extents, strides: layout.strides.slice(1) });
      return [layout.extents.length, meta];
    };
    const [ndim, meta] = describe(cut.block);
    const [lastNdim, lastMeta] = cut.last.some((extent, i) => extent !== cut.block[i])
      ? describe(cut.last)
      : [ndim, meta];
    const types = inputs.map((node) => node.dtype);
    const kernel = (op.elementwise as NonNullable<typeof op.elementwise>)(out.dtype, types);
    return { kernel, ndim, meta, lastNdim, lastMeta, out: index.get(out) as number, inputs: at };
  };
  const calls = parts.map((part) => (part.length > 1 ? expression(part) : kernelCall(part[0])));
  const run = new Blocks(cut, operands, calls);
  return () => run.run();
}

/** A register of the block's scratch for what one part gives to another and nothing outside needs, in as few as it takes. */
function registers(
  parts: readonly (readonly Step[])[],
  written: ReadonlySet<GraphNode>,
): { places: Map<GraphNode, number>; count: number } {
  const lastUse = new Map<GraphNode, readonly Step[]>();
  for (const part of parts)
    for (const { inputs } of part) for (const input of inputs) lastUse.set(input, part);
  const places = new Map<GraphNode, number>();
  const free: number[] = [];
  let count = 0;
  for (const part of parts) {
    const outs = part
      .map(({ outputs: [out] }) => out)
      .filter((out) => !written.has(out) && lastUse.get(out) !== part);
    const dying = new Set(
      part
        .flatMap(({ inputs }) => inputs)
        .filter((input) => places.has(input) && lastUse.get(input) === part),
    );
    // One operation may write over an operand with elements of the same size, an expression over what it has read for the last time.
    for (const input of dying) {
      const isOver =
        part.length === 1 && bytesPerElement(input.dtype) === bytesPerElement(outs[0]?.dtype ?? 'i32');
      if (!isOver) continue;
      free.push(places.get(input) as number);
      dying.delete(input);
    }
    for (const out of outs) places.set(out, free.pop() ?? count++);
    for (const input of dying) free.push(places.get(input) as number);
  }
  return { places, count };
}

/** Runs the calls on block after block. */
class Blocks {
  readonly #cut: Cut;
  readonly #operands: readonly Operand[];
  readonly #calls: readonly (KernelCall | Expression)[];
  /** The operands that are tensors. */
  readonly #outside: readonly { index: number; tensor: Tensor }[];
  /** Where the operands of this row of blocks, and of this block, begin. */
  readonly #start: number[];
  readonly #at: number[];

  constructor(cut: Cut, operands: readonly Operand[], calls: readonly (KernelCall | Expression)[]) {
    this.#cut = cut;
    this.#operands = operands;
    this.#calls = calls;
    this.#outside = operands.flatMap(({ tensor }, index) =>
      tensor === undefined ? [] : [{ index, tensor }],
    );
    this.#start = operands.map(({ address }) => address);
    this.#at = [...this.#start];
  }

  run(): void {
    const { outer, pieces } = this.#cut;
    if (outer === 1 && pieces === 1) {
      this.#whole();
      return;
    }
    const [operands, start, at] = [this.#operands, this.#start, this.#at];
    for (let k = 0; k < operands.length; k++) {
      const { tensor } = operands[k];
      if (tensor !== undefined) start[k] = tensor.address;
    }
    for (let i = 0; i < outer; i++) {
      for (let k = 0; k < operands.length; k++) at[k] = start[k] + i * operands[k].outerStep;
      for (let j = 0; j < pieces; j++) {
        this.#block(j === pieces - 1);
        for (let k = 0; k < operands.length; k++) at[k] += operands[k].pieceStep;
      }
    }
  }

  /** All as one block. */
  #whole(): void {
    const at = this.#at;
    const outside = this.#outside;
    for (let k = 0; k < outside.length; k++) at[outside[k].index] = outside[k].tensor.address;
    this.#block(true);
  }

  #block(isLast: boolean): void {
    const at = this.#at;
    for (const call of this.#calls) {
      if (call instanceof Expression) call.run(isLast, at);
      else runKernel(call, isLast, at);
    }
  }
}

function runKernel(call: KernelCall, isLast: boolean, at: readonly number[]): void {
  const { kernel, inputs } = call;
  const [n, m] = isLast ? [call.lastNdim, call.lastMeta] : [call.ndim, call.meta];
  const out = at[call.out];
  if (inputs.length === 1) kernel(n, m, out, at[inputs[0]]);
  else if (inputs.length === 2) kernel(n, m, out, at[inputs[0]], at[inputs[1]]);
  else kernel(n, m, out, at[inputs[0]], at[inputs[1]], at[inputs[2]]);
}
