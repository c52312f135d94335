// linearize: the derivative of a function at a point, as a linear map that does not run the function again.

import type { Executable } from '../compiler/executable.js';
import { Graph } from '../compiler/graph.js';
import { GraphTrace } from '../compiler/graph-trace.js';
import { programOf } from '../compiler/program.js';
import { checkFunction } from '../core/check.js';
import { tensor, zeros } from '../core/create.js';
import { disposable } from '../core/disposable.js';
import { DisposedError } from '../core/errors.js';
import { ownedIn, scope } from '../core/scope.js';
import { type Owned, transfer } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, leavesLike, type Structure, type Tree, unflatten } from '../core/tree.js';
import { nested } from '../ops/level.js';
import { aliasOf, ownedBy } from '../ops/ownership.js';
import { Tracer } from '../ops/tracer.js';
import { argumentOf, type TreeFunction, withLeaves } from './arguments.js';
import { ForwardTrace } from './forward.js';

/** A linear map of lists of tensors. */
export interface LinearMap {
  /** The value at the point. */
  readonly leaves: readonly Tensor[];
  readonly structure: Structure;
  /** The map as a graph of the tangents. */
  readonly graph: Graph;
  /**
   * Tangents of the leaves from tangents of the arguments' leaves. If `compiled`, the next call overwrites the result.
   */
  run(tangents: readonly Tensor[], compiled: boolean): readonly Tensor[];
  dispose(): void;
}

/**
 * Runs f once on values, each with a symbol for its tangent; the operations on the symbols are the derivative. Throws,
 * as under `compile`, if a rule reads the values of tangents.
 */
export function linearMap(name: string, f: TreeFunction, primals: readonly Tree[]): LinearMap {
  const parts = primals.map((primal, i) => argumentOf(name, i, primal));
  const { graph, leaves, structure, closed } = nested((level) => {
    const noted = new GraphTrace(level, name);
    const made: Owned[] = [];
    let kept = new Set<unknown>();
    try {
      return nested((inner) => {
        const trace = new ForwardTrace(inner);
        const examples: Tensor[] = [];
        const lift = (leaf: Tensor) => {
          const tangent = noted.input(leaf);
          examples.push(tangent);
          return trace.lift(leaf, tangent);
        };
        const positions = primals.map((_, i) => i);
        const result = ownedBy(made, () => {
          const tree = f(...withLeaves(primals, positions, parts, lift).args);
          kept = ownedIn(tree);
          return flatten(tree, name);
        });
        trace.open = false;
        const outputs = ownedBy(made, () =>
          result.leaves.map((y) =>
            noted.nodeOf(trace.owns(y) ? y.tangent : zeros(y.shape, { dtype: y.dtype })),
          ),
        );
        const values = result.leaves.map((y) => aliasOf(trace.owns(y) ? y.primal : y));
        const { inputs, steps, constants } = noted;
        const list = flatten(values).structure;
        return {
          graph: new Graph({ inputs, outputs, steps, constants, examples, structure: list }),
          leaves: values,
          structure: result.structure,
          closed: !noted.closesOverTraced && !noted.capturesTensors,
        };
      });
    } catch (error) {
      noted.drop();
      kept.clear();
      throw error;
    } finally {
      noted.open = false;
      for (const tensor of made) {
        if (kept.has(tensor)) transfer(tensor);
        else tensor.dispose();
      }
    }
  });
  let program: Executable | undefined;
  return {
    leaves,
    structure,
    graph,
    run(tangents, compiled) {
      if (program === undefined) {
        if (!compiled || !closed || tangents.some((t) => t instanceof Tracer)) return graph.run(...tangents);
        program = programOf(graph);
      }
      return program.run(tangents) as Tensor[];
    },
    dispose() {
      if (program === undefined) graph.dispose();
      else program.dispose();
    },
  };
}

/** The result of `linearize`. */
export interface Linearized {
  /** f(…primals). */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the user's function returns
  readonly value: any;
  /** J t: the tangent of the value, for a tangent per argument. Call it any number of times. */
  // biome-ignore lint/suspicious/noExplicitAny: in the structure of the value
  apply(...tangents: Tree[]): any;
  /** Frees what the map holds; the value stays. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * The value of f at trees of tensors, and its derivative there as a linear map: `jvp` for many tangents, with f run
 * once.
 * What the map needs of f's values is held until `dispose`.
 * @throws DTypeError for an argument of i32; ArgumentError if a rule of the user's reads values of tangents.
 * @example
 * const { apply } = linearize((x) => mul(x, x), tensor([1, 2]));
 * apply(tensor([1, 0])); // [2, 0]
 */
export function linearize(f: TreeFunction, ...primals: Tree[]): Linearized {
  checkFunction('linearize', 'f', f);
  const point = primals.map((primal) => (typeof primal === 'number' ? tensor(primal) : primal));
  const { leaves, structure, run, dispose } = linearMap('linearize', f, point);
  let disposed = false;
  const end = () => {
    if (!disposed) dispose();
    disposed = true;
  };
  return disposable({
    value: unflatten(structure, leaves),
    apply(...tangents) {
      if (disposed) throw new DisposedError('linearize: apply was called after dispose');
      const given = leavesLike('linearize', 'the tangents', tangents, point);
      return scope(() => unflatten(structure, run(given, false)));
    },
    dispose: end,
    [Symbol.dispose]: end,
  });
}
