// What the solver has found of a batch of problems, as a report and as an error.
import { ConvergenceError } from '../../core/errors.js';
import type { Shape } from '../../core/shape.js';
import { problemText } from '../problems/batch.js';
import { type Limits, notConverged, type ReportOptions, Residuals } from '../problems/report.js';
import { NAME } from './functions.js';
import type { Outcome } from './solver.js';

/** So many steps are enough for most problems. */
const MANY = 100;

/** Reports; gives the error of problems that are not solved, or throws it. */
export function reportOf(
  outcomes: readonly Outcome[],
  shape: Shape,
  { tolerance, throws }: Limits,
  onSolve: ReportOptions['onSolve'],
): ConvergenceError | undefined {
  const residuals = new Residuals();
  let iterations = 0;
  let worst = 0;
  outcomes.forEach((outcome, b) => {
    residuals.note(outcome.point.found);
    iterations = Math.max(iterations, outcome.iterations);
    if (outcome.point.worst > outcomes[worst].point.worst || Number.isNaN(outcome.point.worst)) worst = b;
  });
  const count = outcomes.length;
  const error = residuals.worst;
  const converged = error <= tolerance;
  onSolve?.({
    node: NAME,
    problems: count,
    iterations,
    converged,
    residuals: { ...residuals.largest },
  });
  if (converged) return undefined;
  const where = problemText({ shape, count }, worst);
  // After many steps with a constraint that is far from holding, that is likely why.
  const isAway = (outcomes[worst].point.found.primal ?? 0) > 1e-3 && iterations >= MANY;
  const { status } = outcomes[worst];
  if (status !== 'infeasible' && status !== 'unbounded') {
    const hint = isAway ? ' of constraints that do not hold: they may be infeasible' : '';
    const failure =
      status === 'stuck'
        ? new ConvergenceError(
            `${NAME}: not converged after ${iterations} iterations, the largest residual is ` +
              `${error.toExponential(2)}${hint}${where} (no step is better, so that more iterations do not help: try other ` +
              'controls0, or raise tolerance)',
            iterations,
            error,
          )
        : notConverged(NAME, iterations, error, `${hint}${where}; other controls0 may help, too`);
    if (throws) throw failure;
    return failure;
  }
  const message =
    status === 'infeasible'
      ? `the problem seems to be infeasible${where}: no trajectory was found that meets all constraints`
      : `the problem seems to be unbounded${where}: states, controls or costs grow without limit`;
  throw new ConvergenceError(
    `${NAME}: ${message} (${iterations} iterations, the largest residual is ${error.toExponential(2)})`,
    iterations,
    error,
    { status, converged: false, iterations, message },
  );
}
