// Declarative nodes: the forward pass solves an optimisation problem, the backward pass uses the implicit function
// theorem.

export type { PenaltyName } from './pooling/penalties.js';
export { type PoolOptions, robustPool } from './pooling/robust-pool.js';
export type { NodeArgument } from './problems/batch.js';
export type { ReportOptions, SolveReport, ToleranceOptions } from './problems/report.js';
export type { RadiusOptions } from './projection/node.js';
export {
  projectL1Ball,
  projectL2Ball,
  projectLinfBall,
  projectSimplex,
  projectSphere,
  type SphereOptions,
} from './projection/project.js';
export type { TransportOptions } from './transport/arguments.js';
export { optimalTransportCost } from './transport/cost.js';
export { optimalTransport, type TransportPlan } from './transport/optimal-transport.js';
