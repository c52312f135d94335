// Solvers inside differentiated, traced or compiled functions: one node of the graph, with derivatives by the implicit
// function theorem in every tensor that the problem uses.

import { type Closure, closureOf } from '../compiler/closure.js';
import { ArgumentError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, type Structure, type Tree, unflatten } from '../core/tree.js';
import { assign } from '../linalg/blas/tensors.js';
import { isTransforming } from '../ops/level.js';
import { applyAll, type Op } from '../ops/op.js';
import { isKnown, UnknownValueError } from '../ops/tracer.js';
import { withDerivatives } from './implicit.js';
import { plainOf } from './implicit-root.js';
import { type Solution, solutionOf } from './solution.js';

/** The user's function of the unknowns. */
// biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
export type Unary = (x: any) => Tree;

/** A solver, and a function that is zero at its solution. */
interface SolverInside<S extends Solution> {
  readonly name: string;
  readonly f: unknown;
  readonly x0: Tree;
  /** Solves for values. */
  run(f: Unary, x0: Tree): S;
  /** As many numbers as x has, all 0 at a solution, written in operations. */
  residual(f: Unary, x: Tree): Tree;
  /** Other tensors of the solution as functions of x, written in operations. */
  tensors?(f: Unary, x: Tree): object;
  /** Those that are costly: computed where they are read, from the user's function. */
  lazily?(f: Unary, x: Tree): { readonly [field: string]: () => Tensor };
  /** The objective at x in operations; without it `value` has no derivative. */
  value?(f: Unary, x: Tree): Tensor;
}

/** A solver with its options, for `solveWherever`. */
// biome-ignore lint/suspicious/noExplicitAny: f is what the caller of the solver gave
export interface WhereverSolver<S extends Solution, F = any> extends Omit<SolverInside<S>, 'run' | 'f'> {
  readonly f: F;
  readonly options: { throws?: boolean; maxIterations?: number };
  /** Solves for values; tensors made on the way are freed. */
  solve(f: F, x0: Tree): S;
}

/** Solves, as a node with derivatives where a transformation is in progress around it. */
export function solveWherever<S extends Solution, F>(solver: WhereverSolver<S, F>): S {
  const { f, x0, options, solve } = solver;
  const run = (g: F, start: Tree) => solutionOf(scope<Solution>(() => solve(g, start)) as S, options);
  return solveInside<S>({ ...solver, run: run as never }) ?? run(f, x0);
}

/** The function with its captured tensors as inputs. */
interface Opened {
  readonly closure: Closure;
  /** The function for given values of its captured tensors. */
  at(values: readonly Tensor[]): Unary;
}

function opened(name: string, f: Unary, leaves: readonly Tensor[], structure: Structure): Opened | undefined {
  try {
    const closure = closureOf(name, (...xs: Tensor[]) => f(unflatten(structure, xs)), leaves);
    const { graph, structure: result } = closure;
    const at = (values: readonly Tensor[]) => (x: Tree) =>
      unflatten(result, graph.evaluate([...flatten(x).leaves, ...values]));
    return { closure, at };
  } catch (error) {
    // A function that reads values runs on values only; the tensors that it captures must not be traced.
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

/**
 * The solution if a transformation is in progress around the solver and its function uses traced tensors, or tensors
 * that a recording must read at every run; undefined if the solver can simply run. Inside `compile` and `trace`, value,
 * gradientNorm and iterations are scalar tensors; reading other figures, which are known only after a run, throws an
 * UnknownValueError.
 */
function solveInside<S extends Solution>(solver: SolverInside<S>): S | undefined {
  const { name, f, x0 } = solver;
  if (!isTransforming() || typeof f !== 'function') return undefined;
  const { leaves, structure } = flatten(x0);
  if (leaves.length === 0) return undefined;
  const start = leaves.map(plainOf);
  const isStartKnown = start.every(isKnown);
  const open = opened(name, f as Unary, leaves, structure);
  if (open === undefined)
    return isStartKnown ? solver.run(f as Unary, unflatten(structure, start)) : undefined;
  const { closure, at } = open;
  try {
    const { captures } = closure;
    if (captures.length === 0 && isStartKnown)
      return start.every((leaf, i) => leaf === leaves[i])
        ? undefined
        : solver.run(f as Unary, unflatten(structure, start));
    const plain = captures.map(plainOf);
    const isNow = isStartKnown && plain.every(isKnown);
    const solution = isNow
      ? solver.run(at(plain), unflatten(structure, start))
      : later(solver, open, structure, start, plain);
    const found = flatten(solution.x).leaves;
    const F = (params: readonly Tensor[], xs: readonly Tensor[]) =>
      flatten(solver.residual(at(params), unflatten(structure, xs))).leaves;
    const settings = { method: undefined, tolerance: undefined, solve: undefined, bodies: [closure.graph] };
    const x = unflatten(structure, withDerivatives(name, F, captures, found, settings));
    const others = solver.tensors?.(at(captures), x);
    Object.defineProperties(solution, Object.getOwnPropertyDescriptors({ ...others, x }));
    for (const [field, compute] of Object.entries(solver.lazily?.(f as Unary, x) ?? {}))
      define(solution, field, compute);
    const isFollowed = captures.some((capture, i) => capture !== plain[i]);
    if (!isNow && isFollowed) {
      // The solver's numbers are tensors here, which would look like constants.
      const { value } = solver;
      const refuse = (field: string) => () => {
        throw new ArgumentError(
          `${name}: ${field} has no derivative, and is read while the function around it is differentiated (compute it from x in operations)`,
        );
      };
      define(solution, 'value', value ? () => value(f as Unary, x) : refuse('value'));
      define(solution, 'gradientNorm', refuse('gradientNorm'));
    }
    return solution;
  } finally {
    closure.graph.dispose();
  }
}

/** A field that is computed when it is first read, and not by what only walks over the solution. */
function define(solution: object, field: string, compute: () => Tensor): void {
  let known: Tensor | undefined;
  Object.defineProperty(solution, field, {
    configurable: true,
    enumerable: false,
    get: () => (known ??= compute()),
  });
}

/** The solver as a row that runs when the values are known. */
function later<S extends Solution>(
  { name, run }: SolverInside<S>,
  { closure, at }: Opened,
  structure: Structure,
  start: readonly Tensor[],
  values: readonly Tensor[],
): S {
  const count = start.length;
  const op: Op = {
    name,
    bodies: [closure.graph],
    shape: () => [
      ...start.map(({ shape, dtype }) => ({ shape, dtype })),
      { shape: [], dtype: 'f64' },
      { shape: [], dtype: 'f64' },
      { shape: [], dtype: 'i32' },
    ],
    prepare: (outputs, inputs) => () =>
      scope(() => {
        const solution = run(at(inputs.slice(count)), unflatten(structure, inputs.slice(0, count)));
        flatten(solution.x).leaves.forEach(
          (leaf, i) => void (sizeOf(leaf.shape) > 0 && assign(leaf, outputs[i])),
        );
        const numbers = [solution.value, solution.gradientNorm, solution.iterations];
        numbers.forEach((number, i) => void outputs[count + i].data().fill(number));
      }),
  };
  const results = applyAll(op, [...start, ...values], undefined);
  const [value, gradientNorm, iterations] = results.slice(count);
  const solution = { x: unflatten(structure, results.slice(0, count)), value, gradientNorm, iterations };
  for (const field of ['evaluations', 'converged', 'status', 'message', 'trace', 'jacobian', 'residuals']) {
    Object.defineProperty(solution, field, {
      configurable: true,
      get() {
        throw new UnknownValueError(
          `${name}: ${field} is read while the function around it is traced, and is known only when the solver has run`,
        );
      },
    });
  }
  return solution as unknown as S;
}
