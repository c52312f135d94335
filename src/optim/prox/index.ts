// Table of contents of proximal operators, projections and regularisers.

export type { Penalty, ProxFunction, Proximable } from './penalty.js';
export * as penalty from './penalty.js';
export * as project from './project.js';
export * as prox from './prox.js';
