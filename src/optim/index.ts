// Table of contents of optimisation.
export * from '../solve/index.js';
export * from './convex/index.js';
export {
  type ConjugateGradientOptions,
  nonlinearConjugateGradient,
} from './first-order/conjugate-gradient.js';
export { type CoordinateDescentOptions, coordinateDescent } from './first-order/coordinate-descent.js';
export { type GradientDescentOptions, gradientDescent } from './first-order/gradient-descent.js';
export { type GaussNewtonOptions, gaussNewton } from './least-squares/gauss-newton.js';
export {
  type Fit,
  type LeastSquaresMethod,
  type LeastSquaresOptions,
  type LeastSquaresSolution,
  leastSquares,
} from './least-squares/least-squares.js';
export { type LevenbergMarquardtOptions, levenbergMarquardt } from './least-squares/levenberg-marquardt.js';
export { type BacktrackingOptions, backtracking } from './line-search/backtracking.js';
export { exact } from './line-search/exact.js';
export type { Line, LineSearch } from './line-search/line.js';
export { type LineSearchOptions, type LineSearchResult, lineSearch } from './line-search/line-search.js';
export { type StrongWolfeOptions, strongWolfe } from './line-search/strong-wolfe.js';
export type { DescentState, Iteration, Method } from './method.js';
export { type MinimizeOptions, minimize } from './minimize.js';
export type { ModificationOptions } from './newton/modified-hessian.js';
export { type NewtonOptions, newton } from './newton/newton.js';
export { type NewtonCgOptions, newtonCg } from './newton/newton-cg.js';
export { type TrustRegionOptions, trustRegion } from './newton/trust-region.js';
export * from './prox/index.js';
export { type BfgsOptions, bfgs } from './quasi-newton/bfgs.js';
export { type LbfgsOptions, lbfgs } from './quasi-newton/lbfgs.js';
export { type LbfgsbOptions, lbfgsb } from './quasi-newton/lbfgsb.js';
export type { Bound } from './quasi-newton/lbfgsb-box.js';
export {
  type AdmmCertificate,
  type AdmmOptions,
  type AdmmProblem,
  type AdmmSolution,
  admm,
} from './splitting/admm.js';
export type { AdmmTerm, MinimiserTerm, QuadraticTerm } from './splitting/admm-block.js';
export { type ProximalGradientOptions, proximalGradient } from './splitting/proximal-gradient.js';
export * from './stochastic/index.js';
