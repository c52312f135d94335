// Evaluates opaque operations (functions with custom derivatives) under a derivative.
import { ArgumentError } from '../core/errors.js';
import type { Owned } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, mapTree } from '../core/tree.js';
import { applyAll, type Evaluation, type Op } from '../ops/op.js';
import { aliasOf, ownedBy, retain } from '../ops/ownership.js';
import { Tracer, traceOf } from '../ops/tracer.js';

/**
 * Outputs and residuals of an opaque operation, all with their own handles in `made`. If an enclosing derivative or
 * graph traces the inputs, too, it sees the operation with its rule, and outputs among the residuals are the traced
 * ones.
 */
export function evaluate<P>(
  op: Op<P>,
  inputs: readonly Tensor[],
  params: P,
  made: Owned[],
  level: number,
): Evaluation {
  return ownedBy(made, () => {
    const first = made.length;
    const run = () => (op.evaluate as NonNullable<typeof op.evaluate>)(inputs, params);
    const isFollowed = traceOf(op.name, inputs) !== undefined;
    const ruled = isFollowed ? applyAll(op, inputs, params) : undefined;
    const { outputs, residuals } = ruled === undefined || op.residuals ? run() : { outputs: ruled };
    const values = ruled ?? outputs;
    const own = new Set<Owned>(made.slice(first));
    // An output that is only passed through belongs to somebody else: keep a separate handle.
    const results = values.map((y) => (own.delete(y) ? y : aliasOf(y)));
    const follow = (leaf: Tensor) => {
      const at = outputs.indexOf(leaf);
      return at >= 0 ? results[at] : own.has(leaf) ? leaf : retain(leaf);
    };
    const kept = { outputs: results, residuals: mapTree(residuals, follow) };
    for (const leaf of flatten(kept).leaves) {
      if (leaf instanceof Tracer && leaf.trace.level >= level) {
        throw new ArgumentError(
          `${op.name}: the function uses a tensor that is differentiated and is not among its arguments (pass it as one)`,
        );
      }
    }
    return kept;
  });
}
