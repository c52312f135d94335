// One rule out of the other: both are linear, and the transpose of a linear map is its reverse derivative.
import { zeros } from '../core/create.js';
import type { Tensor } from '../core/tensor.js';
import { nested } from '../ops/level.js';
import { applyAll, type Derivative, type Linearization, type Op } from '../ops/op.js';
import { orZeros } from '../ops/rules.js';
import { Tape } from './reverse.js';

/** An operation, or a function with derivatives of its own. */
type Derivable<P> = Pick<Op<P>, 'jvp' | 'vjp' | 'linear'>;
type Linear = (xs: readonly Derivative[]) => readonly Derivative[];

/** Aᵀu for a linear map A of tensors of the shapes of `like`; inputs that are not `wanted` are left out. */
function transpose(
  map: Linear,
  like: readonly Tensor[],
  wanted: readonly boolean[],
  cotangents: readonly Derivative[],
): readonly Derivative[] {
  return nested((level) => {
    const tape = new Tape(level, 'transpose');
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
      tape.backward(seeds, tape.entries, true);
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
): readonly Derivative[] {
  if (op.jvp !== undefined || op.linear === true) return tangentsByRule(op, tangents, point);
  const vjp = op.vjp as NonNullable<typeof op.vjp>;
  const real = point.outputs.map((y) => y.dtype !== 'i32');
  return transpose((cts) => vjp(cts, point), point.outputs, real, tangents);
}

/** Cotangents of an operation's inputs, by its rule or by the transpose of the one for tangents. */
export function cotangentsOf<P>(
  op: Derivable<P>,
  cotangents: readonly Derivative[],
  point: Linearization<P>,
): readonly Derivative[] {
  if (op.vjp !== undefined) return op.vjp(cotangents, point);
  return transpose((ts) => tangentsByRule(op, ts, point), point.inputs, point.wanted, cotangents);
}
