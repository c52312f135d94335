// Declarative nodes: the forward pass solves an optimisation problem, the backward pass uses the implicit function
// theorem.

export {
  type ControlNode,
  type ControlOptions,
  optimalControl,
  type Trajectory,
} from './control/optimal-control.js';
export type { NodeArgument } from './problems/batch.js';
export type { ReportOptions, SolveReport, ToleranceOptions } from './problems/report.js';
