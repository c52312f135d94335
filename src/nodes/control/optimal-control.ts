// optimalControl: controls of least cost, as a function of the parameters of dynamics, costs and constraints.
import { checkCount, checkFunction } from '../../core/check.js';
import { tensor, zeros } from '../../core/create.js';
import { ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { type Shape, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { flatten, type Tree, unflatten } from '../../core/tree.js';
import { checkFloat, type Float } from '../../linalg/stack.js';
import { reshape } from '../../ops/layout.js';
import { isTransforming } from '../../ops/level.js';
import { untraced } from '../../ops/untraced.js';
import { withDerivatives } from '../../solve/implicit.js';
import { plainOf } from '../../solve/implicit-root.js';
import { problemText } from '../problems/batch.js';
import { checkLimits, defaultTolerance, type Limits, type ToleranceOptions } from '../problems/report.js';
import { runTogether } from './batch-solver.js';
import { Evaluator } from './evaluator.js';
import { type Call, type ControlFunctions, NAME, partOf } from './functions.js';
import { ControlSystem, conditions, solveBy, unknownsOf } from './implicit-derivative.js';
import { checkValues, guessOf } from './inputs.js';
import { ControlMatrix } from './kkt.js';
import { type Layout, makeBlocks } from './layout.js';
import { openFunctions } from './open-functions.js';
import { probe } from './probe.js';
import { reportOf } from './report.js';
import { rollOut } from './rollout.js';
import { type Outcome, solveProblem } from './solver.js';

/** Options of `optimalControl`. */
export interface ControlOptions extends ControlFunctions, ToleranceOptions {
  /** The number of steps T. */
  horizon: number;
  /** The number of controls of a step. */
  controlSize: number;
}

const CONTROL_OPTIONS: OptionNames<ControlOptions> = {
  horizon: true,
  controlSize: true,
  dynamics: true,
  cost: true,
  finalCost: true,
  equality: true,
  inequality: true,
  finalEquality: true,
  finalInequality: true,
  tolerance: true,
  maxIterations: true,
  throws: true,
  onSolve: true,
};

const MAXIMUM_ITERATIONS = 200;

/** States [..., T+1, nx], the first of which is the initial one, and controls [..., T, nu]. */
export interface Trajectory {
  states: Tensor;
  controls: Tensor;
}

/** The node for a problem of optimal control: (theta, initialState, controls0?) => states and controls. */
export type ControlNode = (theta: Tree, initialState: Tensor, controls0?: Tensor) => Trajectory;

/**
 * Optimal control in discrete time: minimises Σ cost(x_t, u_t) + finalCost(x_T) subject to x_{t+1} = dynamics(x_t, u_t)
 * and to equalities (= 0) and inequalities (<= 0) of each step and of the last state. A local minimum near controls0 is
 * found by Newton's method on the optimality conditions, with second derivatives of all functions; its derivatives in
 * theta, in the initial state and in captured tensors are those of the implicit function theorem, in both modes and to
 * any order. Time and memory, forward and backward, are linear in the horizon.
 *
 * The functions get all steps at once: x [..., nx], u [..., nu], t [...] (0 … T-1, in the states' dtype), where the
 * leading axes are (batch, time), or time alone; for the last state (batch), or none. theta is a tree without such axes.
 * @param options `dynamics(x, u, theta, t)` gives [..., nx], `cost` [...], `equality` and `inequality` [..., q] and
 * [..., p]; `finalCost(x, theta)` [...], `finalEquality` and `finalInequality` [..., q] and [..., p]. `tolerance` bounds
 * the residuals (default 1e-10, in f32 1e-5), `maxIterations` (200) the steps; `onSolve` gets a report of each call.
 * @returns a function of theta (a tree), initialState [..., nx] (f64 or f32; axes before the last one are a batch of
 * problems) and controls0 [..., T, nu], zeros by default, which chooses the minimum and has no derivative.
 * @throws ArgumentError, ShapeError, DTypeError (which name the argument or the function); ConvergenceError if no
 * minimum was found, also where constraints contradict each other; SingularMatrixError from derivatives if the controls
 * are not unique.
 * Source: Xu, Molloy & Gould, Revisiting implicit differentiation for learning problems in optimal control (2023).
 * @example
 * const node = nodes.optimalControl({
 *   horizon: 1,
 *   controlSize: 1,
 *   dynamics: (x, u) => add(x, u),
 *   cost: (x, u) => sum(square(u), { axis: -1 }),
 *   finalCost: (x, goal) => sum(square(sub(x, goal)), { axis: -1 }),
 * });
 * node(tensor([4]), tensor([0])).controls; // [[2]]
 */
export function optimalControl(options: ControlOptions): ControlNode {
  checkOptions(NAME, options, CONTROL_OPTIONS);
  checkCount(NAME, 'horizon', options.horizon, 1);
  checkCount(NAME, 'controlSize', options.controlSize, 1);
  checkFunction(NAME, 'dynamics', options.dynamics);
  checkFunction(NAME, 'cost', options.cost);
  const optional = ['finalCost', 'equality', 'inequality', 'finalEquality', 'finalInequality'] as const;
  for (const name of optional) if (options[name] !== undefined) checkFunction(NAME, name, options[name]);
  checkLimits(NAME, options, { tolerance: 1, maxIterations: MAXIMUM_ITERATIONS });
  return (theta, initialState, controls0) => {
    const { dtype } = checkFloat(NAME, 'initialState', initialState) as { dtype: Float };
    if (initialState.ndim === 0)
      throw new ShapeError(`${NAME}: initialState must have shape [..., nx], got []`);
    const defaults = { tolerance: defaultTolerance(dtype), maxIterations: MAXIMUM_ITERATIONS };
    const call = new ControlCall(options, checkLimits(NAME, options, defaults), dtype);
    const [states, controls] = scope(() => call.run(theta, initialState, controls0).slice(0, 2));
    return { states, controls };
  };
}

/** One call of the node. */
class ControlCall {
  readonly #options: ControlOptions;
  readonly #limits: Limits;
  readonly #dtype: Float;

  constructor(options: ControlOptions, limits: Limits, dtype: Float) {
    this.#options = options;
    this.#limits = limits;
    this.#dtype = dtype;
  }

  /** The unknowns, with the batch's axes; states and controls come first. */
  run(theta: Tree, initialState: Tensor, controls0: Tensor | undefined): Tensor[] {
    const { horizon: T, controlSize: nu } = this.#options;
    const dtype = this.#dtype;
    const batch = initialState.shape.slice(0, -1);
    const nx = initialState.shape[initialState.ndim - 1];
    const count = sizeOf(batch);
    const { leaves, structure } = flatten(theta, NAME);
    const plain = leaves.map((leaf) => untraced(NAME, 'theta', plainOf(leaf)));
    const plainStart = untraced(NAME, 'initialState', plainOf(initialState));
    checkValues(plain, plainStart, { shape: batch, count }, dtype);
    const guess = guessOf(controls0, batch, [T, nu], dtype);
    if (count === 0)
      return [
        [...batch, T + 1, nx],
        [...batch, T, nu],
      ].map((s) => zeros(s, { dtype }));
    const lead: Shape = batch.length === 0 ? [T] : [count, T];
    const call: Call = { lead, dtype };
    const functions = openFunctions(this.#options, plain, structure, { nx, nu });
    try {
      const start = Float64Array.from(plainStart.data());
      const { layout, isGiven } = probe(functions, call, { T, nx, nu }, start, guess);
      const w = startsOf(layout, start, guess);
      rollOut(layout, functions, call, w);
      const evaluator = new Evaluator(layout, functions, call);
      const blocks = w.map(() => makeBlocks(layout));
      const settings = {
        layout,
        isGuess: controls0 !== undefined,
        ...this.#limits,
        rounding: roundingOf(dtype),
      };
      const searches = w.map((v, b) => {
        const state = start.subarray(b * nx, (b + 1) * nx);
        const own = {
          start: state,
          blocks: blocks[b],
          isGiven: isGiven[b],
          system: new ControlMatrix(layout),
        };
        return solveProblem({ ...settings, ...own }, v);
      });
      const outcomes = runTogether(evaluator, searches, blocks);
      const unsolved = reportOf(outcomes, batch, this.#limits, this.#options.onSolve);
      const found = outcomes.map(({ point }) => point.w);
      found.forEach((v, b) => void v.set(start.subarray(b * nx, (b + 1) * nx), nx));
      const unknowns = unknownsOf(layout, functions.parts, call, found);
      const shaped = (y: Tensor) => (batch.length < 2 ? y : reshape(y, [...batch, ...y.shape.slice(1)]));
      if (!isTransforming()) return unknowns.map(shaped);
      const active = outcomes.map((outcome) => stronglyActive(layout, outcome, dtype));
      if (unsolved === undefined) evaluator.evaluate(found, blocks);
      const where = (b: number) => problemText({ shape: batch, count }, b);
      const system = new ControlSystem(layout, functions.parts, count, { blocks, active }, where, unsolved);
      const F = conditions(
        layout,
        functions.parts,
        call,
        (part, tree) =>
          partOf(this.#options, part, tree, part === 'last' ? { lead: lead.slice(0, -1), dtype } : call),
        (params) => unflatten(structure, params),
        masksOf(layout, active, call),
      );
      const first = batch.length < 2 ? initialState : reshape(initialState, [count, nx]);
      const how = { method: undefined, tolerance: undefined, solve: solveBy(system) };
      return withDerivatives(NAME, F, [...leaves, first], unknowns, how).map(shaped);
    } finally {
      functions.dispose();
    }
  }
}

const roundingOf = (dtype: Float) => (dtype === 'f64' ? 2 ** -53 : 2 ** -24);

/** The unknowns to begin with: the first states and the controls. */
function startsOf(
  { T, nx, nu, u, size, stride }: Layout,
  start: Float64Array,
  guess: Float64Array,
): Float64Array[] {
  return Array.from({ length: start.length / nx }, (_, b) => {
    const v = new Float64Array(size);
    v.set(start.subarray(b * nx, (b + 1) * nx), nx);
    for (let t = 0; t < T; t++)
      for (let i = 0; i < nu; i++) v[t * stride + u + i] = guess[(b * T + t) * nu + i];
    return v;
  });
}

/** Inequalities that hold with equality and have a multiplier; the derivative ignores those with multiplier 0. */
function stronglyActive({ inequalities }: Layout, { active, point }: Outcome, dtype: Float): Uint8Array {
  const least = Math.max(1e-9, 64 * roundingOf(dtype)) * point.scales.multiplier;
  return active.map((on, k) => Number(on === 1 && point.w[inequalities[k]] > least));
}

/** 1 where an inequality holds with equality. */
function masksOf(
  { T, p, pT }: Layout,
  active: readonly Uint8Array[],
  { lead, dtype }: Call,
): { steps?: Tensor; last?: Tensor } {
  const of = (from: number, to: number) =>
    Float64Array.from(active.flatMap((a) => [...a.subarray(from, to)]));
  return {
    steps: tensor(of(0, T * p), { shape: [...lead, p], dtype }),
    last: tensor(of(T * p, T * p + pT), { shape: [...lead.slice(0, -1), pT], dtype }),
  };
}
