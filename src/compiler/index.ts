// Table of contents of graphs and compiled programs.
export { type CompileOptions, compile, type Plan, type PlanOf } from './compile.js';
export type { DevicePlanOf, UnitReport } from './device-plan.js';
export type { Graph } from './graph.js';
export type { GraphNode } from './node.js';
