// Symbolic: a tensor with known shape and dtype but no value. Operations on it are recorded, nothing runs.
import type { TypedArray } from '../core/dtype.js';
import { show } from '../core/shape.js';
import type { NestedArray } from '../core/tensor.js';
import { type Trace, Tracer, UnknownValueError } from '../ops/tracer.js';
import type { GraphNode } from './node.js';

/** A future value. */
export class Symbolic extends Tracer {
  readonly trace: Trace;
  readonly node: GraphNode;

  constructor(trace: Trace, node: GraphNode) {
    super(node.shape, node.dtype, undefined);
    this.trace = trace;
    this.node = node;
  }

  override get isDisposed(): boolean {
    return false;
  }

  override data(): TypedArray {
    return this.#unknown('data');
  }

  override toTypedArray(): TypedArray {
    return this.#unknown('toTypedArray');
  }

  override toArray(): NestedArray {
    return this.#unknown('toArray');
  }

  override item(): number {
    return this.#unknown('item');
  }

  /** Nothing to free: there is no memory yet. */
  override dispose(): void {}

  override toString(): string {
    return `Tensor(${this.dtype}, ${show(this.shape)}, traced)`;
  }

  #unknown(method: string): never {
    throw new UnknownValueError(
      `${this.trace.name}: ${method}() reads values, of which nothing is known while the function is traced: only shapes are ` +
        '(choose with where, pass what decides as a number, or keep this part out of the function)',
    );
  }

  protected override withoutMemory(): never {
    throw new UnknownValueError(
      `${this.trace.name}: a function that is no operation asked for the memory of a traced tensor, of which only the shape is known ` +
        '(keep it out of the function, or make it an operation with defineOp)',
    );
  }
}
