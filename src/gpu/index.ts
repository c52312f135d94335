// GPU entry point: f32 matrix products and plane rotations on WebGPU or WebGL2, with operands and results that stay on the device.

export type { BackendName, DeviceInfo } from './backend.js';
export { type CalibrateOptions, calibrate } from './calibrate.js';
export type { CalibrationKey, KernelTime } from './calibration/types.js';
export { GpuTensor, memory } from './gpu-tensor.js';
export { type Calibration, type CalibrationState, calibration } from './in-force.js';
export { type MatmulOptions, matmul, upload } from './matmul.js';
export type { ProductTable } from './product-plan.js';
export type { CpuProductRates, CpuRates, GpuRates, ProductRate, Rates, TransferRate } from './rates.js';
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
