// Forward mode (dissertation, Algorithm 3): every value carries its tangent, and nothing else is kept.
import type { TypedArray } from '../core/dtype.js';
import { transfer } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { applyAll, type Derivative, isDifferentiable, type Op } from '../ops/op.js';
import { aliasOf, ownedBy, ownResults } from '../ops/ownership.js';
import { type Rule, type Trace, Tracer } from '../ops/tracer.js';
import { tangentsOf } from './transposed.js';

/** A value and its tangent. */
export class Dual extends Tracer {
  readonly trace: ForwardTrace;
  readonly primal: Tensor;
  readonly tangent: Tensor;
  override readonly disposable = true;
  /** Whether both go when this does. */
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

  /** The value with this tangent; neither belongs to it. */
  lift(primal: Tensor, tangent: Tensor): Dual {
    return new Dual(this, primal, tangent, false);
  }

  owns(x: Tensor): x is Dual {
    return x instanceof Dual && x.trace === this;
  }

  apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
    const primals = inputs.map((x) => (this.owns(x) ? x.primal : x));
    if (!isDifferentiable(op as Op<never>)) return applyAll(op, primals, params);
    return this.#follow(
      inputs,
      () => ({ outputs: applyAll(op, primals, params) }),
      (tangents, outputs, wanted) => tangentsOf(op, tangents, { inputs: primals, outputs, params, wanted }),
    );
  }

  call<R>(rule: Rule<R>, inputs: readonly Tensor[]): Tensor[] {
    const primals = inputs.map((x) => (this.owns(x) ? x.primal : x));
    return this.#follow(
      inputs,
      () => rule.run(primals),
      (tangents, outputs, wanted, params) =>
        tangentsOf(rule, tangents, { inputs: primals, outputs, params: params as R, wanted }),
    );
  }

  /** Runs, and gives every output for which there is one its tangent. */
  #follow<R>(
    inputs: readonly Tensor[],
    run: () => { outputs: readonly Tensor[]; residuals?: R },
    rule: (
      tangents: readonly Derivative[],
      outputs: readonly Tensor[],
      wanted: readonly boolean[],
      residuals: R | undefined,
    ) => readonly Derivative[],
  ): Tensor[] {
    const given = inputs.map((x) => (this.owns(x) ? x.tangent : undefined));
    const wanted = given.map((t) => t !== undefined);
    const made: Tensor[] = [];
    const { outputs, tangents } = ownedBy(made, () => {
      const { outputs: results, residuals } = run();
      // What is handed through belongs to somebody else: a handle of its own is kept.
      const values = results.map((y) => (made.includes(y) ? y : aliasOf(y)));
      return { outputs: values, tangents: ownResults(() => rule(given, values, wanted, residuals)) };
    });
    const kept = new Set<Tensor | undefined>([...outputs, ...tangents]);
    for (const tensor of made) if (!kept.has(tensor)) tensor.dispose();
    return outputs.map((output, i) => {
      const tangent = tangents[i];
      if (tangent !== undefined) return new Dual(this, output, tangent, true);
      transfer(output);
      return output;
    });
  }
}
