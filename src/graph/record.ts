// Recording: a function runs once on tensors of which only shapes are known, and what it does is noted.
import { checkDType } from '../core/create.js';
import { ArgumentError } from '../core/errors.js';
import { checkShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkNesting, flatten, isPlain, type Tree } from '../core/tree.js';
import { nested } from '../ops/level.js';
import type { TensorSpec } from '../ops/op.js';
import { ownedBy } from '../ops/ownership.js';
import type { GraphParts } from './graph.js';
import { GraphTrace } from './symbolic.js';

/** A function of trees. */
// biome-ignore lint/suspicious/noExplicitAny: arguments and results are whatever trees the user's function has
export type Traceable = (...args: any[]) => any;

/** What a graph is made of, and whether it hangs on a transformation that is under way around it. */
export interface Recording extends GraphParts {
  readonly closesOverTraced: boolean;
  /** Frees what was noted, where no graph comes of it. */
  drop(): void;
}

/**
 * Runs f on symbols in the place of the tensors in `examples`, and with `specs` of every `{ shape, dtype? }`; everything else in
 * them is passed on.
 */
export function recording(
  name: string,
  f: Traceable,
  examples: readonly Tree[],
  { specs = false }: { specs?: boolean } = {},
): Recording {
  return nested((level) => {
    const trace = new GraphTrace(level, name);
    const made: Tensor[] = [];
    try {
      const args = examples.map((example) => symbols(trace, example, specs));
      const result: Tree = ownedBy(made, () => f(...args));
      if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') {
        (result as PromiseLike<unknown>).then(undefined, () => {});
        throw new ArgumentError(
          `${name}: the function must be synchronous, got one that returns a promise (await outside of it)`,
        );
      }
      const { leaves, structure } = flatten(result, name);
      const outputs = leaves.map((leaf) => trace.nodeOf(leaf));
      const { inputs, steps, constants, closesOverTraced } = trace;
      const drop = () => trace.drop();
      return { inputs, outputs, steps, constants, examples: args, structure, closesOverTraced, drop };
    } catch (error) {
      trace.drop();
      throw error;
    } finally {
      trace.open = false;
      for (const tensor of made) tensor.dispose();
    }
  });
}

/** A tree with a symbol for every tensor, and for every spec if those are meant. */
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
