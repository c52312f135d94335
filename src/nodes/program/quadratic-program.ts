// min 1/2 xᵀPx + qᵀx over Gx <= h and Ax = b as a node.
import { checkFlag, checkObject, checkOneOf } from '../../core/check.js';
import { zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { isTransforming } from '../../ops/level.js';
import { type ArgumentAxes, batchOf, checkEntries } from '../problems/batch.js';
import { callNode } from '../problems/node-row.js';
import { checkLimits, defaultTolerance, type ToleranceOptions } from '../problems/report.js';
import { programCotangents, programTangents } from './derivative.js';
import { withRelaxedDerivatives } from './relaxed.js';
import { solvePrograms } from './solve-programs.js';

/** The data of quadratic programs, or of a batch of them: batch axes come first and broadcast. */
export interface ProgramData {
  /** [..., n, n]; its symmetric part counts, which must be positive semidefinite. */
  P: Tensor;
  /** [..., n]. */
  q: Tensor;
  /** [..., p, n]. */
  G?: Tensor;
  /** [..., p]; Infinity: no constraint. */
  h?: Tensor;
  /** [..., q, n]. */
  A?: Tensor;
  /** [..., q]. */
  b?: Tensor;
}

/** Options of `quadraticProgram`. */
export interface ProgramOptions extends ToleranceOptions {
  /** Gives the multipliers beside the solution, differentiable too. Default false. */
  multipliers?: boolean;
  /**
   * What a program without a solution does: 'throw' (default), or its entries and derivatives become NaN or 0, and the
   * others keep theirs; the report has the status of each.
   */
  failed?: 'throw' | 'nan' | 'zero';
  /**
   * κ > 0: the solution stays exact, but its derivatives are those of the point with s λ = κ, s = h - G x. Then weakly
   * active constraints and the vertices of linear programs respond, too. Default: not relaxed.
   */
  relax?: number;
}

/** A solution and its multipliers: P x + q + Gᵀλ + Aᵀν = 0, λ >= 0. */
export interface ProgramSolution {
  /** [..., n]. */
  x: Tensor;
  /** [..., p]; p is 0 without inequalities. */
  lambda: Tensor;
  /** [..., q]. */
  nu: Tensor;
}

const OPTIONS: OptionNames<ProgramOptions> = {
  tolerance: true,
  maxIterations: true,
  throws: true,
  onSolve: true,
  multipliers: true,
  failed: true,
  relax: true,
};

const DATA: OptionNames<ProgramData> = { P: true, q: true, G: true, h: true, A: true, b: true };

/** Iterations of the interior point method. */
const ITERATIONS = 200;

/**
 * The solution of a convex quadratic program as a node: x = argmin 1/2 xᵀPx + qᵀx subject to G x <= h and A x = b.
 *
 * Solved by Goldfarb's and Idnani's active set method where P is definite and the active set beyond doubt, else by an
 * interior point method, whose active constraints are then solved to rounding. Derivatives in all data, to any order and
 * in both modes, by the implicit function theorem with the active constraints as equalities. A constraint that holds with
 * equality and has the multiplier 0 is ignored. Where active constraints depend on each other, x has
 * its derivative, and multipliers and gradients of these rows are those of smallest norm.
 * @param data P, q, and pairs G, h and A, b; of one dtype, f64 or f32.
 * @param options `multipliers`: gives { x, lambda, nu }; `tolerance`: default 1e-10 (f32: 1e-5); `maxIterations`:
 * default 200; `throws`; `failed`: 'throw', 'nan' or 'zero'; `relax`; `onSolve`.
 * @returns x [..., n].
 * @throws ConvergenceError with `.solution` (status and certificate) where constraints contradict each other
 * ('infeasible') or the objective has no lower bound ('unbounded'), or if the tolerance is not met; ArgumentError where
 * P has a negative eigenvalue, or for numbers that are not finite; ShapeError, DTypeError. The derivative of a solution
 * that is not unique is a SingularMatrixError.
 * Source: the lecture notes on differentiable optimisation, section 3; qpax's (s, z, y) are h - Gx, lambda, nu.
 * @example
 * nodes.quadraticProgram({ P: eye(2), q: tensor([-2, 0]), G: tensor([[1, 1]]), h: tensor([1]) }); // [1.5, -0.5]
 */
export function quadraticProgram(
  data: ProgramData,
  options: ProgramOptions & { multipliers: true },
): ProgramSolution;
export function quadraticProgram(
  data: ProgramData,
  options?: ProgramOptions & { multipliers?: false },
): Tensor;
export function quadraticProgram(data: ProgramData, options: ProgramOptions): Tensor | ProgramSolution;
export function quadraticProgram(data: ProgramData, options: ProgramOptions = {}): Tensor | ProgramSolution {
  checkOptions('quadraticProgram', options, OPTIONS);
  checkObject('quadraticProgram', 'data', data);
  checkOptions('quadraticProgram', data, DATA, 'data');
  const { multipliers = false } = options;
  checkFlag('quadraticProgram', 'multipliers', multipliers);
  return scope(() => {
    const solution = programNode('quadraticProgram', data, options);
    return multipliers ? solution : solution.x;
  });
}

/** The node under the name of a function whose own arguments have these names. */
export function programNode(
  name: string,
  data: ProgramData,
  options: ProgramOptions,
  names: Partial<Record<keyof ProgramData, string>> = {},
): ProgramSolution {
  const { failed = 'throw', relax } = options;
  if (relax !== undefined && !(typeof relax === 'number' && relax > 0 && relax < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`${name}: relax must be a number above 0, got ${describe(relax)}`);
  checkOneOf(name, 'failed', failed, ['throw', 'nan', 'zero']);
  const named = (key: keyof ProgramData) => names[key] ?? key;
  for (const [matrix, side] of [
    ['G', 'h'],
    ['A', 'b'],
  ] as const) {
    if ((data[matrix] === undefined) !== (data[side] === undefined)) {
      const [missing, there] = data[matrix] === undefined ? [matrix, side] : [side, matrix];
      throw new ArgumentError(`${name}: ${named(missing)} must be given with ${named(there)}, got undefined`);
    }
  }
  const q = checkFloat(name, named('q'), data.q);
  const n = q.shape[q.ndim - 1] ?? 0;
  const none = (...shape: number[]) => zeros(shape, { dtype: q.dtype });
  const axes: [keyof ProgramData, ArgumentAxes][] = [
    ['q', [data.q, 'n']],
    ['P', [data.P, 'n', 'n']],
    ['G', [data.G ?? none(0, n), 'p', 'n']],
    ['h', [data.h ?? none(0), 'p']],
    ['A', [data.A ?? none(0, n), 'q', 'n']],
    ['b', [data.b ?? none(0), 'q']],
  ];
  const found = batchOf(name, Object.fromEntries(axes.map(([key, value]) => [named(key), value])));
  const part = (key: keyof ProgramData) => found.parts[named(key)];
  const batch = {
    ...found,
    parts: { P: part('P'), q: part('q'), G: part('G'), h: part('h'), A: part('A'), b: part('b') },
  };
  const { count, dtype } = batch;
  const { p, q: equalities } = batch.sizes;
  const N = n + p + equalities;
  const limits = checkLimits(name, options, {
    tolerance: defaultTolerance(dtype),
    maxIterations: ITERATIONS,
  });
  const [x, lambda, nu, , mark] = callNode({
    ...{ batch, options, limits, results: 5, smooth: 3 },
    outputs: [
      { shape: [count, n], dtype },
      { shape: [count, p], dtype },
      { shape: [count, equalities], dtype },
      { shape: [count, p], dtype: 'i32' },
      { shape: [count], dtype },
      { shape: isTransforming() ? [count, N, N] : [0, 0, 0], dtype: 'f64' },
      { shape: [count], dtype: 'i32' },
    ],
    run([x, lambda, nu, active, mark, Z, known], [P, q, G, h, A, b]) {
      const parts = { P, q, G, h, A, b };
      for (const [key, values] of Object.entries(parts)) {
        const given = named(key as keyof ProgramData);
        if (key !== 'h') checkEntries(batch, given, values);
        else checkEntries(batch, given, values, (v) => v > Number.NEGATIVE_INFINITY, 'finite or Infinity');
      }
      return solvePrograms(batch, parts, { x, lambda, nu, active, mark, Z, known }, limits, failed);
    },
    jvp: (tangents, point) => programTangents(batch, tangents, point),
    vjp: (cotangents, point) => programCotangents(batch, cotangents, point),
  });
  return relax === undefined || !isTransforming()
    ? { x, lambda, nu }
    : withRelaxedDerivatives(batch, { x, lambda, nu }, mark, relax);
}
