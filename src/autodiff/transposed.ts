// Derives the missing rule from the other one: both are linear, and the transpose of a linear map is its reverse
// derivative.
import { zeros } from '../core/create.js';
import type { Tensor } from '../core/tensor.js';
import { nested } from '../ops/level.js';
import { applyAll, type Derivative, type Linearization, type Op } from '../ops/op.js';
import { orZeros } from '../ops/rules.js';

/** An operation, or a function with custom derivatives. */
type Derivable<P> = Pick<Op<P>, 'jvp' | 'vjp' | 'linear'>;
type Linear = (xs: readonly Derivative[]) => readonly Derivative[];

/** A recording of reverse mode for one backward pass. */
export interface Recording {
  lift(primal: Tensor): Tensor & { cotangent: Derivative };
  owns(x: Tensor): boolean;
  during<T>(f: () => T): T;
  /** Walks back from cotangents of these outputs. */
  walk(seeds: readonly (readonly [Tensor, Tensor])[]): void;
  end(): void;
}

/** Makes a recording; reverse mode passes its own constructor, so that this file need not import it. */
export type Recorder = (level: number, name: string) => Recording;

/** Aᵀu for a linear map A of tensors of the shapes of `like`; inputs that are not `wanted` are left out. */
function transpose(
  map: Linear,
  like: readonly Tensor[],
  wanted: readonly boolean[],
  cotangents: readonly Derivative[],
  recorder: Recorder,
): readonly Derivative[] {
  return nested((level) => {
    const tape = recorder(level, 'transpose');
    const inputs = like.map((x, i) =>
      wanted[i] ? tape.lift(zeros(x.shape, { dtype: x.dtype })) : undefined,
    );
    try {
      const seeds = tape
        .during(() => map(inputs))
        .flatMap((y, i) => {
          const ct = cotangents[i];
          return y !== undefined && ct !== undefined && tape.owns(y) ? [[y, ct] as const] : [];
        });
      tape.walk(seeds);
      return inputs.map((x) => x?.cotangent);
    } finally {
      tape.end();
    }
  });
}

/** The tangents of an operation's outputs by its own rule. */
function tangentsByRule<P>(
  op: Derivable<P>,
  tangents: readonly Derivative[],
  point: Linearization<P>,
): readonly Derivative[] {
  if (op.jvp !== undefined) {
    const result = op.jvp(tangents, point);
    return Array.isArray(result) ? result : [result as Derivative];
  }
  const whole = tangents.map((t, i) => orZeros(t, point.inputs[i]));
  return applyAll(op as Op<P>, whole, point.params);
}

/** Tangents of an operation's outputs, by its rule or by the transpose of the one for cotangents. */
export function tangentsOf<P>(
  op: Derivable<P>,
  tangents: readonly Derivative[],
  point: Linearization<P>,
  recorder: Recorder,
): readonly Derivative[] {
  if (op.jvp !== undefined || op.linear === true) return tangentsByRule(op, tangents, point);
  const vjp = op.vjp as NonNullable<typeof op.vjp>;
  const real = point.outputs.map((y) => y.dtype !== 'i32');
  return transpose((cts) => vjp(cts, point), point.outputs, real, tangents, recorder);
}

/** Cotangents of an operation's inputs, by its rule or by the transpose of the one for tangents. */
export function cotangentsOf<P>(
  op: Derivable<P>,
  cotangents: readonly Derivative[],
  point: Linearization<P>,
  recorder: Recorder,
): readonly Derivative[] {
  if (op.vjp !== undefined) return op.vjp(cotangents, point);
  return transpose((ts) => tangentsByRule(op, ts, point), point.inputs, point.wanted, cotangents, recorder);
}
