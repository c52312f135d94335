// A node as an operation: it solves on values and writes tensors; its derivatives are written in operations at the
// solution. So it is a row of the table: a step of graphs and plans, differentiable in both modes and to any order.
import { ConvergenceError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import {
  apply,
  applyAll,
  type Derivative,
  type Linearization,
  type Op,
  type TensorSpec,
} from '../../ops/op.js';
import { isKnown } from '../../ops/tracer.js';
import { type Batch, problemText, withBatchAxes } from './batch.js';
import { type Limits, notConverged, type ReportOptions, type Residuals, relative } from './report.js';

export { relative };

/** What a solver says of its problems. */
export interface Solved {
  /** The largest number of iterations; 0 for a direct solve. */
  iterations: number;
  residuals: Residuals;
  /** Default: whether the residuals are within the tolerance. */
  converged?: boolean;
  /** The status of each problem, for the report. */
  statuses?: string[];
  /** The problem with the largest residual, for the message; default: none is named. */
  worst?: number;
}

/** A node for one call. */
export interface NodeRow {
  batch: Batch;
  /**
   * The solution, then hidden outputs that its derivatives need, each [count, ...]. The rules may give tangents of those,
   * too, and then get their cotangents: only derivatives of derivatives use them.
   */
  outputs: readonly TensorSpec[];
  /** How many of them are results; default 1. */
  results?: number;
  /** How many of them have derivatives; the others are constants to all rules. Default all. */
  smooth?: number;
  /** Solves; tensors made on the way are freed. Throws for what has no solution. */
  run(outputs: readonly Tensor[], inputs: readonly Tensor[]): Solved;
  /** Tangents of the outputs at the solution, or of the first only. */
  jvp(tangents: readonly Derivative[], point: Linearization<undefined>): Derivative | readonly Derivative[];
  /** Cotangents of the inputs at the solution, at least one of which is defined. */
  vjp(cotangents: readonly Derivative[], point: Linearization<undefined>): readonly Derivative[];
  options: ReportOptions;
  /** Of an iterative node; a direct one always gives a solution. */
  limits?: Limits;
}

/** Calls a node. The results have the batch's axes. */
export function callNode({ results = 1, ...row }: NodeRow): Tensor[] {
  const { batch, limits } = row;
  const status: TensorSpec = { shape: [3], dtype: 'f64' };
  const { length } = row.outputs;
  const { smooth = length } = row;
  const op: Op = {
    name: batch.name,
    memoizes: true,
    shape: () => [...row.outputs, status],
    prepare: (outputs, inputs) => () => scope(() => solve(row, outputs, inputs)),
    jvp(tangents, point) {
      if (tangents.every((t) => t === undefined)) return [];
      const found = row.jvp(tangents, point);
      const list = Array.isArray(found) ? found : [found];
      return list.map((t) => t && solvedOnly(batch.name, t, point.outputs[length], limits));
    },
    vjp(cotangents, point) {
      const known = cotangents.slice(0, smooth);
      if (known.every((ct) => ct === undefined)) return point.inputs.map(() => undefined);
      const checked = known.map((ct) => ct && solvedOnly(batch.name, ct, point.outputs[length], limits));
      return row.vjp(checked, point);
    },
  };
  return applyAll(op, Object.values(batch.parts), undefined)
    .slice(0, results)
    .map((y) => withBatchAxes(y, batch));
}

function solve(
  { batch, run, options, limits }: Omit<NodeRow, 'results'>,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
): void {
  const { iterations, residuals, worst, statuses, ...known } = run(outputs.slice(0, -1), inputs);
  const error = residuals.worst;
  const converged = known.converged ?? (limits === undefined || error <= limits.tolerance);
  outputs[outputs.length - 1].data().set([Number(converged), iterations, error]);
  options.onSolve?.({
    node: batch.name,
    problems: batch.count,
    iterations,
    converged: converged && (statuses?.every((status) => status === 'converged') ?? true),
    residuals: { ...residuals.largest },
    ...(statuses && { statuses }),
  });
  if (converged || limits?.throws === false) return;
  throw notConverged(
    batch.name,
    iterations,
    error,
    worst === undefined ? '' : problemText(batch, worst),
    limits?.maxIterations,
  );
}

/** A derivative, which there is only of a solution; a direct node always gives one. */
function solvedOnly(name: string, t: Tensor, status: Tensor, limits: Limits | undefined): Tensor {
  return limits === undefined || limits.throws ? t : apply(solvedOnlyOp, [t, status], { name });
}

/** Row of the table: inputs t, which is returned, and (converged, iterations, residual). */
const solvedOnlyOp: Op<{ name: string }> = {
  name: 'solvedOnly',
  shape: ([t]) => t,
  prepare:
    ([out], [t, status], { name }) =>
    () => {
      const [converged, iterations, residual] = status.data();
      if (converged === 1) {
        out.data().set(t.data());
        return;
      }
      throw new ConvergenceError(
        `${name}: there is a derivative only at a solution: not converged after ${iterations} iterations, the largest residual is ` +
          `${residual.toExponential(2)}`,
        iterations,
        residual,
      );
    },
  jvp: ([t], { inputs: [, status], params }) => t && apply(solvedOnlyOp, [t, status], params),
  vjp: ([ct], { inputs: [, status], params }) => [
    apply(solvedOnlyOp, [ct as Tensor, status], params),
    undefined,
  ],
};

/** What `make` gives from values alone: made once for all pullbacks of a recording. */
export function kept(point: Linearization<undefined>, make: () => Tensor[]): readonly Tensor[] {
  const { inputs, outputs, memo } = point;
  return memo !== undefined && [...inputs, ...outputs].every(isKnown) ? memo(make) : make();
}
