// Table of contents of graphs and compiled programs.
export { compile, type Plan, type PlanOf } from './compile.js';
export type { Graph } from './graph.js';
export type { GraphNode } from './node.js';
