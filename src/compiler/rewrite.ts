// Rewriting: asks the row of a call for a cheaper call, and shows it the operands as far as allowed.
import type { Op, Rewrite, RewriteOperand } from '../ops/op.js';
import type { GraphNode } from './node.js';

/** A node as rewriting rules see it; how it is computed is looked up only when a rule asks. */
export class NodeOperand implements RewriteOperand {
  readonly node: GraphNode;
  readonly #epoch: number;

  constructor(node: GraphNode, epoch: number) {
    this.node = node;
    this.#epoch = epoch;
  }

  get shape(): RewriteOperand['shape'] {
    return this.node.shape;
  }

  get dtype(): RewriteOperand['dtype'] {
    return this.node.dtype;
  }

  get number(): number | undefined {
    const { shape, known } = this.node;
    return known !== undefined && shape.length === 0 ? known.data()[0] : undefined;
  }

  get op(): Op<unknown> | undefined {
    return this.node.step?.op;
  }

  get params(): unknown {
    return this.node.params;
  }

  get inputs(): readonly RewriteOperand[] {
    return this.node.inputs.map((node) => new NodeOperand(node, this.#epoch));
  }

  /** What a checkpoint recomputes must not be taken from before the checkpoint. */
  get isRecent(): boolean {
    return this.node.step?.epoch === this.#epoch;
  }
}

/** A cheaper call instead of one on these operands, or undefined. Its operands are `NodeOperand`s. */
export function rewrite(op: Op<unknown>, inputs: readonly GraphNode[], epoch: number): Rewrite | undefined {
  return op.rewrite?.(inputs.map((node) => new NodeOperand(node, epoch)));
}
