// Declarative nodes: the forward pass solves an optimisation problem, the backward pass uses the implicit function
// theorem.

export {
  argmin,
  type Problem,
  type ProblemFunction,
  type ProblemSolution as ArgminSolution,
  type ProblemSolver,
} from './argmin/argmin.js';
export type { NodeArgument } from './problems/batch.js';
export type { ReportOptions, SolveReport, ToleranceOptions } from './problems/report.js';
export { type Polyhedron, projectPolyhedron } from './program/polyhedron.js';
export {
  type ProgramData,
  type ProgramOptions,
  type ProgramSolution,
  quadraticProgram,
} from './program/quadratic-program.js';
