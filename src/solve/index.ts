// Table of contents of what solvers share.
export type { Evaluations, GivenFunction, ObjectiveFunction, ScalarFunction } from './objective.js';
export type { Solution, SolutionStatus, TraceEntry } from './solution.js';
export type { IterationOptions, Progress } from './watch.js';
