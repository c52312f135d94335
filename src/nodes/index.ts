// Declarative nodes: the forward pass solves an optimisation problem, the backward pass uses the implicit function
// theorem.
export {
  type ArgminSolution,
  argmin,
  type Problem,
  type ProblemFunction,
  type ProblemSolver,
} from './argmin/argmin.js';
export {
  type ControlNode,
  type ControlOptions,
  optimalControl,
  type Trajectory,
} from './control/optimal-control.js';
export { type EigenOptions, type EigenResult, eigh } from './eigen/eigh.js';
export { type LeastSquaresOptions, leastSquares } from './least-squares/least-squares.js';
export { ridge } from './least-squares/ridge.js';
export type { PenaltyName } from './pooling/penalties.js';
export { type PoolOptions, robustPool } from './pooling/robust-pool.js';
export { type BlindPnpOptions, blindPnp } from './pose/blind-pnp.js';
export { pnp } from './pose/pnp.js';
export type { PnpOptions, PoseOptions } from './pose/pose-options.js';
export type { RansacOptions } from './pose/ransac.js';
export { rotationMatrix, rotationVector } from './pose/rotation.js';
export type { NodeArgument } from './problems/batch.js';
export type { ReportOptions, SolveReport, ToleranceOptions } from './problems/report.js';
export { type Polyhedron, projectPolyhedron } from './program/polyhedron.js';
export {
  type ProgramData,
  type ProgramOptions,
  type ProgramSolution,
  quadraticProgram,
} from './program/quadratic-program.js';
export type { RadiusOptions } from './projection/node.js';
export {
  projectL1Ball,
  projectL2Ball,
  projectLinfBall,
  projectSimplex,
  projectSphere,
  type SphereOptions,
} from './projection/project.js';
export { type TotalVariationOptions, totalVariation } from './total-variation/total-variation.js';
export type { TransportOptions } from './transport/arguments.js';
export { optimalTransportCost } from './transport/cost.js';
export { optimalTransport, type TransportPlan } from './transport/optimal-transport.js';
