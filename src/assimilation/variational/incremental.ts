// Incremental 4D-Var: Gauss-Newton, each outer loop solved by conjugate gradients with the tangent and the adjoint of the window.

import { jvp } from '../../autodiff/jvp.js';
import { vjp } from '../../autodiff/vjp.js';
import { checkAtLeast, checkCount } from '../../core/check.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { dot, maxAbsOf, scale, unitRoundoffOf } from '../../linalg/blas/tensors.js';
import { cg } from '../../linalg/iterative/cg.js';
import { cloneTensor } from '../../linalg/stack.js';
import { div } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { Objective } from '../../solve/objective.js';
import { Replay } from '../../solve/replay.js';
import { explain, type Solution, type SolutionStatus } from '../../solve/solution.js';
import { IterationMonitor, type IterationOptions, limitsOf } from '../../solve/watch.js';
import { rowData, weighted } from '../objective/misfit.js';
import { predicted } from '../objective/predicted.js';
import type { CheckedProblem } from '../problem/checked.js';
import type { ControlVariable } from './control-variable.js';

/** Options of `incremental`. */
export interface IncrementalOptions {
  /** Outer loops: linearisations of the window; default 5. */
  outer?: number;
  /** Most iterations of CG in an outer loop, each one tangent and one adjoint; default 100. */
  inner?: number;
  /** CG ends when its residual has fallen by this factor; default 1e-8. */
  innerTolerance?: number;
}

const INCREMENTAL_OPTIONS: OptionNames<IncrementalOptions> = {
  ...{ outer: true, inner: true, innerTolerance: true },
};

/** The method that `incremental` gives, for `fourDVar`. */
export interface Incremental {
  readonly name: 'incremental';
  readonly outer: number | undefined;
  readonly inner: number;
  readonly innerTolerance: number;
}

/** Methods that `incremental` has made. */
const made = new WeakSet<object>();

/** Whether a method is `incremental`. */
export function isIncremental(method: unknown): method is Incremental {
  return typeof method === 'object' && method !== null && made.has(method);
}

const OUTER = 5;

/**
 * The method of incremental 4D-Var (Gauss-Newton) for `fourDVar`: in each outer loop the window is linearised, and the quadratic problem JᵀJ d = -∇J/2 is solved by
 * conjugate gradients, with products of the tangent and the adjoint model; then x := x + t d, where t = 1 unless J would rise or not be finite: it is halved then.
 * With `precondition` all of it happens in ξ. For a linear model and operator one outer loop is the solution.
 * Reaching a limit that was given is no error, as everywhere; without `outer`, 5 loops that do not meet the tolerance are.
 * Source: Courtier, Thépaut and Hollingsworth, Q. J. R. Meteorol. Soc. 120 (1994); Lawless, Gratton and Nichols, Int. J. Numer. Meth. Fluids 47 (2005).
 * @throws ArgumentError for counts that are not positive, a tolerance below 0, and unknown names.
 * @example
 * assimilation.fourDVar(problem, x0, assimilation.incremental({ outer: 8, inner: 40 }), { precondition: B });
 */
export function incremental(options: IncrementalOptions = {}): Incremental {
  const name = 'incremental';
  checkOptions(name, options, INCREMENTAL_OPTIONS);
  const { outer, inner = 100, innerTolerance = 1e-8 } = options;
  if (outer !== undefined) checkCount(name, 'outer', outer, 1);
  checkCount(name, 'inner', inner, 1);
  checkAtLeast(name, 'innerTolerance', innerTolerance, 0);
  const method = Object.freeze({ name, outer, inner, innerTolerance } as const);
  made.add(method);
  return method;
}

/** Halvings of a step before there is none. */
const HALVINGS = 40;

/** Minimises J over z, x = toState(z), from z0. The caller owns the tensors of the solution. */
export function minimizeIncrementally(
  problem: CheckedProblem,
  J: (z: Tensor) => Tensor,
  control: ControlVariable,
  z0: Tensor,
  { outer, inner, innerTolerance }: Incremental,
  options: IterationOptions,
): Solution<Tensor> {
  const name = 'fourDVar';
  const objective = new Objective(name, J, z0, options.compile);
  const product = new Replay((z, v) => curvature(problem, control, z, v), options.compile);
  try {
    const { parameters, evaluations, kernels } = objective;
    const { tolerance, maxIterations } = limitsOf(name, options, {
      tolerance: parameters.dtype === 'f64' ? 1e-6 : 1e-3,
      maxIterations: Number.POSITIVE_INFINITY,
    });
    const limit = Math.min(outer ?? OUTER, maxIterations);
    let [z, trial] = [parameters.start(), parameters.vector()];
    let [gradient, next] = [parameters.vector(), parameters.vector()];
    const state = {
      value: objective.valueAndGradient(z, gradient),
      gradientNorm: maxAbsOf(gradient),
      step: 0,
    };
    const asState = (x: Tensor) => reshape(x, z0.shape);
    const watch = new IterationMonitor(options, evaluations, () => parameters.tree(z));
    watch.note(0, state);
    const ended = (): SolutionStatus | undefined => {
      if (!Number.isFinite(state.value) || !Number.isFinite(state.gradientNorm)) return 'notFinite';
      return state.gradientNorm <= tolerance ? 'converged' : undefined;
    };
    const times = (v: Tensor): Tensor => {
      evaluations.product++;
      return product.run([asState(z), asState(v)], (y: Tensor) => reshape(cloneTensor(y, name), [v.size]));
    };
    let status = ended();
    let iterations = 0;
    while (status === undefined) {
      if (iterations >= limit) {
        status = 'maxIterations';
        break;
      }
      const moved = scope(() => {
        const side = cloneTensor(gradient, name);
        scale(-1, side);
        const { x: d } = cg(times, side, { tolerance: innerTolerance, maxIterations: inner, throws: false });
        const slope = dot(gradient, d);
        if (!(slope < 0)) return Number.isNaN(slope) ? 'notFinite' : 'stalled';
        let finite = true;
        for (let [t, k] = [1, 0]; k < HALVINGS; t /= 2, k++) {
          kernels.plusScaled(z.size, t, z.address, d.address, trial.address);
          const value = objective.valueAndGradient(trial, next);
          finite = Number.isFinite(value);
          const noise = 8 * unitRoundoffOf(z) * Math.abs(state.value);
          const enough = value <= state.value + 1e-4 * t * slope;
          const level = Math.abs(value - state.value) <= noise && maxAbsOf(next) < state.gradientNorm;
          if (finite && (enough || level)) {
            [state.value, state.gradientNorm, state.step] = [value, maxAbsOf(next), t];
            return undefined;
          }
        }
        return finite ? 'stalled' : 'notFinite';
      });
      if (moved !== undefined) {
        status = moved as SolutionStatus;
        break;
      }
      [z, trial] = [trial, z];
      [gradient, next] = [next, gradient];
      iterations++;
      const asked = watch.note(iterations, state);
      status = ended() ?? asked;
    }
    const { value, gradientNorm } = state;
    const reached = `J = ${value} and |gradient| = ${gradientNorm} (tolerance ${tolerance})`;
    return {
      ...{ x: reshape(z, z0.shape), value, gradientNorm, iterations, evaluations: { ...evaluations } },
      ...{ converged: status === 'converged', status },
      message: explain('fourDVar by incremental', status, iterations, reached),
      ...(watch.trace && { trace: watch.trace }),
    };
  } finally {
    objective.dispose();
    product.dispose();
  }
}

/** The Gauss-Newton matrix of J times v: 2 Σ (dH)ᵀ R⁻¹ dH v + 2 B⁻¹ v in x, divided as J is. */
function curvature(problem: CheckedProblem, control: ControlVariable, z: Tensor, v: Tensor): Tensor {
  const { background, divisor } = problem;
  const data = rowData(problem);
  const window = (at: Tensor) => {
    const x = control.toState(at);
    const seen = predicted(problem, x, data);
    return background === undefined ? { seen } : { seen, x };
  };
  const { tangent } = jvp(window, [z], [v]);
  const seen = weighted(problem, tangent.seen as Tensor, data.mask);
  const cotangent = background === undefined ? { seen } : { seen, x: background.B.solve(tangent.x) };
  const [back] = vjp(window, z).pullback(cotangent);
  return div(back, divisor / 2);
}
