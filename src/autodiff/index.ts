// Table of contents of automatic differentiation.
export { type CheckOptions, checkGradients } from './check.js';
export { checkpoint, checkpointSequence, type SequenceOptions } from './checkpoint.js';
export { constant } from './constant.js';
export { customJvp, customVjp } from './custom.js';
export { type GradOptions, grad, valueAndGrad } from './grad.js';
export { GradientError } from './gradient-error.js';
export { hessian, jacfwd, jacobian, jacrev } from './jacobian.js';
export { hvp, jvp } from './jvp.js';
export { type Linearized, linearize } from './linearize.js';
export { type ScanOptions, type StepResult, scan } from './scan.js';
export type { CheckpointSchedule } from './schedule.js';
export { type DifferentiableGraph, trace } from './trace.js';
export { type Vjp, vjp } from './vjp.js';
