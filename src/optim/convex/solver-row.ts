// A solver as an operation: it runs on values and writes tensors; its derivatives are written in operations at the solution. So it is
// a node of graphs and plans, and differentiates in both modes. What it says in numbers is known where it has run.
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { applyAll, type Derivative, type Linearization, type Op, type TensorSpec } from '../../ops/op.js';
import { UnknownValueError } from '../../ops/tracer.js';
import { type SolutionStatus, solutionOf } from '../../solve/solution.js';

/** What a run says in numbers, arrays of them and words: no tensors. */
export interface Outcome {
  status: SolutionStatus;
  message: string;
  iterations: number;
  gradientNorm: number;
}

/** A solver at one call. */
export interface SolverRow<R extends Outcome> {
  name: string;
  outputs: readonly TensorSpec[];
  /** Solves for these inputs and writes the outputs; tensors that it makes are freed. */
  run(outputs: readonly Tensor[], inputs: readonly Tensor[]): R;
  /** Tangents of the outputs at a solution. */
  jvp(tangents: readonly Derivative[], point: Linearization<undefined>): readonly Derivative[];
  /** Cotangents of the inputs at a solution. */
  vjp(cotangents: readonly Derivative[], point: Linearization<undefined>): readonly Derivative[];
  options: { throws?: boolean; maxIterations?: number };
}

/** Calls a solver; without an outcome where it has only been noted, to run later, when it throws unless it succeeds. */
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
 * The solution of its tensors and numbers. Where the numbers are not known yet, reading one is an UnknownValueError; they are not
 * enumerable then, so that a solution can be returned from a function that is compiled.
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
