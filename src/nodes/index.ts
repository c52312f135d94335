// Declarative nodes: the forward pass solves an optimisation problem, the backward pass uses the implicit function
// theorem.

export { type EigenOptions, type EigenResult, eigh } from './eigen/eigh.js';
export { type LeastSquaresOptions, leastSquares } from './least-squares/least-squares.js';
export { ridge } from './least-squares/ridge.js';
export type { NodeArgument } from './problems/batch.js';
export type { ReportOptions, SolveReport, ToleranceOptions } from './problems/report.js';
export { type TotalVariationOptions, totalVariation } from './total-variation/total-variation.js';
