// Table of contents of the shared parts of solvers.

export { type AndersonOptions, anderson, type PicardOptions, picard } from './anderson.js';
export { broyden } from './broyden.js';
export { type FixedPoint, type FixedPointMethod, fixedPoint } from './fixed-point.js';
export { type NewtonRootOptions, newtonRoot } from './newton-root.js';
export type { Evaluations, GivenFunction, ObjectiveFunction, ScalarFunction } from './objective.js';
export type { GivenResiduals, ResidualFunction, VectorFunction } from './residuals.js';
export { type ResidualOptions, type Root, type RootMethod, rootFind } from './root-find.js';
export type { Solution, SolutionStatus, TraceEntry } from './solution.js';
export type { IterationOptions, Progress } from './watch.js';
