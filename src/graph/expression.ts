// Expressions: arithmetic in a group as one kernel call, which hands results on in registers and keeps in tiles what is read again.
import { bytesPerElement } from '../core/dtype.js';
import { runtime } from '../core/runtime.js';
import { mergeAxes } from '../core/shape.js';
import { array } from '../generated/array.js';
import type { Space } from '../ops/space.js';
import type { GraphNode, Step } from './node.js';

/** What the kernel does with what it holds, by the names of rows, as the first operand and as the second (assembly/array/expression.ts). */
const CODES: Readonly<Record<string, readonly number[]>> = {
  add: [1, 1],
  sub: [2, 3],
  mul: [4, 4],
  div: [5, 6],
  neg: [7],
  square: [8],
};
const LOAD = 0;
const STORE = 9;
/** Added where the operand is one number for the whole row. */
const REPEATED = 16;
/** Words of an instruction. */
const WORDS = 4;
/** Bytes of a tile: eight vectors. */
const TILE = 128;

function isArithmetic({ op, outputs: [{ dtype }] }: Step): boolean {
  return op.elementwise !== undefined && Object.hasOwn(CODES, op.name) && dtype !== 'i32';
}

/** The steps in order, arithmetic of one dtype that follows on arithmetic together. */
export function partsOf(steps: readonly Step[]): Step[][] {
  const parts: Step[][] = [];
  for (const step of steps) {
    const part = parts[parts.length - 1];
    const follows =
      part !== undefined &&
      isArithmetic(part[0]) &&
      isArithmetic(step) &&
      part[0].outputs[0].dtype === step.outputs[0].dtype;
    if (follows) part.push(step);
    else parts.push([step]);
  }
  return parts;
}

/** One instruction: with a value in memory, with a tile, or with nothing but what the kernel holds. */
export interface Instruction {
  readonly code: number;
  readonly node?: GraphNode;
  readonly tile?: number;
}

/** The instructions of a part, and how many tiles they take; `escapes`: what is written to memory. */
export function instructionsOf(
  part: readonly Step[],
  escapes: (node: GraphNode) => boolean,
): { instructions: Instruction[]; tiles: number } {
  const lastUse = new Map<GraphNode, number>();
  part.forEach(({ inputs }, k) => {
    for (const input of inputs) lastUse.set(input, k);
  });
  const instructions: Instruction[] = [];
  const [tileOf, free] = [new Map<GraphNode, number>(), [] as number[]];
  let tiles = 0;
  const push = (code: number, node: GraphNode) => {
    const tile = tileOf.get(node);
    instructions.push(tile === undefined ? { code, node } : { code, tile });
  };
  let held: GraphNode | undefined;
  part.forEach(({ op, inputs, outputs: [out] }, k) => {
    let at = held === undefined ? -1 : inputs.indexOf(held);
    if (at < 0) {
      at = 0;
      push(LOAD, inputs[0]);
    }
    const code = CODES[op.name][at];
    if (inputs.length === 2) push(code, inputs[1 - at]);
    else instructions.push({ code });
    for (const [node, tile] of tileOf) {
      if (lastUse.get(node) !== k) continue;
      tileOf.delete(node);
      free.push(tile);
    }
    held = out;
    if (escapes(out)) push(STORE, out);
    else if (isReadAgain(part, k, lastUse)) {
      tileOf.set(out, free.pop() ?? tiles++);
      push(STORE, out);
    }
  });
  return { instructions, tiles };
}

/** Whether a result is read other than as what the kernel holds for the next step. */
function isReadAgain(part: readonly Step[], k: number, lastUse: ReadonlyMap<GraphNode, number>): boolean {
  const [out] = part[k].outputs;
  const last = lastUse.get(out) ?? k;
  return (
    last > k + 1 ||
    (last === k + 1 && part[last].inputs.every((input) => input === out) && part[last].inputs.length === 2)
  );
}

/** A part made ready for blocks of one form. */
interface Form {
  readonly rows: number;
  readonly columns: number;
  /** Where the instructions lie. */
  readonly code: number;
}

/** A part of a group: one call for all of it. */
export class Expression {
  readonly #kernel: (rows: number, columns: number, count: number, code: number) => void;
  readonly #form: Form;
  readonly #last: Form;
  readonly #count: number;
  /** Words of addresses behind the first instruction, and whose they are. */
  readonly #words: number[] = [];
  readonly #operands: number[] = [];

  /** `indexOf` and `strides`: of operands in memory; `block`, `last`: rows and columns. */
  constructor(
    part: readonly Step[],
    escapes: (node: GraphNode) => boolean,
    indexOf: (node: GraphNode) => number,
    strides: (index: number) => readonly [number, number],
    [block, last]: readonly (readonly [number, number])[],
    space: Space,
  ) {
    const { dtype } = part[0].outputs[0];
    this.#kernel = array.exports[`expression_${dtype as 'f64' | 'f32'}`];
    const { instructions, tiles } = instructionsOf(part, escapes);
    this.#count = instructions.length;
    const scratch = tiles > 0 ? space.scratch(TILE * tiles) : 0;
    instructions.forEach(({ node }, k) => {
      if (node === undefined) return;
      this.#words.push(WORDS * k + 1);
      this.#operands.push(indexOf(node));
    });
    const formOf = (extents: readonly [number, number]): Form => {
      const moving = this.#operands.map((index) => strides(index));
      const layout = mergeAxes(extents, [[extents[1], 1], ...moving], 2);
      let next = 1;
      const words = instructions.flatMap(({ code, node, tile }) => {
        if (node === undefined) return [code, tile === undefined ? 0 : scratch + TILE * tile, 0, 0];
        const [rowStride, columnStride] = layout.strides[next++];
        const step = rowStride * bytesPerElement(dtype);
        return columnStride === 0 && code !== STORE ? [code + REPEATED, 0, 0, step] : [code, 0, -1, step];
      });
      const [rows, columns] = layout.extents;
      return { rows, columns, code: space.words(words) };
    };
    this.#form = formOf(block);
    this.#last = last.some((extent, i) => extent !== block[i]) ? formOf(last) : this.#form;
  }

  /** Runs on a block, or the last one, whose operands begin at `at`. */
  run(isLast: boolean, at: readonly number[]): void {
    const { rows, columns, code } = isLast ? this.#last : this.#form;
    const [count, words, operands] = [this.#count, this.#words, this.#operands];
    const first = code >>> 2;
    // A view is empty after the memory has grown, or where that is shared, too short for what lies in the new part.
    if (first + WORDS * count > memoryWords.length) memoryWords = new Int32Array(runtime().memory.buffer);
    for (let k = 0; k < words.length; k++) memoryWords[first + words[k]] = at[operands[k]];
    this.#kernel(rows, columns, count, code);
  }
}

let memoryWords = /* @__PURE__ */ new Int32Array(0);
