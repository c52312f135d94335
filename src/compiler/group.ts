// Runs elementwise operations as one: block by block, so that intermediate values stay in the inner cache.
import { bytesPerElement } from '../core/dtype.js';
import { runtime } from '../core/runtime.js';
import { mergeAxes } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { ElementwiseKernel } from '../ops/elementwise.js';
import type { Workspace } from '../ops/workspace.js';
import { type ChainForm, chainForm, chainKernel, chainsOf, operandsOf, WORDS } from './chains.js';
import type { Call, GraphNode } from './node.js';
import { aligned } from './offsets.js';
import type { KernelGroup } from './schedule.js';

/** Bytes of one operand in a block. */
const BLOCK = 16384;

/** How an index space of rows and columns is cut: into `outer` times `pieces` blocks; the last piece may be smaller. */
export interface Tile {
  readonly outer: number;
  readonly pieces: number;
  /** Rows and columns of a block, and of the last piece. */
  readonly block: readonly [number, number];
  readonly last: readonly [number, number];
  /** Whether the columns of rows are cut, or the pieces are groups of rows. */
  readonly cutsRows: boolean;
}

/** Cuts into blocks of at most `most` elements; rows that are longer than that are cut, too. */
export function tileOf(rows: number, columns: number, most: number): Tile {
  const cutsRows = columns > most;
  const [total, at] = cutsRows ? [columns, most] : [rows, Math.max(1, Math.floor(most / columns))];
  // Pieces of equal size, except for the rounding of columns to whole vectors.
  const count = Math.ceil(total / at);
  const even = Math.ceil(total / count);
  const piece = cutsRows ? Math.min(total, Math.ceil(even / 16) * 16) : even;
  const pieces = Math.ceil(total / piece);
  const rest = total - (pieces - 1) * piece;
  return cutsRows
    ? { outer: rows, pieces, block: [1, piece], last: [1, rest], cutsRows }
    : { outer: 1, pieces, block: [piece, columns], last: [rest, columns], cutsRows };
}

/** An operand of the group: its start, and the distance between its blocks, in bytes. */
interface Operand {
  /** Undefined for an operand in the scratch of a block. */
  readonly tensor: Tensor | undefined;
  readonly address: number;
  readonly outerStep: number;
  readonly pieceStep: number;
  /** Strides in elements of rows and columns in a block. */
  readonly strides: readonly [number, number];
}

/** A chain of operations on a block, run by one call. */
interface ChainCall {
  readonly kernel: (...args: number[]) => void;
  readonly form: ChainForm;
  readonly last: ChainForm;
  /** The address of its instructions. */
  readonly code: number;
  readonly out: number;
  readonly inputs: readonly number[];
}

/** One kernel call on a block. */
interface KernelCall {
  readonly form?: undefined;
  readonly kernel: ElementwiseKernel;
  readonly ndim: number;
  readonly meta: number;
  readonly lastNdim: number;
  readonly lastMeta: number;
  readonly out: number;
  readonly inputs: readonly number[];
}

/** Prepares a group; see `Op.prepare`. */
export function prepareGroup(
  group: KernelGroup,
  tensorOf: (node: GraphNode) => Tensor,
  space: Workspace,
): () => void {
  const { steps, read, written } = group;
  const { extents, strides } = group.layout as NonNullable<KernelGroup['layout']>;
  const columns = extents[extents.length - 1];
  const rows = extents.length === 2 ? extents[0] : 1;
  const nodes = [...read, ...steps.map((step) => step.outputs[0])];
  const widest = nodes.reduce((most, { dtype }) => Math.max(most, bytesPerElement(dtype)), 0);
  const cut = tileOf(rows, columns, BLOCK / widest);

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
  const chains = chainsOf(steps, needed);
  const { places, count } = registers(chains, needed);
  const scratch = count > 0 ? space.scratch(size * count) : 0;
  for (const [node, register] of places) {
    const address = scratch + size * register;
    add(node, { tensor: undefined, address, outerStep: 0, pieceStep: 0, strides: [cut.block[1], 1] });
  }

  const chainCall = (chain: readonly Call[]): ChainCall => {
    const [out] = chain[chain.length - 1].outputs;
    const { codes, nodes } = operandsOf(chain);
    const inputs = nodes.map((node) => index.get(node) as number);
    const strides = inputs.map((i) => operands[i].strides);
    const bytes = bytesPerElement(out.dtype);
    return {
      kernel: chainKernel(out.dtype as 'f64' | 'f32'),
      form: chainForm(cut.block, codes, strides, bytes),
      last: chainForm(cut.last, codes, strides, bytes),
      code: space.scratch(4 * WORDS * codes.length),
      out: index.get(out) as number,
      inputs,
    };
  };
  const kernelCall = ({ op, inputs, outputs: [out] }: Call): KernelCall => {
    const at = inputs.map((node) => index.get(node) as number);
    const describe = (block: readonly [number, number]) => {
      const dense = [block[1], 1];
      const layout = mergeAxes(block, [dense, ...at.map((i) => operands[i].strides)]);
      const meta = space.descriptor({ extents: layout.extents, strides: layout.strides.slice(1) });
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
  const instructions = chains.map((chain) => (chain.length > 1 ? chainCall(chain) : kernelCall(chain[0])));
  const run = new Blocks(cut, operands, instructions);
  return () => run.run();
}

/**
 * Registers in the scratch of the block for results of chains that nothing outside needs; as few registers as possible.
 */
function registers(
  chains: readonly (readonly Call[])[],
  written: ReadonlySet<GraphNode>,
): { places: Map<GraphNode, number>; count: number } {
  const lastUse = new Map<GraphNode, readonly Call[]>();
  for (const chain of chains)
    for (const { inputs } of chain) for (const input of inputs) lastUse.set(input, chain);
  const places = new Map<GraphNode, number>();
  const free: number[] = [];
  let count = 0;
  for (const chain of chains) {
    const [out] = chain[chain.length - 1].outputs;
    const dying = [...new Set(chain.flatMap(({ inputs }) => inputs))].filter(
      (input) => places.has(input) && lastUse.get(input) === chain,
    );
    // A result may overwrite an operand of the same element size only: it is written while that operand is read.
    const inPlace = dying.filter((input) => bytesPerElement(input.dtype) === bytesPerElement(out.dtype));
    for (const input of inPlace) free.push(places.get(input) as number);
    if (!written.has(out)) places.set(out, free.pop() ?? count++);
    for (const input of dying) if (!inPlace.includes(input)) free.push(places.get(input) as number);
  }
  return { places, count };
}

/** Runs the instructions block after block. */
class Blocks {
  readonly #cut: Tile;
  readonly #operands: readonly Operand[];
  readonly #instructions: readonly (KernelCall | ChainCall)[];
  /** The operands that are tensors. */
  readonly #outside: readonly { index: number; tensor: Tensor }[];
  /** Addresses of the operands for this row of blocks, and for this block. */
  readonly #start: number[];
  readonly #at: number[];

  constructor(cut: Tile, operands: readonly Operand[], instructions: readonly (KernelCall | ChainCall)[]) {
    this.#cut = cut;
    this.#operands = operands;
    this.#instructions = instructions;
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

  /** Everything as one block. */
  #whole(): void {
    const at = this.#at;
    const outside = this.#outside;
    for (let k = 0; k < outside.length; k++) at[outside[k].index] = outside[k].tensor.address;
    this.#block(true);
  }

  #block(isLast: boolean): void {
    const at = this.#at;
    for (const call of this.#instructions) {
      if (call.form !== undefined) runChain(call, isLast, at);
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

let memoryWords = /* @__PURE__ */ new Int32Array(0);

function runChain(call: ChainCall, isLast: boolean, at: readonly number[]): void {
  const { kernel, code, inputs } = call;
  // After the memory has grown, old views are empty or (if it is shared) too short.
  if ((code >>> 2) + WORDS * inputs.length > memoryWords.length)
    memoryWords = new Int32Array(runtime().memory.buffer);
  const { rows, columns, words } = isLast ? call.last : call.form;
  for (let k = 0, to = code >>> 2; k < inputs.length; k++, to += WORDS) {
    memoryWords[to] = words[WORDS * k];
    memoryWords[to + 1] = at[inputs[k]];
    memoryWords[to + 2] = words[WORDS * k + 2];
  }
  kernel(rows, columns, at[call.out], inputs.length, code);
}
