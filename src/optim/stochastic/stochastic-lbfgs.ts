// θ := θ - η H g, H the inverse BFGS matrix of pairs s = θ - θ₋, y = ∇f_O(θ) - ∇f_O(θ₋), both gradients on the same
// samples O.

import { checkAtLeast, checkCount, checkFlag } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { blas } from '../../generated/blas.js';
import { assign, axpy, dot, norm2, scale } from '../../linalg/blas/tensors.js';
import { Parameters } from '../../solve/parameters.js';
import { checkFraction } from './adam.js';
import { checkRate, type LearningRate, rateAt } from './learning-rate.js';
import { copyTree, floatLeaves, type OptimizerState, stepsOf } from './optimizer.js';

/** Options of `stochasticLbfgs`. */
export interface StochasticLbfgsOptions {
  /** The number of stored pairs; default 10. */
  history?: number;
  /** η, a number or a schedule; default 0.5. */
  learningRate?: LearningRate;
  /** Upper bound for the 2-norm of a step; default 1. */
  maxStep?: number;
  /** A pair is stored only if sᵀy > curvature ‖s‖ ‖y‖; in [0, 1), default 1e-4. */
  curvature?: number;
  /**
   * true: y comes from the part of the batch that `gradient` is called with as 'overlap'; three gradients per step, two
   * of them on that part. false (default): y comes from the whole batch; two gradients per step.
   */
  overlap?: boolean;
}

const STOCHASTIC_LBFGS_OPTIONS: OptionNames<StochasticLbfgsOptions> = {
  history: true,
  learningRate: true,
  maxStep: true,
  curvature: true,
  overlap: true,
};

/** The state. */
export interface StochasticLbfgsState extends OptimizerState {
  step: number;
  /** Valid pairs, at most `history`, in a ring: the next one is written at `next`. */
  pairs: number;
  next: number;
  /** Steps without a new pair: the curvature condition failed, or something was not finite. */
  skipped: number;
  /** The pairs, flat vectors. */
  s: Tensor[];
  y: Tensor[];
}

/**
 * The gradient at params of the loss on this step's batch, or on the part of it that also belongs to the next batch.
 */
// biome-ignore lint/suspicious/noExplicitAny: the argument has the type of params
export type BatchGradient = (params: any, part: 'batch' | 'overlap') => Tree;

/** A stochastic quasi-Newton method. */
export interface StochasticLbfgs {
  readonly name: string;
  init(params: Tree): StochasticLbfgsState;
  /**
   * New params and a new state, whose tensors the caller owns. Calls `gradient` two or three times, on the same batch.
   */
  update<P extends Tree>(
    params: P,
    gradient: BatchGradient,
    state: StochasticLbfgsState,
  ): { params: P; state: StochasticLbfgsState };
  /** The same in place. */
  step(params: Tree, gradient: BatchGradient, state: StochasticLbfgsState): void;
}

/** Largest number of pairs of a state, which has two tensors for each. */
const MOST_PAIRS = 2 ** 16;

/**
 * L-BFGS for mini-batches. The matrix learns only from differences of gradients over the same samples, so that it sees
 * curvature and not the noise between batches; samples shared by two consecutive batches make them agree on it (R1).
 * Pairs without curvature are skipped, which keeps the matrix positive definite without a line search (R2). Steps are
 * bounded in length (R3). If a gradient is NaN or infinite, the parameters stay, and the step counts as skipped.
 * Source: dissertation, section 3.1, R1 to R3; Berahas, Nocedal and Takáč, A multi-batch L-BFGS method (2016); with
 * `overlap: false` oLBFGS (Schraudolph, Yu and Günter, 2007).
 * @throws ArgumentError for invalid options, or for gradients that do not match params.
 * @example
 * const optimizer = optim.stochasticLbfgs({ learningRate: 0.5 });
 * const gradient = compile(grad((params, x, y) => mean(square(sub(matmul(x, params), y)))));
 * const state = optimizer.init(params);
 * for (const { x, y } of batches) optimizer.step(params, (p) => gradient(p, x, y), state);
 */
export function stochasticLbfgs(options: StochasticLbfgsOptions = {}): StochasticLbfgs {
  const name = 'stochasticLbfgs';
  checkOptions(name, options, STOCHASTIC_LBFGS_OPTIONS);
  const { history = 10, learningRate = 0.5, maxStep = 1, curvature = 1e-4, overlap = false } = options;
  checkCount(name, 'history', history, 1, MOST_PAIRS);
  checkRate(name, 'learningRate', learningRate);
  checkAtLeast(name, 'maxStep', maxStep, Number.MIN_VALUE);
  checkFraction(name, 'curvature', curvature);
  checkFlag(name, 'overlap', overlap);
  const part = overlap ? 'overlap' : 'batch';

  const step = (params: Tree, gradient: BatchGradient, state: StochasticLbfgsState): void => {
    if (typeof gradient !== 'function') {
      throw new ArgumentError(
        `${name}: gradient must be a function (params, part) -> gradients, got ${describe(gradient)}`,
      );
    }
    const leaves = floatLeaves(name, 'params', params);
    const space = new Parameters(name, 'params', params);
    checkState(name, state, history, space);
    scope(() => {
      const [direction, before, after] = [space.vector(), space.vector(), space.vector()];
      const gradientOf = (of: 'batch' | 'overlap', out: Tensor) =>
        scope(() => space.gather(gradient(params, of), out, `gradient (${of})`));
      gradientOf('batch', direction);
      if (overlap) gradientOf(part, before);
      else assign(direction, before);
      const rate = rateAt(name, 'learningRate', learningRate, state.step);
      applyInverse(state, direction);
      const length = rate * norm2(direction);
      if (!Number.isFinite(length)) {
        state.skipped++;
        state.step++;
        return;
      }
      scale(length > maxStep ? -rate * (maxStep / length) : -rate, direction);
      let at = direction.address;
      for (const leaf of leaves) {
        const dtype = space.dtype;
        blas.exports[`axpy_${dtype}`](leaf.size, 1, at, 1, leaf.address, 1);
        at += leaf.size * (dtype === 'f64' ? 8 : 4);
      }
      gradientOf(part, after);
      axpy(-1, before, after);
      remember(state, direction, after, curvature);
      state.step++;
    });
  };

  return {
    name,
    init(params) {
      floatLeaves(name, 'params', params);
      const space = new Parameters(name, 'params', params);
      return scope(() => {
        const vectors = () =>
          Array.from({ length: history }, () => {
            const vector = space.vector();
            vector.data().fill(0);
            return vector;
          });
        return { step: 0, pairs: 0, next: 0, skipped: 0, s: vectors(), y: vectors() };
      });
    },
    update: (params, gradient, state) =>
      scope(() => {
        const next = { params: copyTree(name, params), state: copyTree(name, state) };
        step(next.params, gradient, next.state);
        return next;
      }),
    step,
  };
}

/** Stores a pair if it has curvature; drops the oldest. */
function remember(state: StochasticLbfgsState, s: Tensor, y: Tensor, curvature: number): void {
  const product = dot(s, y);
  const [of, by] = [norm2(s), norm2(y)];
  const square = dot(y, y);
  // sᵀy must not only be positive: sᵀy, 1 / sᵀy and yᵀy must be finite in the dtype.
  const isUsable = product < Number.POSITIVE_INFINITY && square > 0 && square < Number.POSITIVE_INFINITY;
  if (!(product > curvature * of * by && isUsable)) {
    state.skipped++;
    return;
  }
  assign(s, state.s[state.next]);
  assign(y, state.y[state.next]);
  state.next = (state.next + 1) % state.s.length;
  state.pairs = Math.min(state.pairs + 1, state.s.length);
}

/**
 * q := H q, by the two-loop recursion (Nocedal and Wright, Algorithm 7.4); H starts from (sᵀy / yᵀy) I of the last
 * pair.
 */
export function applyInverse({ s, y, pairs, next }: StochasticLbfgsState, q: Tensor): void {
  const m = s.length;
  const alpha = new Float64Array(pairs);
  for (let k = 0; k < pairs; k++) {
    const i = (next - 1 - k + m) % m;
    alpha[k] = dot(s[i], q) / dot(s[i], y[i]);
    axpy(-alpha[k], y[i], q);
  }
  if (pairs > 0) {
    const last = (next - 1 + m) % m;
    scale(dot(s[last], y[last]) / dot(y[last], y[last]), q);
  }
  for (let k = pairs - 1; k >= 0; k--) {
    const i = (next - 1 - k + m) % m;
    axpy(alpha[k] - dot(y[i], q) / dot(s[i], y[i]), s[i], q);
  }
}

function checkState(name: string, state: StochasticLbfgsState, history: number, space: Parameters): void {
  const vectors = state?.s?.length === history && state.y?.length === history ? [...state.s, ...state.y] : [];
  const fits = vectors.every((v) => v.size === space.size && v.dtype === space.dtype && v.address >= 0);
  if (vectors.length === 0 || !fits) {
    throw new ArgumentError(
      `${name}: state must be what init(params) gives for ${space.size} numbers of ${space.dtype} and a history of ${history}`,
    );
  }
  stepsOf(name, state);
}
