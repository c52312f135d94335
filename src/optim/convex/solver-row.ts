// A solver as an operation: it runs on values and writes tensors; its derivatives are written in operations at the
// solution. So it is a node of graphs and plans, and differentiable in both modes. Its figures are known only after it
// has run.
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { applyAll, type Derivative, type Linearization, type Op, type TensorSpec } from '../../ops/op.js';
import { UnknownValueError } from '../../ops/tracer.js';
import { type SolutionStatus, solutionOf } from '../../solve/solution.js';

/** The figures of a run, as arrays of numbers and strings; no tensors. */
export interface Outcome {
  status: SolutionStatus;
  message: string;
  iterations: number;
  gradientNorm: number;
}

/** A solver for one call. */
export interface SolverRow<R extends Outcome> {
  name: string;
  outputs: readonly TensorSpec[];
  /** Solves for these inputs and writes the outputs; tensors made on the way are freed. */
  run(outputs: readonly Tensor[], inputs: readonly Tensor[]): R;
  /** Tangents of the outputs at a solution. */
  jvp(tangents: readonly Derivative[], point: Linearization<undefined>): readonly Derivative[];
  /** Cotangents of the inputs at a solution. */
  vjp(cotangents: readonly Derivative[], point: Linearization<undefined>): readonly Derivative[];
  options: { throws?: boolean; maxIterations?: number };
}

/** Calls a solver. Without an outcome if it was only recorded; then it throws in a later run unless it succeeds. */
export function callSolver<R extends Outcome>(
  { name, outputs, run, jvp, vjp, options }: SolverRow<R>,
  inputs: readonly Tensor[],
): { outputs: Tensor[]; outcome: R | undefined } {
  let latest: R | undefined;
  let isReplayed = false;
  const checkSolved = () => {
    if (latest === undefined || latest.status === 'converged') return;
    throw new ArgumentError(
      `${name}: there is a derivative only at a solution, and the status is '${latest.status}' (${latest.message})`,
    );
  };
  const op: Op = {
    name,
    shape: () => outputs,
    prepare: (to, from) => () => {
      latest = undefined;
      scope(() => {
        latest = run(to, from);
      });
      if (isReplayed) solutionOf(latest as unknown as R, options);
    },
    jvp(tangents, point) {
      checkSolved();
      return jvp(tangents, point);
    },
    vjp(cotangents, point) {
      checkSolved();
      return vjp(cotangents, point);
    },
  };
  const results = applyAll(op, inputs, undefined);
  isReplayed = latest === undefined;
  return { outputs: results, outcome: latest };
}

/**
 * The solution from its tensors and figures. While the figures are not known, reading one throws an UnknownValueError,
 * and they are not enumerable, so that a compiled function can return a solution.
 */
export function withNumbers<S extends object>(
  name: string,
  tensors: object,
  numbers: object | undefined,
  fields: readonly string[],
): S {
  if (numbers !== undefined) return { ...tensors, ...numbers } as S;
  const result = { ...tensors };
  for (const field of fields) {
    Object.defineProperty(result, field, {
      get() {
        throw new UnknownValueError(
          `${name}: ${field} is read while the solver is traced, and it has not run yet (read it outside of the function)`,
        );
      },
    });
  }
  return result as S;
}
