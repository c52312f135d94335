// Table of contents of optimisation.
export * from '../solve/index.js';
export { type AdmmCertificate, type AdmmOptions, type AdmmProblem, type AdmmSolution, admm } from './admm.js';
export type { AdmmTerm, MinimiserTerm, QuadraticTerm } from './admm-term.js';
export { type BacktrackingOptions, backtracking } from './backtracking.js';
export { type BfgsOptions, bfgs } from './bfgs.js';
export { type ConjugateGradientOptions, nonlinearConjugateGradient } from './conjugate-gradient.js';
export * from './convex/index.js';
export { type CoordinateDescentOptions, coordinateDescent } from './coordinate-descent.js';
export { exact } from './exact.js';
export { type GaussNewtonOptions, gaussNewton } from './gauss-newton.js';
export { type GradientDescentOptions, gradientDescent } from './gradient-descent.js';
export { type LbfgsOptions, lbfgs } from './lbfgs.js';
export { type LbfgsbOptions, lbfgsb } from './lbfgsb.js';
export type { Bound } from './lbfgsb-box.js';
export {
  type Fit,
  type LeastSquaresMethod,
  type LeastSquaresOptions,
  type LeastSquaresSolution,
  leastSquares,
} from './least-squares.js';
export { type LevenbergMarquardtOptions, levenbergMarquardt } from './levenberg-marquardt.js';
export type { Line, LineSearch } from './line.js';
export { type LineSearchOptions, type LineSearchResult, lineSearch } from './line-search.js';
export type { Descent, Iteration, Method } from './method.js';
export { type MinimizeOptions, minimize } from './minimize.js';
export type { ModificationOptions } from './modified-hessian.js';
export { type NewtonOptions, newton } from './newton.js';
export { type NewtonCgOptions, newtonCg } from './newton-cg.js';
export * from './prox/index.js';
export { type ProximalGradientOptions, proximalGradient } from './proximal-gradient.js';
export * from './stochastic/index.js';
export { type StrongWolfeOptions, strongWolfe } from './strong-wolfe.js';
export { type TrustRegionOptions, trustRegion } from './trust-region.js';
