// GPU entry point: f32 products, rotations, elementwise functions, reductions, convolution, Sinkhorn's method and ensembles on WebGPU or
// WebGL2, with operands and results that stay on the device.

export type { BackendName, DeviceInfo } from './backend.js';
export { type CalibrateOptions, calibrate } from './calibrate.js';
export type { CalibrationKey, KernelTime } from './calibration/types.js';
export { type ConvolveOptions, type ConvolvePadding, convolve } from './convolution.js';
export { type BinaryName, map, type UnaryName, zip } from './elementwise.js';
export { GpuTensor, memory } from './gpu-tensor.js';
export { type Calibration, type CalibrationState, calibration } from './in-force.js';
export { type Lorenz96Options, lorenz96 } from './lorenz96.js';
export { type MatmulOptions, matmul, upload } from './matmul.js';
export type { ProductTable } from './product-plan.js';
export type { CpuProductRates, CpuRates, GpuRates, ProductRate, Rates, TransferRate } from './rates.js';
export { type ReduceOptions, type ReductionName, reduce, softmax } from './reductions.js';
export {
  type ApplyGivensOptions,
  applyGivens,
  type RotationProduct,
} from './rotations.js';
export {
  type Availability,
  available,
  type DeviceOptions,
  destroy,
  type InitOptions,
  init,
  sync,
} from './session.js';
export { type SinkhornOptions, type SinkhornPlan, sinkhorn } from './sinkhorn.js';
