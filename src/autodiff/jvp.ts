// jvp: the value of a function and its derivative along a direction, in one evaluation.
import { checkFunction } from '../core/check.js';
import { full, zeros } from '../core/create.js';
import { ArgumentError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, leavesLike, type Tree, unflatten } from '../core/tree.js';
import { nested } from '../ops/level.js';
import { aliasOf } from '../ops/ownership.js';
import { argumentOf, type TreeFunction, withLeaves } from './arguments.js';
import { ForwardTrace } from './forward.js';
import { gradOf } from './grad.js';

/**
 * The value of f at trees of tensors and its Jacobian-vector product J t (forward mode). No graph is stored: when f
 * disposes of a tensor, or its own `scope` does, the tangent is freed as well.
 * @param primals the arguments.
 * @param tangents one per argument, in its structure and shapes.
 * @example
 * jvp((x) => mul(x, x), [tensor([1, 2])], [tensor([1, 0])]).tangent; // [2, 0]
 */
export function jvp(
  f: TreeFunction,
  primals: readonly Tree[],
  tangents: readonly Tree[],
  // biome-ignore lint/suspicious/noExplicitAny: whatever the user's function returns
): { value: any; tangent: any } {
  checkFunction('jvp', 'f', f);
  if (!Array.isArray(primals) || !Array.isArray(tangents) || primals.length !== tangents.length)
    throw new ArgumentError('jvp: primals and tangents must be arrays of one length');
  return tangentAt('jvp', f, primals, tangents);
}

/** The same; `user` is the function that errors name. */
function tangentAt(
  name: string,
  f: TreeFunction,
  primals: readonly Tree[],
  tangents: readonly Tree[],
  // biome-ignore lint/suspicious/noExplicitAny: whatever the user's function returns
): { value: any; tangent: any } {
  return scope(() =>
    nested((level) => {
      const trace = new ForwardTrace(level);
      const parts = primals.map((primal, i) => argumentOf(name, i, primal));
      const given = parts.flatMap((part, i) => {
        const t = tangents[i];
        const tree = typeof t === 'number' ? full([], t, { dtype: part.leaves[0].dtype }) : t;
        return leavesLike(
          name,
          name === 'hvp' ? 'v' : `tangent ${i}`,
          tree,
          unflatten(part.structure, part.leaves),
        );
      });
      let next = 0;
      const positions = primals.map((_, i) => i);
      const { args } = withLeaves(primals, positions, parts, (leaf) => trace.lift(leaf, given[next++]));
      const { leaves, structure } = flatten(f(...args), name);
      trace.open = false;
      const split = (part: (leaf: Tensor) => Tensor) => unflatten(structure, leaves.map(part));
      return {
        value: split((leaf) => aliasOf(trace.owns(leaf) ? leaf.primal : leaf)),
        tangent: split((leaf) =>
          trace.owns(leaf) ? aliasOf(leaf.tangent) : zeros(leaf.shape, { dtype: leaf.dtype }),
        ),
      };
    }),
  );
}

/**
 * The Hessian of a scalar function times a vector, H v, without H: forward over reverse, at about twice the cost of a
 * gradient.
 * @example
 * hvp((x) => sum(pow(x, 3)), tensor([1, 2]), tensor([1, 0])); // [6, 0]
 */
// biome-ignore lint/suspicious/noExplicitAny: in the shape of x
export function hvp(f: TreeFunction, x: Tree, v: Tree): any {
  const gradient = gradOf('hvp', f, 0);
  return scope(() => tangentAt('hvp', gradient, [x], [v]).tangent);
}
