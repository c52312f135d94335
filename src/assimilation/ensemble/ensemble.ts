// An ensemble of 4D-Vars: every member has its own perturbed observations and background, so that its spread is the error of the analysis.

import { checkAtLeast, checkCount, checkFlag, checkLimit } from '../../core/check.js';
import { ArgumentError, ConvergenceError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkGenerator, type Generator } from '../../core/random/generator.js';
import { scope } from '../../core/scope.js';
import { sameShape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { allFinite } from '../../dynamics/finite.js';
import { batchOf, checkState } from '../../dynamics/system.js';
import { add } from '../../ops/arithmetic.js';
import { stack } from '../../ops/concat.js';
import { sqrt } from '../../ops/roots.js';
import { rowAt } from '../../ops/slice.js';
import { mean, variance } from '../../ops/statistics.js';
import { broadcastTo } from '../../ops/sum.js';
import { untraced } from '../../ops/untraced.js';
import type { Method } from '../../optim/method.js';
import { explain, isGood, type SolutionStatus } from '../../solve/solution.js';
import type { Covariance } from '../covariance/covariance.js';
import type { Whitening } from '../covariance/whitening.js';
import { objectiveAt } from '../objective/objective.js';
import { type CheckedProblem, checkProblem } from '../problem/checked.js';
import type { Problem } from '../problem/problem.js';
import { controlVariable } from '../variational/control-variable.js';
import { analysed } from '../variational/four-d-var.js';
import type { Incremental } from '../variational/incremental.js';
import { minimizeMembers } from './batch-lbfgs.js';

/** Options of `ensemble`. */
export interface EnsembleOptions {
  /** Members, at least 2. */
  members: number;
  /** Where the perturbations come from: those of the observations first, then those of the background. */
  generator: Generator;
  /** Default: L-BFGS (10 pairs) on all members at once, each with its own line search and end. A method runs on one member after the other. */
  method?: Method | Incremental;
  /** As of `fourDVar`. */
  precondition?: Whitening | Covariance;
  /** Most iterations of a member; default 10000. Reaching a limit given here is not an error. */
  maxIterations?: number;
  /** Of each member; default 1e-6 in f64, 1e-3 in f32. */
  gradientTolerance?: number;
  /** false: never throws for members that do not converge. */
  throws?: boolean;
}

const ENSEMBLE_OPTIONS: OptionNames<EnsembleOptions> = {
  ...{ members: true, generator: true, method: true, precondition: true },
  ...{ maxIterations: true, gradientTolerance: true, throws: true },
};

/** How a member ended. */
export interface EnsembleMember {
  readonly value: number;
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly status: SolutionStatus;
}

/** The result of `ensemble`; the caller owns its tensors. */
export interface Ensemble {
  /** [members, ...state]. */
  analyses: Tensor;
  /** Their mean, [...state]. */
  mean: Tensor;
  /** Their standard deviation in each entry, with members - 1 in the divisor: [...state]. */
  spread: Tensor;
  members: EnsembleMember[];
  /** Evaluations of all members together; of a method: of each, added up. */
  evaluations: number;
  /** Whether all members converged. */
  converged: boolean;
  message: string;
}

/**
 * An ensemble of 4D-Vars: member i minimises the objective with the observations y + R^{1/2} ε_i, and, where there is a background, with xb + B^{1/2} η_i, for
 * standard normal ε_i, η_i. For linear models its mean tends to the analysis, and its covariance (`sampleCovariance` of `analyses`) to that of the analysis' error,
 * (B⁻¹ + Σ Mᵀ Hᵀ R⁻¹ H M)⁻¹, which is 2 / ∇²J. All members are one batch, [members, ...state]: each evaluation of the model advances all of them.
 * @param problem one window (observations [m, ...observation]); R and B need roots (`covariance.operators` with `sqrt`).
 * @param x0 where the members start: one state, or [members, ...state].
 * @throws as `objective`; ArgumentError for fewer than 2 members, a batch of windows, no generator; ConvergenceError, with `.solution`, if a member does not converge.
 * Source: Fisher, Background error covariance modelling, ECMWF Seminar (2003); Evensen, Vossepoel and van Leeuwen, Data Assimilation Fundamentals (2022), chapter 10.
 * @example
 * const { mean, spread } = assimilation.ensemble(problem, x0, { members: 20, generator: random(1) });
 */
export function ensemble(problem: Problem, x0: Tensor, options: EnsembleOptions): Ensemble {
  const name = 'ensemble';
  const checked = checkProblem(name, problem);
  checkOptions(name, options, ENSEMBLE_OPTIONS);
  const { members: count, generator, method, precondition, ...limits } = options;
  checkCount(name, 'members', count, 2);
  checkGenerator(name, 'generator', generator);
  const { dtype, stateShape } = checked.own;
  const { gradientTolerance = dtype === 'f64' ? 1e-6 : 1e-3, maxIterations = 10_000, throws = true } = limits;
  checkAtLeast(name, 'gradientTolerance', gradientTolerance, 0);
  checkLimit(name, 'maxIterations', maxIterations);
  checkFlag(name, 'throws', throws);
  checkSingle(name, checked);
  const whole = [count, ...stateShape];
  const batch = batchOf(checked.own, untraced(name, 'x0', checkState(name, 'x0', checked.own, x0)));
  if (batch.length > 0 && !sameShape(batch, [count]))
    throw new ArgumentError(
      `${name}: x0 must be one state or one for each of the ${count} members, got shape ${show(x0.shape)}`,
    );
  if (!allFinite(x0)) throw new ArgumentError(`${name}: x0 must be finite, got NaN or Infinity in it`);
  const result = scope((): Ensemble => {
    const perturbed = perturb(problem, checked, count, generator);
    const start = broadcastTo(x0, whole);
    let [analyses, members, evaluations]: [Tensor?, EnsembleMember[]?, number?] = [];
    if (method === undefined) {
      const all = checkProblem(name, perturbed);
      const control = controlVariable(name, all, precondition);
      const J = (z: Tensor) => objectiveAt(name, all, control.toState(z));
      const settings = { tolerance: gradientTolerance, maxIterations, history: 10 };
      const found = minimizeMembers(J, control.fromState(start), settings);
      [analyses, members, evaluations] = [control.toState(found.z), found.members, found.evaluations];
    } else {
      const each = Array.from({ length: count }, (_, i) => {
        const one = memberOf(perturbed, i);
        const settings = {
          gradientTolerance,
          maxIterations,
          throws: false,
          ...(precondition && { precondition }),
        };
        return analysed(name, checkProblem(name, one), problem.system, rowAt(start, 0, i), method, settings);
      });
      analyses = stack(
        each.map(({ x }) => x),
        0,
      );
      members = each.map(({ value, gradientNorm, iterations, status }) => ({
        ...{ value, gradientNorm, iterations, status },
      }));
      evaluations = each.reduce((sum, one) => sum + one.evaluations.gradient, 0);
    }
    const worst = members.find(({ status }) => !isGood(status)) ?? members[0];
    const left = members.filter(({ status }) => !isGood(status)).length;
    const reached = `${left} of ${count} members not converged, J = ${worst.value} and |gradient| = ${worst.gradientNorm} in member ${members.indexOf(worst)} (tolerance ${gradientTolerance})`;
    return {
      analyses,
      mean: mean(analyses, { axis: 0 }),
      spread: sqrt(variance(analyses, { axis: 0, ddof: 1 })),
      ...{ members, evaluations, converged: left === 0 },
      message: explain(name, worst.status, worst.iterations, reached),
    };
  });
  const fails = ({ status }: EnsembleMember) =>
    !isGood(status) && !(status === 'maxIterations' && limits.maxIterations !== undefined);
  const failed = result.members.find(fails);
  if (failed !== undefined && throws)
    throw new ConvergenceError(result.message, failed.iterations, failed.gradientNorm, result);
  return result;
}

/** Throws unless the problem is one window whose values are known. */
function checkSingle(name: string, { batch, background, own, observations }: CheckedProblem): void {
  untraced(name, 'observations', observations);
  const more = background === undefined ? [] : batchOf(own, untraced(name, 'xb', background.xb));
  if (batch.length > 0 || more.length > 0)
    throw new ArgumentError(
      `${name}: problem must be one window, without batch axes: members are the batch, got ${show([...batch, ...more])}`,
    );
}

/** The problem of all members: observations [members, m, ...observation], xb [members, ...state]. */
function perturb(
  problem: Problem,
  { observations, R, background, own: { dtype } }: CheckedProblem,
  count: number,
  generator: Generator,
): Problem {
  const normal = (like: Tensor) => generator.normal([count, ...like.shape], { dtype });
  const noise = normal(observations);
  const rows = add(observations, R === undefined ? noise : R.sqrt(noise));
  if (background === undefined) return { ...problem, observations: rows };
  const { xb, B } = background;
  return { ...problem, observations: rows, xb: add(xb, B.sqrt(normal(xb))) };
}

/** The problem of one member. */
function memberOf(problem: Problem, i: number): Problem {
  const { observations, xb } = problem;
  return { ...problem, observations: rowAt(observations, 0, i), ...(xb && { xb: rowAt(xb, 0, i) }) };
}
