// Traced: a tensor that a transformation follows. It stands for a value that is known now (gradients) or later (graphs).
import { ArgumentError } from '../core/errors.js';
import { type Storage, Tensor } from '../core/tensor.js';
import type { Op } from './op.js';

/** A function with derivatives of its own, of tensors to tensors: what `customVjp` and its like make. */
export interface Rule<R> extends Pick<Op<R>, 'name' | 'jvp' | 'vjp'> {
  /** The values, and what the derivatives need beside inputs and values. */
  run(inputs: readonly Tensor[]): { outputs: readonly Tensor[]; residuals?: R };
}

/** A transformation under way: what happens when an operation meets one of its tensors. */
export interface Trace {
  /** Nesting: of several, the one that began last decides. */
  readonly level: number;
  /** False once it is over: a tensor that escaped from it can be used no more. */
  readonly open: boolean;
  /** As messages name it: 'grad', 'jvp', 'compile'. */
  readonly name: string;
  /** Runs the operation on inputs of which at least one is of this trace. */
  apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[];
  /** The same for a function with derivatives of its own. */
  call<R>(rule: Rule<R>, inputs: readonly Tensor[]): Tensor[];
}

/**
 * Epochs of a program: what runs again on purpose, to be forgotten in between, must not be taken for what ran before.
 * Whoever records operations notes the epoch beside each.
 */
class Epochs {
  #now = 0;

  get now(): number {
    return this.#now;
  }

  /** What follows is computed anew. */
  advance(): void {
    this.#now++;
  }
}

export const epochs = /* @__PURE__ */ new Epochs();

/** A value was read while only shapes are known: the function cannot be traced as it is. */
export class UnknownValueError extends ArgumentError {}

/** A tensor without storage of its own. */
export abstract class Tracer extends Tensor {
  abstract readonly trace: Trace;
  /** Whether `dispose` frees anything. */
  readonly disposable: boolean = false;

  override get address(): number {
    return this.withoutMemory();
  }

  override get storage(): Storage {
    return this.withoutMemory();
  }

  /** What a function that is no operation is told when it asks for the memory. */
  protected withoutMemory(): never {
    throw new ArgumentError(
      `${this.trace.name}: a function that has no derivative was called on a tensor that is differentiated ` +
        '(pass it stopGradient(x), or give it derivatives with defineOp, customVjp or implicitRoot)',
    );
  }

  override watch(): void {
    // Nothing to free: what it holds belongs to the trace.
  }
}

/** The innermost trace that any input belongs to. */
export function traceOf(name: string, inputs: readonly Tensor[]): Trace | undefined {
  let found: Trace | undefined;
  for (const input of inputs) {
    if (input instanceof Tracer && (found === undefined || input.trace.level > found.level))
      found = input.trace;
  }
  if (found !== undefined && !found.open) {
    throw new ArgumentError(
      `${name}: an operand was made inside ${found.name} and used after it had ended (return it from the function instead)`,
    );
  }
  return found;
}

/** Calls a function with derivatives of its own. */
export function call<R>(rule: Rule<R>, inputs: readonly Tensor[]): Tensor[] {
  const trace = traceOf(rule.name, inputs);
  return trace !== undefined ? trace.call(rule, inputs) : [...rule.run(inputs).outputs];
}
