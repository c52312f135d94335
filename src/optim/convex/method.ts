// A method for quadratic programs: a value that `quadraticProgram` runs on equilibrated data.
import type { SolutionStatus } from '../../solve/solution.js';
import type { Point } from './measure.js';
import type { NewtonSystem } from './newton-system.js';
import type { Program } from './program.js';

/** What runs. */
export interface ConvexIteration {
  /** Where it stands, as a solution. */
  readonly point: Point;
  /** Where it goes if it goes for ever. */
  readonly direction: Point;
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
  start(program: Program, system: NewtonSystem, warm: WarmStart): ConvexIteration;
  /** Where to begin, in the caller's units. */
  readonly warmStart?: WarmStart;
}

/** Where to begin; what is missing is zero. */
export interface WarmStart {
  x?: ArrayLike<number>;
  lambda?: ArrayLike<number>;
  nu?: ArrayLike<number>;
}
