// What stands at the top level of cotangent, without the namespaces.
export * from './autodiff/index.js';
export * from './compiler/index.js';
export * from './core/index.js';
export * from './ops/index.js';
export { type DeviceReport, deviceOf, type ParallelOptions, parallelMatmul } from './parallel.js';
export { type ImplicitOptions, implicitRoot } from './solve/implicit-root.js';
