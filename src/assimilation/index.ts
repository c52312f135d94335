// Table of contents of data assimilation.
export { errorScale } from './errors/error-scale.js';
export { type RelativeErrorOptions, relativeError } from './errors/relative-error.js';
export { type KolmogorovInverseOptions, kolmogorovInverse } from './inverse/kolmogorov-inverse.js';
export { type Lorenz96InverseOptions, lorenz96Inverse } from './inverse/lorenz96-inverse.js';
export type { InverseBlock, InverseLayer, InverseOptions, InverseParams } from './inverse/network.js';
export { type InverseExamples, type TrainInverseOptions, trainInverse } from './inverse/train.js';
export { type SubsampleOperator, type SubsampleOptions, subsample } from './operators/subsample.js';
export { averageInitial } from './starts/average-initial.js';
export { type CubicUpsampleOptions, type CubicVariant, cubicUpsample } from './starts/cubic-upsample.js';
