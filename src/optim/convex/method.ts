// Methods for quadratic programs, which `quadraticProgram` runs on equilibrated data.
import type { SolutionStatus } from '../../solve/solution.js';
import type { Iterate } from './measure.js';
import type { NewtonSystem } from './newton-system.js';
import type { ConvexProgram } from './program.js';

/** A method at work. */
export interface ConvexIteration {
  /** The current point, as a solution. */
  readonly point: Iterate;
  /** The direction in which it diverges, if it does. */
  readonly direction: Iterate;
  /** Whether to check `point` and `direction` now. */
  readonly due: boolean;
  /** Length of the last step. */
  readonly size: number;
  /** One iteration, or the reason why there is none. */
  step(): SolutionStatus | undefined;
}

/** A method: options, and how it starts. */
export interface ConvexMethod {
  readonly name: string;
  /** Default limit of iterations. */
  readonly maxIterations: number;
  /** Relative error below which a point is worth polishing; 0: only at the end. */
  readonly polishFrom: number;
  /** `warm` in the units of the equilibrated data. */
  start(program: ConvexProgram, system: NewtonSystem, warm: WarmStart): ConvexIteration;
  /** The starting point, in the caller's units. */
  readonly warmStart?: WarmStart;
}

/** A starting point; missing parts are zero. */
export interface WarmStart {
  x?: ArrayLike<number>;
  lambda?: ArrayLike<number>;
  nu?: ArrayLike<number>;
}
