// Table of contents of optimisation.
export * from '../solve/index.js';
export { type BacktrackingOptions, backtracking } from './backtracking.js';
export { type GradientDescentOptions, gradientDescent } from './gradient-descent.js';
export type { Line, LineSearch } from './line.js';
export type { Descent, Iteration, Method } from './method.js';
export { type MinimizeOptions, minimize } from './minimize.js';
export type { ModificationOptions } from './modified-hessian.js';
export { type NewtonOptions, newton } from './newton.js';
export { type NewtonCgOptions, newtonCg } from './newton-cg.js';
export { type TrustRegionOptions, trustRegion } from './trust-region.js';
