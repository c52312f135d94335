// cotangent: tensors, operations, and every namespace.

export * as assimilation from './assimilation/index.js';
export * from './base.js';
export * as cones from './cones/index.js';
export * as fft from './fft/index.js';
export * as givens from './givens/index.js';
export * as gpu from './gpu/index.js';
export * as graph from './graph/index.js';
export * as kernels from './kernels.js';
export * as linalg from './linalg/index.js';
export * as nn from './nn/index.js';
export * as nodes from './nodes/index.js';
export * as optim from './optim/index.js';
