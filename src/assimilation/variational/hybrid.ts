// Hybrid assimilation: first in the space of states, then in that of observations.

import { checkFunction, checkLimit } from '../../core/check.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { sum } from '../../ops/sum.js';
import type { Method } from '../../optim/method.js';
import { Replay } from '../../solve/replay.js';
import type { TraceEntry } from '../../solve/solution.js';
import type { Progress } from '../../solve/watch.js';
import { objectiveAt } from '../objective/objective.js';
import { checkProblem } from '../problem/checked.js';
import type { Problem } from '../problem/problem.js';
import { analysed, defaultMethod } from './four-d-var.js';
import type { Incremental } from './incremental.js';
import { type Analysis, FOUR_D_VAR_OPTIONS, type FourDVarOptions } from './options.js';
import { type Inverse, physicsProblem } from './physics-problem.js';

/** Options of `hybrid`. */
export interface HybridOptions extends Omit<FourDVarOptions, 'maxIterations'> {
  /** h: observations [...batch, m, ...observation] to states [...batch, m, ...state]. */
  inverse: Inverse;
  /** Default `optim.lbfgs({ history: 10 })`. */
  method?: Method | Incremental;
  /** Most iterations in the space of states; default 100. */
  physicsIterations?: number;
  /** Most iterations in the space of observations; default 400. */
  observationIterations?: number;
}

const HYBRID_OPTIONS: OptionNames<HybridOptions & FourDVarOptions> = /* @__PURE__ */ joinNames(
  FOUR_D_VAR_OPTIONS,
  { inverse: true, method: true, physicsIterations: true, observationIterations: true },
);

/** An entry of the trace of `hybrid`. */
export interface HybridTraceEntry extends TraceEntry {
  /** The objective of the problem, in the space of observations; `value` is what is being minimised. */
  observationValue: number;
}

/** The result of `hybrid`: the analysis, and that of the first part. */
export interface HybridAnalysis extends Analysis {
  /** The solution in the space of states, from which the second part starts. */
  physics: Analysis;
  /** Of both parts, one behind the other. */
  trace?: HybridTraceEntry[];
}

/**
 * Minimises the objective of `physicsProblem`, and from its solution that of the problem. The first part is a start: that it does not converge is no error.
 * Source: Frerix et al. (2021), section 4.
 * @param options `inverse`; `method`, `physicsIterations`, `observationIterations`; others as of `fourDVar`, for both parts. With `trace`, every entry has
 * `observationValue`, the objective in the space of observations.
 * @throws as `fourDVar` and `physicsProblem`.
 * @example
 * const { x, physics } = assimilation.hybrid(problem, x0, { inverse: (y) => model.apply(params, y) });
 */
export function hybrid(problem: Problem, x0: Tensor, options: HybridOptions): HybridAnalysis {
  const name = 'hybrid';
  checkOptions(name, options, HYBRID_OPTIONS);
  const { inverse, method = defaultMethod(), ...rest } = options;
  const { physicsIterations = 100, observationIterations = 400, ...shared } = rest;
  checkFunction(name, 'inverse', inverse);
  checkLimit(name, 'physicsIterations', physicsIterations);
  checkLimit(name, 'observationIterations', observationIterations);
  const checked = checkProblem(name, problem);
  // Read only where it is asked for: inside `compile` a solution has none.
  const isTraced = shared.trace === true;
  const { physics, entries } = scope(() => {
    const inStates = physicsProblem(problem, inverse);
    const observed = new Replay((x) => {
      const value = objectiveAt(name, checked, x);
      return value.ndim === 0 ? value : sum(value);
    }, shared.compile);
    try {
      const values: number[] = [];
      const note = (x: Tensor) => values.push(observed.run([x], (y: Tensor) => y.item()));
      const { onIteration } = shared;
      if (isTraced) note(x0);
      const first = analysed(name, checkProblem(name, inStates), problem.system, x0, method, {
        ...shared,
        maxIterations: physicsIterations,
        throws: false,
        ...(isTraced && {
          onIteration(progress: Progress) {
            note(progress.x);
            return onIteration?.(progress);
          },
        }),
      });
      const trace = isTraced ? first.trace : undefined;
      const entries = trace?.map((entry, i) => ({ ...entry, observationValue: values[i] }));
      return { physics: first, entries };
    } finally {
      observed.dispose();
    }
  });
  try {
    const last = analysed(name, checked, problem.system, physics.x, method, {
      ...shared,
      maxIterations: observationIterations,
    });
    const trace = isTraced ? last.trace : undefined;
    const offset = physics.iterations;
    const later = trace?.map((entry) => ({
      ...entry,
      iteration: entry.iteration + offset,
      observationValue: entry.value,
    }));
    return Object.assign(last, { physics, ...(later && { trace: [...(entries ?? []), ...later] }) });
  } catch (error) {
    physics.x.dispose();
    throw error;
  }
}
