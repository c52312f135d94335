// Loop: runs a graph step by step in one piece of memory, forward, or backward over states that are kept or recomputed.
import { bytesPerElement } from '../core/dtype.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Workspace } from '../ops/workspace.js';
import { byteLength } from './buffers.js';
import type { Executable } from './executable.js';
import type { Graph } from './graph.js';
import type { GraphNode } from './node.js';
import { aligned } from './offsets.js';
import { Subprogram } from './subprogram.js';
import { clearWords, copyWords, writeWord } from './words.js';

/** Values that lie one after the other, each aligned. */
export class Block {
  readonly bytes: number;
  readonly sizes: readonly number[];
  readonly offsets: readonly number[];

  constructor(nodes: readonly GraphNode[]) {
    this.sizes = nodes.map(byteLength);
    let at = 0;
    this.offsets = this.sizes.map((size) => {
      const offset = at;
      at += aligned(size);
      return offset;
    });
    this.bytes = at;
  }
}

/** Where a step reads an operand or writes a result: `address + step * stride`. */
export interface Strided {
  readonly tensor: Tensor;
  readonly stride: number;
}

/** Tensors with one row per step. */
export function rowsOf(tensors: readonly Tensor[]): Strided[] {
  return tensors.map((tensor) => {
    const { dtype, shape } = tensor;
    return { tensor, stride: sizeOf(shape.slice(1)) * bytesPerElement(dtype) };
  });
}

/** Tensors that are the same in every step. */
export function fixed(tensors: readonly Tensor[]): Strided[] {
  return tensors.map((tensor) => ({ tensor, stride: 0 }));
}

/**
 * The graph of one step. Its inputs: the carry; what differs from step to step (with the number of the step last, if it
 * is used); what is the same in all steps. Its results: the next carry, then the outputs of the step.
 */
export interface LoopBody {
  readonly graph: Graph;
  readonly carry: number;
  readonly xs: number;
  readonly isIndexed: boolean;
  /** Number of results that are needed, from the first one on. */
  readonly results: number;
}

/** One step of a loop, in the memory of a workspace. */
export class LoopStep {
  readonly carry: Block;
  readonly #body: LoopBody;
  readonly #program: Subprogram;
  /** The address of the carry, and the number of the step. */
  readonly #state: number;
  readonly #index: number;
  #executable: Executable | undefined;
  #results: readonly number[] = [];
  #xs: readonly (Strided | undefined)[] = [];
  #starts: number[] = [];
  #ys: readonly Strided[] = [];
  #targets: number[] = [];

  constructor(body: LoopBody, space: Workspace) {
    this.#body = body;
    this.carry = new Block(body.graph.inputs.slice(0, body.carry));
    this.#program = new Subprogram(body.graph, space, body.results);
    this.#state = space.scratch(this.carry.bytes);
    this.#index = space.scratch(4);
  }

  /** Sets what the steps read and write in this run; `place` must set undefined xs before every step. */
  begin(
    xs: readonly (Strided | undefined)[],
    constants: readonly Tensor[],
    ys: readonly Strided[] = [],
  ): void {
    const { carry, xs: count, isIndexed } = this.#body;
    if (this.#executable === undefined) {
      this.#executable = this.#program.load();
      this.#results = this.#program.results;
    }
    const executable = this.#executable;
    this.carry.offsets.forEach((offset, i) => void executable.place(i, this.#state + offset));
    if (isIndexed) executable.place(carry + count - 1, this.#index);
    constants.forEach((x, i) => void executable.place(carry + count + i, x.address));
    [this.#xs, this.#ys] = [xs, ys];
    this.#starts = xs.map((x) => x?.tensor.address ?? 0);
    this.#targets = ys.map(({ tensor }) => tensor.address);
  }

  /** Sets the address of one of the xs. */
  place(i: number, address: number): void {
    this.#executable?.place(this.#body.carry + i, address);
  }

  /** Reads the first values of the carry from rows of tensors. */
  load(from: readonly Strided[], row = 0): void {
    const { sizes, offsets } = this.carry;
    for (let i = 0; i < from.length; i++)
      copyWords(this.#state + offsets[i], from[i].tensor.address + row * from[i].stride, sizes[i]);
  }

  /** Copies the values of the carry from number `first` on to rows of tensors. */
  store(to: readonly Strided[], row = 0, first = 0): void {
    const { sizes, offsets } = this.carry;
    for (let i = 0; i < to.length; i++)
      copyWords(
        to[i].tensor.address + row * to[i].stride,
        this.#state + offsets[first + i],
        sizes[first + i],
      );
  }

  /** Sets the values of the carry from number `first` on to zero. */
  clear(first: number): void {
    const { sizes, offsets } = this.carry;
    for (let i = first; i < sizes.length; i++) clearWords(this.#state + offsets[i], sizes[i]);
  }

  /** Reads the carry from a block. */
  loadBlock(address: number): void {
    copyWords(this.#state, address, this.carry.bytes);
  }

  /** Copies the carry to a block. */
  storeBlock(address: number): void {
    copyWords(address, this.#state, this.carry.bytes);
  }

  /** Runs step `t`. */
  run(t: number): void {
    const executable = this.#executable as Executable;
    const { carry, isIndexed } = this.#body;
    const [xs, starts, ys, targets, results] = [
      this.#xs,
      this.#starts,
      this.#ys,
      this.#targets,
      this.#results,
    ];
    for (let i = 0; i < xs.length; i++) {
      const x = xs[i];
      if (x !== undefined) executable.place(carry + i, starts[i] + t * x.stride);
    }
    if (isIndexed) writeWord(this.#index, t);
    executable.rerun();
    const { sizes, offsets } = this.carry;
    for (let i = 0; i < sizes.length; i++) copyWords(this.#state + offsets[i], results[i], sizes[i]);
    for (let i = 0; i < ys.length; i++)
      copyWords(targets[i] + t * ys[i].stride, results[carry + i], ys[i].stride);
  }
}
