// implicitRoot: x(theta) with F(theta, x) = 0, dx = -(∂F/∂x)⁻¹ ∂F/∂theta dtheta (dissertation, equation (55)).

import type { TreeFunction } from '../autodiff/arguments.js';
import { jvp } from '../autodiff/jvp.js';
import { primalOf } from '../autodiff/primal.js';
import { checkAtLeast, checkFunction, checkOneOf } from '../core/check.js';
import { checkDType, tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import { ArgumentError, ConvergenceError, DTypeError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { random } from '../core/random/generator.js';
import { scope } from '../core/scope.js';
import { checkShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import {
  flatten,
  isPlain,
  leavesIn,
  leavesLike,
  mapTree,
  type Structure,
  type Tree,
  unflatten,
} from '../core/tree.js';
import { mul } from '../ops/arithmetic.js';
import { applyAll, type Op } from '../ops/op.js';
import { stopGradient } from '../ops/stop.js';
import { isKnown, Tracer, UnknownValueError } from '../ops/tracer.js';
import { replaced, withDerivatives } from './implicit.js';
import { type LinearMethod, type OwnSolve, type Residual, vectorOf } from './linear-system.js';

/** Options of `implicitRoot`. */
export interface ImplicitOptions {
  /**
   * How systems with ∂F/∂x are solved: 'dense' computes the matrix and factors it (default up to 512 unknowns); 'gmres'
   * uses products with it only (default above); 'cg' does the same for a symmetric positive definite ∂F/∂x.
   */
  linearSolver?: LinearMethod;
  /** Residual, relative to the right side, at which 'cg' and 'gmres' stop; default 1e-10, in f32 1e-5. */
  linearTolerance?: number;
  /**
   * Your own solver for ∂F/∂x z = b, or its transpose: b is a tree like F's result and z one like x (for the transpose
   * the other way round). It is called with values, and never differentiated.
   */
  // biome-ignore lint/suspicious/noExplicitAny: trees of the user's
  solve?: (b: any, transpose: boolean, at: { theta: any; x: any }) => any;
  /**
   * The largest |F| accepted at the solution, relative to how much F changes when x or theta change by their own size;
   * default 1e-4, in f32 1e-2. Infinity: no check.
   */
  tolerance?: number;
  /**
   * For a solver that reads values, inside `compile` and `trace`: (theta, ...rest) => a tree of tensors or `{ shape,
   * dtype }` with the shapes of the solution. Default: the shapes of theta.
   */
  // biome-ignore lint/suspicious/noExplicitAny: trees of the user's
  like?: (theta: any, ...rest: any[]) => unknown;
}

const IMPLICIT_OPTIONS: OptionNames<ImplicitOptions> = {
  linearSolver: true,
  linearTolerance: true,
  solve: true,
  tolerance: true,
  like: true,
};

/** The structures of a call: of theta and, once they are known, of x and F's result. */
interface Shapes {
  theta: Structure;
  x?: Structure;
  result?: Structure;
}

/**
 * The solution of F(theta, x) = 0 as a function of theta, by any solver, with derivatives by the implicit function
 * theorem. The derivatives do not depend on how x was found, and each takes one linear system with ∂F/∂x. Nests to any
 * order.
 * @param F (theta, x) => a tensor or tree with as many entries as x, 0 at the solution, written in operations. Tensors
 * that F captures have derivatives, too, unless F reads values. ∂F/∂x must not be singular at the solution.
 * @param solver (theta, ...rest) => x, a tensor or tree of f64 or f32; it gets plain values, and is not differentiated.
 * @returns (theta, ...rest) => x; `rest` (a starting point, say) is passed to the solver, without derivatives.
 * @throws ConvergenceError with `.residual` if F is not near 0 at the solver's result; SingularMatrixError.
 * @example
 * // The Babylonian square root: x² = theta.
 * const root = implicitRoot((theta, x) => sub(mul(x, x), theta), (theta) => tensor(Math.sqrt(theta.item())));
 * grad(root)(tensor(4)); // 0.25
 */
export function implicitRoot(
  // biome-ignore lint/suspicious/noExplicitAny: trees of the user's
  F: (theta: any, x: any) => unknown,
  solver: TreeFunction,
  options: ImplicitOptions = {},
  // biome-ignore lint/suspicious/noExplicitAny: trees of the user's
): (theta: any, ...rest: any[]) => any {
  checkFunction('implicitRoot', 'F', F);
  checkFunction('implicitRoot', 'solver', solver);
  checkOptions('implicitRoot', options, IMPLICIT_OPTIONS);
  const { linearSolver, linearTolerance, tolerance, like } = options;
  if (like !== undefined) checkFunction('implicitRoot', 'like', like);
  if (linearSolver !== undefined)
    checkOneOf('implicitRoot', 'linearSolver', linearSolver, ['dense', 'cg', 'gmres']);
  if (linearTolerance !== undefined) checkAtLeast('implicitRoot', 'linearTolerance', linearTolerance, 0);
  if (options.solve !== undefined) checkFunction('implicitRoot', 'solve', options.solve);
  if (tolerance !== undefined && !(typeof tolerance === 'number' && tolerance > 0))
    throw new ArgumentError(`implicitRoot: tolerance must be positive, got ${describe(tolerance)}`);
  const root = (given: Tree, rest: readonly Tree[]): Tree => {
    const { leaves, structure } = flatten(given, 'implicitRoot');
    const shapes: Shapes = { theta: structure };
    const f: Residual = (theta, x) => residualOf(F, shapes, theta, x);
    const find = (theta: readonly Tensor[], others: readonly Tree[]): Tensor[] => {
      const result = flatten(solver(unflatten(structure, theta), ...others));
      shapes.x = result.structure;
      check(f, theta, result.leaves, tolerance);
      return result.leaves;
    };
    const plain = [leaves.map(plainOf), rest.map((tree) => mapTree(tree, plainOf))] as const;
    const x = scope(() => {
      try {
        return find(...plain);
      } catch (error) {
        if (!(error instanceof UnknownValueError)) throw error;
        return solvedLater(find, shapes, plain, like);
      }
    });
    const settings = {
      method: linearSolver,
      tolerance: linearTolerance,
      solve: ownSolve(options, shapes, f),
    };
    return unflatten(shapes.x as Structure, withDerivatives('implicitRoot', f, leaves, x, settings));
  };
  return (given, ...rest) =>
    typeof given === 'number' ? scope<Tree>(() => root(tensor(given), rest)) : root(given, rest);
}

/**
 * The solver as a row of the graph, for solvers that read values; the solution has the shapes of `like`, or of theta.
 */
function solvedLater(
  find: (theta: readonly Tensor[], rest: readonly Tree[]) => Tensor[],
  shapes: Shapes,
  [theta, rest]: readonly [readonly Tensor[], readonly Tree[]],
  like: ImplicitOptions['like'],
): Tensor[] {
  const others = flatten(rest);
  const blank = blankOf(
    like ? like(unflatten(shapes.theta, theta), ...rest) : unflatten(shapes.theta, theta),
  );
  const specs = flatten(blank);
  shapes.x = specs.structure;
  const op: Op = {
    name: 'implicitRoot',
    shape: () => specs.leaves,
    prepare: (outputs, inputs) => () =>
      scope(() => {
        const tail = unflatten(others.structure, inputs.slice(theta.length)) as Tree[];
        const found = find(inputs.slice(0, theta.length), tail);
        leavesLike(
          'implicitRoot',
          'what solver gives (see the option like)',
          unflatten(shapes.x as Structure, found),
          blank,
        );
        found.forEach((leaf, i) => void outputs[i].data().set(leaf.data()));
      }),
  };
  return applyAll(op, [...theta, ...others.leaves], undefined);
}

/** A tree of tensors without values, for a tree of tensors or of `{ shape, dtype? }`. */
function blankOf(tree: Tree): Tree {
  if (tree instanceof Tensor) return new Tensor(tree.shape, tree.dtype, undefined);
  if (Array.isArray(tree)) return tree.map(blankOf);
  if (!isPlain(tree)) return tree;
  if (Array.isArray(tree.shape)) {
    const shape = checkShape('implicitRoot', tree.shape);
    return new Tensor(shape, checkDType('implicitRoot', tree.dtype, 'f64'), undefined);
  }
  return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, blankOf(part)]));
}

/** F on lists of tensors; it must give as many equations as there are unknowns. */
function residualOf(
  F: (theta: unknown, x: unknown) => unknown,
  shapes: Shapes,
  theta: readonly Tensor[],
  x: readonly Tensor[],
): Tensor[] {
  const result = flatten(F(unflatten(shapes.theta, theta), unflatten(shapes.x as Structure, x)));
  shapes.result = result.structure;
  const [equations, unknowns] = [result.leaves, x].map((list) => list.reduce((sum, y) => sum + y.size, 0));
  if (equations !== unknowns) {
    throw new ShapeError(
      `implicitRoot: F must give as many numbers as x has, ${unknowns}, got ${equations} (it is 0 at the solution)`,
    );
  }
  return result.leaves;
}

/** The user's own solver of linear systems, on lists of tensors. */
function ownSolve({ solve }: ImplicitOptions, shapes: Shapes, f: Residual): OwnSolve | undefined {
  if (solve === undefined) return undefined;
  return (b, transpose, theta, x) => {
    if (shapes.result === undefined) f(theta, x);
    const [from, to] = transpose ? [shapes.x, shapes.result] : [shapes.result, shapes.x];
    const at = { theta: unflatten(shapes.theta, theta), x: unflatten(shapes.x as Structure, x) };
    const z = solve(unflatten(from as Structure, b), transpose, at);
    const leaves = leavesIn(z, to as Structure);
    if (leaves === undefined) {
      throw new ArgumentError(
        `implicitRoot: solve must give back a tree of the structure ${to?.text}, got ${flatten(z).structure.text}`,
      );
    }
    return leaves;
  };
}

/** Throws if F is not near 0: the derivative would be that of something else. */
function check(
  f: Residual,
  theta: readonly Tensor[],
  x: readonly Tensor[],
  tolerance: number | undefined,
): void {
  const unknown = ![...theta, ...x].every(isKnown);
  for (const leaf of x) {
    if (leaf.dtype === 'i32') throw new DTypeError('implicitRoot: solver must give f64 or f32, got i32');
  }
  if (x.length === 0) throw new ArgumentError('implicitRoot: solver must give a tensor or a tree of tensors');
  if (unknown || tolerance === Number.POSITIVE_INFINITY) return;
  const residual = maxAbs(vectorOf(f(theta, x)));
  if (residual === 0) return;
  // How much F changes when everything changes by its own size, in a random direction.
  const real = theta.filter((leaf) => leaf.dtype !== 'i32');
  const at = theta.flatMap((leaf, i) => (leaf.dtype === 'i32' ? [] : [i]));
  const changes = [...real, ...x].map((leaf, i) => {
    const unit = Math.max(1e-3, maxAbs(leaf));
    const change = random(i + 1).normal(leaf.shape, { dtype: leaf.dtype as 'f64' | 'f32' });
    return mul(change, unit);
  });
  const { tangent } = jvp(
    (...moved) => vectorOf(f(replaced(theta, at, moved.slice(0, at.length)), moved.slice(at.length))),
    [...real, ...x],
    changes,
  );
  const limit = (tolerance ?? (x[0].dtype === 'f32' ? 1e-2 : 1e-4)) * maxAbs(tangent);
  if (residual <= limit) return;
  throw new ConvergenceError(
    `implicitRoot: F must be 0 at what solver gives, got ${residual.toExponential(2)} where ${limit.toExponential(2)} would pass ` +
      '(let the solver converge, or raise tolerance)',
    0,
    residual,
  );
}

function maxAbs(x: Tensor): number {
  let high = 0;
  for (const value of x.data()) {
    if (Number.isNaN(value)) return value;
    high = Math.max(high, Math.abs(value));
  }
  return high;
}

/** A tensor without the traces that follow it. */
export function plainOf(leaf: Tensor): Tensor {
  const value = primalOf(leaf);
  return value instanceof Tracer ? stopGradient(value) : value;
}
