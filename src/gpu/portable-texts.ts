// The texts of portable kernels by their names; loaded with a backend, which is the first to need them.
import {
  convolvePlanes,
  lorenz96Step,
  mapElements,
  reduceParts,
  reduceRows,
  sinkhornColumns,
  sinkhornRows,
  transportPlan,
  zipElements,
} from '../generated/gpu-kernels.js';

export const TEXTS = {
  ...{ convolvePlanes, lorenz96Step, mapElements, reduceParts, reduceRows },
  ...{ sinkhornColumns, sinkhornRows, transportPlan, zipElements },
} as const;
