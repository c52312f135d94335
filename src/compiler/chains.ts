// Chains: elementwise operations in a group that pass each result to the next, so that intermediate results need no
// memory.
import { mergeAxes } from '../core/shape.js';
import { array } from '../generated/array.js';
import type { Call, GraphNode } from './node.js';

/** Codes of assembly/array/chain.ts; the rows hold the codes of the operations. */
const LOAD = 0;
/** Added if the operand is one number for the whole row. */
const REPEATED = 16;

/** Words of an instruction. */
export const WORDS = 3;

function isArithmetic({ op, outputs: [{ dtype }] }: Call): boolean {
  return op.elementwise !== undefined && op.chain !== undefined && dtype !== 'i32';
}

/**
 * The steps in order, cut into chains: each step of a chain but the first reads the result of the one before, and
 * nothing else reads that result.
 */
export function chainsOf(steps: readonly Call[], written: ReadonlySet<GraphNode>): Call[][] {
  const reads = new Map<GraphNode, number>();
  for (const { inputs } of steps) for (const node of inputs) reads.set(node, (reads.get(node) ?? 0) + 1);
  const chains: Call[][] = [];
  for (const step of steps) {
    const chain = chains[chains.length - 1];
    const before = chain?.[chain.length - 1];
    const held = before?.outputs[0];
    const follows =
      before !== undefined &&
      held !== undefined &&
      isArithmetic(before) &&
      isArithmetic(step) &&
      step.inputs.includes(held) &&
      reads.get(held) === 1 &&
      !written.has(held);
    if (follows) chain.push(step);
    else chains.push([step]);
  }
  return chains;
}

/** The operands of a chain, one per instruction; an instruction without an operand gets the first one again. */
export function operandsOf([first, ...others]: readonly Call[]): { codes: number[]; nodes: GraphNode[] } {
  const [start] = first.inputs;
  const [codes, nodes] = [[LOAD], [start]];
  let held = start;
  for (const { op, inputs, outputs } of [first, ...others]) {
    const at = inputs.indexOf(held);
    codes.push(op.chain?.[at] as number);
    nodes.push(inputs[1 - at] ?? start);
    held = outputs[0];
  }
  return { codes, nodes };
}

/** A chain for one block: its rows, and the words of its instructions, without addresses. */
export interface ChainForm {
  readonly rows: number;
  readonly columns: number;
  readonly words: readonly number[];
}

/** The form for a block whose operands have these strides of rows and columns. */
export function chainForm(
  block: readonly [number, number],
  codes: readonly number[],
  strides: readonly (readonly [number, number])[],
  bytes: number,
): ChainForm {
  const layout = mergeAxes(block, [[block[1], 1], ...strides], 2);
  const [rows, columns] = layout.extents;
  const words = codes.flatMap((code, k) => {
    const [rowStride, columnStride] = layout.strides[1 + k];
    return [columnStride === 0 ? code + REPEATED : code, 0, rowStride * bytes];
  });
  return { rows, columns, words };
}

/** The kernel of a chain; arguments: rows, columns, output, number of instructions, their address. */
export function chainKernel(dtype: 'f64' | 'f32'): (...args: number[]) => void {
  return array.exports[`chain_${dtype}`];
}
