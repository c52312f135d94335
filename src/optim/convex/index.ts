// Table of contents of constrained convex optimisation.
export {
  type BarrierConstraints,
  type BarrierOptions,
  type BarrierSolution,
  minimizeBarrier,
} from './barrier.js';
export type { Certificate } from './certificate.js';
export { type EqualityConstraints, type EqualitySolution, minimizeEquality } from './equality.js';
export { type InteriorPointOptions, interiorPoint } from './interior-point.js';
export { type ConstrainedProblem, type KktPoint, kktResiduals } from './kkt-residuals.js';
export { type LinearProgram, linearProgram } from './linear-program.js';
export type { Violations } from './measure.js';
export type { ConvexMethod } from './method.js';
export { type OperatorSplittingOptions, operatorSplitting } from './operator-splitting.js';
export type { QuadraticProgram } from './program.js';
export {
  type QuadraticProgramOptions,
  type QuadraticSolution,
  quadraticProgram,
} from './quadratic-program.js';
