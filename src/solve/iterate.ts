// iterate: runs steps until a measure is small, a limit is reached, or the caller stops it.
import type { Tensor } from '../core/tensor.js';
import { mapTree } from '../core/tree.js';
import { cloneTensor } from '../linalg/stack.js';
import type { Evaluations } from './objective.js';
import type { Parameters } from './parameters.js';
import { explain, type Solution, type SolutionStatus } from './solution.js';
import { type IterationInfo, IterationMonitor, type IterationOptions, type Limits } from './watch.js';

/** The state of an iteration. */
export interface Standing extends IterationInfo {
  readonly x: Tensor;
}

/** An iterative process. */
export interface Process {
  /** Its name in messages: 'rootFind by newtonRoot'. */
  name: string;
  parameters: Parameters;
  evaluations: Evaluations;
  standing: Standing;
  /** One iteration; returns a status if there is no step to take, 'converged' included. */
  step(): SolutionStatus | undefined;
  /** The names of value and gradientNorm in messages. */
  labels: readonly [string, string];
}

/** Runs a process until `gradientNorm` is at most the tolerance. */
export function iterate(
  process: Process,
  { tolerance, maxIterations }: Limits,
  options: IterationOptions,
): Solution {
  const { name, parameters, evaluations, standing, labels } = process;
  const watch = new IterationMonitor(options, evaluations, () => parameters.tree(standing.x));
  watch.note(0, standing);
  let iterations = 0;
  let status = stateOf(standing, tolerance);
  while (status === undefined) {
    if (iterations >= maxIterations) {
      status = 'maxIterations';
      break;
    }
    status = process.step();
    if (status !== undefined) {
      // The last step may have reached the tolerance.
      if (status === 'stalled') status = stateOf(standing, tolerance) ?? status;
      break;
    }
    iterations++;
    const asked = watch.note(iterations, standing);
    status = stateOf(standing, tolerance) ?? asked;
  }
  const { value, gradientNorm } = standing;
  const reached = `${labels[0]} = ${value} and ${labels[1]} = ${gradientNorm} (tolerance ${tolerance})`;
  return {
    x: mapTree(parameters.tree(standing.x), (leaf) => cloneTensor(leaf, name)),
    value,
    gradientNorm,
    iterations,
    evaluations: { ...evaluations },
    converged: status === 'converged',
    status,
    message: explain(name, status, iterations, reached),
    ...(watch.trace && { trace: watch.trace }),
  };
}

function stateOf({ value, gradientNorm }: Standing, tolerance: number): SolutionStatus | undefined {
  if (!Number.isFinite(value) || !Number.isFinite(gradientNorm)) return 'notFinite';
  return gradientNorm <= tolerance ? 'converged' : undefined;
}
