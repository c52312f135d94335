// One control problem, solved: descent with barriers for the inequalities, and steps of Newton's method on the
// constraints that hold with equality. It asks for evaluations, so that those of a batch are made together.
import { activeSetOf, polish } from './active-set.js';
import { Descent } from './descent.js';
import type { ControlMatrix } from './kkt.js';
import type { Blocks, Evaluation, Layout } from './layout.js';
import type { Found, Scales } from './measure.js';
import { warmStart } from './warm-start.js';

/** A request: functions and first derivatives at w, with `blocks` the matrices, too. */
export interface Request {
  readonly w: Float64Array;
  readonly blocks: boolean;
}

/** A computation that asks for evaluations. */
export type Asking<R> = Generator<Request, R, Evaluation>;

/** A problem of a batch. */
export interface Problem {
  readonly layout: Layout;
  readonly start: Float64Array;
  /** Where the matrices of the last request for blocks are. */
  readonly blocks: Blocks;
  /** The memory for linear systems. */
  readonly system: ControlMatrix;
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Per inequality: whether it depends on the given state alone, so that no control can change it. */
  readonly isGiven: Uint8Array;
  /** Whether the controls to begin with are the caller's. */
  readonly isGuess: boolean;
  /** Rounding errors of the functions, relative. */
  readonly rounding: number;
}

/** A point, and what is known there. */
export interface Point {
  readonly w: Float64Array;
  readonly E: Evaluation;
  readonly scales: Scales;
  readonly found: Found;
  /** The largest residual. */
  readonly worst: number;
}

/** How the solver has ended. */
export interface Outcome {
  readonly point: Point;
  readonly iterations: number;
  /** Per inequality: whether it holds with equality. */
  readonly active: Uint8Array;
  readonly status: 'converged' | 'limit' | 'stuck' | 'infeasible' | 'unbounded';
}

/**
 * A local minimum near w. Where the quick search finds none, another one keeps to trajectories and lowers the cost with
 * each; then one begins with the states at rest, and without the caller's controls if those have led nowhere.
 * Source: Nocedal & Wright, chapters 18 and 19; Wächter & Biegler, On the implementation of an interior-point filter
 * line-search algorithm for large-scale nonlinear programming (2006).
 */
export function* solveProblem(problem: Problem, w: Float64Array): Asking<Outcome> {
  const { inequalities, equalities } = problem.layout;
  if (problem.isGuess && inequalities.length + equalities.length > 0) {
    const beside = yield* warmStart(problem, w);
    if (beside !== undefined) return beside;
  }
  const { maxIterations, layout, start } = problem;
  const isBound = inequalities.length > 0;
  const most = isBound ? 100 : 20;
  // The quick way first: what converges so takes few steps, nearly always.
  const quick = yield* solveFrom(problem, w, { done: 0, most, isFollowing: false });
  if (isEnd(quick, maxIterations)) return quick;
  let done = quick.iterations;
  // Then along trajectories, each of which is better than the one before; barriers make that slow.
  let sure = quick;
  if (!isBound) sure = yield* solveFrom(problem, w, { done, most: done + 30, isFollowing: true });
  if (isEnd(sure, maxIterations)) return sure;
  done = sure.iterations;
  // Controls that lead far away are not worth keeping.
  const still = Float64Array.from(w);
  for (let t = 1; t <= layout.T; t++) {
    still.set(start, t * layout.stride + layout.nx);
    const before = (t - 1) * layout.stride + layout.u;
    if (sure.status === 'limit') still.fill(0, before, before + layout.nu);
  }
  const rest = sure.status === 'limit' && !isBound ? done + most : maxIterations;
  const third = yield* solveFrom(problem, still, { done, most: rest, isFollowing: false });
  done = third.iterations;
  if (third.status === 'converged') return third;
  if (sure.status !== 'limit' || done >= maxIterations) {
    const better = third.point.worst < sure.point.worst && sure.status === 'limit' ? third : sure;
    return { ...better, iterations: done };
  }
  return yield* solveFrom(problem, sure.point.w, { done, most: maxIterations, isFollowing: true });
}

const isEnd = ({ status, iterations }: Outcome, most: number) =>
  status === 'converged' || status === 'unbounded' || iterations >= most;

/** How a search goes. */
interface How {
  /** Iterations that count already, and the most. */
  readonly done: number;
  readonly most: number;
  readonly isFollowing: boolean;
}

/** The same from w only; `done` iterations count. */
function* solveFrom(problem: Problem, w: Float64Array, { done, most, isFollowing }: How): Asking<Outcome> {
  const least = Math.min(most, problem.maxIterations);
  const descent = new Descent(problem, Float64Array.from(w), isFollowing, least);
  descent.iterations = done;
  yield* descent.begin();
  let best: { point: Point; active: Uint8Array } | undefined;
  for (;;) {
    const status = yield* descent.run();
    const active = activeSetOf(problem, descent.point, descent.slacks);
    const left = least - descent.iterations;
    if (status === 'converged' || status === 'limit' || status === 'stuck') {
      const polished = yield* polish(problem, descent.point, active, left);
      descent.iterations += polished.iterations;
      if (best === undefined || !(polished.point.worst >= best.point.worst)) best = polished;
    }
    const reached = best ?? { point: descent.point, active };
    const end = (how: Outcome['status']): Outcome => ({
      point: reached.point,
      active: reached.active,
      iterations: descent.iterations,
      status: how,
    });
    if (reached.point.worst <= problem.tolerance) return end('converged');
    if (status === 'converged' && descent.tighten()) continue;
    if (status !== 'converged') return end(status);
    return end('stuck');
  }
}
