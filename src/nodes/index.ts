// Declarative nodes: the forward pass solves an optimisation problem, the backward pass uses the implicit function
// theorem.

export { type BlindPnpOptions, blindPnp } from './pose/blind-pnp.js';
export { pnp } from './pose/pnp.js';
export type { PnpOptions, PoseOptions } from './pose/pose-options.js';
export type { RansacOptions } from './pose/ransac.js';
export { rotationMatrix, rotationVector } from './pose/rotation.js';
export type { NodeArgument } from './problems/batch.js';
export type { ReportOptions, SolveReport, ToleranceOptions } from './problems/report.js';
