// A method for quadratic programs: a value that `quadraticProgram` runs on equilibrated data.
import type { SolutionStatus } from '../../solve/solution.js';
import type { Iterate } from './measure.js';
import type { NewtonSystem } from './newton-system.js';
import type { ConvexProgram } from './program.js';

/** What runs. */
export interface ConvexIteration {
  /** Where it stands, as a solution. */
  readonly point: Iterate;
  /** Where it goes if it goes for ever. */
  readonly direction: Iterate;
  /** Whether `point` and `direction` are to be looked at now. */
  readonly due: boolean;
  /** Length of the last step. */
  readonly size: number;
  /** One iteration, or why there is none. */
  step(): SolutionStatus | undefined;
}

/** A method: data, and how it starts. */
export interface ConvexMethod {
  readonly name: string;
  /** Most iterations where the caller gives none. */
  readonly maxIterations: number;
  /** Relative errors from which on a point is worth polishing; 0: only at the end. */
  readonly polishFrom: number;
  /** `warm` in units of the equilibrated data. */
  start(program: ConvexProgram, system: NewtonSystem, warm: WarmStart): ConvexIteration;
  /** Where to begin, in the caller's units. */
  readonly warmStart?: WarmStart;
}

/** Where to begin; what is missing is zero. */
export interface WarmStart {
  x?: ArrayLike<number>;
  lambda?: ArrayLike<number>;
  nu?: ArrayLike<number>;
}
