// implicitRoot: x(theta) with F(theta, x) = 0, dx = -(∂F/∂x)⁻¹ ∂F/∂theta dtheta (dissertation, equation (55)).

import { checkAtLeast, checkFunction, checkOneOf } from '../core/check.js';
import { tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import { ArgumentError, ConvergenceError, DTypeError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { random } from '../core/random/generator.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, leavesIn, mapTree, type Structure, type Tree, unflatten } from '../core/tree.js';
import { mul, neg } from '../ops/arithmetic.js';
import type { Derivative } from '../ops/op.js';
import { orZeros } from '../ops/rules.js';
import { call, type Rule, Tracer } from '../ops/tracer.js';
import type { TreeFunction } from './arguments.js';
import { isFollowed } from './followed.js';
import { Dual } from './forward.js';
import {
  KeptFactors,
  type LinearMethod,
  LinearSystem,
  leavesOf,
  type OwnSolve,
  type Residual,
  vectorOf,
} from './implicit-solve.js';
import { jvp } from './jvp.js';
import { innermostTape, Variable } from './reverse.js';
import { vjp } from './vjp.js';

/** Options of `implicitRoot`. */
export interface ImplicitOptions {
  /**
   * How systems with ∂F/∂x are solved: 'dense' makes the matrix and factors it (default up to 512 unknowns), 'gmres' takes products
   * with it only (default above), 'cg' does, for a symmetric positive definite ∂F/∂x.
   */
  linearSolver?: LinearMethod;
  /** Residual, relative to the right side, at which 'cg' and 'gmres' stop; default 1e-10, in f32 1e-5. */
  linearTolerance?: number;
  /**
   * A solver of one's own for ∂F/∂x z = b, or the transpose of it: b is a tree like F's result, z one like x (transposed: the
   * other way round). It is called with values, never differentiated.
   */
  // biome-ignore lint/suspicious/noExplicitAny: trees of the user's
  solve?: (b: any, transpose: boolean, at: { theta: any; x: any }) => any;
  /**
   * What |F| may be at the solution, relative to how much F changes when x or theta change by their own size; default 1e-4, in f32
   * 1e-2. Infinity: not checked.
   */
  tolerance?: number;
}

const IMPLICIT_OPTIONS: OptionNames<ImplicitOptions> = {
  linearSolver: true,
  linearTolerance: true,
  solve: true,
  tolerance: true,
};

/** The structures of a call: of theta, and of x and F's result once they are known. */
interface Shapes {
  theta: Structure;
  x?: Structure;
  result?: Structure;
}

/**
 * The solution of F(theta, x) = 0 as a function of theta, by any solver, with derivatives by the implicit function theorem: they do
 * not depend on how x was found, and take one linear system with ∂F/∂x each. Nests to any order.
 * @param F (theta, x) => a tensor or tree with as many entries as x, 0 at the solution, written in operations; a function of its two
 * arguments only: what else it uses is a constant. ∂F/∂x must not be singular there.
 * @param solver (theta, ...rest) => x, a tensor or tree of f64 or f32; sees plain values, and is not differentiated.
 * @returns (theta, ...rest) => x; `rest` (a starting point, say) is handed to the solver, without derivatives.
 * @throws ConvergenceError with `.residual` where F is not near 0 at what the solver gives; SingularMatrixError.
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
  const { linearSolver, linearTolerance, tolerance } = options;
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
    const settings = { method: linearSolver, tolerance: linearTolerance, solve: ownSolve(options, shapes) };
    const system = (transpose: boolean, kept?: KeptFactors) => new LinearSystem(f, settings, transpose, kept);
    const rule: Rule<KeptFactors | undefined> = {
      name: 'implicitRoot',
      run(inputs) {
        if (isFollowed(rule.name, inputs)) return { outputs: call(rule, inputs) };
        const x = scope(() => {
          const result = flatten(solver(unflatten(structure, inputs), ...rest.map(plain)));
          shapes.x = result.structure;
          check(f, inputs, result.leaves, tolerance);
          return result.leaves;
        });
        return { outputs: x, residuals: innermostTape() && new KeptFactors() };
      },
      jvp(tangents, { inputs, outputs }) {
        const at = tangents.flatMap((t, i) => (t === undefined ? [] : [i]));
        const along = at.map((i) => tangents[i] as Tensor);
        const t = jvp(
          (...moved) => vectorOf(f(replaced(inputs, at, moved), outputs)),
          at.map((i) => inputs[i]),
          along,
        );
        return leavesOf(system(false).solve(neg(t.tangent), inputs, outputs), outputs);
      },
      vjp(cotangents, { inputs, outputs, wanted, params: kept }) {
        const at = inputs.flatMap((x, i) => (wanted[i] && x.dtype !== 'i32' ? [i] : []));
        const whole = outputs.map((x, i) => orZeros(cotangents[i], x));
        const w = system(true, kept).solve(vectorOf(whole), inputs, outputs);
        const { pullback } = vjp(
          (...moved) => vectorOf(f(replaced(inputs, at, moved), outputs)),
          ...at.map((i) => inputs[i]),
        );
        const results: Derivative[] = inputs.map(() => undefined);
        pullback(neg(w)).forEach((result: Tensor, k: number) => {
          results[at[k]] = result;
        });
        return results;
      },
    };
    const outputs = call(rule, leaves);
    return unflatten(shapes.x as Structure, outputs);
  };
  return (given, ...rest) =>
    typeof given === 'number' ? scope<Tree>(() => root(tensor(given), rest)) : root(given, rest);
}

/** The list with some of its tensors exchanged. */
function replaced(list: readonly Tensor[], at: readonly number[], by: readonly Tensor[]): Tensor[] {
  const all = [...list];
  at.forEach((position, i) => {
    all[position] = by[i];
  });
  return all;
}

/** F at lists of tensors, which must be as many equations as unknowns. */
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
function ownSolve({ solve }: ImplicitOptions, shapes: Shapes): OwnSolve | undefined {
  if (solve === undefined) return undefined;
  return (b, transpose, theta, x) => {
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

/** Throws where F is not near 0: a derivative there would be that of something else. */
function check(
  f: Residual,
  theta: readonly Tensor[],
  x: readonly Tensor[],
  tolerance: number | undefined,
): void {
  const unknown = [...theta, ...x].some((leaf) => leaf instanceof Tracer);
  for (const leaf of x) {
    if (leaf.dtype === 'i32') throw new DTypeError('implicitRoot: solver must give f64 or f32, got i32');
  }
  if (x.length === 0) throw new ArgumentError('implicitRoot: solver must give a tensor or a tree of tensors');
  if (unknown || tolerance === Number.POSITIVE_INFINITY) return;
  const residual = maxAbs(vectorOf(f(theta, x)));
  if (residual === 0) return;
  // How much F changes where everything changes by its own size, at random.
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

/** A tensor without the derivatives that follow it, in a tree. */
function plain(tree: Tree): Tree {
  return mapTree(tree, (leaf) => {
    let value = leaf;
    while (value instanceof Dual || value instanceof Variable) value = value.primal;
    return value;
  });
}
