// Table of contents of constrained convex optimisation.
export type { Certificate } from './certificate.js';
export { type InteriorPointOptions, interiorPoint } from './interior-point.js';
export { type LinearProgram, linearProgram } from './linear-program.js';
export type { ConvexMethod } from './method.js';
export { type OperatorSplittingOptions, operatorSplitting } from './operator-splitting.js';
export type { QuadraticProgram } from './program.js';
export {
  type QuadraticProgramOptions,
  type QuadraticSolution,
  quadraticProgram,
} from './quadratic-program.js';
