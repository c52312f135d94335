// Recording: runs a function once on tensors with known shapes but no values, and records its operations.
import { checkDType } from '../core/create.js';
import { ArgumentError } from '../core/errors.js';
import { type Owned, transfer } from '../core/scope-stack.js';
import { checkShape, show } from '../core/shape.js';
import { copyOf, type Storage, Tensor } from '../core/tensor.js';
import { checkNesting, flatten, isPlain, type Tree, unflatten } from '../core/tree.js';
import { nested } from '../ops/level.js';
import { type Derivative, type Linearization, type Op, specsOf, type TensorSpec } from '../ops/op.js';
import { ownedBy, retain } from '../ops/ownership.js';
import { aliasOp } from '../ops/stop.js';
import {
  duringRecording,
  isCaptured,
  isCapturedAround,
  isRecording,
  recomputeEpoch,
  type Trace,
  Tracer,
} from '../ops/tracer.js';
import { Graph, type GraphParts } from './graph.js';
import { type Call, cloneParams, GraphNode, makeCall } from './node.js';
import { PlanTensor } from './plan-tensor.js';
import { Symbolic } from './symbolic.js';

/** A function of trees. */
// biome-ignore lint/suspicious/noExplicitAny: arguments and results are whatever trees the user's function has
export type Traceable = (...args: any[]) => any;

/** A recording of operations. */
export class GraphTrace implements Trace {
  readonly name: string;
  readonly level: number;
  open = true;
  readonly inputs: GraphNode[] = [];
  readonly steps: Call[] = [];
  /** Constants: tensors that do not belong to this trace, each with its own handle. */
  readonly constants: GraphNode[] = [];
  /**
   * Tensors of other transformations, and those that enclosing recordings have captured, if they become additional
   * inputs.
   */
  readonly captures: Tensor[] | undefined;
  /** Their handles, which go to the scope around the recording. */
  readonly handles: Owned[] = [];
  readonly #known = new Map<Storage | Tensor, GraphNode[]>();

  constructor(level: number, name: string, { lifts = false }: { lifts?: boolean } = {}) {
    this.level = level;
    this.name = name;
    if (lifts) this.captures = [];
  }

  /** True if another transformation traces one of the constants. */
  get closesOverTraced(): boolean {
    return this.constants.some(({ value }) => value instanceof Tracer);
  }

  /** True if the values of a constant may change between the runs of an enclosing program. */
  get capturesTensors(): boolean {
    return this.constants.some(({ captured }) => captured);
  }

  input({ shape, dtype }: TensorSpec): Symbolic {
    const node = new GraphNode('input', { shape, dtype });
    this.inputs.push(node);
    return new Symbolic(this, node);
  }

  /** The node that a tensor stands for. */
  nodeOf(x: Tensor): GraphNode {
    if (x instanceof Symbolic && x.trace === this) return x.node;
    const key = x instanceof Tracer ? x : x.storage;
    const known = this.#known.get(key) ?? [];
    const found = known.find((node) => node.dtype === x.dtype && show(node.shape) === show(x.shape));
    if (found !== undefined) return found;
    const node = this.#outside(x);
    this.#known.set(key, [...known, node]);
    return node;
  }

  /** The node of a tensor that does not belong to this trace. */
  #outside(x: Tensor): GraphNode {
    if (this.captures !== undefined && (x instanceof Tracer || isCapturedAround(x, this))) {
      // Keep a separate handle: the owner of this one may free it before the graph is called.
      this.captures.push(ownedBy(this.handles, () => retain(x)));
      return this.input(x).node;
    }
    const captured = !(x instanceof Tracer) && isCaptured(x);
    // Nobody else changes what the function itself has made.
    if (!captured && !(x instanceof Tracer) && isRecording()) x.storage.born = Number.POSITIVE_INFINITY;
    const node = new GraphNode('constant', x, { value: ownedBy([], () => handleOn(x)), captured });
    this.constants.push(node);
    return node;
  }

  apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
    // Another handle on a value has the same node.
    if ((op as unknown) === aliasOp) return [new Symbolic(this, this.nodeOf(inputs[0]))];
    if (op.evaluate !== undefined) return this.#opaque(op as Op<unknown>, inputs, params);
    const bodies = op.bodies?.map((body) => body.hold() as Graph);
    return this.note(op as Op<unknown>, inputs, params, specsOf(op, inputs, params), bodies);
  }

  /** Records a call. */
  note(
    op: Op<unknown>,
    inputs: readonly Tensor[],
    params: unknown,
    specs: readonly TensorSpec[],
    bodies?: readonly Graph[],
  ): Tensor[] {
    const nodes = inputs.map((x) => this.nodeOf(x));
    const call = makeCall(op, cloneParams(params), nodes, specs, recomputeEpoch(), bodies);
    this.steps.push(call);
    return call.outputs.map((node) => new Symbolic(this, node));
  }

  /** A call of a function with custom derivatives: its operations are recorded separately, as the body of the call. */
  #opaque(op: Op<unknown>, inputs: readonly Tensor[], params: unknown): Tensor[] {
    let count = 0;
    const run = (...xs: Tensor[]) => {
      const { outputs, residuals } = (op.evaluate as NonNullable<typeof op.evaluate>)(xs, params);
      count = outputs.length;
      return [outputs, residuals];
    };
    const { captures, ...parts } = recording(op.name, run, inputs, { lifts: true });
    const body = new Graph(parts);
    const [values, residuals] = parts.result as [readonly Tensor[], Tree];
    const staged = stagedOp(op, body, inputs.length, count, flatten(residuals).structure);
    const held = (op.bodies ?? []).map((other) => other.hold() as Graph);
    const specs = values.map(({ shape, dtype }) => ({ shape, dtype }));
    return this.note(staged, [...inputs, ...captures], params, specs, [body, ...held]);
  }

  /** Frees the constants. */
  drop(): void {
    for (const handle of this.handles) handle.dispose();
    for (const { value } of this.constants) value?.dispose();
    for (const { bodies } of this.steps) for (const body of bodies) body.dispose();
  }
}

/**
 * A handle on the value of a constant. If no function is being recorded, a result of a plan is copied, because the next
 * call of the plan overwrites it.
 */
function handleOn(x: Tensor): Tensor {
  if (isRecording() || !(x instanceof PlanTensor)) return retain(x);
  return copyOf(x);
}

/**
 * An opaque operation in a graph: it runs the body, whose first `count` outputs are its own; the others are residuals.
 */
function stagedOp(
  op: Op<unknown>,
  body: Graph,
  given: number,
  count: number,
  residuals: ReturnType<typeof flatten>['structure'],
): Op<unknown> {
  /** The linearization point as the rules see it, without the captured tensors. */
  const own = (point: Linearization<unknown>): Linearization<unknown> => {
    if (point.wanted.some((wanted, i) => wanted && i >= given)) {
      throw new ArgumentError(
        `${op.name}: the function uses a tensor that is differentiated and is not among its arguments (pass it as one)`,
      );
    }
    return { ...point, inputs: point.inputs.slice(0, given), wanted: point.wanted.slice(0, given) };
  };
  const { jvp, vjp } = op;
  return {
    name: op.name,
    shape: () => body.outputs.slice(0, count),
    residuals: op.residuals,
    inline: true,
    evaluate(inputs) {
      const results = body.evaluate(inputs);
      return { outputs: results.slice(0, count), residuals: unflatten(residuals, results.slice(count)) };
    },
    ...(jvp && {
      jvp: (tangents: readonly Derivative[], point: Linearization<unknown>) =>
        jvp.call(op, tangents.slice(0, given), own(point)),
    }),
    ...(vjp && {
      vjp: (cotangents: readonly Derivative[], point: Linearization<unknown>) => [
        ...vjp.call(op, cotangents, own(point)),
        ...point.inputs.slice(given).map(() => undefined),
      ],
    }),
  };
}

/** What a graph is made of, and what it depends on in its surroundings. */
export interface Recorded extends GraphParts {
  /** The result of the function, on symbols. */
  readonly result: Tree;
  /** Whether another transformation traces one of the constants. */
  readonly closesOverTraced: boolean;
  /**
   * With `lifts`: the tensors of other transformations and those captured by enclosing recordings, as additional
   * inputs.
   */
  readonly captures: readonly Tensor[];
  /** Frees what was recorded, if no graph is made of it. */
  drop(): void;
}

export interface RecordingOptions {
  /** Every `{ shape, dtype? }` in the examples stands for a tensor; default false. */
  specs?: boolean;
  /**
   * Tensors of other transformations that f uses, and those that an enclosing recording has captured, become additional
   * inputs, listed in `captures`; default false: they become constants.
   */
  lifts?: boolean;
}

/** Runs f on symbols instead of the tensors in `examples`; everything else in them is passed on. */
export function recording(
  name: string,
  f: Traceable,
  examples: readonly Tree[],
  { specs = false, lifts = false }: RecordingOptions = {},
): Recorded {
  return nested((level) => {
    const trace = new GraphTrace(level, name, { lifts });
    const made: Owned[] = [];
    try {
      const args = examples.map((example) => symbols(trace, example, specs));
      const outcome = duringRecording(trace, () => {
        const result: Tree = ownedBy(made, () => f(...args));
        checkSynchronous(name, result);
        const { leaves, structure } = flatten(result, name);
        return { result, outputs: leaves.map((leaf) => trace.nodeOf(leaf)), structure };
      });
      const { inputs, steps, constants, closesOverTraced, captures = [] } = trace;
      const drop = () => trace.drop();
      for (const handle of trace.handles) transfer(handle);
      return { ...outcome, inputs, steps, constants, examples: args, closesOverTraced, captures, drop };
    } catch (error) {
      trace.drop();
      throw error;
    } finally {
      trace.open = false;
      for (const tensor of made) tensor.dispose();
    }
  });
}

function checkSynchronous(name: string, result: Tree): void {
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return;
  (result as PromiseLike<unknown>).then(undefined, () => {});
  throw new ArgumentError(
    `${name}: the function must be synchronous, got one that returns a promise (await outside of it)`,
  );
}

/** A tree with a symbol for every tensor, and for every spec if `specs` is set. */
function symbols(trace: GraphTrace, value: Tree, specs: boolean, around: object[] = []): Tree {
  if (value instanceof Tensor) return trace.input(value);
  const isArray = Array.isArray(value);
  if (!isArray && !isPlain(value)) return value;
  checkNesting(trace.name, value, around);
  const inside = [...around, value];
  if (isArray) return value.map((part) => symbols(trace, part, specs, inside));
  if (specs && isSpec(value)) {
    const shape = checkShape(trace.name, value.shape);
    return trace.input({ shape, dtype: checkDType(trace.name, value.dtype, 'f64') });
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, symbols(trace, part, specs, inside)]),
  );
}

/** `{ shape: [2, 3], dtype: 'f64' }`; the dtype may be left out. */
function isSpec(value: Record<string, Tree>): value is Record<string, Tree> & TensorSpec {
  const { shape, ...rest } = value;
  if (!Array.isArray(shape) || !shape.every((extent) => typeof extent === 'number')) return false;
  return Object.keys(rest).every((key) => key === 'dtype');
}
