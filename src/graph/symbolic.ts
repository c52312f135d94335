// Symbolic: a tensor of which only shape and dtype are known. Operations on it are noted, nothing runs.
import type { TypedArray } from '../core/dtype.js';
import { show } from '../core/shape.js';
import { allocate, type NestedArray, type Storage, type Tensor } from '../core/tensor.js';
import { type Op, specsOf, type TensorSpec } from '../ops/op.js';
import { ownedBy, retain } from '../ops/ownership.js';
import { aliasOp } from '../ops/stop.js';
import { epochs, type Rule, type Trace, Tracer, UnknownValueError } from '../ops/tracer.js';
import { type Call, cloneParams, GraphNode, makeCall } from './node.js';

/** A value to come. */
export class Symbolic extends Tracer {
  readonly trace: GraphTrace;
  readonly node: GraphNode;

  constructor(trace: GraphTrace, node: GraphNode) {
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

  /** Nothing: there is no memory yet. */
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

/** A handle on the value of a constant; a copy of a plan's result, which its next call overwrites. */
function constantOf(x: Tensor): Tensor {
  if (x instanceof Tracer || x.storage.bytes > 0 || x.size === 0) return retain(x);
  const copy = allocate(x.shape, x.dtype);
  copy.data().set(x.data());
  return copy;
}

/** A recording of operations. */
export class GraphTrace implements Trace {
  readonly name: string;
  readonly level: number;
  open = true;
  readonly inputs: GraphNode[] = [];
  readonly steps: Call[] = [];
  /** Constants: tensors that are not of this trace, by a handle of its own on each. */
  readonly constants: GraphNode[] = [];
  readonly #known = new Map<Storage | Tensor, GraphNode[]>();

  constructor(level: number, name: string) {
    this.level = level;
    this.name = name;
  }

  /** True if a constant is itself followed by another transformation. */
  get closesOverTraced(): boolean {
    return this.constants.some(({ value }) => value instanceof Tracer);
  }

  input({ shape, dtype }: TensorSpec): Symbolic {
    const node = new GraphNode('input', { shape, dtype });
    this.inputs.push(node);
    return new Symbolic(this, node);
  }

  /** The value in the graph that a tensor stands for. */
  nodeOf(x: Tensor): GraphNode {
    if (x instanceof Symbolic && x.trace === this) return x.node;
    const key = x instanceof Tracer ? x : x.storage;
    const known = this.#known.get(key) ?? [];
    const found = known.find((node) => node.dtype === x.dtype && show(node.shape) === show(x.shape));
    if (found !== undefined) return found;
    const node = new GraphNode('constant', x, { value: ownedBy([], () => constantOf(x)) });
    this.constants.push(node);
    this.#known.set(key, [...known, node]);
    return node;
  }

  apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
    // Another handle on a value is the same value.
    if ((op as unknown) === aliasOp) return [new Symbolic(this, this.nodeOf(inputs[0]))];
    const specs = specsOf(op, inputs, params);
    const nodes = inputs.map((x) => this.nodeOf(x));
    const step = makeCall(op as Op<unknown>, cloneParams(params), nodes, specs, epochs.now);
    this.steps.push(step);
    return step.outputs.map((node) => new Symbolic(this, node));
  }

  /** Derivatives that an author gave take effect where they are taken inside the function; here it is what it does. */
  call<R>(rule: Rule<R>, inputs: readonly Tensor[]): Tensor[] {
    return [...rule.run(inputs).outputs];
  }

  /** Frees the constants. */
  drop(): void {
    for (const { value } of this.constants) value?.dispose();
  }
}
