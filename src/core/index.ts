// Table of contents of the core.
export type { FileBytes } from './bytes.js';
export {
  arange,
  type CreateOptions,
  eye,
  full,
  linspace,
  ones,
  type TensorData,
  type TensorOptions,
  tensor,
  zeros,
} from './create.js';
export type { DType, TypedArray } from './dtype.js';
export * from './errors.js';
export { configuration, type InitOptions, type InitResult, init } from './init.js';
export { fromJson, type TensorJson, toJson } from './io/json.js';
export { loadNpy, saveNpy } from './io/npy.js';
export { type Generator, random } from './random/generator.js';
export type { Build } from './runtime.js';
export { scope } from './scope.js';
export type { Layout, Shape } from './shape.js';
export { memory, type NestedArray, Tensor } from './tensor.js';
export type { Structure, Tree } from './tree.js';
