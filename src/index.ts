// cotangent: tensors, operations, and every namespace.
export * from './autodiff/index.js';
export * from './core/index.js';
export * as gpu from './gpu/index.js';
export * from './graph/index.js';
export * as kernels from './kernels.js';
export * as linalg from './linalg/index.js';
export * as nn from './nn/index.js';
export * as nodes from './nodes/index.js';
export * from './ops/index.js';
export * as optim from './optim/index.js';
export { type DeviceReport, deviceOf, type ParallelOptions, parallelMatmul } from './parallel.js';
export { type ImplicitOptions, implicitRoot } from './solve/implicit-root.js';
