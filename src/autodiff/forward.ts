// Forward mode (dissertation, Algorithm 3): every value carries its tangent; nothing else is stored.
import type { TypedArray } from '../core/dtype.js';
import { type Owned, transfer } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { applyAll, isDifferentiable, type Op } from '../ops/op.js';
import { ownedBy, ownResults } from '../ops/ownership.js';
import { type Trace, Tracer } from '../ops/tracer.js';
import { evaluate } from './evaluate.js';
import { newTape } from './reverse.js';
import { tangentsOf } from './transposed.js';

/** A value and its tangent. */
export class Dual extends Tracer {
  readonly trace: ForwardTrace;
  readonly primal: Tensor;
  readonly tangent: Tensor;
  override readonly disposable = true;
  /** Whether both are disposed with this. */
  readonly #owns: boolean;
  #disposed = false;

  constructor(trace: ForwardTrace, primal: Tensor, tangent: Tensor, owns: boolean) {
    super(primal.shape, primal.dtype, undefined);
    this.trace = trace;
    this.primal = primal;
    this.tangent = tangent;
    this.#owns = owns;
  }

  override get isDisposed(): boolean {
    return this.#disposed;
  }

  override data(): TypedArray {
    return this.primal.data();
  }

  override dispose(): void {
    if (this.#disposed || !this.#owns) return;
    this.#disposed = true;
    this.primal.dispose();
    this.tangent.dispose();
  }
}

/** One evaluation with tangents. */
export class ForwardTrace implements Trace {
  readonly name = 'jvp';
  readonly level: number;
  open = true;

  constructor(level: number) {
    this.level = level;
  }

  /** The value with this tangent; it owns neither. */
  lift(primal: Tensor, tangent: Tensor): Dual {
    return new Dual(this, primal, tangent, false);
  }

  owns(x: Tensor): x is Dual {
    return x instanceof Dual && x.trace === this;
  }

  apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
    const primals = inputs.map((x) => (this.owns(x) ? x.primal : x));
    if (!isDifferentiable(op as Op<never>)) return applyAll(op, primals, params);
    const given = inputs.map((x) => (this.owns(x) ? x.tangent : undefined));
    const wanted = given.map((t) => t !== undefined);
    const made: Owned[] = [];
    const { outputs, tangents } = ownedBy(made, () => {
      const { outputs: values, residuals } =
        op.evaluate === undefined
          ? { outputs: applyAll(op, primals, params) }
          : evaluate(op, primals, params, made, this.level);
      const point = { inputs: primals, outputs: values, params, wanted, residuals };
      return { outputs: values, tangents: ownResults(() => tangentsOf(op, given, point, newTape)) };
    });
    const kept = new Set<unknown>([...outputs, ...tangents]);
    for (const tensor of made) if (!kept.has(tensor)) tensor.dispose();
    return outputs.map((output, i) => {
      const tangent = tangents[i];
      if (tangent !== undefined) return new Dual(this, output, tangent, true);
      transfer(output);
      return output;
    });
  }
}
